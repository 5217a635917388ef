"""Answers of physics that were computed while a lot waited for its operation.

What a live model is told of a lot is known as soon as the lot stands in the line. Where a replication cannot
go on without physics, the lots that wait are asked about with those that start, and it need not stop for
them: in the solid-dose building half as often. A lot that starts otherwise than it was asked about (of
another quantity, or with other attributes, after another visit, or once more after a failure) is asked about
anew.
"""

from __future__ import annotations

import numpy as np

from twin.engine.compiled_engine import endings, lots
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import asked, early, head, line, lot, operation, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE

MOST = 4  # first lots of a line: those behind may never start, and dear models cost their time for each


@inner
def take(p: Integers, s: Integers, f: Reals, i: int) -> bool:
    """Take the answer to a unit's visit from what was computed while its lot waited; false where there is
    none.
    """
    if not p[head.EARLY_N]:
        return False
    u = unit.now(s, i)
    slot = s[u + unit.LOT]
    row, found = early.now(s, slot), early.answer(p, s, slot)
    if not _is_asked(s, slot, s[u + unit.OPERATION], s[u + unit.VISIT]) or s[u + unit.ATTEMPT]:
        return False
    if s[row + early.QUANTITY] != s[lot.now(s, slot) + lot.QUANTITY] or np.isnan(f[found]):
        return False
    columns = endings.ATTRIBUTES + p[head.ATTRIBUTES]
    brought, brings = found + 1 + columns, lots.attributes_of(p, s, slot)
    for k in range(p[head.ATTRIBUTES]):
        then, now = f[brought + k], f[brings + k]
        if then != now and not (np.isnan(then) and np.isnan(now)):
            return False
    at = endings.answers_of(p, s, i)
    for k in range(columns):
        f[at + k] = f[found + 1 + k]
    endings.takes(s, f, i, f[found])
    return True


@inner
def _is_asked(s: Integers, slot: int, number: int, visit: int) -> bool:
    row = early.now(s, slot)
    is_it = s[row + early.NUMBER] == s[lot.now(s, slot) + lot.NUMBER]
    return is_it and s[row + early.OPERATION] == number and s[row + early.VISIT] == visit


@inner
def requests(p: Integers, s: Integers, f: Reals, place: int, rows: Integers, reals: Reals, count: int) -> int:
    """Write a request for each of the first lots of lines that was not asked about, as rows of `asked` behind
    `count` others; returns how many they are then.
    """
    attributes = p[head.ATTRIBUTES]
    for j in range(p[head.EARLY], p[head.EARLY] + p[head.EARLY_N]):
        number, slot = p[j], s[line.now(s, p[j]) + line.HEAD]
        for _ in range(MOST):
            if slot == NONE:
                break
            b, visit = lot.now(s, slot), lots.visit(p, s, slot)
            if not _is_asked(s, slot, number, visit):
                row, real = count * asked.WIDTH, count * attributes
                rows[row + asked.PLACE] = place
                rows[row + asked.UNIT] = p[p[operation.plan(p, number) + operation.UNITS_AT]]
                rows[row + asked.OPERATION] = number
                rows[row + asked.NUMBER] = s[b + lot.NUMBER]
                rows[row + asked.VISIT] = visit
                rows[row + asked.ATTEMPT] = rows[row + asked.WANTED] = 0
                rows[row + asked.QUANTITY] = s[b + lot.QUANTITY]
                rows[row + asked.SLOT] = slot
                brings = lots.attributes_of(p, s, slot)
                for k in range(attributes):
                    reals[real + k] = f[brings + k]
                count += 1
            slot = s[b + lot.NEXT]
    return count


@inner
def keep(
    p: Integers, s: Integers, f: Reals, rows: Integers, row: int, seconds: float, answers: Reals, first: int
) -> None:
    """Keep the answer to the request in a row: seconds, and good, status and attributes from `first` on."""
    slot = rows[row + asked.SLOT]
    at, found = early.now(s, slot), early.answer(p, s, slot)
    s[at + early.NUMBER], s[at + early.OPERATION] = rows[row + asked.NUMBER], rows[row + asked.OPERATION]
    s[at + early.VISIT], s[at + early.QUANTITY] = rows[row + asked.VISIT], rows[row + asked.QUANTITY]
    f[found] = seconds
    columns, brings = endings.ATTRIBUTES + p[head.ATTRIBUTES], lots.attributes_of(p, s, slot)
    for k in range(columns):
        f[found + 1 + k] = answers[first + k]
    for k in range(p[head.ATTRIBUTES]):
        f[found + 1 + columns + k] = f[brings + k]
