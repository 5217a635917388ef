"""Times emulators against the models that they stand in for, and says how near they come.

    python benchmarks/physics/emulation.py [--page benchmarks/physics/RESULTS_emulation.md]

The lots are those of the solid-dose building with computed unit operations: raw material as the laboratory
recorded it, and for milling what granulation and drying make of it. A third problem varies ten inputs of
granulation. Errors are of lots that no design has seen, over their standard deviation. The last table adds up
the physics of a thousand replications of that building's month.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from measure import Work, measured_on, options, rates, times_faster, write
from scipy.special import ndtri

import twin
from twin.engine.emulation import Lots, reach_of
from twin.engine.program import Program
from twin.experiment.prepare import compile_loaded, open_study
from twin.physics import evaluate_on, models
from twin.physics.contract import OK, UnitOperation
from twin.physics.emulation.design import Reach, emulator_of, sobol
from twin.physics.emulation.emulator import EMULATED, Emulator, stand_in

SCENARIO = "twin:solid_dose_physics"
RECIPES = ("tablet_20mg", "tablet_10mg", "tablet_40mg")
DEAR = ("granulate", "mill")
ALL = (*DEAR, "dry", "blend", "compress", "coat", "dissolve")
FRESH = 1024  # lots that no design has seen
TIMED = 256  # lots that the model is timed with
REPLICATIONS = 1000
COUNTED = 4  # replications in which visits are counted
MOST = 8192  # lots in one call, as the broker's
WANTED = 5.0  # s for the physics of all replications
TEN = {  # mean and coefficient of variation
    "moisture": (0.02, 0.15),
    "bulk_density": (480.0, 0.04),
    "true_density": (1500.0, 0.01),
    "primary_d50": (60e-6, 0.08),
    "primary_spread": (0.5, 0.05),
    "liquid_absorbed": (0.04, 0.1),
    "asperity": (1e-6, 0.1),
    "liquid_to_solid": (0.28, 0.01),
    "spray_rate": (0.2, 0.03),
    "binder_viscosity": (0.02, 0.1),
}
TAIL = 1e-4

Groups = tuple[dict[str, np.ndarray], ...]


@dataclass(frozen=True)
class Problem:
    """A model, how its emulator is made, and n lots that it is for."""

    name: str
    model: UnitOperation
    make: Callable[[], Emulator]
    lots: Callable[[int], Mapping[str, np.ndarray]]


def computed_plant(emulated: Sequence[str]) -> Program:
    """Return the building with these operations emulated, the others solved."""
    study = open_study(SCENARIO)
    recipes = study.base.plant.recipes.items()
    known = [(r, o) for r, recipe in recipes for o, op in recipe.operations.items() if op.physics]
    words = {f"recipes.{r}.operations.{o}.solve": "emulated" for r, o in known if o in emulated}
    study = open_study(SCENARIO, words)
    return compile_loaded(study.base, study.scenario.run)


def of_plant(program: Program, operation: str) -> Problem:
    """Return the problem of one of the building's operations."""
    (call,) = [o.physics for o in program.operations if o.name == f"{RECIPES[0]}/{operation}"]
    emulation, equipment = call.emulation, next(iter(call.equipment.values()))
    model = emulation.call.model
    reach = reach_of(emulation, equipment, 1)
    lots = Lots(emulation, equipment, 77)
    return Problem(f"{model.name}, the building's", model, lambda: emulator_of(model, reach), lots)


