"""A comparison as relative differences with their intervals, measure by measure."""

from __future__ import annotations

import plotly.graph_objects as go

from twin.experiment.compare import Compared, Comparison
from twin.experiment.display import with_interval
from twin.experiment.figures.palette import MARKERS, NEUTRAL, SERIES, VERDICTS
from twin.experiment.figures.theme import escaped, new_figure


def comparison_figure(comparison: Comparison, *, template: str = "light") -> go.Figure:
    """Difference from the baseline in per cent of it, with its interval; a measure whose baseline is 0 is
    only listed.

    A run keeps its marker throughout; filled markers are differences shown, coloured by verdict.
    """
    shown = [row for row in comparison.rows if row.reference == comparison.baseline.id]
    rows = [[row.name, row.measure, *_texts(row), row.verdict] for row in shown]
    columns = ("run", "measure", "difference", "interval", "unit", "verdict")
    share = f"{100 * shown[0].level:g} %" if shown else ""
    name = escaped(comparison.baseline.name)
    caption = f"Difference from {name}, {share} intervals, {comparison.how}"
    figure = new_figure(template, caption, columns, rows)
    for k, other in enumerate(comparison.others):
        mine = [r for r in shown if r.run == other.id and r.baseline and r.low is not None]
        if mine:
            figure.add_scatter(**_points(mine, k), name=escaped(other.name))
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    measures = list(dict.fromkeys(row.measure for row in shown))
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=measures)
    figure.update_xaxes(ticksuffix=" %", title="difference from the baseline")
    figure.update_layout(height=max(220, 110 + 30 * len(shown)), scattermode="group")
    return figure


def _points(rows: list[Compared], k: int) -> dict[str, object]:
    """One run's points with error bars."""
    percent = [100 / abs(row.baseline) for row in rows]
    colors = [VERDICTS.get(row.verdict, NEUTRAL) for row in rows]
    symbol = MARKERS[k % len(MARKERS)]
    above = [(row.high or 0.0) - row.difference for row in rows]
    below = [row.difference - (row.low or 0.0) for row in rows]
    return {
        "y": [row.measure for row in rows],
        "x": [row.difference * p for row, p in zip(rows, percent, strict=True)],
        "error_x": {
            "type": "data",
            "array": [a * p for a, p in zip(above, percent, strict=True)],
            "arrayminus": [b * p for b, p in zip(below, percent, strict=True)],
            "color": SERIES[k % len(SERIES)],
        },
        "mode": "markers",
        "marker": {
            "color": colors,
            "size": 10,
            "symbol": [f"{symbol}-open" if c == NEUTRAL else symbol for c in colors],
        },
        "customdata": [[row.verdict] for row in rows],
        "hovertemplate": "%{y}: %{x:.3g} %, %{customdata[0]}<extra>%{fullData.name}</extra>",
    }


def _texts(row: Compared) -> tuple[str, str, str]:
    return with_interval(row.difference, row.low, row.high, row.unit)
