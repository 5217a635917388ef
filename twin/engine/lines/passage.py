"""One replication of a line with all its times: each lot through its segments, one segment after the other.

`rows` makes the record of a `Passage`, `totals` sums it up. Branches that come together merge here: lots pass
a segment in the order in which they came to it, at one instant in that of their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.engine.lines import through
from twin.engine.lines.releases import NEVER
from twin.engine.lines.tables import LineTables, SegmentTables, words
from twin.engine.program import NONE

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LOST = -1  # in `Stage.entered`
MOST_EXPECTED = 2**20  # releases of an order line that room is made for before they come


@dataclass(frozen=True)
class Stage:
    """Lots that came to one segment, in the order in which they passed it; times in ns."""

    tables: SegmentTables
    lots: Integers  # numbers, shape (lots,)
    recipe: Integers  # of each, as a row of the segment's tables
    come: Integers
    entered: Integers  # when there was a place to wait, or `LOST`
    moments: Integers  # (4, lots, units): lot and unit there, started, finished, left


@dataclass(frozen=True)
class Passage:
    """One replication: releases up to its end, and what became of them in each segment."""

    tables: LineTables
    replication: int
    released: Integers  # ns, by lot
    order: Integers  # line of the order book, by lot
    out: Integers  # ns when the lot leaves the plant, after the end for those still inside
    lost: Mask
    stages: tuple[Stage, ...]
    end: int
    at_once: bool  # some release or visit took no time, so that rounds of an instant may matter


def pass_line(tables: LineTables, seed: int, replication: int) -> Passage:
    """Run one replication of a line."""
    released, order, at_once = _releases(tables, seed, replication)
    program = tables.program
    recipe = np.array([line.recipe for line in program.orders], dtype=np.int64)[order]
    lossy = np.array([line.lost_when_full for line in program.orders], dtype=np.int64)[order]
    come = released.copy()  # to the next segment
    lost = np.zeros(len(released), dtype=np.bool_)
    stages = []
    for segment in tables.segments:
        number = {r: k for k, r in enumerate(segment.segment.recipes)}
        rows = np.array([number.get(r, NONE) for r in range(len(program.recipes))], dtype=np.int64)[recipe]
        here = np.flatnonzero((rows != NONE) & (come <= tables.until) & ~lost)
        here = here[np.lexsort((here, come[here]))]
        first = {program.recipes[r].first for r in segment.segment.recipes}
        heads = [row[0] in first for row in segment.segment.operations]
        loses = lossy[here] * np.array(heads, dtype=np.int64)[rows[here]]
        stage, none = _stage(tables, segment, seed, replication, (here, rows[here], come[here], loses))
        stages.append(stage)
        at_once |= none
        gone = stage.entered == LOST
        lost[here] |= gone
        come[here] = np.where(gone, come[here], stage.moments[3, :, -1])
    return Passage(
        tables, replication, released, order, come, lost, tuple(stages), _end(tables, released, come), at_once
    )


def _releases(tables: LineTables, seed: int, replication: int) -> tuple[Integers, Integers, bool]:
    """When each lot comes in, and of which order line; whether a line released twice at once."""
    draws, most = tables.draws, expected_lots(tables)
    while True:
        released, order = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
        lots, at_once = through.releases(
            words(seed),
            replication,
            tables.until,
            tables.orders,
            draws.hashes,
            draws.sources,
            draws.parameters,
            draws.table,
            released,
            order,
        )
        if lots <= most:
            return released[:lots], order[:lots], bool(at_once)
        most = more_lots(lots)


def expected_lots(tables: LineTables) -> int:
    """About the greatest number of lots of a replication: exact where all order lines end."""
    total = 0
    for line in tables.program.orders:
        if line.every is None:
            total += line.lots
        elif line.times > 0:
            total += line.lots * line.times
        else:
            releases = 2 + int(1.2 * tables.until / max(1.0, line.every.mean * 1e9))
            total += line.lots * min(releases, MOST_EXPECTED)
    return total


def more_lots(lots: int) -> int:
    """Room for lots where that for `lots` was too little."""
    return 2 * lots


def _stage(
    tables: LineTables,
    segment: SegmentTables,
    seed: int,
    replication: int,
    lots: tuple[Integers, Integers, Integers, Integers],
) -> tuple[Stage, bool]:
    """Take lots (number, recipe, come, whether they are lost) through a segment."""
    numbers, recipe, come, loses = lots
    draws = tables.draws
    entered = np.empty(len(numbers), dtype=np.int64)
    moments = np.full((4, len(numbers), len(segment.before)), NEVER, dtype=np.int64)
    at_once = through.times(
        words(seed),
        replication,
        tables.until,
        draws.hashes,
        draws.sources,
        draws.parameters,
        draws.table,
        segment.takes,
        segment.before,
        segment.room,
        segment.storage,
        segment.first,
        numbers,
        recipe,
        come,
        loses,
        entered,
        moments,
    )
    return Stage(segment, numbers, recipe, come, entered, moments), bool(at_once)


def _end(tables: LineTables, released: Integers, out: Integers) -> int:
    """When the replication ends: at the horizon, or with the last release or departure."""
    if tables.program.horizon is not None:
        return tables.program.horizon
    return int(max(released.max(initial=0), out.max(initial=0)))
