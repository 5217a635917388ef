"""Conveyors: storages that carry lots one behind the other from their start to their end.

As `simpy_engine/conveyors.py`: only the first lot of a belt is on the agenda. What stands on a belt, and when
each comes to its end, are chains through the slots of lots.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, CARRIED, STARVED
from twin.engine.compiled_engine import moves
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import due_behind, may_enter
from twin.engine.compiled_engine.lists import has_place
from twin.engine.compiled_engine.tables import head, lot, operation, storage
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE

LONG_AGO = -(2**62)
ARRIVAL, ENTRANCE = 0, 1


@inner
def is_belt(p: Integers, number: int) -> bool:
    """Whether a storage, which may be none, is a conveyor."""
    return number >= 0 and p[storage.plan(p, number) + storage.IS_BELT] == 1


@inner
def gate(p: Integers, s: Integers, number: int) -> tuple[int, int]:
    """A lot enters where the one before has gone on, and where the belt moves; or a state and its cause."""
    here, g = storage.plan(p, number), storage.now(s, number)
    stands = s[g + storage.AT_END] == 1 and not p[here + storage.ACCUMULATING]
    if not stands and may_enter(s[head.NOW], s[g + storage.LAST_ENTERED], p[here + storage.PITCH]):
        return NONE, NONE
    if not stands:
        wait = s[g + storage.LAST_ENTERED] + p[here + storage.PITCH] - s[head.NOW]
        schedule(s, wait, CARRIED, number, ENTRANCE, 0)
    return BLOCKED, p[here + storage.CAUSE]


@inner
def not_on_the_belt(p: Integers, s: Integers, slot: int) -> tuple[int, int]:
    """A lot is taken off the end of the belt, not past it: a state and its cause, or none."""
    b = lot.now(s, slot)
    at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
    if is_belt(p, at) and s[b + lot.STORED] == NONE:
        return STARVED, NONE
    return NONE, NONE


@inner
def enter(p: Integers, s: Integers, number: int, slot: int) -> None:
    """A lot steps on a belt."""
    g = storage.now(s, number)
    s[s[head.BELT_NEXT] + slot] = NONE
    s[s[head.BELT_DUE] + slot] = s[head.NOW] + p[storage.plan(p, number) + storage.CARRIES]
    s[g + storage.LAST_ENTERED] = s[head.NOW]
    s[lot.now(s, slot) + lot.PLACE] = NONE  # from the end of the belt nobody needs to carry it
    if s[g + storage.FRONT] == NONE:
        s[g + storage.FRONT] = s[g + storage.BACK] = slot
        _look_forward(s, number)
    else:
        s[s[head.BELT_NEXT] + s[g + storage.BACK]] = slot
        s[g + storage.BACK] = slot


@inner
def stands_for(s: Integers, number: int, slot: int, other: int) -> None:
    """The first lot of a belt has become another one."""
    g = storage.now(s, number)
    s[s[head.BELT_NEXT] + other] = s[s[head.BELT_NEXT] + slot]
    s[s[head.BELT_DUE] + other] = s[s[head.BELT_DUE] + slot]
    s[g + storage.FRONT] = other
    if s[g + storage.BACK] == slot:
        s[g + storage.BACK] = other


@inner
def _look_forward(s: Integers, number: int) -> None:
    """Have the first lot come to the end."""
    s[head.IN_HAND] += 1
    due = s[s[head.BELT_DUE] + s[storage.now(s, number) + storage.FRONT]]
    schedule(s, due - s[head.NOW], CARRIED, number, ARRIVAL, 0)


@inner
def carried(p: Integers, q: Reals, s: Integers, f: Reals, number: int, what: int) -> None:
    """Effect: the first lot has come to the end, or the entrance is free again."""
    if what == ENTRANCE:
        has_place(s, number)
        return
    s[head.IN_HAND] -= 1
    g = storage.now(s, number)
    s[g + storage.AT_END] = 1
    moves.arrives(p, q, s, f, s[g + storage.FRONT])


@inner
def taken(p: Integers, s: Integers, number: int) -> None:
    """The first lot is gone: the next one comes."""
    here, g = storage.plan(p, number), storage.now(s, number)
    first = s[g + storage.FRONT]
    stood = s[head.NOW] - s[s[head.BELT_DUE] + first]
    slot, front = s[s[head.BELT_NEXT] + first], s[head.NOW]
    s[g + storage.FRONT] = slot
    s[g + storage.AT_END] = 0
    while slot != NONE:
        front = due_behind(
            s[s[head.BELT_DUE] + slot],
            front,
            stood,
            p[here + storage.PITCH],
            p[here + storage.ACCUMULATING] == 1,
        )
        s[s[head.BELT_DUE] + slot] = front
        slot = s[s[head.BELT_NEXT] + slot]
    if not p[here + storage.ACCUMULATING]:
        s[g + storage.LAST_ENTERED] += stood
        if s[g + storage.QUEUE] != NONE:
            has_place(s, number)
    if s[g + storage.FRONT] != NONE:
        _look_forward(s, number)