def ten_inputs() -> Problem:
    """Return granulation with ten inputs that vary."""
    model = models()["high_shear_granulation"]

    def lots(count: int, seed: int = 1) -> dict[str, np.ndarray]:
        deviates = ndtri(np.clip(sobol(len(TEN), count, seed), TAIL, 1.0 - TAIL))
        drawn = {name: m * (1.0 + cv * z) for (name, (m, cv)), z in zip(TEN.items(), deviates, strict=True)}
        return drawn | {"batch_mass": np.full(count, 240.0)}

    width = -float(ndtri(TAIL))
    ranges = {name: (m * (1.0 - width * cv), m * (1.0 + width * cv)) for name, (m, cv) in TEN.items()}
    reach = Reach({"batch_mass": 240.0}, ranges, lots, 1)
    return Problem(
        f"{model.name}, ten inputs", model, lambda: emulator_of(model, reach), lambda n: lots(n, 77)
    )


def grouped(model: UnitOperation, lots: Mapping[str, np.ndarray], count: int) -> Groups:
    """Return material, settings and equipment of the first lots."""
    groups = (model.material, model.settings, model.equipment)
    return tuple({q.name: lots[q.name][:count] for q in group if q.name in lots} for group in groups)


def row_of(problem: Problem, rounds: int) -> str:
    """Return a problem's row."""
    begin, used = time.perf_counter(), time.process_time()
    emulator = problem.make()
    clock, used = time.perf_counter() - begin, time.process_time() - used
    stand, lots = stand_in(problem.model, lambda: [emulator]), problem.lots(FRESH)
    fresh, some = grouped(problem.model, lots, FRESH), grouped(problem.model, lots, TIMED)
    solved, near = (evaluate_on("cpu", model, *fresh) for model in (problem.model, stand))
    inside = near.attributes[EMULATED] == 1.0
    once = tuple({n: v[inside] for n, v in group.items()} for group in fresh)
    many = tuple({n: np.tile(v, 16) for n, v in group.items()} for group in once)
    speeds = rates(
        {
            "full": Work(TIMED, lambda: evaluate_on("cpu", problem.model, *some)),
            "emulated": Work(16 * int(inside.sum()), lambda: evaluate_on("cpu", stand, *many)),
        },
        rounds,
    )
    worst = max(emulator.quality.items(), key=lambda item: item[1].error)
    wrong = {
        name: over_noise(near.attributes[name][inside], solved.attributes[name][inside])
        for name in solved.attributes
    }
    farthest = max(wrong, key=lambda name: wrong[name][0])
    shifted = max(abs(shift) for _, shift in wrong.values())
    missed = int((solved.status[inside] != OK).sum())
    full, fast = (statistics.median(speeds[name]) for name in ("full", "emulated"))
    cells = [
        f"{emulator.points} points in {clock:.1f} s ({used:.1f} s of processor)",
        f"{worst[1].error:.3f} ({worst[0]}; with 95 % confidence below {worst[1].bound:.3f})",
        f"{wrong[farthest][0]:.3f} ({farthest}); mean off by {shifted:.4f} at most",
        f"{100 * (1 - inside.mean()):.2f} %; {missed} emulated that are out of range",
        f"{full:,.0f}",
        f"{fast:,.0f} ({times_faster(speeds['emulated'], speeds['full']):,.0f} ×)",
    ]
    return f"| {problem.name} | {' | '.join(cells)} |"


def over_noise(near: np.ndarray, solved: np.ndarray) -> tuple[float, float]:
    """Return root mean square error and mean error over the standard deviation between lots."""
    noise = max(float(np.std(solved)), 1e-6 * float(np.max(np.abs(solved))), 1e-300)
    wrong = (near - solved) / noise
    return float(np.sqrt(np.mean(wrong**2))), float(np.mean(wrong))


def visits() -> dict[str, float]:
    """Return the visits that a replication of the month has of each operation."""
    with tempfile.TemporaryDirectory() as folder:
        words = {f"recipes.{r}.operations.{o}.solve": "emulated" for r in RECIPES for o in DEAR}
        result = twin.run(
            SCENARIO, set=words, replications=COUNTED, engine="simpy", workers=1, workspace=folder
        )
        tables = [chunk.table("lots", ["recipe", "operation"]) for chunk in result.chunks()]
    counted: dict[str, float] = {}
    for row in (row for table in tables for row in table.to_pylist()):
        name = f"{row['recipe']}/{row['operation']}"
        counted[name] = counted.get(name, 0.0) + 1.0 / COUNTED
    return counted


