"""Order lines."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    RECIPE,
    LOTS,
    EVERY,  # source
    FIRST,  # source
    TIMES,  # -1: endless
    PRIORITY,  # that of a hot line is so much lower
    LOST_WHEN_FULL,
    DUE,  # ns, none: `HAS_DUE` is 0
    HAS_DUE,
    DUE_IS_A_DATE,
    RELEASE,  # release rule
) = range(11)
PLAN = 11  # columns

# Of the replication.
(RELEASES,) = range(1)
NOW = 1  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an order line begins in the plant's integers."""
    return p[head.ORDER_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of an order line begins in the replication's integers."""
    return s[head.ORDER_NOW] + number * NOW
