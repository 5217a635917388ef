"""The recursion of `recursion` unit by unit instead of lot by lot, for lines that block after service only.

A place in a storage is freed by the lot that is as many lots ahead as the storage holds. So that many lots of
the smallest storage can pass one unit after the other without the next unit, which keeps what a unit was last
left in a register and its times side by side in memory. `folding` takes this way where it can, the other
where units block before service, hand lots over, or have a single place between them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.lines.compiling import inner
from twin.engine.lines.recursion import (
    BLOCKED,
    LIMITED,
    NO_ROOM,
    PRODUCING,
    QUEUED,
    count_cut,
    count_whole,
)

Integers = npt.NDArray[np.int64]

SMALLEST = 2  # places of the smallest storage, below which the other way is faster
LARGEST = 1024  # places of the largest storage, whose starts are kept


@inner
def chunk_of(before: Integers, room: Integers, storage: Integers, first: Integers) -> tuple[int, int]:
    """Return how many lots may pass a unit without the next, or 0, and how many starts are to be kept."""
    smallest, largest = LARGEST, 0
    for unit in range(before.shape[0]):
        places = LARGEST
        if room[unit + 1] == LIMITED:
            places = first[storage[unit + 1] + 1] - first[storage[unit + 1]]
            largest = max(largest, places)
        if before[unit] or room[unit] == NO_ROOM:
            return 0, 0
        smallest = min(smallest, places)
    if smallest < SMALLEST or largest > LARGEST:
        return 0, 0
    return smallest, largest


@inner
def pass_chunks(
    count: int,
    chunk: int,
    kept: int,
    places: Integers,
    drawn: Integers,
    started: Integers,
    left: Integers,
    last: Integers,
) -> None:
    """Take `count` lots through n units, `chunk` at a time; fill when they start and leave.

    Args:
        count: lots, from the first column on.
        chunk: lots that pass a unit without the next.
        kept: columns of `started` for the lots before.
        places: in the storage before each unit, 0 where it is not limited; a last entry of 0, shape (n + 1,).
        drawn: ns on each unit, shape (n, lots).
        started: ns, shape (n, kept + lots), the lots before in its first columns.
        left: ns, shape (n + 1, lots); its first row is when lots come.
        last: when each unit was left by the lot before, shape (n,).
    """
    for begin in range(0, count, chunk):
        end = min(begin + chunk, count)
        for unit in range(drawn.shape[0]):
            gone = last[unit]
            room = places[unit + 1]
            if room:
                frees = kept - room
                for lot in range(begin, end):
                    come, takes = left[unit, lot], drawn[unit, lot]
                    started[unit, kept + lot] = max(come, gone)
                    # As max(start + takes, place), but what waits for the lot before is short.
                    gone = max(gone + takes, max(come + takes, started[unit + 1, frees + lot]))
                    left[unit + 1, lot] = gone
            else:
                for lot in range(begin, end):
                    start = max(left[unit, lot], gone)
                    gone = start + drawn[unit, lot]
                    started[unit, kept + lot] = start
                    left[unit + 1, lot] = gone
            last[unit] = gone


@inner
def keep_starts(count: int, kept: int, started: Integers) -> None:
    """Bring the starts of the last lots to the front, for those that come."""
    for unit in range(started.shape[0]):
        for place in range(kept):
            started[unit, place] = started[unit, count + place]


@inner
def sum_block(
    count: int, kept: int, drawn: Integers, started: Integers, left: Integers, whole: Integers
) -> int:
    """Add a block of lots that have all left to the rows of `whole`; return their time inside."""
    before = 0
    for lot in range(count):
        before += left[0, lot]
    come = before
    for unit in range(drawn.shape[0]):
        worked, starts, leaves = 0, 0, 0
        for lot in range(count):
            worked += drawn[unit, lot]
        for lot in range(count):
            starts += started[unit, kept + lot]
        for lot in range(count):
            leaves += left[unit + 1, lot]
        whole[PRODUCING, unit] += worked
        whole[BLOCKED, unit] += leaves - starts - worked
        whole[QUEUED, unit] += starts - before
        before = leaves
    return before - come


@inner
def sum_cut(
    lot: int,
    kept: int,
    until: int,
    drawn: Integers,
    started: Integers,
    left: Integers,
    finished: Integers,
    whole: Integers,
    sums: Integers,
) -> None:
    """Add one lot of a block in which some are still inside at `until` ns to `whole` or to `sums`."""
    starts, leaves = started[:, kept + lot], left[1:, lot]
    for unit in range(drawn.shape[0]):
        finished[unit] = starts[unit] + drawn[unit, lot]
    if leaves[-1] <= until:
        count_whole(left[0, lot], starts, starts, finished, leaves, whole)
    else:
        count_cut(left[0, lot], until, starts, starts, finished, leaves, sums)
