"""Transport by transporters and through airlocks: a lot moves when one is free, as fast as the locks let it.

Without fleets lots move by hand, any number at once, and only the locks hold them up. Locks are given in the
order in which moves begin.
"""

from __future__ import annotations

from twin.engine.codes import COMPLETED, TRANSFERRED, WAITING_TRANSPORT
from twin.engine.program import NONE, Fleet, Program
from twin.engine.recorder import NULL
from twin.engine.rules.transport import NOBODY, drive_through, nearest, trips
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

SET_DOWN, CHARGED, DRIVES_EMPTY, HAS_LOADED, IS_HOME = range(5)
IDLE, EMPTY, LOADED, CHARGING = range(4)  # what a transporter does
SHOWN = ("busy", "empty", "loaded", "charging")  # levels: those at work, and what they do


class Movers:
    """The transporters and the locks at run time."""

    __slots__ = ("does", "fleet", "free_from", "idle", "locks_first", "locks_take", "place", "travel", "used")

    def __init__(self, program: Program) -> None:
        by_hand = [] if program.fleets else [program.travel.tolist()]
        self.travel: list[list[list[int]]] = [f.travel.tolist() for f in program.fleets] or by_hand
        self.fleet = [f for f, fleet in enumerate(program.fleets) for _ in range(fleet.count)]
        self.idle = [True] * len(self.fleet)
        self.does = [IDLE] * len(self.fleet)
        self.place = [program.fleets[f].home for f in self.fleet]
        self.used = [0] * len(self.fleet)  # ns of the battery
        self.locks_take = [lock.takes for lock in program.airlocks]
        self.locks_first = [0]
        for lock in program.airlocks:
            self.locks_first.append(self.locks_first[-1] + lock.capacity)
        self.free_from = [0] * self.locks_first[-1]


def install(state: State) -> None:
    """Concern every move, where there are fleets or locks."""
    program = state.program
    if not program.fleets and not (program.airlocks and program.travel.any()):
        return
    state.rules["transport"] = Movers(program)
    state.hooks.effects[TRANSFERRED] = _free_again
    for number in range(len(program.operations)):
        state.hooks.refusals[number].append(_no_transporter)
        state.hooks.prepares[number].append(_fetch)
    for number, storage in enumerate(program.storages):
        if storage.conveyor is None:
            state.hooks.gates[number].append(_no_transporter_to)
            state.hooks.carriers[number] = _bring
    for number, fleet in enumerate(program.fleets):
        entity = state.recorder.entity(f"transport/{fleet.name}/count")
        state.recorder.levels.append((entity, 0, fleet.count))
        _count(state, number)


def _movers(state: State) -> Movers:
    movers = state.rules["transport"]
    assert isinstance(movers, Movers)
    return movers


def _count(state: State, fleet: int, shown: tuple[str, ...] = SHOWN) -> None:
    movers, recorder = _movers(state), state.recorder
    mine = [number for number, of in enumerate(movers.fleet) if of == fleet]
    for what in shown:
        doing = SHOWN.index(what)
        if doing == IDLE:
            count = sum(not movers.idle[number] for number in mine)
        else:
            count = sum(movers.does[number] == doing for number in mine)
        entity = recorder.entity(f"transport/{state.program.fleets[fleet].name}/{what}")
        recorder.levels.append((entity, state.now, count))


def _does(state: State, number: int, doing: int) -> None:
    """A transporter does something else from now on."""
    movers = _movers(state)
    before, movers.does[number] = movers.does[number], doing
    if before != doing:
        _count(state, movers.fleet[number], tuple(SHOWN[what] for what in (before, doing) if what != IDLE))


def _drive(state: State, fleet: int, start: int, end: int) -> int:
    """Time between two places without locks; 0 where one is unknown."""
    if start == NONE or end == NONE:
        return 0
    return _movers(state).travel[fleet][start][end]


def _has_way(state: State, start: int, end: int) -> bool:
    return start != end and _drive(state, 0, start, end) > 0


def _lacks(state: State, start: int, end: int) -> Reason | None:
    if True in _movers(state).idle or not state.program.fleets or not _has_way(state, start, end):
        return None
    return WAITING_TRANSPORT, state.recorder.cause(state.program.fleets[0].name)


