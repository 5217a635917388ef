"""Pools of people."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    SHIFTS_AT,  # its first shift
    SHIFTS_N,
    PRESENT,  # entity
    BUSY,  # entity
) = range(4)
PLAN = 4  # columns

# Of the replication.
(BUSY_NOW,) = range(1)
NOW = 1  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a pool of people begins in the plant's integers."""
    return p[head.POOL_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a pool of people begins in the replication's integers."""
    return s[head.POOL_NOW] + number * NOW
