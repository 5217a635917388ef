"""People: claiming all that a piece of work needs or nothing, and letting it go.

As `simpy_engine/people.py` and `staff.py`, for whole people of pools that stand for themselves.
"""

from __future__ import annotations

from twin.engine.codes import WAITING_PEOPLE, WAITING_UNIT
from twin.engine.compiled_engine import claims, hours
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import hands_over_no_more, look_again
from twin.engine.compiled_engine.rows import level, set_state
from twin.engine.compiled_engine.tables import claim, demand, head, needs, pool, shift, unit
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import WHOLE
from twin.engine.rules.calendars import NEVER

NONE = -1
ENOUGH = -1


@inner
def lacking(p: Integers, s: Integers, required: int, i: int, nominal: int) -> int:
    """The first demand of a set of needs, beyond what unit `i` (or none) holds, that is not met, or `ENOUGH`.

    People who do not start what does not fit count only where `nominal` ns fit.
    """
    n = needs.plan(p, required)
    for k in range(p[n + needs.COUNT]):
        wanted = p[p[n + needs.AT] + 2 * k]
        count = p[p[n + needs.AT] + 2 * k + 1] - held_of(s, i, wanted)
        if count > 0 and not is_met(p, s, wanted, count, nominal):
            return wanted
    return ENOUGH


@inner
def is_met(p: Integers, s: Integers, wanted: int, count: int, nominal: int) -> bool:
    """Whether so many whole people can be had for a demand."""
    d = demand.plan(p, wanted)
    there = 0
    for k in range(p[d + demand.POOLS_AT], p[d + demand.POOLS_AT] + p[d + demand.POOLS_N]):
        there += available(p, s, p[k], nominal)
    return there >= count


