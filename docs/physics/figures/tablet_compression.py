"""What pressure makes of a powder, and what weight variation makes of a batch."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return hardness against pressure, and rejects against the variation of weights."""
    press = models()["tablet_compression"].evaluate
    batch = {"batch_mass": 240.0}
    tablet = {"tablet_mass": 250e-6, "tablet_rate": 30.0}
    figure = Figure()
    hardness, rejects = figure.subplots(1, 2)
    pressure = np.linspace(50e6, 300e6, 101)
    for factor in (1.0, 0.8, 0.6):
        outcome = press(
            batch | {"lubrication_factor": factor}, tablet | {"compression_pressure": pressure}, {}
        )
        hardness.plot(pressure / 1e6, outcome.attributes["hardness"], label=f"{factor:g}")
    hardness.set(xlabel="compression pressure, MPa", ylabel="crushing force, N")
    hardness.legend(title="left by lubrication")
    variation = np.linspace(0.002, 0.05, 101)
    for limit in (0.03, 0.05, 0.075):
        outcome = press(batch, tablet | {"weight_limit": limit}, {"weight_variation": variation})
        rejects.semilogy(100 * variation, 100 * outcome.attributes["weight_rejects"], label=f"± {limit:.1%}")
    rejects.set(xlabel="RSD of tablet mass, %", ylabel="sorted out, %", ylim=(1e-4, 100))
    rejects.legend(title="weight limit")
    return figure
