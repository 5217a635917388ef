"""The files that stay of a sweep, made of what lies on the shelf: results, tasks and points, in order.

They follow from the plan and from what its tasks compute, and not from how the work was cut, interrupted or
shared: rows in order of point and replication, measures in the order of the catalogue, as many points to a
file as it takes to fill it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twin.engine.choice import Choice
from twin.experiment import files
from twin.experiment.catalogue import MEASURES, describe
from twin.experiment.designs import DesignPoint
from twin.experiment.lot_measures import WINDOW
from twin.experiment.ranges import chunk_ranges
from twin.experiment.sweeps.absent import is_zero_where_absent
from twin.experiment.sweeps.folder import POINTS, RESULTS, TASKS, SweepFolder
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import OF_A_ROW, REPLICATION, Covered, parquet_bytes
from twin.experiment.sweeps.tasks import task_identity
from twin.plant.axes import numbers_of

ROWS = 20_000  # of a file of results; the point that fills it is its last

_TASK_FIELDS = [
    ("task", pa.string()),
    ("key", pa.string()),
    ("point", pa.int32()),
    ("first", pa.int32()),
    ("last", pa.int32()),
    ("file", pa.int32()),
]


@dataclass(frozen=True)
class Outcome:
    """What became of a point: its run's id, its key and how many replications it has; or why it has none.
    `choice` is the engine that runs it, and why.
    """

    point: DesignPoint
    run: str | None = None
    key: str | None = None
    replications: int = 0
    error: str = ""
    choice: Choice | None = None


def assemble(
    folder: SweepFolder, outcomes: Sequence[Outcome], shelf: Shelf, patterns: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Write the files of a sweep; their names with their SHA-256, and the names of the measures.

    Args:
        folder: of the sweep.
        outcomes: of its points, in order; those without replications have no rows.
        shelf: with all of their replications.
        patterns: of the measures that are kept; none: all.
    """
    batches = list(_batches([outcome for outcome in outcomes if outcome.replications]))

    @lru_cache(maxsize=1)  # of a sweep that fits one file the rows are read once
    def raw(number: int) -> pa.Table:
        return _raw(batches[number - 1], shelf)

    numbers = range(1, len(batches) + 1)
    names = _measures(map(raw, numbers), patterns)
    written: dict[str, str] = {}
    tasks: list[dict[str, object]] = []
    for number, batch in zip(numbers, batches, strict=True):
        covered = [task for outcome in batch for task in _tasks(outcome)]
        table = _rows(raw(number), batch, covered, names)
        written[f"{RESULTS}/{number:05d}.parquet"] = _put(folder.result(number), table)
        tasks += [{**vars(task), "file": number} for task in covered]
    columns = {name: [task[name] for task in tasks] for name, _ in _TASK_FIELDS}
    written[TASKS] = _put(folder.path / TASKS, pa.table(columns, schema=pa.schema(_TASK_FIELDS)))
    written[POINTS] = _put(folder.path / POINTS, points_table(outcomes))
    return written, names


def points_table(outcomes: Sequence[Outcome]) -> pa.Table:
    """One row for each point: its number, label, run, axes and changes."""
    axes = list(outcomes[0].point.changes) if outcomes else []
    columns: dict[str, pa.Array] = {
        "point": pa.array([outcome.point.number for outcome in outcomes], pa.int32()),
        "label": pa.array([outcome.point.label for outcome in outcomes], pa.string()),
        "run": pa.array([outcome.run for outcome in outcomes], pa.string()),
    }
    for axis in axes:
        columns[axis] = axis_column([outcome.point.changes[axis] for outcome in outcomes])
    texts = [json.dumps(outcome.point.changes, ensure_ascii=False, default=str) for outcome in outcomes]
    return pa.table({**columns, "changes": pa.array(texts, pa.string())})


