"""How long containers of each kind may stand, clean or dirty; a row for every kind."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    WATCHED,  # is cleaned, and may stand for so long only
    SINCE_AT,  # where its times stand among those since which containers stand clean; as many as containers
    DIRTY_LIMIT,  # ns, or none
    DIRTY_TAKES,  # source of how long cleaning then takes; none: as any other
    DIRTY_ENTITY,
    CLEAN_LIMIT,  # ns, or none
    CLEAN_AGAIN,  # or only count
    CLEAN_TAKES,  # source
    CLEAN_ENTITY,
) = range(9)
PLAN = 9  # columns

# Of the replication.
(
    FIRST,  # of its times, that of the container that has stood clean longest; the others follow in a ring
    STANDS,  # containers that stand clean
    DIRTY_VIOLATIONS,
    CLEAN_VIOLATIONS,
) = range(4)
NOW = 4  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a kind of container begins in the plant's integers."""
    return p[head.STANDING_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a kind of container begins in the replication's integers."""
    return s[head.STANDING_NOW] + number * NOW
