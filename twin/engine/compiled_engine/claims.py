"""Claims in chains: who holds whom. Of a unit at work, of a repair; in the order in which they were made."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import claim, head, unit
from twin.engine.compiled_engine.tables.types import Integers

NONE = -1


@inner
def new(s: Integers, demand: int, shift: int, person: int, share: int, unit: int) -> int:
    """A claim, in no chain yet; there are as many as people and units can ever be claimed."""
    number = s[head.CLAIM_FREE]
    if number == NONE:
        s[head.STATUS] = head.TOO_SMALL
        return 0
    row = claim.now(s, number)
    s[head.CLAIM_FREE] = s[row + claim.NEXT]
    s[row + claim.NEXT] = NONE
    s[row + claim.DEMAND] = demand
    s[row + claim.SHIFT] = shift
    s[row + claim.PERSON] = person
    s[row + claim.SHARE] = share
    s[row + claim.UNIT] = unit
    return number


@inner
def forget(s: Integers, number: int) -> None:
    """A claim that is in no chain is none any more."""
    s[claim.now(s, number) + claim.NEXT] = s[head.CLAIM_FREE]
    s[head.CLAIM_FREE] = number


@inner
def append(s: Integers, at: int, number: int) -> None:
    """Put a claim, or a chain of them, behind the chain that begins in `s[at]`."""
    s[at] = joined(s, s[at], number)


@inner
def joined(s: Integers, first: int, more: int) -> int:
    """Two chains of claims as one; returns the first claim of it."""
    if first == NONE or more == NONE:
        return more if first == NONE else first
    last = first
    while s[claim.now(s, last) + claim.NEXT] != NONE:
        last = s[claim.now(s, last) + claim.NEXT]
    s[claim.now(s, last) + claim.NEXT] = more
    return first


@inner
def count(s: Integers, first: int, wanted: int) -> int:
    """How many claims of a chain are for a demand."""
    found = 0
    each = first
    while each != NONE:
        row = claim.now(s, each)
        found += s[row + claim.DEMAND] == wanted
        each = s[row + claim.NEXT]
    return found


@inner
def held_of(s: Integers, i: int, wanted: int) -> int:
    """How many a unit, or none, holds for a demand."""
    return 0 if i == NONE else count(s, s[unit.now(s, i) + unit.CREW], wanted)
