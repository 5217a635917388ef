"""Operations of recipes, tasks of units, cleanings and tests, numbered as in the program."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    RECIPE,
    NEXT,
    UNITS_AT,  # where the list of its units begins in the plant's integers
    UNITS_N,
    SERVICE_AT,  # where the list of `service` rows by unit begins
    STORAGE,
    TAKES,  # source; none: physics, or a flow section
    NOMINAL,  # ns
    PHYSICS,  # number of the model's call, or none
    SETUP,  # source
    NEEDS_AT,  # where the list of its sets of needs, by stretch, begins
    PHASES_AT,  # its first phase
    PHASES_N,
    BATCH_LEAST,
    BATCH_MOST,
    BATCH_WAIT,  # ns
    PROCEDURE,
    TAKE,
    GIVE_BACK,
    GIVE_BACK_DIRTY,
    SCRAP,  # where its probability stands in the plant's reals
    SCRAP_DRAW,  # source
    REWORK,  # where its probability stands in the plant's reals
    REWORK_DRAW,  # source
    REWORK_TO,
    REWORK_LIMIT,
    YIELDS,  # source
    CLEANS,  # container
    SHOWS,
    CAUSE,
    PLAIN,  # nothing but processing, and no transport
    FREE,  # needs nothing but a unit
    CERTAIN,  # of its outcome
    FIRST,  # the first operation of its recipe
    AHEAD,  # its number among those whose physics is computed ahead
    TASK_OF,  # the unit that does it for itself, or none
) = range(36)
PLAN = 36  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of an operation begins in the plant's integers."""
    return p[head.OPERATION_PLAN] + number * PLAN
