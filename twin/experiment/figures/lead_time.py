"""Lead-time histogram: how long good lots took from release to leaving, over all replications."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from twin.experiment.display import display_unit, three_digits
from twin.experiment.figures.palette import SERIES
from twin.experiment.figures.theme import new_figure, rounded
from twin.experiment.lots import lead_times_of
from twin.experiment.results import Result

BINS = 40


def lead_times(result: Result, *, template: str = "light") -> go.Figure:
    """Share of the good lots that left in the window, by their time from release to leaving, with the
    mean.
    """
    parts = [
        lead_times_of(chunk.table("lots"), {r: result.windows[r] for r in chunk.horizons})
        for chunk in result.recorded
    ]
    seconds = np.concatenate(parts) if parts else np.empty(0)
    kept = sum(len(chunk.horizons) for chunk in result.recorded)
    factor, label = display_unit("s", float(seconds.max(initial=0.0)))
    counts, edges = np.histogram(seconds * factor, bins=BINS)
    share = 100 * counts / max(len(seconds), 1)
    rows = [
        [rounded(a, 4), rounded(b, 4), rounded(s)]
        for a, b, s in zip(edges[:-1], edges[1:], share, strict=True)
    ]
    caption = f"Lead time of {len(seconds)} good lots in {kept} replications"
    figure = new_figure(template, caption, (f"from {label}", f"to {label}", "share of lots %"), rows)
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=share.tolist(),
        width=np.diff(edges).tolist(),
        marker={"color": SERIES[0], "line": {"width": 1, "color": "#ffffff"}},
        hovertemplate="%{x:.3g} " + label + ": %{y:.3g} % of the lots<extra></extra>",
        showlegend=False,
    )
    if len(seconds):
        mean = float(seconds.mean()) * factor
        text = f"mean {three_digits(mean)} {label}"
        figure.add_vline(x=mean, line={"dash": "dash", "color": SERIES[1]}, annotation={"text": text})
    figure.update_xaxes(title=f"lead time, {label}", rangemode="tozero")
    figure.update_yaxes(title="share of lots, %")
    figure.update_layout(height=320, bargap=0)
    return figure
