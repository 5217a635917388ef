"""Primary drying of LyoPRONTO's example in the centre and at the edge of the shelf, over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics.fill_finish.lyophilisation_data import HOUR, LYOPRONTO_EXAMPLE, ZERO_CELSIUS
from twin.physics.fill_finish.primary_drying import course, kernel_inputs, primary_drying

EDGE = 1.3  # times the heat of the centre


def draw() -> Figure:
    """Return temperatures of shelf, vial and front, and the dried layer, over time."""
    figure = Figure()
    temperatures, layers = figure.subplots(1, 2)
    time = np.linspace(0.0, 7.2 * HOUR, 433)
    shelf = np.minimum(
        LYOPRONTO_EXAMPLE["shelf_start"] + LYOPRONTO_EXAMPLE["ramp_rate"] * time,
        LYOPRONTO_EXAMPLE["shelf_hold"],
    )
    temperatures.plot(time / HOUR, shelf - ZERO_CELSIUS, color="0.5", label="shelf")
    for place, factor, colour in (("centre", 1.0, "C0"), ("edge", EDGE, "C1")):
        heat = {name: LYOPRONTO_EXAMPLE[name] * factor for name in ("heat_contact", "heat_gas")}
        vial = {**LYOPRONTO_EXAMPLE, **heat}
        end = float(primary_drying(vial).duration[0])
        wet, whole = time[time < end], float(kernel_inputs(vial)[4, 0])
        now = course(vial, wet)
        temperatures.plot(
            wet / HOUR,
            now.bottom_temperature - ZERO_CELSIUS,
            color=colour,
            linestyle="--",
            label=f"bottom, {place}",
        )
        temperatures.plot(
            wet / HOUR, now.front_temperature - ZERO_CELSIUS, color=colour, label=f"ice front, {place}"
        )
        layers.plot(np.append(wet, end) / HOUR, 1e3 * np.append(now.layer, whole), color=colour, label=place)
    temperatures.set(xlabel="time, h", ylabel="temperature, °C")
    temperatures.legend(loc="upper right", bbox_to_anchor=(1.0, 0.93))  # below the shelf
    layers.set(xlabel="time, h", ylabel="dried layer, mm")
    layers.legend(title="vial in the")
    return figure