@inner
def held_of(s: Integers, i: int, wanted: int) -> int:
    """How many a unit holds for a demand."""
    if i == NONE:
        return 0
    count = 0
    each = s[unit.now(s, i) + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        count += s[row + claim.DEMAND] == wanted
        each = s[row + claim.NEXT]
    return count


@inner
def show_waiting(p: Integers, s: Integers, i: int, wanted: int, number: int, operation: int) -> None:
    """Show what a unit waits for, where a demand cannot be met."""
    set_state(s, i, state_of_waiting(p, wanted), number, operation, p[demand.plan(p, wanted) + demand.CAUSE])


@inner
def state_of_waiting(p: Integers, wanted: int) -> int:
    """The state of a unit that lacks a demand."""
    return WAITING_UNIT if p[demand.plan(p, wanted) + demand.UNITS_N] else WAITING_PEOPLE


@inner
def hold(p: Integers, s: Integers, i: int, required: int, nominal: int) -> None:
    """Let a unit hold exactly a set of needs: let go what is too much, claim what is missing."""
    u = unit.now(s, i)
    if s[u + unit.HELD] == required:
        return
    release_beyond(p, s, i, required)
    first = claim_beyond(p, s, required, i, nominal)
    if first != NONE:
        claims.append(s, u + unit.CREW, first)
    s[u + unit.HELD] = required


@inner
def release_beyond(p: Integers, s: Integers, i: int, required: int) -> None:
    """Let a unit let go what it holds beyond a set of needs."""
    u = unit.now(s, i)
    gone = before = NONE
    each = s[u + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        after = s[row + claim.NEXT]
        if _held_before(s, u, each) < wanted_of(p, required, s[row + claim.DEMAND]):
            before = each
        else:
            if before == NONE:
                s[u + unit.CREW] = after
            else:
                s[claim.now(s, before) + claim.NEXT] = after
            s[row + claim.NEXT] = gone
            gone = each
        each = after
    if gone != NONE:
        s[u + unit.HELD] = needs.NOTHING if s[u + unit.CREW] == NONE else needs.MIXED
        release(p, s, gone)


@inner
def _held_before(s: Integers, u: int, number: int) -> int:
    """How many claims for the same demand stand before a claim in a unit's chain."""
    count = 0
    each = s[u + unit.CREW]
    while each != number:
        row = claim.now(s, each)
        count += s[row + claim.DEMAND] == s[claim.now(s, number) + claim.DEMAND]
        each = s[row + claim.NEXT]
    return count


@inner
def wanted_of(p: Integers, required: int, wanted: int) -> int:
    """How many a set of needs asks for a demand."""
    n = needs.plan(p, required)
    for k in range(p[n + needs.COUNT]):
        if p[p[n + needs.AT] + 2 * k] == wanted:
            return p[p[n + needs.AT] + 2 * k + 1]
    return 0


@inner
def let_go_at_failure(p: Integers, s: Integers, i: int) -> None:
    """A failure interrupts the work in hand: let go what does not stay with it."""
    u = unit.now(s, i)
    gone = before = NONE
    each = s[u + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        after = s[row + claim.NEXT]
        if p[demand.plan(p, s[row + claim.DEMAND]) + demand.KEEP]:
            before = each
        else:
            if before == NONE:
                s[u + unit.CREW] = after
            else:
                s[claim.now(s, before) + claim.NEXT] = after
            s[row + claim.NEXT] = gone
            gone = each
        each = after
    if gone != NONE:
        s[u + unit.HELD] = needs.NOTHING if s[u + unit.CREW] == NONE else needs.MIXED
        release(p, s, gone)


@inner
def claim_beyond(p: Integers, s: Integers, required: int, i: int, nominal: int) -> int:
    """Claim what a set of needs asks beyond what unit `i` (or none) holds, and `lacking` has found there.

    Returns the first claim of a chain, or none.
    """
    n = needs.plan(p, required)
    first = last = NONE
    for k in range(p[n + needs.COUNT]):
        wanted = p[p[n + needs.AT] + 2 * k]
        for _ in range(p[p[n + needs.AT] + 2 * k + 1] - held_of(s, i, wanted)):
            each = claim_person(p, s, wanted, nominal)
            if first == NONE:
                first = each
            else:
                s[claim.now(s, last) + claim.NEXT] = each
            last = each
    if first != NONE:
        count_busy(p, s, first)
    return first


@inner
def claim_person(p: Integers, s: Integers, wanted: int, nominal: int) -> int:
    """Claim a whole person for a demand, of the first of its pools that has one."""
    d = demand.plan(p, wanted)
    at = p[d + demand.POOLS_AT]
    while not available(p, s, p[at], nominal):
        at += 1
    number = claims.new(s, wanted, _longest_there(p, s, p[at], nominal), NONE, WHOLE, NONE)
    _occupy(p, s, number)
    return number


@inner
def _longest_there(p: Integers, s: Integers, number: int, nominal: int) -> int:
    """The shift of a pool with somebody idle that is there longest; the first of equals."""
    g = pool.plan(p, number)
    first = p[g + pool.SHIFTS_AT]
    if p[g + pool.SHIFTS_N] == 1:
        return first
    best, longest = NONE, -1
    for each in range(first, first + p[g + pool.SHIFTS_N]):
        if idle(p, s, each) > 0 and usable(p, s, each, nominal):
            calendar = p[shift.plan(p, each) + shift.CALENDAR]
            stays = NEVER if calendar == NONE else hours.closes_in(p, calendar, s[head.NOW])
            if stays > longest:
                best, longest = each, stays
    return best


@inner
def _occupy(p: Integers, s: Integers, number: int) -> None:
    row = claim.now(s, number)
    h = shift.now(s, s[row + claim.SHIFT])
    s[h + shift.WHOLE] += 1
    s[pool.now(s, p[shift.plan(p, s[row + claim.SHIFT]) + shift.POOL]) + pool.BUSY_NOW] += 1


@inner
def _let_go(p: Integers, s: Integers, number: int) -> None:
    row = claim.now(s, number)
    h = shift.now(s, s[row + claim.SHIFT])
    s[h + shift.WHOLE] -= 1
    s[pool.now(s, p[shift.plan(p, s[row + claim.SHIFT]) + shift.POOL]) + pool.BUSY_NOW] -= 1


@inner
def release(p: Integers, s: Integers, first: int) -> None:
    """Let the people of a chain of claims go; whoever lacked something looks again."""
    if first == NONE:
        return
    each = first
    while each != NONE:
        _let_go(p, s, each)
        each = s[claim.now(s, each) + claim.NEXT]
    count_busy(p, s, first)
    each = first
    while each != NONE:
        after = s[claim.now(s, each) + claim.NEXT]
        claims.forget(s, each)
        each = after
    look_again(s)


@inner
def count_busy(p: Integers, s: Integers, first: int) -> None:
    """Record how many are busy of the pools that a chain of claims concerns."""
    each = first
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.SHIFT] != NONE:
            number = p[shift.plan(p, s[row + claim.SHIFT]) + shift.POOL]
            level(s, p[pool.plan(p, number) + pool.BUSY], s[pool.now(s, number) + pool.BUSY_NOW])
        each = s[row + claim.NEXT]


@inner
def idle(p: Integers, s: Integers, number: int) -> int:
    """People of a shift who are there and do nothing."""
    h = shift.now(s, number)
    if not s[h + shift.ON]:
        return 0
    return p[shift.plan(p, number) + shift.SIZE] - s[h + shift.WHOLE] - s[h + shift.PARTS]


@inner
def usable(p: Integers, s: Integers, number: int, nominal: int) -> bool:
    """Whether people of a shift may start work of `nominal` ns now; 0 where it is under way already."""
    if not s[shift.now(s, number) + shift.ON]:
        return False
    calendar = p[shift.plan(p, number) + shift.CALENDAR]
    return nominal == 0 or calendar == NONE or hours.fits(p, calendar, s[head.NOW], nominal)


@inner
def available(p: Integers, s: Integers, number: int, nominal: int) -> int:
    """People of a pool who can be claimed whole for work of `nominal` ns."""
    g = pool.plan(p, number)
    there = 0
    for each in range(p[g + pool.SHIFTS_AT], p[g + pool.SHIFTS_AT] + p[g + pool.SHIFTS_N]):
        if s[shift.now(s, each) + shift.ON] and usable(p, s, each, nominal):
            there += idle(p, s, each)
    return there


@inner
def count_present(p: Integers, s: Integers, number: int) -> None:
    """Record how many of a pool are present."""
    g = pool.plan(p, number)
    there = 0
    for each in range(p[g + pool.SHIFTS_AT], p[g + pool.SHIFTS_AT] + p[g + pool.SHIFTS_N]):
        if s[shift.now(s, each) + shift.ON]:
            there += p[shift.plan(p, each) + shift.SIZE]
    level(s, p[g + pool.PRESENT], there)


@inner
def hand_over(p: Integers, s: Integers, i: int) -> None:
    """Have those who are there and free take over from those whose shift is over, where they can."""
    u = unit.now(s, i)
    before, waiting = NONE, False
    each = s[u + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        after = s[row + claim.NEXT]
        if s[row + claim.UNIT] == NONE and not s[shift.now(s, s[row + claim.SHIFT]) + shift.ON]:
            wanted = s[row + claim.DEMAND]
            if is_met(p, s, wanted, 1, 0):
                newcomer = claim_person(p, s, wanted, 0)
                count_busy(p, s, newcomer)
                s[claim.now(s, newcomer) + claim.NEXT] = after
                if before == NONE:
                    s[u + unit.CREW] = newcomer
                else:
                    s[claim.now(s, before) + claim.NEXT] = newcomer
                s[row + claim.NEXT] = NONE
                release(p, s, each)
                each = newcomer
            else:
                waiting = True
        before = each
        each = after
    if not waiting:
        hands_over_no_more(s, i)


@inner
def serves(s: Integers, i: int, number: int) -> bool:
    """Whether a unit holds somebody of a shift."""
    each = s[unit.now(s, i) + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] == NONE and s[row + claim.SHIFT] == number:
            return True
        each = s[row + claim.NEXT]
    return False


@inner
def cause_of(p: Integers, wanted: int) -> int:
    """The cause of waiting for a demand."""
    return p[demand.plan(p, wanted) + demand.CAUSE]
