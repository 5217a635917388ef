"""Lots through the segments of any line on the CPU, with all their times: what records are made of.

`releases` gives the lots of a replication, `times` takes those that come to one segment through it, and
`fold_times` sums them up. `passage` calls these; they hold no lock of the interpreter, so that replications
run in threads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.engine.lines.compiling import entry, inner
from twin.engine.lines.draw_blocks import BLOCK, draw_units, stream_keys
from twin.engine.lines.recursion import LIMITED, NO_ROOM, count_cut, pass_units
from twin.engine.lines.releases import come_in

Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]


@entry
def releases(
    seed: Integers,
    replication: int,
    until: int,
    lines: Integers,
    hashes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    released: Integers,
    order: Integers,
) -> tuple[int, bool]:
    """`come_in` of one replication."""
    keys = np.empty((hashes.shape[0], 2), np.uint64)
    stream_keys(seed, replication, hashes, keys)
    work = np.empty((2, lines.shape[0]), np.int64)
    return come_in(lines, until, sources, parameters, table, keys, released, order, work)


@inner
def _draw_by_recipe(
    takes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    keys: Words,
    lots: Integers,
    recipe: Integers,
    drawn: Integers,
    some: Integers,
    few: Integers,
    work: Reals,
) -> None:
    """Fill `drawn`, shape (n, units), for lots of several recipes: `takes` has a row for each."""
    for kind in range(takes.shape[0]):
        count = 0
        for i in range(lots.shape[0]):
            if recipe[i] == kind:
                some[count] = lots[i]
                count += 1
        if count == 0:
            continue
        draw_units(takes[kind], sources, parameters, table, keys, some, count, few, work)
        count = 0
        for i in range(lots.shape[0]):
            if recipe[i] == kind:
                drawn[i] = few[:, count]
                count += 1


@entry
def times(
    seed: Integers,
    replication: int,
    until: int,
    hashes: Integers,
    sources: Integers,
    parameters: Reals,
    table: Reals,
    takes: Integers,
    before: Integers,
    room: Integers,
    storage: Integers,
    first: Integers,
    lots: Integers,
    recipe: Integers,
    come: Integers,
    loses: Integers,
    entered: Integers,
    moments: Integers,
) -> bool:
    """Take lots through one segment; return whether any began with no time at all up to `until` ns.

    Args:
        seed: of the run, its low and its high word.
        replication: its number.
        until: the horizon in ns, or `NEVER`.
        hashes: low and high word of `draws.source_hash` of each source.
        sources: columns as in `releases`.
        parameters: p0, p1, p2 and speed of each source.
        table: those of all sources side by side.
        takes: source of each unit's durations for each recipe, shape (recipes, n).
        before: whether a unit blocks before service, shape (n,).
        room: as in `recursion.pass_units`, for each recipe: shape (recipes, n + 1).
        storage: likewise.
        first: likewise, of all storages.
        lots: their numbers, in the order in which they pass, shape (lots,).
        recipe: of each lot, as a row of `takes`.
        come: when it begins to wait, ns.
        loses: whether it is lost where it finds no place at once.
        entered: to fill: when it has a place to wait, or -1 where it was lost.
        moments: to fill, shape (4, lots, n): when unit and lot are there, start, finish, when it leaves.
    """
    units = takes.shape[1]
    keys = np.empty((hashes.shape[0], 2), np.uint64)
    stream_keys(seed, replication, hashes, keys)
    drawn, few = np.empty((BLOCK, units), np.int64), np.empty((units, BLOCK), np.int64)
    work, some = np.empty((3, BLOCK)), np.empty(BLOCK, np.int64)
    at = first[:-1].copy()
    ring = np.zeros(first[-1] + 1, np.int64)
    left = np.zeros(units + 1, np.int64)
    at_once = False
    for begin in range(0, lots.shape[0], BLOCK):
        end = min(begin + BLOCK, lots.shape[0])
        part = slice(begin, end)
        _draw_by_recipe(
            takes, sources, parameters, table, keys, lots[part], recipe[part], drawn, some, few, work
        )
        for lot in range(begin, end):
            kind = recipe[lot]
            entered[lot] = come[lot]
            if room[kind, 0] == LIMITED:
                entered[lot] = max(come[lot], ring[at[storage[kind, 0]]])
            elif room[kind, 0] == NO_ROOM:
                entered[lot] = max(come[lot], left[0])
            if loses[lot] and entered[lot] > come[lot]:
                entered[lot] = -1
                continue
            pass_units(
                come[lot],
                drawn[lot - begin],
                before,
                room[kind],
                storage[kind],
                first,
                at,
                ring,
                left,
                moments[0, lot],
                moments[1, lot],
                moments[2, lot],
            )
            for unit in range(units):
                moments[3, lot, unit] = left[unit]
                at_once |= drawn[lot - begin, unit] == 0 and moments[1, lot, unit] <= until
    return at_once


@entry
def fold_times(
    until: int, come: Integers, recipe: Integers, passed: Mask, moments: Integers, sums: Integers
) -> None:
    """Add up what lots that were not lost do in one segment; `sums` has shape (recipes, SUMS, n)."""
    for lot in range(come.shape[0]):
        if passed[lot]:
            free, started, finished, left = moments[0, lot], moments[1, lot], moments[2, lot], moments[3, lot]
            count_cut(come[lot], until, free, started, finished, left, sums[recipe[lot]])
