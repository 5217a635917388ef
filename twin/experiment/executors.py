"""Ways to compute chunks, of one shape: here and now, or in a pool of processes. The caller decides what to
compute.

An executor takes chunk tasks and yields a `Step` whenever something is done. Chunks are written where they
are computed, so that no record crosses a process border. Replications that wait for physics are computed side
by side, across the chunks of a run. Closing the iterator stops the work; finished chunks stay.
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
from itertools import groupby
from pathlib import Path
from typing import Protocol

from twin.engine.broker import Counts
from twin.engine.choice import simulate_all, simulate_into
from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError
from twin.engine.simpy_engine.memory import MOST_ALIVE
from twin.experiment import files
from twin.experiment.folding import Folder
from twin.experiment.starting import parsed
from twin.experiment.store import Chunk, Kept, RunFolder
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
    engine: str = field(default="simpy", compare=False)


@dataclass(frozen=True)
class ChunkTask:
    """A range of replications to compute, and the run's folder to put it in."""

    computation: Computation
    folder: Path
    identity: str
    first: int
    last: int
    kept: Kept = "full"
    folded_from: int = 0  # ns, where it is folded


@dataclass(frozen=True)
class Step:
    """Progress: replications done since the last step, the chunk if one is finished, and how often physics
    was asked for what is done since.
    """

    replications: int
    chunk: Chunk | None = None
    physics: Counts | None = None


class Executor(Protocol):
    """Computes chunk tasks in any order."""

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks, yielding as they come along."""
        ...


@dataclass(frozen=True)
class Serial:
    """Computes in this process, one replication after another or side by side; the compiled engine in
    `threads`, as many as there are cores where none is given.
    """

    threads: int | None = None

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks, begun in their order; yields at each replication."""
        for _, of_one in groupby(tasks, key=lambda task: (task.computation, task.folder, task.kept)):
            yield from _compute(list(of_one), self.threads)


@dataclass(frozen=True)
class Pool:
    """Computes in several spawned processes, each ending with this one; yields at each chunk.

    A process takes a chunk at a time, or several of them where replications wait for physics together.
    """

    workers: int

    def steps(self, tasks: Sequence[ChunkTask]) -> Iterator[Step]:
        """Compute all tasks; yields in the order in which they finish."""
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(self.workers, len(tasks)), context, initializer=_end_with_parent)
        shares = _shares(tasks, self.workers)
        complete = False
        try:
            for future in as_completed([pool.submit(_whole_chunks, share) for share in shares]):
                chunks, physics = future.result()
                for chunk in chunks:
                    yield Step(chunk.last - chunk.first + 1, chunk)
                yield Step(0, None, physics)
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


def _compute(tasks: Sequence[ChunkTask], threads: int | None = None) -> Iterator[Step]:
    """Compute the chunks of one run, of one kind, each written as soon as all of its replications have
    ended.
    """
    return _recorded(tasks, threads) if tasks[0].kept == "full" else _folded(tasks, threads)


def _folded(tasks: Sequence[ChunkTask], threads: int | None) -> Iterator[Step]:
    of, folder = tasks[0].computation, RunFolder(tasks[0].folder)
    start, counts = None if of.start is None else parsed(of.start), Counts()
    task_of = {number: task for task in tasks for number in range(task.first, task.last + 1)}
    program = program_of(of)
    folder_of = Folder(program, tasks[0].folded_from)
    ends: dict[int, int] = {}
    for number, end in simulate_into(
        folder_of, of.engine, program, of.run.seed, list(task_of), of.device, start, counts, threads
    ):
        ends[number] = end
        yield Step(1)
        task = task_of[number]
        own = range(task.first, task.last + 1)
        if all(each in ends for each in own):
            sums = folder_of.taken(own)
            horizons = {each: ends.pop(each) for each in own}
            written = folder.write_folded(
                task.identity, task.first, task.last, horizons, sums, task.folded_from
            )
            yield Step(0, written)
    yield Step(0, None, counts)


def _recorded(tasks: Sequence[ChunkTask], threads: int | None) -> Iterator[Step]:
    of, folder = tasks[0].computation, RunFolder(tasks[0].folder)
    start, counts = None if of.start is None else parsed(of.start), Counts()
    task_of = {number: task for task in tasks for number in range(task.first, task.last + 1)}
    ended: dict[int, Record] = {}
    replications = list(task_of)
    for number, record in simulate_all(
        of.engine, program_of(of), of.run.seed, replications, of.device, start, counts, threads
    ):
        ended[number] = record
        yield Step(1)
        task = task_of[number]
        own = range(task.first, task.last + 1)
        if all(each in ended for each in own):
            records = [ended.pop(each) for each in own]
            yield Step(0, folder.write_chunk(task.identity, task.first, task.last, records))
    yield Step(0, None, counts)


def _whole_chunks(tasks: Sequence[ChunkTask]) -> tuple[list[Chunk], Counts]:
    steps = list(_compute(tasks, 1))
    counts = steps[-1].physics
    assert counts is not None
    return [step.chunk for step in steps if step.chunk is not None], counts


def _shares(tasks: Sequence[ChunkTask], workers: int) -> list[list[ChunkTask]]:
    """What a process takes at a time: one chunk; where there is physics, chunks of one run with as many
    replications as are computed side by side, or fewer where that leaves processes idle.
    """
    shares: list[list[ChunkTask]] = []
    enough = min(MOST_ALIVE, -(-sum(t.last - t.first + 1 for t in tasks) // (2 * workers)))
    left = 0
    for task in tasks:
        own = shares[-1][0] if shares else task
        same = (own.computation, own.folder, own.kept) == (task.computation, task.folder, task.kept)
        if left > 0 and same and _has_physics(task.computation):
            shares[-1].append(task)
        else:
            shares.append([task])
            left = enough
        left -= task.last - task.first + 1
    return shares


def _has_physics(of: Computation) -> bool:
    return any(op.physics for recipe in of.plant.recipes.values() for op in recipe.operations.values())


@lru_cache(maxsize=4)
def program_of(computation: Computation) -> Program:
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
