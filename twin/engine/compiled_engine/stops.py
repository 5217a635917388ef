"""Stops: failures and repairs on both clocks, and calendars that open and close units and pools.

As `simpy_engine/stops.py`, and `capacity.py` for units that work on several lots at once.
"""

from __future__ import annotations

from twin.engine.codes import CALENDAR_TURNS, DOWN, FAILS, OFF_SHIFT, REPAIRED
from twin.engine.compiled_engine import flows, hours, maintenance, moves, people, sources, staff, upkeep, work
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import has_finished, look_again, touch, works_overtime
from twin.engine.compiled_engine.rows import set_state
from twin.engine.compiled_engine.tables import calendar, head, lot, mode, needs, pool, shift, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, RESUME
from twin.engine.rules.calendars import HAND_OVER, NEVER, SUSPEND


@inner
def begin(p: Integers, q: Reals, s: Integers) -> None:
    """Start every clock of failures and every calendar; units are up and new."""
    for m in range(p[head.MODES]):
        restart(p, q, s, m)
    for number in range(p[head.CALENDARS]):
        _next_turn(p, s, number)


@inner
def restart(p: Integers, q: Reals, s: Integers, m: int) -> None:
    """Restart the clock of a failure mode after repair."""
    here, c = mode.plan(p, m), mode.now(s, m)
    time = sources.nanoseconds(p, q, s, p[here + mode.BETWEEN], s[c + mode.COUNT], 0, 0)
    rate = q[p[here + mode.RATE]]
    if p[here + mode.RUNS]:
        s[c + mode.EXPOSURE] = time
    elif rate > 0:
        delay = time if rate == 1.0 else sources.rounded(time / rate)
        s[c + mode.FAILS_AT] = s[head.NOW] + delay
        schedule(s, delay, FAILS, p[here + mode.UNIT], NONE, p[here + mode.INDEX])


@inner
def renew(p: Integers, q: Reals, s: Integers, m: int) -> None:
    """Start the clock of a failure mode anew, as after a repair; a mode under repair is left to that."""
    c = mode.now(s, m)
    if not s[c + mode.IS_DOWN]:
        s[c + mode.COUNT] += 1
        restart(p, q, s, m)


@inner
def fails(p: Integers, q: Reals, s: Integers, f: Reals, i: int, version: int, index: int) -> None:
    """Effect: a unit fails."""
    u, here = unit.now(s, i), unit.plan(p, i)
    m = p[here + unit.MODES_AT] + index
    c, runs = mode.now(s, m), p[mode.plan(p, m) + mode.RUNS]
    if not runs and (s[c + mode.IS_DOWN] or s[c + mode.FAILS_AT] != s[head.NOW]):
        return  # renewed since
    if runs and (version != s[u + unit.VERSION] or (not s[u + unit.RUNNING] and s[c + mode.EXPOSURE])):
        return
    client = s[u + unit.CLIENT]
    at_work = i if client == NONE else client
    producing = s[unit.now(s, at_work) + unit.RUNNING] == 1 and work.processes(s, at_work)
    work.halt(p, s, f, at_work)
    _fail(p, q, s, f, i, m, producing)
    for other in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        if _is_worn_out(p, s, f, other):
            _fail(p, q, s, f, i, other, producing)  # used up at the same instant
    if s[head.SECTIONS]:
        flows.goes_on(p, s, f, i)
    for part in range(i + 1, i + 1 + p[here + unit.PARTS_N]):
        _stop_part(p, q, s, f, part, m)
    if upkeep.cares(p, i):
        maintenance.take_the_opportunity(p, q, s, i)
    if client != NONE:
        _stop_client(p, q, s, f, client, p[mode.plan(p, m) + mode.WORK] if producing else RESUME)


@inner
def _stop_client(p: Integers, q: Reals, s: Integers, f: Reals, client: int, fate: int) -> None:
    """A shared unit has failed: its client waits for it."""
    work.after_failure(p, q, s, f, client, fate)
    c = unit.now(s, client)
    if s[c + unit.LOT] != NONE and s[c + unit.FINISHED] == NONE:
        people.let_go_at_failure(p, s, f, client)
        touch(s, client)


@inner
def _is_worn_out(p: Integers, s: Integers, f: Reals, m: int) -> bool:
    c = mode.now(s, m)
    return (
        p[mode.plan(p, m) + mode.RUNS] == 1
        and not s[c + mode.IS_DOWN]
        and s[c + mode.EXPOSURE] == 0
        and f[s[head.RATES_AT] + m] != 0.0
    )


