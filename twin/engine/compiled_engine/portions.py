"""Transfer by portions: what is done of a lot goes on while the rest of it is worked on.

As `simpy_engine/portions.py`. What is left at the end of the visit is the last portion, which `splitting`
makes a part like any other.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, PORTION_DONE
from twin.engine.compiled_engine import (
    assembly,
    endings,
    hooks,
    moves,
    people,
    releases,
    rows,
    splitting,
    work,
)
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import left_of, moved, parts_of, portion_end
from twin.engine.compiled_engine.lists import append, remove, touch
from twin.engine.compiled_engine.tables import (
    dividing,
    family,
    head,
    lot,
    needs,
    operation,
    portion,
    storage,
    unit,
)
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE, PROCESSING


@inner
def hands_on(p: Integers, number: int) -> bool:
    """Whether an operation hands on portions."""
    d = dividing.plan(p, number)
    return p[d + dividing.PORTIONS] + p[d + dividing.PORTION_EACH] > 0


@inner
def begin(p: Integers, s: Integers, i: int) -> None:
    """A unit has taken a lot, of which nothing has gone on."""
    if hands_on(p, s[unit.now(s, i) + unit.OPERATION]):
        g = portion.now(s, i)
        s[g + portion.COUNT] = s[g + portion.AMOUNT] = 0


@inner
def runs(p: Integers, s: Integers, i: int) -> None:
    """A stretch has begun, or goes on, also at another speed, `unit.REMAINING` ns of work before its end."""
    u = unit.now(s, i)
    if hands_on(p, s[u + unit.OPERATION]) and work.processes(s, i):
        _look_ahead(p, s, i, s[work.duration_at(s, i) + PROCESSING] - s[u + unit.REMAINING])


@inner
def _look_ahead(p: Integers, s: Integers, i: int, worked: int) -> None:
    """Have the next portion but the last fall due, after `worked` ns of processing at full speed."""
    due = _due(p, s, i)
    if due == NONE:
        return
    u, whole = unit.now(s, i), s[work.duration_at(s, i) + PROCESSING]
    time = moved(s[u + unit.PHASE_ENDS] - s[head.NOW], max(0, due - worked), whole - worked)
    schedule(s, time, PORTION_DONE, i, s[u + unit.VERSION], 0)


@inner
def _due(p: Integers, s: Integers, i: int) -> int:
    """The processing in ns after which the portion in hand is done; none of the last one."""
    u = unit.now(s, i)
    d = dividing.plan(p, s[u + unit.OPERATION])
    into, each = p[d + dividing.PORTIONS], p[d + dividing.PORTION_EACH]
    size = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY]
    number = s[portion.now(s, i) + portion.COUNT]
    if number + 1 >= parts_of(size, into, each):
        return NONE
    whole = s[work.duration_at(s, i) + PROCESSING]
    return moved(whole, portion_end(size, into, each, number), size)


@inner
def done(p: Integers, q: Reals, s: Integers, f: Reals, i: int, version: int) -> None:
    """Effect: a portion is done, unless the work was halted since."""
    u = unit.now(s, i)
    if s[u + unit.VERSION] != version or not s[u + unit.RUNNING]:
        return
    due = _due(p, s, i)
    _hand_on(p, q, s, f, i)
    _look_ahead(p, s, i, due)


@inner
def _hand_on(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Make what is done a part of the lot, and let it want its place."""
    u, g = unit.now(s, i), portion.now(s, i)
    slot = s[u + unit.LOT]
    b, d = lot.now(s, slot), dividing.plan(p, s[u + unit.OPERATION])
    into, each = p[d + dividing.PORTIONS], p[d + dividing.PORTION_EACH]
    end = portion_end(s[b + lot.QUANTITY], into, each, s[g + portion.COUNT])
    good = left_of(end, s[u + unit.WASTE], endings.good_fraction(p, q, s, f, i))
    amount = max(0, good - s[g + portion.AMOUNT])
    following = p[operation.plan(p, s[u + unit.OPERATION]) + operation.NEXT]
    child = splitting.part_from(p, s, f, slot, following, amount)
    if s[head.STATUS] != head.DONE:
        return
    if s[u + unit.ANSWERED]:
        endings.hand_over(p, s, f, i, child)
    s[lot.now(s, child) + lot.PLACE] = i
    s[g + portion.COUNT] += 1
    s[g + portion.AMOUNT] += amount
    if p[head.MERGES]:
        assembly.found(s, slot, 0)
        alive = family.now(s, slot) + family.ALIVE
        s[alive] = max(s[alive], 1) + 1  # what is still in hand is one as well
    moves.count_work_in_process(p, s, 1)
    number = s[lot.now(s, child) + lot.NUMBER]
    rows.genealogy(s, following, NONE, NONE, s[b + lot.NUMBER], number, amount)
    hooks.becomes_part(p, s, slot, child)
    releases.come(p, s, child)
    if p[operation.plan(p, following) + operation.STORAGE] < 0:
        moves.rest(p, q, s, f, child)
        return
    if s[g + portion.WAITING] == NONE:
        append(s, head.PORTIONS_WAITING, i)
    s[g + portion.WAITING], s[g + portion.WAITING_NUMBER] = child, number


