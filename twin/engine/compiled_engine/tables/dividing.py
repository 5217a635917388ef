"""How operations divide, merge and pack lots; a row for each operation."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    SPLIT_INTO,  # equal parts; 0: by size, or not at all
    SPLIT_EACH,  # mg or pieces of a part; 0: by number, or not at all
    PORTIONS,  # equal ones that go on as they are done; 0: by size, or not at all
    PORTION_EACH,  # mg or pieces of a portion; 0: by number, or not at all
    MERGES,
    PACK,  # mg or pieces of a pack; 0: not packed
) = range(6)
PLAN = 6  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation begins in the plant's integers."""
    return p[head.DIVIDING_PLAN] + number * PLAN
