"""Specifications: attributes that physics computed decide what becomes of a lot."""

from __future__ import annotations

import numpy as np

from twin.engine.compiled_engine import endings, laboratory, lots, remarks
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import within
from twin.engine.compiled_engine.tables import limit, quality, unit
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE
from twin.engine.quality import BACK, HOLD
from twin.engine.rules.outcomes import DONE, REJECTED, REWORK


@inner
def judge(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """The outcome by the gravest limit that is missed; lots that go out or back anyway are not judged."""
    u = unit.now(s, i)
    if s[u + unit.OUTCOME] != DONE:
        return
    at = quality.plan(p, s[u + unit.OPERATION])
    for number in range(p[at + quality.LIMITS_AT], p[at + quality.LIMITS_AT] + p[at + quality.LIMITS_N]):
        row = limit.plan(p, number)
        if p[row + limit.OTHERWISE] == HOLD or _is_within(p, q, s, f, i, row):
            continue
        remarks.note(p, s, i, p[row + limit.CAUSE], NONE)
        visits = p[row + limit.VISITS]
        if p[row + limit.OTHERWISE] == BACK and not (visits and s[u + unit.VISIT] + 1 >= visits):
            s[u + unit.REWORK_TO] = p[row + limit.TO]
            s[u + unit.OUTCOME] = REWORK
        else:
            s[u + unit.OUTCOME] = REJECTED
        return


@inner
def finishes(p: Integers, q: Reals, s: Integers, f: Reals, i: int) -> None:
    """Have lots on hold reviewed; they go on, and the next operation waits for the answer."""
    u = unit.now(s, i)
    at = quality.plan(p, s[u + unit.OPERATION])
    if s[u + unit.OUTCOME] != DONE:
        return
    for number in range(p[at + quality.LIMITS_AT], p[at + quality.LIMITS_AT] + p[at + quality.LIMITS_N]):
        row = limit.plan(p, number)
        if p[row + limit.OTHERWISE] == HOLD and not _is_within(p, q, s, f, i, row):
            remarks.note(p, s, i, p[row + limit.CAUSE], NONE)
            laboratory.ask(p, s, f, p[row + limit.INQUIRY], s[u + unit.LOT])


@inner
def _is_within(p: Integers, q: Reals, s: Integers, f: Reals, i: int, row: int) -> bool:
    """Whether the newest value of the attribute is good; one that is missing is not."""
    u, column, value = unit.now(s, i), p[row + limit.ATTRIBUTE], np.nan
    if column != NONE:
        if s[u + unit.ANSWERED]:
            value = f[endings.answers_of(p, s, i) + endings.ATTRIBUTES + column]
        if np.isnan(value):
            value = f[lots.attributes_of(p, s, s[u + unit.LOT]) + column]
    return within(value, q[p[row + limit.LOW]], q[p[row + limit.LOW] + 1])
