"""How a blend evens out with turns, and what lubrication takes from tensile strength."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return the two curves against turns of the container."""
    blend = models()["blending"].evaluate
    turns = np.linspace(0.0, 400.0, 201)
    figure = Figure()
    evenness, strength = figure.subplots(1, 2)
    for rate in (0.03, 0.05, 0.1):
        outcome = blend(
            {"batch_mass": 300.0},
            {"blending_revolutions": turns, "lubrication_revolutions": 0.0},
            {"mixing_rate": rate},
        )
        evenness.semilogy(turns, 100 * outcome.attributes["blend_variation"], label=f"{rate:g} a turn")
    evenness.set(xlabel="turns before the lubricant", ylabel="content RSD of samples, %")
    evenness.legend(title="mixing rate")
    for mass in (150.0, 300.0, 450.0):
        outcome = blend({"batch_mass": mass}, {"lubrication_revolutions": turns}, {})
        fill = outcome.attributes["fill_fraction"][0]
        strength.plot(turns, outcome.attributes["lubrication_factor"], label=f"fill {fill:.2f}")
    strength.set(xlabel="turns with the lubricant", ylabel="tensile strength left")
    strength.legend()
    return figure
