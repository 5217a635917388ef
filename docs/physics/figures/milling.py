"""Sizes before and after milling by screen, and what speed and screen make of the median and of fines."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Ask the model for the share below each size, and for sizes and fines at each speed."""
    mill = models()["milling"].evaluate
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    sizes, speeds = figure.subplots(1, 2)
    below = np.logspace(np.log10(30e-6), np.log10(3e-3), 90)
    unbroken = {"batch_mass": 200.0, "breakage_threshold": 0.5}
    wide = {"aperture": 8e-3, "open_area": 0.8}
    outcome = mill(unbroken, {"fines_size": below}, wide)
    sizes.plot(1e6 * below, 100 * outcome.attributes["fines"], "k--", label="feed")
    turns = np.linspace(10.0, 50.0, 33)
    fines = speeds.twinx()
    for aperture in (2.0e-3, 1.4e-3, 1.0e-3):
        screen = {"aperture": aperture}
        outcome = mill({"batch_mass": 200.0}, {"fines_size": below}, screen)
        label = f"{1e3 * aperture:.1f} mm"
        sizes.plot(1e6 * below, 100 * outcome.attributes["fines"], label=label)
        outcome = mill({"batch_mass": 200.0}, {"impeller_speed": turns}, screen)
        tips = outcome.attributes["tip_speed"]
        speeds.plot(tips, 1e6 * outcome.attributes["d50"])
        fines.plot(tips, 100 * outcome.attributes["fines"], ":")
    sizes.set(xscale="log", xlabel="size, µm", ylabel="share smaller, % by mass")
    sizes.legend(title="screen")
    speeds.set(xlabel="tip speed, m/s", ylabel="median size, µm (solid)")
    fines.set(xlabel="tip speed, m/s", ylabel="below 150 µm, % (dotted)")
    fines.grid(visible=False)
    return figure
