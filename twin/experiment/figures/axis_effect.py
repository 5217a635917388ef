"""What a measure is along an axis of a sweep: means with intervals, and the spread of the points behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from twin.experiment.display import display_unit
from twin.experiment.figures.palette import NEUTRAL, SERIES
from twin.experiment.figures.theme import escaped, faint, new_figure, rounded
from twin.experiment.query.stored import StoredSweep
from twin.experiment.query.summary import Level


def axis_effect(
    sweep: StoredSweep, axis: str, levels: Sequence[Level], *, template: str = "light"
) -> go.Figure:
    """The levels of one axis and one measure, as `summarise` gives them. Names stand in the design's order.

    Raises:
        ValueError: there is no level.
    """
    if not levels:
        raise ValueError("There is nothing to draw: no level.")
    measure = levels[0].measure
    sizes = [abs(level.interval.mean) for level in levels if level.interval.mean is not None]
    factor, unit = display_unit(sweep.unit_of(measure), max(sizes, default=0.0))
    places = [_place(level.values[0]) for level in levels]
    means = [_scaled(level.interval.mean, factor) for level in levels]
    rows = [
        [_text(level.values[0]), *(rounded(_scaled(v, factor), 4) for v in _numbers(level)), level.points]
        for level in levels
    ]
    heads = (f"{name} {unit}".strip() for name in ("mean", "low", "high", "lowest", "highest"))
    counts = sorted({level.interval.n for level in levels})
    over = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    caption = f"{measure} over {over} replications, {100 * sweep.level:g} % intervals"
    figure = new_figure(template, caption, (axis, *heads, "points"), rows)
    numeric = all(isinstance(place, float) for place in places)
    if numeric and any(level.points > 1 for level in levels):
        _add_spread(figure, places, levels, factor)
    figure.add_scatter(
        x=places,
        y=means,
        mode="lines+markers" if numeric else "markers",
        error_y=_reach(levels, factor),
        marker={"color": SERIES[0], "size": 8},
        line={"color": SERIES[0], "width": 2},
        name="mean with interval",
        hovertemplate="%{x}: %{y:.4g} " + escaped(unit) + "<extra></extra>",
    )
    of_axis = sweep.unit_of_axis(axis)
    figure.update_xaxes(title=escaped(axis if of_axis == "1" else f"{axis}, {of_axis}"))
    figure.update_yaxes(title=escaped(unit or measure))
    figure.update_layout(height=300)
    return figure


def _add_spread(figure: go.Figure, places: list[float | str], levels: Sequence[Level], factor: float) -> None:
    """A band from the lowest to the highest point of each level."""
    low = [_scaled(level.lowest, factor) for level in levels]
    high = [_scaled(level.highest, factor) for level in levels]
    band = {"fill": "toself", "fillcolor": faint(NEUTRAL, 0.18), "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=places + places[::-1], y=high + low[::-1], name="points", **band)


def _reach(levels: Sequence[Level], factor: float) -> dict[str, Any]:
    halves = [_scaled(level.interval.half_width, factor) for level in levels]
    return {"type": "data", "array": halves, "color": SERIES[0]}


def _numbers(level: Level) -> tuple[float | None, ...]:
    i = level.interval
    return i.mean, i.low, i.high, level.lowest, level.highest


def _place(value: Any) -> float | str:
    """Where a level stands: a number, the middle of a group of them, or a name."""
    if isinstance(value, tuple):
        return (float(value[0]) + float(value[1])) / 2
    return float(value) if isinstance(value, (int, float)) else escaped(str(value))


def _text(value: Any) -> str:
    return (
        " … ".join(f"{end:g}" for end in value)
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
