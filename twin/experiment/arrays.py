"""Record tables as NumPy arrays: codes for names, exact integer sums, windows. Pure; used by measures and
series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twin.engine.columns import numbers

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max  # stands for a null time: it has not happened
_SPLIT = 20  # bits: sums of high and low parts stay far from overflow


@dataclass(frozen=True)
class Windows:
    """For each replication number, in ascending order, the window's start and end in ns, all shape (r,)."""

    replications: Integers
    start: Integers
    end: Integers

    @classmethod
    def of(cls, windows: Mapping[int, tuple[int, int]]) -> Windows:
        """From a mapping of replication to (start, end) in ns; raises ValueError where end ≤ start."""
        numbers = sorted(windows)
        start = np.array([windows[r][0] for r in numbers], dtype=np.int64)
        end = np.array([windows[r][1] for r in numbers], dtype=np.int64)
        if np.any(end <= start):
            raise ValueError("A window must end after it starts.")
        return cls(np.array(numbers, dtype=np.int64), start, end)

    @classmethod
    def joined(cls, parts: Sequence[Windows]) -> Windows:
        """The windows of parts one after the other, whatever their replications are numbered."""
        columns = ([getattr(part, name) for part in parts] for name in ("replications", "start", "end"))
        return cls(*map(np.concatenate, columns))

    @property
    def from_the_start(self) -> bool:
        """Whether all of them begin at time 0."""
        return bool(np.all(self.start == 0))

    @property
    def length(self) -> Integers:
        """Length of each window in ns, shape (r,)."""
        return self.end - self.start

    def place(self, table: pa.Table) -> Integers:
        """Index of each row's replication in `replications`, shape (rows,); raises ValueError where it has
        none.
        """
        numbers = integers(table, "replication")
        index = np.searchsorted(self.replications, numbers)
        if len(numbers) and (
            index.max() >= len(self.replications) or np.any(self.replications[index] != numbers)
        ):
            raise ValueError("The record holds a replication that has no window.")
        return index.astype(np.int64)

    def holds(self, place: Integers, time: Integers) -> Mask:
        """Whether an event at `time` falls into its replication's window: after its start, or at time 0, to
        its end.
        """
        start = self.start[place]
        begun = (time > start) | ((start == 0) & (time == 0))
        return np.asarray(begun & (time <= self.end[place]))

    def overlap(self, place: Integers, start: Integers, end: Integers) -> Integers:
        """Length in ns of the part of [start, end) inside the window, row by row."""
        inside = np.minimum(end, self.end[place]) - np.maximum(start, self.start[place])
        return np.asarray(np.maximum(inside, 0))


def integers(table: pa.Table, column: str, null: int = NEVER) -> Integers:
    """A whole-number column as int64, nulls replaced."""
    return np.asarray(numbers(table.column(column), null), dtype=np.int64)


def reals(table: pa.Table, column: str) -> Reals:
    """A float column, nulls as NaN."""
    return np.asarray(numbers(table.column(column), np.nan), dtype=np.float64)


def codes(table: pa.Table, column: str, names: Sequence[str]) -> Integers:
    """Position of each row's text in `names`, −1 where it is null or not among them."""
    values = table.column(column)
    if not len(values):
        return np.empty(0, dtype=np.int64)
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    whole = encoded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    place = {name: k for k, name in enumerate(names)}
    lookup = np.array([place.get(text, -1) for text in whole.dictionary.to_pylist()] + [-1], dtype=np.int64)
    found: Integers = lookup[numbers(whole.indices, -1)]
    return found


def distinct(table: pa.Table, column: str) -> tuple[str, ...]:
    """The texts that occur in a column, sorted."""
    return tuple(sorted(text for text in table.column(column).unique().to_pylist() if text is not None))


def together(table: pa.Table, *columns: str) -> tuple[list[tuple[str | None, ...]], Integers]:
    """The texts that occur together in a row's columns, each such row once, and the place of every row
    among them.
    """
    known = [distinct(table, column) for column in columns]
    number = np.zeros(len(table), dtype=np.int64)
    for column, names in zip(columns, known, strict=True):
        number = number * (len(names) + 1) + codes(table, column, names) + 1
    found, place = np.unique(number, return_inverse=True)
    rows = []
    for each in found.tolist():
        row: list[str | None] = []
        for names in reversed(known):
            each, code = divmod(each, len(names) + 1)
            row.append(names[code - 1] if code else None)
        rows.append(tuple(reversed(row)))
    return rows, place


