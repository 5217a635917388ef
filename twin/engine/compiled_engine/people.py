"""People and shared units: claiming all that a piece of work needs or nothing, and letting it go.

As `simpy_engine/people.py`; `staff` counts the people and `planning` places them where needs compete.
"""

from __future__ import annotations

from twin.engine.codes import WAITING_PEOPLE, WAITING_UNIT
from twin.engine.compiled_engine import claims, planning, shared_units, staff
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import hands_over_no_more, look_again
from twin.engine.compiled_engine.rows import set_state
from twin.engine.compiled_engine.tables import claim, demand, needs, shift, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE

ENOUGH = -1


@inner
def lacking(p: Integers, s: Integers, required: int, i: int, nominal: int) -> int:
    """The first demand of a set of needs, beyond what unit `i` (or none) holds, that is not met, or `ENOUGH`.

    People and units that do not start what does not fit count only where `nominal` ns fit.
    """
    n = needs.plan(p, required)
    if not p[n + needs.SIMPLE]:
        first, wanted = planning.plan(p, s, required, i, nominal)
        planning.give_up(p, s, first)
        return wanted
    for k in range(p[n + needs.COUNT]):
        wanted = p[p[n + needs.AT] + 2 * k]
        count = planning.missing(p, s, required, i, k)
        if count > 0 and _people_for(p, s, wanted, nominal) < count:
            return wanted
    return ENOUGH


@inner
def _people_for(p: Integers, s: Integers, wanted: int, nominal: int) -> int:
    """How many whole people can be had for a demand."""
    d = demand.plan(p, wanted)
    there = 0
    for k in range(p[d + demand.POOLS_AT], p[d + demand.POOLS_AT] + p[d + demand.POOLS_N]):
        there += staff.available(p, s, p[k], nominal)
    return there


@inner
def hold(p: Integers, s: Integers, f: Reals, i: int, required: int, nominal: int) -> None:
    """Let a unit hold exactly a set of needs: let go what is too much, claim what is missing."""
    u = unit.now(s, i)
    if s[u + unit.HELD] == required:
        return
    release_beyond(p, s, f, i, required)
    first = claim_beyond(p, s, required, i, nominal)
    if first != NONE:
        claims.append(s, u + unit.CREW, first)
        _note_units(s, u)
    s[u + unit.HELD] = required


@inner
def release_beyond(p: Integers, s: Integers, f: Reals, i: int, required: int) -> None:
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
            gone = _taken_out(s, u, before, each, gone)
        each = after
    _let_go(p, s, f, u, gone)


@inner
def let_go_at_failure(p: Integers, s: Integers, f: Reals, i: int) -> None:
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
            gone = _taken_out(s, u, before, each, gone)
        each = after
    _let_go(p, s, f, u, gone)


@inner
def _taken_out(s: Integers, u: int, before: int, each: int, gone: int) -> int:
    """Take a claim out of a unit's chain and put it before those that are gone."""
    row = claim.now(s, each)
    if before == NONE:
        s[u + unit.CREW] = s[row + claim.NEXT]
    else:
        s[claim.now(s, before) + claim.NEXT] = s[row + claim.NEXT]
    s[row + claim.NEXT] = gone
    return each


@inner
def _let_go(p: Integers, s: Integers, f: Reals, u: int, gone: int) -> None:
    """Let go claims that a unit has no more."""
    if gone != NONE:
        s[u + unit.HELD] = needs.NOTHING if s[u + unit.CREW] == NONE else needs.MIXED
        _note_units(s, u)
        release(p, s, f, gone)


@inner
def _note_units(s: Integers, u: int) -> None:
    """Count the shared units that a unit holds."""
    count = 0
    each = s[u + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        count += s[row + claim.UNIT] != NONE
        each = s[row + claim.NEXT]
    s[u + unit.USES_N] = count


@inner
def claim_beyond(p: Integers, s: Integers, required: int, i: int, nominal: int) -> int:
    """Claim what a set of needs asks beyond what unit `i` (or none) holds, and `lacking` has found there.

    Returns the first claim of a chain, or none.
    """
    n = needs.plan(p, required)
    if p[n + needs.SIMPLE]:
        first = NONE
        for k in range(p[n + needs.COUNT]):
            for _ in range(planning.missing(p, s, required, i, k)):
                first = claims.joined(s, first, _claim_person(p, s, p[p[n + needs.AT] + 2 * k], nominal))
    else:
        first, _ = planning.plan(p, s, required, i, nominal)
    _lend(s, first, i)
    staff.count_busy(p, s, first)
    return first


@inner
def _lend(s: Integers, first: int, client: int) -> None:
    """Lend the units of a chain of claims."""
    each = first
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] != NONE:
            shared_units.lend(s, s[row + claim.UNIT], client)
        each = s[row + claim.NEXT]


@inner
def _claim_person(p: Integers, s: Integers, wanted: int, nominal: int) -> int:
    """Claim a whole person for a demand, of the first of its pools that has one."""
    at = p[demand.plan(p, wanted) + demand.POOLS_AT]
    while not staff.available(p, s, p[at], nominal):
        at += 1
    return staff.whole_person(p, s, wanted, p[at], nominal)


@inner
def release(p: Integers, s: Integers, f: Reals, first: int) -> None:
    """Let the people and units of a chain of claims go; whoever lacked something looks again."""
    if first == NONE:
        return
    each = first
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] == NONE:
            staff.let_go(p, s, each)
        else:
            shared_units.give_back(p, s, f, s[row + claim.UNIT])
        each = s[row + claim.NEXT]
    staff.count_busy(p, s, first)
    each = first
    while each != NONE:
        after = s[claim.now(s, each) + claim.NEXT]
        claims.forget(s, each)
        each = after
    look_again(s)


@inner
def hand_over(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Have those who are there and free take over from those whose shift is over, where they can."""
    u = unit.now(s, i)
    before, waiting = NONE, False
    each = s[u + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        after = s[row + claim.NEXT]
        if s[row + claim.UNIT] == NONE and not s[shift.now(s, s[row + claim.SHIFT]) + shift.ON]:
            alone = p[demand.plan(p, s[row + claim.DEMAND]) + demand.ALONE]
            if lacking(p, s, alone, NONE, 0) == ENOUGH:
                newcomer = claim_beyond(p, s, alone, NONE, 0)
                s[claim.now(s, newcomer) + claim.NEXT] = after
                if before == NONE:
                    s[u + unit.CREW] = newcomer
                else:
                    s[claim.now(s, before) + claim.NEXT] = newcomer
                s[row + claim.NEXT] = NONE
                release(p, s, f, each)
                each = newcomer
            else:
                waiting = True
        before = each
        each = after
    if not waiting:
        hands_over_no_more(s, i)


@inner
def show_waiting(p: Integers, s: Integers, i: int, wanted: int, number: int, operation: int) -> None:
    """Show what a unit waits for, where a demand cannot be met."""
    set_state(s, i, state_of_waiting(p, wanted), number, operation, p[demand.plan(p, wanted) + demand.CAUSE])


@inner
def state_of_waiting(p: Integers, wanted: int) -> int:
    """The state of a unit that lacks a demand."""
    return WAITING_UNIT if p[demand.plan(p, wanted) + demand.UNITS_N] else WAITING_PEOPLE


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
