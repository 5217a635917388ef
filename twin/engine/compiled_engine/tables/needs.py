"""Sets of needs, each once: demands, in order, and how many of each."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    AT,  # where its pairs begin in the plant's integers: demand, count
    COUNT,  # pairs
    SIMPLE,  # whole people, of pools of their own
) = range(3)
PLAN = 3  # columns

NOTHING = 0  # the set of no needs
MIXED = -2  # what a unit holds that is none of the sets


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a set of needs begins in the plant's integers."""
    return p[head.NEEDS_PLAN] + number * PLAN
