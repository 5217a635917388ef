"""The rounds of an instant: effects of all that is due, then moves, then starts, until nothing more is due.

`run` is the kernel: it goes on with a replication until that is over, a store of rows is full, or work waits
for physics, and says which in the head. As `simpy_engine/instant.py`.
"""

from __future__ import annotations

from twin.engine.codes import (
    CALENDAR_TURNS,
    CARRIED,
    CHECK_DUE,
    CHECKED,
    COMPLETED,
    DELIVERED,
    EXPIRES,
    FAILS,
    FALLS_DUE,
    LET_IN,
    PORTION_DONE,
    RELEASED,
    REPAIRED,
    STOCK_EXPIRES,
    TIME_OUT,
    TRANSFERRED,
)
from twin.engine.compiled_engine import (
    agenda,
    containers,
    conveyors,
    endings,
    foreseen,
    hold_times,
    hooks,
    hours,
    in_process,
    loops,
    materials,
    moves,
    order_desk,
    portions,
    quarantine,
    releases,
    rows,
    sources,
    staff,
    starts,
    stops,
    stuck,
    together,
    transport,
    upkeep,
    work,
)
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import touch
from twin.engine.compiled_engine.tables import calendar, head, line, lot, pool, shift, storage, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.rules.calendars import SUSPEND
from twin.engine.simpy_engine.stuck import LONGEST

MOST_ROUNDS = 10_000
OPEN = 4  # of record.OUTCOMES
AT_REST, MOVING, STARTING = range(3)  # how far an instant is settled


@inner
def run(p: Integers, q: Reals, s: Integers, f: Reals) -> int:
    """Go on with a replication; returns why it stopped, of `head`."""
    while True:
        if s[head.SETTLING] != AT_REST and not settle(p, q, s, f):
            return head.PHYSICS
        if s[head.STATUS] != head.DONE:
            return s[head.STATUS]
        if rows.rows_are_full(s):
            return head.ROWS_FULL
        time = agenda.next_time(s)
        if s[head.FRESH] or time != s[head.NOW]:
            if p[head.HORIZON] == NONE and not s[head.WORK_IN_PROCESS] and not s[head.ORDERS_OPEN]:
                close(p, q, s, f, s[head.NOW])
                return s[head.STATUS]
            if stuck.is_stuck(p, s, time):
                return head.STUCK
            if p[head.HORIZON] == NONE and time > LONGEST:
                return head.STUCK
            if p[head.HORIZON] != NONE and time > p[head.HORIZON]:
                close(p, q, s, f, p[head.HORIZON])
                return s[head.STATUS]
            s[head.FRESH] = 0
            s[head.NOW] = time
            s[head.ROUNDS] = 0
        s[head.ROUNDS] += 1
        if s[head.ROUNDS] > MOST_ROUNDS:
            return head.STANDS_STILL
        agenda.take_due(s)
        for k in range(s[head.DUE_N]):
            _take_place(p, q, s, f, s[head.DUE] + k * agenda.WIDTH)
            if s[head.STATUS] == head.TOO_SMALL:  # slots may be in two chains
                return head.TOO_SMALL
        s[head.SETTLING] = MOVING


@inner
def _take_place(p: Integers, q: Reals, s: Integers, f: Reals, row: int) -> None:
    """The effect of an entry that is due."""
    kind, index = agenda.kind_of(s[row + agenda.KEY]), agenda.index_of(s[row + agenda.KEY])
    number, version = s[row + agenda.LOT], s[row + agenda.VERSION]
    if kind == COMPLETED:
        work.completed(p, q, s, f, index, number, version)
    elif kind == FAILS:
        stops.fails(p, q, s, f, index, number, version)
    elif kind == REPAIRED:
        stops.repaired(p, q, s, f, index, version)
    elif kind == RELEASED:
        releases.released(p, q, s, f, index)
    elif kind == CALENDAR_TURNS:
        stops.calendar_turns(p, q, s, f, index)
    elif kind == CARRIED:
        conveyors.carried(p, q, s, f, index, number)
    elif kind == DELIVERED:
        materials.delivered(p, q, s, index, number, version)
    elif kind == STOCK_EXPIRES:
        materials.expires(p, q, s, index)
    elif kind == PORTION_DONE:
        portions.done(p, q, s, f, index, number)
    elif kind == TIME_OUT:
        together.time_out(p, s, index)
    elif kind == TRANSFERRED:
        transport.transferred(p, q, s, index, version)
    elif kind == CHECKED:
        in_process.checked(p, q, s, f, index, number)
    elif kind == CHECK_DUE:
        in_process.falls_due(p, s, f, index, number)
    elif kind == LET_IN:
        order_desk.decides(p, s, index, version)
    elif kind == EXPIRES:
        hold_times.expires(p, q, s, f, index, number, version)
    elif kind == FALLS_DUE:
        upkeep.falls_due(p, s, f, index)


