"""How even a coat gets with time, for pans of different speed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return the variation of coat mass and the spraying time against the coat."""
    coat = models()["film_coating"].evaluate
    fraction = np.linspace(0.005, 0.06, 111)
    figure = Figure()
    evenness, time = figure.subplots(1, 2)
    for speed in (4.0, 8.0, 12.0):
        settings = {"coating_fraction": fraction, "pan_speed": speed / 60}
        outcome = coat({"batch_mass": 300.0}, settings, {})
        evenness.plot(100 * fraction, 100 * outcome.attributes["coating_variation"], label=f"{speed:g}/min")
    evenness.set(xlabel="coat, % of cores", ylabel="coat mass CV, tablet to tablet, %")
    evenness.legend(title="pan speed")
    for rate in (0.15, 0.25, 0.35):
        settings = {"coating_fraction": fraction, "spray_rate": rate / 60}
        outcome = coat({"batch_mass": 300.0}, settings, {})
        time.plot(100 * fraction, outcome.duration / 3600, label=f"{1e3 * rate:g} g/min")
    time.set(xlabel="coat, % of cores", ylabel="spraying, h")
    time.legend(title="spray rate")
    return figure