@inner
def _fail(p: Integers, q: Reals, s: Integers, f: Reals, i: int, m: int, producing: bool) -> None:
    u, here = unit.now(s, i), mode.plan(p, m)
    s[u + unit.DOWN_STATE], s[u + unit.DOWN_CAUSE] = DOWN, p[here + mode.CAUSE]
    if s[u + unit.AT_TASK]:
        people.hold(p, s, f, i, needs.NOTHING, 0)  # they may be the ones who repair
    if s[u + unit.LOT] != NONE and s[u + unit.FINISHED] == NONE:
        s[u + unit.STOPS] += 1
        waste(p, q, s, i, m)
        if producing:
            work.after_failure(p, q, s, f, i, p[here + mode.WORK])
        people.let_go_at_failure(p, s, f, i)
    take_down(p, q, s, i, m)


@inner
def take_down(p: Integers, q: Reals, s: Integers, i: int, m: int) -> None:
    """Keep a unit from working until a failure, or what is done with its repair, is dealt with."""
    s[mode.now(s, m) + mode.IS_DOWN] = 1
    s[unit.now(s, i) + unit.DOWN] += 1
    s[head.UNITS_DOWN] += 1
    show_stopped(p, s, i)
    if p[mode.plan(p, m) + mode.NEEDS] != needs.NOTHING:
        s[mode.now(s, m) + mode.WAITS_SINCE] = s[head.NOW]
        s[head.REPAIRS_N] += 1
        s[head.REPAIRERS] = 1
    else:
        _repair(p, q, s, m)


@inner
def waste(p: Integers, q: Reals, s: Integers, i: int, m: int) -> None:
    """Lose from the lot in hand what a failure costs."""
    u, here = unit.now(s, i), mode.plan(p, m)
    if p[here + mode.WASTE] == NONE or s[u + unit.LOT] == NONE:
        return
    if s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER] >= 0:
        lost = sources.value(p, q, s, p[here + mode.WASTE], s[mode.now(s, m) + mode.COUNT], 0, 0)
        s[u + unit.WASTE] += work.quantity(p, q, s[u + unit.OPERATION], lost, p[here + mode.IN_PIECES])


@inner
def show_stopped(p: Integers, s: Integers, i: int) -> None:
    """The state of a unit whose work is halted, or that has none."""
    u = unit.now(s, i)
    if s[u + unit.LOT] == NONE or s[u + unit.FINISHED] != NONE:
        moves.show_idle(p, s, i)
        return
    number = max(s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER], NONE)
    if s[u + unit.SUSPENDS] and not s[u + unit.OPEN]:
        set_state(s, i, OFF_SHIFT, number, s[u + unit.OPERATION], NONE)
    else:
        set_state(s, i, s[u + unit.DOWN_STATE], number, s[u + unit.OPERATION], s[u + unit.DOWN_CAUSE])


@inner
def start_repairs(p: Integers, q: Reals, s: Integers) -> None:
    """Give people to the units that wait for repair, the longest waiting first, then in file order."""
    s[head.REPAIRERS] = 0
    since, last = -1, -1
    for _ in range(s[head.REPAIRS_N]):
        m = _next_repair(p, s, since, last)
        c = mode.now(s, m)
        since, last = s[c + mode.WAITS_SINCE], m
        required = p[mode.plan(p, m) + mode.NEEDS]
        if people.lacking(p, s, required, NONE, 0) == people.ENOUGH:
            s[c + mode.CREW] = people.claim_beyond(p, s, required, NONE, 0)
            s[c + mode.WAITS_SINCE] = NONE
            s[head.REPAIRS_N] -= 1
            _repair(p, q, s, m)


@inner
def _next_repair(p: Integers, s: Integers, since: int, last: int) -> int:
    """The mode that waits for people next after one that waits since a time, or none."""
    best = NONE
    for m in range(p[head.MODES]):
        waits = s[mode.now(s, m) + mode.WAITS_SINCE]
        later = waits > since or (waits == since and m > last)
        if waits != NONE and later and (best == NONE or waits < s[mode.now(s, best) + mode.WAITS_SINCE]):
            best = m
    return best


@inner
def _repair(p: Integers, q: Reals, s: Integers, m: int) -> None:
    here = mode.plan(p, m)
    time = sources.nanoseconds(p, q, s, p[here + mode.REPAIR], s[mode.now(s, m) + mode.COUNT], 0, 0)
    s[head.IN_HAND] += 1
    schedule(s, time, REPAIRED, p[here + mode.UNIT], NONE, p[here + mode.INDEX])


