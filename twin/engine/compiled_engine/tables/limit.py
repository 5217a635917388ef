"""Limits of attributes."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    ATTRIBUTE,  # among those that lots carry
    LOW,  # where it stands in the plant's reals; the highest good value follows
    OTHERWISE,
    TO,  # operation
    VISITS,  # 0: any
    INQUIRY,  # the review
    CAUSE,
) = range(7)
PLAN = 7  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a limit begins in the plant's integers."""
    return p[head.LIMIT_PLAN] + number * PLAN
