"""The figures of the validation report, drawn with Matplotlib and written as SVG.

Nothing is computed here: `report.py` passes values in. Equal values give equal files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RECORDED, SIMULATED, OUTSIDE = "#1b1b1b", "#4c86c6", "#c8461e"
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "twin",
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Bar:
    """A recorded value against its prediction."""

    label: str
    recorded: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """Recorded and simulated values of one quantity, to be drawn as cumulative distributions."""

    title: str
    axis: str
    recorded: Floats
    simulated: Floats
    logarithmic: bool


@dataclass(frozen=True)
class Cloud:
    """Points that were fitted, points that were judged and the fitted curve, each as x and y."""

    title: str
    fitted: tuple[Floats, Floats]
    judged: tuple[Floats, Floats]
    curve: tuple[Floats, Floats]


def interval_plot(groups: Sequence[tuple[str, Sequence[Bar]]], axis: str, path: Path) -> None:
    """Draw prediction intervals as bars with the recorded values as dots, one panel a group."""
    with mpl.rc_context(STYLE):
        widths = [max(len(bars), 2) for _, bars in groups]
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        panels: Any = figure.subplots(1, len(groups), width_ratios=widths, squeeze=False)[0]
        for panel, (title, bars) in zip(panels, groups, strict=True):
            _draw_intervals(panel, title, bars)
        panels[0].set_ylabel(axis)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
        _write(figure, path)


def _draw_intervals(panel: Any, title: str, bars: Sequence[Bar]) -> None:
    x = np.arange(len(bars))
    low, high = np.array([bar.low for bar in bars]), np.array([bar.high for bar in bars])
    recorded = np.array([bar.recorded for bar in bars])
    outside = (recorded < low) | (recorded > high)
    panel.bar(x, high - low, 0.55, bottom=low, color=SIMULATED, alpha=0.35, label="90 % prediction interval")
    panel.plot(x, [bar.mean for bar in bars], "_", color=SIMULATED, ms=12, label="simulated mean")
    panel.plot(x[~outside], recorded[~outside], "o", color=RECORDED, ms=4.5, label="recorded")
    panel.plot(x[outside], recorded[outside], "D", color=OUTSIDE, ms=5.5, label="recorded, outside")
    panel.set_xticks(x, [bar.label for bar in bars], rotation=60)
    panel.set_title(title, fontsize=9)
    panel.set_xlim(-0.6, len(bars) - 0.4)
    panel.use_sticky_edges = False
    panel.margins(y=0.08)


def spread_plot(spreads: Sequence[Spread], path: Path) -> None:
    """Draw cumulative distributions, recorded as steps and simulated as a line, one panel a quantity."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        panels: Any = figure.subplots(1, len(spreads), squeeze=False)[0]
        for panel, spread in zip(panels, spreads, strict=True):
            at = np.linspace(0, 1, 201)
            panel.plot(np.quantile(spread.simulated, at), at, color=SIMULATED, label="simulated")
            panel.ecdf(spread.recorded, color=RECORDED, label="recorded")
            panel.set_title(spread.title, fontsize=9)
            panel.set_xlabel(spread.axis)
            if spread.logarithmic:
                panel.set_xscale("log")
                panel.set_xlim(np.min(spread.recorded) / 3, np.max(spread.recorded) * 3)
        panels[0].set_ylabel("fraction at most")
        panels[0].legend(frameon=False, fontsize=8)
        _write(figure, path)


def cloud_plot(clouds: Sequence[Cloud], across: str, up: str, path: Path) -> None:
    """Draw points and fitted curves, one panel a cloud."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        panels: Any = figure.subplots(1, len(clouds), squeeze=False)[0]
        for panel, cloud in zip(panels, clouds, strict=True):
            panel.plot(*cloud.fitted, ".", color=RECORDED, ms=3, label="fitted")
            panel.plot(*cloud.judged, ".", color=OUTSIDE, ms=3, label="judged")
            panel.plot(*cloud.curve, color=SIMULATED, label="model")
            panel.set_title(cloud.title, fontsize=9)
            panel.set_xlabel(across)
            panel.set_ylim(bottom=0)
        panels[0].set_ylabel(up)
        panels[0].legend(frameon=False, fontsize=8)
        _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
