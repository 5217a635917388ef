"""Times two weeks of fed-batch culture: the kernel of `twin.physics` and SciPy's LSODA on the same equations.

    python benchmarks/physics/fed_batch_culture.py [--page benchmarks/physics/RESULTS_fed_batch_culture.md]

One core each, in the same run. SciPy integrates from sample to sample with the kernel's own compiled slopes,
so that it does not pay for Python there; accuracy is against LSODA at a tolerance of 1e-11.
"""

from __future__ import annotations

import numba
import numpy as np
from measure import Work, gpu_cell, measured_on, options, rates, speed_cells, write
from scipy.integrate import solve_ivp

from twin.physics import models
from twin.physics.biologics.fed_batch_culture import MOST_SAMPLES, STEPS
from twin.physics.kernels import culture
from twin.physics.kernels.launch import on_cpu

DAY = 86400.0
LOTS = 2000
JUDGED = 60  # lots whose accuracy is looked at
SIZE = np.asarray([1e11, 0.1, 0.01, 0.01, 1e10, 1e10, 1e17])
SIZES = (MOST_SAMPLES, STEPS)
INPUT = {name: i for i, name in enumerate(culture.INPUTS)}


def lots(number: int) -> np.ndarray:
    """Return the kernel's inputs, shape (fields, number): half fed evenly, half by boluses, varied."""
    model = models()["fed_batch_culture"]
    draws = np.random.default_rng(336)
    fields = (*model.material, *model.settings, *model.equipment)
    values = {field.name: np.full(number, field.default or 0.0) for field in fields}
    even = np.arange(number) % 2 == 0
    amount = draws.uniform(0.02, 0.04, number)
    values["feed_rate"] = np.where(even, amount / DAY, 0.0)
    values["bolus_volume"] = np.where(even, 0.0, amount)
    values["harvest_viability"] = np.zeros(number)
    for name, spread in {
        "inoculation_density": 0.2,
        "growth_rate": 0.1,
        "start_glucose": 0.1,
        "start_glutamine": 0.1,
        "feed_glucose": 0.2,
        "feed_glutamine": 0.3,
        "oxygen_transfer_coefficient": 0.4,
    }.items():
        values[name] = values[name] * draws.uniform(1 - spread, 1 + spread, number)
    return np.stack([values[name] for name in culture.INPUTS])


@numba.njit(error_model="numpy")
def slope(p, state, volume, feed, supply, w):  # type: ignore[no-untyped-def]
    """Return the slopes of the kernel's seven components at a state."""
    w[:7] = state
    w[culture._SUPPLY] = supply
    culture.slopes(p, volume, feed, w, 0)
    return w[culture._SLOPE : culture._SLOPE + 7].copy()


def lsoda(p: np.ndarray, relative: float) -> np.ndarray:
    """Return the state at harvest and the volume, from SciPy's LSODA."""
    w = np.zeros(culture.CULTURE.work(SIZES))
    culture.inoculate(p, w, np.zeros(len(culture.OUTPUTS)))
    state, supply, volume, now = w[:7].copy(), w[culture._SUPPLY], 1.0, 0.0
    lactate = p[INPUT["lactate_per_glucose"]]
    while now < p[INPUT["culture_duration"]]:
        feed = 0.0
        if now >= p[INPUT["feed_start"]]:
            feed, bolus = p[INPUT["feed_rate"]], p[INPUT["bolus_volume"]]
            state[1] += bolus * p[INPUT["feed_glucose"]]
            state[2] += bolus * p[INPUT["feed_glutamine"]]
            supply += lactate * bolus * p[INPUT["feed_glucose"]]
            volume += bolus
        brought = lactate * feed * p[INPUT["feed_glucose"]]
        result = solve_ivp(
            lambda t, y: slope(p, y, volume + t * feed, feed, supply + t * brought, w),  # noqa: B023
            (0.0, DAY),
            state,
            method="LSODA",
            rtol=relative,
            atol=relative * SIZE,
        )
        state, supply, volume, now = result.y[:, -1], supply + DAY * brought, volume + DAY * feed, now + DAY
    return np.asarray([*state, volume])


def table(rounds: int) -> list[str]:
    """Return the table of speeds and errors, in Markdown."""
    rows = lots(LOTS)
    judged = [np.ascontiguousarray(rows[:, lot]) for lot in range(JUDGED)]
    exact = concentrations(np.asarray([lsoda(p, 1e-11) for p in judged]))
    out = dict(zip(culture.OUTPUTS, on_cpu(culture.CULTURE, SIZES, rows, threads=1), strict=True))
    ours = f"twin, kernel, {STEPS} steps a day"
    found = {ours: np.stack([out["viable_time"], out["viable"]])[:, :JUDGED] / out["volume"][:JUDGED]}
    work = {ours: Work(LOTS, lambda: on_cpu(culture.CULTURE, SIZES, rows, threads=1))}
    for relative in (1e-4, 1e-6):
        name = f"SciPy, LSODA, tolerance {relative:.0e}, compiled slopes"
        found[name] = concentrations(np.asarray([lsoda(p, relative) for p in judged]))
        work[name] = Work(10, lambda relative=relative: [lsoda(p, relative) for p in judged[:10]])  # type: ignore[misc]
    speeds = rates(work, rounds)
    lines = [
        "| entry | batches/s | slowest–fastest round | twin is faster by | titre, median and worst error "
        "| viable cells, median and worst error |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in work:
        error = np.abs(found[name] / exact - 1.0)
        errors = " | ".join(f"{np.median(one):.1e}, {one.max():.1e}" for one in error)
        lines.append(f"| {name} | {speed_cells(speeds, name, ours)} | {errors} |")
    gpu = gpu_cell(culture.CULTURE, SIZES, rows, 200_000)
    return [*lines, f"| twin, kernel, one GPU | {gpu} | | | | |"]


def concentrations(amounts: np.ndarray) -> np.ndarray:
    """Return time lived and viable cells over the volume at harvest, shape (2, lots)."""
    return np.stack([amounts[:, 6], amounts[:, 0]]) / amounts[:, 7]


def main() -> None:
    chosen = options(__doc__)
    opening = f"""# Fed-batch culture

{LOTS:,} lots of 336 h, half fed evenly and half by daily boluses, with their constants, media and vessels
varied by 10 to 40 %. There are {chosen.rounds} rounds with every entry in each; seconds are of processor time
on one core. Speed is that of the median round; how much faster twin is, is the median of the ratios within a
round. Errors are of {JUDGED} lots against SciPy's LSODA at a tolerance of 1e-11; titre goes with the time
that viable cells lived. Wanted: 10,000 batches/s on one core.
"""
    write([opening, *table(chosen.rounds), "", measured_on("fed_batch_culture.py")], chosen.page)


if __name__ == "__main__":
    main()
