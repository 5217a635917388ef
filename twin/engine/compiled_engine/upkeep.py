"""Upkeep: a unit is maintained, cleaned and set up, as tasks that go before the lot that needs them.

As `simpy_engine/care.py`.
"""

from __future__ import annotations

from twin.engine.codes import FALLS_DUE
from twin.engine.compiled_engine import containers, maintenance, moves, sources, work
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import (
    is_changed,
    is_clean_no_longer,
    must_clean_in_time,
    was_cleaned_too_late,
)
from twin.engine.compiled_engine.lists import touch, touch_units_of
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import care, chore, head, lot, operation, recipe, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, SETUP
from twin.engine.rules.calendars import NEVER
from twin.engine.upkeep import FAMILIES, NO_CHANGE

NO_PRODUCT = -2  # of what is no lot: a container to be cleaned


@inner
def cares(p: Integers, i: int) -> bool:
    """Whether a unit looks after itself."""
    return p[head.UPKEEPS] != 0 and p[care.plan(p, i) + care.CARES] == 1


@inner
def begin(p: Integers, s: Integers) -> None:
    """Wind the clocks at the start of the run, and count no violation yet."""
    for i in range(p[head.UNITS] if p[head.UPKEEPS] else 0):
        here = care.plan(p, i)
        if not p[here + care.CARES]:
            continue
        for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
            every = p[chore.plan(p, c) + chore.EVERY]
            if every:
                schedule(s, every, FALLS_DUE, i, NONE, c - p[here + care.CHORES_AT])
        if p[here + care.DIRTY_LIMIT] != NONE:
            if p[here + care.LAST_PRODUCT] != NONE:
                schedule(s, p[here + care.DIRTY_LIMIT], FALLS_DUE, i, NONE, NONE)
            level(s, p[here + care.DIRTY_ENTITY], 0)
        if p[here + care.CLEAN_LIMIT] != NONE:
            level(s, p[here + care.CLEAN_ENTITY], 0)


@inner
def before(p: Integers, s: Integers, f: Reals, i: int, slot: int) -> bool:
    """Put the chore or change-over that goes before the lot into the unit's line, and keep the lot."""
    w, b = care.now(s, i), lot.now(s, slot)
    product = product_of(p, s[b + lot.OPERATION])
    task = _next_task(p, s, i, product)
    if task == NONE:
        return False
    s[w + care.TARGET] = product
    _let_go(p, s, i, slot)
    s[w + care.KEEPS] = slot
    s[w + care.KEPT_FOR] = s[b + lot.OPERATION]
    s[b + lot.KEPT_BY] = i
    moves.add_job(p, s, f, task, i, 0)
    return True


@inner
def idles(p: Integers, s: Integers, f: Reals, i: int) -> bool:
    """Put a chore that is due without any lot into the unit's line."""
    u = unit.now(s, i)
    if s[head.NOW] < s[u + unit.QUIET_UNTIL]:
        return False
    task = _next_task(p, s, i, NONE)
    s[care.now(s, i) + care.STOPPED] = task != NONE
    if task == NONE:
        s[u + unit.QUIET_UNTIL] = _first_due(p, s, i)
        return False
    moves.add_job(p, s, f, task, i, 0)
    return True


@inner
def _first_due(p: Integers, s: Integers, i: int) -> int:
    """When the first chore of a unit falls due by the clock: other counts stand still while it has no lot."""
    here, w = care.plan(p, i), care.now(s, i)
    first = NEVER
    if p[here + care.DIRTY_LIMIT] != NONE and not s[w + care.CLEANED]:
        first = s[w + care.USED_AT] + p[here + care.DIRTY_LIMIT]
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        every = p[chore.plan(p, c) + chore.EVERY]
        if every:
            first = min(first, s[chore.now(s, c) + chore.DONE_AT] + every)
    return first


