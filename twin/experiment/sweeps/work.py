"""The work of a sweep: replications folded into measures where they are computed, written some seconds at a
time.

Runs in any executor. Tasks of one point that follow each other are computed together, so that a plant is
compiled once for them; results of many points go into one slice. A point that cannot run is failed, by name.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from twin.engine.broker import Counts
from twin.engine.choice import simulate_into
from twin.engine.simpy_engine import SimulationError
from twin.experiment import emulated, files
from twin.experiment.arrays import Windows
from twin.experiment.executors import Failure, Step
from twin.experiment.folding import Folder
from twin.experiment.measures import Counted, columns_of_alike
from twin.experiment.starting import parsed
from twin.experiment.sweeps.slices import FOLDER, Block, Covered, write_slice
from twin.experiment.sweeps.tasks import SweepTask
from twin.experiment.sweeps.variants import Variant, Variants
from twin.plant.errors import InputError

SECONDS = 10.0  # of work in a slice, at least; a packet of an executor has less
EVERY = 0.1  # s between steps that say nothing but how many replications are done
OTHER_PLANT = "This computer makes another plant of it: its version of twin is another."


@dataclass(frozen=True)
class SweepWork:
    """Tasks of a sweep's points, whose slices go into its folder."""

    folder: Path
    variants: Variants

    def compute(self, tasks: Iterable[SweepTask], threads: int) -> Generator[Step, None, None]:
        """Compute tasks in their order; raises OSError where slices cannot be written."""
        desk = _Desk(self.folder)
        try:
            for _, of_point in groupby(tasks, key=lambda task: (task.point, task.key)):
                yield from self._point(desk, list(of_point), threads)
            yield from desk.flushed()
        except (GeneratorExit, KeyboardInterrupt):
            desk.write()
            raise

    def tidy(self, process: int) -> None:
        """Remove the slice that a process was writing."""
        files.remove_leftovers(self.folder / FOLDER, {process})

    def _point(self, desk: _Desk, tasks: Sequence[SweepTask], threads: int) -> Generator[Step, None, None]:
        yield Step(begun=tuple(task.identity for task in tasks))
        desk.take(tasks)
        try:
            variant = self.variants.at(tasks[0].changes)
            if variant.key != tasks[0].key:
                raise SimulationError(OTHER_PLANT)
            yield from self._replications(desk, variant, tasks, threads)
        except (SimulationError, InputError, ValueError) as error:
            yield Step(failed=tuple(Failure(lost, sentence_of(error)) for lost in desk.drop(tasks)))

    def _replications(
        self, desk: _Desk, variant: Variant, tasks: Sequence[SweepTask], threads: int
    ) -> Generator[Step, None, None]:
        settled, counts = variant.settled, Counts()
        emulated.make_ready(settled.program)
        fold = desk.begin(variant)
        start = None if settled.start is None else parsed(settled.start)
        numbers = [number for task in tasks for number in range(task.first, task.last + 1)]
        for number, end in simulate_into(
            fold,
            settled.choice.engine,
            settled.program,
            settled.run.seed,
            numbers,
            settled.device,
            start,
            counts,
            threads,
        ):
            desk.ended(number, end)
            if desk.is_silent():
                yield Step(desk.told())
                if desk.full():
                    yield from desk.flushed()
        desk.close()
        yield Step(desk.told(), physics=counts)
        if desk.full():
            yield from desk.flushed()


class _Point(NamedTuple):
    """Tasks of one point, ascending, and what was counted of their replications."""

    covered: tuple[Covered, ...]
    counted: Counted


@dataclass
class _Desk:
    """What is computed and not yet written."""

    folder: Path
    points: list[_Point] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)
    silent: int = 0  # replications that nobody was told of
    heard: float = -math.inf  # when somebody was
    ends: dict[int, int] = field(default_factory=dict)
    open: list[SweepTask] = field(default_factory=list)
    variant: Variant | None = None
    fold: Folder | None = None

    def take(self, tasks: Sequence[SweepTask]) -> None:
        """A point's tasks are computed from now on."""
        self.open, self.ends, self.fold = list(tasks), {}, None

    def begin(self, variant: Variant) -> Folder:
        """What folds the replications of the point at hand."""
        self.variant, self.fold = variant, Folder(variant.settled.program, variant.window)
        return self.fold

    def ended(self, replication: int, end: int) -> None:
        """A replication has ended."""
        self.ends[replication] = end
        self.silent += 1

    def is_silent(self) -> bool:
        """Whether it is time to tell how many have ended: each by itself would take as long as a small one
        takes to run.
        """
        return time.monotonic() - self.heard > EVERY

    def told(self) -> int:
        """How many have ended since somebody was told."""
        silent, self.silent, self.heard = self.silent, 0, time.monotonic()
        return silent

    def full(self) -> bool:
        """Whether it is time for a slice."""
        return time.monotonic() - self.since > SECONDS

    def close(self) -> None:
        """Count the tasks of the point at hand that are complete."""
        done = [task for task in self.open if all(n in self.ends for n in range(task.first, task.last + 1))]
        if not done or self.fold is None or self.variant is None:
            return
        done.sort(key=lambda task: task.first)  # a slice's tasks stand as its rows do
        numbers = [number for task in done for number in range(task.first, task.last + 1)]
        windows = Windows.of({n: (self.variant.window, self.ends.pop(n)) for n in numbers})
        counted = Counted(self.fold.taken(numbers), windows, self.variant.charges)
        covered = tuple(Covered(t.identity, t.key, t.point, t.first, t.last) for t in done)
        self.points.append(_Point(covered, counted))
        self.open = [task for task in self.open if task not in done]

    def drop(self, tasks: Sequence[SweepTask]) -> list[str]:
        """Forget what is not written of a point that failed; the tasks that are lost."""
        own = {task.identity for task in tasks}
        lost = [task.identity for task in self.open]
        lost += [each.task for point in self.points for each in point.covered if each.task in own]
        self.points = [p for p in self.points if all(each.task not in own for each in p.covered)]
        self.open, self.fold = [], None
        return lost

    def flushed(self) -> Generator[Step, None, None]:
        """Write a slice, and say which tasks are finished by it."""
        finished = self.write()
        if finished:
            yield Step(finished=finished)

    def write(self) -> tuple[str, ...]:
        """Measure and write what is complete as a slice; the tasks in it."""
        self.close()
        points, self.points, self.since = self.points, [], time.monotonic()
        if not points:
            return ()
        measured = columns_of_alike([point.counted for point in points])
        write_slice(self.folder, [Block(_covered(points[k] for k in places), of) for places, of in measured])
        return tuple(each.task for each in _covered(points))


def _covered(points: Iterable[_Point]) -> tuple[Covered, ...]:
    return tuple(each for point in points for each in point.covered)


def sentence_of(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, InputError):
        return " ".join(f"{problem.message}" for problem in error.problems)
    return str(error)
