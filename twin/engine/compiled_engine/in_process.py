"""In-process control: checks that fall due by time at work or amount, and the adjustment after a bad one.

As `simpy_engine/in_process.py`. The functions that are asked about a unit find out by themselves whether its
operation is checked.
"""

from __future__ import annotations

from twin.engine.codes import CHECK_DUE, CHECKED, SETTING_UP, WAITING_QUALITY
from twin.engine.compiled_engine import people, sources, work
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import is_bad, moved, worked_at_check
from twin.engine.compiled_engine.lists import touch
from twin.engine.compiled_engine.tables import check, head, lot, needs, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, PROCESSING

NOTHING, WAITS, UNDER_WAY, ADJUSTING = range(4)


@inner
def _check(p: Integers, s: Integers, i: int) -> int:
    """Where the row of the check of the operation in hand begins, or none."""
    return check.of_operation(p, s[unit.now(s, i) + unit.OPERATION])


@inner
def claims(p: Integers, s: Integers, i: int) -> None:
    """A visit begins."""
    if _check(p, s, i) != NONE:
        mine = check.now(s, i)
        s[mine + check.NUMBER] = s[mine + check.WORKED] = s[mine + check.DUES] = 0


@inner
def runs(p: Integers, s: Integers, i: int) -> None:
    """Work goes on: have the next check fall due, unless the stretch is over by then."""
    row, u = _check(p, s, i), unit.now(s, i)
    if row != NONE and work.processes(s, i):
        s[check.now(s, i) + check.SINCE] = s[head.NOW]
        worked = _processing(s, i, s[u + unit.PHASE] + 1) - s[u + unit.REMAINING]
        _look_ahead(p, s, i, row, worked)


@inner
def halts(p: Integers, s: Integers, i: int) -> None:
    """Work is halted or done."""
    if _check(p, s, i) != NONE and work.processes(s, i):
        mine = check.now(s, i)
        s[mine + check.WORKED] += s[head.NOW] - s[mine + check.SINCE]


@inner
def _processing(s: Integers, i: int, until: int) -> int:
    """Processing of a visit in ns at full speed, up to a stretch."""
    durations, total = work.duration_at(s, i), 0
    for stretch in range(PROCESSING, until):
        total += s[durations + stretch]
    return total


@inner
def _look_ahead(p: Integers, s: Integers, i: int, row: int, worked: int) -> None:
    """Have the next check fall due, where that is before the end of the stretch."""
    u = unit.now(s, i)
    left = s[u + unit.PHASE_ENDS] - s[head.NOW]
    if p[row + check.AMOUNT]:
        time = _time_to_amount(s, i, p[row + check.AMOUNT], worked, left)
    else:
        time = p[row + check.EVERY] - s[check.now(s, i) + check.WORKED]
    if time < left:
        schedule(s, time, CHECK_DUE, i, s[u + unit.VERSION], 0)


@inner
def _time_to_amount(s: Integers, i: int, amount: int, worked: int, left: int) -> int:
    """The time in ns until the next amount is through; `left` where that is after the stretch.

    The lot goes through evenly over all of processing; work that is repeated is checked again.
    """
    u, mine = unit.now(s, i), check.now(s, i)
    quantity = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY]
    whole = _processing(s, i, s[u + unit.UNLOAD])
    while s[mine + check.DUES]:
        if worked_at_check(whole, quantity, amount, s[mine + check.DUES]) <= worked:
            break
        s[mine + check.DUES] -= 1
    due = worked_at_check(whole, quantity, amount, s[mine + check.DUES] + 1)
    end = _processing(s, i, s[u + unit.PHASE] + 1)
    return left if due >= end else moved(left, due - worked, end - worked)


@inner
def falls_due(p: Integers, s: Integers, f: Reals, i: int, version: int) -> None:
    """Effect: a check falls due, unless the work was halted since."""
    u, mine = unit.now(s, i), check.now(s, i)
    if s[u + unit.VERSION] != version or not s[u + unit.RUNNING]:
        return
    row = _check(p, s, i)
    s[mine + check.DUES] += 1
    if s[mine + check.STAGE] == NOTHING:
        s[mine + check.STAGE] = WAITS
        if p[row + check.STOPS]:
            _stop(p, s, f, i)
    s[mine + check.WORKED], s[mine + check.SINCE] = 0, s[head.NOW]
    if s[u + unit.RUNNING]:
        done = 0
        if p[row + check.AMOUNT]:
            quantity = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY]
            whole = _processing(s, i, s[u + unit.UNLOAD])
            done = worked_at_check(whole, quantity, p[row + check.AMOUNT], s[mine + check.DUES])
        _look_ahead(p, s, i, row, done)


