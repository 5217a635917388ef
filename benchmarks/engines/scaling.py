"""How cost grows: a line of stations by the recursion and by the network kernel, over three axes.

    python benchmarks/engines/scaling.py [--figure docs/performance_scaling.png]

Replications, stations and lots are varied one at a time about ten stations, a hundred lots and a hundred
replications. Both keep sums only, on all cores; times are by the clock, the best of two. Prints a table and
draws seconds over each axis, both logarithmic.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from twin.engine.compile import compile_program
from twin.engine.compiled_engine.replications import simulate_into
from twin.engine.lines import fold_line
from twin.engine.program import Program
from twin.experiment.folding import Folder
from twin.plant.scenario import Run
from twin.plant.schema import Plant

AXES = {
    "replications": (100, 1_000, 10_000, 100_000),
    "stations": (5, 10, 20, 50, 100, 200),
    "lots": (100, 1_000, 10_000, 100_000),
}
MIDDLE = {"replications": 100, "stations": 10, "lots": 100}
MOST = {"recursion": 3e8, "network": 1.2e8}  # station-operations
ROUNDS = 2

Row = tuple[str, str, int, float]  # axis, way, value, seconds


def line(stations: int, lots: int) -> Program:
    """Stations in a row with five places between them and exponential times, saturated."""
    operations = [
        {f"work_{i}": {"on": [f"station_{i}"], "takes": "exponential(mean=1 s)"}} for i in range(stations)
    ]
    for i in range(1, stations):
        operations[i][f"work_{i}"]["wait_in"] = f"buffer_{i}"  # type: ignore[assignment]
    words = {
        "twin": 1,
        "plant": "Line",
        "equipment": {f"station_{i}": {} for i in range(stations)},
        "storage": {f"buffer_{i}": {"capacity": 5} for i in range(1, stations)},
        "recipes": {"part": {"batch": "1 pieces", "operations": operations}},
        "orders": [{"recipe": "part", "batches": lots}],
    }
    return compile_program(Plant.model_validate(words), Run())


def by_recursion(program: Program, replications: int) -> None:
    fold_line(program, 1, range(replications))


def by_network(program: Program, replications: int) -> None:
    folder = Folder(program)
    for _ in simulate_into(folder, program, 1, range(replications)):
        pass


WAYS: dict[str, Callable[[Program, int], None]] = {"recursion": by_recursion, "network": by_network}


def rows() -> Iterator[Row]:
    """Every point that is not too large, measured."""
    for way in WAYS.values():
        way(line(3, 3), 2)  # compiled before the clock runs
    for axis, values in AXES.items():
        for value in values:
            at = MIDDLE | {axis: value}
            program = line(at["stations"], at["lots"])
            work = at["stations"] * at["lots"] * at["replications"]
            for name, way in WAYS.items():
                if work <= MOST[name]:
                    yield (
                        axis,
                        name,
                        value,
                        min(_seconds(way, program, at["replications"]) for _ in range(ROUNDS)),
                    )


def _seconds(way: Callable[[Program, int], None], program: Program, replications: int) -> float:
    began = time.perf_counter()
    way(program, replications)
    return time.perf_counter() - began


def draw(found: Sequence[Row], file: Path) -> None:
    """The figure: seconds over each axis."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(AXES), figsize=(11, 3.6), sharey=True, layout="constrained")
    for panel, axis in zip(panels, AXES, strict=True):
        for name in WAYS:
            points = [(value, seconds) for a, way, value, seconds in found if (a, way) == (axis, name)]
            panel.loglog(*zip(*points, strict=True), "o-", label=name)
        panel.set_xlabel(axis)
        panel.grid(True, which="both", alpha=0.3)
    panels[0].set_ylabel("seconds")
    panels[0].legend()
    figure.savefig(file, dpi=130)


def main() -> None:
    """Measure, print, and draw where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    found: list[Row] = []
    print(
        "| axis | value | way | seconds | million station-operations/s |\n| --- | ---: | --- | ---: | ---: |"
    )
    for axis, name, value, seconds in rows():
        found.append((axis, name, value, seconds))
        at = MIDDLE | {axis: value}
        work = at["stations"] * at["lots"] * at["replications"]
        print(f"| {axis} | {value:,} | {name} | {seconds:.3f} | {work / seconds / 1e6:.1f} |", flush=True)
    if given.figure is not None:
        draw(found, given.figure)


if __name__ == "__main__":
    main()
