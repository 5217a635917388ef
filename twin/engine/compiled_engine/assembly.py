"""Merging the parts of a lot again, and packing; `splitting` divides lots. As `simpy_engine/assembly.py`.

Parts that merge wait in their line until all of them that are still in the plant are there and may start.
The slot of a lot that was split is kept for its parts, where any merge: it is the lot that they become.
"""

from __future__ import annotations

import numpy as np

from twin.engine.codes import STARVED
from twin.engine.compiled_engine import hooks, lots, moves, refused, releases, rows, starts
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import mean_of, split_from
from twin.engine.compiled_engine.lists import touch_units_of
from twin.engine.compiled_engine.tables import dividing, family, head, lot, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.record import OUTCOMES

MERGED = OUTCOMES.index("merged")


@inner
def found(s: Integers, slot: int, alive: int) -> None:
    """A lot is divided: it has so many parts, besides those of a family that it has already."""
    g = family.now(s, slot)
    if not s[g + family.EXISTS]:
        s[g + family.EXISTS] = 1
        s[g + family.ALIVE] = alive
        s[g + family.WAITING] = s[g + family.WAITING_END] = NONE
        s[g + family.WAITING_N] = 0


@inner
def family_of(s: Integers, slot: int) -> int:
    """The slot of the lot that a part was split from; none where that has no parts any more."""
    parent = s[family.now(s, slot) + family.PARENT]
    if parent == NONE or not s[family.now(s, parent) + family.EXISTS]:
        return NONE
    number = s[lot.now(s, slot) + lot.NUMBER]
    return parent if s[lot.now(s, parent) + lot.NUMBER] == split_from(number) else NONE


@inner
def wait_for_others(p: Integers, s: Integers, slot: int) -> None:
    """A lot has come to want its operation: if that merges, it waits for the other parts."""
    b = lot.now(s, slot)
    if s[b + lot.PARTS] or not p[dividing.plan(p, s[b + lot.OPERATION]) + dividing.MERGES]:
        return
    parent = family_of(s, slot)
    if parent == NONE:
        return
    g = family.now(s, parent)
    s[family.now(s, slot) + family.NEXT] = NONE
    if s[g + family.WAITING] == NONE:
        s[g + family.WAITING] = slot
    else:
        s[family.now(s, s[g + family.WAITING_END]) + family.NEXT] = slot
    s[g + family.WAITING_END] = slot
    s[g + family.WAITING_N] += 1


@inner
def waits_no_longer(p: Integers, s: Integers, slot: int) -> None:
    """A part that waited for the others is sent out or back."""
    if not p[dividing.plan(p, s[lot.now(s, slot) + lot.OPERATION]) + dividing.MERGES]:
        return
    parent = family_of(s, slot)
    if parent == NONE:
        return
    g, before = family.now(s, parent), NONE
    each = s[g + family.WAITING]
    while each not in (NONE, slot):
        before, each = each, s[family.now(s, each) + family.NEXT]
    if each == NONE:
        return
    after = s[family.now(s, slot) + family.NEXT]
    if before == NONE:
        s[g + family.WAITING] = after
    else:
        s[family.now(s, before) + family.NEXT] = after
    if after == NONE:
        s[g + family.WAITING_END] = before
    s[g + family.WAITING_N] -= 1


