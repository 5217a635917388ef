"""What one person or unit is asked for."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    POOLS_AT,
    POOLS_N,
    UNITS_AT,
    UNITS_N,
    SHARE,  # thousandths of a person's attention
    KEEP,  # stays with work that a failure interrupts
    CAUSE,
    ALONE,  # the set of needs that asks for one of it
) = range(8)
PLAN = 8  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a demand begins in the plant's integers."""
    return p[head.DEMAND_PLAN] + number * PLAN
