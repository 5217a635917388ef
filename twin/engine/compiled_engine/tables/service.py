"""Operations on one of their units: what differs between these."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    RANK,  # of the unit in the operation's list
    NOMINAL,  # ns
    START_UP,  # source
    START_UP_WASTE,  # source
    START_UP_IN_PIECES,
    START_UP_STOPS,  # source
    LOAD,  # source
    UNLOAD,  # source
) = range(8)
PLAN = 8  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation on one of its units begins in the plant's integers."""
    return p[head.SERVICE_PLAN] + number * PLAN
