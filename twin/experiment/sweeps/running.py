"""The one way to run a sweep: `stream_sweep` yields progress and returns the folder; everybody else calls it.

What lies in the folder, or in another sweep of the workspace, is not computed again. A point that cannot run
is named, and the rest goes on. Interrupting leaves everything that is finished in files that can be used, and
the same call goes on from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from twin.engine.broker import Counts
from twin.engine.choice import COMPILED
from twin.engine.simpy_engine import SimulationError
from twin.experiment import audit, files
from twin.experiment.designs import DesignPoint
from twin.experiment.executors import Adaptive, Executor, Processes, Serial, cores
from twin.experiment.locking import locked
from twin.experiment.ranges import chunk_ranges
from twin.experiment.store import Workspace, workspace_at
from twin.experiment.sweeps.assembly import Outcome
from twin.experiment.sweeps.finishing import Made, finish
from twin.experiment.sweeps.folder import FOLDER, LOCK, SweepFolder, folder_for
from twin.experiment.sweeps.left import there_in
from twin.experiment.sweeps.pilot import check_limits
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.runs import block_of, run_key, stream_point
from twin.experiment.sweeps.sharing import Nothing, Shared
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import FOLDER as SLICES
from twin.experiment.sweeps.slices import read_slices, write_slice
from twin.experiment.sweeps.tasks import SweepTask, tasks_of
from twin.experiment.sweeps.variants import Variant
from twin.experiment.sweeps.work import SweepWork, sentence_of
from twin.experiment.wanted import reached
from twin.plant.errors import InputError
from twin.plant.scenario import Run

LOOK = 0.5  # s between looks at a sweep that another process runs
AHEAD = 8  # points that are looked at together, which are no more than `Variants` keeps
FIRST_ROUND = 10  # replications of each point, where a precision is wanted


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is: replications done of all that it may need, those of them that were there already,
    and points that failed.
    """

    sweep: str
    done: int
    total: int
    found: int = 0
    failed: int = 0


