"""Claims on people and shared units: rows of a store, in chains."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    NEXT,  # of the chain, or of those that are free
    DEMAND,
    SHIFT,  # of people
    PERSON,  # within the shift, where attention is shared
    SHARE,
    UNIT,  # a shared unit
) = range(6)
NOW = 6  # columns


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a claim begins in the replication's integers."""
    return s[head.CLAIM_NOW] + number * NOW
