"""Inquiries of the laboratory."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    TEST,  # operation
    CHOSEN,
    EVERY,
    FRACTION,  # where it stands in the plant's reals; the probability of a bad result follows
    FRACTION_DRAW,  # source
    FAILS_DRAW,  # source
    QUANTITY,  # mg or pieces
    CAUSE,
) = range(8)
PLAN = 8  # columns

# Of the replication.
(FINISHED,) = range(1)  # lots that the sampling plan has seen
NOW = 1  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an inquiry begins in the plant's integers."""
    return p[head.INQUIRY_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of an inquiry begins in the replication's integers."""
    return s[head.INQUIRY_NOW] + number * NOW
