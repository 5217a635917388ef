"""Release rules, each with the lots that wait for it, in a chain of theirs."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    RULE,
    LIMIT,
    SIZE,
    MINIMUM,
    SEQUENCE,
    BEFORE,  # ns
    UNTIL_AT,  # where the list of operations until which it counts lots begins in the plant's integers
    UNTIL_N,
    LINES_AT,  # where the list of its order lines begins
    LINES_N,
    ENTITY,
) = range(11)
PLAN = 11  # columns

# Of the replication.
(
    WAITING,  # slot
    WAITING_END,
    WAITING_N,
    INSIDE,  # released lots that it counts
    PENDING,  # it will decide at this instant
) = range(5)
NOW = 5  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a release rule begins in the plant's integers."""
    return p[head.DESK_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a release rule begins in the replication's integers."""
    return s[head.DESK_NOW] + number * NOW
