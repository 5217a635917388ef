"""Flow sections and what is in them; behind each row in the replication stand the arrays of its stations."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the replication.
(
    UNIT,
    FIRST,  # station, among the machines
    COUNT,  # of stations
    ENTITIES,  # where those of its buffers begin in the plant's integers
    ARRAYS,  # where those of its stations begin in the replication's integers
    BEGUN,  # with the lot in hand
    RUNNING,
    SINCE,  # ns; `PASSED` is of then
    QUANTUM,  # of `rules.flows`
    TOTAL,  # quanta of the lot in hand
) = range(10)
NOW = 10  # columns

# Arrays of its stations, one behind the other.
(
    NOMINAL,  # quanta per ns
    UP,
    RATES,  # quanta per ns
    PASSED,  # quanta
    STARTING,  # ns of start-up left
    READYING,  # starting up since the last event
    CAPACITIES,  # quanta, of the buffer behind each but the last
    RECORDED,  # quanta per ns by which the level of each buffer was last said to change
    WHOLE,  # millionths per hour
) = range(9)
ARRAYS_N = 9


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a section begins in the replication's integers."""
    return s[head.SECTION_NOW] + number * NOW


@inner
def array(s: Integers, row: int, column: int) -> int:
    """Where an array of the stations of the section in a row begins in the replication's integers."""
    return s[row + ARRAYS] + column * s[row + COUNT]
