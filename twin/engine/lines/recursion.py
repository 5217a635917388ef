"""The max-plus recursion: one lot through one segment of a line, from the times of the lots before it.

A lot starts on a unit when it has come, when the lot before has left the unit and, where the unit blocks
before service, when there is a place for it behind; it leaves when it is done and a place is free. All of
these are times of this lot at the unit before or of earlier lots, so that a lot's times are maxima and sums
of known whole numbers, and nothing is kept but when each unit was last left and the last starts out of each
limited storage, in a ring as long as the storage is large. `through` and `folding` call this on the CPU
and `lanes` on a GPU: arrays may be strided views of those of many replications.
"""

from __future__ import annotations

from typing import Any

from twin.engine.lines.compiling import inner

ROOM, LIMITED, NO_ROOM = range(3)  # before a unit: any number of lots waits, so many, or none

# Rows of what is summed up for each operation of a segment; times in ns.
(
    PRODUCING,  # of the unit
    BLOCKED,  # of the unit, after service with the lot or before it
    QUEUED,  # of lots that wait for it
    WAITED,  # of the lots that began
    WORKED,  # on the lots that were finished
    BEGUN,  # lots
    FINISHED,  # lots
) = range(7)
SUMS = 7

Integers = Any  # arrays of int64, strided or not


@inner
def pass_units(
    come: int,
    durations: Integers,
    before: Integers,
    room: Integers,
    storage: Integers,
    first: Integers,
    at: Integers,
    ring: Integers,
    left: Integers,
    free: Integers,
    started: Integers,
    finished: Integers,
) -> int:
    """Return when a lot that came at `come` ns leaves the last unit, and fill its times on each.

    Args:
        come: when the lot begins to wait for the first unit.
        durations: ns on each of the n units.
        before: whether each blocks before service.
        room: how many lots wait before each: `ROOM`, `LIMITED` or `NO_ROOM`, and a last entry of `ROOM`.
        storage: the number of each limited storage.
        first: where in `ring` the places of each storage begin, and where those of the last end.
        at: for each storage where the start stands of the lot that frees a place for this one, in `ring`.
        ring: starts of the last lots out of each storage.
        left: when the lot before left each unit; when this one does.
        free: to fill: when lot and unit are there; only a unit that blocks before service starts later.
        started: to fill.
        finished: to fill.
    """
    time = come
    units = durations.shape[0]
    for unit in range(units):
        place = ring[at[storage[unit + 1]]] if room[unit + 1] == LIMITED else 0
        start = max(time, left[unit])
        free[unit] = start
        if before[unit]:
            if unit and room[unit] == NO_ROOM:
                free[unit] = max(finished[unit - 1], left[unit])
            start = max(start, place)
            place = 0
        done = start + durations[unit]
        if room[unit + 1] == NO_ROOM:
            place = left[unit + 1]
            if before[unit + 1] and room[unit + 2] == LIMITED:
                place = max(place, ring[at[storage[unit + 2]]])
        if room[unit] == LIMITED:
            own = storage[unit]
            taken = at[own]
            ring[taken] = start
            taken += 1
            at[own] = first[own] if taken == first[own + 1] else taken
        started[unit] = start
        finished[unit] = done
        time = max(done, place)
        left[unit] = time
    return time


@inner
def count_whole(
    come: int, free: Integers, started: Integers, finished: Integers, left: Integers, sums: Integers
) -> None:
    """Add a lot that has left the segment to the first three rows of `sums`; the others follow from them."""
    arrived = come
    for unit in range(started.shape[0]):
        sums[PRODUCING, unit] += finished[unit] - started[unit]
        sums[BLOCKED, unit] += left[unit] - finished[unit] + started[unit] - free[unit]
        sums[QUEUED, unit] += started[unit] - arrived
        arrived = left[unit]


@inner
def count_cut(
    come: int,
    end: int,
    free: Integers,
    started: Integers,
    finished: Integers,
    left: Integers,
    sums: Integers,
) -> None:
    """Add a lot that is still inside at `end` ns to all rows of `sums`, as far as it has come."""
    arrived = come
    for unit in range(started.shape[0]):
        sums[PRODUCING, unit] += min(finished[unit], end) - min(started[unit], end)
        sums[BLOCKED, unit] += min(left[unit], end) - min(finished[unit], end)
        sums[BLOCKED, unit] += min(started[unit], end) - min(free[unit], end)
        sums[QUEUED, unit] += min(started[unit], end) - min(arrived, end)
        if started[unit] <= end:
            sums[WAITED, unit] += started[unit] - arrived
            sums[BEGUN, unit] += 1
        if finished[unit] <= end:
            sums[WORKED, unit] += finished[unit] - started[unit]
            sums[FINISHED, unit] += 1
        arrived = left[unit]


@inner
def add_whole(lots: int, whole: Integers, sums: Integers) -> None:
    """Add the first three rows of `whole`, of so many lots that have left, to all rows of `sums`."""
    for unit in range(sums.shape[1]):
        sums[PRODUCING, unit] += whole[PRODUCING, unit]
        sums[WORKED, unit] += whole[PRODUCING, unit]
        sums[BLOCKED, unit] += whole[BLOCKED, unit]
        sums[QUEUED, unit] += whole[QUEUED, unit]
        sums[WAITED, unit] += whole[QUEUED, unit]
        sums[BEGUN, unit] += lots
        sums[FINISHED, unit] += lots
