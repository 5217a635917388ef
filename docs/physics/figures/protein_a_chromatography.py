"""A breakthrough curve beside Thomas' solution, and what leaves a column during a cycle."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import ncx2

from twin.physics.numerics.packed_bed import Liquid, pass_liquid


def draw() -> Figure:
    """Return effluent against time for a feed on a clean column, and against volume for a cycle."""
    figure = Figure()
    front, cycle = figure.subplots(1, 2)
    breakthrough(front)
    chromatogram(cycle)
    return figure


def breakthrough(axes: Axes) -> None:
    """Draw the effluent of 0.2 m of bed that takes 1 g/L, with and without dispersion, and Thomas' curve."""
    dead_time, adsorption, desorption, capacity = 500.0, 1.5e-3, 1e-4, 60.0
    exchange, duration, steps = dead_time / 1.5, 23_500.0, 400
    times = (np.arange(steps) + 0.5) * duration / steps
    for peclet, look in ((np.inf, "C0-"), (100.0, "C1-")):
        values = (adsorption, capacity, exchange, 1.055 / peclet, 1.0, duration)
        liquid = Liquid(*(np.asarray([value]) for value in values))
        _, effluent = pass_liquid(liquid, np.full((steps, 1), desorption), np.zeros((100, 1)))
        name = "no dispersion" if peclet == np.inf else f"uL/D = {peclet:g}"
        axes.plot((times + dead_time) / 3600, effluent[:, 0], look, label=name)
    units, pace = adsorption * capacity * exchange, adsorption + desorption
    some = np.linspace(14_000.0, 23_000.0, 25)
    relaxed = pace * some
    through = ncx2.sf(2 * desorption / pace * units, 2, 2 * relaxed)
    rest = ncx2.cdf(2 * units, 2, 2 * desorption / pace * relaxed)
    thomas = through / (through + rest * np.exp(adsorption / pace * (units - relaxed)))
    axes.plot((some + dead_time) / 3600, thomas, "k.", markersize=4, label="Thomas")
    axes.axvline(19_250 / 3600, color="0.6", linewidth=0.8, label="shock")
    axes.set(xlabel="time, h", ylabel="effluent over feed", xlim=(3.8, 6.6))
    axes.legend()


def chromatogram(axes: Axes) -> None:
    """Draw what leaves a bed of antibody at its elution, in a step and in gradients of desorption."""
    adsorption, capacity, solid, steps = 1e-3, 154.5, 0.4, 400
    passage = 0.2 / (200e-2 / 3600)  # s a column volume
    volumes = 6.0
    loaded = capacity * np.linspace(0.75, 0.3, 100)[:, None]
    for gradient in (0.0, 2.0, 4.0):
        place = (np.arange(steps) + 0.5) * volumes / steps
        share = np.minimum(place / gradient, 1.0) if gradient else np.ones(steps)
        rates = 2.5e-5 * (0.05 / 2.5e-5) ** share
        values = (adsorption, capacity, solid * passage, 0.0, 0.0, volumes * passage)
        liquid = Liquid(*(np.asarray([value]) for value in values))
        _, effluent = pass_liquid(liquid, rates[:, None], loaded)
        name = f"gradient of {gradient:g} volumes" if gradient else "step"
        axes.plot(place, effluent[:, 0], label=name)
    axes.set(xlabel="elution buffer that has left, column volumes", ylabel="antibody in the effluent, g/L")
    axes.legend()
