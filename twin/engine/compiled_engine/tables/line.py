"""Lines of lots that wait for an operation: by time, and by priority and time."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    HEAD,  # slot; by time of waiting, then number
    TAIL,
    TURN,  # slot; by priority first
    TURN_END,
    CARRYING,  # lots with a container
    JOBS,  # tasks and dirty containers so far
    HELD,  # all that wait lack results of the laboratory; 0: nobody has looked
) = range(7)
NOW = 7  # columns


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of the line of an operation begins in the replication's integers."""
    return s[head.LINE_NOW] + number * NOW


@inner
def waiting(s: Integers, number: int) -> int:
    """Where it stands how many lots wait for an operation: side by side, since units look at many of them."""
    return s[head.WAITING] + number
