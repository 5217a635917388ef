"""The warm-up of a steady run: its start in batch means, Welch's moving average, and where MSER-5 cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from twin.engine.record import SECOND
from twin.experiment.arrays import Integers, Reals
from twin.experiment.display import DAY
from twin.experiment.figures.palette import SERIES
from twin.experiment.figures.theme import faint, new_figure, rounded
from twin.experiment.results import Result
from twin.experiment.steady import BATCH, batch_means, moving_average, mser5, starting_series

WINDOW = 10  # batches on each side of Welch's moving average, of 200


@dataclass(frozen=True)
class Start:
    """How one quantity starts: batch means over the replications from `times` in ns on, their moving average
    (a window shorter at the end), where MSER-5 cuts in ns, and whether it settled by half-time.
    """

    name: str
    unit: str
    times: Integers
    means: Reals
    smooth: Reals
    cut: int
    settled: bool


def starts(result: Result, window: int = WINDOW) -> list[Start]:
    """Lots in the plant and lots leaving per day from the start of a steady run.

    Args:
        result: a steady run, of whose replications those count whose record was kept.
        window: batches on each side of the moving average, 0 … 50.

    Raises:
        KeyError: the run is not steady.
        ValueError: the window is outside its range.
        InputError: no record was kept.
    """
    if result.manifest["kind"] != "steady":
        raise KeyError("This run is not steady: nothing of it is a warm-up.")
    horizons = {r: end for chunk in result.recorded for r, end in chunk.horizons.items()}
    parts = ((chunk.table("lots"), chunk.table("levels")) for chunk in result.recorded)
    series = starting_series(parts, horizons)
    times = series.edges[:-1:BATCH]
    found = []
    for name, unit, values in (
        ("lots in the plant", "lots", series.present),
        ("lots leaving", "lots per day", series.leaving * DAY),
    ):
        means = batch_means(values)
        cut, settled = mser5(values)
        smooth = moving_average(means, window)
        found.append(Start(name, unit, times, means, smooth, int(series.edges[cut]), settled))
    return found


def warm_up_figure(result: Result, *, window: int = WINDOW, template: str = "light") -> go.Figure:
    """Both starts one above the other, with what was deleted as a dashed line; raises as `starts`."""
    found = starts(result, window)
    days = found[0].times / SECOND / DAY
    columns = ["day"]
    for start in found:
        columns += [f"{start.name}, {start.unit}", f"{start.name}, moving average"]
    rows = [
        [rounded(float(day), 4), *(value for start in found for value in _cells(start, k))]
        for k, day in enumerate(days)
    ]
    figure = new_figure(template, _caption(result, found, window), columns, rows)
    for k, start in enumerate(found):
        _panel(figure, start, days, k)
    used = int(result.manifest["warm_up"]["ns"]) / SECOND / DAY
    dashed = {"dash": "dash", "color": SERIES[1], "width": 2}
    figure.add_shape(type="line", xref="x", yref="paper", x0=used, x1=used, y0=0, y1=1, line=dashed)
    _axes(figure, found)
    return figure


def _cells(start: Start, k: int) -> tuple[float | None, float | None]:
    smooth = float(start.smooth[k]) if k < len(start.smooth) else None
    return rounded(float(start.means[k])), rounded(smooth)


def _caption(result: Result, found: list[Start], window: int) -> str:
    cuts = ", ".join(
        f"{start.name} {start.cut / SECOND / DAY:.3g} d" + ("" if start.settled else " (not settled)")
        for start in found
    )
    replications = sum(len(chunk.horizons) for chunk in result.recorded)
    used = int(result.manifest["warm_up"]["ns"]) / SECOND / DAY
    return (
        f"Means over {replications} replications, and Welch's moving average over {2 * window + 1} batches. "
        f"MSER-5 cuts {cuts}; deleted: {used:.3g} d"
    )


def _panel(figure: go.Figure, start: Start, days: Reals, k: int) -> None:
    """A quantity's points and its moving average on the k-th vertical axis."""
    axis = "y" if k == 0 else f"y{k + 1}"
    color = SERIES[0]
    hover = "day %{x:.3g}: %{y:.3g} " + start.unit + "<extra></extra>"
    points: dict[str, Any] = {"mode": "lines", "line": {"color": faint(color, 0.35), "width": 1}}
    figure.add_scatter(
        x=days.tolist(),
        y=start.means.tolist(),
        yaxis=axis,
        name="mean",
        hovertemplate=hover,
        showlegend=k == 0,
        **points,
    )
    figure.add_scatter(
        x=days[: len(start.smooth)].tolist(),
        y=start.smooth.tolist(),
        yaxis=axis,
        mode="lines",
        line={"color": color, "width": 2},
        name="moving average",
        hovertemplate=hover,
        showlegend=k == 0,
    )


def _axes(figure: go.Figure, found: list[Start]) -> None:
    gap, count = 0.08, len(found)
    height = (1 - gap * (count - 1)) / count
    common = figure.layout.yaxis.to_plotly_json()
    for k, start in enumerate(found):
        top = 1 - k * (height + gap)
        domain = [float(np.clip(top - height, 0, 1)), top]
        look = {**common, "title": start.unit, "rangemode": "tozero", "domain": domain}
        figure.update_layout({f"yaxis{'' if k == 0 else k + 1}": look})
    figure.update_xaxes(title="day", anchor=f"y{count}")
    figure.update_layout(height=460)
