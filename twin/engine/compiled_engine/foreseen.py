"""Answers of physics that were computed ahead, taken by the kernel itself; and rows of what must be asked.

An answer computed ahead is that of a lot which comes as foreseen: on a first visit and a first attempt, and
with the quantity that it was taken to have. A lot that comes otherwise has strayed, and is asked about from
then on; what was computed for it would be wrong wherever it depends on what happened since.
"""

from __future__ import annotations

import numpy as np

from twin.engine.compiled_engine import early, endings, lots
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import mean_of
from twin.engine.compiled_engine.tables import ahead, asked, head, lot, mate, operation, order, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.rules.parts import ROOT

LOT = 3  # columns of a lot to be foreseen: place, number, recipe


@inner
def answer(p: Integers, s: Integers, f: Reals) -> bool:
    """Answer the requests of the round by what was computed before; whether all of them are answered."""
    first, all_there = s[head.REQUESTS], True
    for k in range(first, first + s[head.REQUESTS_N]):
        if not s[unit.now(s, s[k]) + unit.ANSWERED]:
            all_there = (take(p, s, f, s[k]) or early.take(p, s, f, s[k])) and all_there
    return all_there


@inner
def take(p: Integers, s: Integers, f: Reals, i: int) -> bool:
    """Take the answer to a unit's visit from what was computed ahead; false where it must be asked."""
    number = _ahead(p, s, i)
    if number == NONE:
        return False
    u = unit.now(s, i)
    b = lot.now(s, s[u + unit.LOT])
    if s[u + unit.VISIT] or s[u + unit.ATTEMPT]:
        s[b + lot.STRAYED] = 1
        return False
    mark = ahead.mark(s, s[b + lot.NUMBER])
    recipe = p[operation.plan(p, s[u + unit.OPERATION]) + operation.RECIPE]
    if s[mark + ahead.NUMBER] != s[b + lot.NUMBER] or s[mark + ahead.RECIPE] != recipe:
        return False
    found = ahead.answer(p, s, number, s[b + lot.NUMBER])
    if p[ahead.plan(p, number) + ahead.WEIGHS] and f[found + ahead.QUANTITY] != s[b + lot.QUANTITY]:
        s[b + lot.STRAYED] = 1
        return False
    if np.isnan(f[found + ahead.SECONDS]):
        return False
    _give(p, s, f, i, number, found)
    return True


@inner
def _ahead(p: Integers, s: Integers, i: int) -> int:
    """The number of the operation on a unit among those computed ahead; none where its lot is not."""
    u = unit.now(s, i)
    number = p[operation.plan(p, s[u + unit.OPERATION]) + operation.AHEAD]
    if number == NONE:
        return NONE
    b = lot.now(s, s[u + unit.LOT])
    return NONE if s[b + lot.STRAYED] or s[b + lot.NUMBER] > ROOT else number


@inner
def _give(p: Integers, s: Integers, f: Reals, i: int, number: int, found: int) -> None:
    """Give a unit what was computed ahead of its lot."""
    answers, a = endings.answers_of(p, s, i), ahead.plan(p, number)
    f[answers + endings.YIELD] = f[found + ahead.GOOD]
    f[answers + endings.STATUS] = f[found + ahead.STATUS]
    for k in range(p[head.ATTRIBUTES]):
        f[answers + endings.ATTRIBUTES + k] = np.nan
    for k in range(p[a + ahead.ATTRIBUTES_N]):
        attribute = answers + endings.ATTRIBUTES + p[p[a + ahead.ATTRIBUTES_AT] + k]
        f[attribute] = f[found + ahead.COLUMNS + k]
    endings.takes(s, f, i, f[found + ahead.SECONDS])


@inner
def is_wanted(p: Integers, s: Integers, i: int) -> bool:
    """Whether the answer to a unit's request can be computed ahead, and is not there yet."""
    if _ahead(p, s, i) == NONE:
        return False
    number = s[lot.now(s, s[unit.now(s, i) + unit.LOT]) + lot.NUMBER]
    return s[ahead.mark(s, number) + ahead.NUMBER] != number


@inner
def _mates(p: Integers, s: Integers, i: int) -> int:
    """The first lot that a unit has in work beside its own, or none."""
    several = p[operation.plan(p, s[unit.now(s, i) + unit.OPERATION]) + operation.BATCH_MOST] > 1
    return s[s[head.MATES] + i] if several else NONE


@inner
def _quantity(p: Integers, s: Integers, i: int) -> int:
    """The quantity of all lots that a unit has in work."""
    total = s[lot.now(s, s[unit.now(s, i) + unit.LOT]) + lot.QUANTITY]
    each = _mates(p, s, i)
    while each != NONE:
        total += s[lot.now(s, each) + lot.QUANTITY]
        each = s[mate.now(s, each) + mate.NEXT]
    return total


