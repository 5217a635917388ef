"""The upkeep of units: what each does for itself, and what it keeps of that; a row for every machine."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    CARES,  # has upkeep; where not, the other columns mean nothing
    CHORES_AT,  # its first chore
    CHORES_N,
    HIGHEST,  # level of its cleanings
    LAST_PRODUCT,  # before the run
    CHANGEOVER,  # operation, or none
    CHANGE,  # between products or families
    TIMES_AT,  # where the sources of its change-overs begin in the plant's integers: from, to
    NOMINALS_AT,  # where their nominal times in ns begin
    TIMES_N,  # columns of both
    DIRTY_LIMIT,  # ns, or none
    DIRTY_CHORE,
    DIRTY_ENTITY,
    CLEAN_LIMIT,  # ns, or none
    CLEAN_CHORE,
    CLEAN_ENTITY,
    WEAR_PER,  # ns or lots; 0: does not wear
    WEAR_BY_LOTS,
    WEAR,  # where speed, least speed and failure rate begin in the plant's reals
    STATIONS_AT,  # the first of its stations among the machines
    STATIONS_N,
) = range(21)
PLAN = 21  # columns

# Of the replication.
(
    LAST,  # product
    CLEANED,  # highest level since the last use
    USED_AT,  # ns; end of the last use
    CLEANED_AT,  # ns; end of the last cleaning
    STOPPED,  # since its last lot it has done something for itself
    LOTS,  # that have left
    NEW_AT,  # lots or ns of producing at which it would have been new
    KEEPS,  # slot of the lot for which it is at work; another lot may be there since
    SET_UP,  # the product for which it has been set up since its last use
    TARGET,  # the product for which it is being set up
    DIRTY_VIOLATIONS,
    CLEAN_VIOLATIONS,
    KEPT_FOR,  # operation for which it keeps a lot
) = range(13)
NOW = 13  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of the upkeep of a unit begins in the plant's integers."""
    return p[head.CARE_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of the upkeep of a unit begins in the replication's integers."""
    return s[head.CARE_NOW] + number * NOW
