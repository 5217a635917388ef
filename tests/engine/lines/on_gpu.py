"""Folds a small line on a GPU, or in Numba's CUDA simulator, and saves its totals: `python -m … FILE`.

It runs in a process of its own, because Numba reads once at its start whether it simulates.
"""

from __future__ import annotations

import sys
from dataclasses import asdict

import numpy as np

from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.lines.shape import Line, line_of
from twin.engine.lines.tables import compile_line
from twin.plant.scenario import Run
from twin.plant.schema import Plant

REPLICATIONS = range(3, 8)
LINES = ("fed", "full")


def small_line(name: str) -> Plant:
    """Three units: one fed now and then, with every way to block, or one that is never short of work."""
    fed = {"batches": 2, "every": "exponential(mean=9 s)"}
    return plant(
        {"mill": {"blocking": "before_service"}, "press": {}, "oven": {"speed": 1.3}},
        operation("mill", "mill", "exponential(mean=3 s)"),
        operation("press", "press", "uniform(low=1 s, high=7 s)", wait_in="rack"),
        operation("oven", "oven", "4 s", wait_in="none"),
        storage={"rack": {"capacity": 2}},
        order=fed if name == "fed" else {"batches": 25},
    )


def run_of(name: str) -> Run:
    """To a horizon that cuts, or until the last lot has left."""
    return Run(horizon=120 if name == "fed" else None)


def main(file: str) -> None:
    """Save the totals of both lines."""
    from twin.engine.lines.lanes import fold_on_gpu

    found = {}
    for name in LINES:
        line = line_of(compile_program(small_line(name), run_of(name)))
        assert isinstance(line, Line)
        totals = fold_on_gpu(compile_line(line), 11, REPLICATIONS, memory=3000)
        found |= {f"{name}/{field}": values for field, values in asdict(totals).items()}
    np.savez(file, **found)


if __name__ == "__main__":
    main(sys.argv[1])
