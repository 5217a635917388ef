"""Line L5 and how it is timed: the one part that all entries share.

Ten stations in series, exponential service with mean 1, five places between neighbours, the first station
never short of work, blocking after service, the first 2,000 parts from an empty line. An entry gives a
function that builds the line, pushes the parts through and returns the time at which the last one left;
`time_entry` calls it until the asked time has passed and prints one JSON object. Standard library only: every
entry runs in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

STATIONS = 10
BUFFER = 5
PARTS = 2_000

# E[2000/T] of the first 2,000 parts: max-plus recursion over 160,000 replications.
REFERENCE = 0.75515
REFERENCE_ERROR = 0.00003


def time_entry(distribution: str, replicate: Callable[[int], float]) -> None:
    """Time `replicate(seed)`, which returns the time the last part left; print the JSON object.

    The first call warms caches and is not counted. Building the line counts, importing the tool does not.
    Seconds are of processor time, all threads together, so that other work of the machine counts less.
    """
    ask = argparse.ArgumentParser()
    ask.add_argument("--seconds", type=float, default=3.0)
    ask.add_argument("--seed", type=int, default=1)
    args = ask.parse_args()
    ends = [replicate(args.seed)]
    taken = 0.0
    counted = 0
    while taken < args.seconds:
        counted += 1
        began = time.process_time()
        ends.append(replicate(args.seed + counted))
        taken += time.process_time() - began
    rates = [PARTS / end for end in ends]
    print(
        json.dumps(
            {
                "version": version(distribution),
                "python": platform.python_version(),
                "replications": counted,
                "seconds": taken,
                "operations_per_second": STATIONS * PARTS * counted / taken,
                "throughput": statistics.fmean(rates),
                "throughputs": rates,
            }
        )
    )
