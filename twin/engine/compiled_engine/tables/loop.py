"""Kanban loops."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    LIMIT,
    ENTITY,
    CAUSE,
    STARTS_AT,  # where the list of the first operations of the stage begins in the plant's integers
    STARTS_N,
    ROLES_AT,  # where the list of what each operation is in the loop begins
) = range(6)
PLAN = 6  # columns

# What an operation is in a loop.
STARTS, ENDS = 1, 2  # may be both

# Of the replication.
(
    INSIDE,  # released lots that have a card
    BACK,  # lots that wait and may have a card: that are back, or parts
) = range(2)
NOW = 2  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a loop begins in the plant's integers."""
    return p[head.LOOP_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a loop begins in the replication's integers."""
    return s[head.LOOP_NOW] + number * NOW
