"""How many vials a second dry, on one core and on a GPU where there is one.

    python benchmarks/physics/lyophilisation.py --page benchmarks/physics/RESULTS_lyophilisation.md

Vials like LyoPRONTO's example, each a little different in ten properties. Every entry of a round gets the
same vials (the slow ones the first few of them); the median round counts. Errors are against 512 time steps
over the ramp, which the tests compare with SciPy.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from measure import Work, gpu_cell, measured_on, options, rates, seconds, speed_cells, write
from scipy.integrate import solve_ivp

from twin.physics import models
from twin.physics.fill_finish.freezing import Freezing
from twin.physics.fill_finish.lyophilisation import dry_vials, freeze_vials, load_of_vials
from twin.physics.fill_finish.lyophilisation_data import HOUR, LYOPRONTO_EXAMPLE
from twin.physics.fill_finish.primary_drying import (
    FLOATS_A_VIAL,
    PRIMARY_DRYING,
    kernel_inputs,
    primary_drying_array_form,
)
from twin.physics.kernels import launch
from twin.physics.kernels.lyophilisation import FIELDS, OUTPUTS

VARIED = (
    "fill_volume",
    "solute_concentration",
    "vial_area",
    "product_area",
    "resistance_start",
    "resistance_slope",
    "heat_contact",
    "heat_gas",
    "heat_saturation",
    "chamber_pressure",
)
SPREAD = 0.05
VIALS = 100_000
FRONTS = (3 + 2 * 8 + 9, 2 * 8)  # a vial's fronts found with two steps and an exponential, and with one step
OPERATIONS = FRONTS[0] * (2 * 27 + 37 + 9) + FRONTS[1] * (27 + 9) + 8 * 40 + 9 * 6
NUMBERS = len(FIELDS) + len(OUTPUTS)
WANTED = 100_000

EXPLANATION = f"""# Drying vials

