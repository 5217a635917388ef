"""Storages."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    CAPACITY,  # none: any
    ENTITY,
    CAUSE,
    HOLDS,  # mg or pieces; none: any
    IS_BELT,
    CARRIES,  # ns from the start of the belt to its end
    PITCH,  # ns from one place on it to the next
    ACCUMULATING,
) = range(8)
PLAN = 8  # columns

# Of the replication.
(
    STORED,
    KEPT,  # places reserved
    QUEUE,  # the first lot that waits for a place
    QUEUE_END,
    CHANGED,  # a place may be free
    FRONT,  # the first lot on the belt
    BACK,  # the last one
    AT_END,  # whether the first is at the end
    LAST_ENTERED,  # ns
) = range(9)
NOW = 9  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a storage begins in the plant's integers."""
    return p[head.STORAGE_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a storage begins in the replication's integers."""
    return s[head.STORAGE_NOW] + number * NOW
