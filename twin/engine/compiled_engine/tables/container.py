"""Kinds of containers."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    COUNT,
    CLEANING,  # operation
    CLEAN_ENTITY,
    IN_USE_ENTITY,
    DIRTY_ENTITY,
    CAUSE,
) = range(6)
PLAN = 6  # columns

# Of the replication.
(
    CLEAN,
    IN_USE,
) = range(2)
NOW = 2  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a kind of container begins in the plant's integers."""
    return p[head.CONTAINER_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a kind of container begins in the replication's integers."""
    return s[head.CONTAINER_NOW] + number * NOW
