"""Points of a sweep that are runs: their records are kept, or they cannot be measured one replication by one.

That is where `run.record` is `full`, where a snapshot is wanted, and where a steady plant's warm-up is found
on all replications together. They are run as `twin run` does, and their measures stand among the others'.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np

from twin.experiment.designs import DesignPoint
from twin.experiment.prepare import prepare
from twin.experiment.ranges import chunk_ranges
from twin.experiment.results import Result
from twin.experiment.run import Progress, stream
from twin.experiment.sweeps.slices import Block, Covered
from twin.experiment.sweeps.tasks import task_identity
from twin.experiment.sweeps.variants import Variants


def stream_point(
    variants: Variants, point: DesignPoint, workspace: Path, folder: Path | None, workers: int | None
) -> Generator[Progress, None, Result]:
    """Run a point in the workspace, or in a folder that holds a sweep alone."""
    prepared = prepare(variants.study.at(point.changes), engine=variants.engine, device=variants.device)
    out = None if folder is None else folder / "runs" / prepared.id
    return (yield from stream(prepared, workspace=workspace, out=out, workers=workers, why="twin sweep"))


def run_key(run: str) -> str:
    """The key of a run's measures among small results."""
    return f"run {run}"


def block_of(result: Result, point: int) -> Block:
    """A run's measures as rows of a point."""
    key, numbers = run_key(result.id), result.replications
    covered = tuple(
        Covered(task_identity(key, first, last), key, point, first, last)
        for first, last in chunk_ranges(len(numbers))
    )
    values = {
        name: np.array([own.get(number, np.nan) for number in numbers]) for name, own in result.values.items()
    }
    return Block(covered, values)
