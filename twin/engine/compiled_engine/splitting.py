"""Splitting lots into parts. As `simpy_engine/splitting.py`.

A lot that is split leaves its unit whole, as soon as there is room for all its parts, and is divided where it
is laid down.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED
from twin.engine.compiled_engine import assembly, conveyors, hooks, lots, moves, rows
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import part, part_of_size, parts_of, portion
from twin.engine.compiled_engine.tables import dividing, family, head, lot, storage, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.record import OUTCOMES
from twin.engine.rules.outcomes import DONE

SPLIT = OUTCOMES.index("split")


@inner
def decide(p: Integers, s: Integers, i: int) -> None:
    """A finished lot will be divided, where its operation says so."""
    u = unit.now(s, i)
    d = dividing.plan(p, s[u + unit.OPERATION])
    into, each = p[d + dividing.SPLIT_INTO], p[d + dividing.SPLIT_EACH]
    if (into or each) and s[u + unit.OUTCOME] == DONE:
        b = lot.now(s, s[u + unit.LOT])
        s[u + unit.OUTCOME] = SPLIT
        s[b + lot.SPLIT_AT] = s[u + unit.OPERATION]
        s[b + lot.PARTS] = parts_of(s[b + lot.QUANTITY] - s[u + unit.SCRAPPED], into, each)


@inner
def count_parts(p: Integers, s: Integers, slot: int) -> None:
    """The lot has left its unit: from now on its parts count, and places are kept for them."""
    b = lot.now(s, slot)
    if s[b + lot.PARTS]:
        moves.count_work_in_process(p, s, s[b + lot.PARTS] - 1)
        if s[b + lot.STORED] != NONE:
            s[storage.now(s, s[b + lot.STORED]) + storage.KEPT] += s[b + lot.PARTS] - 1


@inner
def no_room(p: Integers, s: Integers, slot: int, number: int) -> tuple[int, int]:
    """Whether a storage, into which lots come that are to be divided, has no room for all parts of a lot."""
    here, g = storage.plan(p, number), storage.now(s, number)
    capacity = p[here + storage.CAPACITY]
    parts = max(s[lot.now(s, slot) + lot.PARTS], 1)
    if capacity == NONE or s[g + storage.STORED] + s[g + storage.KEPT] + parts <= capacity:
        return NONE, NONE
    return BLOCKED, p[here + storage.CAUSE]


@inner
def divide(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> None:
    """Put the parts in the place of a lot that is laid down."""
    b = lot.now(s, slot)
    parts = s[b + lot.PARTS]
    lots.leave(p, s, slot)
    if p[head.MERGES]:
        assembly.found(s, slot, parts)  # portions before it belong to the same
    s[b + lot.PARTS] = 0
    if s[b + lot.STORED] != NONE:
        s[storage.now(s, s[b + lot.STORED]) + storage.KEPT] -= parts - 1
        moves.change_stored(p, s, s[b + lot.STORED], parts - 1)
    each = p[dividing.plan(p, s[b + lot.SPLIT_AT]) + dividing.SPLIT_EACH]
    first = NONE
    for k in range(parts):
        size = s[b + lot.QUANTITY]
        quantity = part_of_size(size, each, k) if each else portion(size, parts, k)
        child = part_from(p, s, f, slot, s[b + lot.OPERATION], quantity)
        if s[head.STATUS] != head.DONE:
            return
        c = lot.now(s, child)
        s[c + lot.PLACE], s[c + lot.STORED] = s[b + lot.PLACE], s[b + lot.STORED]
        s[c + lot.ARRIVED], s[c + lot.READY] = s[b + lot.ARRIVED], s[head.NOW]
        if conveyors.is_belt(p, s[b + lot.STORED]):
            conveyors.stands_for(s, s[b + lot.STORED], slot, child)
        rows.genealogy(s, s[b + lot.OPERATION], NONE, NONE, s[b + lot.NUMBER], s[c + lot.NUMBER], quantity)
        hooks.waits(p, s, child)
        hooks.becomes_part(p, s, slot, child)
        lots.join(p, s, child)
        s[c + lot.LATER] = first
        first = child
    hooks.is_divided(p, s, slot)
    s[b + lot.STORED] = NONE
    if p[head.MERGES]:
        s[family.now(s, slot) + family.GONE] = 1
    else:
        lots.forget(s, slot)
    while first != NONE:
        after = s[lot.now(s, first) + lot.LATER]
        hooks.arrives(p, q, s, f, first)
        first = after


@inner
def part_from(p: Integers, s: Integers, f: Reals, slot: int, number: int, quantity: int) -> int:
    """A part of a lot, which wants an operation; returns its slot."""
    b = lot.now(s, slot)
    which, order, priority = part(s[b + lot.NUMBER], s[b + lot.BORN]), s[b + lot.ORDER], s[b + lot.PRIORITY]
    child = lots.new(p, s, f, which, order, priority, number, quantity)
    s[b + lot.BORN] += 1
    s[lot.now(s, child) + lot.DUE] = s[b + lot.DUE]
    if p[head.MERGES]:
        s[family.now(s, child) + family.PARENT] = slot
    mine, its = lots.attributes_of(p, s, slot), lots.attributes_of(p, s, child)
    for k in range(p[head.ATTRIBUTES]):
        f[its + k] = f[mine + k]
    return child
