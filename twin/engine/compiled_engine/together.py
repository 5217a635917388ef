"""Batch operations: a unit takes several lots at once, which share one visit and its duration.

As `simpy_engine/together.py`. The lot of the lowest number is the unit's lot; the others go with it as mates,
in a chain through the slots of lots in the order of their numbers, and leave one after the other.
"""

from __future__ import annotations

from twin.engine.codes import STARVED, TIME_OUT
from twin.engine.compiled_engine import containers, dispatching, endings, hooks, lots, moves, refused, starts
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import lots_at_once
from twin.engine.compiled_engine.lists import has_finished, touch_units_of
from twin.engine.compiled_engine.tables import container, head, lot, mate, operation, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.outcomes import SCRAPPED


@inner
def is_batch(p: Integers, number: int) -> bool:
    """Whether units take several lots at once for an operation."""
    return p[operation.plan(p, number) + operation.BATCH_MOST] > 1


@inner
def _is_ready(p: Integers, s: Integers, i: int, slot: int) -> bool:
    """Whether a waiting lot could start, but for a container."""
    holder = s[lot.now(s, slot) + lot.HOLDER]
    if holder != NONE and not moves.may_leave(p, s, holder):
        return False
    return refused.refused_alone(p, s, i, slot)[0] == NONE


@inner
def _clean(p: Integers, s: Integers, number: int) -> int:
    """Clean containers of the kind that an operation takes."""
    kind = p[operation.plan(p, number) + operation.TAKE]
    return 0 if kind == NONE else s[container.now(s, kind) + container.CLEAN]


@inner
def _takes(p: Integers, s: Integers, slot: int, number: int) -> bool:
    """Whether a lot takes a container for an operation."""
    kind = p[operation.plan(p, number) + operation.TAKE]
    return kind != NONE and s[lot.now(s, slot) + lot.CONTAINER] == NONE


@inner
def waits_for_more(p: Integers, s: Integers, i: int, slot: int) -> tuple[int, int]:
    """Whether a unit waits for more lots; it looks again when the one that waits longest has waited.

    A state and its cause, or none.
    """
    number = s[lot.now(s, slot) + lot.OPERATION]
    if not is_batch(p, number):
        return NONE, NONE
    clean, count, since = _clean(p, s, number), 0, NEVER
    each = dispatching.first(p, s, i, number)
    while each != NONE:
        takes = _takes(p, s, each, number)
        if _is_ready(p, s, i, each) and (clean or not takes):
            clean -= takes
            count += 1
            since = min(since, s[lot.now(s, each) + lot.READY])
        each = dispatching.following(p, s, i, number, each)
    if not count:
        return STARVED, p[head.TOGETHER]
    o = operation.plan(p, number)
    least, patience = p[o + operation.BATCH_LEAST], p[o + operation.BATCH_WAIT]
    if lots_at_once(count, least, p[o + operation.BATCH_MOST], s[head.NOW] - since, patience):
        return NONE, NONE
    deadline = s[head.DEADLINES] + number
    if count >= least and s[deadline] != since + patience:
        s[deadline] = since + patience
        s[head.IN_HAND] += 1
        schedule(s, since + patience - s[head.NOW], TIME_OUT, number, NONE, 0)
    return STARVED, p[head.TOGETHER]


@inner
def time_out(p: Integers, s: Integers, number: int) -> None:
    """Effect: lots have waited long enough for others."""
    s[head.IN_HAND] -= 1
    touch_units_of(p, s, number)


@inner
def take_mates(p: Integers, q: Reals, s: Integers, f: Reals, i: int, slot: int) -> int:
    """Take the other lots of the batch as well; returns the slot of the lowest number, the unit's own."""
    u = unit.now(s, i)
    number = s[u + unit.OPERATION]
    if not is_batch(p, number):
        return slot
    each = _others(p, s, i, number)
    s[mate.now(s, slot) + mate.NEXT] = NONE
    s[s[head.BATCHES] + i] = 1
    first = slot
    while each != NONE:
        after = s[mate.now(s, each) + mate.NEXT]
        starts.fetch(p, q, s, f, each)
        if _takes(p, s, each, number):
            containers.take(p, s, each, p[operation.plan(p, number) + operation.TAKE])
        hooks.claims(p, q, s, f, i, each)
        first = _in_order(s, first, each)
        each = after
    each = first
    while each != NONE:
        m = mate.now(s, each)
        s[m + mate.OPERATION], s[m + mate.VISIT] = number, lots.visit(p, s, each)
        s[m + mate.FINISHED] = NONE
        each = s[m + mate.NEXT]
    s[u + unit.LOT], s[u + unit.VISIT] = first, lots.visit(p, s, first)
    s[s[head.MATES] + i] = s[mate.now(s, first) + mate.NEXT]
    return first


