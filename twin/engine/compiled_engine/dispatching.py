"""Dispatching: the order in which a unit looks at waiting lots, and which of two goes first.

As `simpy_engine/dispatching.py`. A unit that goes by a key of each lot finds the next one by looking at all.
"""

from __future__ import annotations

from twin.engine.compiled_engine import upkeep
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import (
    dispatching_value,
    goes_before_by_value,
    goes_first,
    is_hot,
)
from twin.engine.compiled_engine.tables import head, line, lot, operation, service, unit
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE
from twin.engine.rules.dispatching import FIFO, PRIORITY

Key = tuple[int, int, int, int, int]  # hot, value, priority, ready, number


@inner
def first(p: Integers, s: Integers, i: int, number: int) -> int:
    """The first lot that waits for an operation, as the unit looks at them; none where none waits."""
    if p[unit.plan(p, i) + unit.BY_KEY]:
        return _next_by_key(p, s, i, number, NONE)
    w = line.now(s, number)
    return s[w + line.TURN] if _goes_by_turn(p, i) else s[w + line.HEAD]


@inner
def following(p: Integers, s: Integers, i: int, number: int, slot: int) -> int:
    """The lot that the unit looks at after another one; none after the last."""
    if p[unit.plan(p, i) + unit.BY_KEY]:
        return _next_by_key(p, s, i, number, slot)
    return s[lot.now(s, slot) + (lot.TURN_NEXT if _goes_by_turn(p, i) else lot.NEXT)]


@inner
def _goes_by_turn(p: Integers, i: int) -> bool:
    return p[head.MIXED_PRIORITIES] != 0 and p[unit.plan(p, i) + unit.DISPATCHING] == PRIORITY


@inner
def _next_by_key(p: Integers, s: Integers, i: int, number: int, last: int) -> int:
    """The lot with the lowest key, of those with a higher one than `last` where that is a lot."""
    slot = best = s[line.now(s, number) + line.HEAD]
    if slot == NONE or (last == NONE and s[lot.now(s, slot) + lot.NEXT] == NONE):
        return slot
    best = NONE
    lowest = beyond = _key(p, s, i, slot if last == NONE else last)
    while slot != NONE:
        key = _key(p, s, i, slot)
        if (last == NONE or _before(beyond, 0, key, 0)) and (best == NONE or _before(key, 0, lowest, 0)):
            best, lowest = slot, key
        slot = s[lot.now(s, slot) + lot.NEXT]
    return best


@inner
def _before(one: Key, preference: int, other: Key, other_preference: int) -> bool:
    """Whether the lower key goes first; before the lot's number counts the unit's preference."""
    return goes_before_by_value(
        one[0] == 1,
        one[1],
        one[2],
        one[3],
        preference,
        one[4],
        other[0] == 1,
        other[1],
        other[2],
        other[3],
        other_preference,
        other[4],
    )


@inner
def _key(p: Integers, s: Integers, i: int, slot: int) -> Key:
    """What the unit goes by: hot ones first, then the lower."""
    b, rule = lot.now(s, slot), p[unit.plan(p, i) + unit.DISPATCHING]
    priority = s[b + lot.PRIORITY]
    return (
        1 if is_hot(priority) else 0,
        _value(p, s, i, slot, rule),
        0 if rule == FIFO else priority,
        s[b + lot.READY],
        s[b + lot.NUMBER],
    )


@inner
def _value(p: Integers, s: Integers, i: int, slot: int, rule: int) -> int:
    """The number that the unit's rule gives a lot."""
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    processing = nominal_of(p, i, number)
    remaining = processing + p[p[head.NOMINAL_AFTER] + number]
    changeover = upkeep.nominal(p, s, i, slot) if upkeep.cares(p, i) else 0
    return dispatching_value(
        rule, s[head.NOW], s[b + lot.READY], s[b + lot.DUE], processing, remaining, changeover
    )


@inner
def nominal_of(p: Integers, i: int, number: int) -> int:
    """The nominal time in ns of an operation on a unit."""
    row = p[p[operation.plan(p, number) + operation.SERVICE_AT] + i]
    return p[service.plan(p, row) + service.NOMINAL]


@inner
def goes_before(
    p: Integers, s: Integers, i: int, slot: int, preference: int, best: int, best_preference: int
) -> bool:
    """Whether a unit takes one lot rather than the best so far; preferences are the unit's rank for each."""
    if p[unit.plan(p, i) + unit.BY_KEY]:
        return _before(_key(p, s, i, slot), preference, _key(p, s, i, best), best_preference)
    b, a = lot.now(s, slot), lot.now(s, best)
    return goes_first(
        p[unit.plan(p, i) + unit.DISPATCHING],
        s[b + lot.PRIORITY],
        s[b + lot.READY],
        preference,
        s[b + lot.NUMBER],
        s[a + lot.PRIORITY],
        s[a + lot.READY],
        best_preference,
        s[a + lot.NUMBER],
    )
