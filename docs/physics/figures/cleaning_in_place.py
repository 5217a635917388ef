"""Soil left in a circuit against washing time at three temperatures, and against rinse water for mixing."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models
from twin.physics.fill_finish.cleaning_in_place import rinsed


def draw() -> Figure:
    """Ask the model at many times, and the rinse at many volumes."""
    figure = Figure(figsize=(8, 3.2))
    washing, rinsing = figure.subplots(1, 2)
    seconds = np.linspace(0.0, 1800.0, 120)
    for celsius in (50.0, 65.0, 80.0):
        settings = {"caustic_time": seconds, "acid_time": 0.0, "wash_temperature": celsius + 273.15}
        outcome = models()["cleaning_in_place"].evaluate({}, settings, {})
        washing.semilogy(
            seconds / 60, 1e3 * outcome.attributes["adhering_residue"], label=f"{celsius:.0f} °C"
        )
    washing.set_ylim(1e-4, 200.0)
    washing.set_xlabel("caustic wash, min")
    washing.set_ylabel("soil still adhering, g")
    washing.legend()
    volumes = np.linspace(0.0, 5.0, 120)
    for tanks in (1.0, 3.0, 10.0):
        rinsing.semilogy(volumes, rinsed(volumes, tanks), label=f"mixes like {tanks:.0f}")
    rinsing.set_ylim(1e-6, 1.5)
    rinsing.set_xlabel("rinse, system volumes")
    rinsing.set_ylabel("what leaves, over the first")
    rinsing.legend()
    return figure
