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

# Of the replication, eight to a line of the processor's cache: those together that are asked for together.
(
    STATE,
    SINCE,  # ns
    ROW_LOT,
    ROW_OPERATION,
    CAUSE_NOW,
    DOWN,  # modes under repair
    QUIET_UNTIL,  # ns; before that nothing falls due that it does for itself, unless it takes a lot
    LENT,  # claimed as a shared unit
    SUSPENDS,  # work at closing time
    TASKS_WAITING,  # of its own
    LOT,  # slot
    FINISHED,  # ns; the lot in hand is done since
    RUNNING,
    OPEN,
    TOUCHED,
    CREW,  # the first of its claims
    OPERATION,
    VERSION,  # of the work in hand; entries of older versions are void
    PHASE,  # the stretch in hand
    UNLOAD,  # the stretch of unloading
    AT_TASK,  # at work for itself
    ANSWERED,  # physics has answered for this visit
    WASTE,  # mg or pieces lost so far
    STOPS,
    PHASE_BEGAN,
    PRODUCED,  # ns of producing so far
    HELD,  # the set of needs that it holds, `needs.MIXED` for any other
    LAST,  # the last stretch of the visit
    OVERTIME,
    REMAINING,  # ns of the phase, while it is halted
    USES_N,  # shared units among them
    PHASE_ENDS,
    STARTED,  # ns
    SHORT,
    JUST_FINISHED,
    ATTEMPT,
    VISIT,
    RESERVED,  # storage in which a place is kept
    SCRAPPED,
    OUTCOME,
    REQUESTS,  # waits for physics
    CLIENT,  # the unit that has claimed it, none: a repair
    DOWN_STATE,
    DOWN_CAUSE,
    REWORK_TO,
    TIRED,  # put aside for one that the recipe prefers
) = range(46)
NOW = 48  # columns: whole lines


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a unit or station begins in the plant's integers."""
    return p[head.UNIT_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a unit or station begins in the replication's integers."""
    return s[head.UNIT_NOW] + number * NOW
