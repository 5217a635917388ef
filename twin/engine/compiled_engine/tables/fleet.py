"""Fleets of transporters, and the transporters themselves."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    FIRST,  # transporter
    COUNT,
    HOME,  # place, or none
    TRAVEL,  # where the times between places begin
    LOAD,  # ns
    UNLOAD,  # ns
    CAPACITY,  # mg of one trip; 0: any
    LASTS,  # ns of driving and carrying before it charges; 0: for ever
    CHARGE,  # ns
    CAUSE,  # of waiting for it
    BUSY,  # entity of the transporters at work; behind it those of what these do, as `transport` counts it
    EMPTY,
    LOADED,
    CHARGING,
    ENTITY,  # of all transporters
) = range(15)
PLAN = 15  # columns

# Of each transporter in the replication.
(
    OF,  # its fleet
    DOES,
    PLACE,  # or none
    USED,  # ns of the battery
) = range(4)
NOW = 4  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a fleet begins in the plant's integers."""
    return p[head.FLEET_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a transporter begins in the replication's integers."""
    return s[head.TRANSPORTER_NOW] + number * NOW
