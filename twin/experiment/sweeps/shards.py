"""Shards: parts of a sweep on machines that know nothing of each other but a folder, and putting them
together.

A shard, `--shard 3/20`, writes its own slices and, at its end, its own report in `shards/`; no file that
another one writes, and no SQLite, which network file systems do not hold. Points that are to be whole runs
are left: those whose records are wanted, and steady ones whose warm-up is found on the whole record. `merge`
makes the sweep's files of what shards have left and computes nothing; `stream_sweep` does the same and
computes what is missing.
"""

from __future__ import annotations

import json
import platform
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twin.engine.choice import Choice
from twin.experiment import files
from twin.experiment.executors import Executor
from twin.experiment.made import own_version
from twin.experiment.store import workspace_at
from twin.experiment.sweeps.assembly import Outcome
from twin.experiment.sweeps.finishing import Made, finish
from twin.experiment.sweeps.folder import SweepFolder, folder_for
from twin.experiment.sweeps.left import there_in
from twin.experiment.sweeps.pilot import check_limits
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.running import Points, SweepProgress, SweepRun
from twin.experiment.sweeps.sharing import Nothing, Shared
from twin.plant.errors import InputError, Problem

FOLDER = "shards"


@dataclass(frozen=True)
class ShardReport:
    """What a shard has done: run id, key, replications and engine (with why) of its points by number, the
    points that failed and why, and those that are left because they are whole runs.
    """

    sweep: str
    shard: str
    points: Mapping[int, tuple[str | None, str | None, int, tuple[str, str] | None]]
    failed: Mapping[int, str]
    left: tuple[int, ...]
    seconds: float
    machine: str
    version: str

    @property
    def replications(self) -> int:
        """How many there are of all of its points."""
        return sum(replications for _, _, replications, _ in self.points.values())


def stream_shard(
    plan: SweepPlan,
    *,
    workspace: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
) -> Generator[SweepProgress, None, tuple[SweepFolder, ShardReport]]:
    """Compute the chosen points of a plan that has a shard; returns the sweep's folder and what was done.

    Args:
        plan: from `plan_sweep` with `shard`.
        workspace: as in `stream_sweep`; all shards have the same, or the same `out`.
        out: as in `stream_sweep`; it may hold what other shards have written.
        workers: as in `stream_sweep`.
        executor: likewise.

    Raises:
        InputError: `out` holds something else, or what is left of all shards takes longer than the limit.
    """
    place = workspace_at(workspace)
    folder = folder_for(plan, place, None if out is None else Path(out), resume=True)
    began = time.perf_counter()
    whole = plan.whole
    check_limits(whole, there_in(whole, folder, place))
    folder.begin(plan)
    run = SweepRun(plan, folder, place, folder.shelf(repair=False), Points(), Nothing())
    try:
        yield from run.rounds(workers, executor)
    finally:
        report = _report(plan, run.points, time.perf_counter() - began)
        _write(folder, report)
    return folder, report


def merge(
    plan: SweepPlan,
    *,
    workspace: str | Path | None = None,
    out: str | Path | None = None,
    who: str | None = None,
    why: str = "",
) -> SweepFolder:
    """Make the files of a sweep of what its shards have left, as far as that goes; computes nothing.

    Raises:
        InputError: there is nothing of this sweep.
    """
    place = workspace_at(workspace)
    folder = folder_for(plan, place, None if out is None else Path(out), resume=True)
    if not folder.belongs_to(plan.id):
        hint = "Run the shards first, with the same scenario, flags and version of twin."
        raise InputError([Problem(str(folder.path), 0, 0, "Nothing of this sweep lies here.", hint)])
    if folder.finished():
        return folder
    began, before = time.perf_counter(), folder.known()
    points = Points()
    run = SweepRun(plan, folder, place, folder.shelf(), points, Shared(place, folder.path))
    _take_reports(run, folder)
    run.look_up([point for point in plan.points if point.number not in points.outcomes])
    points.remember(plan, before)
    made = Made(who, why, time.perf_counter() - began, points.physics)
    finish(plan, folder, place, run.shelf, points.outcomes, made)
    return folder


def reports(folder: SweepFolder) -> Iterator[ShardReport]:
    """The reports of shards in a sweep's folder, in order; what cannot be read is passed over."""
    for path in sorted((folder.path / FOLDER).glob("*.json")):
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            points = {int(number): tuple(known) for number, known in data.pop("points").items()}
            failed = {int(number): str(why) for number, why in data.pop("failed").items()}
            yield ShardReport(**{**data, "points": points, "failed": failed, "left": tuple(data["left"])})
        except (OSError, ValueError, TypeError, KeyError):
            continue


def unfinished_shards(folder: SweepFolder, unfinished: Iterable[int]) -> list[str]:
    """The shards, such as `2/3`, to which these points belong, of as many as most reports speak of; none
    where there is no report.
    """
    counts = Counter(int(report.shard.partition("/")[2]) for report in reports(folder))
    if not counts:
        return []
    count = counts.most_common(1)[0][0]
    return [f"{shard}/{count}" for shard in sorted({(number - 1) % count + 1 for number in unfinished})]


def _take_reports(run: SweepRun, folder: SweepFolder) -> None:
    """What shards say of their points; whether their rows are there is looked at when the files are made."""
    by_number = {point.number: point for point in run.plan.points}
    for report in reports(folder):
        if report.sweep != run.plan.id:
            continue
        for number, known in report.points.items():
            if number in by_number:
                own_id, key, replications, told = known
                choice = None if told is None else Choice(*told)
                outcome = Outcome(by_number[number], own_id, key, replications, choice=choice)
                run.points.outcomes[number] = outcome
        for number, why in report.failed.items():
            if number in by_number:
                run.points.fail(by_number[number], why)


def _report(plan: SweepPlan, points: Points, seconds: float) -> ShardReport:
    known = {
        outcome.point.number: (outcome.run, outcome.key, outcome.replications, _told(outcome.choice))
        for outcome in points.outcomes.values()
        if outcome.key is not None and not outcome.error
    }
    failed = {o.point.number: o.error for o in points.outcomes.values() if o.error}
    left = tuple(point.number for point in points.as_runs)
    return ShardReport(
        plan.id, str(plan.shard), known, failed, left, round(seconds, 3), platform.node(), own_version()
    )


def _told(choice: Choice | None) -> tuple[str, str] | None:
    return None if choice is None else (choice.engine, choice.note)


def _write(folder: SweepFolder, report: ShardReport) -> None:
    number, count = (int(part) for part in report.shard.split("/"))
    path = folder.path / FOLDER / f"{number:06d}-of-{count:06d}.json"
    files.write_text(path, json.dumps(asdict(report), indent=1, ensure_ascii=False))
