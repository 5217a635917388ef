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
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.engine.choice import Choice
from twin.engine.columns import column, numbers, texts
from twin.experiment import files
from twin.experiment.catalogue import MEASURES, describe
from twin.experiment.designs import DesignPoint
from twin.experiment.lot_measures import WINDOW
from twin.experiment.ranges import chunk_ranges
from twin.experiment.sweeps.absent import is_zero_where_absent
from twin.experiment.sweeps.folder import POINTS, RESULTS, TASKS, SweepFolder
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import OF_A_ROW, REPLICATION, Covered
from twin.experiment.sweeps.tasks import task_identity
from twin.plant.axes import numbers_of

ROWS = 20_000  # of a file of results; the point that fills it is its last


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

    places = range(1, len(batches) + 1)
    names = _measures(map(raw, places), patterns)
    written: dict[str, str] = {}
    tasks: list[tuple[Covered, int]] = []
    for number, batch in zip(places, batches, strict=True):
        covered = [task for outcome in batch for task in _tasks(outcome)]
        table = _rows(raw(number), batch, covered, names)
        written[f"{RESULTS}/{number:05d}.parquet"] = _put(folder.result(number), table)
        tasks += [(task, number) for task in covered]
    written[TASKS] = _put(folder.path / TASKS, _tasks_table(tasks))
    written[POINTS] = _put(folder.path / POINTS, points_table(outcomes))
    return written, names


def _tasks_table(tasks: Sequence[tuple[Covered, int]]) -> pa.Table:
    """One row for each task, with the number of the file that holds it."""
    places = np.array([(t.point, t.first, t.last, file) for t, file in tasks], dtype=np.int32).reshape(-1, 4)
    return pa.table(
        [
            texts([task.task for task, _ in tasks]),
            texts([task.key for task, _ in tasks]),
            *(column(each) for each in places.T),
        ],
        names=["task", "key", "point", "first", "last", "file"],
    )


def points_table(outcomes: Sequence[Outcome]) -> pa.Table:
    """One row for each point: its number, label, run, axes and changes."""
    axes = list(outcomes[0].point.changes) if outcomes else []
    columns: dict[str, pa.Array] = {
        "point": column(np.array([outcome.point.number for outcome in outcomes], dtype=np.int32)),
        "label": texts([outcome.point.label for outcome in outcomes]),
        "run": encoded([outcome.run for outcome in outcomes]).dictionary_decode(),
    }
    for axis in axes:
        columns[axis] = axis_column([outcome.point.changes[axis] for outcome in outcomes])
    changes = [json.dumps(outcome.point.changes, ensure_ascii=False, default=str) for outcome in outcomes]
    return pa.table({**columns, "changes": texts(changes)})


def axis_column(values: Sequence[object]) -> pa.Array:
    """Values of an axis: numbers (SI where they have units) where all are, else texts.

    >>> axis_column(["2 min", "1 h"]).to_pylist(), axis_column([1, "two"]).to_pylist()
    ([120.0, 3600.0], ['1', 'two'])
    """
    found = numbers_of(values)
    if found is None:
        return texts([value if isinstance(value, str) else json.dumps(value) for value in values])
    whole = all(isinstance(value, int) for value in values)
    return column(np.array(values if whole else found[0], dtype=np.int64 if whole else np.float64))


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
    of_tasks = np.repeat(np.arange(len(tasks), dtype=np.int32), [t.last - t.first + 1 for t in tasks])
    columns = [
        column(np.repeat(np.array([o.point.number for o in batch], dtype=np.int32), sizes)),
        pa.DictionaryArray.from_arrays(column(of_tasks), texts([task.task for task in tasks])),
        raw.column(REPLICATION),
    ]
    known, starts = set(raw.column_names), np.cumsum([0, *sizes[:-1]])
    for name in names:
        values = raw.column(name) if name in known else pa.nulls(len(raw), pa.float64())
        columns.append(filled(name, values, starts))
    return pa.table(columns, names=[*OF_A_ROW, *names])


def filled(name: str, values: pa.ChunkedArray, starts: NDArray[np.int64]) -> pa.ChunkedArray:
    """A measure of points that begin at rows `starts`, with 0 where nothing of it occurred in a replication
    of a point that has it.
    """
    if not values.null_count or not is_zero_where_absent(name):
        return values
    known = numbers(values, np.nan)
    there = ~np.isnan(known)
    has = np.repeat(np.logical_or.reduceat(there, starts), np.diff(starts, append=len(known)))
    return pa.chunked_array([column(np.where(there, known, 0.0), ~has)])


def _tasks(outcome: Outcome) -> list[Covered]:
    """A point's tasks as a sweep that nobody interrupted has them."""
    key = str(outcome.key)
    return [
        Covered(task_identity(key, first, last), key, outcome.point.number, first, last)
        for first, last in chunk_ranges(outcome.replications)
    ]


def encoded(names: Sequence[str | None]) -> pa.DictionaryArray:
    """Names as an Arrow array, each of them kept once.

    >>> encoded(["a", None, "a"]).to_pylist(), encoded(["a", None, "a"]).dictionary.to_pylist()
    (['a', None, 'a'], ['a'])
    """
    code = {name: k for k, name in enumerate(dict.fromkeys(name for name in names if name is not None))}
    codes = np.array([-1 if name is None else code[name] for name in names], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(column(codes, codes < 0), texts(list(code)))


def _put(path: Path, table: pa.Table) -> str:
    """Write a table as Parquet whose bytes depend on the table alone; the file's SHA-256."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.combine_chunks(),
        sink,
        version="2.6",
        compression="zstd",
        compression_level=3,
        use_dictionary=[name for name in ("task", "key", "label") if name in table.column_names],
    )
    data = sink.getvalue().to_pybytes()
    files.write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()