@inner
def others_are_missing(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """Parts start together, as one lot: a state and its cause where they cannot yet, or none."""
    if not p[dividing.plan(p, s[lot.now(s, slot) + lot.OPERATION]) + dividing.MERGES]:
        return NONE, NONE
    parent = family_of(s, slot)
    if parent == NONE:
        return NONE, NONE
    g = family.now(s, parent)
    if s[g + family.WAITING_N] < s[g + family.ALIVE]:
        return STARVED, NONE
    other = s[g + family.WAITING]
    while other != NONE:
        if not _can_be_fetched(p, s, other):
            return STARVED, NONE
        other = s[family.now(s, other) + family.NEXT]
    other = s[g + family.WAITING]
    while other != NONE:
        if other != slot:
            state, cause = refused.refused_alone(p, s, i, other)
            if state != NONE:
                return state, cause
        other = s[family.now(s, other) + family.NEXT]
    return NONE, NONE


@inner
def _can_be_fetched(p: Integers, s: Integers, slot: int) -> bool:
    """Whether a part is there: not on its way to a storage, and not on a unit that keeps it."""
    b = lot.now(s, slot)
    if s[b + lot.HOLDER] != NONE:
        return moves.may_leave(p, s, s[b + lot.HOLDER])
    return s[b + lot.IN_LINE] == 1


@inner
def merge(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> int:
    """Have the unit hold the lot that was split, in the place of its parts; returns the slot of its lot."""
    whole = family_of(s, slot)
    if whole == NONE or not p[dividing.plan(p, s[lot.now(s, slot) + lot.OPERATION]) + dividing.MERGES]:
        return slot
    g, w, b = family.now(s, whole), lot.now(s, whole), lot.now(s, slot)
    s[g + family.EXISTS] = s[g + family.GONE] = 0
    quantity = 0
    other = s[g + family.WAITING]
    while other != NONE:
        if other != slot:
            starts.fetch(p, q, s, f, other)  # and what its last unit lost of it is lost
        quantity += s[lot.now(s, other) + lot.QUANTITY]
        other = s[family.now(s, other) + family.NEXT]
    s[w + lot.QUANTITY] = quantity
    _take_means(p, s, f, whole)
    s[w + lot.OPERATION], s[w + lot.PLACE], s[w + lot.STORED] = s[b + lot.OPERATION], s[b + lot.PLACE], NONE
    s[w + lot.CONTAINER], s[b + lot.CONTAINER] = s[b + lot.CONTAINER], NONE  # which was just taken
    s[w + lot.ARRIVED] = s[w + lot.READY] = s[head.NOW]
    s[unit.now(s, i) + unit.LOT] = whole
    other = s[g + family.WAITING]
    while other != NONE:
        after = s[family.now(s, other) + family.NEXT]
        o = lot.now(s, other)
        releases.write_waiting(p, s, f, other, MERGED, s[head.NOW], 0)
        rows.genealogy(
            s, s[b + lot.OPERATION], NONE, NONE, s[o + lot.NUMBER], s[w + lot.NUMBER], s[o + lot.QUANTITY]
        )
        other = after
    moves.count_work_in_process(p, s, 1 - s[g + family.WAITING_N])
    _forget_parts(p, s, whole)
    return whole


@inner
def _forget_parts(p: Integers, s: Integers, whole: int) -> None:
    """The parts that have merged are no lots any more."""
    other = s[family.now(s, whole) + family.WAITING]
    while other != NONE:
        after = s[family.now(s, other) + family.NEXT]
        hooks.becomes_whole(p, s, other, whole)
        lots.forget(s, other)
        other = after


@inner
def _take_means(p: Integers, s: Integers, f: Reals, whole: int) -> None:
    """Give a lot the means, by quantity, of the attributes that all its parts have."""
    first = s[family.now(s, whole) + family.WAITING]
    for k in range(p[head.ATTRIBUTES]):
        total, weighed = 0, 0.0
        other = first
        while other != NONE:  # one that lacks it leaves no number
            quantity = s[lot.now(s, other) + lot.QUANTITY]
            total += quantity
            weighed += quantity * f[lots.attributes_of(p, s, other) + k]
            other = s[family.now(s, other) + family.NEXT]
        mean = mean_of(weighed, total, f[lots.attributes_of(p, s, first) + k])
        f[lots.attributes_of(p, s, whole) + k] = np.nan if np.isnan(weighed) else mean


@inner
def lose_one(p: Integers, s: Integers, parent: int) -> None:
    """A part of a lot has left the plant: the others no longer wait for it."""
    g = family.now(s, parent)
    s[g + family.ALIVE] -= 1
    if not s[g + family.ALIVE]:
        s[g + family.EXISTS] = 0
        if s[g + family.GONE]:
            lots.forget(s, parent)
    elif s[g + family.WAITING] != NONE:
        touch_units_of(p, s, s[lot.now(s, s[g + family.WAITING]) + lot.OPERATION])


@inner
def goes_out(p: Integers, s: Integers, slot: int) -> bool:
    """A lot has left the plant; returns whether its slot is kept for its parts."""
    parent = family_of(s, slot)
    if parent != NONE:
        lose_one(p, s, parent)
    g = family.now(s, slot)
    if p[head.IN_PORTIONS] and s[g + family.EXISTS]:
        lose_one(p, s, slot)  # its portions no longer wait for the rest
    s[g + family.GONE] = s[g + family.EXISTS]
    return s[g + family.EXISTS] == 1


@inner
def pack(p: Integers, s: Integers, i: int) -> None:
    """Fill packs; what fills none is lost."""
    u = unit.now(s, i)
    size = p[dividing.plan(p, s[u + unit.OPERATION]) + dividing.PACK]
    if size:
        left = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY] - s[u + unit.SCRAPPED]
        s[u + unit.SCRAPPED] += left % size
        s[s[head.PACKS] + i] = left // size