@inner
def look_for_places(p: Integers, s: Integers, f: Reals) -> None:
    """Halt the units whose portions have found no place; let those go on whose portions have."""
    k = 0
    while k < s[head.PORTIONS_WAITING_N]:
        i = s[s[head.PORTIONS_WAITING] + k]
        u = unit.now(s, i)
        if _waits(p, s, i):
            k += 1
            if s[u + unit.RUNNING]:
                work.halt(p, s, f, i)
                people.hold(p, s, f, i, needs.NOTHING, 0)
                touch(s, i)
            continue
        s[portion.now(s, i) + portion.WAITING] = NONE
        remove(s, head.PORTIONS_WAITING, i)
        if not s[u + unit.RUNNING]:
            touch(s, i)


@inner
def _waits(p: Integers, s: Integers, i: int) -> bool:
    """Whether the portion of a unit still waits for a place."""
    g = portion.now(s, i)
    slot = s[g + portion.WAITING]
    b = lot.now(s, slot)
    if s[b + lot.NUMBER] != s[g + portion.WAITING_NUMBER] or s[b + lot.OPERATION] == NONE:
        return False
    at = p[operation.plan(p, s[b + lot.OPERATION]) + operation.STORAGE]
    if at < 0:
        return False
    each = s[storage.now(s, at) + storage.QUEUE]
    while each not in (NONE, slot):
        each = s[lot.now(s, each) + lot.QUEUE_NEXT]
    return each == slot


@inner
def lacks(p: Integers, s: Integers, i: int) -> tuple[int, int]:
    """What keeps a unit from the stretch in hand, as state and cause: a portion without a place; or none."""
    number = s[unit.now(s, i) + unit.OPERATION]
    if s[portion.now(s, i) + portion.WAITING] == NONE or not hands_on(p, number):
        return NONE, NONE
    at = p[operation.plan(p, p[operation.plan(p, number) + operation.NEXT]) + operation.STORAGE]
    return BLOCKED, p[storage.plan(p, at) + storage.CAUSE]


@inner
def write(p: Integers, s: Integers, i: int) -> None:
    """The row of a visit is about to be written: what has gone on is not lost with the rest."""
    u = unit.now(s, i)
    if hands_on(p, s[u + unit.OPERATION]):
        left = s[lot.now(s, s[u + unit.LOT]) + lot.QUANTITY] - s[portion.now(s, i) + portion.AMOUNT]
        s[u + unit.SCRAPPED] = min(s[u + unit.SCRAPPED], left)


@inner
def left(p: Integers, s: Integers, i: int, number: int, slot: int) -> None:
    """A lot has left the unit after an operation: what has gone on is no longer of it."""
    if hands_on(p, number):
        s[lot.now(s, slot) + lot.QUANTITY] -= s[portion.now(s, i) + portion.AMOUNT]


@inner
def gone_of(p: Integers, s: Integers, i: int) -> int:
    """What has gone on of the lot on a unit."""
    if p[head.IN_PORTIONS] and hands_on(p, s[unit.now(s, i) + unit.OPERATION]):
        return s[portion.now(s, i) + portion.AMOUNT]
    return 0
