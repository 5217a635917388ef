"""Warehouses: storages that hold so many kilograms or pieces, besides so many lots.

As `simpy_engine/warehouses.py`.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED
from twin.engine.compiled_engine import portions
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head, lot, storage, unit
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.program import NONE


@inner
def too_full(p: Integers, s: Integers, slot: int, number: int) -> tuple[int, int]:
    """Whether what is left of a lot would be too much: a state and its cause, or none.

    What is on its way to the storage counts.
    """
    here = storage.plan(p, number)
    inside = 0
    for other in range(s[head.LOTS_USED]):
        b = lot.now(s, other)
        if s[b + lot.NUMBER] != NONE and s[b + lot.STORED] == number:
            inside += s[b + lot.QUANTITY]
    if inside + arriving(p, s, slot) <= p[here + storage.HOLDS]:
        return NONE, NONE
    return BLOCKED, p[here + storage.CAUSE]


@inner
def arriving(p: Integers, s: Integers, slot: int) -> int:
    """What of a lot will come where it goes: that on its unit without scrap and what has gone on."""
    b = lot.now(s, slot)
    if s[b + lot.HOLDER] == NONE:
        return s[b + lot.QUANTITY]
    gone = portions.gone_of(p, s, s[b + lot.HOLDER])
    return max(0, s[b + lot.QUANTITY] - gone - s[unit.now(s, s[b + lot.HOLDER]) + unit.SCRAPPED])
