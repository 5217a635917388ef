"""Times population balances on 48 cell-average sections: kernels, NumPy's array form, and SciPy's solve_ivp.

    python benchmarks/physics/population_balance.py [--page benchmarks/physics/RESULTS_population_balance.md]

One core each, in the same run, batches of 64 lots. SciPy integrates lot by lot with slopes in NumPy, which
hold all pairs in whole arrays; accuracy is against its DOP853 at a tolerance of 1e-11.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np
from measure import Work, gpu_cell, measured_on, options, rates, times_faster, write
from scipy.integrate import solve_ivp

from twin.physics.kernels.balance_inputs import inputs_of, sizes_of
from twin.physics.kernels.launch import on_cpu
from twin.physics.kernels.population_balance import balance_kernel, granulation_kernel, milling_kernel
from twin.physics.numerics.population_balance import (
    Breakage,
    Sections,
    fragments,
    integrate,
    spanning,
    state_of,
)
from twin.physics.solid_dose import granule_growth, milling
from twin.physics.solid_dose.high_shear_granulation import powder

LOTS = 64
SECTIONS = 48
STEPS = 800
LIKE_STEPS = 60  # as exact as SciPy at 1e-6
ARRAY_STEPS = 15  # of the array form, which takes minutes for all of them
SCIPY_LOTS = 3
OURS = f"the same, {LIKE_STEPS} steps"
FULL = f"twin, kernel, aggregation and breakage, {STEPS} steps"
ARRAYS = f"twin, array form on NumPy, {LIKE_STEPS} steps ({ARRAY_STEPS} timed)"
GRID = spanning(1e-4, 1e4, SECTIONS)


def lots(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, Breakage]:
    """Return states, durations, kernels and breakage of particles that join by v + u and break in two."""
    draws = np.random.default_rng(2006)
    edges = np.array([0.0, *GRID.edges[1:]])
    counts, volumes = -np.diff(np.exp(-edges)), -np.diff((1 + edges) * np.exp(-edges))
    state = state_of(GRID, np.repeat(counts[:, None], number, 1), np.repeat(volumes[:, None], number, 1))
    pivots = np.array(GRID.pivots)[:, None]
    meetings = (pivots + pivots.T)[..., None] * draws.uniform(0.5, 1.5, number)
    law = fragments(GRID, lambda z: z * z, lambda z: 2.0 * (1.0 - z), pivots)
    rates = np.minimum(pivots, 20.0) * draws.uniform(0.1, 0.3, number)
    return state, draws.uniform(0.8, 1.2, number), meetings, Breakage(rates, *law)


def unbroken(breakage: Breakage) -> Breakage:
    """Return the same without breakage."""
    return Breakage(0.0 * breakage.rates, breakage.numbers, breakage.excess)


def slope(grid: Sections, meetings: np.ndarray, breakage: Breakage) -> Callable:
    """Return the slope of one lot's state for SciPy, by pairs in whole arrays."""
    m = grid.count
    pivots, edges = np.array(grid.pivots), np.array(grid.edges)
    heavier, lighter = np.tril_indices(m)
    together = pivots[heavier] + pivots[lighter]
    into = np.searchsorted(edges, together, side="right") - 1
    inside = into < m
    rate = meetings[heavier, lighter] * np.where(heavier == lighter, 0.5, 1.0)
    up_width = np.append(np.diff(pivots), pivots[-1] * (grid.ratio - 1.0))
    down_width = np.append(pivots[0], np.diff(pivots))
    many, surplus, breaks = breakage.numbers[..., 0].T, breakage.excess[..., 0].T, breakage.rates[:, 0]

    def change(_: float, state: np.ndarray) -> np.ndarray:
        counts = state[:m]
        met = rate * counts[heavier] * counts[lighter]
        broken = breaks * counts
        births = np.bincount(into[inside], met[inside], m) + many @ broken
        volumes = np.bincount(into[inside], (met * together)[inside], m) + pivots * (many @ broken)
        excess = volumes + surplus @ broken - births * pivots
        up, down = np.maximum(excess, 0.0) / up_width, np.maximum(-excess, 0.0) / down_width
        out = np.empty_like(state)
        out[:m] = births - up - down - counts * (meetings @ counts) - broken
        out[1:m] += up[:-1]
        out[: m - 1] += down[1:]
        out[m] = down[0] - state[m] * (meetings[0] @ counts + 0.5 * meetings[0, 0] * state[m])
        out[m + 1] = up[-1] + met[~inside].sum()
        out[m + 2] = up[-1] * pivots[-1] * grid.ratio + (met * together)[~inside].sum()
        return out

    return change


def by_scipy(given: tuple, lot: int, method: str, relative: float) -> np.ndarray:
    """Return one lot's state at the end, from SciPy."""
    state, duration, meetings, breakage = given
    one = Breakage(breakage.rates[:, [lot]], breakage.numbers, breakage.excess)
    change = slope(GRID, meetings[..., lot], one)
    span = (0.0, duration[lot])
    result = solve_ivp(change, span, state[:, lot], method=method, rtol=relative, atol=1e-3 * relative)
    return result.y[:, -1]


def granules() -> np.ndarray:
    """Return the inputs of the granulation kernel: sprayed for 280 s, massed for 180 s, all varied."""
    draws = np.random.default_rng(1991)
    values = (280.0, 180.0, 0.02, 0.3, 0.014, 2e4, 0.3, 1e-6, 0.04, 1.5, 0.75, 0.1, 2e-3, 0.2, 0.5)
    bed = granule_growth.Bed(*(value * draws.uniform(0.95, 1.05, LOTS) for value in values))
    start = powder(draws.uniform(50e-6, 70e-6, LOTS), np.full(LOTS, 0.5))
    return granule_growth.granulation_inputs(granule_growth.SECTIONS, bed, start)