@inner
def repaired(p: Integers, q: Reals, s: Integers, f: Reals, i: int, index: int) -> None:
    """Effect: a repair is done; work goes on where it stopped."""
    s[head.IN_HAND] -= 1
    u, here = unit.now(s, i), unit.plan(p, i)
    m = p[here + unit.MODES_AT] + index
    c = mode.now(s, m)
    people.release(p, s, f, s[c + mode.CREW])
    s[c + mode.CREW] = NONE
    s[c + mode.IS_DOWN] = 0
    s[u + unit.DOWN] -= 1
    s[head.UNITS_DOWN] -= 1
    s[c + mode.COUNT] += 1
    restart(p, q, s, m)
    for part in range(i + 1, i + 1 + p[here + unit.PARTS_N]):
        s[unit.now(s, part) + unit.DOWN] -= 1
        _go_on_or_show(p, q, s, f, part)
    if upkeep.cares(p, i):
        maintenance.repaired(p, q, s, i, index)
    if s[u + unit.DOWN]:
        other = _first_down(p, s, i)
        s[u + unit.DOWN_STATE] = s[mode.now(s, other) + mode.SHOWN]
        s[u + unit.DOWN_CAUSE] = p[mode.plan(p, other) + mode.CAUSE]
    _go_on_or_show(p, q, s, f, i)


