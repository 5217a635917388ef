"""What rarer checks let pass, and what overfill buys."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return rejects against the interval between checks, and light vials against overfill."""
    fill = models()["vial_filling"].evaluate
    figure = Figure()
    rejects, light = figure.subplots(1, 2)
    interval = np.geomspace(200.0, 20_000.0, 121)
    for drift in (5e-7, 1e-6, 2e-6):
        outcome = fill({"batch_mass": 200.0}, {"check_interval": interval}, {"drift": drift})
        share = outcome.attributes["rejected_low"] + outcome.attributes["rejected_high"]
        rejects.loglog(interval, 100 * share, label=f"{1e6 * drift:g}e-6 a vial")
    rejects.set(xlabel="vials from check to check", ylabel="sorted out, %")
    rejects.legend(title="drift")
    overfill = np.linspace(0.0, 0.1, 121)
    for variation in (0.005, 0.01, 0.015):
        settings = {"overfill": overfill, "low_limit": 0.05, "high_limit": 0.05}
        outcome = fill({"batch_mass": 200.0}, settings, {"fill_variation": variation})
        below = np.maximum(outcome.attributes["below_label"], 1e-9)
        light.semilogy(100 * overfill, 100 * below, label=f"{variation:.1%}")
    light.set(xlabel="overfill, % of the label", ylabel="vials below the label, %", ylim=(1e-5, 100))
    light.legend(title="fill to fill")
    return figure
