"""What has become of a lot that was split; a row for each slot of a lot, where parts merge."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    EXISTS,  # the lot was split, and its parts have neither merged nor all left the plant
    GONE,  # it is in parts, or has left the plant; its slot is kept for them
    ALIVE,  # parts that have neither left the plant nor merged
    WAITING,  # slot of the first part that wants to merge
    WAITING_END,
    WAITING_N,
    NEXT,  # slot of the next part that wants to merge with this one
    PARENT,  # slot of the lot that it is a part of, if that is still kept
) = range(8)
NOW = 8  # columns


@inner
def now(s: Integers, slot: int) -> int:
    """Where the row of a lot begins in the replication's integers."""
    return s[head.FAMILY_NOW] + slot * NOW