@inner
def _others(p: Integers, s: Integers, i: int, number: int) -> int:
    """The lots that go with the one that a unit has taken, in turn: the first of a chain, or none."""
    clean, room = _clean(p, s, number), p[operation.plan(p, number) + operation.BATCH_MOST] - 1
    first = last = NONE
    each = dispatching.first(p, s, i, number)
    while each != NONE and room:
        takes = _takes(p, s, each, number)
        if _is_ready(p, s, i, each) and (clean or not takes):
            clean -= takes
            room -= 1
            s[mate.now(s, each) + mate.NEXT] = NONE
            if first == NONE:
                first = each
            else:
                s[mate.now(s, last) + mate.NEXT] = each
            last = each
        each = dispatching.following(p, s, i, number, each)
    return first


@inner
def _in_order(s: Integers, first: int, slot: int) -> int:
    """Put a lot into a chain by its number; returns the first lot."""
    number, before, after = s[lot.now(s, slot) + lot.NUMBER], NONE, first
    while after != NONE and s[lot.now(s, after) + lot.NUMBER] < number:
        before, after = after, s[mate.now(s, after) + mate.NEXT]
    s[mate.now(s, slot) + mate.NEXT] = after
    if before == NONE:
        return slot
    s[mate.now(s, before) + mate.NEXT] = slot
    return first


@inner
def longest_way(p: Integers, s: Integers, i: int) -> int:
    """The way to the unit is that of the lot which comes from farthest."""
    longest, slot = 0, s[unit.now(s, i) + unit.LOT]
    following = s[s[head.MATES] + i]
    while slot != NONE:
        place = s[lot.now(s, slot) + lot.PLACE]
        if place != NONE:
            longest = max(longest, p[p[head.TRAVEL] + place * p[head.PLACES] + i])
        slot = following
        if following != NONE:
            following = s[mate.now(s, following) + mate.NEXT]
    return longest


@inner
def conclude(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """The unit's lot is done: decide what becomes of the others."""
    u = unit.now(s, i)
    slot, visit, waste = s[u + unit.LOT], s[u + unit.VISIT], s[u + unit.WASTE]
    outcome, scrapped = s[u + unit.OUTCOME], s[u + unit.SCRAPPED]
    left = max(0, waste - s[lot.now(s, slot) + lot.QUANTITY])  # what one lot cannot lose, the next one does
    each = s[s[head.MATES] + i]
    while each != NONE:
        m = mate.now(s, each)
        s[u + unit.LOT], s[u + unit.VISIT], s[u + unit.WASTE] = each, s[m + mate.VISIT], left
        quantity = s[lot.now(s, each) + lot.QUANTITY]
        endings.conclude_lot(p, q, s, f, i)
        endings.wants_next(p, s, each)
        left = max(0, left - quantity)
        s[m + mate.FINISHED], s[m + mate.OUTCOME] = s[u + unit.FINISHED], s[u + unit.OUTCOME]
        s[m + mate.SCRAPPED] = s[u + unit.SCRAPPED]
        each = s[m + mate.NEXT]
    s[u + unit.LOT], s[u + unit.VISIT], s[u + unit.WASTE] = slot, visit, waste
    s[u + unit.OUTCOME], s[u + unit.SCRAPPED] = outcome, scrapped


@inner
def next_leaves(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """One lot has left the unit: the next one is up. If the first was scrapped in hand, so are the rest."""
    u, gone = unit.now(s, i), NONE
    while s[s[head.BATCHES] + i]:
        slot = s[s[head.MATES] + i]
        if slot == NONE:
            s[s[head.BATCHES] + i] = 0
            break
        m = mate.now(s, slot)
        s[s[head.MATES] + i] = s[m + mate.NEXT]
        s[u + unit.LOT], s[u + unit.VISIT], s[u + unit.OPERATION] = (
            slot,
            s[m + mate.VISIT],
            s[m + mate.OPERATION],
        )
        if s[m + mate.FINISHED] != NONE:
            s[u + unit.OUTCOME], s[u + unit.SCRAPPED] = s[m + mate.OUTCOME], s[m + mate.SCRAPPED]
            s[u + unit.FINISHED] = s[m + mate.FINISHED]
            moves.show_idle(p, s, i)
            has_finished(s, i)
            break
        b = lot.now(s, slot)
        s[b + lot.PLACE] = i
        s[u + unit.OUTCOME], s[u + unit.SCRAPPED] = SCRAPPED, s[b + lot.QUANTITY]
        s[u + unit.FINISHED] = s[head.NOW]
        endings.route(p, s, f, i)
        moves.take_off(p, q, s, f, i)
        s[m + mate.NEXT] = gone
        gone = slot
    while gone != NONE:
        after = s[mate.now(s, gone) + mate.NEXT]
        moves.goes_out(p, s, gone)
        gone = after


@inner
def write_rows(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Write the rows of the lots that are on a unit with others when the run ends."""
    u = unit.now(s, i)
    slot = s[s[head.MATES] + i] if s[s[head.BATCHES] + i] else NONE
    while slot != NONE:
        m = mate.now(s, slot)
        s[u + unit.LOT], s[u + unit.VISIT], s[u + unit.FINISHED] = (
            slot,
            s[m + mate.VISIT],
            s[m + mate.FINISHED],
        )
        s[u + unit.OUTCOME], s[u + unit.SCRAPPED] = s[m + mate.OUTCOME], s[m + mate.SCRAPPED]
        endings.write_row(p, q, s, f, i, NONE)
        slot = s[m + mate.NEXT]
