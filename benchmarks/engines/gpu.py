"""Line L5 and the solid-dose building's month on a GPU, beside the cores of this machine.

    python benchmarks/engines/gpu.py [--replications 100000] [--months 8192]

The first run of each kernel, which compiles it, is not counted. Both keep sums only: of a line they are made
on the card, of the building the host folds the rows that come from it, in a thread a core. The last column:
were a lane's state read and written once a lot, what part that would be of the bytes that the card copies in
the same time; what a kernel moves in truth, and what it waits for, NVIDIA's `ncu` tells. Prints one line
where there is no GPU.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numba.cuda
import numpy as np
from network import month
from scaling import line

from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.lanes import run_lanes
from twin.engine.compiled_engine.replications import simulate_into
from twin.engine.lines import fold_line
from twin.engine.lines.lanes import fold_on_gpu, places_of
from twin.engine.lines.shape import line_of
from twin.engine.lines.tables import compile_line
from twin.experiment.folding import Folder

STATIONS, LOTS = 10, 2_000  # line L5
ROUNDS = 3
BAR_LINE, BAR_NETWORK = 5e9, 20.0  # station-operations a second, and times the cores


def best(run: Callable[[], object]) -> float:
    """Seconds by the clock, the least of some rounds after one that compiles."""
    run()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def copy_rate() -> float:
    """Bytes read and written a second when the card copies an array to another."""
    here = numba.cuda.device_array(2**27, np.float64)
    there = numba.cuda.device_array_like(here)

    def copy() -> None:
        for _ in range(10):
            there.copy_to_device(here)
        numba.cuda.synchronize()

    return 20 * here.nbytes / best(copy)


def of_line(replications: int) -> list[str]:
    """Rows of the table: the line by the cores, and on the card."""
    program = line(STATIONS, LOTS)
    tables = compile_line(line_of(program))
    work = STATIONS * LOTS * replications
    cores = min(replications, 2_000)
    by_cores = work * cores / replications / best(lambda: fold_line(program, 1, range(cores)))
    on_card = work / best(lambda: fold_on_gpu(tables, 1, range(replications)))
    moved = 16 * places_of(tables) / STATIONS  # bytes a station-operation
    return [
        f"| line, {os.cpu_count()} cores | {by_cores / 1e6:,.0f} million station-operations/s | | |",
        f"| line, GPU | {on_card / 1e6:,.0f} million station-operations/s | {on_card / by_cores:.1f} "
        f"| {moved * on_card / copy_rate():.0%} |",
        f"| | {'reached' if on_card >= BAR_LINE else 'not reached'}: {BAR_LINE / 1e6:,.0f} million | | |",
    ]


def of_month(months: int) -> list[str]:
    """Rows of the table: the building by the cores, and on the card."""
    program = month()

    def by_cores() -> None:
        for _ in simulate_into(Folder(program), program, 1, range(min(months, 512))):
            pass

    def on_card() -> None:
        for _ in run_lanes(Folder(program), image(program), 1, range(months)):
            pass

    cores, card = min(months, 512) / best(by_cores), months / best(on_card)
    reached = "reached" if card >= BAR_NETWORK * cores else "not reached"
    return [
        f"| month, {os.cpu_count()} cores | {cores:,.0f} replications/s | | |",
        f"| month, GPU | {card:,.0f} replications/s | {card / cores:.1f} | |",
        f"| | {reached}: {BAR_NETWORK:.0f} times, were it two cores | | |",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=8_192)
    given = parser.parse_args()
    if not numba.cuda.is_available():
        print("There is no GPU here: not measured.")
        return
    print("| | rate | times the cores | of a copy's bytes/s |\n| --- | ---: | ---: | ---: |")
    for row in [*of_line(given.replications), *of_month(given.months)]:
        print(row)


if __name__ == "__main__":
    main()
