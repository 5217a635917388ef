"""Serial lines on the CPU without a record: whole replications in one call, of which only sums remain.

Blocks of lots are drawn and passed through all units, unit by unit where `chunks` can and else lot by lot,
and what they do is added up at once. `running` calls `fold` in threads: it holds no lock of the interpreter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.lines.chunks import chunk_of, keep_starts, pass_chunks, sum_block, sum_cut
from twin.engine.lines.compiling import entry, inner
from twin.engine.lines.draw_blocks import BLOCK, draw_units, stream_keys
from twin.engine.lines.recursion import LIMITED, QUEUED, add_whole, count_cut, count_whole, pass_units
from twin.engine.lines.releases import come_in

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Reals = npt.NDArray[np.float64]

# What is summed up for each replication besides the rows of `recursion`; times in ns.
END, RELEASED, LEFT, LEAD, INSIDE = range(5)
WHOLE = 5


@inner
def count_lot(come: int, last: int, until: int, totals: Integers) -> None:
    """Count a lot that came and left at these times in ns, as far as `until`."""
    if last <= until:
        totals[LEFT] += 1
        totals[LEAD] += last - come
        totals[END] = last
    else:
        totals[INSIDE] += until - come


@inner
def wait(released: Integers, begin: int, until: int, sums: Integers, totals: Integers) -> None:
    """Count lots from number `begin` on, none of which starts up to `until` ns."""
    for lot in range(begin, released.shape[0]):
        sums[QUEUED, 0] += until - released[lot]
        totals[INSIDE] += until - released[lot]


@inner
def pass_one_by_one(
    released: Integers,
    until: int,
    drawn: Integers,
    before: Integers,
    room: Integers,
    storage: Integers,
    first: Integers,
    at: Integers,
    ring: Integers,
    times: Integers,
    whole: Integers,
    sums: Integers,
    totals: Integers,
) -> int:
    """Take a block of lots through a line lot by lot, and add up what they do up to `until` ns.

    `times` (4, units + 1) hold when the lot before left each unit, when lot and unit were there, and when it
    started and finished. Returns when the first unit was left, in ns.
    """
    units = drawn.shape[0]
    left, free, started, finished = times[0], times[1, :units], times[2, :units], times[3, :units]
    for i in range(released.shape[0]):
        come = released[i]
        last = pass_units(
            come, drawn[:, i], before, room, storage, first, at, ring, left, free, started, finished
        )
        count_lot(come, last, until, totals)
        if last <= until:
            count_whole(come, free, started, finished, left, whole)
        else:
            count_cut(come, until, free, started, finished, left, sums)
    return int(left[0])


@inner
def pass_by_chunks(
    released: Integers,
    until: int,
    drawn: Integers,
    chunk: int,
    kept: int,
    places: Integers,
    started: Integers,
    left: Integers,
    times: Integers,
    whole: Integers,
    sums: Integers,
    totals: Integers,
) -> int:
    """`pass_one_by_one` unit by unit, `chunk` lots at a time: see `chunks`."""
    units, count = drawn.shape[0], released.shape[0]
    last, finished = times[0, :units], times[3, :units]
    for i in range(count):
        left[0, i] = released[i]
    pass_chunks(count, chunk, kept, places, drawn, started, left, last)
    if last[-1] <= until:
        totals[LEAD] += sum_block(count, kept, drawn, started, left, whole)
        totals[LEFT] += count
        totals[END] = last[-1]
    else:
        for i in range(count):
            count_lot(left[0, i], left[-1, i], until, totals)
            sum_cut(i, kept, until, drawn, started, left, finished, whole, sums)
    keep_starts(count, kept, started)
    return int(last[0])


@inner
def fold_lots(
    released: Integers,
    until: int,
    takes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    before: Integers,
    room: Integers,
    storage: Integers,
    first: Integers,
    chunk: int,
    kept: int,
    places: Integers,
    sums: Integers,
    totals: Integers,
) -> None:
    """Take all lots of one replication through a serial line, and add up what they do up to `until` ns."""
    units, wide = takes.shape[0], BLOCK if chunk else 0
    drawn, lots = np.empty((units, BLOCK), np.int64), np.empty(BLOCK, np.int64)
    work = np.empty((3, BLOCK))
    at, ring = first[:-1].copy(), np.zeros(first[-1] + 1, np.int64)
    started, left = np.zeros((units, kept + wide), np.int64), np.zeros((units + 1, wide), np.int64)
    times, whole = np.zeros((4, units + 1), np.int64), np.zeros((3, units), np.int64)
    latest = 0
    for begin in range(0, released.shape[0], BLOCK):
        count = min(BLOCK, released.shape[0] - begin)
        if max(released[begin], latest) > until:
            wait(released, begin, until, sums, totals)
            break
        for i in range(count):
            lots[i] = begin + i
        draw_units(takes, sources, parameters, table, keys, lots, count, drawn, work)
        block = released[begin : begin + count]
        if chunk:
            latest = pass_by_chunks(
                block, until, drawn, chunk, kept, places, started, left, times, whole, sums, totals
            )
        else:
            latest = pass_one_by_one(
                block, until, drawn, before, room, storage, first, at, ring, times, whole, sums, totals
            )
    add_whole(totals[LEFT], whole, sums)


@entry
def fold(
    seed: Integers,
    replications: Integers,
    until: int,
    lines: Integers,
    hashes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    takes: Integers,
    before: Integers,
    room: Integers,
    storage: Integers,
    first: Integers,
    most: int,
    sums: Integers,
    totals: Integers,
) -> int:
    """Fold replications of a serial line; return the greatest number of lots that there was no room for.

    Args:
        seed: of the run, its low and its high word.
        replications: numbers, shape (r,).
        until: the horizon in ns, or `NEVER`.
        lines: the order lines, columns as in `releases`.
        hashes: low and high word of `draws.source_hash` of each source.
        sources: columns as in `releases`.
        parameters: p0, p1, p2 and speed of each source.
        table: those of all sources side by side.
        takes: source of each unit's durations, shape (n,).
        before: whether a unit blocks before service, shape (n,).
        room: as in `recursion.pass_units`, shape (n + 1,).
        storage: likewise.
        first: likewise.
        most: lots of a replication that there is room for.
        sums: to fill, zeros of shape (r, SUMS, n).
        totals: to fill, zeros of shape (r, WHOLE).
    """
    keys = np.empty((hashes.shape[0], 2), np.uint64)
    released, order = np.empty(most, np.int64), np.empty(most, np.int64)
    work = np.empty((2, lines.shape[0]), np.int64)
    chunk, kept = chunk_of(before, room, storage, first)
    places = np.zeros(room.shape[0], np.int64)
    for unit in range(room.shape[0]):
        if room[unit] == LIMITED:
            places[unit] = first[storage[unit] + 1] - first[storage[unit]]
    for r in range(replications.shape[0]):
        stream_keys(seed, replications[r], hashes, keys)
        count, _ = come_in(lines, until, sources, parameters, table, keys, released, order, work)
        if count > most:
            return count
        total = totals[r]
        total[RELEASED] = count
        fold_lots(
            released[:count],
            until,
            takes,
            sources,
            parameters,
            table,
            keys,
            before,
            room,
            storage,
            first,
            chunk,
            kept,
            places,
            sums[r],
            total,
        )
        total[INSIDE] += total[LEAD]
    return 0
