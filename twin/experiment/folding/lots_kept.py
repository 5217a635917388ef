"""What is kept of lots while their rows are folded: names of columns, the arrays, and the window.

Read by `visits.py`, `lots.py` and `lot_places.py`, which are compiled, and by `totals.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from twin.experiment.arrays import Integers
from twin.physics.kernels.compiled import inlined

NONE = -1
# Columns of `lots`.
LOT, OPERATION, VISIT, UNIT, ARRIVED, STARTED, FINISHED, LEFT, OUTCOME, IN, SCRAP, CAUSE, SINKS = range(13)
# Columns of `Lots.live`: the lot's number, its first visit, its last one, times inside and waiting, whether
# it was reworked and whether it was made straight from a lot before, and how many visits it has had.
KEY, FIRST_IN, FIRST_LEFT, FIRST_QUANTITY, FIRST_OPERATION, FIRST_OUTCOME = range(6)
LAST_IN, LAST_LEFT, LAST_OUTCOME, LAST_GOOD, LAST_OPERATION = range(6, 11)
INSIDE, WAITED, AGAIN, MADE, VISITS, LIVE_COLUMNS = range(11, 17)
PLACES, FREE, LEADS, SKETCHED, RELEASED, USED_COLUMNS = range(6)  # columns of `Lots.used`
# What is counted by lot or in all, by names of `sums.Sums`, and sums of times likewise.
WHOLE = [
    "finished",
    "good_mg",
    "good_pieces",
    "lots_in_mg",
    "lots_in_pieces",
    "last_left",
    "dated",
    "asked",
    "on_time",
    "delivered",
    "released",
    "lost",
    "left",
    "clean",
    "weighed",
    "completed",
    "back",
    "exceeded",
]
TIMES = ("lead_time", "waiting", "late", "inside")
BY_OPERATION = (
    *("begun", "ended", "operation_exceeded", "stops_known", "stops_counted"),
    *("physics_known", "deviations", "answered", "emulated"),
)

LIMB = 31  # bits of a sum of times
_MASK = (1 << LIMB) - 1


class Lots(NamedTuple):
    """What the program says of units and operations, and what is kept of the lots of m replications side by
    side.

    `unit` (all units) and `operation` (all operations): the numbers by which they are counted; by operation
    `recipe`, `pieces` (1 or 0: mg), `last` (1: nobody hears of a lot after it) and `planned` in ns, or -1. By
    replication, first axis m: `place` (2 · n,) finds a lot in `live` (n, 16); `free` (n,) are places given
    back; `used`: places of `live` ever used, given back, lead times, whether these are sketched, lots
    released. `due` by number of the released lot. `leads` holds lead times in ns, until there are too many
    and `sketch` (buckets or 0,) counts them. `reals` (1 + units + attributes + operations, 69): yields, good
    shares, attributes, stops. Last axes of 2: limbs of a time.
    """

    unit: Integers
    operation: Integers
    recipe: Integers
    pieces: Integers
    last: Integers
    planned: Integers
    place: Integers
    live: Integers
    free: Integers
    used: Integers
    due: Integers
    leads: Integers
    sketch: Integers
    whole: Integers  # as `WHOLE`
    times: Integers  # as `TIMES`, limbs
    by_operation: Integers  # (o, as `BY_OPERATION`, then visits of all, and those that wait to the end)
    waited: Integers  # (o, limbs)
    worked: Integers
    queued: Integers
    still_from: Integers  # of the visits that wait to the end, since when
    failed_operations: Integers  # (o, as `FAILED`, 2): in the window, and at any time
    failed_units: Integers
    by_unit: Integers  # (u, 2): produced, and those of them without a planned time
    planned_times: Integers  # (u, limbs)
    attribute_known: Integers
    by_recipe: Integers  # (r, 3): released, scrapped, visits
    held: Integers  # (causes,): hold times that passed
    reals: Integers


@inlined
def one(of: Lots, place: int) -> Lots:
    """What is kept of one replication: without the axis of the replications."""
    return Lots(
        of.unit,
        of.operation,
        of.recipe,
        of.pieces,
        of.last,
        of.planned,
        of.place[place],
        of.live[place],
        of.free[place],
        of.used[place],
        of.due[place],
        of.leads[place],
        of.sketch[place],
        of.whole[place],
        of.times[place],
        of.by_operation[place],
        of.waited[place],
        of.worked[place],
        of.queued[place],
        of.still_from[place],
        of.failed_operations[place],
        of.failed_units[place],
        of.by_unit[place],
        of.planned_times[place],
        of.attribute_known[place],
        of.by_recipe[place],
        of.held[place],
        of.reals[place],
    )


class Window(NamedTuple):
    """The window [start, end) in ns, and the columns of four attributes, or -1."""

    start: int
    end: int
    exceeded: int
    stops: int
    status: int
    emulated: int


@inlined
def holds(time: int, window: Window) -> bool:
    """Whether an event falls into the window."""
    return (time > window.start or time == window.start == 0) and time <= window.end


@inlined
def add_time(times: Integers, k: int, time: int) -> None:
    """Add a time in ns to a sum in limbs."""
    times[k, 0] += time & _MASK
    times[k, 1] += time >> LIMB
