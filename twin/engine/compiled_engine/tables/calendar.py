"""Calendars, as in `rules.calendars`."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    OPENS_AT,  # where openings begin in the plant's integers; closings and `rests` follow, as many
    OPENINGS,
    CYCLE,  # ns
    SHUT_AT,  # where closed dates begin; their ends follow, as many
    SHUTS,
    AT_CLOSE,
    AT_BREAK,
) = range(7)
PLAN = 7  # columns

# Of the replication.
(
    IS_OPEN,
    TURNED,  # at this instant
    RULE,  # at the closing of this instant
) = range(3)
NOW = 3  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a calendar begins in the plant's integers."""
    return p[head.CALENDAR_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a calendar begins in the replication's integers."""
    return s[head.CALENDAR_NOW] + number * NOW
