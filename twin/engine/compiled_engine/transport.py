"""Transport by transporters and through airlocks: a lot moves when one is free, as fast as the locks let it.

As `simpy_engine/transport.py`. Without fleets lots move by hand, any number at once, and only the locks hold
them up. Locks are given in the order in which moves begin.
"""

from __future__ import annotations

from twin.engine.codes import COMPLETED, TRANSFERRED, WAITING_TRANSPORT
from twin.engine.compiled_engine import sources
from twin.engine.compiled_engine.agenda import schedule
from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.decisions import drive_through, nearest, trips
from twin.engine.compiled_engine.lists import has_place, look_again
from twin.engine.compiled_engine.rows import level
from twin.engine.compiled_engine.tables import fleet, head, lot, order, recipe, storage
from twin.engine.compiled_engine.tables.types import Integers, Reals
from twin.engine.program import NONE

SET_DOWN, CHARGED, DRIVES_EMPTY, HAS_LOADED, IS_HOME = range(5)
IDLE, EMPTY, LOADED, CHARGING = range(4)  # what a transporter does


@inner
def begin(p: Integers, s: Integers) -> None:
    """Count the transporters at the start of the run."""
    for number in range(p[head.FLEETS]):
        here = fleet.plan(p, number)
        level(s, p[here + fleet.ENTITY], p[here + fleet.COUNT])
        _count_busy(p, s, number)
        for doing in range(EMPTY, CHARGING + 1):
            _count_doing(p, s, number, doing)


@inner
def _count_busy(p: Integers, s: Integers, number: int) -> None:
    """Count the transporters of a fleet that are at work."""
    here, busy = fleet.plan(p, number), 0
    for k in range(p[here + fleet.FIRST], p[here + fleet.FIRST] + p[here + fleet.COUNT]):
        busy += 1 - s[s[head.TRANSPORTERS_IDLE] + k]
    level(s, p[here + fleet.BUSY], busy)


@inner
def _count_doing(p: Integers, s: Integers, number: int, doing: int) -> None:
    """Count the transporters of a fleet that do one thing."""
    here, count = fleet.plan(p, number), 0
    for k in range(p[here + fleet.FIRST], p[here + fleet.FIRST] + p[here + fleet.COUNT]):
        count += s[fleet.now(s, k) + fleet.DOES] == doing
    level(s, p[here + fleet.BUSY + doing], count)


@inner
def _does(p: Integers, s: Integers, transporter: int, doing: int) -> None:
    """A transporter does something else from now on."""
    t = fleet.now(s, transporter)
    before = s[t + fleet.DOES]
    s[t + fleet.DOES] = doing
    if before != doing:
        if before != IDLE:
            _count_doing(p, s, s[t + fleet.OF], before)
        if doing != IDLE:
            _count_doing(p, s, s[t + fleet.OF], doing)


@inner
def _drive(p: Integers, number: int, start: int, end: int) -> int:
    """Time between two places without locks for a fleet; 0 where one is unknown."""
    if start == NONE or end == NONE:
        return 0
    times = p[fleet.plan(p, number) + fleet.TRAVEL] if p[head.FLEETS] else p[head.TRAVEL_BY_HAND]
    return p[times + start * p[head.MOVE_PLACES] + end]


@inner
def _has_way(p: Integers, start: int, end: int) -> bool:
    return start != end and _drive(p, 0, start, end) > 0


@inner
def lacks(p: Integers, s: Integers, slot: int, end: int) -> tuple[int, int]:
    """What keeps a lot from being brought to a place now: a state and its cause, or none."""
    if not p[head.FLEETS] or not _has_way(p, s[lot.now(s, slot) + lot.PLACE], end):
        return NONE, NONE
    first = s[head.TRANSPORTERS_IDLE]
    for k in range(first, first + p[head.TRANSPORTERS]):
        if s[k]:
            return NONE, NONE
    return WAITING_TRANSPORT, p[fleet.plan(p, 0) + fleet.CAUSE]


@inner
def fetch(p: Integers, q: Reals, s: Integers, slot: int, i: int) -> int:
    """A unit has claimed a lot: it is brought in the first phase of the visit, which takes so many ns."""
    start = s[lot.now(s, slot) + lot.PLACE]
    return _move(p, q, s, slot, i) if _has_way(p, start, i) else 0


@inner
def bring(p: Integers, q: Reals, s: Integers, number: int, slot: int) -> None:
    """A lot has a place in a storage: it is brought there."""
    b = lot.now(s, slot)
    destination = p[head.UNITS] + number
    delay = _move(p, q, s, slot, destination) if _has_way(p, s[b + lot.PLACE], destination) else 0
    s[b + lot.PLACE] = destination
    s[head.IN_HAND] += 1
    schedule(s, delay, COMPLETED, destination, s[b + lot.NUMBER], slot)


