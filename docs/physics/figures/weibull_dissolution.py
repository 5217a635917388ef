"""Weibull's curve beside the published batch that its defaults were fitted to, and for other shapes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models

# Means of six tablets of the reference batch, % of the label, at these minutes: Y. Tsong and others, 1996.
MINUTES = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 90.0, 120.0)
MEASURED = (46.77, 60.13, 67.28, 71.99, 78.07, 84.82, 89.09, 91.44)


def draw() -> Figure:
    """Return the fitted curve with its batch, and curves of three shapes."""
    dissolve = models()["weibull_dissolution"].evaluate
    minutes = np.linspace(1.0, 120.0, 239)
    test = {"test_duration": 60.0 * minutes}
    figure = Figure()
    batch, shapes = figure.subplots(1, 2)
    batch.plot(minutes, 100 * dissolve({}, test, {}).attributes["dissolved_at_end"], label="Weibull's curve")
    batch.plot(MINUTES, MEASURED, "o", label="published batch")
    for shape in (0.5, 1.0, 2.0):
        outcome = dissolve({"shape": shape, "plateau": 1.0, "scale_time": 1200.0}, test, {})
        shapes.plot(minutes, 100 * outcome.attributes["dissolved_at_end"], label=f"{shape:g}")
    for axes, title in ((batch, None), (shapes, "shape")):
        axes.set(xlabel="time, min", ylabel="dissolved, % of the dose", ylim=(0, 102))
        axes.legend(title=title)
    return figure