@inner
def settle(p: Integers, q: Reals, s: Integers, f: Reals) -> bool:
    """Moves and starts, until none is possible; then those leave who found no place.

    Returns whether it came to an end: where not, work waits for physics.
    """
    while s[head.STATUS] == head.DONE:
        if s[head.SETTLING] == MOVING:
            moves.move_lots(p, q, s, f)
            s[head.SETTLING] = STARTING
        starts.start_work(p, q, s, f)
        if s[head.REQUESTS_N]:
            if not foreseen.answer(p, s, f):
                return False
            starts.physics_has_answered(p, q, s, f)
            continue
        starts.forget_those_passed_over(s)
        hooks.ends(p, q, s, f)
        if not s[head.TOUCHED_N]:
            break
        s[head.SETTLING] = MOVING
    if s[head.IMPATIENT] != NONE:
        releases.lose_patience(p, s, f)
    s[head.SETTLING] = AT_REST
    return True


@inner
def close(p: Integers, q: Reals, s: Integers, f: Reals, end: int) -> None:
    """Close every interval and write the rows of what is still inside."""
    s[head.NOW] = end
    s[head.CUT_FROM] = s[head.STATES_N]
    for i in range(p[head.MACHINES]):
        if end > s[unit.now(s, i) + unit.SINCE]:
            rows.close_state(s, i)
    for i in range(p[head.UNITS]):
        slot = s[unit.now(s, i) + unit.LOT]
        if slot != NONE and s[lot.now(s, slot) + lot.ORDER] != NONE:
            endings.write_row(p, q, s, f, i, NONE)
            if p[head.TOGETHER] != NONE:
                together.write_rows(p, q, s, f, i)
    for number in range(p[head.OPERATIONS]):
        slot = s[line.now(s, number) + line.HEAD]
        while slot != NONE:
            b = lot.now(s, slot)
            if s[b + lot.HOLDER] == NONE and s[b + lot.ORDER] != NONE:
                releases.write_waiting(p, s, f, slot, OPEN, NONE, 0)
            slot = s[b + lot.NEXT]
    for slot in range(s[head.LOTS_USED]):
        b = lot.now(s, slot)
        if s[b + lot.NUMBER] != NONE and s[b + lot.MOVING]:
            releases.write_waiting(p, s, f, slot, OPEN, NONE, 0)


@inner
def begin(p: Integers, q: Reals, s: Integers, seed_low: int, seed_high: int, replication: int) -> None:
    """Begin a replication at time 0 with nothing inside, in memory that is laid out for it."""
    sources.start(p, s, seed_low, seed_high, replication, p[head.SOURCES])
    for number in range(p[head.CALENDARS]):
        s[calendar.now(s, number) + calendar.IS_OPEN] = hours.opens(p, number, 0)
    for i in range(p[head.UNITS]):
        at, u = p[unit.plan(p, i) + unit.CALENDAR], unit.now(s, i)
        if at != NONE:
            s[u + unit.SUSPENDS] = p[calendar.plan(p, at) + calendar.AT_CLOSE] == SUSPEND
            s[u + unit.OPEN] = s[calendar.now(s, at) + calendar.IS_OPEN]
        touch(s, i)
    for number in range(p[head.SHIFTS]):
        at = p[shift.plan(p, number) + shift.CALENDAR]
        s[shift.now(s, number) + shift.ON] = 1 if at == NONE else s[calendar.now(s, at) + calendar.IS_OPEN]
    stops.begin(p, q, s)
    releases.begin(p, q, s)
    _count(p, s)
    materials.begin(p, q, s)
    s[head.FRESH] = 1
    s[head.SETTLING] = MOVING


@inner
def _count(p: Integers, s: Integers) -> None:
    """Count people, containers and what is stored at the start of the run."""
    for number in range(p[head.POOLS]):
        staff.count_present(p, s, number)
        rows.level(s, p[pool.plan(p, number) + pool.BUSY], 0)
    for kind in range(p[head.CONTAINERS]):
        containers.count(p, s, kind)
    transport.begin(p, s)
    for number in range(p[head.STORAGES]):
        rows.level(s, p[storage.plan(p, number) + storage.ENTITY], 0)
    containers.begin(p, s)
    upkeep.begin(p, s)
    if p[head.QUARANTINE_ENTITY] != NONE:
        quarantine.count(p, s)
    order_desk.begin(p, s)
    loops.begin(p, s)
