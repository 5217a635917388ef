"""How sizes spread with water, and how granules grow and get denser in wet massing."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Ask the model for the share below each size, and for sizes and porosity after each time."""
    granulate = models()["high_shear_granulation"].evaluate
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    sizes, growth = figure.subplots(1, 2)
    below = np.logspace(np.log10(20e-6), np.log10(3e-3), 90)
    for liquid in (0.20, 0.24, 0.28, 0.31):
        outcome = granulate({"batch_mass": 200.0}, {"fines_size": below, "liquid_to_solid": liquid}, {})
        sizes.plot(1e6 * below, 100 * outcome.attributes["fines"], label=f"{100 * liquid:.0f} % water")
    sizes.set(xscale="log", xlabel="size, µm", ylabel="share smaller, % by mass")
    sizes.legend()
    minutes = np.linspace(0.0, 6.0, 40)
    outcome = granulate({"batch_mass": 200.0}, {"wet_massing_time": 60 * minutes}, {})
    for name in ("d10", "d50", "d90"):
        growth.plot(minutes, 1e6 * outcome.attributes[name], label=name)
    growth.set(yscale="log", xlabel="wet massing, min", ylabel="size, µm")
    growth.legend(loc="upper left")
    porosity = growth.twinx()
    porosity.plot(minutes, 100 * outcome.attributes["granule_porosity"], "k--", label="porosity")
    porosity.set(xlabel="wet massing, min", ylabel="porosity of granules, %", ylim=(0, 50))
    porosity.grid(visible=False)
    porosity.legend(loc="lower right")
    return figure
