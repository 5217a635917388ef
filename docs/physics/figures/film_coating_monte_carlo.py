"""Variation of coat mass over passes, tablets followed one by one against the limit of many passes."""

import numpy as np
from matplotlib.figure import Figure

from twin.physics.solid_dose.film_coating import mann_coating_variation
from twin.physics.solid_dose.film_coating_monte_carlo import simulate_passes

PANS = 8


def draw() -> Figure:
    """Simulate eight pans of 400 tablets at each number of passes."""
    figure = Figure(figsize=(8, 3.2))
    variation, thin = figure.subplots(1, 2)
    passes = np.repeat(np.geomspace(3.0, 600.0, 14), PANS)
    n = len(passes)
    even = simulate_passes(passes, np.full(n, 0.5), np.ones(n), np.arange(float(n)), 400, 5_000)
    variation.loglog(passes, 100 * even.variation, ".", ms=4, label="simulated pans")
    variation.loglog(passes, 100 * mann_coating_variation(passes, 0.5, 1.0), label="limit of many passes")
    variation.set_ylabel("variation of coat mass, %")
    variation.set_yticks([5, 10, 20, 50], labels=["5", "10", "20", "50"])
    variation.minorticks_off()
    variation.legend()
    thin.semilogx(passes, 100 * even.thin, ".", ms=4)
    thin.set_ylabel("tablets below 90 % of the mean coat, %")
    for panel in (variation, thin):
        panel.set_xlabel("mean passes of a tablet")
    return figure
