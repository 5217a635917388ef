"""In-process control: the checks of operations while they go on, and the check of each unit."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant, by check.
(
    EVERY,  # ns at work; 0 where `AMOUNT` counts
    AMOUNT,  # mg or pieces
    TAKES,  # source
    NEEDS,  # set
    STOPS,
    FAILS,  # where the probability stands in the plant's reals
    FAILS_DRAW,  # source
    ADJUSTING,  # source
    WASTE,  # source
    IN_PIECES,
) = range(10)
PLAN = 10  # columns

# Of the replication, by unit.
(
    STAGE,
    NUMBER,  # of the check, within the visit
    WORKED,  # ns at work since a check fell due, until `SINCE`
    SINCE,  # ns; when work went on, or a check fell due
    DUES,  # checks that have fallen due in the visit, where they go by amount
    SERIAL,  # of what is scheduled; older entries are void
    CREW,  # the first of its claims
) = range(7)
NOW = 7  # columns


@inner
def of_operation(p: Integers, number: int) -> int:
    """Where the row of the check of an operation begins in the plant's integers; none: it has none."""
    return p[p[head.CHECK_OF] + number] if p[head.CHECKS] else -1


@inner
def now(s: Integers, i: int) -> int:
    """Where the row of a unit begins in the replication's integers."""
    return s[head.CHECK_NOW] + i * NOW
