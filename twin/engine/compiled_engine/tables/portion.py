"""What has gone on, in portions, of the lots in hand; a row for each unit."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    COUNT,  # portions so far
    AMOUNT,  # mg or pieces of them
    WAITING,  # slot of the portion that has found no place
    WAITING_NUMBER,  # of that lot, for its slot may be another lot's by now
) = range(4)
NOW = 4  # columns


@inner
def now(s: Integers, i: int) -> int:
    """Where the row of a unit begins in the replication's integers."""
    return s[head.PORTION_NOW] + i * NOW
