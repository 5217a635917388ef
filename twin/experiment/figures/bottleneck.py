"""Which unit limits the plant: the share of the window in which each is the bottleneck (active periods)."""

from __future__ import annotations

import plotly.graph_objects as go

from twin.experiment.figures.palette import NEUTRAL, SERIES
from twin.experiment.figures.states import units_in_order
from twin.experiment.figures.theme import HATCH, escaped, new_figure, rounded
from twin.experiment.results import Result

MOST_UNITS = 12  # drawn; the table has all
SMALLEST = 0.0005  # a share below this is neither drawn nor listed
KINDS = (("sole", ""), ("shifting", "/"))  # and the pattern that tells them apart


def bottleneck(result: Result, *, template: str = "light") -> go.Figure:
    """One bar for each unit that is a bottleneck at some time, the largest share first: alone, and taking
    turns with another; with the interval of both together.
    """
    shares = {
        unit: result.interval(name)
        for unit in units_in_order(result)
        if (name := f"unit.{unit}.bottleneck") in result.values  # a station counts as its line
    }
    found = [(unit, i) for unit, i in shares.items() if i.mean is not None and i.mean >= SMALLEST]
    found.sort(key=lambda pair: -(pair[1].mean or 0.0))
    parts = {
        (unit, kind): 100 * (result.interval(f"unit.{unit}.bottleneck_{kind}").mean or 0.0)
        for unit, _ in found
        for kind, _ in KINDS
    }
    rows = [
        [unit, *(rounded(v if v is None else 100 * v) for v in (share.mean, share.low, share.high)),
         *(rounded(parts[unit, kind]) for kind, _ in KINDS)]
        for unit, share in found
    ]  # fmt: skip
    caption = f"Share of the window as the bottleneck, mean over {len(result.replications)} replications"
    if len(found) > MOST_UNITS:
        caption += f"; the first {MOST_UNITS} of {len(found)} units"
    columns = ("unit", "share %", "low %", "high %", "sole %", "shifting %")
    figure = new_figure(template, caption, columns, rows)
    drawn = found[:MOST_UNITS]
    names = [escaped(unit) for unit, _ in drawn]
    hatch = {"fillmode": "overlay", "fgcolor": HATCH[template], "size": 6, "solidity": 0.25}
    for (kind, pattern), color in zip(KINDS, (SERIES[1], SERIES[4]), strict=True):
        figure.add_bar(
            y=names,
            x=[parts[unit, kind] for unit, _ in drawn],
            name=kind,
            orientation="h",
            marker={"color": color, "pattern": hatch | {"shape": pattern}},
            hovertemplate="%{y}: " + kind + " %{x:.3g} %<extra></extra>",
        )
    _whiskers(figure, names, [(share.mean, share.low, share.high) for _, share in drawn])
    figure.update_layout(barmode="stack", bargap=0.35, height=max(220, 90 + 28 * len(drawn)))
    figure.update_xaxes(rangemode="tozero", ticksuffix=" %")
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=names)
    return figure


def _whiskers(
    figure: go.Figure, names: list[str], bounds: list[tuple[float | None, float | None, float | None]]
) -> None:
    """Intervals of the whole share, where there are any."""
    known = [
        (name, mean, low, high)
        for name, (mean, low, high) in zip(names, bounds, strict=True)
        if mean is not None and low is not None and high is not None
    ]
    if known:
        error = {
            "type": "data",
            "array": [100 * (high - mean) for _, mean, _, high in known],
            "arrayminus": [100 * (mean - max(low, 0.0)) for _, mean, low, _ in known],
            "color": NEUTRAL,
        }
        figure.add_scatter(
            y=[name for name, *_ in known],
            x=[100 * mean for _, mean, _, _ in known],
            error_x=error,
            mode="markers",
            marker={"color": NEUTRAL, "size": 5},
            name="interval",
            hoverinfo="skip",
        )
