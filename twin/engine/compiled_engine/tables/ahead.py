"""Operations whose physics is computed ahead: answers by lot, each column of an operation in one piece.

In the replication's reals, operation by operation: `COLUMNS` columns and one for each of its attributes, each
as long as there are lots to foresee.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    OPERATION,
    WEIGHS,  # the answer is that of a lot of the quantity foreseen
    COLUMN,  # its first column among those of all
    ATTRIBUTES_AT,  # where the list of its attributes, by number, begins in the plant's integers
    ATTRIBUTES_N,
) = range(5)
PLAN = 5  # columns

# Columns of the replication.
(
    IS_THERE,  # the lot's recipe; below 0: not foreseen
    QUANTITY,
    SECONDS,  # at speed 1; the nominal time where the model gives none
    GOOD,
    STATUS,
) = range(5)
COLUMNS = 5


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation computed ahead begins in the plant's integers."""
    return p[head.AHEAD_PLAN] + number * PLAN


@inner
def column(p: Integers, s: Integers, number: int, which: int) -> int:
    """Where a column of an operation computed ahead begins in the replication's reals."""
    return s[head.AHEAD_AT] + (p[plan(p, number) + COLUMN] + which) * s[head.AHEAD_LOTS]