@inner
def _move(p: Integers, q: Reals, s: Integers, slot: int, end: int) -> int:
    """Send a transporter for a lot; returns the time in ns until the lot is set down at its end."""
    now, start = s[head.NOW], s[lot.now(s, slot) + lot.PLACE]
    if not p[head.FLEETS]:
        return _pass(p, q, s, now, start, end, _drive(p, 0, start, end)) - now
    transporter = _nearest(p, s, start)
    t = fleet.now(s, transporter)
    number = s[t + fleet.OF]
    here = fleet.plan(p, number)
    time = _pass(p, q, s, now, s[t + fleet.PLACE], start, s[s[head.APPROACHES] + transporter])
    _sets_out(p, s, transporter, time)
    drive = _drive(p, number, start, end)
    for left in range(trips(_weight(p, q, s, slot), p[here + fleet.CAPACITY]) - 1, -1, -1):
        time = _pass(p, q, s, time + p[here + fleet.LOAD], start, end, drive) + p[here + fleet.UNLOAD]
        if left:
            began = time
            time = _pass(p, q, s, began, end, start, drive)
            if time > began:
                schedule(s, began - now, TRANSFERRED, transporter, NONE, DRIVES_EMPTY)
                schedule(s, time - now, TRANSFERRED, transporter, NONE, HAS_LOADED)
    s[s[head.TRANSPORTERS_IDLE] + transporter] = 0
    s[t + fleet.PLACE] = end
    s[t + fleet.USED] += time - now
    _count_busy(p, s, number)
    schedule(s, time - now, TRANSFERRED, transporter, NONE, SET_DOWN)
    return time - now


@inner
def _nearest(p: Integers, s: Integers, start: int) -> int:
    """The idle transporter that is soonest at a place; the approaches of all are noted."""
    count, idle, approaches = p[head.TRANSPORTERS], s[head.TRANSPORTERS_IDLE], s[head.APPROACHES]
    for k in range(count):
        t = fleet.now(s, k)
        s[approaches + k] = _drive(p, s[t + fleet.OF], s[t + fleet.PLACE], start)
    return nearest(s[idle : idle + count], s[approaches : approaches + count])


@inner
def _sets_out(p: Integers, s: Integers, transporter: int, arrives: int) -> None:
    """A transporter goes for a lot, which it loads at a time."""
    delay = arrives - s[head.NOW]
    _does(p, s, transporter, EMPTY if delay > 0 else LOADED)
    if delay > 0:
        schedule(s, delay, TRANSFERRED, transporter, NONE, HAS_LOADED)


@inner
def _pass(p: Integers, q: Reals, s: Integers, departs: int, start: int, end: int, drive: int) -> int:
    """When a way is over, the locks on it taken one after the other."""
    row = NONE
    if p[head.PASSINGS] != NONE and start != NONE:
        row = p[p[head.PASSINGS] + start * p[head.MOVE_PLACES] + end]
    if row == NONE:
        return departs + drive
    count, shares, locks = p[row], p[row + 1], p[head.LOCKS]
    return drive_through(
        departs,
        drive,
        q[shares : shares + count],
        p[row + 2 : row + 2 + count],
        p[p[head.LOCKS_TAKE] : p[head.LOCKS_TAKE] + locks],
        p[p[head.LOCKS_FIRST] : p[head.LOCKS_FIRST] + locks + 1],
        s[s[head.LOCKS_FREE] : s[head.LOCKS_FREE] + p[p[head.LOCKS_FIRST] + locks]],
    )


@inner
def _weight(p: Integers, q: Reals, s: Integers, slot: int) -> int:
    """Mass in mg; 0 for pieces of unknown mass and for empty containers, which take one trip."""
    b = lot.now(s, slot)
    if s[b + lot.NUMBER] < 0:
        return 0
    r = recipe.plan(p, p[order.plan(p, s[b + lot.ORDER]) + order.RECIPE])
    if not p[r + recipe.IN_PIECES]:
        return s[b + lot.QUANTITY]
    return sources.rounded(s[b + lot.QUANTITY] * q[p[r + recipe.PIECE_MG]])


@inner
def transferred(p: Integers, q: Reals, s: Integers, transporter: int, what: int) -> None:
    """Effect: a transporter has set its lot down, or is charged; or it does something else on its way."""
    t = fleet.now(s, transporter)
    number = s[t + fleet.OF]
    here = fleet.plan(p, number)
    if what == DRIVES_EMPTY:
        _does(p, s, transporter, EMPTY)
        return
    if what in (HAS_LOADED, IS_HOME):
        _does(p, s, transporter, LOADED if what == HAS_LOADED else CHARGING)
        return
    lasts = p[here + fleet.LASTS]
    if what == SET_DOWN and lasts and s[t + fleet.USED] >= lasts:
        home = _way_home(p, q, s, transporter)
        _does(p, s, transporter, EMPTY if home else CHARGING)
        if home:
            schedule(s, home, TRANSFERRED, transporter, NONE, IS_HOME)
        schedule(s, home + p[here + fleet.CHARGE], TRANSFERRED, transporter, NONE, CHARGED)
        return
    if what == CHARGED:
        s[t + fleet.USED] = 0
    s[s[head.TRANSPORTERS_IDLE] + transporter] = 1
    _does(p, s, transporter, IDLE)
    _count_busy(p, s, number)
    look_again(s)
    for each in range(p[head.STORAGES]):
        if s[storage.now(s, each) + storage.QUEUE] != NONE:
            has_place(s, each)


@inner
def _way_home(p: Integers, q: Reals, s: Integers, transporter: int) -> int:
    t = fleet.now(s, transporter)
    start, home = s[t + fleet.PLACE], p[fleet.plan(p, s[t + fleet.OF]) + fleet.HOME]
    if home == NONE:
        return 0
    time = _pass(p, q, s, s[head.NOW], start, home, _drive(p, s[t + fleet.OF], start, home)) - s[head.NOW]
    s[t + fleet.PLACE] = home
    return time
