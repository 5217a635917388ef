"""Shared units: a unit that others claim for a while, such as a CIP skid.

As `simpy_engine/shared_units.py`.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, FAILS, OFF_SHIFT, PRODUCING
from twin.engine.compiled_engine import hours
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import exposure_after, time_to_failure
from twin.engine.compiled_engine.lists import touch
from twin.engine.compiled_engine.rows import set_state
from twin.engine.compiled_engine.tables import claim, head, lot, mode, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE


@inner
def available(p: Integers, s: Integers, i: int, nominal: int) -> bool:
    """Whether a unit can be claimed for work of `nominal` ns."""
    u = unit.now(s, i)
    if s[u + unit.LOT] != NONE or not s[u + unit.OPEN] or s[u + unit.DOWN] or s[u + unit.LENT]:
        return False
    at = p[unit.plan(p, i) + unit.CALENDAR]
    return nominal == 0 or at == NONE or hours.fits(p, at, s[head.NOW], nominal)


@inner
def lend(s: Integers, i: int, client: int) -> None:
    """Give a unit to a client; none: to a repair, which it serves out of sight."""
    u = unit.now(s, i)
    s[u + unit.LENT], s[u + unit.CLIENT] = 1, client
    if client == NONE:
        set_state(s, i, PRODUCING, NONE, NONE, NONE)


@inner
def give_back(p: Integers, s: Integers, f: Reals, i: int) -> None:
    """Take a unit back; it is free for work of its own and for other clients."""
    u = unit.now(s, i)
    if s[u + unit.RUNNING]:
        _stands_still(p, s, f, i, False)
    s[u + unit.LENT], s[u + unit.CLIENT] = 0, NONE
    _show_stopped(s, i)
    touch(s, i)


@inner
def hindrance(s: Integers, client: int) -> int:
    """The first of a client's units that cannot work now, or none."""
    each = s[unit.now(s, client) + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] != NONE:
            u = unit.now(s, s[row + claim.UNIT])
            if s[u + unit.DOWN] or (s[u + unit.SUSPENDS] and not s[u + unit.OPEN]):
                return s[row + claim.UNIT]
        each = s[row + claim.NEXT]
    return NONE


@inner
def work_for(p: Integers, s: Integers, f: Reals, client: int) -> None:
    """A client's phase begins: its units work with it."""
    each = s[unit.now(s, client) + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] != NONE:
            _works(p, s, f, s[row + claim.UNIT], client)
        each = s[row + claim.NEXT]


@inner
def _works(p: Integers, s: Integers, f: Reals, i: int, client: int) -> None:
    u, c = unit.now(s, i), unit.now(s, client)
    number = max(s[lot.now(s, s[c + unit.LOT]) + lot.NUMBER], NONE)
    set_state(s, i, PRODUCING, number, s[c + unit.OPERATION], NONE)
    s[u + unit.RUNNING] = 1
    s[u + unit.PHASE_BEGAN] = s[head.NOW]
    s[u + unit.VERSION] += 1
    here = unit.plan(p, i)
    for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        if p[mode.plan(p, m) + mode.RUNS]:
            delay = time_to_failure(s[mode.now(s, m) + mode.EXPOSURE], f[s[head.RATES_AT] + m])
            if delay <= s[c + unit.REMAINING] or flows(p, s, client):
                schedule(s, delay, FAILS, i, s[u + unit.VERSION], m - p[here + unit.MODES_AT])


@inner
def flows(p: Integers, s: Integers, i: int) -> bool:
    """Whether a unit is a flow section, whose work ends when the lot has flowed through."""
    return p[unit.plan(p, i) + unit.IS_SECTION] == 1


@inner
def stand_still(p: Integers, s: Integers, f: Reals, client: int, done: bool) -> None:
    """A client's phase is halted or done: its units count the time that they worked and stand still."""
    each = s[unit.now(s, client) + unit.CREW]
    while each != NONE:
        row = claim.now(s, each)
        if s[row + claim.UNIT] != NONE and s[unit.now(s, s[row + claim.UNIT]) + unit.RUNNING]:
            _stands_still(p, s, f, s[row + claim.UNIT], done)
        each = s[row + claim.NEXT]


@inner
def _stands_still(p: Integers, s: Integers, f: Reals, i: int, done: bool) -> None:
    u, here = unit.now(s, i), unit.plan(p, i)
    s[u + unit.RUNNING] = 0
    if not done:  # a failure that is due as the phase ends still takes place
        s[u + unit.VERSION] += 1
    worked = s[head.NOW] - s[u + unit.PHASE_BEGAN]
    for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        if p[mode.plan(p, m) + mode.RUNS]:
            c = mode.now(s, m)
            s[c + mode.EXPOSURE] = exposure_after(s[c + mode.EXPOSURE], f[s[head.RATES_AT] + m], worked)
    show_waiting(p, s, i)


@inner
def show_waiting(p: Integers, s: Integers, i: int) -> None:
    """The state of a claimed unit whose client stands still."""
    client = s[unit.now(s, i) + unit.CLIENT]
    if _show_stopped(s, i) or client == NONE:
        return
    c = unit.now(s, client)
    number = NONE
    if s[c + unit.LOT] != NONE:
        number = max(s[lot.now(s, s[c + unit.LOT]) + lot.NUMBER], NONE)
    set_state(s, i, BLOCKED, number, s[c + unit.OPERATION], p[unit.plan(p, client) + unit.CAUSE])


@inner
def _show_stopped(s: Integers, i: int) -> bool:
    """Show a unit that is closed or down as such; whether it is."""
    u = unit.now(s, i)
    if not s[u + unit.OPEN]:
        set_state(s, i, OFF_SHIFT, NONE, NONE, NONE)
    elif s[u + unit.DOWN]:
        set_state(s, i, s[u + unit.DOWN_STATE], NONE, NONE, s[u + unit.DOWN_CAUSE])
    return s[u + unit.DOWN] > 0 or not s[u + unit.OPEN]
