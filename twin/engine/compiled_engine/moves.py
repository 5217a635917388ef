"""Moves: a finished lot leaves its unit as soon as there is a place for it. As `simpy_engine/moves.py`."""

from __future__ import annotations

from twin.engine.codes import BLOCKED, COMPLETED, OFF_SHIFT
from twin.engine.compiled_engine import (
    assembly,
    conveyors,
    endings,
    hooks,
    lots,
    materials,
    splitting,
    together,
    transport,
    upkeep,
    warehouses,
)
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import has_place, look_again, take_least, touch, touch_units_of
from twin.engine.compiled_engine.rows import level, set_state
from twin.engine.compiled_engine.tables import head, line, lot, mode, operation, storage, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NO_STORAGE, NONE


@inner
def move_lots(p: Integers, q: Reals, s: Integers, f: Reals) -> None:
    """Move every lot that can move."""
    while (s[head.FINISHED_N] or s[head.PLACES_N]) and s[head.STATUS] != head.TOO_SMALL:
        if s[head.FINISHED_N]:
            last = NONE
            while True:  # in file order; a unit that finishes meanwhile takes its turn in the next pass
                i = _next_finished(s, last)
                if i == NONE:
                    break
                last = i
                u = unit.now(s, i)
                if s[u + unit.FINISHED] != NONE and may_leave(p, s, i):
                    hand_on(p, q, s, f, i)
        else:
            number = take_least(s, head.PLACES_LIST)
            s[storage.now(s, number) + storage.CHANGED] = 0
            fill(p, q, s, f, number)


@inner
def _next_finished(s: Integers, last: int) -> int:
    """Take the first unit after `last` out of those that have just finished; none where there is none."""
    first = s[head.FINISHED]
    best = NONE
    for k in range(first, first + s[head.FINISHED_N]):
        if s[k] > last and (best == NONE or s[k] < s[best]):
            best = k
    if best == NONE:
        return NONE
    i = s[best]
    s[best] = s[first + s[head.FINISHED_N] - 1]
    s[head.FINISHED_N] -= 1
    s[unit.now(s, i) + unit.JUST_FINISHED] = 0
    return i


@inner
def may_leave(p: Integers, s: Integers, i: int) -> bool:
    """Whether a finished lot may leave its unit: a unit that is down can keep it."""
    if not s[unit.now(s, i) + unit.DOWN]:
        return True
    here = unit.plan(p, i)
    if p[here + unit.PART_OF] != NONE:
        here = unit.plan(p, p[here + unit.PART_OF])
    first = p[here + unit.MODES_AT]
    for m in range(first, first + p[here + unit.MODES_N]):
        if s[mode.now(s, m) + mode.IS_DOWN] and not p[mode.plan(p, m) + mode.MAY_LEAVE]:
            return False
    return True


