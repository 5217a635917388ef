"""Times population balances on 48 cell-average sections: kernels, NumPy's array form, and SciPy's solve_ivp.

    python benchmarks/physics/population_balance.py [--page benchmarks/physics/RESULTS_population_balance.md]

One core each, in the same run, batches of 64 lots. SciPy integrates lot by lot with slopes in NumPy, which
hold all pairs in whole arrays; accuracy is against its DOP853 at a tolerance of 1e-11.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import scipy
from scipy.integrate import solve_ivp

from twin.physics.kernels.launch import on_cpu
from twin.physics.kernels.population_balance import (
    balance_kernel,
    granulation_kernel,
    inputs_of,
    milling_kernel,
    sizes_of,
)
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
ARRAY_STEPS = 40  # of the array form, which takes minutes for all of them
SCIPY_LOTS = 3
ROUNDS = 7
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


def measured(work: dict[str, tuple[float, Callable[[], object]]]) -> dict[str, list[float]]:
    """Return milliseconds of processor time a lot, round by round, every entry in each round."""
    for _, run in work.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, (number, run) in work.items():
            start = time.process_time()
            run()
            times[name].append(1e3 * (time.process_time() - start) / number)
    return times


def table() -> str:
    """Return the table of times and errors, in Markdown."""
    given = lots(LOTS)
    state, duration, meetings, breakage = given
    kernel, sizes = balance_kernel(SECTIONS), sizes_of(GRID, STEPS)
    both = inputs_of(GRID, state, duration, meetings, breakage)
    joined = inputs_of(GRID, state, duration, meetings, unbroken(breakage))
    wet, dry = granules(), milled()
    beds = sizes_of(granule_growth.SECTIONS, STEPS // 2)
    mills = sizes_of(milling.SECTIONS, STEPS)
    full = f"twin, kernel, aggregation and breakage, {STEPS} steps"
    ours = f"the same, {LIKE_STEPS} steps"
    few = sizes_of(GRID, LIKE_STEPS)
    array = f"twin, array form on NumPy, {LIKE_STEPS} steps ({ARRAY_STEPS} timed)"

    def arrays() -> np.ndarray:
        return integrate(GRID, state, duration, ARRAY_STEPS, meetings, breakage)

    work: dict[str, tuple[float, Callable[[], object]]] = {
        full: (LOTS, lambda: on_cpu(kernel, sizes, both, threads=1)),
        ours: (LOTS, lambda: on_cpu(kernel, few, both, threads=1)),
        f"twin, kernel, aggregation alone, {STEPS} steps": (
            LOTS,
            lambda: on_cpu(kernel, sizes, joined, threads=1),
        ),
        f"twin, kernel of high-shear granulation, {STEPS} steps": (
            LOTS,
            lambda: on_cpu(granulation_kernel(SECTIONS), beds, wet, threads=1),
        ),
        f"twin, kernel of milling, {STEPS} steps": (
            LOTS,
            lambda: on_cpu(milling_kernel(SECTIONS), mills, dry, threads=1),
        ),
        array: (LOTS * ARRAY_STEPS / LIKE_STEPS, arrays),
    }
    volumes = np.array(GRID.pivots)
    exact = np.stack([by_scipy(given, lot, "DOP853", 1e-11) for lot in range(SCIPY_LOTS)], axis=1)
    found = {
        full: on_cpu(kernel, sizes, both, threads=1),
        ours: on_cpu(kernel, few, both, threads=1),
    }
    for method, relative in (("RK45", 1e-6), ("LSODA", 1e-6)):
        name = f"SciPy `solve_ivp`, {method}, tolerance {relative:.0e}, the same"
        runs = lambda method=method, relative=relative: np.stack(  # noqa: E731
            [by_scipy(given, lot, method, relative) for lot in range(SCIPY_LOTS)], axis=1
        )
        found[name] = runs()
        work[name] = (SCIPY_LOTS, runs)
    times = measured(work)
    lines = [
        f"| entry | ms a lot | fastest–slowest round | twin with {LIKE_STEPS} steps is faster by "
        "| largest error in a section's volume |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, taken in times.items():
        ratio = statistics.median(other / mine for mine, other in zip(times[ours], taken, strict=True))
        faster = f"{ratio:,.1f} ×" if name == array or name.startswith("SciPy") else ""
        error = ""
        if name in found:
            off = (found[name][:SECTIONS, :SCIPY_LOTS] - exact[:SECTIONS]) * volumes[:, None]
            error = f"{np.abs(off).max():.1e}"
        middle = f"{statistics.median(taken):,.2f} | {min(taken):,.2f}–{max(taken):,.2f}"
        lines.append(f"| {name} | {middle} | {faster} | {error} |")
    lines.append("| twin, kernels on a GPU | not measured | | | |")
    return "\n".join(lines)


def page() -> str:
    """Return the page of results."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    processor = names[0] if names else platform.processor() or platform.machine()
    machine = f"{processor}, {os.cpu_count()} cores, {platform.system()}"
    versions = (
        f"Python {platform.python_version()}, Numba {numba.__version__}, NumPy {np.__version__}, "
        f"SciPy {scipy.__version__}"
    )
    return f"""# Population balances

{SECTIONS} cell-average sections, {STEPS} Runge–Kutta steps of order 4 (four slopes each), {LOTS} lots a
batch. Particles join in proportion to their volumes and break in two; granulation has its pairs'
coalescence computed anew at each slope. There are {ROUNDS} rounds with every entry in each; milliseconds
are of processor time on one core, in the median round; how much faster the kernel is, is the median of the
ratios within a round, at like accuracy. Errors are against SciPy's DOP853 at a tolerance of 1e-11, of a
whole volume of 1, for {SCIPY_LOTS} lots. Wanted: 15 ms a lot at {STEPS} steps on one core.

Measured on {datetime.date.today().isoformat()} on {machine}, {versions},
by `python benchmarks/physics/population_balance.py`.

{table()}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, help="write the page of results there")
    chosen = parser.parse_args()
    text = page()
    print(text)
    if chosen.page:
        chosen.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