@dataclass
class Points:
    """What is known of the points as they come: outcomes by number, and those that are runs."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    as_runs: list[DesignPoint] = field(default_factory=list)
    task_of: dict[str, SweepTask] = field(default_factory=dict)  # those that have no end yet
    failures: set[int] = field(default_factory=set)
    done: int = 0
    found: int = 0
    physics: Counts = field(default_factory=Counts)

    def fail(self, point: DesignPoint, message: str) -> None:
        """A point cannot be run."""
        known = self.outcomes.get(point.number, Outcome(point))
        self.outcomes[point.number] = replace(known, replications=0, error=known.error or message)
        self.failures.add(point.number)

    def remember(self, plan: SweepPlan, before: Mapping[int, tuple[str, str, int]]) -> None:
        """What an earlier attempt knew of points that this one did not come to."""
        for point in plan.points:
            if point.number in before and point.number not in self.outcomes:
                self.outcomes[point.number] = Outcome(point, *before[point.number])


def stream_sweep(
    plan: SweepPlan,
    *,
    workspace: str | Path | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    workers: int | None = None,
    executor: Executor | None = None,
    who: str | None = None,
    why: str = "",
) -> Generator[SweepProgress, None, SweepFolder]:
    """Run the plan's points, yielding progress; returns the sweep's folder. Closing the generator stops.

    Args:
        plan: from `plan_sweep`, of all points; `stream_shard` runs a shard.
        workspace: folder that holds sweeps; default `TWIN_WORKSPACE`, else the current folder.
        out: a folder to hold this sweep alone.
        resume: whether `out` may hold a part of it.
        workers: processes; default: one, or as many as there are cores where that pays.
        executor: instead of those of this machine.
        who: of the audit trail.
        why: likewise.

    Raises:
        InputError: `out` holds something else, or what is left of the sweep takes longer than its limit.
    """
    place = workspace_at(workspace)
    folder = folder_for(plan, place, None if out is None else Path(out), resume=resume)
    if folder.finished():
        audit.record(place.path, "open sweep", before=plan.id, after=plan.id, why=why, who=who)
        yield SweepProgress(plan.id, plan.replications, plan.replications, plan.replications)
        return folder
    check_limits(plan, there_in(plan, folder, place))
    folder.begin(plan)
    with (folder.path / LOCK).open("a+b") as lock:
        while not locked(lock):
            yield _elsewhere(plan, folder)
            threading.Event().wait(LOOK)
        yield from _run(plan, folder, place, workers, executor, who, why)
    return folder


def _elsewhere(plan: SweepPlan, folder: SweepFolder) -> SweepProgress:
    """How far another process is that runs the same sweep."""
    whole, _ = read_slices(folder.path)
    done = sum(each.last - each.first + 1 for slice_ in whole for each in slice_.covered)
    return SweepProgress(plan.id, min(done, plan.replications), plan.replications)


def _run(
    plan: SweepPlan,
    folder: SweepFolder,
    place: Workspace,
    workers: int | None,
    executor: Executor | None,
    who: str | None,
    why: str,
) -> Generator[SweepProgress, None, None]:
    """Run what is missing and make the files, whether or not it comes to its end."""
    if folder.finished():  # by another process, meanwhile
        return
    began = time.perf_counter()
    files.remove_leftovers(folder.path / SLICES)
    points = Points()
    before = folder.known()
    sweep = SweepRun(plan, folder, place, folder.shelf(), points, Shared(place, folder.path))
    try:
        yield from sweep.run(workers, executor)
    finally:
        sweep.shared.write()
        made = Made(who, why, time.perf_counter() - began, points.physics)
        points.remember(plan, before)
        finish(plan, folder, place, sweep.shelf, points.outcomes, made)


@dataclass
class SweepRun:
    """A sweep being run."""

    plan: SweepPlan
    folder: SweepFolder
    place: Workspace
    shelf: Shelf
    points: Points
    shared: Shared | Nothing

    def run(self, workers: int | None, executor: Executor | None) -> Generator[SweepProgress, None, None]:
        """Compute what is missing of all points."""
        yield from self.rounds(workers, executor)
        for point in self.points.as_runs:
            yield from self._as_run(point, workers)

    def rounds(self, workers: int | None, executor: Executor | None) -> Generator[SweepProgress, None, None]:
        """Compute what is missing of the points that are no runs, in rounds where a precision is wanted."""
        yield self._progress()
        left = list(self.plan.chosen)
        upto = self._first_round()
        try:
            while left:
                yield from self._round(left, upto, workers, executor)
                self.shared.write()
                self.shelf.look()
                left = [point for point in left if self._goes_on(point, upto)]
                upto *= 2
        finally:
            self._leave_open(left)

    def _leave_open(self, points: Sequence[DesignPoint]) -> None:
        """Points whose precision nobody has looked at yet are not complete before they have all."""
        for point in points if self.plan.study.scenario.run.precision is not None else ():
            outcome = self.points.outcomes.get(point.number)
            if outcome is not None and not outcome.error:
                self.points.outcomes[point.number] = replace(outcome, replications=self.plan.wanted(point))

    def look_up(self, points: Sequence[DesignPoint]) -> None:
        """Outcomes of points that others have put here, as far as they are complete."""
        self.shelf.look()
        for point in points:
            if point.number in self.shelf.points:
                variant = self.plan.variants.at(point.changes)
                key = variant.key or run_key(variant.settled.id)
                last = max(self.shelf.there(key), default=0)
                known = outcome_of(point, variant, key, last)
                self.points.outcomes[point.number] = known
                if last < variant.replications and self._goes_on(point, last):
                    self.points.outcomes[point.number] = replace(known, replications=variant.replications)

    def _first_round(self) -> int:
        return 10**9 if self.plan.study.scenario.run.precision is None else FIRST_ROUND

    def _round(
        self, points: list[DesignPoint], upto: int, workers: int | None, executor: Executor | None
    ) -> Generator[SweepProgress, None, None]:
        """Compute replications 1 to `upto`, or as many as a point wants."""
        total = sum(min(upto, self.plan.wanted(point)) for point in points)
        work = SweepWork(self.folder.path, self.plan.variants)
        chosen = executor or self._executor(points, workers)
        tasks = self._tasks(points, upto)
        for step in chosen.steps(work, tasks, total):
            self.points.done += step.replications
            for failure in step.failed:
                task = self.points.task_of.pop(failure.task)
                self.points.fail(next(p for p in points if p.number == task.point), failure.message)
            for identity in step.finished:
                self.points.task_of.pop(identity, None)
            if step.physics is not None:
                self.points.physics.add(step.physics)
            yield self._progress()
        yield self._progress()

    def _tasks(self, points: list[DesignPoint], upto: int) -> Iterator[SweepTask]:
        """What is left to compute; points are looked at some at a time, as somebody is free for them."""
        first, count = 0, 1  # one at first, so that work begins
        while first < len(points):
            yield from [t for point in points[first : first + count] for t in self._looked_at(point, upto)]
            first, count = first + count, min(2 * count, AHEAD)

    def _looked_at(self, point: DesignPoint, upto: int) -> list[SweepTask]:
        """What is left to compute of a point."""
        try:
            variant = self.plan.variants.at(point.changes)
        except InputError as error:
            self.points.fail(point, sentence_of(error))
            return []
        if variant.key is None:
            self.points.as_runs.append(point)
            self.points.outcomes[point.number] = outcome_of(point, variant)
            return []
        return self._tasks_of(point, variant, variant.key, min(upto, variant.replications))

    def _tasks_of(self, point: DesignPoint, variant: Variant, key: str, last: int) -> list[SweepTask]:
        before = self.points.outcomes.get(point.number)
        known = 0 if before is None else before.replications
        self.points.outcomes[point.number] = outcome_of(point, variant, key, last)
        there = self.shelf.there(key)
        if any(number not in there for number in range(1, last + 1)):
            there |= self.shared.take(key, point.number, set(range(1, last + 1)) - there)
        found = sum(1 for number in range(known + 1, last + 1) if number in there)
        self.points.found += found
        self.points.done += found
        tasks = tasks_of(point.number, key, point.changes, 1, last, there)
        self.points.task_of |= {task.identity: task for task in tasks}
        return tasks

    def _goes_on(self, point: DesignPoint, upto: int) -> bool:
        """Whether a point wants more replications than it has; it keeps as many as its run would."""
        outcome = self.points.outcomes[point.number]
        if outcome.error or outcome.key is None:
            return False
        scenario = self.plan.study.scenario
        if scenario.run.precision is None and not any(p.startswith("run.precision") for p in point.changes):
            return False
        run = self.plan.variants.at(point.changes).settled.run
        rows = self.shelf.rows(outcome.key, range(1, outcome.replications + 1))
        enough = _enough(run, rows, outcome.replications)
        if enough is not None:
            self.points.outcomes[point.number] = replace(outcome, replications=enough)
        return enough is None and outcome.replications < run.replications

    def _as_run(self, point: DesignPoint, workers: int | None) -> Generator[SweepProgress, None, None]:
        """A point whose records are kept, as a run folder, and its measures as rows of the sweep."""
        own = None if self.folder.path.parent == self.place.path / FOLDER else self.folder.path
        steps = stream_point(self.plan.variants, point, self.place.path, own, workers)
        before, result = self.points.done, None
        try:
            while result is None:
                try:
                    self.points.done = before + next(steps).done
                    yield self._progress()
                except StopIteration as end:
                    result = end.value
        except SimulationError as error:
            self.points.fail(point, str(error))
            return
        key, numbers = run_key(result.id), result.replications
        if not self.shelf.there(key) >= set(numbers):
            write_slice(self.folder.path, [block_of(result, point.number)])
            self.shelf.look()
        known = self.points.outcomes[point.number]
        self.points.outcomes[point.number] = replace(known, key=key, replications=len(numbers))

    def _executor(self, points: list[DesignPoint], workers: int | None) -> Executor:
        """Where points are computed: the compiled engine has threads of its own, and a GPU one owner."""
        wanted = cores(workers)
        if wanted == 1 or self.plan.variants.device == "gpu" or self._is_compiled(points):
            return Serial(wanted)
        if workers is None:
            return Adaptive(wanted)
        return Processes(wanted, max(cores() // wanted, 1))

    def _is_compiled(self, points: list[DesignPoint]) -> bool:
        """Whether the first point that can run is the compiled engine's."""
        for point in points:
            try:
                return self.plan.variants.at(point.changes).settled.choice.engine == COMPILED
            except InputError:
                continue
        return False

    def _progress(self) -> SweepProgress:
        total = self.plan.replications
        done = min(self.points.done, total)
        return SweepProgress(self.plan.id, done, total, self.points.found, len(self.points.failures))


def outcome_of(point: DesignPoint, variant: Variant, key: str | None = None, last: int = 0) -> Outcome:
    """What is to become of a point: replications 1 to `last`, in the engine of its variant."""
    settled = variant.settled
    return Outcome(point, settled.id, key, last, choice=settled.choice)


def _enough(run: Run, rows: pa.Table, replications: int) -> int | None:
    """The replications at which the run's precision is reached, looked at where its chunks end; None where
    it is not.
    """
    wanted = run.precision
    if wanted is None or wanted.measure not in rows.column_names:
        return None
    values = rows.column(wanted.measure).to_pylist()
    for _, last in chunk_ranges(replications):
        if last < run.replications and reached(values[:last], run):
            return last
    return None
