"""Releases: order lines let lots into the plant, each numbered as it comes. As `simpy_engine/releases.py`."""

from __future__ import annotations

from twin.engine.codes import RELEASED
from twin.engine.compiled_engine import endings, hooks, lots, moves, order_desk, remarks, sources
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.lists import has_place
from twin.engine.compiled_engine.rows import book, level, new_lot_row
from twin.engine.compiled_engine.tables import head, lot, operation, order, recipe, source
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NO_STORAGE, NONE

LOST = 3  # of record.OUTCOMES


@inner
def begin(p: Integers, q: Reals, s: Integers) -> None:
    """Schedule the first release of each order line."""
    level(s, p[head.WIP], 0)
    for number in range(p[head.ORDERS]):
        row = order.plan(p, number)
        delay = 0
        if p[row + order.FIRST] != NONE:
            delay = sources.nanoseconds(p, q, s, p[row + order.FIRST], 0, 0, 0)
        elif _is_random(p, p[row + order.EVERY]):
            delay = sources.nanoseconds(p, q, s, p[row + order.EVERY], 0, 0, 0)
        s[head.ORDERS_OPEN] += 1
        s[head.IN_HAND] += 1
        schedule(s, delay, RELEASED, number, NONE, 0)


@inner
def _is_random(p: Integers, number: int) -> bool:
    return number != NONE and p[source.plan(p, number) + source.KIND] != 0


@inner
def released(p: Integers, q: Reals, s: Integers, f: Reals, number: int) -> None:
    """Effect: lots of an order line come in, and into the plant where no rule keeps them waiting."""
    s[head.IN_HAND] -= 1
    row = order.plan(p, number)
    r = recipe.plan(p, p[row + order.RECIPE])
    first_in = last_in = NONE
    let_in_now = 0
    for _ in range(p[row + order.LOTS]):
        first, size = p[r + recipe.FIRST], p[r + recipe.QUANTITY]
        slot = lots.new(p, s, f, s[head.LOTS_RELEASED], number, p[row + order.PRIORITY], first, size)
        if s[head.STATUS] == head.TOO_SMALL:
            return
        s[head.LOTS_RELEASED] += 1
        if p[row + order.HAS_DUE]:
            due = p[row + order.DUE] + (0 if p[row + order.DUE_IS_A_DATE] else s[head.NOW])
            s[lot.now(s, slot) + lot.DUE] = due
            book(s, number, 1, due)
        else:
            book(s, number, 0, 0)
        if p[row + order.RELEASE] != NONE and order_desk.comes_in(p, s, slot, p[row + order.RELEASE]):
            continue
        s[lot.now(s, slot) + lot.LATER] = NONE
        if first_in == NONE:
            first_in = slot
        else:
            s[lot.now(s, last_in) + lot.LATER] = slot
        last_in = slot
        let_in_now += 1
    if let_in_now:
        let_in(p, s, first_in, let_in_now)
    o = order.now(s, number)
    s[o + order.RELEASES] += 1
    if p[row + order.EVERY] == NONE or s[o + order.RELEASES] == p[row + order.TIMES]:
        s[head.ORDERS_OPEN] -= 1
        return
    used = s[o + order.RELEASES] - 1
    if p[row + order.FIRST] == NONE and _is_random(p, p[row + order.EVERY]):
        used += 1  # a random first release uses up the first draw of `every`
    s[head.IN_HAND] += 1
    schedule(s, sources.nanoseconds(p, q, s, p[row + order.EVERY], used, 0, 0), RELEASED, number, NONE, 0)


@inner
def let_in(p: Integers, s: Integers, first: int, count: int) -> None:
    """Let a list of lots into the plant, where they wait for their first operation."""
    s[head.LAST_RELEASE] = s[head.NOW]
    slot = first
    while slot != NONE:
        b = lot.now(s, slot)
        later = s[b + lot.LATER]
        _let_in(p, s, slot, p[order.plan(p, s[b + lot.ORDER]) + order.LOST_WHEN_FULL])
        slot = later
    moves.count_work_in_process(p, s, count)


@inner
def _let_in(p: Integers, s: Integers, slot: int, lost_when_full: int) -> None:
    come(p, s, slot)
    b = lot.now(s, slot)
    if lost_when_full and p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE] != NONE:
        s[b + lot.LOSES_PATIENCE] = 1
        s[b + lot.LATER] = NONE
        if s[head.IMPATIENT] == NONE:
            s[head.IMPATIENT] = slot
        else:
            s[lot.now(s, s[head.IMPATIENT_END]) + lot.LATER] = slot
        s[head.IMPATIENT_END] = slot


@inner
def come(p: Integers, s: Integers, slot: int) -> None:
    """Let a lot that stands on no unit want its operation, from outside its storage."""
    b = lot.now(s, slot)
    s[b + lot.READY] = s[b + lot.ARRIVED] = s[head.NOW]
    hooks.waits(p, s, slot)
    moves.join_line(p, s, slot)
    at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
    if at not in (NONE, NO_STORAGE):
        lots.queue(s, slot, at)
        has_place(s, at)


@inner
def lose_patience(p: Integers, s: Integers, f: Reals) -> None:
    """Lots that found no place at once leave for good."""
    slot = s[head.IMPATIENT]
    s[head.IMPATIENT] = NONE
    while slot != NONE:
        b = lot.now(s, slot)
        after = s[b + lot.LATER]
        if s[b + lot.LOSES_PATIENCE]:
            lots.leave(p, s, slot)
            at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
            if at != NO_STORAGE:
                lots.leave_queue(s, slot, at)
            write_waiting(p, s, f, slot, LOST, s[head.NOW], 0)
            moves.goes_out(p, s, slot)
        slot = after


@inner
def write_waiting(
    p: Integers, s: Integers, f: Reals, slot: int, outcome: int, left: int, scrapped: int
) -> None:
    """Write the row of a lot that waits: still, when the run ends, or until it `left` with an outcome."""
    row = new_lot_row(s)
    if p[head.ROW_ATTRIBUTES]:
        endings.no_attributes(p, s, f)
    b = lot.now(s, slot)
    s[row] = s[b + lot.NUMBER]
    s[row + 1] = s[b + lot.OPERATION]
    s[row + 2] = lots.visit(p, s, slot)
    s[row + 3] = NONE
    s[row + 4] = s[b + lot.ARRIVED]
    s[row + 5] = NONE
    s[row + 6] = NONE
    s[row + 7] = left
    s[row + 8] = outcome
    s[row + 9] = s[b + lot.QUANTITY]
    s[row + 10] = scrapped
    remarks.write(p, s, f, NONE, row, endings.attributes_of_row(p, s))
