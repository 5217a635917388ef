"""Lots in their slots, the lines in which they wait for an operation, and the queues for a place."""

from __future__ import annotations

import numpy as np

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import family, head, line, lot, operation, storage, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.rules.calendars import NEVER

NONE = -1
OUTSIDE = 2**62  # after every unit


@inner
def new(
    p: Integers, s: Integers, f: Reals, number: int, order: int, priority: int, operation: int, quantity: int
) -> int:
    """A lot in a slot of its own; returns the slot, the last one where there is no room for more."""
    slot = s[head.LOT_FREE]
    if slot != NONE:
        s[head.LOT_FREE] = s[lot.now(s, slot) + lot.NEXT]
    elif s[head.LOTS_USED] < s[head.LOT_ROOM]:
        slot = s[head.LOTS_USED]
        s[head.LOTS_USED] += 1
    else:
        s[head.STATUS] = head.TOO_SMALL
        slot = s[head.LOT_ROOM] - 1
    b = lot.now(s, slot)
    for column in range(lot.VISITS):
        s[b + column] = NONE
    for column in range(lot.VISITS, s[head.LOT_WIDTH]):
        s[b + column] = 0
    s[b + lot.NUMBER] = number
    s[b + lot.ORDER] = order
    s[b + lot.PRIORITY] = priority
    s[b + lot.OPERATION] = operation
    s[b + lot.QUANTITY] = quantity
    s[b + lot.READY] = s[b + lot.ARRIVED] = 0
    s[b + lot.DUE] = NEVER
    s[b + lot.LOSES_PATIENCE] = s[b + lot.BORN] = s[b + lot.PARTS] = 0
    s[b + lot.IN_LINE] = s[b + lot.MOVING] = s[b + lot.CLEANED_AGAIN] = s[b + lot.STRAYED] = 0
    for k in range(attributes_of(p, s, slot), attributes_of(p, s, slot + 1)):
        f[k] = np.nan
    if p[head.MERGES]:
        g = family.now(s, slot)
        s[g + family.EXISTS] = s[g + family.GONE] = 0
        s[g + family.PARENT] = NONE
    return slot


@inner
def attributes_of(p: Integers, s: Integers, slot: int) -> int:
    """Where the attributes that a lot carries begin in the replication's reals; NaN for what it has not."""
    return s[head.ATTRIBUTES_AT] + slot * p[head.ATTRIBUTES]


@inner
def forget(s: Integers, slot: int) -> None:
    """Free the slot of a lot that is gone."""
    b = lot.now(s, slot)
    s[b + lot.NEXT] = s[head.LOT_FREE]
    s[b + lot.NUMBER] = s[b + lot.KEPT_BY] = NONE
    s[head.LOT_FREE] = slot


@inner
def visit(p: Integers, s: Integers, slot: int) -> int:
    """How often the lot has been at its operation before."""
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    return s[b + lot.VISITS + number - p[operation.plan(p, number) + operation.FIRST]]


@inner
def join(p: Integers, s: Integers, slot: int) -> None:
    """Put a lot in its place in the line of its operation."""
    b = lot.now(s, slot)
    w = line.now(s, s[b + lot.OPERATION])
    _count_waiting(p, s, s[b + lot.OPERATION], 1)
    s[w + line.HELD] = 0
    if s[b + lot.CONTAINER] != NONE:
        s[w + line.CARRYING] += 1
    s[b + lot.IN_LINE] = 1
    before = s[w + line.TAIL]
    while before != NONE and _is_ready_after(s, before, b):
        before = s[lot.now(s, before) + lot.PREVIOUS]
    link(s, slot, before, w + line.HEAD, lot.NEXT)
    if p[head.MIXED_PRIORITIES]:
        before = s[w + line.TURN_END]
        while before != NONE and _has_turn_after(s, before, b):
            before = s[lot.now(s, before) + lot.TURN_PREVIOUS]
        link(s, slot, before, w + line.TURN, lot.TURN_NEXT)


