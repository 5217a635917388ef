"""Line L5 in twin: the plant as a YAML file, the SimPy engine, the full record of states, lots and levels.

What is timed is what a run pays for each replication: simulating the compiled plant and building the three
Arrow tables. The file is loaded and compiled once, as in every run.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import pyarrow.compute as pc
from line import BUFFER, PARTS, STATIONS, time_entry

from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.simpy_engine import simulate
from twin.plant.load import load_plant
from twin.plant.scenario import Run

SECOND = 1_000_000_000  # ns


def plant_file() -> str:
    """Line L5 in the language of twin; the mean of 1 stands for one second."""
    lines = ["twin: 1", "plant: Line L5", "equipment:"]
    lines += [f"  station_{i}: {{}}" for i in range(STATIONS)]
    lines += ["storage:"]
    lines += [f"  buffer_{i}: {{capacity: {BUFFER}}}" for i in range(1, STATIONS)]
    lines += ["recipes:", "  part:", "    operations:"]
    for i in range(STATIONS):
        wait = f", wait_in: buffer_{i}" if i else ""
        lines.append(f"      - work_{i}: {{on: [station_{i}], takes: exponential(mean=1 s){wait}}}")
    lines += ["orders:", f"  - {{recipe: part, batches: {PARTS}}}"]
    return "\n".join(lines) + "\n"


def program() -> Program:
    """The plant file, loaded and compiled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line_l5.yaml"
        path.write_text(plant_file(), encoding="utf-8")
        return compile_program(load_plant(path).plant, Run())


def replicate(line: Program, seed: int) -> float:
    record = simulate(line, seed, 1)
    if record.lots.num_rows != STATIONS * PARTS:
        raise RuntimeError(f"{record.lots.num_rows} rows of lots")
    return float(pc.max(record.lots["left"]).as_py()) / SECOND


if __name__ == "__main__":
    time_entry("plant-twin", partial(replicate, program()))
