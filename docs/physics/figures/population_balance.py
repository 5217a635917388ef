"""Particles that join and particles that break: sections beside closed forms, and errors by sections."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import balance_kernel
from twin.physics.numerics.population_balance import (
    Breakage,
    Sections,
    fragments,
    spanning,
    state_of,
)

STEPS = 400


def exponential(grid: Sections) -> np.ndarray:
    """Return particles of number density exp(-v)."""
    edges = np.array([0.0, *grid.edges[1:]])
    numbers, volumes = -np.diff(np.exp(-edges)), -np.diff((1 + edges) * np.exp(-edges))
    return state_of(grid, numbers[:, None], volumes[:, None])


def joined(count: int) -> tuple[Sections, np.ndarray, float]:
    """Return sections, what a constant kernel makes of them till t = 10, and the exact mean volume."""
    grid = spanning(1e-4, 1e3, count)
    nothing = np.zeros((count, count, 1))
    return grid, solved(grid, 10.0, nothing + 1.0, Breakage(nothing[0], nothing, nothing)), 6.0


def broken(count: int) -> tuple[Sections, np.ndarray, float]:
    """Return sections, what breakage in two at the rate v makes of them till t = 5, and the mean volume."""
    grid = spanning(1e-4, 1e2, count)
    rates = np.array(grid.pivots)[:, None]
    law = fragments(grid, lambda z: z * z, lambda z: 2.0 * (1.0 - z), rates)
    return grid, solved(grid, 5.0, np.zeros((count, count, 1)), Breakage(rates, *law)), 1 / 6


def solved(grid: Sections, duration: float, meetings: np.ndarray, breakage: Breakage) -> np.ndarray:
    """Return the state at the end."""
    inputs = inputs_of(grid, exponential(grid), np.asarray([duration]), meetings, breakage)
    return run(balance_kernel(grid.count), sizes_of(grid, STEPS), inputs)


def _sizes(axes: Axes) -> None:
    volume = np.logspace(-3, 2.2, 300)
    axes.plot(volume, volume**2 * np.exp(-volume), "k--", linewidth=1, label="start")
    for case, label in ((joined, "joined"), (broken, "broken")):
        grid, state, mean = case(48)
        pivots, width = np.array(grid.pivots), np.diff(grid.edges)
        dots = axes.plot(pivots, state[:48, 0] / width * pivots**2, "o", markersize=3, label=label)[0]
        exact = np.exp(-volume / mean) * (volume / mean) ** 2
        axes.plot(volume, exact, color=dots.get_color(), linewidth=1)
    axes.set(xscale="log", xlim=(3e-3, 1e2), xlabel="volume v", ylabel="share of volume, n v² (lines: exact)")
    axes.legend()


def _errors(axes: Axes) -> None:
    counts = np.array([12, 24, 48, 96, 192])
    for case, label in ((joined, "joined"), (broken, "broken")):
        errors = []
        for count in counts:
            grid, state, mean = case(int(count))
            edges = np.array([0.0, *grid.edges[1:]])
            exact = -np.diff(np.exp(-edges / mean)) / mean
            errors.append(np.abs(state[:count, 0] - exact).sum() / exact.sum())
        line = axes.loglog(counts, errors, "o-", markersize=4, label=label)[0]
        axes.loglog(counts, errors[-1] * (counts / counts[-1]) ** -2.0, ":", color=line.get_color())
    axes.set(xlabel="sections", ylabel="error of numbers, sum over sections")
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.legend(title="dotted: order 2")


def draw() -> Figure:
    """Return sizes on 48 sections beside the closed forms, and errors by the number of sections."""
    figure = Figure()
    sizes, errors = figure.subplots(1, 2)
    _sizes(sizes)
    _errors(errors)
    return figure
