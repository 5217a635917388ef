"""Units, and after them the stations of flow sections: numbered as in `Program.unit_names`."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    CALENDAR,
    DISPATCHING,
    BY_KEY,  # looks at waiting lots by a key of each
    BLOCKING_BEFORE,
    PART_OF,  # the first of the units that are one unit for several lots
    PARTS_N,  # units that are one with this one, which follow it
    MODES_AT,  # its first failure mode
    MODES_N,
    HAS_RUNNING,  # a mode on the running clock
    SERVES_AT,  # where the list of its operations begins in the plant's integers
    SERVES_N,
    TASKS_AT,  # where the list of its own tasks begins
    SHARED,  # others can claim it
    SPEED,  # where its speed stands in the plant's reals
    CAUSE,  # its name, where others wait for it
    IS_SECTION,  # of a flow
) = range(16)
PLAN = 16  # columns

# Of the replication.
(
    STATE,
    SINCE,  # ns
    ROW_LOT,
    ROW_OPERATION,
    CAUSE_NOW,
    OPEN,
    SUSPENDS,  # work at closing time
    DOWN,  # modes under repair
    DOWN_STATE,
    DOWN_CAUSE,
    VERSION,  # of the work in hand; entries of older versions are void
    LOT,  # slot
    OPERATION,
    VISIT,
    ATTEMPT,
    STARTED,  # ns
    FINISHED,  # ns; the lot in hand is done since
    AT_TASK,  # at work for itself
    PRODUCED,  # ns of producing so far
    PHASE,  # the stretch in hand
    UNLOAD,  # the stretch of unloading
    LAST,  # the last stretch of the visit
    REMAINING,  # ns of the phase, while it is halted
    RUNNING,
    PHASE_BEGAN,
    PHASE_ENDS,
    HELD,  # the set of needs that it holds, `needs.MIXED` for any other
    CREW,  # the first of its claims
    USES_N,  # shared units among them
    RESERVED,  # storage in which a place is kept
    WASTE,  # mg or pieces lost so far
    STOPS,
    SCRAPPED,
    OUTCOME,
    REWORK_TO,
    LENT,  # claimed as a shared unit
    CLIENT,  # the unit that has claimed it, none: a repair
    TOUCHED,
    JUST_FINISHED,
    SHORT,
    OVERTIME,
    REQUESTS,  # waits for physics
    ANSWERED,  # physics has answered for this visit
    TIRED,  # put aside for one that the recipe prefers
    TASKS_WAITING,  # of its own
) = range(45)
NOW = 45  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a unit or station begins in the plant's integers."""
    return p[head.UNIT_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a unit or station begins in the replication's integers."""
    return s[head.UNIT_NOW] + number * NOW