@inner
def hand_on(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Send the finished lot of a unit on its way: out, into a line, or to wait for a place."""
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    if number == NONE:
        leave_plant(p, q, s, f, i, slot)
        return
    if stays(p, s, i):
        if s[b + lot.HOLDER] == NONE:
            s[b + lot.HOLDER], s[b + lot.READY] = i, s[head.NOW]
        show_idle(p, s, i)
        touch(s, i)
        return
    at = p[operation.plan(p, number) + operation.STORAGE]
    if s[b + lot.HOLDER] == NONE:  # not yet in the next line
        s[b + lot.READY] = s[head.NOW]
        if at == NONE:
            leave_unit(p, q, s, f, i)
            join_line(p, s, slot)
            rest(p, q, s, f, slot)
            return
        s[b + lot.HOLDER] = i
        if s[u + unit.RESERVED] != NONE:  # its place is kept
            kept = s[u + unit.RESERVED]
            s[u + unit.RESERVED] = NONE
            s[storage.now(s, kept) + storage.KEPT] -= 1
            lots.queue_first(s, slot, kept)
            lots.join(p, s, slot)
            fill(p, q, s, f, kept)
            return
        admits = at != NO_STORAGE and s[storage.now(s, at) + storage.QUEUE] == NONE and has_room(p, s, at)
        if admits and kept_out(p, s, slot, at)[0] == NONE:
            lots.join(p, s, slot)
            enter_storage(p, q, s, f, slot, at)
            return
        join_line(p, s, slot)
        if at != NO_STORAGE:
            lots.queue(s, slot, at)
        show_idle(p, s, i)
    if at != NO_STORAGE:
        has_place(s, at)
    else:
        touch_units_of(p, s, number)


@inner
def stays(p: Integers, s: Integers, i: int) -> bool:
    """Whether the finished lot keeps its unit: its next operation belongs to the same unit procedure."""
    u = unit.now(s, i)
    if s[u + unit.LOT] == NONE or s[u + unit.FINISHED] == NONE:
        return False
    following = s[lot.now(s, s[u + unit.LOT]) + lot.OPERATION]
    if following == NONE:
        return False
    procedure = p[operation.plan(p, s[u + unit.OPERATION]) + operation.PROCEDURE]
    return procedure != NONE and procedure == p[operation.plan(p, following) + operation.PROCEDURE]


@inner
def has_room(p: Integers, s: Integers, number: int) -> bool:
    """Whether a storage has a free place."""
    capacity = p[storage.plan(p, number) + storage.CAPACITY]
    g = storage.now(s, number)
    return capacity == NONE or s[g + storage.STORED] + s[g + storage.KEPT] < capacity


@inner
def fill(p: Integers, q: Reals, s: Integers, f: Reals, number: int) -> None:
    """Give the free places of a storage to lots that wait for one."""
    slot = s[storage.now(s, number) + storage.QUEUE]
    while slot != NONE and has_room(p, s, number):
        b = lot.now(s, slot)
        after = s[b + lot.QUEUE_NEXT]
        if s[b + lot.HOLDER] == NONE or may_leave(p, s, s[b + lot.HOLDER]):
            state, cause = kept_out(p, s, slot, number)
            if state != NONE:  # nobody overtakes it
                _show_kept_out(s, slot, state, cause)
                return
            lots.leave_queue(s, slot, number)
            enter_storage(p, q, s, f, slot, number)
        slot = after


@inner
def _show_kept_out(s: Integers, slot: int, state: int, cause: int) -> None:
    b = lot.now(s, slot)
    if s[b + lot.HOLDER] != NONE:
        u = unit.now(s, s[b + lot.HOLDER])
        if s[u + unit.OPEN]:
            set_state(s, s[b + lot.HOLDER], state, s[b + lot.NUMBER], s[u + unit.OPERATION], cause)


@inner
def kept_out(p: Integers, s: Integers, slot: int, number: int) -> tuple[int, int]:
    """What keeps a lot from entering a storage that has a free place: a state and its cause, or none."""
    state = cause = NONE
    if p[storage.plan(p, number) + storage.HOLDS] != NONE:
        state, cause = warehouses.too_full(p, s, slot, number)
    if conveyors.is_belt(p, number):
        if state == NONE:
            state, cause = conveyors.gate(p, s, number)
    elif p[head.TRANSPORT] and state == NONE:
        state, cause = transport.lacks(p, s, slot, p[head.UNITS] + number)
    if p[p[head.PARTS_COME] + number] and state == NONE:
        state, cause = splitting.no_room(p, s, slot, number)
    return state, cause


@inner
def enter_storage(p: Integers, q: Reals, s: Integers, f: Reals, slot: int, number: int) -> None:
    """Put a lot into a storage, where it arrives after its way there; its unit is free at once."""
    change_stored(p, s, number, 1)
    b = lot.now(s, slot)
    s[b + lot.STORED] = number
    s[b + lot.LOSES_PATIENCE] = 0
    if s[b + lot.HOLDER] != NONE:
        leave_unit(p, q, s, f, s[b + lot.HOLDER])
    if p[head.TRANSPORT] or conveyors.is_belt(p, number):
        lots.leave(p, s, slot)
        s[b + lot.MOVING] = 1
        if conveyors.is_belt(p, number):
            conveyors.enter(p, s, number, slot)
        else:
            transport.bring(p, q, s, number, slot)
        return
    delay = 0
    if p[head.TRAVEL] != NONE:
        destination = p[head.UNITS] + number
        if s[b + lot.PLACE] != NONE:
            delay = p[p[head.TRAVEL] + s[b + lot.PLACE] * p[head.PLACES] + destination]
        s[b + lot.PLACE] = destination
    if delay:
        lots.leave(p, s, slot)
        s[b + lot.MOVING] = 1
        s[head.IN_HAND] += 1
        schedule(s, delay, COMPLETED, p[head.UNITS] + number, s[b + lot.NUMBER], slot)
    else:
        touch_units_of(p, s, s[b + lot.OPERATION])
        rest(p, q, s, f, slot)


@inner
def arrive(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> None:
    """Effect: a moved lot has come to its storage."""
    s[head.IN_HAND] -= 1
    arrives(p, q, s, f, slot)


@inner
def arrives(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> None:
    """Let a lot that was carried wait for its operation."""
    b = lot.now(s, slot)
    s[b + lot.MOVING] = 0
    s[b + lot.READY] = s[head.NOW]
    join_line(p, s, slot)
    if s[b + lot.PARTS] or not hooks.arrives(p, q, s, f, slot):
        rest(p, q, s, f, slot)  # one that is to be divided arrives as its parts


@inner
def rest(p: Integers, q: Reals, s: Integers, f: Reals, slot: int) -> None:
    """A lot is laid down where it waits for its operation."""
    if s[lot.now(s, slot) + lot.PARTS]:
        splitting.divide(p, q, s, f, slot)


@inner
def change_stored(p: Integers, s: Integers, number: int, change: int) -> None:
    """Count lots in a storage."""
    g = storage.now(s, number)
    s[g + storage.STORED] += change
    level(s, p[storage.plan(p, number) + storage.ENTITY], s[g + storage.STORED])
    if change < 0:
        if s[g + storage.QUEUE] != NONE:
            has_place(s, number)
        look_again(s)


@inner
def join_line(p: Integers, s: Integers, slot: int) -> None:
    """Let a lot wait for its operation."""
    lots.join(p, s, slot)
    touch_units_of(p, s, s[lot.now(s, slot) + lot.OPERATION])


@inner
def add_job(p: Integers, s: Integers, f: Reals, number: int, place: int, waited: int) -> int:
    """Let a job of a unit or a dirty container at `place` wait for its operation; returns its slot.

    Jobs of an operation are numbered down from -2, so that their draws are their own. It has `waited` so many
    ns already.
    """
    w = line.now(s, number)
    s[w + line.JOBS] += 1
    slot = lots.new(p, s, f, -s[w + line.JOBS] - 1, NONE, 0, number, 0)
    b = lot.now(s, slot)
    s[b + lot.PLACE] = place
    s[b + lot.READY] = s[b + lot.ARRIVED] = s[head.NOW] - waited
    join_line(p, s, slot)
    return slot


@inner
def leave_unit(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Take the finished lot off its unit, and write the row of its visit; then others there are up."""
    take_off(p, q, s, f, i)
    if p[head.TOGETHER] != NONE:
        together.next_leaves(p, q, s, f, i)


@inner
def take_off(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Take one finished lot off its unit, and write the row of its visit."""
    endings.write_row(p, q, s, f, i, s[head.NOW])
    u = unit.now(s, i)
    slot, number = s[u + unit.LOT], s[u + unit.OPERATION]
    b = lot.now(s, slot)
    s[b + lot.ARRIVED] = s[head.NOW]
    s[b + lot.HOLDER] = NONE
    s[b + lot.PLACE] = i
    s[u + unit.LOT] = s[u + unit.OPERATION] = s[u + unit.FINISHED] = NONE
    free(p, s, i)
    if p[head.MATERIALS]:
        materials.becomes_stock(p, s, i, slot)
    if upkeep.cares(p, i):
        upkeep.ends_use(p, s, i)
    hooks.leaves(p, s, f, i, slot, number)


@inner
def free(p: Integers, s: Integers, i: int) -> None:
    """A unit has nothing in hand any more; it looks for work, and so do those who share it."""
    touch(s, i)
    if p[unit.plan(p, i) + unit.SHARED]:
        look_again(s)


@inner
def leave_plant(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> None:
    """Let a lot out of the plant."""
    leave_unit(p, q, s, f, i)
    goes_out(p, s, slot)


@inner
def goes_out(p: Integers, s: Integers, slot: int) -> None:
    """A lot that stands nowhere any more is out of the plant."""
    count_work_in_process(p, s, -1)
    hooks.exits(p, s, slot)
    if not p[head.MERGES] or not assembly.goes_out(p, s, slot):
        lots.forget(s, slot)


@inner
def count_work_in_process(p: Integers, s: Integers, change: int) -> None:
    """Count lots in the plant."""
    s[head.WORK_IN_PROCESS] += change
    level(s, p[head.WIP], s[head.WORK_IN_PROCESS])


@inner
def show_idle(p: Integers, s: Integers, i: int) -> None:
    """The state of a unit that keeps a finished lot, or rests."""
    u = unit.now(s, i)
    if not s[u + unit.OPEN]:
        set_state(s, i, OFF_SHIFT, NONE, NONE, NONE)
    elif s[u + unit.DOWN]:
        set_state(s, i, s[u + unit.DOWN_STATE], NONE, NONE, s[u + unit.DOWN_CAUSE])
    elif s[u + unit.LOT] != NONE:
        b = lot.now(s, s[u + unit.LOT])
        following, cause = s[b + lot.OPERATION], NONE
        if following != NONE and p[operation.plan(p, following) + operation.STORAGE] >= 0:
            waits_for = p[operation.plan(p, following) + operation.STORAGE]
            cause = p[storage.plan(p, waits_for) + storage.CAUSE]
        set_state(s, i, BLOCKED, s[b + lot.NUMBER], s[u + unit.OPERATION], cause)


@inner
def keep_no_place(s: Integers, i: int) -> None:
    """A unit keeps no place for its lot any more; others may have it."""
    u = unit.now(s, i)
    kept = s[u + unit.RESERVED]
    if kept != NONE:
        s[storage.now(s, kept) + storage.KEPT] -= 1
        has_place(s, kept)
        look_again(s)
        s[u + unit.RESERVED] = NONE
