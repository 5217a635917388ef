"""Departures: a lot that must not wait any longer is sent out or back from wherever it stands.

As `simpy_engine/departures.py`.
"""

from __future__ import annotations

from twin.engine.compiled_engine import containers, endings, hooks, lots, moves, releases, remarks
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import has_finished, touch_units_of
from twin.engine.compiled_engine.tables import head, lot, operation, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NO_STORAGE, NONE
from twin.engine.rules.outcomes import REWORK


@inner
def carrier(p: Integers, s: Integers, slot: int) -> int:
    """The unit on which a lot is, or none."""
    for i in range(p[head.UNITS]):
        if s[unit.now(s, i) + unit.LOT] == slot:
            return i
    return NONE


@inner
def may_be_sent(p: Integers, s: Integers, slot: int) -> bool:
    """Whether a lot waits in a line or finished on a unit, and is neither in work nor on its way."""
    b = lot.now(s, slot)
    if s[b + lot.MOVING]:
        return False
    i = carrier(p, s, slot)
    if i != NONE:
        return s[unit.now(s, i) + unit.FINISHED] != NONE
    return s[b + lot.IN_LINE] == 1


@inner
def send_away(
    p: Integers,
    q: Reals,
    s: Integers,
    f: Reals,
    slot: int,
    outcome: int,
    to: int,
    cause: int,
    exceeded: int,
) -> None:
    """End the waiting of a lot in a line or finished on a unit: back to operation `to`, or out for good.

    `exceeded` is the time in ns by which a hold time is passed, none where there is none.
    """
    hooks.withdraws(p, s, slot)
    touch_units_of(p, s, s[lot.now(s, slot) + lot.OPERATION])
    i = carrier(p, s, slot)
    if i != NONE:
        _from_unit(p, s, f, i, outcome, to)
        remarks.note(p, s, i, cause, exceeded)
    else:
        remarks.note(p, s, NONE, cause, exceeded)
        _from_line(p, s, f, slot, outcome, to)


@inner
def _from_unit(p: Integers, s: Integers, f: Reals, i: int, outcome: int, to: int) -> None:
    """The visit that has ended gets another outcome, and the lot leaves as soon as it may."""
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    if moves.stays(p, s, i):  # between the operations of a unit procedure, in no line
        s[b + lot.HOLDER] = NONE
    elif s[b + lot.HOLDER] != NONE:
        lots.leave(p, s, slot)
        at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
        if at not in (NONE, NO_STORAGE):
            lots.leave_queue(s, slot, at)
        s[b + lot.HOLDER] = NONE
    moves.keep_no_place(s, i)
    s[u + unit.OUTCOME] = outcome
    if outcome == REWORK:
        s[u + unit.REWORK_TO] = to
    else:
        s[u + unit.SCRAPPED] = s[b + lot.QUANTITY]
    endings.route(p, s, f, i)
    if outcome == REWORK:
        hooks.waits(p, s, slot)
    has_finished(s, i)


@inner
def _from_line(p: Integers, s: Integers, f: Reals, slot: int, outcome: int, to: int) -> None:
    b = lot.now(s, slot)
    lots.leave(p, s, slot)
    at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
    if s[b + lot.STORED] != NONE:
        stored = s[b + lot.STORED]
        s[b + lot.STORED] = NONE
        moves.change_stored(p, s, stored, -1)
    elif at not in (NONE, NO_STORAGE):
        lots.leave_queue(s, slot, at)
    s[b + lot.LOSES_PATIENCE] = 0
    scrapped = 0 if outcome == REWORK else s[b + lot.QUANTITY]
    releases.write_waiting(p, s, f, slot, outcome, s[head.NOW], scrapped)
    if outcome == REWORK:
        endings.send_back(p, s, slot, s[b + lot.OPERATION], to)
        releases.come(p, s, slot)
        return
    if s[b + lot.CONTAINER] != NONE:
        containers.give_back(p, s, f, slot, 1)
    moves.goes_out(p, s, slot)
