"""What a hold at low pH does to virus and to product, over time and over pH."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from twin.physics import models


def draw() -> Figure:
    """Return the logarithmic reduction over time, and aggregate against pH."""
    inactivate = models()["viral_inactivation"].evaluate
    figure = Figure()
    virus, product = figure.subplots(1, 2)
    minutes = np.linspace(1.0, 120.0, 120)
    for ph in (3.4, 3.6, 3.8):
        outcome = inactivate({"pool_volume": 0.3}, {"hold_duration": 60 * minutes, "hold_ph": ph}, {})
        virus.plot(minutes, outcome.attributes["log_reduction"], label=f"pH {ph:g}")
    virus.set(xlabel="hold, min", ylabel="logarithmic reduction of virus", ylim=(0, 12))
    virus.legend()
    ph = np.linspace(3.2, 4.0, 100)
    for celsius in (15, 20, 25):
        settings = {"hold_ph": ph, "hold_temperature": 273.15 + celsius}
        outcome = inactivate({"pool_volume": 0.3}, settings, {})
        product.plot(ph, 100 * outcome.attributes["aggregate_fraction"], label=f"{celsius} °C")
    product.set(xlabel="pH of a hold of 1 h", ylabel="aggregate, %")
    product.legend()
    return figure
