"""The order desk: lots that have come in wait there until their release rule lets them in.

As `simpy_engine/order_desk.py`. A lot that waits stands in no line, so that its place in the chain of a line
is that in the desk's. How many lots a rule counts is by released lot, whatever it was split into.
"""

from __future__ import annotations

from twin.engine.codes import LET_IN
from twin.engine.compiled_engine import lots, releases, upkeep
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import (
    campaign_lots,
    comes_next,
    is_hot,
    lots_to_let_in,
    released_as,
    time_until_release,
)
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import desk, head, kept, lot, operation, order, recipe
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.order_book import CAMPAIGN, CONWIP, DUE, DUE_DATE, KANBAN, LEAST_CHANGEOVER
from twin.engine.program import NONE


@inner
def begin(p: Integers, s: Integers) -> None:
    """No lot waits at any desk."""
    for number in range(p[head.DESKS]):
        _count(p, s, number)


@inner
def comes_in(p: Integers, s: Integers, slot: int, number: int) -> bool:
    """Keep a lot that has come in, unless it is hot; whether it is kept."""
    row, at, b = desk.plan(p, number), desk.now(s, number), lot.now(s, slot)
    rule, is_kept = p[row + desk.RULE], not is_hot(s[b + lot.PRIORITY])
    if is_kept:
        s[b + lot.READY] = s[head.NOW]
        _wait(p, s, slot, number)
        s[at + desk.WAITING_N] += 1
        s[head.ORDERS_OPEN] += 1
        _count(p, s, number)
    elif rule in (CONWIP, KANBAN):
        enters(p, s, slot, number)
    if rule != DUE_DATE:
        _look(s, number)
    elif is_kept:
        delay = time_until_release(s[head.NOW], s[b + lot.DUE], p[row + desk.BEFORE])
        s[head.IN_HAND] += 1
        schedule(s, delay, LET_IN, number, s[b + lot.NUMBER], slot)
    return is_kept


@inner
def _wait(p: Integers, s: Integers, slot: int, number: int) -> None:
    """Put a lot among those that wait: in the order in which they are let in."""
    at = desk.now(s, number)
    before = s[at + desk.WAITING_END]
    while before != NONE and _goes_before(p, s, slot, before, number):
        before = s[lot.now(s, before) + lot.PREVIOUS]
    lots.link(s, slot, before, at + desk.WAITING, lot.NEXT)


@inner
def _goes_before(p: Integers, s: Integers, slot: int, other: int, number: int) -> bool:
    """Whether a lot is let in before another; where each has a time of its own, the order of numbers."""
    a, b = lot.now(s, slot), lot.now(s, other)
    if p[desk.plan(p, number) + desk.RULE] != DUE_DATE:
        if s[a + lot.PRIORITY] != s[b + lot.PRIORITY]:
            return s[a + lot.PRIORITY] < s[b + lot.PRIORITY]
        one, two = _time(p, s, slot, number), _time(p, s, other, number)
        if one != two:
            return one < two
    return s[a + lot.NUMBER] < s[b + lot.NUMBER]


@inner
def _time(p: Integers, s: Integers, slot: int, number: int) -> int:
    """The time in ns by which waiting lots are let in."""
    by_due = p[desk.plan(p, number) + desk.SEQUENCE] == DUE
    return s[lot.now(s, slot) + (lot.DUE if by_due else lot.READY)]


@inner
def enters(p: Integers, s: Integers, slot: int, number: int) -> None:
    """Count a lot that is let in."""
    is_first = p[head.HAS_PARTS] == 0 or not _another_part_is_inside(p, s, slot)
    s[kept.of_desk(p, s, slot)] = 1
    if is_first:
        s[desk.now(s, number) + desk.INSIDE] += 1


