"""Throughput and lots in the plant over time: means over the replications with pointwise intervals."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from twin.engine.record import SECOND
from twin.experiment.arrays import Integers, Reals
from twin.experiment.display import DAY, HOUR
from twin.experiment.figures.palette import SERIES
from twin.experiment.figures.theme import faint, new_figure, rounded
from twin.experiment.results import Result
from twin.experiment.series import lots_in_plant, lots_leaving
from twin.experiment.statistics import student_quantile

# Widths that a bin may have, in h; the narrowest that needs at most `MOST_BINS` is taken.
WIDTHS = (0.25, 0.5, 1, 2, 4, 8, 24, 48, 168, 336)
MOST_BINS = 120


def throughput_over_time(result: Result, *, template: str = "light") -> go.Figure:
    """Good lots that left per day, in bins of equal width from the start of the run."""
    edges = time_bins(max(result.horizons.values()))
    values = np.concatenate([lots_leaving(c.table("lots"), c.horizons, edges) for c in result.recorded]) * DAY
    return _figure(result, values, edges, "lots per day", "Throughput", template)


def wip_over_time(result: Result, *, template: str = "light") -> go.Figure:
    """Time-weighted mean of the lots in the plant, in bins of equal width from the start of the run."""
    edges = time_bins(max(result.horizons.values()))
    values = np.concatenate([lots_in_plant(c.table("levels"), c.horizons, edges) for c in result.recorded])
    return _figure(result, values, edges, "lots", "Lots in the plant", template)


def time_bins(end: int) -> Integers:
    """Edges in ns of bins of one width that cover 0…end; a run shorter than a bin has ten."""
    hours = end / SECOND / HOUR
    width = next(
        (w for w in WIDTHS if hours / w <= MOST_BINS), WIDTHS[-1] * math.ceil(hours / WIDTHS[-1] / MOST_BINS)
    )
    if hours < width:
        return np.linspace(0, end, 11).round().astype(np.int64)
    step = round(width * HOUR * SECOND)
    return np.arange(0, -(-end // step) + 1, dtype=np.int64) * step


def _figure(result: Result, values: Reals, edges: Integers, unit: str, what: str, template: str) -> go.Figure:
    """A line with its band; values of shape (replications, bins)."""
    n = len(values)
    mean = values.mean(axis=0)
    reach = np.zeros_like(mean)
    if n > 1:
        reach = student_quantile(n - 1, result.level) * values.std(axis=0, ddof=1) / math.sqrt(n)
    times = [str(result.date(int(t))) for t in edges[:-1]]
    low, high = np.maximum(mean - reach, 0), mean + reach
    rows = [[t, *(rounded(float(v)) for v in row)] for t, *row in zip(times, mean, low, high, strict=True)]
    share = f"{100 * result.level:g} %"
    caption = f"{what}: mean over {n} replications with pointwise {share} intervals"
    figure = new_figure(template, caption, ("from", unit, "low", "high"), rows)
    if n > 1:
        outline = {"x": times + times[::-1], "y": [*high, *low[::-1]]}
        band = {
            "fill": "toself",
            "fillcolor": faint(SERIES[0], 0.2),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        figure.add_scatter(**outline, **band, name=f"{share} interval")
    line = {"color": SERIES[0], "width": 2}
    hover = "%{x|%a %d %b %H:%M}: %{y:.3g} " + unit + "<extra></extra>"
    figure.add_scatter(x=times, y=mean.tolist(), mode="lines", line=line, name="mean", hovertemplate=hover)
    figure.update_yaxes(title=unit, rangemode="tozero")
    figure.update_xaxes(type="date")
    warm_up = result.window[0]
    if warm_up:
        figure.add_vline(x=str(result.date(warm_up)), line={"dash": "dash", "color": "#888888"})
    figure.update_layout(height=320)
    return figure
