"""Chunks of a run computed: the work that `run.py` hands to an executor.

A chunk is written where it is computed, so that no record crosses a process border. Replications that wait
for physics are computed side by side, across the chunks of a run. What fails fails the run.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from twin.engine.broker import Counts
from twin.engine.choice import simulate_all, simulate_into
from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError
from twin.experiment import files
from twin.experiment.executors import Step, Task
from twin.experiment.folding import Folder
from twin.experiment.starting import parsed
from twin.experiment.store import Kept, RunFolder
from twin.physics.backend import Device
from twin.plant.scenario import Run
from twin.plant.schema import Plant

__all__ = ["ChunkTask", "ChunkWork", "Computation", "SimulationError", "program_of"]


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
class ChunkTask(Task):
    """A chunk to compute, and what is kept of it."""

    kept: Kept = "full"
    folded_from: int = 0  # ns, where it is folded


@dataclass(frozen=True)
class ChunkWork:
    """The chunks of one run, put in its folder."""

    computation: Computation
    folder: Path

    def compute(self, tasks: Iterable[ChunkTask], threads: int) -> Generator[Step, None, None]:
        """Compute chunks, each written as soon as all of its replications have ended; raises
        SimulationError.
        """
        for kept, of_one_kind in groupby(tasks, key=lambda task: task.kept):
            part = list(of_one_kind)
            yield Step(begun=tuple(task.identity for task in part))
            yield from self._recorded(part, threads) if kept == "full" else self._folded(part, threads)

    def tidy(self, process: int) -> None:
        """Remove the chunk that a process was writing."""
        files.remove_leftovers(self.folder / "chunks", {process})

    def _folded(self, tasks: Sequence[ChunkTask], threads: int) -> Iterator[Step]:
        of, folder = self.computation, RunFolder(self.folder)
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
                folder.write_folded(task.identity, task.first, task.last, horizons, sums, task.folded_from)
                yield Step(finished=(task.identity,))
        yield Step(physics=counts)

    def _recorded(self, tasks: Sequence[ChunkTask], threads: int) -> Iterator[Step]:
        of, folder = self.computation, RunFolder(self.folder)
        start, counts = None if of.start is None else parsed(of.start), Counts()
        task_of = {number: task for task in tasks for number in range(task.first, task.last + 1)}
        ended: dict[int, Record] = {}
        for number, record in simulate_all(
            of.engine, program_of(of), of.run.seed, list(task_of), of.device, start, counts, threads
        ):
            ended[number] = record
            yield Step(1)
            task = task_of[number]
            own = range(task.first, task.last + 1)
            if all(each in ended for each in own):
                records = [ended.pop(each) for each in own]
                folder.write_chunk(task.identity, task.first, task.last, records)
                yield Step(finished=(task.identity,))
        yield Step(physics=counts)


@lru_cache(maxsize=4)
def program_of(computation: Computation) -> Program:
    """The compiled plant, once for each process."""
    return compile_program(computation.plant, computation.run)