@inner
def nominal(p: Integers, s: Integers, i: int, slot: int) -> int:
    """Nominal time in ns of cleaning and setting the unit up for a lot."""
    here = care.plan(p, i)
    product = product_of(p, s[lot.now(s, slot) + lot.OPERATION])
    time = 0
    cleaning = _next_cleaning(p, s, i, product)
    if cleaning != NONE:
        time = p[operation.plan(p, p[chore.plan(p, cleaning) + chore.TASK]) + operation.NOMINAL]
    if p[here + care.CHANGEOVER] != NONE:
        change = _change(p, s, i, product)
        if change != NONE:
            time += p[p[here + care.NOMINALS_AT] + change]
    return time


@inner
def _next_task(p: Integers, s: Integers, i: int, product: int) -> int:
    """What the unit does next for itself: maintenance, cleaning, change-over; none where it may start.

    `product` is that of the next lot, if it is known.
    """
    here = care.plan(p, i)
    first = p[here + care.CHORES_AT]
    last = first + p[here + care.CHORES_N]
    for c in range(first, last):
        if not p[chore.plan(p, c) + chore.LEVEL] and maintenance.is_due_early(p, s, i, c, 0):
            _stops(s, i)
            return p[chore.plan(p, c) + chore.TASK]
    task = NONE
    cleaning = _next_cleaning(p, s, i, product)
    if cleaning != NONE:
        task = p[chore.plan(p, cleaning) + chore.TASK]
    elif product != NONE and p[here + care.CHANGEOVER] != NONE and _change(p, s, i, product) != NONE:
        task = p[here + care.CHANGEOVER]
    if task != NONE:
        _stops(s, i)
    for c in range(first, last if s[care.now(s, i) + care.STOPPED] else first):
        early = p[chore.plan(p, c) + chore.OPPORTUNITY]
        if early and maintenance.is_due_early(p, s, i, c, early):
            return p[chore.plan(p, c) + chore.TASK]
    return task


@inner
def _stops(s: Integers, i: int) -> None:
    """A unit does something for itself: the opportunity for what would be due soon."""
    s[care.now(s, i) + care.STOPPED] = 1
    s[unit.now(s, i) + unit.QUIET_UNTIL] = 0


@inner
def _next_cleaning(p: Integers, s: Integers, i: int, product: int) -> int:
    """The cleaning of the highest level that is due, the first of equals."""
    here = care.plan(p, i)
    best, highest = NONE, 0
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        if p[chore.plan(p, c) + chore.LEVEL] > highest and (
            _is_due(p, s, i, c) or (product != NONE and _is_due_before(p, s, i, c, product))
        ):
            best, highest = c, p[chore.plan(p, c) + chore.LEVEL]
    return best


@inner
def _is_due(p: Integers, s: Integers, i: int, c: int) -> bool:
    """Whether a cleaning is due whether a lot comes or not."""
    if maintenance.is_due_early(p, s, i, c, 0):
        return True
    here, w = care.plan(p, i), care.now(s, i)
    return (
        p[here + care.DIRTY_LIMIT] != NONE
        and p[here + care.DIRTY_CHORE] == c
        and not s[w + care.CLEANED]
        and must_clean_in_time(s[head.NOW] - s[w + care.USED_AT], p[here + care.DIRTY_LIMIT])
    )


@inner
def _is_due_before(p: Integers, s: Integers, i: int, c: int, product: int) -> bool:
    """Whether a chore is due before a lot of a product."""
    here, w, row = care.plan(p, i), care.now(s, i), chore.plan(p, c)
    stood = s[head.NOW] - max(s[w + care.USED_AT], s[w + care.CLEANED_AT])
    if p[row + chore.IDLE] and stood >= p[row + chore.IDLE]:
        return True
    limit = p[here + care.CLEAN_LIMIT]
    if limit != NONE and p[here + care.CLEAN_CHORE] == c and s[w + care.CLEANED]:
        return is_clean_no_longer(s[head.NOW] - s[w + care.CLEANED_AT], limit)
    if p[row + chore.CHANGE] == NO_CHANGE or product == NO_PRODUCT:
        return False
    one, following = s[w + care.LAST], product
    if p[row + chore.CHANGE] == FAMILIES:
        one, following = _family(p, one), _family(p, following)
    return is_changed(one, following, s[w + care.CLEANED], p[row + chore.LEVEL])


