"""Operations on one of the stations of a flow section."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    RATE,  # source; none: physics
    SCALE,  # where it stands in the plant's reals: pieces or mg of the lot in what is drawn
    ROOM,  # where that of the buffer behind it stands
    IN_SECONDS,  # of its rate
    GOOD,  # where the fraction of the lot that is left behind it stands
    START_UP,  # source
    START_UP_WASTE,  # source
    START_UP_IN_PIECES,
    START_UP_STOPS,  # source
) = range(9)
PLAN = 9  # columns


@inner
def plan(p: Integers, operation: int, section: int) -> int:
    """Where the row of an operation on the first station of a section begins; -1: it flows through none."""
    return p[p[head.FLOWS] + operation * p[head.SECTIONS_N] + section]