def milled() -> np.ndarray:
    """Return the inputs of the milling kernel: granules around half a millimetre, all varied."""
    draws = np.random.default_rng(2003)
    ones = np.ones(LOTS)
    start, _ = milling.feed(150e-6 * ones, draws.uniform(4e-4, 5e-4, LOTS), 1.4e-3 * ones)
    pivots = np.array(milling.SECTIONS.pivots)[:, None]
    sizes = np.cbrt(6.0 / np.pi * pivots)
    law = fragments(milling.SECTIONS, lambda z: z * z, lambda z: 2.0 * (1.0 - z), pivots)
    breakage = Breakage(-5.0 * np.expm1(-440.0 * sizes) * ones, *law)
    passing = 7.0 * np.clip(1.0 - sizes / draws.uniform(1e-3, 2e-3, LOTS), 0.0, None) ** 2
    return milling.milling_inputs(0.05 * ones, 1e-3 * ones, passing, breakage, start)


def work() -> tuple[dict[str, Work], dict[str, np.ndarray], np.ndarray]:
    """Return what is timed, the states that some of it gives and the exact ones of the first lots."""
    given = lots(LOTS)
    state, duration, meetings, breakage = given
    kernel = balance_kernel(SECTIONS)
    both = inputs_of(GRID, *given)
    joined = inputs_of(GRID, state, duration, meetings, unbroken(breakage))
    wet, dry = granules(), milled()
    beds, mills = sizes_of(granule_growth.SECTIONS, STEPS // 2), sizes_of(milling.SECTIONS, STEPS)

    def by_kernel(steps: int, inputs: np.ndarray) -> np.ndarray:
        return on_cpu(kernel, sizes_of(GRID, steps), inputs, threads=1)

    entries = {
        FULL: Work(LOTS, lambda: by_kernel(STEPS, both)),
        OURS: Work(LOTS, lambda: by_kernel(LIKE_STEPS, both)),
        f"twin, kernel, aggregation alone, {STEPS} steps": Work(LOTS, lambda: by_kernel(STEPS, joined)),
        f"twin, kernel of high-shear granulation, {STEPS} steps": Work(
            LOTS, lambda: on_cpu(granulation_kernel(SECTIONS), beds, wet, threads=1)
        ),
        f"twin, kernel of milling, {STEPS} steps": Work(
            LOTS, lambda: on_cpu(milling_kernel(SECTIONS), mills, dry, threads=1)
        ),
        ARRAYS: Work(
            LOTS * ARRAY_STEPS // LIKE_STEPS,
            lambda: integrate(GRID, state, duration, ARRAY_STEPS, meetings, breakage),
        ),
    }
    found = {FULL: by_kernel(STEPS, both), OURS: by_kernel(LIKE_STEPS, both)}
    for method in ("RK45", "LSODA"):
        name = f"SciPy `solve_ivp`, {method}, tolerance 1e-6, the same"
        entries[name] = Work(SCIPY_LOTS, lambda method=method: several(given, method, 1e-6))
        found[name] = several(given, method, 1e-6)
    return entries, found, several(given, "DOP853", 1e-11)


def several(given: tuple, method: str, relative: float) -> np.ndarray:
    """Return the states of the first lots at the end, from SciPy."""
    return np.stack([by_scipy(given, lot, method, relative) for lot in range(SCIPY_LOTS)], axis=1)


def main() -> None:
    chosen = options(__doc__)
    entries, found, exact = work()
    speeds = rates(entries, chosen.rounds)
    lines = [
        "# Population balances",
        "",
        f"{SECTIONS} cell-average sections, {STEPS} Runge–Kutta steps of order 4 (four slopes each), batches",
        f"of {LOTS} lots. Particles join in proportion to their volumes and break in two; granulation has",
        "its pairs' coalescence computed anew at each slope. Milliseconds are of processor time on one core,",
        f"in the median of {chosen.rounds} rounds in which every entry ran; how much faster the kernel is,",
        "is the median of the ratios within a round, at like accuracy. Errors are against SciPy's DOP853 at",
        f"a tolerance of 1e-11, of a whole volume of 1, for {SCIPY_LOTS} lots; SciPy's slopes are NumPy's.",
        f"Wanted: 15 ms a lot at {STEPS} steps on one core.",
        "",
        f"| entry | ms a lot | fastest–slowest round | twin with {LIKE_STEPS} steps is faster by "
        "| largest error in a section's volume |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, speed in speeds.items():
        compared = name == ARRAYS or name.startswith("SciPy")
        faster = f"{times_faster(speeds[OURS], speed):,.1f} ×" if compared else ""
        times = [1e3 / rate for rate in speed]
        cells = f"{statistics.median(times):,.2f} | {min(times):,.2f}–{max(times):,.2f} | {faster}"
        lines.append(f"| {name} | {cells} | {error(found[name], exact) if name in found else ''} |")
    gpu = gpu_cell(balance_kernel(SECTIONS), sizes_of(GRID, STEPS), inputs_of(GRID, *lots(LOTS)), 100_000)
    lines += [f"| twin, kernel, {STEPS} steps, lots/s on one GPU | {gpu} | | | |", ""]
    write([*lines, measured_on("population_balance.py")], chosen.page)


def error(found: np.ndarray, exact: np.ndarray) -> str:
    """Return the largest difference of a section's volume."""
    volumes = np.array(GRID.pivots)[:, None]
    return f"{np.abs((found[:SECTIONS, :SCIPY_LOTS] - exact[:SECTIONS]) * volumes).max():.1e}"


if __name__ == "__main__":
    main()