@inner
def _brought(p: Integers, s: Integers, f: Reals, i: int, attribute: int) -> float:
    """What the lots that a unit has in work bring: of several the mean by quantity, where all bring it."""
    own = s[unit.now(s, i) + unit.LOT]
    first = f[lots.attributes_of(p, s, own) + attribute]
    each = _mates(p, s, i)
    if each == NONE:
        return first
    total = s[lot.now(s, own) + lot.QUANTITY]
    weighed = 0.0 + total * first  # not a number where one brings none
    while each != NONE:
        quantity = s[lot.now(s, each) + lot.QUANTITY]
        total += quantity
        weighed += quantity * f[lots.attributes_of(p, s, each) + attribute]
        each = s[mate.now(s, each) + mate.NEXT]
    return weighed if np.isnan(weighed) else mean_of(weighed, total, first)


@inner
def requests(p: Integers, s: Integers, f: Reals, place: int, rows: Integers, reals: Reals, count: int) -> int:
    """Write the requests of a replication that are not answered yet behind `count` others, as rows of
    `asked`, and then those for lots that wait; returns how many they are then.
    """
    attributes = p[head.ATTRIBUTES]
    for k in range(s[head.REQUESTS], s[head.REQUESTS] + s[head.REQUESTS_N]):
        i = s[k]
        u = unit.now(s, i)
        if s[u + unit.ANSWERED]:
            continue
        b = lot.now(s, s[u + unit.LOT])
        row, real = count * asked.WIDTH, count * attributes
        rows[row + asked.PLACE] = place
        rows[row + asked.UNIT] = i
        rows[row + asked.OPERATION] = s[u + unit.OPERATION]
        rows[row + asked.NUMBER] = s[b + lot.NUMBER]
        rows[row + asked.VISIT] = s[u + unit.VISIT]
        rows[row + asked.ATTEMPT] = s[u + unit.ATTEMPT]
        rows[row + asked.QUANTITY] = _quantity(p, s, i)
        rows[row + asked.WANTED] = is_wanted(p, s, i)
        rows[row + asked.SLOT] = NONE
        for a in range(attributes):
            reals[real + a] = _brought(p, s, f, i, a)
        count += 1
    return early.requests(p, s, f, place, rows, reals, count)


@inner
def put(
    p: Integers, s: Integers, f: Reals, rows: Integers, row: int, seconds: float, answers: Reals, first: int
) -> None:
    """Give a unit the answer to the request in a row, or keep it for its lot: seconds at speed 1, and good,
    status and attributes from `first` on.
    """
    if rows[row + asked.SLOT] != NONE:
        early.keep(p, s, f, rows, row, seconds, answers, first)
    elif not np.isnan(seconds):
        i = rows[row + asked.UNIT]
        at = endings.answers_of(p, s, i)
        for column in range(endings.ATTRIBUTES + p[head.ATTRIBUTES]):
            f[at + column] = answers[first + column]
        endings.takes(s, f, i, seconds)


@inner
def to_come(p: Integers, s: Integers, place: int, expected: Integers, rows: Integers, count: int) -> int:
    """Write the lots of a replication that nobody has tried to foresee: the released ones, and those after
    them up to half of the room there is, of the recipes `expected`. Count as in `requests`.
    """
    released, end = s[head.LOTS_RELEASED], min(len(expected), s[head.LOTS_RELEASED] + s[head.AHEAD_LOTS] // 2)
    for number in range(s[head.AHEAD_NEXT], max(released, end)):
        recipe = expected[number] if number >= released else NONE
        if number < released and number >= released - s[head.AHEAD_LOTS]:
            recipe = p[order.plan(p, s[ahead.mark(s, number) + ahead.LINE]) + order.RECIPE]
        rows[count * LOT] = place
        rows[count * LOT + 1] = number
        rows[count * LOT + 2] = recipe
        count += recipe != NONE
    s[head.AHEAD_NEXT] = max(released, end, s[head.AHEAD_NEXT])
    return count


@inner
def keep(
    p: Integers, s: Integers, f: Reals, operation: int, lot: int, recipe: int, values: Reals, first: int
) -> None:
    """Keep what is foreseen of a lot at an operation: the numbers from `first` on."""
    mark, at = ahead.mark(s, lot), ahead.answer(p, s, operation, lot)
    s[mark + ahead.NUMBER], s[mark + ahead.RECIPE] = lot, recipe
    for k in range(ahead.COLUMNS + p[ahead.plan(p, operation) + ahead.ATTRIBUTES_N]):
        f[at + k] = values[first + k]
