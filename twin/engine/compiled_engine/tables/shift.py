"""Shifts of pools; those of one pool follow one another."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    POOL,
    SIZE,
    CALENDAR,
    PERSONS,  # where its people begin among all
) = range(4)
PLAN = 4  # columns

# Of the replication.
(
    ON,
    WHOLE,  # people of whom the whole is claimed
    PARTS,  # other people of whom a part is
) = range(3)
NOW = 3  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a shift begins in the plant's integers."""
    return p[head.SHIFT_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a shift begins in the replication's integers."""
    return s[head.SHIFT_NOW] + number * NOW
