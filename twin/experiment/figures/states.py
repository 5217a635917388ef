"""State-time stacks: for each unit, the share of the window in each state, as means over the replications."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from twin.experiment.figures.palette import STATE_LOOKS
from twin.experiment.figures.theme import HATCH, escaped, new_figure, rounded
from twin.experiment.results import Result
from twin.experiment.state_measures import E10

SMALLEST = 0.0005  # a share below this is neither drawn nor listed


def state_stacks(result: Result, *, template: str = "light") -> go.Figure:
    """One bar for each unit, in the plant's order, stacked by state; the table adds intervals and SEMI
    E10 states.
    """
    units = units_in_order(result)
    shares = {
        (unit, state): result.interval(name)
        for unit in units
        for state in STATE_LOOKS
        if (name := f"unit.{unit}.state.{state}") in result.values
    }
    shown = {key: i for key, i in shares.items() if i.mean is not None and i.mean >= SMALLEST}
    rows: list[list[Any]] = [
        [unit, STATE_LOOKS[state].label, E10[state], *(rounded(_percent(v)) for v in (i.mean, i.low, i.high))]
        for (unit, state), i in shown.items()
    ]
    caption = f"Share of the window in each state, mean over {len(result.replications)} replications"
    columns = ("unit", "state", "SEMI E10", "share %", "low %", "high %")
    figure = new_figure(template, caption, columns, rows)
    for state, look in STATE_LOOKS.items():
        mine = [unit for unit in units if (unit, state) in shown]
        if mine:
            figure.add_bar(
                y=[escaped(unit) for unit in mine],
                x=[_percent(shown[unit, state].mean) for unit in mine],
                name=look.label,
                orientation="h",
                marker={
                    "color": look.color,
                    "pattern": {
                        "shape": look.pattern,
                        "fillmode": "overlay",
                        "fgcolor": HATCH[template],
                        "size": 6,
                        "solidity": 0.25,
                    },
                },
                hovertemplate="%{y}: " + look.label + " %{x:.3g} %<extra></extra>",
            )
    figure.update_layout(barmode="stack", bargap=0.35, height=max(220, 90 + 34 * len(units)))
    figure.update_xaxes(range=[0, 100], ticksuffix=" %")
    figure.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=[escaped(u) for u in units]
    )
    return figure


def units_in_order(result: Result) -> list[str]:
    """Names of the units as the plant lists them, the stations of a flow section below it."""
    suffix = ".state.producing"
    measured = [n.removeprefix("unit.").removesuffix(suffix) for n in result.values if n.endswith(suffix)]
    place = {name: k for k, name in enumerate(result.plant.equipment)}

    def key(name: str) -> tuple[int, int, int]:
        unit, _, station = name.partition("/")
        equipment, _, number = unit.rpartition("_")
        if unit in place:
            equipment, number = unit, "1"
        flow = result.plant.equipment[equipment].flow if equipment in place else None
        stations = list(flow.stations) if flow else []
        below = stations.index(station) + 1 if station in stations else 0
        return place.get(equipment, len(place)), int(number) if number.isdecimal() else 0, below

    return sorted(measured, key=key)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
