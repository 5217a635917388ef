"""Hold times and shelf lives."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    AFTER,
    UNTIL,
    LONGEST,  # ns
    LATE,
    TO,
    CAUSE,
) = range(6)
PLAN = 6  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a hold time begins in the plant's integers."""
    return p[head.HOLD_PLAN] + number * PLAN
