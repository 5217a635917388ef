"""Failure modes of units; those of one unit follow one another."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    UNIT,
    INDEX,  # among those of the unit
    RUNS,  # on the running clock
    BETWEEN,  # source
    REPAIR,  # source
    WORK,
    MAY_LEAVE,  # a finished part
    RATE,  # where it stands in the plant's reals
    RATE_BETWEEN_LOTS,  # source
    WASTE,  # source
    IN_PIECES,
    NEEDS,  # set
    CAUSE,
) = range(13)
PLAN = 13  # columns

# Of the replication.
(
    FAILS_AT,  # ns, clock `calendar` only
    COUNT,
    IS_DOWN,
    EXPOSURE,  # ns, clock `running` only
    SHOWN,
    CREW,  # the first claim of those who repair
    WAITS_SINCE,  # ns, for people; none: does not
) = range(7)
NOW = 7  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a failure mode begins in the plant's integers."""
    return p[head.MODE_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a failure mode begins in the replication's integers."""
    return s[head.MODE_NOW] + number * NOW
