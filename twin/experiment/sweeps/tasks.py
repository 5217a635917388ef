"""Replications of a point cut into tasks, and the hash that each is known by. Pure.

The ranges are those of a run's chunks, so that a point stops at a wanted precision where the run would. Of a
range some replications may be there already; the rest is then a task of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from twin.experiment.executors import Task
from twin.experiment.ranges import chunk_ranges


@dataclass(frozen=True)
class SweepTask(Task):
    """Replications of one point; `key` is the hash of what all of its replications compute."""

    point: int = 0
    key: str = ""
    changes: Mapping[str, object] = field(default_factory=dict, compare=False)


def task_identity(key: str, first: int, last: int) -> str:
    """Hash of a range of replications, both ends included: `digest` of its canonical JSON, written out
    because a point has a dozen of them. A key has nothing in it that JSON would write otherwise.

    >>> from twin.experiment.identity import digest
    >>> task_identity("k", 1, 2) == digest({"of": "k", "first": 1, "last": 2})
    True
    """
    return hashlib.sha256(f'{{"first":{first},"last":{last},"of":"{key}"}}'.encode()).hexdigest()


def missing_ranges(first: int, last: int, there: Collection[int]) -> Iterator[tuple[int, int]]:
    """The ranges that contain replications `first` to `last`, as far as they are not there.

    A range is computed to its end, up to `last` where it is the last one.

    >>> list(missing_ranges(1, 5, {3}))
    [(1, 2), (4, 4), (5, 5)]
    """
    for begin, end in chunk_ranges(last):
        if end < first:
            continue
        run: list[int] = []
        for number in range(begin, end + 2):
            if number <= end and number not in there:
                run.append(number)
            elif run:
                yield run[0], run[-1]
                run = []


def tasks_of(
    point: int, key: str, changes: Mapping[str, object], first: int, last: int, there: Collection[int]
) -> list[SweepTask]:
    """The tasks that are left of a point's replications `first` to `last`."""
    return [
        SweepTask(task_identity(key, begin, end), begin, end, point, key, changes)
        for begin, end in missing_ranges(first, last, there)
    ]