@inner
def _count_waiting(p: Integers, s: Integers, number: int, change: int) -> None:
    """Count the lots that wait for an operation, and the tasks that a unit has to do for itself."""
    s[line.waiting(s, number)] += change
    does_it = p[operation.plan(p, number) + operation.TASK_OF]
    if does_it != NONE:
        s[unit.now(s, does_it) + unit.TASKS_WAITING] += change


@inner
def leave(p: Integers, s: Integers, slot: int) -> None:
    """Take a lot out of the line of its operation."""
    b = lot.now(s, slot)
    w = line.now(s, s[b + lot.OPERATION])
    _count_waiting(p, s, s[b + lot.OPERATION], -1)
    if s[b + lot.CONTAINER] != NONE:
        s[w + line.CARRYING] -= 1
    s[b + lot.IN_LINE] = 0
    unlink(s, slot, w + line.HEAD, lot.NEXT)
    if p[head.MIXED_PRIORITIES]:
        unlink(s, slot, w + line.TURN, lot.TURN_NEXT)


@inner
def queue(s: Integers, slot: int, number: int) -> None:
    """Let a lot wait for a place in a storage: by time, then unit, then number."""
    b, g = lot.now(s, slot), storage.now(s, number)
    before = s[g + storage.QUEUE_END]
    while before != NONE and _queues_after(s, before, b):
        before = s[lot.now(s, before) + lot.QUEUE_PREVIOUS]
    link(s, slot, before, g + storage.QUEUE, lot.QUEUE_NEXT)


@inner
def queue_first(s: Integers, slot: int, number: int) -> None:
    """Let a lot wait for a place in a storage, before all others."""
    link(s, slot, NONE, storage.now(s, number) + storage.QUEUE, lot.QUEUE_NEXT)


@inner
def leave_queue(s: Integers, slot: int, number: int) -> None:
    """Take a lot out of the queue for a place in a storage."""
    unlink(s, slot, storage.now(s, number) + storage.QUEUE, lot.QUEUE_NEXT)


@inner
def _is_ready_after(s: Integers, other: int, b: int) -> bool:
    a = lot.now(s, other)
    if s[a + lot.READY] != s[b + lot.READY]:
        return s[a + lot.READY] > s[b + lot.READY]
    return s[a + lot.NUMBER] > s[b + lot.NUMBER]


@inner
def _has_turn_after(s: Integers, other: int, b: int) -> bool:
    a = lot.now(s, other)
    if s[a + lot.PRIORITY] != s[b + lot.PRIORITY]:
        return s[a + lot.PRIORITY] > s[b + lot.PRIORITY]
    return _is_ready_after(s, other, b)


@inner
def _queues_after(s: Integers, other: int, b: int) -> bool:
    a = lot.now(s, other)
    if s[a + lot.READY] != s[b + lot.READY]:
        return s[a + lot.READY] > s[b + lot.READY]
    one, two = _holder(s, a), _holder(s, b)
    return one > two if one != two else s[a + lot.NUMBER] > s[b + lot.NUMBER]


@inner
def _holder(s: Integers, b: int) -> int:
    return OUTSIDE if s[b + lot.HOLDER] == NONE else s[b + lot.HOLDER]


@inner
def link(s: Integers, slot: int, before: int, at: int, column: int) -> None:
    """Put a lot behind another one, or first, in the chain whose ends stand in `s[at]` and `s[at + 1]`.

    `column` of a lot is the next one, the column behind it the previous.
    """
    after = s[at] if before == NONE else s[lot.now(s, before) + column]
    b = lot.now(s, slot)
    s[b + column] = after
    s[b + column + 1] = before
    if before == NONE:
        s[at] = slot
    else:
        s[lot.now(s, before) + column] = slot
    if after == NONE:
        s[at + 1] = slot
    else:
        s[lot.now(s, after) + column + 1] = slot


@inner
def unlink(s: Integers, slot: int, at: int, column: int) -> None:
    """Take a lot out of the chain whose ends stand in `s[at]` and `s[at + 1]`."""
    b = lot.now(s, slot)
    after, before = s[b + column], s[b + column + 1]
    if before == NONE:
        s[at] = after
    else:
        s[lot.now(s, before) + column] = after
    if after == NONE:
        s[at + 1] = before
    else:
        s[lot.now(s, after) + column + 1] = before
