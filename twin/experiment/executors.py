"""Ways to compute chunks, of one shape: here and now, or in a pool of processes. The caller decides what to
compute.

An executor takes chunk tasks and yields a `Step` whenever something is done. Chunks are written where they
are computed, so that no record crosses a process border. Closing the iterator stops the work; finished chunks
stay.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError, simulate
from twin.experiment import files
from twin.experiment.starting import parsed
from twin.experiment.store import Chunk, RunFolder
from twin.physics.backend import Device
from twin.plant.scenario import Run
from twin.plant.schema import Plant

__all__ = ["ChunkTask", "Computation", "Executor", "Pool", "Serial", "SimulationError", "Step"]


@dataclass(frozen=True)
class Computation:
    """What all chunks of a run compute; `batch` is its identity, by which computations are told apart."""

    batch: str
    plant: Plant = field(compare=False)
    run: Run = field(compare=False)
    device: Device = "cpu"
    start: str | None = field(default=None, compare=False)  # text of a snapshot


@dataclass(frozen=True)
class ChunkTask:
    """A range of replications to compute, and the run's folder to put it in."""

    computation: Computation
    folder: Path
    identity: str
    first: int
    last: int


@dataclass(frozen=True)
class Step:
    """Progress: replications done since the last step, and the chunk if one is finished."""

    replications: int
    chunk: Chunk | None = None


class Executor(Protocol):
    """Computes chunk tasks in any order."""

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks, yielding as they come along."""
        ...


class Serial:
    """Computes in this process, one replication after another."""

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks in their order; yields at each replication."""
        for task in tasks:
            yield from _compute(task)


@dataclass(frozen=True)
class Pool:
    """Computes in several spawned processes, each ending with this one; yields at each chunk."""

    workers: int

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks; yields in the order in which they finish."""
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(self.workers, len(tasks)), context, initializer=_end_with_parent)
        complete = False
        try:
            for future in as_completed([pool.submit(_whole_chunk, task) for task in tasks]):
                chunk = future.result()
                yield Step(chunk.last - chunk.first + 1, chunk)
            complete = True
        finally:
            children = [] if complete else list(multiprocessing.active_children())
            pool.shutdown(wait=complete, cancel_futures=True)
            for child in children:
                child.terminate()
            for child in children:
                child.join()
            for folder in {task.folder for task in tasks}:
                files.remove_leftovers(folder / "chunks", {child.pid for child in children if child.pid})


def _compute(task: ChunkTask) -> Iterator[Step]:
    of = task.computation
    program, start = _program(of), None if of.start is None else parsed(of.start)
    records: list[Record] = []
    for replication in range(task.first, task.last + 1):
        records.append(simulate(program, of.run.seed, replication, of.device, start))
        yield Step(1)
    chunk = RunFolder(task.folder).write_chunk(task.identity, task.first, task.last, records)
    yield Step(0, chunk)


def _whole_chunk(task: ChunkTask) -> Chunk:
    for step in _compute(task):
        if step.chunk is not None:
            return step.chunk
    raise AssertionError("A chunk's computation ends with the chunk.")


@lru_cache(maxsize=4)
def _program(computation: Computation) -> Program:
    """The compiled plant, once for each process."""
    return compile_program(computation.plant, computation.run)


def _end_with_parent() -> None:
    """Leave interrupts to the parent, and end when it does, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
