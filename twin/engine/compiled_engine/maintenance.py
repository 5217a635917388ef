"""Preventive maintenance as part of a unit's upkeep: what it renews and restores, and opportunities for it.

As `simpy_engine/maintenance.py`. Done beside a repair, it is a failure mode of the unit, after its own.
"""

from __future__ import annotations

from twin.engine.codes import FALLS_DUE
from twin.engine.compiled_engine import lots, people, stops
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import is_due, wear_left, worn_failure_rate, worn_speed
from twin.engine.compiled_engine.tables import care, chore, head, line, lot, mode, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE


@inner
def is_due_early(p: Integers, s: Integers, i: int, c: int, early: int) -> bool:
    """Whether a chore is due by its count or clocks, or will be within `early` ns of its clocks."""
    row, n = chore.plan(p, c), chore.now(s, c)
    return is_due(
        s[n + chore.BATCHES_NOW],
        p[row + chore.BATCHES],
        s[unit.now(s, i) + unit.PRODUCED] - s[n + chore.RAN_UNTIL] + early,
        p[row + chore.RUNNING],
        s[head.NOW] - s[n + chore.DONE_AT] + early,
        p[row + chore.EVERY],
    )


@inner
def start_anew(p: Integers, s: Integers, i: int, c: int) -> None:
    """The count and the clocks of a chore start anew."""
    n, every = chore.now(s, c), p[chore.plan(p, c) + chore.EVERY]
    s[n + chore.BATCHES_NOW] = 0
    s[n + chore.RAN_UNTIL] = s[unit.now(s, i) + unit.PRODUCED]
    s[n + chore.DONE_AT] = s[head.NOW]
    if every:
        schedule(s, every, FALLS_DUE, i, NONE, c - p[care.plan(p, i) + care.CHORES_AT])


@inner
def maintained(p: Integers, q: Reals, s: Integers, i: int, c: int, repaired_one: int) -> None:
    """A maintenance is done, by itself or with the repair of the failure mode `repaired_one` of the unit."""
    row = chore.plan(p, c)
    start_anew(p, s, i, c)
    for k in range(p[row + chore.RENEWS_AT], p[row + chore.RENEWS_AT] + p[row + chore.RENEWS_N]):
        if p[k] != repaired_one:
            stops.renew(p, q, s, p[unit.plan(p, i) + unit.MODES_AT] + p[k])
    restores = q[p[row + chore.RESTORES]]
    if restores != 0.0 and p[care.plan(p, i) + care.WEAR_PER]:
        w = care.now(s, i)
        used = _used(p, s, i)
        s[w + care.NEW_AT] = used - wear_left(used - s[w + care.NEW_AT], restores)


@inner
def _used(p: Integers, s: Integers, i: int) -> int:
    """How much the unit has been used so far, in ns or lots, as its wear counts it."""
    if p[care.plan(p, i) + care.WEAR_BY_LOTS]:
        return s[care.now(s, i) + care.LOTS]
    return s[unit.now(s, i) + unit.PRODUCED]


@inner
def take_the_opportunity(p: Integers, q: Reals, s: Integers, i: int) -> None:
    """A unit has failed: do beside the repair what is due soon, where its people are free."""
    here, u = care.plan(p, i), unit.now(s, i)
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        row = chore.plan(p, c)
        m, task = p[row + chore.BESIDE], p[row + chore.TASK]
        if m == NONE or s[mode.now(s, m) + mode.IS_DOWN] or not s[u + unit.OPEN]:
            continue
        if s[u + unit.LOT] != NONE and s[u + unit.OPERATION] == task:
            continue
        if not is_due_early(p, s, i, c, p[row + chore.OPPORTUNITY]):
            continue
        if people.lacking(p, s, p[mode.plan(p, m) + mode.NEEDS], NONE, 0) != people.ENOUGH:
            continue
        _forget_waiting(p, s, task)
        jobs = line.now(s, task) + line.JOBS
        s[jobs] += 1
        s[mode.now(s, m) + mode.COUNT] = s[jobs] + 1  # numbered with the jobs: each has its own draw
        stops.take_down(p, q, s, i, m)


@inner
def repaired(p: Integers, q: Reals, s: Integers, i: int, index: int) -> None:
    """A repair is done, or a maintenance beside it."""
    here, m = care.plan(p, i), p[unit.plan(p, i) + unit.MODES_AT] + index
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        row = chore.plan(p, c)
        if p[row + chore.BESIDE] == m:
            maintained(p, q, s, i, c, NONE)
        elif _is_among(p, p[row + chore.REPAIRS_AT], p[row + chore.REPAIRS_N], index):
            _forget_waiting(p, s, p[row + chore.TASK])
            maintained(p, q, s, i, c, index)


@inner
def _is_among(p: Integers, first: int, count: int, number: int) -> bool:
    for k in range(first, first + count):  # noqa: SIM110 - a generator is none of what Numba compiles
        if p[k] == number:
            return True
    return False


@inner
def _forget_waiting(p: Integers, s: Integers, task: int) -> None:
    """Take back a maintenance that waits to begin."""
    slot = s[line.now(s, task) + line.HEAD]
    while slot != NONE:
        after = s[lot.now(s, slot) + lot.NEXT]
        lots.leave(p, s, slot)
        lots.forget(s, slot)
        slot = after


@inner
def wears(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A visit begins: the unit is as fast as its condition lets it be."""
    here = care.plan(p, i)
    per, at = p[here + care.WEAR_PER], p[here + care.WEAR]
    if per:
        condition = worn_speed(_worn(p, s, i), per, q[at], q[at + 1])
        f[s[head.SPEEDS_AT] + i] = q[p[unit.plan(p, i) + unit.SPEED]] * condition


@inner
def fails_more_often(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A visit begins: a worn unit, and each station of a worn section, fails more often."""
    here = care.plan(p, i)
    per = p[here + care.WEAR_PER]
    if not per:
        return
    factor = worn_failure_rate(_worn(p, s, i), per, q[p[here + care.WEAR] + 2])
    _hasten(p, s, f, i, factor)
    first = p[here + care.STATIONS_AT]
    for machine in range(first, first + p[here + care.STATIONS_N]):
        _hasten(p, s, f, machine, factor)


@inner
def _hasten(p: Integers, s: Integers, f: Reals, machine: int, factor: float) -> None:
    """Let the running clocks of a machine go so much faster for the lot in hand."""
    here = unit.plan(p, machine)
    for m in range(p[here + unit.MODES_AT], p[here + unit.MODES_AT] + p[here + unit.MODES_N]):
        if p[mode.plan(p, m) + mode.RUNS]:
            f[s[head.RATES_AT] + m] *= factor


@inner
def _worn(p: Integers, s: Integers, i: int) -> int:
    """What the unit has been used since new, in ns or lots."""
    return _used(p, s, i) - s[care.now(s, i) + care.NEW_AT]
