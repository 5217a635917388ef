"""Quarantine: a lot stays in the place where it waits while the laboratory works on its release.

As `simpy_engine/quarantine.py`.
"""

from __future__ import annotations

from twin.engine.codes import STARVED
from twin.engine.compiled_engine import moves, work
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import head, kept, lot, operation, quality, unit
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE, TRANSPORT
from twin.engine.rules.outcomes import DONE


@inner
def is_at(p: Integers, number: int) -> bool:
    """Whether an operation releases lots from quarantine."""
    return p[quality.plan(p, number) + quality.QUARANTINE] == 1


@inner
def waits(p: Integers, s: Integers, slot: int) -> None:
    """A lot enters quarantine."""
    if is_at(p, s[lot.now(s, slot) + lot.OPERATION]):
        row = kept.now(p, s, slot)
        if not s[row + kept.INSIDE]:
            s[row + kept.INSIDE] = 1
            s[head.QUARANTINED] += 1
        count(p, s)


@inner
def goes(p: Integers, s: Integers, slot: int) -> None:
    """A lot leaves quarantine, where it is in it."""
    row = kept.now(p, s, slot)
    if s[row + kept.INSIDE]:
        s[row + kept.INSIDE] = 0
        s[head.QUARANTINED] -= 1
        count(p, s)


@inner
def pass_on(p: Integers, s: Integers, slot: int, other: int) -> None:
    """Another lot is in quarantine as a lot was that it comes of."""
    if s[kept.now(p, s, slot) + kept.INSIDE]:
        row = kept.now(p, s, other)
        s[head.QUARANTINED] += 1 - s[row + kept.INSIDE]
        s[row + kept.INSIDE] = 1
        count(p, s)


@inner
def count(p: Integers, s: Integers) -> None:
    """Record how many lots are in quarantine."""
    level(s, p[head.QUARANTINE_ENTITY], s[head.QUARANTINED])


@inner
def refused(p: Integers, s: Integers, slot: int) -> tuple[int, int]:
    """A lot that found no room in its storage is not in quarantine yet."""
    b = lot.now(s, slot)
    number = s[b + lot.OPERATION]
    if not is_at(p, number):
        return NONE, NONE
    outside = p[operation.plan(p, number) + operation.STORAGE] != NONE and s[b + lot.STORED] == NONE
    return (STARVED, NONE) if s[b + lot.HOLDER] != NONE or outside else (NONE, NONE)


@inner
def claims(p: Integers, s: Integers, slot: int) -> None:
    """Take the place in the storage again that the start has given up."""
    b, row = lot.now(s, slot), kept.now(p, s, slot)
    number = s[b + lot.OPERATION]
    if is_at(p, number):
        at = p[operation.plan(p, number) + operation.STORAGE]
        if at != NONE:
            moves.change_stored(p, s, at, 1)
        s[row + kept.STORAGE], s[row + kept.PLACE] = at, s[b + lot.PLACE]


@inner
def prepares(p: Integers, s: Integers, i: int) -> None:
    """Nothing is brought to the unit."""
    if is_at(p, s[unit.now(s, i) + unit.OPERATION]):
        s[work.duration_at(s, i) + TRANSPORT] = 0


@inner
def finishes(p: Integers, s: Integers, i: int) -> None:
    """A lot is released, or goes out."""
    u = unit.now(s, i)
    if is_at(p, s[u + unit.OPERATION]):
        goes(p, s, s[u + unit.LOT])


@inner
def leaves(p: Integers, s: Integers, i: int, slot: int, number: int) -> None:
    """A released lot goes on waiting in its place; one that goes out or back frees it."""
    if not is_at(p, number):
        return
    b, row = lot.now(s, slot), kept.now(p, s, slot)
    at = s[row + kept.STORAGE]
    s[b + lot.PLACE] = s[row + kept.PLACE]
    if at == NONE:
        return
    if s[unit.now(s, i) + unit.OUTCOME] == DONE and s[b + lot.OPERATION] != NONE:
        s[b + lot.STORED] = at
    else:
        moves.change_stored(p, s, at, -1)
