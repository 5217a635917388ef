"""What is to stand in the next row of `lots` of each unit: the last row is that of lots on no unit."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    CAUSE,  # one higher; 0: none
    EXCEEDED,  # ns by which a hold time is passed, none: no hold time
    SAMPLED,  # mg or pieces
) = range(3)
NOW = 3  # columns


@inner
def now(p: Integers, s: Integers, i: int) -> int:
    """Where the row of a unit, or of none, begins in the replication's integers."""
    return s[head.REMARK_NOW] + (i if i >= 0 else p[head.MACHINES]) * NOW
