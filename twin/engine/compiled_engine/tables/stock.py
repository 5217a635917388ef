"""Lots of materials in stock."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    NEXT,  # of the same material, or among free rows
    DELIVERED,  # number of the delivered lot, or none
    MADE,  # number of the lot that became stock, or none
    LEFT,  # mg or pieces
    ARRIVED,  # ns
    EXPIRES,  # ns
) = range(6)
NOW = 6  # columns


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a lot begins in the replication's integers."""
    return s[head.STOCK_NOW] + number * NOW