def axis_column(values: Sequence[object]) -> pa.Array:
    """Values of an axis: numbers (SI where they have units) where all are, else texts.

    >>> axis_column(["2 min", "1 h"]).to_pylist(), axis_column([1, "two"]).to_pylist()
    ([120.0, 3600.0], ['1', 'two'])
    """
    numbers = numbers_of(values)
    if numbers is None:
        return pa.array([value if isinstance(value, str) else json.dumps(value) for value in values])
    if all(isinstance(value, int) for value in values):
        return pa.array(values, pa.int64())
    return pa.array(numbers[0], pa.float64())


def _batches(outcomes: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """Points that share a file."""
    batch: list[Outcome] = []
    rows = 0
    for outcome in outcomes:
        batch.append(outcome)
        rows += outcome.replications
        if rows >= ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _measures(tables: Iterable[pa.Table], patterns: Sequence[str]) -> list[str]:
    """Measures that have a value anywhere, in the order of the catalogue, then by name; the length of the
    window whatever is asked for, as rates of what is counted are over it.
    """
    found: set[str] = set()
    for table in tables:
        columns = zip(table.column_names, table.columns, strict=True)
        found |= {name for name, column in columns if name not in found and column.null_count < len(table)}
    found.discard(REPLICATION)
    wanted = (*patterns, WINDOW) if patterns else ("*",)
    kept = [n for n in found if any(fnmatchcase(n, pattern) for pattern in wanted)]
    return sorted(kept, key=lambda name: (MEASURES.index(describe(name)), name))


def _raw(batch: Sequence[Outcome], shelf: Shelf) -> pa.Table:
    return shelf.table(
        stretch
        for outcome in batch
        for stretch in shelf.stretches(str(outcome.key), range(1, outcome.replications + 1))
    )


def _rows(
    raw: pa.Table, batch: Sequence[Outcome], tasks: Sequence[Covered], names: Sequence[str]
) -> pa.Table:
    """The rows of points: all measures of the sweep, 0 where nothing occurred of one that a point has."""
    sizes = [outcome.replications for outcome in batch]
    columns = [
        pa.array(np.repeat([outcome.point.number for outcome in batch], sizes), pa.int32()),
        pa.array(np.repeat([t.task for t in tasks], [t.last - t.first + 1 for t in tasks]), pa.string()),
        raw.column(REPLICATION),
    ]
    known, starts = set(raw.column_names), np.cumsum([0, *sizes[:-1]])
    for name in names:
        column = raw.column(name) if name in known else pa.nulls(len(raw), pa.float64())
        columns.append(filled(name, column, starts))
    return pa.table(columns, names=[*OF_A_ROW, *names])


def filled(name: str, column: pa.ChunkedArray, starts: NDArray[np.int64]) -> pa.ChunkedArray:
    """A measure of points that begin at rows `starts`, with 0 where nothing of it occurred in a replication
    of a point that has it.
    """
    if not column.null_count or not is_zero_where_absent(name):
        return column
    values = column.to_numpy()
    there = ~np.isnan(values)
    sizes = np.diff(starts, append=len(values))
    has = np.repeat(np.logical_or.reduceat(there, starts), sizes)
    return pa.chunked_array([pa.array(np.where(there, values, 0.0), pa.float64(), mask=~has)])


def _tasks(outcome: Outcome) -> list[Covered]:
    """A point's tasks as a sweep that nobody interrupted has them."""
    key = str(outcome.key)
    return [
        Covered(task_identity(key, first, last), key, outcome.point.number, first, last)
        for first, last in chunk_ranges(outcome.replications)
    ]


def _put(path: Path, table: pa.Table) -> str:
    """Write a table; the file's SHA-256."""
    data = parquet_bytes(_with_dictionary(table.combine_chunks()))
    files.write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()


def _with_dictionary(table: pa.Table) -> pa.Table:
    """With the task as a dictionary, where it stands beside measures."""
    if "replication" not in table.column_names:
        return table
    at = table.column_names.index("task")
    return table.set_column(at, "task", table.column("task").dictionary_encode())
