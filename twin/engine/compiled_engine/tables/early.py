"""Lots that wait in lines, and what physics said of them meanwhile; a row for each slot.

In the replication's reals stand the seconds at speed 1, good, status and attributes as on units, and the
attributes that the lot brought.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    NUMBER,  # of the lot that was asked about, -1: none
    OPERATION,
    VISIT,
    QUANTITY,
) = range(4)
NOW = 4  # columns
COLUMNS = 3  # of reals, beside the attributes given and brought


@inner
def now(s: Integers, slot: int) -> int:
    """Where the row of a lot begins in the replication's integers."""
    return s[head.EARLY_NOW] + slot * NOW


@inner
def answer(p: Integers, s: Integers, slot: int) -> int:
    """Where what physics said of a lot begins in the replication's reals."""
    return s[head.EARLY_AT] + slot * (COLUMNS + 2 * p[head.ATTRIBUTES])
