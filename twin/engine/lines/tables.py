"""The arrays of a line that the compiled functions read: sources of draws, order lines, segments.

Made once a program, by `compile_line`; `folding` and `through` say what each array holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from twin.engine.draws import source_hash
from twin.engine.lines.recursion import LIMITED, NO_ROOM, ROOM
from twin.engine.lines.releases import NEVER
from twin.engine.lines.shape import Line, Segment
from twin.engine.program import NO_STORAGE, NONE, Program, Source

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Sources of draws as arrays: `hashes` (s, 2), `sources` (s, 3), `parameters` (s, 4), `table` (2, n)."""

    hashes: Integers
    sources: Integers
    parameters: Reals
    table: Reals


@dataclass(frozen=True)
class SegmentTables:
    """A segment as arrays: `takes` (recipes, n), `before` (n,), `room` and `storage` (recipes, n + 1)."""

    segment: Segment
    takes: Integers
    before: Integers
    room: Integers
    storage: Integers
    first: Integers


@dataclass(frozen=True)
class LineTables:
    """A line as arrays; `until` is the horizon in ns, `NEVER` where the run ends when all have left."""

    line: Line
    draws: Draws
    orders: Integers  # columns as in `releases`
    segments: tuple[SegmentTables, ...]
    until: int

    @property
    def program(self) -> Program:
        """The program that the line was found in."""
        return self.line.program


@dataclass
class _Numbered:
    """Sources with the speed at which they are drawn, numbered as they come."""

    found: list[tuple[Source, float]] = field(default_factory=list)

    def number(self, source: Source | None, speed: float = 1.0) -> int:
        if source is None:
            return NONE
        self.found.append((source, speed))
        return len(self.found) - 1


def words(number: int) -> Integers:
    """The low and the high word of a number of 64 bits, shape (2,)."""
    return np.array([number & 0xFFFFFFFF, number >> 32], dtype=np.int64)


def compile_line(line: Line) -> LineTables:
    """Make the arrays of a line."""
    program = line.program
    numbered = _Numbered()
    orders = [
        (order.lots, order.times, numbered.number(order.first), numbered.number(order.every))
        for order in program.orders
    ]
    segments = tuple(_segment(program, segment, numbered) for segment in line.segments)
    until = int(NEVER) if program.horizon is None else program.horizon
    return LineTables(
        line, _draws(numbered.found), np.array(orders, dtype=np.int64).reshape(-1, 4), segments, until
    )


def _segment(program: Program, segment: Segment, numbered: _Numbered) -> SegmentTables:
    speeds = [program.units[unit].speed for unit in segment.units]
    takes = [
        [numbered.number(program.operations[n].takes, s) for n, s in zip(row, speeds, strict=True)]
        for row in segment.operations
    ]
    limited = sorted({s for row in segment.storages for s in row if _room(program, s) == LIMITED})
    places = [program.storages[s].count for s in limited]
    room = [[*(_room(program, s) for s in row), ROOM] for row in segment.storages]
    storage = [[*(limited.index(s) if s in limited else 0 for s in row), 0] for row in segment.storages]
    return SegmentTables(
        segment,
        takes=np.array(takes, dtype=np.int64),
        before=np.array([program.units[u].blocking_before for u in segment.units], dtype=np.int64),
        room=np.array(room, dtype=np.int64),
        storage=np.array(storage, dtype=np.int64),
        first=np.cumsum([0, *places], dtype=np.int64),
    )


def _room(program: Program, storage: int) -> int:
    """How many lots wait in a storage: any number, so many, or none."""
    if storage == NO_STORAGE:
        return NO_ROOM
    return LIMITED if storage >= 0 and program.storages[storage].count != NONE else ROOM


def _draws(found: list[tuple[Source, float]]) -> Draws:
    tables = [source.table for source, _ in found]
    ends = np.cumsum([0, *(table.shape[1] for table in tables)])
    sources = [(source.kind, ends[i], ends[i + 1]) for i, (source, _) in enumerate(found)]
    return Draws(
        hashes=np.array([words(source_hash(source.name)) for source, _ in found]).reshape(-1, 2),
        sources=np.array(sources, dtype=np.int64).reshape(-1, 3),
        parameters=np.array([(s.p0, s.p1, s.p2, speed) for s, speed in found], dtype=np.float64),
        table=np.ascontiguousarray(np.concatenate(tables, axis=1)),
    )
