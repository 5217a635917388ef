"""Phases of operations; those of one operation follow one another."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    TAKES,  # source
    CAUSE,
) = range(2)
PLAN = 2  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a phase begins in the plant's integers."""
    return p[head.PHASE_PLAN] + number * PLAN
