"""Folds rows of `lots`: visits as they come, and each lot when it has left or the replication has ended.

Compiled; called by `folds.py` with rows of replications side by side. What a lot's earlier visits say is kept
until its last one is known: where lots are neither divided nor sent back for a cause of quality that is the
visit to the last operation, else the end of the replication. Sums of reals are kept whole, in fixed point of
32 bits a limb, so that they are rounded once; times are summed in two limbs of 31 bits. All of it stands in
one file, the only one that Numba's cache watches.

Source: Kulisch, Very fast and exact accumulation of products, Computing 91, 2011, for sums in fixed point;
Masson, Rim & Lee, DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees, PVLDB
12, 2019, for a histogram whose buckets grow with the value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from twin.engine import rows as stores
from twin.engine.record import OUTCOMES
from twin.engine.rows import NOT_DUE
from twin.engine.rules.parts import ROOT
from twin.experiment.arrays import Integers, Reals
from twin.experiment.lots import DONE, EXPIRED, FAILED, LOST, OPEN, REJECTED, REWORK, SCRAPPED, SPLIT
from twin.physics.contract import OK
from twin.physics.kernels.compiled import in_place, inlined

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
(
    _FINISHED, _GOOD_MG, _GOOD_PIECES, _IN_MG, _IN_PIECES, _LAST_LEFT, _DATED, _ASKED, _ON_TIME, _DELIVERED,
    _RELEASED, _LOST, _LEFT, _CLEAN, _WEIGHED, _COMPLETED, _BACK, _EXCEEDED,
) = range(18)  # fmt: skip
TIMES = ("lead_time", "waiting", "late", "inside")
_LEAD, _WAITING, _LATE, _INSIDE = range(4)
BY_OPERATION = (
    *("begun", "ended", "operation_exceeded", "stops_known", "stops_counted"),
    *("physics_known", "deviations", "answered", "emulated"),
)
_BEGUN, _ENDED, _PASSED, _STOPS_KNOWN, _STOPS_COUNTED = range(5)
_PHYSICS, _DEVIATIONS, _ANSWERED, _EMULATED, _OCCURS, _STILL = range(5, 11)

_FAILURE = np.array([FAILED.index(o) if o in FAILED else NONE for o in OUTCOMES], dtype=np.int64)
LIMB = 31  # bits of a sum of times
_MASK = (1 << LIMB) - 1
REAL_LIMB, REAL_LIMBS, REAL_ONE = 32, 68, 1126  # bits of a limb, limbs, and the bit of 1
_REAL_MASK = (1 << REAL_LIMB) - 1
NOT_FINITE = REAL_LIMBS  # the column of a real that is 1 for ∞, + 2 for -∞, + 4 for NaN
_SPREAD = np.int64(0x9E3779B97F4A7C1)

SKETCH_BITS = 10
SKETCH_BUCKETS = (62 - SKETCH_BITS) * (1 << (SKETCH_BITS - 1)) + (1 << SKETCH_BITS)


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
def _one(of: Lots, place: int) -> Lots:
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


@in_place
def fold_lots(
    whole: Integers,
    reals: Reals,
    at: Integers,
    places: Integers,
    columns: Integers,
    width: int,
    done: Integers,
    of: Lots,
    window: Window,
) -> int:
    """Fold the rows of lots of replications, as `engine.rows.Stores` has them; `done` (m,) are folded.

    Returns how many replications are through, fewer where there is no room for the rest of the next one.
    """
    for k in range(len(places)):
        first, count = at[k, stores.LOTS], at[k, stores.LOTS + 1]
        rows = whole[first : first + count * stores.LOT_COLUMNS].reshape(count, stores.LOT_COLUMNS)
        attributes = reals[at[k, stores.ATTRIBUTES] : at[k, stores.ATTRIBUTES] + count * width]
        done[k] = _fold(rows, attributes, columns, width, done[k], _one(of, places[k]), window)
        if done[k] < count:
            return k
    return len(places)


@inlined
def _fold(
    rows: Integers, attributes: Reals, columns: Integers, width: int, done: int, of: Lots, window: Window
) -> int:
    """Fold rows from `done` on; returns how many are folded, fewer than all where `of` is full."""
    for i in range(done, len(rows)):
        if _is_full(of):
            return i
        _count_visit(rows, i, of, window)
        if len(columns) > 0:
            values = attributes[i * width : (i + 1) * width]
            _count_attributes(rows, i, values, columns, of, window)
        slot = _slot(rows[i, LOT], of)
        _remember(rows, i, slot, of)
        outcome, last = rows[i, OUTCOME], of.last[rows[i, OPERATION]]
        if (outcome == DONE and last == 1) or (outcome in (SCRAPPED, LOST) and last != NONE):
            _count_lot(slot, of, window)
            _forget(slot, of)
    return len(rows)


@in_place
def fold_made(whole: Integers, at: Integers, places: Integers, done: Integers, of: Lots) -> int:
    """Note which lots were made straight from a lot before, by rows of genealogy; as `fold_lots`."""
    for k in range(len(places)):
        first, count = at[k, stores.GENEALOGY], at[k, stores.GENEALOGY + 1]
        columns = stores.GENEALOGY_COLUMNS
        rows = whole[first : first + count * columns].reshape(count, columns)
        one = _one(of, places[k])
        for i in range(done[k], count):
            if _is_full(one):
                done[k] = i
                return k
            if rows[i, 4] != NONE and rows[i, 2] == NONE:
                one.live[_slot(rows[i, 5], one), MADE] = 1
        done[k] = count
    return len(places)


@in_place
def fold_due(whole: Integers, at: Integers, places: Integers, of: Lots) -> int:
    """Note when released lots are due; returns the number of the last one that is, for which there may be no
    room, and less than 0 where none is.
    """
    last = NONE
    for k in range(len(places)):
        first, known = at[k, stores.BOOK] + 1, of.used[places[k], RELEASED]
        for i in range(at[k, stores.BOOK + 1]):
            due = whole[first + i * stores.BOOK_COLUMNS]
            if due != NOT_DUE:
                last = max(last, known + i)
                if known + i < of.due.shape[1]:
                    of.due[places[k], known + i] = due
    return last


@in_place
def finish_lots(places: Integers, ends: Integers, done: Integers, of: Lots, window: Window) -> int:
    """Count the lots that are still kept, when no row of their replication comes any more; as `fold_lots`."""
    for k in range(len(places)):
        one = _one(of, places[k])
        own = Window(window.start, ends[k], window.exceeded, window.stops, window.status, window.emulated)
        for slot in range(done[k], one.used[PLACES]):
            if one.used[SKETCHED] == 0 and one.used[LEADS] == len(one.leads):
                done[k] = slot
                return k
            if one.live[slot, KEY] != NONE and one.live[slot, VISITS] > 0:
                _count_lot(slot, one, own)
        done[k] = one.used[PLACES]
    return len(places)


@inlined
def _is_full(of: Lots) -> bool:
    """Whether the next row may find no room."""
    no_place = of.used[PLACES] == len(of.live) and of.used[FREE] == 0
    return bool(no_place or (of.used[SKETCHED] == 0 and of.used[LEADS] == len(of.leads)))


@inlined
def _holds(time: int, window: Window) -> bool:
    """Whether an event falls into the window."""
    return (time > window.start or time == window.start == 0) and time <= window.end


@inlined
def _add_time(times: Integers, k: int, time: int) -> None:
    times[k, 0] += time & _MASK
    times[k, 1] += time >> LIMB


@inlined
def _count_visit(rows: Integers, i: int, of: Lots, window: Window) -> None:
    """Count what one visit says by itself."""
    operation, outcome, unit = of.operation[rows[i, OPERATION]], rows[i, OUTCOME], rows[i, UNIT]
    of.by_operation[operation, _OCCURS] += 1
    if rows[i, STARTED] != NONE and _holds(rows[i, STARTED], window):
        of.by_operation[operation, _BEGUN] += 1
        _add_time(of.waited, operation, rows[i, STARTED] - rows[i, ARRIVED])
    if outcome != LOST:
        _count_queue(rows, i, operation, of, window)
    if _is_finished(rows, i, window):
        of.by_operation[operation, _ENDED] += 1
        _add_time(of.worked, operation, rows[i, FINISHED] - rows[i, STARTED])
        of.whole[_COMPLETED] += 1
        of.whole[_BACK] += outcome == REWORK
        if unit != NONE:
            _count_made(rows, i, of)
    left = rows[i, LEFT] != NONE and _holds(rows[i, LEFT], window)
    recipe = of.recipe[rows[i, OPERATION]]
    of.by_recipe[recipe, 2] += 1
    if left and outcome != LOST:
        of.by_recipe[recipe, 1] += rows[i, SCRAP] - rows[i, SINKS]
    failure = _FAILURE[outcome]
    if failure != NONE:
        of.failed_operations[operation, failure, 0] += left
        of.failed_operations[operation, failure, 1] += 1
        if unit != NONE:
            of.failed_units[of.unit[unit], failure, 0] += left
            of.failed_units[of.unit[unit], failure, 1] += 1


@inlined
def _is_finished(rows: Integers, i: int, window: Window) -> bool:
    """Whether a visit was finished in the window."""
    ended = rows[i, OUTCOME] != OPEN and rows[i, OUTCOME] != LOST and rows[i, FINISHED] != NONE
    return ended and _holds(rows[i, FINISHED], window)


@inlined
def _count_queue(rows: Integers, i: int, operation: int, of: Lots, window: Window) -> None:
    """Time in the queue inside the window, until the visit starts or the lot leaves without a start."""
    since, started, left = max(rows[i, ARRIVED], window.start), rows[i, STARTED], rows[i, LEFT]
    if started == NONE and left == NONE:
        if since < window.end:
            of.by_operation[operation, _STILL] += 1
            _add_time(of.still_from, operation, since)
        return
    until = left if started == NONE or (left != NONE and left < started) else started
    _add_time(of.queued, operation, max(min(until, window.end) - since, 0))


@inlined
def _count_made(rows: Integers, i: int, of: Lots) -> None:
    """A visit that was finished on a unit: its planned time and its good share."""
    unit, planned = of.unit[rows[i, UNIT]], of.planned[rows[i, OPERATION]]
    of.by_unit[unit, 0] += 1
    if planned == NONE:
        of.by_unit[unit, 1] += 1
    else:
        _add_time(of.planned_times, unit, planned)
    if rows[i, OUTCOME] == DONE or rows[i, OUTCOME] == SPLIT:
        good, scrapped = rows[i, IN] - rows[i, SCRAP], rows[i, SCRAP] - rows[i, SINKS]
        add_real(good / max(good + scrapped, 1), of.reals, 1 + unit)


@inlined
def _count_attributes(
    rows: Integers, i: int, values: Reals, columns: Integers, of: Lots, window: Window
) -> None:
    """Count the attributes of a visit, its stops, what physics said, and whether a hold time passed."""
    operation, finished = of.operation[rows[i, OPERATION]], _is_finished(rows, i, window)
    before = 1 + len(of.by_unit)
    for k in range(len(columns)):
        value = values[columns[k]]
        if finished and not math.isnan(value):
            of.attribute_known[k] += 1
            add_real(value, of.reals, before + k)
    if window.stops != NONE and not math.isnan(values[window.stops]):
        of.by_operation[operation, _STOPS_KNOWN] += 1
        if finished:
            of.by_operation[operation, _STOPS_COUNTED] += 1
            add_real(values[window.stops], of.reals, before + len(columns) + operation)
    if window.status != NONE and not math.isnan(values[window.status]):
        of.by_operation[operation, _PHYSICS] += 1
        of.by_operation[operation, _DEVIATIONS] += finished and values[window.status] != OK
    if window.emulated != NONE and not math.isnan(values[window.emulated]):
        of.by_operation[operation, _ANSWERED] += 1
        of.by_operation[operation, _EMULATED] += values[window.emulated] != 0
    over = window.exceeded != NONE and not math.isnan(values[window.exceeded])
    if over and rows[i, LEFT] != NONE and _holds(rows[i, LEFT], window):
        of.whole[_EXCEEDED] += 1
        of.by_operation[operation, _PASSED] += 1
        if rows[i, CAUSE] != NONE:
            of.held[rows[i, CAUSE]] += 1


@inlined
def _remember(rows: Integers, i: int, lot: int, of: Lots) -> None:
    """Keep what a visit says of its lot; the first and the last one are by arriving, then by leaving."""
    live, arrived = of.live, rows[i, ARRIVED]
    left = rows[i, LEFT] if rows[i, LEFT] != NONE else NOT_DUE
    fresh, first, last = live[lot, VISITS] == 0, live[lot, FIRST_IN], live[lot, LAST_IN]
    if fresh or arrived < first or (arrived == first and left < live[lot, FIRST_LEFT]):
        live[lot, FIRST_IN], live[lot, FIRST_LEFT] = arrived, left
        live[lot, FIRST_QUANTITY] = rows[i, IN]
        live[lot, FIRST_OPERATION], live[lot, FIRST_OUTCOME] = rows[i, OPERATION], rows[i, OUTCOME]
    if fresh or arrived > last or (arrived == last and left >= live[lot, LAST_LEFT]):
        live[lot, LAST_IN], live[lot, LAST_LEFT] = arrived, left
        live[lot, LAST_OPERATION], live[lot, LAST_OUTCOME] = rows[i, OPERATION], rows[i, OUTCOME]
        live[lot, LAST_GOOD] = rows[i, IN] - rows[i, SCRAP] if rows[i, FINISHED] != NONE else 0
    live[lot, VISITS] += 1
    live[lot, INSIDE] += left - arrived
    if rows[i, STARTED] != NONE:
        live[lot, WAITED] += rows[i, STARTED] - arrived
    if rows[i, VISIT] > 0:
        live[lot, AGAIN] = 1


@inlined
def _count_lot(lot: int, of: Lots, window: Window) -> None:
    """Count a lot of which nothing more is heard."""
    whole, live = of.whole, of.live
    outcome, left = live[lot, LAST_OUTCOME], live[lot, LAST_LEFT]
    first, last = live[lot, FIRST_OPERATION], live[lot, LAST_OPERATION]
    inside = left != NOT_DUE and _holds(left, window)
    good = inside and outcome == DONE
    whole[_IN_PIECES if of.pieces[last] else _IN_MG] += 1
    if inside:
        whole[_LAST_LEFT] = max(whole[_LAST_LEFT], left)
        if outcome != LOST:
            _add_time(of.times, _INSIDE, live[lot, INSIDE])
    if good:
        _count_good(lot, of)
    if _holds(live[lot, FIRST_IN], window):
        whole[_RELEASED] += 1
        whole[_LOST] += outcome == LOST
        if live[lot, FIRST_OUTCOME] != LOST and live[lot, MADE] == 0:
            of.by_recipe[of.recipe[first], 0] += live[lot, FIRST_QUANTITY]
    _count_due(lot, good, of, window)
    if inside and outcome in (DONE, SCRAPPED, REJECTED, EXPIRED):
        whole[_LEFT] += 1
        whole[_CLEAN] += good and live[lot, AGAIN] == 0
        if of.pieces[first] == of.pieces[last] and live[lot, FIRST_QUANTITY] > 0:
            whole[_WEIGHED] += 1
            add_real(live[lot, LAST_GOOD] / live[lot, FIRST_QUANTITY], of.reals, 0)


@inlined
def _count_due(lot: int, good: bool, of: Lots, window: Window) -> None:
    """Count whether a lot with a due date was in time."""
    number, left = of.live[lot, KEY] & ROOT, of.live[lot, LAST_LEFT]
    due = of.due[number] if number < len(of.due) else NOT_DUE
    if due == NOT_DUE:
        return
    of.whole[_DATED] += 1
    if _holds(due, window):
        of.whole[_ASKED] += 1
        of.whole[_ON_TIME] += left <= due and of.live[lot, LAST_OUTCOME] == DONE
    if good:
        of.whole[_DELIVERED] += 1
        _add_time(of.times, _LATE, max(left - due, 0))


@inlined
def _count_good(lot: int, of: Lots) -> None:
    """Count a good lot that left in the window."""
    of.whole[_FINISHED] += 1
    pieces = of.pieces[of.live[lot, LAST_OPERATION]]
    of.whole[_GOOD_PIECES if pieces else _GOOD_MG] += of.live[lot, LAST_GOOD]
    lead = of.live[lot, LAST_LEFT] - of.live[lot, FIRST_IN]
    _add_time(of.times, _LEAD, lead)
    _add_time(of.times, _WAITING, of.live[lot, WAITED])
    if of.used[SKETCHED]:
        of.sketch[bucket(lead)] += 1
    else:
        of.leads[of.used[LEADS]] = lead
        of.used[LEADS] += 1


@in_place
def bucket(value: int) -> int:
    """The bucket of a whole number from 0 to 2⁶²: exact below 2¹⁰, then 2⁹ to a doubling."""
    shift = 0
    for step in (32, 16, 8, 4, 2, 1):
        if value >> min(shift + step + SKETCH_BITS - 1, 62) > 0:
            shift += step
    return (shift << (SKETCH_BITS - 1)) + (value >> shift)


@in_place
def count_leads(leads: Integers, sketch: Integers) -> None:
    """Count lead times in their buckets."""
    for lead in leads:
        sketch[bucket(lead)] += 1


@inlined
def _slot(number: int, of: Lots) -> int:
    """Where a lot is kept, from now on if it was not before."""
    last = len(of.place) - 1
    k = ((number * _SPREAD) >> 20) & last
    while of.place[k] != NONE:
        if of.live[of.place[k], KEY] == number:
            return int(of.place[k])
        k = (k + 1) & last
    if of.used[FREE] > 0:
        of.used[FREE] -= 1
        slot = of.free[of.used[FREE]]
    else:
        slot = of.used[PLACES]
        of.used[PLACES] += 1
    for column in range(LIVE_COLUMNS):
        of.live[slot, column] = 0
    of.live[slot, KEY] = number
    of.place[k] = slot
    return int(slot)


@inlined
def _forget(slot: int, of: Lots) -> None:
    """Give a lot's place back, and close the gap among those that may be looked for behind it.

    Source: Knuth, The Art of Computer Programming 3, 6.4, algorithm R.
    """
    last = len(of.place) - 1
    gap = ((of.live[slot, KEY] * _SPREAD) >> 20) & last
    while of.place[gap] != slot:
        gap = (gap + 1) & last
    of.live[slot, KEY] = NONE
    of.free[of.used[FREE]] = slot
    of.used[FREE] += 1
    k = (gap + 1) & last
    while of.place[k] != NONE:
        home = ((of.live[of.place[k], KEY] * _SPREAD) >> 20) & last
        if (k - home) & last >= (k - gap) & last:
            of.place[gap] = of.place[k]
            gap = k
        k = (k + 1) & last
    of.place[gap] = NONE


@in_place
def place_lots(of: Lots) -> None:
    """Find the lots in `live` by a `place` that is empty."""
    for place in range(len(of.place)):
        one = _one(of, place)
        last = len(one.place) - 1
        for slot in range(one.used[PLACES]):
            if one.live[slot, KEY] != NONE:
                k = ((one.live[slot, KEY] * _SPREAD) >> 20) & last
                while one.place[k] != NONE:
                    k = (k + 1) & last
                one.place[k] = slot


@in_place
def add_real(value: float, limbs: Integers, k: int) -> None:
    """Add a real to a sum in fixed point, of which no bit is lost."""
    if not math.isfinite(value):
        limbs[k, NOT_FINITE] |= 4 if math.isnan(value) else 1 if value > 0 else 2
        return
    fraction, exponent = math.frexp(value)
    digits = np.int64(fraction * 9007199254740992.0)  # 2⁵³
    sign = 1 if digits >= 0 else -1
    digits *= sign
    position = exponent - 53 + REAL_ONE
    limb, shift = position >> 5, position & 31
    low = (digits & _REAL_MASK) << shift
    high = ((digits >> REAL_LIMB) << shift) + (low >> REAL_LIMB)
    limbs[k, limb] += sign * (low & _REAL_MASK)
    limbs[k, limb + 1] += sign * (high & _REAL_MASK)
    limbs[k, limb + 2] += sign * (high >> REAL_LIMB)


@in_place
def round_reals(places: Integers, limbs: Integers, found: Reals) -> None:
    """Round the sums in fixed point of replications, once each, to `found` (m, sums)."""
    for place in places:
        for k in range(limbs.shape[1]):
            found[place, k] = _rounded(limbs[place, k])


@inlined
def _rounded(limbs: Integers) -> float:
    """A sum in fixed point, rounded once, half to even; `limbs` are changed."""
    odd = limbs[NOT_FINITE]
    if odd:
        return math.inf if odd == 1 else -math.inf if odd == 2 else math.nan
    sign, top = 1.0, _carry(limbs)
    if top == NONE:  # below 0
        for k in range(REAL_LIMBS):
            limbs[k] = -limbs[k]
        limbs[REAL_LIMBS - 1] += 1 << REAL_LIMB
        sign, top = -1.0, _carry(limbs)
    if limbs[top] == 0:
        return 0.0
    length = REAL_LIMB * top
    while limbs[top] >> (length - REAL_LIMB * top) > 0:
        length += 1
    lowest = max(length - 53, REAL_ONE - 1074)  # the last bit that a double has room for
    digits, half, below = 0, False, False
    for k in range(top, -1, -1):
        shift = REAL_LIMB * k - lowest
        if shift >= 0:
            digits += limbs[k] << shift
        elif shift > -REAL_LIMB:
            digits += limbs[k] >> -shift
            half = (limbs[k] >> (-shift - 1)) & 1 == 1
            below = limbs[k] & ((1 << (-shift - 1)) - 1) != 0
        elif shift == -REAL_LIMB:
            half = limbs[k] >> (REAL_LIMB - 1) == 1
            below = limbs[k] & ((1 << (REAL_LIMB - 1)) - 1) != 0
        else:
            below = below or limbs[k] != 0
    if half and (below or digits & 1 == 1):
        digits += 1
    return sign * math.ldexp(float(digits), lowest - REAL_ONE)


@inlined
def _carry(limbs: Integers) -> int:
    """Have every limb hold its own bits only; returns the highest one that is not 0, and none where the sum
    is below 0.
    """
    top = carry = 0
    for k in range(REAL_LIMBS):
        total = limbs[k] + carry
        limbs[k], carry = total & _REAL_MASK, total >> REAL_LIMB
        if limbs[k]:
            top = k
    return top if carry >= 0 else NONE
