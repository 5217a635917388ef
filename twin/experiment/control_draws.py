"""The controls that a run offers: means of the draws at fixed addresses, whose expectations are stated.

A draw is a function of seed, replication, source and address alone. So the mean of the first so many draws
of a source is known for each replication without looking at its record, and its expectation is the
distribution's mean, whatever the plant made of the draws: processing times by lot, times between releases,
between failures, and of repair. How many draws are taken is fixed by the plant and the horizon, not by what
happened. Runs that start from a snapshot offer none. Called by `twin estimate --controls`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.engine.compile import compile_program
from twin.engine.draws import draw_addresses, source_hash
from twin.engine.program import Program, Source
from twin.engine.record import SECOND
from twin.experiment.arrays import Reals
from twin.experiment.inference.control_variates import Controlled, controlled_mean
from twin.experiment.results import Result
from twin.plant.scenario import Run

MOST_DRAWS = 20_000  # of a source and replication


@dataclass(frozen=True)
class Control:
    """A source and how many of its draws make the control."""

    name: str
    source: Source
    draws: int


def controls_of(program: Program, horizon: float) -> list[Control]:
    """The controls of a plant over `horizon` s: sources that vary and of which something is drawn by then."""
    lots = _lots(program, horizon)
    found = list(_controls(program, lots, horizon))
    usable = [c for c in found if not c.source.constant and np.isfinite(c.source.mean) and c.draws > 0]
    return list({control.source.name: control for control in usable}.values())


def _lots(program: Program, horizon: float) -> int:
    """Lots that are released by the horizon, on average."""
    lots = 0.0
    for line in program.orders:
        mean = 0.0 if line.every is None else line.every.mean
        by_clock = 1.0 if line.every is None else horizon / mean + 1 if mean > 0 else float("inf")
        times = by_clock if line.times < 0 else min(float(line.times), by_clock)
        lots += line.lots * times
    return int(min(lots, MOST_DRAWS))


def _controls(program: Program, lots: int, horizon: float) -> Iterator[Control]:
    for operation in program.operations:
        if operation.recipe >= 0 and operation.takes is not None:
            name = operation.name.replace("/", ".")
            yield Control(f"processing time of {name}", operation.takes, lots)
    for number, line in enumerate(program.orders, 1):
        if line.every is not None and line.every.mean > 0:
            times = min(int(horizon / line.every.mean), MOST_DRAWS)
            count = times if line.times < 0 else min(times, line.times)
            yield Control(f"time between releases of order {number}", line.every, count)
    for unit in program.units:
        for mode in unit.failures:
            cycle = mode.between.mean + mode.repair.mean
            count = min(round(horizon / cycle), MOST_DRAWS) if cycle > 0 else 0
            yield Control(f"time between failures of {unit.name} ({mode.name})", mode.between, count)
            yield Control(f"repair time of {unit.name} ({mode.name})", mode.repair, count)


def control_values(controls: list[Control], seed: int, replications: list[int]) -> Reals:
    """Mean draw less the stated mean of each control, shape (replications, controls), in sources' units."""
    columns = np.zeros((len(replications), len(controls)))
    for k, control in enumerate(controls):
        columns[:, k] = _means(control.source, control.draws, seed, replications) - control.source.mean
    return columns


def _means(source: Source, draws: int, seed: int, replications: list[int]) -> Reals:
    number = np.tile(np.arange(draws, dtype=np.int64), len(replications))
    zero = np.zeros(len(number), dtype=np.int64)
    replication = np.repeat(np.array(replications, dtype=np.int64), draws)
    distribution = (source.kind, source.p0, source.p1, source.p2, source.table)
    keys: tuple[Any, Any] = np.uint64(source_hash(source.name)), np.uint64(seed)
    values = draw_addresses(*distribution, *keys, replication, number, zero, zero, zero)
    return np.asarray(values.reshape(len(replications), draws).mean(axis=1), dtype=np.float64)


def controlled(result: Result, measure: str, level: float | None = None) -> tuple[Controlled, list[Control]]:
    """A run's mean of a measure with the controls that it offers; raises KeyError for another measure."""
    values = result.values[measure]
    controls = run_controls(result)
    replications = sorted(values)
    columns = control_values(controls, int(result.manifest["seed"]), replications)
    found = controlled_mean(np.array([values[r] for r in replications]), columns, level or result.level)
    return found, controls


def run_controls(result: Result) -> list[Control]:
    """The controls of a finished run; none where it started from a snapshot. Raises InputError for a point
    of a sweep, which keeps no plant of its own.
    """
    plant, ends = result.plant, result.horizons
    if result.manifest["warm_up"]["method"] == "snapshot":
        return []
    text = (result.path / "inputs" / "run.json").read_text(encoding="utf-8")
    program = compile_program(plant, Run.model_validate_json(text))
    # Without a horizon, the middle of the ends: no replication's draws move it by more than next to nothing.
    end = program.horizon if program.horizon is not None else int(np.median(list(ends.values())))
    return controls_of(program, end / SECOND)
