"""What a sweep's folder holds already, by key: the replications that are there, and their rows.

Reads slices, and where the sweep was finished its results; a file that is not what its checksum says is
named, and what it held counts as missing.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.engine.columns import column, numbers
from twin.experiment.ranges import as_ranges
from twin.experiment.sweeps.slices import (
    OF_A_ROW,
    REPLICATION,
    SUFFIX,
    Slice,
    paths_of,
    read_rows,
    read_slice,
    read_slices,
)

OPEN = 8  # files whose tables are kept in memory


@dataclass(frozen=True)
class _Place:
    """Where the rows of some replications of a key lie."""

    path: Path
    offset: int
    first: int
    last: int


@dataclass(frozen=True)
class Stretch:
    """Rows of a file that follow each other."""

    path: Path
    offset: int
    rows: int


class _Rows(NamedTuple):
    """Rows of a file as numbers: a table of a thousand columns takes a megabyte, however few its rows."""

    replications: NDArray[np.int32]
    names: tuple[str, ...]
    values: NDArray[np.float64]  # (rows, names), NaN where there is none


class Shelf:
    """The small results of one folder."""

    def __init__(self, folder: Path, results: Sequence[Slice] = (), *, repair: bool = True) -> None:
        """`results` are the files of a sweep that was finished, as far as they are whole; damaged slices are
        removed where they are to be repaired.
        """
        self.folder, self._repair = folder, repair
        self._places: defaultdict[str, list[_Place]] = defaultdict(list)
        self._known: set[Path] = set()
        self._open: OrderedDict[Path, pa.Table] = OrderedDict()
        self.points: set[int] = set()
        self.damaged: list[Path] = []
        for each in results:
            self._add(each)
        self.look()

    def look(self) -> None:
        """Take in the slices that were not known."""
        names = set(paths_of(self.folder))
        if names <= self._known:
            return
        if not self._known:
            whole, damaged = read_slices(self.folder)
            self.damaged += damaged
            for path in damaged if self._repair else ():
                path.unlink(missing_ok=True)
        else:
            whole = [read_slice(path) for path in sorted(names - self._known)]
        for each in whole:
            self._add(each)

    def there(self, key: str) -> set[int]:
        """Numbers of the replications of a key that are there."""
        places = self._places.get(key, ())
        return {number for place in places for number in range(place.first, place.last + 1)}

    @property
    def keys(self) -> list[str]:
        """All keys of which there is something."""
        return list(self._places)

    def rows(self, key: str, numbers: Iterable[int]) -> pa.Table:
        """`replication` and the measures of these replications of a key, in order, without measures that have
        no value; raises KeyError where one is missing.
        """
        return _valued(self.table(self.stretches(key, numbers)))

    def stretches(self, key: str, numbers: Iterable[int]) -> list[Stretch]:
        """Where the rows of these replications of a key lie, in order; raises KeyError where one is
        missing.
        """
        wanted = set(numbers)
        found: list[tuple[int, Stretch]] = []
        for place in self._places.get(key, ()):
            own = [number for number in range(place.first, place.last + 1) if number in wanted]
            wanted -= set(own)
            for begin, end in as_ranges(own):
                offset = place.offset + begin - place.first
                found.append((begin, Stretch(place.path, offset, end - begin + 1)))
        if wanted:
            raise KeyError((key, min(wanted)))
        return [stretch for _, stretch in sorted(found, key=lambda each: each[0])]

    def table(self, stretches: Iterable[Stretch]) -> pa.Table:
        """`replication` and all measures of rows, one stretch after the other."""
        return _as_one([_rows_of(self._table(each.path), each) for each in _joined(stretches)])

    def _add(self, found: Slice) -> None:
        self._known.add(found.path)
        offset = 0
        for each in found.covered:
            self._places[each.key].append(_Place(found.path, offset, each.first, each.last))
            self.points.add(each.point)
            offset += each.last - each.first + 1

    def _table(self, path: Path) -> pa.Table:
        table = self._open.pop(path, None)
        if table is None:
            table = read_rows(path) if path.suffix == SUFFIX else _results(path)
        self._open[path] = table
        if len(self._open) > OPEN:
            self._open.popitem(last=False)
        return table


def _results(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as file:  # `read_table` would have Arrow import pandas
        return file.read(use_threads=False)


def _rows_of(table: pa.Table, stretch: Stretch) -> _Rows:
    """The rows of a stretch of its file."""
    part = table.slice(stretch.offset, stretch.rows)
    names = tuple(name for name in part.column_names if name not in OF_A_ROW)
    values = np.empty((len(part), 0))
    if names:
        (batch,) = part.select(names).combine_chunks().to_batches()
        values = batch.to_tensor(null_to_nan=True).to_numpy()
    return _Rows(numbers(part.column(REPLICATION)), names, values)


def _as_one(parts: Sequence[_Rows]) -> pa.Table:
    """Rows of several files as a table; what a file does not have is null."""
    place = {name: k for k, name in enumerate(dict.fromkeys(name for part in parts for name in part.names))}
    sizes = [len(part.replications) for part in parts]
    values = np.full((sum(sizes), len(place)), np.nan, order="F")
    for part, last, size in zip(parts, accumulate(sizes), sizes, strict=True):
        values[last - size : last, [place[name] for name in part.names]] = part.values
    replications = column(np.concatenate([part.replications for part in parts]))
    return pa.table(
        [replications, *(column(each, np.isnan(each)) for each in values.T)], names=[REPLICATION, *place]
    )


def _valued(table: pa.Table) -> pa.Table:
    """The replication, and the measures that have a value in any row."""
    return table.select(
        [
            name
            for name, column in zip(table.column_names, table.columns, strict=True)
            if name == REPLICATION or column.null_count < len(table)
        ]
    )


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches that follow each other in a file as one.

    >>> a = Path("a")
    >>> [each.rows for each in _joined([Stretch(a, 0, 2), Stretch(a, 2, 3), Stretch(a, 9, 1)])]
    [5, 1]
    """
    found: list[Stretch] = []
    for each in stretches:
        last = found[-1] if found else None
        if last is not None and (last.path, last.offset + last.rows) == (each.path, each.offset):
            found[-1] = Stretch(last.path, last.offset, last.rows + each.rows)
        else:
            found.append(each)
    return found