def ordering(*keys: Integers) -> Integers | slice:
    """What sorts rows by the first key, then the second, and so on, rows that tie staying as they are.

    Records come sorted: then it is the slice of everything, which costs no copy.
    """
    rising = np.zeros(max(len(keys[0]) - 1, 0), dtype=np.bool_)
    tied = ~rising
    for key in keys:
        rising |= tied & (key[1:] > key[:-1])
        tied &= key[1:] == key[:-1]
    return slice(None) if bool(np.all(rising | tied)) else np.lexsort(keys[::-1])


def counts(groups: Integers, size: int) -> Integers:
    """How many rows fall into each group, shape (size,)."""
    return np.bincount(groups, minlength=size).astype(np.int64)


def sums(groups: Integers, values: Integers, size: int) -> Integers:
    """Integer sums by group, shape (size,), for totals known to be below 2⁶³ (times within one window)."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, groups, values)
    return total


def exact_sums(groups: Integers, values: Integers, size: int, weights: Integers | None = None) -> list[int]:
    """Integer sums of values (times weights) by group, as Python integers: no rounding and no overflow."""
    high, low = values >> _SPLIT, values & ((1 << _SPLIT) - 1)
    if weights is not None:
        high, low = high * weights, low * weights
    pairs = zip(sums(groups, high, size).tolist(), sums(groups, low, size).tolist(), strict=True)
    return [(h << _SPLIT) + rest for h, rest in pairs]


def ratios(numerators: Sequence[int], denominators: Sequence[int]) -> Reals:
    """Correctly rounded quotients of integers, NaN where the denominator is 0."""
    pairs = zip(numerators, denominators, strict=True)
    return np.array([a / b if b else np.nan for a, b in pairs], dtype=np.float64)


def level_steps(
    levels: pa.Table, windows: Windows, entities: Sequence[str]
) -> tuple[Integers, Integers, Integers, Integers]:
    """Each step of a level as an interval: group = place · entities + entity, level, start and end in ns.

    A step lasts until the entity's next row in its replication, the last one until the window's end. Rows of
    other entities are left out. Steps of length 0 remain, and weigh nothing.
    """
    group, start, end, rows = _steps(levels, windows, entities)
    return group, integers(levels, "level")[rows], start, end


def changing_steps(
    levels: pa.Table, windows: Windows, entities: Sequence[str]
) -> tuple[Integers, Integers, Reals, Integers, Integers]:
    """As `level_steps`, with the rate per s at which each level changes as the third array."""
    group, start, end, rows = _steps(levels, windows, entities)
    return group, integers(levels, "level")[rows], reals(levels, "rate")[rows], start, end


def _steps(
    levels: pa.Table, windows: Windows, entities: Sequence[str]
) -> tuple[Integers, Integers, Integers, Integers]:
    """Group, start and end of each step, and the row of the table that it is."""
    place = windows.place(levels)
    entity = codes(levels, "entity", entities)
    rows = np.flatnonzero(entity >= 0)
    group = (place * len(entities) + entity)[rows]
    time = integers(levels, "time")[rows]
    order = ordering(group, time)
    group, time, rows = group[order], time[order], rows[order]
    end = windows.end[group // max(len(entities), 1)].copy()
    follows = group[1:] == group[:-1]
    end[:-1][follows] = time[1:][follows]
    return group, time, end, rows


def real_sums(groups: Integers, values: Reals, size: int) -> Reals:
    """Sums of reals by group, each rounded once, so that they do not depend on the order; shape (size,).

    Source: Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates,
    Discrete & Computational Geometry 18, 1997, by `math.fsum`.

    >>> real_sums(np.array([0, 0, 0]), np.array([1e100, 1.0, -1e100]), 1).tolist()
    [1.0]
    """
    total = np.zeros(size)
    order = np.argsort(groups, kind="stable")
    groups, values = groups[order], values[order]
    firsts = np.flatnonzero(np.diff(groups, prepend=-1))
    for first, last in zip(firsts, np.append(firsts[1:], len(groups)), strict=False):
        mine = values[first:last]
        finite = bool(np.all(np.isfinite(mine)))
        total[groups[first]] = math.fsum(mine.tolist()) if finite else float(np.sum(mine))
    return total
