"""Materials: stock that operations use up, that deliveries and finished lots fill, and that expires.

As `simpy_engine/materials.py`.
"""

from __future__ import annotations

from twin.engine.codes import DELIVERED, STARVED, STOCK_EXPIRES
from twin.engine.compiled_engine import rows, sources
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import is_used_before, lots_to_order
from twin.engine.compiled_engine.lists import look_again
from twin.engine.compiled_engine.tables import head, line, lot, material, order, recipe, stock, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.outcomes import DONE

BY_CLOCK, BY_STOCK = 0, 1  # what brought a delivery


@inner
def begin(p: Integers, q: Reals, s: Integers) -> None:
    """Fill the stocks, and begin the deliveries."""
    for number in range(p[head.MATERIALS]):
        m = material.plan(p, number)
        for _ in range(p[m + material.LOTS]):
            _put(p, s, number, p[m + material.LOT], NONE)
        if p[m + material.OPENING]:
            _put(p, s, number, p[m + material.OPENING], NONE)
        _count(p, s, number)
        first = p[m + material.EVERY] if p[m + material.FIRST] == NONE else p[m + material.FIRST]
        if first != NONE:
            _expect(s, number, 1 - p[m + material.ENDLESS])
            schedule(s, sources.nanoseconds(p, q, s, first, 0, 0, 0), DELIVERED, number, BY_CLOCK, 0)
        _reorder(p, q, s, number)


@inner
def _put(p: Integers, s: Integers, number: int, quantity: int, made: int) -> None:
    """Lay a lot down; `made` is the lot that it was, or none for a delivered one."""
    each = s[head.STOCK_FREE]
    if each == NONE:
        s[head.STATUS] = head.TOO_SMALL
        return
    m, row = material.now(s, number), stock.now(s, each)
    s[head.STOCK_FREE] = s[row + stock.NEXT]
    s[row + stock.NEXT] = NONE
    s[row + stock.DELIVERED] = s[m + material.DELIVERIES] if made == NONE else NONE
    s[m + material.DELIVERIES] += made == NONE
    s[row + stock.MADE] = made
    s[row + stock.LEFT] = quantity
    s[row + stock.ARRIVED] = s[head.NOW]
    life = p[material.plan(p, number) + material.SHELF_LIFE]
    s[row + stock.EXPIRES] = NEVER if life == NEVER else s[head.NOW] + life
    if s[m + material.STOCK] == NONE:
        s[m + material.STOCK] = each
    else:
        s[stock.now(s, s[m + material.STOCK_END]) + stock.NEXT] = each
    s[m + material.STOCK_END] = each
    s[m + material.TOTAL] += quantity
    if life != NEVER:
        schedule(s, life, STOCK_EXPIRES, number, NONE, 0)


@inner
def _remove(s: Integers, number: int, before: int, each: int) -> int:
    """Take a lot out of the stock, behind the one before it; returns the one that follows."""
    m, row = material.now(s, number), stock.now(s, each)
    after = s[row + stock.NEXT]
    if before == NONE:
        s[m + material.STOCK] = after
    else:
        s[stock.now(s, before) + stock.NEXT] = after
    if after == NONE:
        s[m + material.STOCK_END] = before
    s[m + material.TOTAL] -= s[row + stock.LEFT]
    s[row + stock.NEXT] = s[head.STOCK_FREE]
    s[head.STOCK_FREE] = each
    return after


@inner
def _count(p: Integers, s: Integers, number: int) -> None:
    total = s[material.now(s, number) + material.TOTAL]
    rows.level(s, p[material.plan(p, number) + material.ENTITY], total)


@inner
def lacks(p: Integers, s: Integers, number: int) -> tuple[int, int]:
    """The first material of an operation's bill of which there is not enough, as state and cause; or none."""
    at = p[p[head.BILLS] + number]
    for k in range(p[at]):
        used, amount = p[at + 1 + 2 * k], p[at + 2 + 2 * k]
        if s[material.now(s, used) + material.TOTAL] < amount:
            return STARVED, p[material.plan(p, used) + material.CAUSE]
    return NONE, NONE


@inner
def take(p: Integers, q: Reals, s: Integers, i: int, slot: int) -> None:
    """Use up what the bill says, lot by lot, and note from where it came."""
    number = s[unit.now(s, i) + unit.OPERATION]
    at = p[p[head.BILLS] + number]
    for k in range(p[at]):
        used, amount = p[at + 1 + 2 * k], p[at + 2 + 2 * k]
        m = material.now(s, used)
        while amount and s[m + material.STOCK] != NONE:
            before, each = _next_to_use(s, used)
            row = stock.now(s, each)
            taken = min(amount, s[row + stock.LEFT])
            rows.genealogy(
                s,
                number,
                used,
                s[row + stock.DELIVERED],
                s[row + stock.MADE],
                s[lot.now(s, slot) + lot.NUMBER],
                taken,
            )
            amount -= taken
            s[row + stock.LEFT] -= taken
            s[m + material.TOTAL] -= taken
            if not s[row + stock.LEFT]:
                _remove(s, used, before, each)
        _count(p, s, used)
        _reorder(p, q, s, used)