def _no_transporter(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    return _lacks(state, lot.place, unit.index)


def _no_transporter_to(state: State, storage: int, lot: LotState) -> Reason | None:
    return _lacks(state, lot.place, len(state.units) + storage)


def _fetch(state: State, unit: UnitState, lot: LotState) -> None:
    """A unit has claimed a lot: it is brought in the first phase of the visit."""
    if _has_way(state, lot.place, unit.index):
        unit.durations[0] = _move(state, lot, unit.index)


def _bring(state: State, storage: int, lot: LotState) -> None:
    """A lot has a place in a storage: it is brought there."""
    destination = len(state.units) + storage
    delay = _move(state, lot, destination) if _has_way(state, lot.place, destination) else 0
    lot.place = destination
    state.in_hand += 1
    schedule(state, delay, (COMPLETED, destination, lot.number, 0))


def _move(state: State, lot: LotState, end: int) -> int:
    """Send a transporter for a lot; returns the time in ns until the lot is set down at its end."""
    movers, now = _movers(state), state.now
    if not state.program.fleets:
        return _pass(state, now, lot.place, end, _drive(state, 0, lot.place, end)) - now
    approaches = [
        _drive(state, f, place, lot.place) for f, place in zip(movers.fleet, movers.place, strict=True)
    ]
    number = nearest(movers.idle, approaches)
    assert number != NOBODY
    fleet = state.program.fleets[movers.fleet[number]]
    time = _pass(state, now, movers.place[number], lot.place, approaches[number])
    drive = _drive(state, movers.fleet[number], lot.place, end)
    legs = [(now, time)]  # on which it is empty
    for left in reversed(range(trips(_weight(state, lot), fleet.capacity))):
        time = _pass(state, time + fleet.load, lot.place, end, drive) + fleet.unload
        if left:
            began, time = time, _pass(state, time, end, lot.place, drive)
            legs.append((began, time))
    _tell(state, number, legs)
    movers.idle[number] = False
    movers.place[number] = end
    movers.used[number] += time - now
    _count(state, movers.fleet[number], ("busy",))
    schedule(state, time - now, (TRANSFERRED, number, NULL, SET_DOWN))
    return time - now


def _tell(state: State, number: int, legs: list[tuple[int, int]]) -> None:
    """Say when the transporter is empty on its way for a lot, and loaded; the first leg begins now."""
    began, ended = legs[0]
    _does(state, number, EMPTY if ended > began else LOADED)
    if ended > began:
        schedule(state, ended - state.now, (TRANSFERRED, number, NULL, HAS_LOADED))
    for began, ended in legs[1:]:
        if ended > began:
            schedule(state, began - state.now, (TRANSFERRED, number, NULL, DRIVES_EMPTY))
            schedule(state, ended - state.now, (TRANSFERRED, number, NULL, HAS_LOADED))


def _pass(state: State, departs: int, start: int, end: int, drive: int) -> int:
    """When a way is over, the locks on it taken one after the other."""
    passings = state.program.passings.get((start, end))
    if not passings:
        return departs + drive
    movers = _movers(state)
    shares, locks = [share for share, _ in passings], [lock for _, lock in passings]
    return drive_through(
        departs, drive, shares, locks, movers.locks_take, movers.locks_first, movers.free_from
    )


def _weight(state: State, lot: LotState) -> int:
    """Mass in mg; 0 for pieces of unknown mass and for empty containers, which take one trip."""
    if lot.number < 0:
        return 0
    recipe = state.program.recipes[state.program.orders[lot.order].recipe]
    return lot.quantity if recipe.unit_of_quantity == "mg" else round(lot.quantity * recipe.piece_mg)


def _free_again(state: State, entry: Entry) -> None:
    """Effect: a transporter has set its lot down, or is charged; or it does something else on its way."""
    _, number, _, what = entry
    movers = _movers(state)
    fleet = state.program.fleets[movers.fleet[number]]
    if what in _ON_ITS_WAY:
        _does(state, number, _ON_ITS_WAY[what])
        return
    if what == SET_DOWN and fleet.lasts and movers.used[number] >= fleet.lasts:
        home = _way_home(state, fleet, number)
        _does(state, number, EMPTY if home else CHARGING)
        if home:
            schedule(state, home, (TRANSFERRED, number, NULL, IS_HOME))
        schedule(state, home + fleet.charge, (TRANSFERRED, number, NULL, CHARGED))
        return
    if what == CHARGED:
        movers.used[number] = 0
    movers.idle[number] = True
    _does(state, number, IDLE)
    _count(state, movers.fleet[number], ("busy",))
    look_again(state)
    state.places.update(n for n, queue in enumerate(state.queues) if queue)


_ON_ITS_WAY = {DRIVES_EMPTY: EMPTY, HAS_LOADED: LOADED, IS_HOME: CHARGING}


def _way_home(state: State, fleet: Fleet, number: int) -> int:
    movers = _movers(state)
    if fleet.home == NONE:
        return 0
    drive = _drive(state, movers.fleet[number], movers.place[number], fleet.home)
    time = _pass(state, state.now, movers.place[number], fleet.home, drive) - state.now
    movers.place[number] = fleet.home
    return time