@inner
def _stop(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Halt the unit, whose people are free meanwhile."""
    work.halt(p, s, f, i)
    people.hold(p, s, f, i, needs.NOTHING, 0)
    touch(s, i)


@inner
def lacks(p: Integers, q: Reals, s: Integers, i: int) -> tuple[int, int]:
    """A unit that is checked at a halt, or adjusted, does not go on: a state and its cause, or none."""
    row, mine = _check(p, s, i), check.now(s, i)
    if row == NONE:
        return NONE, NONE
    if s[mine + check.STAGE] == ADJUSTING:
        return SETTING_UP, p[head.CHECK_CAUSE]
    if s[mine + check.STAGE] == NOTHING or not p[row + check.STOPS]:
        return NONE, NONE
    _try(p, q, s, i)
    return WAITING_QUALITY, p[head.CHECK_CAUSE]


@inner
def find_people(p: Integers, q: Reals, s: Integers) -> None:
    """Let the checks begin for which there are people now."""
    for i in range(p[head.UNITS]):
        if s[check.now(s, i) + check.STAGE] == WAITS:
            _try(p, q, s, i)


@inner
def _try(p: Integers, q: Reals, s: Integers, i: int) -> None:
    row, mine = _check(p, s, i), check.now(s, i)
    required = p[row + check.NEEDS]
    if s[mine + check.STAGE] == WAITS and people.lacking(p, s, required, NONE, 0) == people.ENOUGH:
        s[mine + check.CREW] = people.claim_beyond(p, s, required, NONE, 0)
        s[mine + check.STAGE] = UNDER_WAY
        _schedule(p, q, s, i, p[row + check.TAKES])


@inner
def _schedule(p: Integers, q: Reals, s: Integers, i: int, takes: int) -> None:
    """Have the check, or the adjustment, of a unit be done after a time that is drawn."""
    u, mine = unit.now(s, i), check.now(s, i)
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    time = sources.nanoseconds(p, q, s, takes, number, s[u + unit.VISIT], s[mine + check.NUMBER])
    s[mine + check.SERIAL] += 1
    s[head.IN_HAND] += 1
    schedule(s, time, CHECKED, i, s[mine + check.SERIAL], 0)


@inner
def checked(p: Integers, q: Reals, s: Integers, f: Reals, i: int, serial: int) -> None:
    """Effect: a check or an adjustment is done."""
    s[head.IN_HAND] -= 1
    mine = check.now(s, i)
    if s[mine + check.STAGE] in (NOTHING, WAITS) or s[mine + check.SERIAL] != serial:
        return
    if s[mine + check.STAGE] == UNDER_WAY and _is_bad(p, q, s, i):
        _adjust(p, q, s, f, i)
        return
    s[mine + check.NUMBER] += 1
    _let_go(p, s, f, i)
    touch(s, i)


@inner
def _is_bad(p: Integers, q: Reals, s: Integers, i: int) -> bool:
    row, u = _check(p, s, i), unit.now(s, i)
    if p[row + check.ADJUSTING] == NONE:
        return False
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    again = s[check.now(s, i) + check.NUMBER]
    draw = sources.value(p, q, s, p[row + check.FAILS_DRAW], number, s[u + unit.VISIT], again)
    return is_bad(draw, q[p[row + check.FAILS]])


@inner
def _adjust(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """The unit is stopped and adjusted by those who have checked it; what it made meanwhile may be waste."""
    row, u, mine = _check(p, s, i), unit.now(s, i), check.now(s, i)
    number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
    s[mine + check.STAGE] = ADJUSTING
    if p[row + check.WASTE] != NONE:
        again = s[mine + check.NUMBER]
        lost = sources.value(p, q, s, p[row + check.WASTE], number, s[u + unit.VISIT], again)
        s[u + unit.WASTE] += work.quantity(p, q, s[u + unit.OPERATION], lost, p[row + check.IN_PIECES])
    if s[u + unit.RUNNING]:
        _stop(p, s, f, i)
    else:
        touch(s, i)
    _schedule(p, q, s, i, p[row + check.ADJUSTING])


@inner
def over(p: Integers, s: Integers, f: Reals, i: int, number: int) -> None:
    """A visit is over: a check that waits or is under way is broken off."""
    if check.of_operation(p, number) != NONE:
        _let_go(p, s, f, i)


@inner
def _let_go(p: Integers, s: Integers, f: Reals, i: int) -> None:
    mine = check.now(s, i)
    crew = s[mine + check.CREW]
    s[mine + check.CREW] = NONE
    s[mine + check.STAGE] = NOTHING
    people.release(p, s, f, crew)