Primary drying of vials like the example that LyoPRONTO comes with (case Y1, {{hours:.8f}} h), each with ten
properties of its own, spread by {100 * SPREAD:g} %; one thread. Rates are per second of processor time after
compilation, in the median of {{rounds}} rounds in which every entry ran; wanted are {WANTED:,} vials a second
on one core at an error of 1e-5 h.
"""


@dataclass(frozen=True)
class Entry:
    """What is timed: `run` on the first `vials` vials gives their drying times in s."""

    name: str
    vials: int
    run: Callable[[np.ndarray], np.ndarray]


def some_vials(lots: int) -> np.ndarray:
    draws = np.random.default_rng(2026)
    changed = {name: LYOPRONTO_EXAMPLE[name] * draws.normal(1.0, SPREAD, lots) for name in VARIED}
    return np.asarray(kernel_inputs({**LYOPRONTO_EXAMPLE, **changed}))


def by_kernel(steps: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda inputs: launch.on_cpu(PRIMARY_DRYING, (steps,), inputs, threads=1)[0]


def by_arrays(inputs: np.ndarray) -> np.ndarray:
    return launch.in_chunks(primary_drying_array_form, inputs, FLOATS_A_VIAL, memory=2**21)[0]


def by_scipy(inputs: np.ndarray) -> np.ndarray:
    """Dry vials one after another by SciPy's RK45 in the layer's thickness, events at its end."""
    return np.asarray([_by_scipy(*inputs[:, k].tolist()) for k in range(inputs.shape[1])])


def _by_scipy(
    start: float,
    hold: float,
    rate: float,
    pressure: float,
    layer: float,
    ice: float,
    first: float,
    slope: float,
    bend: float,
    heat: float,
    heat_slope: float,
    factor: float,
    boiling: float,
) -> float:
    balance = boiling / math.log(factor / pressure)
    front = balance

    def growth(t: float, state: np.ndarray) -> list[float]:
        nonlocal front
        shelf, dried = min(start + rate * t, hold), float(state[0])
        resistance = first + slope * dried / (1.0 + bend * dried)
        warmth = heat - heat_slope * dried
        for _ in range(4):
            vapour = factor * math.exp(-boiling / front)
            excess = (vapour - pressure) * warmth - (shelf - front) * resistance
            front = min(front - excess / (vapour * boiling / front**2 * warmth + resistance), shelf)
        return [(shelf - front) / warmth / ice]

    def dry(t: float, state: np.ndarray) -> float:
        return float(state[0]) - layer

    dry.terminal = True  # type: ignore[attr-defined]
    options = {"rtol": 1e-6, "atol": 1e-7 * layer, "events": dry}
    end = (hold - start) / rate
    ramp = solve_ivp(growth, (max(0.0, (balance - start) / rate), end), [0.0], **options)
    held = solve_ivp(growth, (end, 1e7), ramp.y[:, -1], **options)
    return float(held.t_events[0][0])


def whole_cycle(inputs: np.ndarray) -> np.ndarray:
    """Freeze, dry and desorb as many vials, with drawn nucleation temperatures."""
    lots = inputs.shape[1]
    model = models()["lyophilisation"]
    given = {field.name: field.default for field in (*model.material, *model.settings, *model.equipment)}
    draws = np.random.default_rng(7)
    given["nucleation_temperature"] = draws.normal(263.15, 2.0, lots)
    frozen: Freezing = freeze_vials(given)
    dried = dry_vials(given, draws.normal(1.0, SPREAD, lots), draws.normal(1.0, SPREAD, lots))
    load = load_of_vials(given, dried, np.max(dried.duration))
    return np.asarray(frozen.duration + dried.duration + load.moisture)


ENTRIES = (
    Entry("twin, kernel, 8 steps over the ramp (default)", VIALS, by_kernel(8)),
    Entry("twin, kernel, 4 steps", VIALS, by_kernel(4)),
    Entry("twin, array form on NumPy, 8 steps", 20_000, by_arrays),
    Entry("SciPy `solve_ivp`, RK45, vial by vial", 20, by_scipy),
)


def table(rounds: int) -> list[str]:
    inputs = some_vials(VIALS)
    exact = by_kernel(512)(inputs[:, :20_000])
    errors, entries = {}, {}
    for entry in ENTRIES:
        few, part = min(entry.vials, 20_000), inputs[:, : entry.vials]
        errors[entry.name] = float(np.max(np.abs(entry.run(inputs[:, :few]) - exact[:few]))) / HOUR
        entries[entry.name] = Work(entry.vials, partial(entry.run, part))
    found = rates(entries, rounds)
    ours = ENTRIES[0].name
    lines = [
        "| entry | vials/s | slowest–fastest round | twin's kernel is faster by | largest error, h |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {speed_cells(found, name, ours)} | {errors[name]:.1e} |" for name in entries),
        f"| twin, kernel, one GPU | {gpu_cell(PRIMARY_DRYING, (8,), inputs, 4_000_000, OPERATIONS)} | | | |",
    ]
    return [*lines, "", *remarks(statistics.median(found[ours]), rounds)]


def remarks(rate: float, rounds: int) -> list[str]:
    """Return what the rate means in operations, and the rate of whole cycles."""
    some = some_vials(VIALS)
    whole_cycle(some)
    cycles = statistics.median(VIALS / seconds(lambda: whole_cycle(some)) for _ in range(rounds))
    return [
        f"At {OPERATIONS:,} additions, multiplications and quotients a vial the kernel does "
        f"{rate * OPERATIONS / 1e9:.1f} billion a second; a vial's numbers are {8 * NUMBERS} bytes, "
        f"{rate * 8 * NUMBERS / 1e9:.2f} GB/s. Whole cycles, freezing with drawn nucleation, primary and "
        f"secondary drying, all threads: {cycles:,.0f} vials a second of processor time.",
    ]


def main() -> None:
    chosen = options(__doc__)
    hours = float(by_kernel(512)(kernel_inputs(LYOPRONTO_EXAMPLE))[0]) / HOUR
    opening = EXPLANATION.format(hours=hours, rounds=chosen.rounds)
    write([opening, *table(chosen.rounds), "", measured_on("lyophilisation.py")], chosen.page)


if __name__ == "__main__":
    main()
