"""Operations whose physics is computed ahead: answers by lot.

There is room for so many lots of numbers that follow each other. What is foreseen of a lot stands in one
piece in the replication's reals, operation by operation of its recipe: `COLUMNS` numbers and one for each
attribute. A mark in its integers says of which lot it is.
"""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    OPERATION,
    WEIGHS,  # the answer is that of a lot of the quantity foreseen
    COLUMN,  # its first column among those of its recipe
    ATTRIBUTES_AT,  # where the list of its attributes, by number, begins in the plant's integers
    ATTRIBUTES_N,
) = range(5)
PLAN = 5  # columns

# Of the replication: reals of an operation.
(
    QUANTITY,
    SECONDS,  # at speed 1; the nominal time where the model gives none
    GOOD,
    STATUS,
) = range(4)
COLUMNS = 4

# Of the replication: marks.
(
    NUMBER,  # of the lot that is foreseen, -1: none
    RECIPE,  # of which it was taken to be
    LINE,  # order line of the last lot released that has its place here
) = range(3)
MARKS = 3


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation computed ahead begins in the plant's integers."""
    return p[head.AHEAD_PLAN] + number * PLAN


@inner
def mark(s: Integers, lot: int) -> int:
    """Where the marks of a lot, by number, begin in the replication's integers."""
    return s[head.AHEAD_MARKS] + lot % s[head.AHEAD_LOTS] * MARKS


@inner
def answer(p: Integers, s: Integers, number: int, lot: int) -> int:
    """Where what is foreseen of a lot at an operation begins in the replication's reals."""
    first = s[head.AHEAD_AT] + lot % s[head.AHEAD_LOTS] * p[head.AHEAD_WIDTH]
    return first + p[plan(p, number) + COLUMN]
