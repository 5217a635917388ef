"""A scenario's sweep as runs: every point is prepared before anything runs, then run by `stream` like
any other.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twin.experiment.designs import points_of
from twin.experiment.prepare import Prepared, Source, open_study, prepare
from twin.experiment.results import Result
from twin.experiment.run import Progress, stream
from twin.plant.errors import InputError, Problem


@dataclass(frozen=True)
class Point:
    """A point of a sweep: what is changed there, and the run that it is."""

    label: str
    changes: dict[str, object]
    prepared: Prepared


def plan(
    source: Source,
    changes: Mapping[str, object] | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    shard: str | None = None,
    workspace: str | Path | None = None,
) -> list[Point]:
    """Prepare every point of a scenario's sweep, or those of one shard.

    Args:
        source: the scenario.
        changes: as in `prepare`, on top of each point.
        replications: instead of the scenario's.
        seed: instead of the scenario's.
        shard: `I/N`: points I, I + N, I + 2N, … counted from 1.
        workspace: a folder in which the scenario's plant may lie.

    Raises:
        InputError: the input is wrong anywhere, or the scenario has no sweep.
    """
    study = open_study(source, changes, workspace)
    if study.scenario.sweep is None:
        hint = f"Run it with `twin run {study.source}`."
        raise InputError([Problem(study.source, 0, 0, "There is nothing to sweep over: no `sweep`.", hint)])
    points = islice(points_of(study.scenario.sweep), *_shard(shard))
    return [
        Point(
            point.label, point.changes, prepare(study.at(point.changes), replications=replications, seed=seed)
        )
        for point in points
    ]


def sweep_points(
    points: Sequence[Point],
    *,
    workspace: str | Path | None = None,
    out: Path | None = None,
    workers: int | None = None,
) -> Iterator[tuple[Point, Generator[Progress, None, Result]]]:
    """Each point with the stream that runs it; one that is finished comes at once."""
    for point in points:
        folder = None if out is None else out / point.prepared.id
        yield (
            point,
            stream(point.prepared, workspace=workspace, out=folder, workers=workers, why="twin sweep"),
        )


def check_out_empty(out: Path | None) -> None:
    """Raise InputError where the folder for a new sweep holds something."""
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        hint = "Give an empty or a new folder, or go on in this one with `--resume`."
        raise InputError([Problem(str(out), 0, 0, "This folder is not empty.", hint)])


def _shard(text: str | None) -> tuple[int, None, int]:
    if text is None:
        return 0, None, 1
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError([Problem("--shard", 0, 0, f"`{text}` is no shard.", "Write `1/4` to `4/4`.")])
    return int(match[1]) - 1, None, int(match[2])
