"""Sensitivity as figures: µ* against σ, bars of first and total indices, a metamodel's errors; each with its
table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from twin.experiment.display import display_unit
from twin.experiment.figures.palette import NEUTRAL, SERIES
from twin.experiment.figures.theme import escaped, new_figure, rounded
from twin.experiment.sensitivity import Indices, Screening

MATTERS = {True: "yes", False: "not shown", None: "not known"}


def screening_figure(screening: Screening, *, unit: str = "", template: str = "light") -> go.Figure:
    """µ* with its interval against σ: far to the right matters, high up depends on other factors.

    Filled markers are factors shown to matter; the line is the greatest µ* that noise alone is expected to
    make.
    """
    largest = max((f.mu_star for f in screening.factors), default=0.0)
    factor, unit = display_unit(unit or "1", largest)
    columns = ("factor", "mu", "mu*", "low", "high", "sigma", "noise", "matters")
    rows = [
        [
            f.factor,
            *_in(factor, (f.mu, f.mu_star, f.low, f.high, f.sigma, f.noise)),
            MATTERS[f.matters],
        ]
        for f in screening.ranked
    ]
    caption = (
        f"Elementary effects over the whole range of each factor, {unit or '1'}; {_share(screening.level)}"
    )
    figure = new_figure(template, caption, columns, rows)
    figure.add_scatter(**_effects(screening, factor), showlegend=False)
    noises = [f.noise for f in screening.factors if f.noise is not None]
    if noises:
        figure.add_vline(x=max(noises) * factor, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    figure.update_xaxes(title=f"µ* ({unit})" if unit else "µ*", rangemode="tozero")
    figure.update_yaxes(title=f"σ ({unit})" if unit else "σ", rangemode="tozero")
    return figure


def _effects(screening: Screening, factor: float) -> dict[str, Any]:
    """The factors as points with their names."""
    ranked = screening.ranked
    return {
        "x": [f.mu_star * factor for f in ranked],
        "y": [f.sigma * factor for f in ranked],
        "error_x": _errors([(f.mu_star, f.low, f.high) for f in ranked], NEUTRAL, factor),
        "mode": "markers+text",
        "text": [escaped(f.factor) for f in ranked],
        "textposition": "top center",
        "marker": {
            "size": 10,
            "color": [SERIES[0] if f.matters else NEUTRAL for f in ranked],
            "symbol": ["circle" if f.matters else "circle-open" for f in ranked],
        },
        "hovertemplate": "%{text}: µ* %{x:.3g}, σ %{y:.3g}<extra></extra>",
    }


def indices_figure(indices: Indices, *, template: str = "light") -> go.Figure:
    """First and total index of each factor with their intervals, the largest total on top."""
    columns = ("factor", "first", "first low", "first high", "total", "total low", "total high")
    rows = [
        [
            f.factor,
            *(rounded(v) for v in (f.first, f.first_low, f.first_high, f.total, f.total_low, f.total_high)),
        ]
        for f in indices.ranked
    ]
    figure = new_figure(template, f"Shares of variance; {_share(indices.level)}", columns, rows)
    ranked = indices.ranked
    names = [escaped(f.factor) for f in ranked]
    firsts = [(f.first, f.first_low, f.first_high) for f in ranked]
    totals = [(f.total, f.total_low, f.total_high) for f in ranked]
    for label, values, color, pattern in (
        ("alone", firsts, SERIES[0], ""),
        ("in all", totals, SERIES[1], "/"),
    ):
        figure.add_bar(
            y=names,
            x=[value for value, _, _ in values],
            error_x=_errors(values, NEUTRAL),
            orientation="h",
            name=label,
            marker={"color": color, "pattern": {"shape": pattern}},
            hovertemplate="%{y}: %{x:.3g}<extra>%{fullData.name}</extra>",
        )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="share of the variance of the expected measure")
    figure.update_layout(barmode="group", height=max(220, 110 + 44 * len(ranked)))
    return figure


def _in(factor: float, values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else rounded(value * factor) for value in values]


def _errors(
    values: Sequence[tuple[float, float | None, float | None]], color: str, factor: float = 1.0
) -> dict[str, Any]:
    above = [0.0 if high is None else factor * (high - value) for value, _, high in values]
    below = [0.0 if low is None else factor * (value - low) for value, low, _ in values]
    return {"type": "data", "array": above, "arrayminus": below, "color": color}


def _share(level: float) -> str:
    return f"{100 * level:g} % intervals"
