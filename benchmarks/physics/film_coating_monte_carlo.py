"""How many coating pans a second are followed tablet by tablet, on one core and on a GPU where there is one.

    python benchmarks/physics/film_coating_monte_carlo.py --page FILE

Pans of 400 tablets with some 420 passes each. Every entry of a round does the same pans, the slow ones the
first few of them. The baseline does one pan at a time with NumPy's own generator, all tablets in one array.
"""

from __future__ import annotations

import statistics

import numpy as np
from measure import Work, gpu_cell, measured_on, options, rates, speed_cells, write

from twin.physics.kernels.coating import COATING
from twin.physics.kernels.launch import on_cpu
from twin.physics.solid_dose.film_coating import mann_coating_variation
from twin.physics.solid_dose.film_coating_monte_carlo import (
    MOST_PASSES,
    TABLETS,
    THIN,
    simulate_in_arrays,
)

PANS = 256
KERNEL = "twin, kernel"


def some_pans(pans: int) -> np.ndarray:
    draws = np.random.default_rng(2026)
    return np.stack(
        [
            draws.uniform(380.0, 460.0, pans),
            draws.uniform(0.4, 0.6, pans),
            draws.uniform(0.8, 1.2, pans),
            np.arange(float(pans)),
            np.full(pans, THIN),
        ]
    )


def with_numpys_generator(inputs: np.ndarray) -> float:
    """Return a pan's variation, its tablets' passes drawn ahead with NumPy's generator."""
    passes, gain, cycle, seed, _ = inputs.tolist()
    draws = np.random.default_rng(int(seed))
    most = int(2 * passes + 60 * cycle)
    time_spread, gain_spread = np.sqrt(np.log1p(cycle**2)), np.sqrt(np.log1p(gain**2))
    times = np.exp(time_spread * draws.standard_normal((TABLETS, most)) - time_spread**2 / 2)
    times[:, 0] *= draws.random(TABLETS)
    gains = np.exp(gain_spread * draws.standard_normal((TABLETS, most)) - gain_spread**2 / 2)
    masses = np.where(np.cumsum(times, axis=1) <= passes, gains, 0.0).sum(axis=1)
    return float(np.std(masses, ddof=1) / np.mean(masses))


def main() -> None:
    chosen = options(__doc__)
    inputs = some_pans(PANS)
    entries = {
        KERNEL: Work(PANS, lambda: on_cpu(COATING, (TABLETS, MOST_PASSES), inputs, threads=1)),
        "twin, array form on NumPy": Work(
            16, lambda: simulate_in_arrays(inputs[:, :16], TABLETS, MOST_PASSES)
        ),
        "NumPy's generator, a pan at a time": Work(
            16, lambda: [with_numpys_generator(inputs[:, pan]) for pan in range(16)]
        ),
    }
    found = rates(entries, chosen.rounds)
    variations = {
        KERNEL: on_cpu(COATING, (TABLETS, MOST_PASSES), inputs)[0],
        "NumPy's generator, a pan at a time": np.asarray(
            [with_numpys_generator(inputs[:, pan]) for pan in range(PANS)]
        ),
    }
    expected = mann_coating_variation(inputs[0], inputs[1], inputs[2])
    lines = [
        "# Coating pans, tablet by tablet",
        "",
        f"{PANS} pans of {TABLETS} tablets with some 420 passes each; one thread, lots per second of",
        f"processor time after compilation, the median of {chosen.rounds} rounds in which every entry ran.",
        "The limit is that of many passes (Mann).",
        "",
        "| entry | pans/s | slowest–fastest round | twin's kernel is faster by | variation over its limit |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in entries:
        ratio = variations[name] / expected if name in variations else None
        spread = "as the kernel" if ratio is None else _mean_with_error(ratio)
        lines.append(f"| {name} | {speed_cells(found, name, KERNEL, 1)} | {spread} |")
    gpu = gpu_cell(COATING, (TABLETS, MOST_PASSES), inputs, 100_000)
    lines.append(f"| twin, kernel, one GPU | {gpu} | | | |")
    passes = statistics.median(found[KERNEL]) * float(np.mean(inputs[0])) * TABLETS
    lines += ["", f"The kernel follows {passes / 1e6:.1f} million passes a second.", ""]
    write([*lines, measured_on("film_coating_monte_carlo.py")], chosen.page)


def _mean_with_error(ratio: np.ndarray) -> str:
    return f"{np.mean(ratio):.3f} ± {np.std(ratio, ddof=1) / np.sqrt(len(ratio)):.3f}"


if __name__ == "__main__":
    main()