@inner
def _family(p: Integers, product: int) -> int:
    return NONE if product == NONE else p[p[head.FAMILIES] + product]


@inner
def _change(p: Integers, s: Integers, i: int, product: int) -> int:
    """Which of its change-overs sets a unit up for a product; none where nothing has to be done."""
    here, w = care.plan(p, i), care.now(s, i)
    set_up = s[w + care.SET_UP]
    last = s[w + care.LAST] if set_up == NONE else set_up
    if last == NONE or product in (set_up, NO_PRODUCT):
        return NONE
    if p[here + care.CHANGE] == FAMILIES:
        last, product = _family(p, last), _family(p, product)
    change = last * p[here + care.TIMES_N] + product
    return NONE if p[p[here + care.TIMES_AT] + change] == NONE else change


@inner
def prepares(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """A visit begins: draw how long a change-over takes, or let a worn unit fail more often."""
    if not cares(p, i):
        return
    u, here = unit.now(s, i), care.plan(p, i)
    if not s[u + unit.AT_TASK]:
        maintenance.fails_more_often(p, q, s, f, i)
    elif s[u + unit.OPERATION] == p[here + care.CHANGEOVER]:
        change = _change(p, s, i, s[care.now(s, i) + care.TARGET])
        number = s[lot.now(s, s[u + unit.LOT]) + lot.NUMBER]
        time = sources.nanoseconds(p, q, s, p[p[here + care.TIMES_AT] + change], -number, 0, 0)
        s[work.duration_at(s, i) + SETUP] = time


@inner
def claims(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> None:
    """A unit takes a lot, which soils it, or begins to clean itself."""
    s[unit.now(s, i) + unit.QUIET_UNTIL] = 0
    number = s[unit.now(s, i) + unit.OPERATION]
    if s[unit.now(s, i) + unit.AT_TASK]:
        if _is_cleaning(p, i, number) and not s[care.now(s, i) + care.CLEANED]:
            _check_dirty_hold(p, s, i)
        return
    if not p[p[head.SOILING] + number]:
        return
    keeper = s[lot.now(s, slot) + lot.KEPT_BY]
    if keeper != NONE:
        s[care.now(s, keeper) + care.KEEPS] = s[lot.now(s, slot) + lot.KEPT_BY] = NONE
    if p[care.plan(p, i) + care.CARES]:
        maintenance.wears(p, q, s, f, i)
        _begins_use(p, s, i, slot, number)


@inner
def _is_cleaning(p: Integers, i: int, number: int) -> bool:
    """Whether a task of a unit is one of its cleanings."""
    c = _chore_of(p, i, number)
    return c != NONE and p[chore.plan(p, c) + chore.LEVEL] > 0


@inner
def _chore_of(p: Integers, i: int, number: int) -> int:
    """The chore that a unit does as a task, or none."""
    here = care.plan(p, i)
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        if p[chore.plan(p, c) + chore.TASK] == number:
            return c
    return NONE


@inner
def _begins_use(p: Integers, s: Integers, i: int, slot: int, number: int) -> None:
    """A unit takes a lot: from now on it is soiled with its product."""
    here, w = care.plan(p, i), care.now(s, i)
    _let_go(p, s, i, slot)
    s[w + care.KEEPS] = NONE
    limit = p[here + care.CLEAN_LIMIT]
    if not s[w + care.CLEANED]:
        if s[w + care.LAST] != NONE:
            _check_dirty_hold(p, s, i)
    elif limit != NONE and is_clean_no_longer(s[head.NOW] - s[w + care.CLEANED_AT], limit):
        s[w + care.CLEAN_VIOLATIONS] += 1
        level(s, p[here + care.CLEAN_ENTITY], s[w + care.CLEAN_VIOLATIONS])
    product = product_of(p, number)
    if product != NO_PRODUCT:
        s[w + care.LAST] = product
    s[w + care.CLEANED] = 0
    s[w + care.SET_UP] = NONE
    s[w + care.STOPPED] = 0


@inner
def ends_use(p: Integers, s: Integers, i: int) -> None:
    """A lot has left the unit, which looks for what is due before it takes another."""
    here, w = care.plan(p, i), care.now(s, i)
    s[w + care.USED_AT] = s[head.NOW]
    s[w + care.LOTS] += 1
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        s[chore.now(s, c) + chore.BATCHES_NOW] += 1
    if p[here + care.DIRTY_LIMIT] != NONE:
        schedule(s, p[here + care.DIRTY_LIMIT], FALLS_DUE, i, NONE, NONE)


@inner
def job_done(p: Integers, q: Reals, s: Integers, i: int, number: int) -> None:
    """A unit has done a task of its own, or cleaned a container or tested a sample, which soils it."""
    here, w = care.plan(p, i), care.now(s, i)
    c = _chore_of(p, i, number)
    if c != NONE:
        _done(p, q, s, i, c)
    elif number == p[here + care.CHANGEOVER]:
        s[w + care.SET_UP] = s[w + care.TARGET]
    else:
        ends_use(p, s, i)


@inner
def _done(p: Integers, q: Reals, s: Integers, i: int, done: int) -> None:
    """A chore is done; a cleaning counts as every other of its level and below."""
    here, w = care.plan(p, i), care.now(s, i)
    highest = p[chore.plan(p, done) + chore.LEVEL]
    if not highest:
        maintenance.maintained(p, q, s, i, done, NONE)
        return
    s[w + care.CLEANED] = max(s[w + care.CLEANED], highest)
    s[w + care.CLEANED_AT] = s[head.NOW]
    for c in range(p[here + care.CHORES_AT], p[here + care.CHORES_AT] + p[here + care.CHORES_N]):
        if 0 < p[chore.plan(p, c) + chore.LEVEL] <= highest:
            maintenance.start_anew(p, s, i, c)


@inner
def falls_due(p: Integers, s: Integers, f: Reals, index: int) -> None:
    """Effect: a time of a unit's upkeep has passed, and if it is free it looks at what is due; or a
    container's clean hold.
    """
    if index >= p[head.MACHINES]:
        containers.stands_too_long(p, s, f, index - p[head.MACHINES])
    elif s[unit.now(s, index) + unit.LOT] == NONE:
        touch(s, index)


@inner
def is_kept_by_another(p: Integers, s: Integers, i: int, slot: int) -> bool:
    """Whether another unit is being cleaned or set up for a lot, which this one is refused."""
    b = lot.now(s, slot)
    return p[p[head.SOILING] + s[b + lot.OPERATION]] > 1 and s[b + lot.KEPT_BY] not in (NONE, i)


@inner
def _let_go(p: Integers, s: Integers, i: int, slot: int) -> None:
    """A unit turns to a lot; the one that it kept until now is free for others."""
    w = care.now(s, i)
    kept = s[w + care.KEEPS]
    if kept == NONE:
        return
    b = lot.now(s, kept)
    if s[b + lot.KEPT_BY] != i:  # it has left the plant meanwhile
        touch_units_of(p, s, s[w + care.KEPT_FOR])
    elif kept != slot:
        s[b + lot.KEPT_BY] = NONE
        touch_units_of(p, s, s[b + lot.OPERATION])


@inner
def _check_dirty_hold(p: Integers, s: Integers, i: int) -> None:
    """Count a violation where the unit has stood dirty for longer than it may."""
    here, w = care.plan(p, i), care.now(s, i)
    limit = p[here + care.DIRTY_LIMIT]
    if limit != NONE and was_cleaned_too_late(s[head.NOW] - s[w + care.USED_AT], limit):
        s[w + care.DIRTY_VIOLATIONS] += 1
        level(s, p[here + care.DIRTY_ENTITY], s[w + care.DIRTY_VIOLATIONS])


@inner
def product_of(p: Integers, number: int) -> int:
    """The product of the recipe of an operation."""
    at = p[operation.plan(p, number) + operation.RECIPE]
    return NO_PRODUCT if at == NONE else p[recipe.plan(p, at) + recipe.PRODUCT]
