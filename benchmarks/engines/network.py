"""The solid-dose building, a month: replications per second of the compiled engine against the SimPy engine.

    python benchmarks/engines/network.py [--replications 200] [--page docs/performance.md]

Both compute the building as shipped, with the physics of blending, compression and coating. The SimPy engine
makes its record in one process; the compiled one runs on all cores and folds its rows into measures, as
`twin run` does with so many replications. Libraries and compiled functions are loaded before the clock runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from twin.engine.choice import COMPILED, SIMPY, simulate_all, simulate_into
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.program import Program
from twin.experiment.folding import Folder
from twin.experiment.prepare import prepare

MONTH = "28 days"
ROUNDS = 3
MARK = "benchmarks/engines/network.py"


def month() -> Program:
    """The building, compiled for a month."""
    prepared = prepare("twin:solid_dose", {"run.horizon": MONTH})
    return compile_program(prepared.plant, prepared.run)


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def by_simpy(program: Program, replications: int, threads: int) -> None:
    for _ in simulate_all(SIMPY, program, 1, range(replications)):
        pass


def by_compiled(program: Program, replications: int, threads: int) -> None:
    folder = Folder(program)
    for _ in simulate_into(folder, COMPILED, program, 1, range(replications), threads=threads):
        pass
    folder.table()


def best(
    work: Callable[[Program, int, int], None], program: Program, count: int, threads: int
) -> tuple[float, float]:
    """The least seconds a replication, by the clock and of the processor, of all rounds."""
    rounds = [timed(lambda: work(program, count, threads)) for _ in range(ROUNDS)]
    return min(wall for wall, _ in rounds) / count, min(cpu for _, cpu in rounds) / count


def table(replications: int) -> str:
    """The page's table."""
    program, cores = month(), os.cpu_count() or 1
    by_compiled(program, 2, cores)
    by_simpy(program, 1, 1)
    reference = best(by_simpy, program, 4, 1)
    one = best(by_compiled, program, replications, 1)
    all_cores = best(by_compiled, program, replications, cores)
    memory = layout(image(program), Room()).bytes
    rows = [
        ("SimPy engine, record, one process", *reference),
        ("compiled engine, folded, one thread", *one),
        (f"compiled engine, folded, {cores} threads", *all_cores),
    ]
    lines = [
        f"Measured on {date.today().isoformat()}, best of {ROUNDS} rounds, {replications} replications, "
        f"{cores} cores of {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| the building, a month | replications/s | processor ms each | times the SimPy engine |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {1 / wall:,.1f} | {1000 * cpu:,.1f} | {reference[0] / wall:,.1f} |"
            for name, wall, cpu in rows
        ),
        "",
        f"A replication of the compiled engine takes {memory / 1e6:.1f} MB.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table, or put it into a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
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
