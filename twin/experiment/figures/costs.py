"""What a run costs: the parts of its costs, with their intervals, and what a batch bears of each."""

from __future__ import annotations

import plotly.graph_objects as go

from twin.experiment.charges import PARTS
from twin.experiment.display import with_interval
from twin.experiment.figures.palette import SERIES
from twin.experiment.figures.theme import escaped, new_figure
from twin.experiment.results import Result

TOTAL = "cost.total"


def has_costs(result: Result) -> bool:
    """Whether the plant of a run has prices."""
    return TOTAL in result.values


def costs(result: Result, *, template: str = "light") -> go.Figure:
    """One bar for each part of the costs of the window; the table adds the total and what a good batch
    bears. Raises KeyError for a plant without `costs`.
    """
    if not has_costs(result):
        raise KeyError("The plant of this run has no `costs`.")
    parts = [part for part in PARTS if f"cost.{part}" in result.values]
    rows = [[part, *_texts(result, f"cost.{part}")] for part in ("total", *parts)]
    mean, _, unit = _texts(result, TOTAL)[:3]
    caption = f"{mean} {unit} in the window, mean over {len(result.replications)} replications"
    columns = ("part", "mean", "interval", "unit", "per batch", "interval", "unit")
    figure = new_figure(template, caption, columns, rows)
    found = [(part, result.interval(f"cost.{part}")) for part in parts]
    known = [(part, i.mean, i.low, i.high) for part, i in found if i.mean is not None]
    figure.add_bar(
        y=[escaped(part) for part, *_ in known],
        x=[mean for _, mean, _, _ in known],
        orientation="h",
        marker={"color": SERIES[0]},
        error_x={
            "type": "data",
            "array": [0.0 if high is None else high - mean for _, mean, _, high in known],
            "arrayminus": [0.0 if low is None else mean - low for _, mean, low, _ in known],
        },
        hovertemplate="%{y}: %{x:.3s} " + escaped(unit) + "<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(height=max(220, 90 + 34 * len(known)), bargap=0.35)
    figure.update_xaxes(rangemode="tozero", title=escaped(unit))
    figure.update_yaxes(autorange="reversed")
    return figure


def _texts(result: Result, name: str) -> list[str]:
    """Mean, interval and unit of a cost, then of the same per batch."""
    texts: list[str] = []
    for measure in (name, f"{name}.per_batch"):
        if measure in result.values:
            i = result.interval(measure)
            texts += with_interval(i.mean, i.low, i.high, result.unit_of(measure))
        else:
            texts += ("–", "–", "")
    return texts
