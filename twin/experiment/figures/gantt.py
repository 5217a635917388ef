"""Gantt chart: what each unit did when, in one replication, on the plant's own clock."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc

from twin.engine.record import SECOND
from twin.experiment.figures.palette import STATE_LOOKS
from twin.experiment.figures.states import units_in_order
from twin.experiment.figures.theme import HATCH, escaped, new_figure
from twin.experiment.genealogy import label
from twin.experiment.results import Result

MOST_BARS = 4000  # more make a browser slow; a window that holds more is shortened, and the caption says so


def gantt(
    result: Result,
    *,
    replication: int = 1,
    window: tuple[int, int] | None = None,
    template: str = "light",
) -> go.Figure:
    """Bars by unit and state from `states`.

    Args:
        result: the run.
        replication: which one.
        window: (from, to) in ns; default: what is measured. It is shortened to what holds `MOST_BARS`
            intervals.
        template: `light` or `dark`.

    Raises:
        KeyError: the replication is not there.
    """
    states = result.replication("states", replication)
    start, end = window or result.windows[replication]
    states, end, shortened = _inside(states, start, end)
    names = [escaped(unit) for unit in units_in_order(result)]
    rows = _rows(result, states)
    caption = (
        f"Replication {replication}, {result.date(start):%Y-%m-%d %H:%M} to {result.date(end):%Y-%m-%d %H:%M}"
    )
    if shortened:
        caption += f", shortened to {MOST_BARS} intervals"
    figure = new_figure(template, caption, ("unit", "state", "from", "to", "lot", "operation", "cause"), rows)
    for state, look in STATE_LOOKS.items():
        mine = [row for row in rows if row[1] == look.label]
        if mine:
            figure.add_bar(
                y=[escaped(str(row[0])) for row in mine],
                base=[row[2] for row in mine],
                x=(_lengths(states, state) / 1e6).tolist(),  # ms, the unit of a date axis
                name=look.label,
                orientation="h",
                marker={
                    "color": look.color,
                    "line": {"width": 0},
                    "pattern": {
                        "shape": look.pattern,
                        "fillmode": "overlay",
                        "fgcolor": HATCH[template],
                        "size": 6,
                        "solidity": 0.25,
                    },
                },
                customdata=[[_about(row)] for row in mine],
                hovertemplate="%{y}: "
                + look.label
                + "<br>%{base|%a %d %b %H:%M}<br>%{customdata[0]}<extra></extra>",
            )
    figure.update_layout(barmode="overlay", bargap=0.3, height=max(220, 90 + 34 * len(names)))
    figure.update_xaxes(type="date", range=[str(result.date(start)), str(result.date(end))])
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=names)
    return figure


def _inside(states: pa.Table, start: int, end: int) -> tuple[pa.Table, int, bool]:
    """Intervals that lie in the window, clipped to it; the window's end; whether it was shortened."""
    states = states.filter(pc.and_(pc.less(states["start"], end), pc.greater(states["end"], start)))
    shortened = states.num_rows > MOST_BARS
    if shortened:
        begins = np.sort(states["start"].to_numpy())
        end = max(int(begins[MOST_BARS]), start + SECOND)
        states = states.filter(pc.less(states["start"], end))
    for name, limited in (
        ("start", pc.max_element_wise(states["start"], start)),
        ("end", pc.min_element_wise(states["end"], end)),
    ):
        states = states.set_column(states.schema.get_field_index(name), name, limited)
    return states, end, shortened


def _rows(result: Result, states: pa.Table) -> list[list[object]]:
    wanted = ("unit", "state", "start", "end", "lot", "operation", "cause")
    columns = [states.column(name).to_pylist() for name in wanted]
    return [
        [
            unit,
            STATE_LOOKS[state].label,
            str(result.date(start)),
            str(result.date(end)),
            None if lot is None else label(lot),
            operation,
            cause,
        ]
        for unit, state, start, end, lot, operation, cause in zip(*columns, strict=True)
    ]


def _lengths(states: pa.Table, state: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    mine = states.filter(pc.equal(states["state"].cast(pa.string()), state))
    return np.asarray(mine["end"].to_numpy() - mine["start"].to_numpy(), dtype=np.int64)


def _about(row: list[object]) -> str:
    """What a bar says besides its unit and state."""
    parts = ((f"lot {row[4]}" if row[4] is not None else ""), str(row[5] or ""), str(row[6] or ""))
    return escaped(", ".join(part for part in parts if part))