@inner
def _go_on_or_show(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    if s[unit.now(s, i) + unit.DOWN]:
        show_stopped(p, s, i)
    else:
        resume(p, q, s, f, i)


@inner
def _first_down(p: Integers, s: Integers, i: int) -> int:
    m = p[unit.plan(p, i) + unit.MODES_AT]
    while not s[mode.now(s, m) + mode.IS_DOWN]:
        m += 1
    return m


@inner
def _stop_part(p: Integers, q: Reals, s: Integers, f: Reals, i: int, m: int) -> None:
    """The first of units that are one has failed: so has this one, with the lot that it works on."""
    u, first = unit.now(s, i), unit.now(s, p[unit.plan(p, i) + unit.PART_OF])
    client = s[u + unit.CLIENT]
    at_work = i if client == NONE else client
    producing = s[unit.now(s, at_work) + unit.RUNNING] == 1 and work.processes(s, at_work)
    work.halt(p, s, f, at_work)
    s[u + unit.DOWN] += 1
    s[u + unit.DOWN_STATE], s[u + unit.DOWN_CAUSE] = s[first + unit.DOWN_STATE], s[first + unit.DOWN_CAUSE]
    if s[u + unit.LOT] != NONE and s[u + unit.FINISHED] == NONE:
        s[u + unit.STOPS] += 1
        waste(p, q, s, i, m)
        if producing:
            work.after_failure(p, q, s, f, i, p[mode.plan(p, m) + mode.WORK])
        people.let_go_at_failure(p, s, f, i)
    if client != NONE:
        _stop_client(p, q, s, f, client, p[mode.plan(p, m) + mode.WORK] if producing else RESUME)
    show_stopped(p, s, i)


@inner
def resume(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A unit that is up again, or open again, goes on with what it has."""
    u = unit.now(s, i)
    if s[head.SECTIONS] and flows.is_station(s, i):
        flows.repaired(p, s, f, i)
    elif s[u + unit.LOT] == NONE:
        moves.free(p, s, i)
    elif s[u + unit.FINISHED] != NONE:
        moves.show_idle(p, s, i)
        has_finished(s, i)
    elif s[u + unit.SUSPENDS] and not s[u + unit.OPEN]:
        show_stopped(p, s, i)
    else:
        work.go(p, q, s, f, i)


@inner
def calendar_turns(p: Integers, q: Reals, s: Integers, f: Reals, number: int) -> None:
    """Effect: a calendar opens or closes, and with it every other one that turns at this instant.

    Units close, people leave, units open and people come, each in file order: which calendar stands first, or
    what it is called, decides nothing.
    """
    _next_turn(p, s, number)
    turned = False
    for each in range(p[head.CALENDARS]):
        c = calendar.now(s, each)
        opens = hours.opens(p, each, s[head.NOW])
        s[c + calendar.TURNED] = opens != s[c + calendar.IS_OPEN]
        if s[c + calendar.TURNED]:
            turned = True
            s[c + calendar.IS_OPEN] = opens
            s[c + calendar.RULE] = NONE if opens else hours.rule_at_closing(p, each, s[head.NOW])
    if not turned:
        return  # turned with another calendar
    for opens in (False, True):
        for i in range(p[head.UNITS]):
            each = p[unit.plan(p, i) + unit.CALENDAR]
            if _turns_to(s, each, opens):
                u = unit.now(s, i)
                s[u + unit.OPEN] = opens
                s[u + unit.SUSPENDS] = s[calendar.now(s, each) + calendar.RULE] == SUSPEND
                if s[u + unit.LENT]:
                    _turn_shared_unit(p, s, f, i, opens)
                else:
                    _turn_unit(p, q, s, f, i, opens)
        _turn_people(p, q, s, f, opens)


@inner
def _turns_to(s: Integers, number: int, opens: bool) -> bool:
    """Whether a calendar opens, or closes, at this instant."""
    if number == NONE:
        return False
    c = calendar.now(s, number)
    return s[c + calendar.TURNED] == 1 and (s[c + calendar.IS_OPEN] == 1) == opens


@inner
def _turn_shared_unit(p: Integers, s: Integers, f: Reals, i: int, opens: bool) -> None:
    """A unit that others have claimed: work that it suspends lets everything go."""
    u = unit.now(s, i)
    if opens:
        look_again(s)
    elif s[u + unit.SUSPENDS] and s[u + unit.CLIENT] != NONE:
        suspend(p, s, f, s[u + unit.CLIENT])


@inner
def suspend(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Halt the work in hand; what it held is free, and it waits for all of it."""
    was_running = s[unit.now(s, i) + unit.RUNNING]
    work.halt(p, s, f, i)
    people.hold(p, s, f, i, needs.NOTHING, 0)
    if was_running:
        touch(s, i)


@inner
def _turn_unit(p: Integers, q: Reals, s: Integers, f: Reals, i: int, opens: bool) -> None:
    u = unit.now(s, i)
    if s[u + unit.LOT] != NONE and s[u + unit.FINISHED] == NONE:
        if opens:
            if s[u + unit.DOWN]:
                show_stopped(p, s, i)
            elif not s[u + unit.RUNNING]:
                work.go(p, q, s, f, i)
        elif s[u + unit.SUSPENDS]:
            work.halt(p, s, f, i)
            people.hold(p, s, f, i, needs.NOTHING, 0)
            show_stopped(p, s, i)
    elif opens and not s[u + unit.DOWN]:
        resume(p, q, s, f, i)
    else:
        moves.show_idle(p, s, i)


@inner
def _turn_people(p: Integers, q: Reals, s: Integers, f: Reals, opens: bool) -> None:
    """Shifts on these calendars come or go; the work of those who go is treated by their calendar's rule."""
    any_turned, any_treated = False, False
    for each in range(p[head.SHIFTS]):
        number = p[shift.plan(p, each) + shift.CALENDAR]
        if _turns_to(s, number, opens):
            any_turned = True
            s[shift.now(s, each) + shift.ON] = opens
            rule = s[calendar.now(s, number) + calendar.RULE]
            any_treated = any_treated or rule in (SUSPEND, HAND_OVER)
    if not any_turned:
        return
    for g in range(p[head.POOLS]):
        if _pool_turns(p, s, g, opens):
            staff.count_present(p, s, g)
    look_again(s)
    if not any_treated:
        return
    for i in range(p[head.UNITS]):
        if s[unit.now(s, i) + unit.CREW] == NONE:
            continue
        if _holds_leaving(p, s, i, SUSPEND):
            suspend(p, s, f, i)
        elif _holds_leaving(p, s, i, HAND_OVER):
            works_overtime(s, i)
            touch(s, i)


@inner
def _pool_turns(p: Integers, s: Integers, number: int, opens: bool) -> bool:
    g = pool.plan(p, number)
    for each in range(p[g + pool.SHIFTS_AT], p[g + pool.SHIFTS_AT] + p[g + pool.SHIFTS_N]):
        if _turns_to(s, p[shift.plan(p, each) + shift.CALENDAR], opens):
            return True
    return False


@inner
def _holds_leaving(p: Integers, s: Integers, i: int, rule: int) -> bool:
    """Whether a unit holds somebody whose shift ends at this instant with this rule."""
    for each in range(p[head.SHIFTS]):
        number = p[shift.plan(p, each) + shift.CALENDAR]
        leaves = _turns_to(s, number, False) and s[calendar.now(s, number) + calendar.RULE] == rule
        if leaves and people.serves(s, i, each):
            return True
    return False


@inner
def _next_turn(p: Integers, s: Integers, number: int) -> None:
    c = calendar.plan(p, number)
    if p[c + calendar.OPENINGS] or p[c + calendar.SHUTS]:
        delay = hours.turns_in(p, number, s[head.NOW])
        if delay < NEVER:
            schedule(s, delay, CALENDAR_TURNS, number, NONE, 0)