@inner
def _another_part_is_inside(p: Integers, s: Integers, slot: int) -> bool:
    whole = released_as(s[lot.now(s, slot) + lot.NUMBER])
    for other in range(s[head.LOTS_USED]):
        name = s[lot.now(s, other) + lot.NUMBER]
        if other != slot and name >= 0 and released_as(name) == whole and s[kept.of_desk(p, s, other)]:
            return True
    return False


@inner
def of_lot(p: Integers, s: Integers, slot: int) -> int:
    """The release rule of a lot's order line, or none."""
    line = s[lot.now(s, slot) + lot.ORDER]
    return p[order.plan(p, line) + order.RELEASE] if line != NONE else NONE


@inner
def pass_on(p: Integers, s: Integers, slot: int, other: int) -> None:
    """A part, or a merged lot, counts as the lot that it comes from."""
    if s[kept.of_desk(p, s, slot)] and not s[kept.of_desk(p, s, other)]:
        enters(p, s, other, of_lot(p, s, other))


@inner
def has_gone(p: Integers, s: Integers, slot: int) -> None:
    """Count a lot no longer, where its rule does."""
    if not s[kept.of_desk(p, s, slot)]:
        return
    number = of_lot(p, s, slot)
    s[kept.of_desk(p, s, slot)] = 0
    if p[head.HAS_PARTS] and _another_part_is_inside(p, s, slot):
        return
    s[desk.now(s, number) + desk.INSIDE] -= 1
    if p[desk.plan(p, number) + desk.RULE] != DUE_DATE:
        _look(s, number)


@inner
def leaves(p: Integers, s: Integers, slot: int, operation: int) -> None:
    """A lot has left a unit; rules that count lots until the end of an operation look."""
    number = of_lot(p, s, slot)
    if number != NONE and p[desk.plan(p, number) + desk.RULE] != KANBAN and _is_last(p, number, operation):
        has_gone(p, s, slot)


@inner
def claims(p: Integers, s: Integers, slot: int) -> None:
    """A unit has taken a lot; rules that count lots until the start of an operation look."""
    number = of_lot(p, s, slot)
    until_start = number != NONE and p[desk.plan(p, number) + desk.RULE] == KANBAN
    if until_start and _is_last(p, number, s[lot.now(s, slot) + lot.OPERATION]):
        has_gone(p, s, slot)


@inner
def _is_last(p: Integers, number: int, operation: int) -> bool:
    row = desk.plan(p, number)
    for k in range(p[row + desk.UNTIL_AT], p[row + desk.UNTIL_AT] + p[row + desk.UNTIL_N]):
        if p[k] == operation:
            return True
    return False


@inner
def _look(s: Integers, number: int) -> None:
    """Have the desk decide in the next round of this instant."""
    at = desk.now(s, number)
    if not s[at + desk.PENDING]:
        s[at + desk.PENDING] = 1
        s[head.IN_HAND] += 1
        schedule(s, 0, LET_IN, number, NONE, 0)


@inner
def decides(p: Integers, s: Integers, number: int, slot: int) -> None:
    """Effect: the desk lets in what it may; where each lot has a time of its own, the one in `slot`."""
    row, at = desk.plan(p, number), desk.now(s, number)
    s[head.IN_HAND] -= 1
    s[at + desk.PENDING] = 0
    product, count = NONE, 1
    if p[row + desk.RULE] == CAMPAIGN:
        slot, count = _campaign(p, s, number)
        product = _product(p, s, slot) if count else NONE
    elif p[row + desk.RULE] != DUE_DATE:
        slot = s[at + desk.WAITING]
        count = lots_to_let_in(s[at + desk.WAITING_N], s[at + desk.INSIDE], p[row + desk.LIMIT])
    if not count:
        return
    first = last = NONE
    for _ in range(count):
        following = s[lot.now(s, slot) + lot.NEXT]
        lots.unlink(s, slot, at + desk.WAITING, lot.NEXT)
        enters(p, s, slot, number)
        if first == NONE:
            first = slot
        else:
            s[lot.now(s, last) + lot.LATER] = slot
        last = slot
        s[lot.now(s, last) + lot.LATER] = NONE
        while product != NONE and following != NONE and _product(p, s, following) != product:
            following = s[lot.now(s, following) + lot.NEXT]
        slot = following
    s[at + desk.WAITING_N] -= count
    s[head.ORDERS_OPEN] -= count
    _count(p, s, number)
    releases.let_in(p, s, first, count)


