"""The solid-dose building, a month: replications per second of the compiled engine against the SimPy engine.

    python benchmarks/engines/network.py [--replications 200] [--page docs/performance.md]

Both compute the building as shipped, with the physics of blending, compression and coating. The SimPy engine
makes its record in one process; the compiled one runs on all cores and folds its rows into measures, as
`twin run` does with so many replications. Libraries and compiled functions are loaded before the clock runs.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from twin.engine.choice import COMPILED, SIMPY, simulate_all, simulate_into
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.program import Program
from twin.experiment.folding import Folder
from twin.experiment.prepare import prepare

MONTH = "28 days"
ROUNDS = 7
MONTHS_OF_SIMPY = 8
MARK = "benchmarks/engines/network.py"

Work: TypeAlias = Callable[[Program, int, int], None]  # of a program so many replications, in so many threads


def month() -> Program:
    """The building, compiled for a month."""
    prepared = prepare("twin:solid_dose", {"run.horizon": MONTH})
    return compile_program(prepared.plant, prepared.run)


def timed(work: Work, program: Program, count: int, threads: int) -> tuple[float, float]:
    """Seconds a replication by the clock, and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    work(program, count, threads)
    return (time.perf_counter() - began) / count, (time.process_time() - used) / count


def by_simpy(program: Program, replications: int, threads: int) -> None:
    for _ in simulate_all(SIMPY, program, 1, range(replications)):
        pass


def by_compiled(program: Program, replications: int, threads: int) -> None:
    folder = Folder(program)
    for _ in simulate_into(folder, COMPILED, program, 1, range(replications), threads=threads):
        pass
    folder.table()


def table(replications: int) -> str:
    """The page's table: each round runs all rows by turns, because the machine's speed drifts."""
    program, cores = month(), os.cpu_count() or 1
    work: list[tuple[str, Work, int, int]] = [
        ("SimPy engine, record, one process", by_simpy, MONTHS_OF_SIMPY, 1),
        ("compiled engine, folded, one thread", by_compiled, replications, 1),
        (f"compiled engine, folded, {cores} threads", by_compiled, replications, cores),
    ]
    by_compiled(program, 2, cores)
    by_simpy(program, 1, 1)
    rounds = np.array(
        [[timed(run, program, count, threads) for _, run, count, threads in work] for _ in range(ROUNDS)]
    )
    wall, processor = rounds[..., 0], rounds[..., 1]
    times = wall[:, :1] / wall
    memory = layout(image(program), Room()).bytes
    lines = [
        f"Measured on {date.today().isoformat()}, {replications} replications, {cores} cores of "
        f"{platform.machine()}, Python {platform.python_version()}; medians of {ROUNDS} rounds, each of "
        "which runs all three, with the least and the most.",
        "",
        "| the building, a month | replications/s | processor ms each | times the SimPy engine |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {spread(rate)} | {spread(used)} | {spread(ratio)} |"
            for (name, *_), rate, used, ratio in zip(
                work, 1 / wall.T, 1000 * processor.T, times.T, strict=True
            )
        ),
        "",
        f"A replication of the compiled engine takes {memory / 1e6:.2f} MB.",
    ]
    return "\n".join(lines)


def spread(values: NDArray[np.float64]) -> str:
    """The median of some rounds, with the least and the most."""
    return f"{np.median(values):,.1f} ({values.min():,.1f} to {values.max():,.1f})"


def main() -> None:
    """Print the table, or put it into a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    gc.set_threshold(10_000, 10, 10)  # as `twin` does
    text = table(given.replications)
    print(text)
    if given.page is not None:
        page = given.page.read_text(encoding="utf-8")
        begin, end = f"<!-- begin: {MARK} -->\n", f"<!-- end: {MARK} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        given.page.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
