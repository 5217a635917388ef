"""Moisture and temperature of a bed over time, at three temperatures of the inlet air."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Ask the model when each moisture is reached, and how warm the bed is then."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    moisture, temperature = figure.subplots(1, 2)
    left = np.linspace(0.30, 0.012, 200)
    for inlet in (50.0, 60.0, 70.0):
        outcome = models()["fluid_bed_drying"].evaluate(
            {"batch_mass": 100.0}, {"inlet_temperature": inlet + 273.15, "end_moisture": left}, {}
        )
        minutes = outcome.duration / 60
        moisture.plot(minutes, 100 * left, label=f"air at {inlet:.0f} °C")
        temperature.plot(minutes, outcome.attributes["bed_temperature"] - 273.15)
    for panel in (moisture, temperature):
        panel.set_xlabel("time, min")
    moisture.set_ylabel("moisture, % of dry mass")
    temperature.set_ylabel("bed, °C")
    moisture.legend(frameon=False)
    return figure
