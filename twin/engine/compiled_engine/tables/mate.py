"""Lots that are on a unit with others: what became of each once the work is done; a row for each slot."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    NEXT,  # slot of the next lot on the unit, or among those that could start
    OPERATION,
    VISIT,
    FINISHED,  # ns
    OUTCOME,
    SCRAPPED,
) = range(6)
NOW = 6  # columns


@inner
def now(s: Integers, slot: int) -> int:
    """Where the row of a lot begins in the replication's integers."""
    return s[head.MATE_NOW] + slot * NOW
