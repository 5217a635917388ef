"""How long a seed train is: cells and passages over time, and its length against the doubling time."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return time and passages against the cells wanted, and time against the doubling time."""
    train = models()["seed_train"].evaluate
    figure = Figure()
    scale, speed = figure.subplots(1, 2)
    harvest = np.logspace(1, 4.3, 400)
    for recovery in (0.98, 0.8):
        outcome = train({"batch_mass": harvest}, {}, {"passage_recovery": recovery})
        scale.plot(harvest, outcome.duration / 86400, label=f"{100 * recovery:g} %")
    scale.set(xscale="log", xlabel="harvest of the production culture, kg", ylabel="seed train, days")
    scale.legend(title="cells that live through a passage")
    hours = np.linspace(16.0, 32.0, 100)
    for split in (5.0, 10.0, 20.0):
        rate = math.log(2.0) / (3600 * hours)
        material = {"batch_mass": 1500.0, "growth_rate": rate, "seed_death_rate": 0.0}
        outcome = train(material, {"passage_density": split * 3e11}, {})
        speed.plot(hours, outcome.duration / 86400, label=f"1 : {split:g}")
    speed.set(xlabel="doubling time, h", ylabel="seed train, days")
    speed.legend(title="split")
    return figure