@cache
def typical(operation: str) -> Mapping[str, np.ndarray]:
    """Return lots as they reach an operation."""
    (call,) = [o.physics for o in computed_plant(ALL).operations if o.name == operation]
    return Lots(call.emulation, next(iter(call.equipment.values())), 77)(TIMED)


def month(emulated: Sequence[str], counted: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of processor time that each model takes for all replications' visits.

    What is dear and solved is timed for a share of them.
    """
    seconds: dict[str, float] = {}
    for operation in computed_plant(emulated).operations:
        call = operation.physics
        if call is None:
            continue
        every = round(counted[operation.name] * REPLICATIONS)
        short = operation.name.rpartition("/")[2]
        lots = min(every, TIMED) if short in DEAR and short not in emulated else every
        tiled = {name: np.tile(v, -(-lots // TIMED)) for name, v in typical(operation.name).items()}
        inputs = grouped(call.model, tiled, lots)
        evaluate_on("cpu", call.model, *grouped(call.model, tiled, 2))
        begin = time.process_time()
        for first in range(0, lots, MOST):
            part = ({name: v[first : first + MOST] for name, v in group.items()} for group in inputs)
            evaluate_on("cpu", call.model, *part)
        taken = (time.process_time() - begin) * every / lots
        seconds[call.model.name] = seconds.get(call.model.name, 0.0) + taken
    return seconds


def month_lines() -> list[str]:
    """Return the table of a thousand months."""
    counted = visits()
    ways = {
        "all solved": month((), counted),
        "granulation emulated": month(("granulate",), counted),
        "granulation and milling emulated": month(DEAR, counted),
    }
    names = list(ways["all solved"])
    lots = sum(n for name, n in counted.items() if name.rpartition("/")[2] == "granulate")
    lines = [
        f"Physics of {REPLICATIONS:,} replications of the building's month, {lots:.0f} batches in each:",
        f"seconds of processor time, all threads counted, in calls of {MOST:,} lots. What is solved of the",
        f"two population balances is timed for {TIMED} lots and multiplied up. Wanted with granulation",
        f"emulated: {WANTED:g} s of the clock on two cores.",
        "",
        f"| | {' | '.join(names)} | sum |",
        f"| --- |{' ---: |' * (len(names) + 1)}",
    ]
    for way, seconds in ways.items():
        cells = [f"{seconds[name]:,.2f}" for name in names]
        lines.append(f"| {way} | {' | '.join(cells)} | {sum(seconds.values()):,.2f} |")
    return lines


def main() -> None:
    chosen = options(__doc__)
    building = computed_plant(DEAR)
    problems = (of_plant(building, "granulate"), of_plant(building, "mill"), ten_inputs())
    lines = [
        "# Emulators",
        "",
        "Granulation and milling of the solid-dose building, whose lots differ as the laboratory's",
        "records do, and granulation with ten inputs that vary. An emulator is made until each output's",
        "cross-validated error is, with 95 % confidence, below .1 of its standard deviation between",
        f"lots; it is then held against {FRESH:,} lots that no design has seen. Lots a second are of",
        f"processor time on one core, in the median of {chosen.rounds} rounds; how much faster, is the",
        "median of the ratios within a round.",
        "",
        "| problem | made | largest cross-validated error | largest error of fresh lots | solved in full "
        "| model, lots/s | emulated, lots/s |",
        "| --- | --- | --- | --- | --- | ---: | ---: |",
        *(row_of(problem, chosen.rounds) for problem in problems),
        "",
        *month_lines(),
        "",
    ]
    write([*lines, measured_on("emulation.py")], chosen.page)


if __name__ == "__main__":
    main()
