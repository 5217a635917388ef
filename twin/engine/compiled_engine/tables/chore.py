"""Chores of units: maintenances and cleanings; those of one unit follow one another."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    TASK,  # operation
    LEVEL,  # of cleaning; 0: maintenance
    CHANGE,
    BATCHES,
    RUNNING,  # ns of producing since the last
    EVERY,  # ns since the end of the last
    IDLE,  # ns since the last use or cleaning
    OPPORTUNITY,  # ns before it is due
    RENEWS_AT,  # where the list of the modes that it renews begins, by their index on the unit
    RENEWS_N,
    REPAIRS_AT,  # where the list of modes begins with whose repair it is done
    REPAIRS_N,
    RESTORES,  # where the part of the wear that it restores stands in the plant's reals
    BESIDE,  # the mode that stands for it where it is done beside a repair, or none
) = range(14)
PLAN = 14  # columns

# Of the replication.
(
    BATCHES_NOW,  # lots since it was done
    RAN_UNTIL,  # ns of producing when it was last done
    DONE_AT,  # ns
) = range(3)
NOW = 3  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a chore begins in the plant's integers."""
    return p[head.CHORE_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a chore begins in the replication's integers."""
    return s[head.CHORE_NOW] + number * NOW
