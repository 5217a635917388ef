"""Staff: who is there and what they are busy with, person by person where attention is shared.

`people` decides who is claimed; this file counts. As in `simpy_engine/staff.py`, people of one shift of a
pool are alike, so that whole persons are only counted; those who attend several works have a number and the
share that is taken of them.
"""

from __future__ import annotations

from twin.engine.compiled_engine import claims, hours
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import claim, demand, head, pool, shift
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE, WHOLE
from twin.engine.rules.calendars import NEVER


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
def whole_person(p: Integers, s: Integers, wanted: int, number: int, nominal: int) -> int:
    """Claim somebody of a pool who is idle, of the shift that is there longest; returns the claim."""
    each = claims.new(s, wanted, _longest_there(p, s, number, nominal), NONE, WHOLE, NONE)
    _occupy(p, s, each)
    return each


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
def part_of_a_person(p: Integers, s: Integers, wanted: int, nominal: int) -> int:
    """Claim of the first pool of a demand that has one the busiest person with so much attention left, else
    somebody who is idle; returns the claim, or none.
    """
    d = demand.plan(p, wanted)
    share = p[d + demand.SHARE]
    for k in range(p[d + demand.POOLS_AT], p[d + demand.POOLS_AT] + p[d + demand.POOLS_N]):
        g = pool.plan(p, p[k])
        best, person, most = NONE, NONE, -1
        for each in range(p[g + pool.SHIFTS_AT], p[g + pool.SHIFTS_AT] + p[g + pool.SHIFTS_N]):
            if not usable(p, s, each, nominal):
                continue
            first = _persons(p, s, each)
            for one in range(p[shift.plan(p, each) + shift.SIZE]):
                taken = s[first + one]
                if taken > 0 and most < taken <= WHOLE - share:
                    best, person, most = each, one, taken
            if idle(p, s, each) > 0 and most < 0:
                best, person, most = each, _newcomer(s, first), 0
        if best != NONE:
            found = claims.new(s, wanted, best, person, share, NONE)
            _occupy(p, s, found)
            return found
    return NONE


@inner
def _newcomer(s: Integers, first: int) -> int:
    """The first person of a shift of whom nothing is taken."""
    person = 0
    while s[first + person] > 0:
        person += 1
    return person


@inner
def _persons(p: Integers, s: Integers, number: int) -> int:
    """Where what is taken of a shift's people begins."""
    return s[head.PERSONS] + p[shift.plan(p, number) + shift.PERSONS]


@inner
def _occupy(p: Integers, s: Integers, number: int) -> None:
    """Count a person as claimed."""
    row = claim.now(s, number)
    each = s[row + claim.SHIFT]
    h, g = shift.now(s, each), pool.now(s, p[shift.plan(p, each) + shift.POOL])
    if s[row + claim.SHARE] == WHOLE:
        s[h + shift.WHOLE] += 1
        s[g + pool.BUSY_NOW] += 1
        return
    at = _persons(p, s, each) + s[row + claim.PERSON]
    if s[at] == 0:
        s[h + shift.PARTS] += 1
        s[g + pool.BUSY_NOW] += 1
    s[at] += s[row + claim.SHARE]


@inner
def let_go(p: Integers, s: Integers, number: int) -> None:
    """Count a claimed person as free again."""
    row = claim.now(s, number)
    each = s[row + claim.SHIFT]
    h, g = shift.now(s, each), pool.now(s, p[shift.plan(p, each) + shift.POOL])
    if s[row + claim.SHARE] == WHOLE:
        s[h + shift.WHOLE] -= 1
        s[g + pool.BUSY_NOW] -= 1
        return
    at = _persons(p, s, each) + s[row + claim.PERSON]
    s[at] -= s[row + claim.SHARE]
    if s[at] == 0:
        s[h + shift.PARTS] -= 1
        s[g + pool.BUSY_NOW] -= 1


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
def count_busy(p: Integers, s: Integers, first: int) -> None:
    """Record how many are busy of the pools that a chain of claims concerns."""
    each = first
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.SHIFT] != NONE:
            number = p[shift.plan(p, s[row + claim.SHIFT]) + shift.POOL]
            level(s, p[pool.plan(p, number) + pool.BUSY], s[pool.now(s, number) + pool.BUSY_NOW])
        each = s[row + claim.NEXT]