@inner
def _next_to_use(s: Integers, number: int) -> tuple[int, int]:
    """The lot to use next, and the one before it in the chain, which may be none."""
    best = s[material.now(s, number) + material.STOCK]
    before_best, before = NONE, best
    each = s[stock.now(s, best) + stock.NEXT]
    while each != NONE:
        row, other = stock.now(s, each), stock.now(s, best)
        if is_used_before(
            s[row + stock.EXPIRES],
            s[row + stock.ARRIVED],
            s[other + stock.EXPIRES],
            s[other + stock.ARRIVED],
        ):
            best, before_best = each, before
        before, each = each, s[row + stock.NEXT]
    return before_best, best


@inner
def becomes_stock(p: Integers, s: Integers, i: int, slot: int) -> None:
    """A finished lot that has left its last operation becomes stock."""
    b = lot.now(s, slot)
    if s[b + lot.NUMBER] < 0 or s[b + lot.OPERATION] != NONE or not s[b + lot.QUANTITY]:
        return
    makes = p[recipe.plan(p, p[order.plan(p, s[b + lot.ORDER]) + order.RECIPE]) + recipe.MAKES]
    if makes != NONE and s[unit.now(s, i) + unit.OUTCOME] == DONE:
        _put(p, s, makes, s[b + lot.QUANTITY], s[b + lot.NUMBER])
        _count(p, s, makes)
        look_again(s)


@inner
def delivered(p: Integers, q: Reals, s: Integers, number: int, reason: int, count: int) -> None:
    """Effect: lots are delivered."""
    m, row = material.plan(p, number), material.now(s, number)
    by_clock = reason == BY_CLOCK
    if not by_clock or not p[m + material.ENDLESS]:
        _expect(s, number, -1)
    if by_clock:
        _deliver_again(p, q, s, number, count + 1)
    else:
        s[row + material.ON_ORDER] -= count * p[m + material.LOT]
    for _ in range(p[m + material.DELIVERED] if by_clock else count):
        _put(p, s, number, p[m + material.LOT], NONE)
    s[row + material.CAME] += 1
    _count(p, s, number)
    look_again(s)


@inner
def _expect(s: Integers, number: int, deliveries: int) -> None:
    """So many more deliveries are under way."""
    s[head.IN_HAND] += deliveries
    s[material.now(s, number) + material.COMING] += deliveries


@inner
def are_awaited(p: Integers, s: Integers) -> bool:
    """Whether lots wait for a material of which there is too little, and which is delivered for ever."""
    if not p[head.MATERIALS]:
        return False
    for number in range(p[head.OPERATIONS]):
        if s[line.waiting(s, number)]:
            at = p[p[head.BILLS] + number]
            for k in range(p[at]):
                used, amount = p[at + 1 + 2 * k], p[at + 2 + 2 * k]
                too_little = s[material.now(s, used) + material.TOTAL] < amount
                if too_little and p[material.plan(p, used) + material.ENDLESS]:
                    return True
    return False


@inner
def _deliver_again(p: Integers, q: Reals, s: Integers, number: int, so_far: int) -> None:
    """Schedule the next delivery by the clock; a given first one leaves all draws of `every` to the rest."""
    m = material.plan(p, number)
    if p[m + material.EVERY] == NONE or so_far == p[m + material.TIMES]:
        return
    used = so_far if p[m + material.FIRST] == NONE else so_far - 1
    _expect(s, number, 1 - p[m + material.ENDLESS])
    delay = sources.nanoseconds(p, q, s, p[m + material.EVERY], used, 0, 0)
    schedule(s, delay, DELIVERED, number, BY_CLOCK, so_far)


@inner
def _reorder(p: Integers, q: Reals, s: Integers, number: int) -> None:
    """Order more where stock and orders have fallen below the mark."""
    m, row = material.plan(p, number), material.now(s, number)
    count = lots_to_order(
        s[row + material.TOTAL],
        s[row + material.ON_ORDER],
        p[m + material.BELOW],
        p[m + material.ORDERED],
        p[m + material.LOT],
    )
    if not count or p[m + material.LEAD_TIME] == NONE:
        return
    s[row + material.ON_ORDER] += count * p[m + material.LOT]
    delay = sources.nanoseconds(p, q, s, p[m + material.LEAD_TIME], s[row + material.ORDERS], 0, 0)
    s[row + material.ORDERS] += 1
    _expect(s, number, 1)
    schedule(s, delay, DELIVERED, number, BY_STOCK, count)


@inner
def expires(p: Integers, q: Reals, s: Integers, number: int) -> None:
    """Effect: what has reached the end of its shelf life is thrown away."""
    before, each = NONE, s[material.now(s, number) + material.STOCK]
    any_old = False
    while each != NONE:
        row = stock.now(s, each)
        if s[row + stock.EXPIRES] <= s[head.NOW]:
            any_old = True
            each = _remove(s, number, before, each)
        else:
            before, each = each, s[row + stock.NEXT]
    if any_old:
        _count(p, s, number)
        _reorder(p, q, s, number)