@inner
def _campaign(p: Integers, s: Integers, number: int) -> tuple[int, int]:
    """The first lot of the next campaign and how many it has; none while the last one is under way."""
    row, at = desk.plan(p, number), desk.now(s, number)
    best, best_count, best_value = NONE, 0, 0
    if s[at + desk.INSIDE]:
        return best, best_count
    more = _will_release(p, s, number)
    _count_products(p, s, number)
    slot = s[at + desk.WAITING]
    while slot != NONE:
        b, seen = lot.now(s, slot), s[head.PRODUCTS_SEEN] + 2 * _product(p, s, slot)
        if s[seen] == slot:
            count = campaign_lots(s[seen + 1], p[row + desk.SIZE], p[row + desk.MINIMUM], more)
            value = _sequence_value(p, s, slot, number) if count else 0
            if count and (
                best == NONE
                or comes_next(
                    s[b + lot.PRIORITY],
                    value,
                    s[b + lot.NUMBER],
                    s[lot.now(s, best) + lot.PRIORITY],
                    best_value,
                    s[lot.now(s, best) + lot.NUMBER],
                )
            ):
                best, best_count, best_value = slot, count, value
        slot = s[b + lot.NEXT]
    return best, best_count


@inner
def _count_products(p: Integers, s: Integers, number: int) -> None:
    """Note of each product the first lot that waits, and how many do."""
    for k in range(p[head.PRODUCTS_N]):
        s[s[head.PRODUCTS_SEEN] + 2 * k], s[s[head.PRODUCTS_SEEN] + 2 * k + 1] = NONE, 0
    slot = s[desk.now(s, number) + desk.WAITING]
    while slot != NONE:
        seen = s[head.PRODUCTS_SEEN] + 2 * _product(p, s, slot)
        if s[seen] == NONE:
            s[seen] = slot
        s[seen + 1] += 1
        slot = s[lot.now(s, slot) + lot.NEXT]


@inner
def _will_release(p: Integers, s: Integers, number: int) -> bool:
    """Whether any order line of a rule will release lots again."""
    row = desk.plan(p, number)
    for k in range(p[row + desk.LINES_AT], p[row + desk.LINES_AT] + p[row + desk.LINES_N]):
        times = p[order.plan(p, p[k]) + order.TIMES]
        if times < 0 or s[order.now(s, p[k]) + order.RELEASES] < times:
            return True
    return False


@inner
def _sequence_value(p: Integers, s: Integers, slot: int, number: int) -> int:
    """What campaigns go by: the time of the first lot, or the change-over of all units for it in ns."""
    if p[desk.plan(p, number) + desk.SEQUENCE] != LEAST_CHANGEOVER:
        return _time(p, s, slot, number)
    total, each = 0, s[lot.now(s, slot) + lot.OPERATION]
    while each != NONE:
        o = operation.plan(p, each)
        for k in range(p[o + operation.UNITS_AT], p[o + operation.UNITS_AT] + p[o + operation.UNITS_N]):
            if upkeep.cares(p, p[k]):
                total += upkeep.nominal(p, s, p[k], slot)
        each = p[o + operation.NEXT]
    return total


@inner
def _product(p: Integers, s: Integers, slot: int) -> int:
    line = order.plan(p, s[lot.now(s, slot) + lot.ORDER])
    return p[recipe.plan(p, p[line + order.RECIPE]) + recipe.PRODUCT]


@inner
def _count(p: Integers, s: Integers, number: int) -> None:
    level(s, p[desk.plan(p, number) + desk.ENTITY], s[desk.now(s, number) + desk.WAITING_N])
