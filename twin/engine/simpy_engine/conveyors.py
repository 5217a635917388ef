"""Conveyors: storages that carry lots one behind the other from their start to their end.

Only the first lot of a belt is on the agenda: the time at which it comes to the end. A lot is taken off the
end only. On an accumulating belt the others close up; otherwise the belt stands still until it is taken.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, CARRIED, STARVED
from twin.engine.program import NONE, Conveyor
from twin.engine.recorder import NULL
from twin.engine.rules.conveyors import after_taking, may_enter
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import arrives
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState

LONG_AGO = -(2**62)
ARRIVAL, ENTRANCE = 0, 1


class Belt:
    """A conveyor at run time; times in ns."""

    __slots__ = ("arrived", "dues", "last_entered", "lots")

    def __init__(self) -> None:
        self.lots: list[int] = []  # on the belt, the first in front
        self.dues: list[int] = []  # when each comes to the end if nothing stands in its way
        self.arrived = False  # whether the first is at the end
        self.last_entered = LONG_AGO


def install(state: State) -> None:
    """Make a belt of each storage that is a conveyor."""
    belts = {n: Belt() for n, storage in enumerate(state.program.storages) if storage.conveyor is not None}
    if not belts:
        return
    state.rules["conveyors"] = belts
    state.hooks.effects[CARRIED] = _carried
    for number in belts:
        state.hooks.gates[number].append(_gate)
        state.hooks.carriers[number] = _enter
        state.hooks.takers[number] = _taken
    for number, operation in enumerate(state.operations):
        if operation.storage in belts:
            state.hooks.refusals[number].append(_not_on_the_belt)


def _belt(state: State, storage: int) -> tuple[Belt, Conveyor]:
    belts, conveyor = state.rules["conveyors"], state.program.storages[storage].conveyor
    assert isinstance(belts, dict)
    assert conveyor is not None
    belt = belts[storage]
    assert isinstance(belt, Belt)
    return belt, conveyor


def _gate(state: State, storage: int, lot: LotState) -> Reason | None:
    """A lot enters where the one before it has gone on, and where the belt moves."""
    belt, conveyor = _belt(state, storage)
    stands = belt.arrived and not conveyor.accumulating
    if not stands and may_enter(state.now, belt.last_entered, conveyor.pitch):
        return None
    if not stands:
        wait = belt.last_entered + conveyor.pitch - state.now
        schedule(state, wait, (CARRIED, storage, ENTRANCE, 0))
    return BLOCKED, state.recorder.cause(state.program.storages[storage].name)


def _not_on_the_belt(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """A lot is taken off the end of the belt, not past it."""
    return (STARVED, NULL) if lot.stored == NONE else None


def _enter(state: State, storage: int, lot: LotState) -> None:
    belt, conveyor = _belt(state, storage)
    belt.lots.append(lot.number)
    belt.dues.append(state.now + conveyor.carries)
    belt.last_entered = state.now
    lot.place = NONE  # from the end of the belt nobody needs to carry it
    if len(belt.lots) == 1:
        _look_forward(state, storage, belt)


def _look_forward(state: State, storage: int, belt: Belt) -> None:
    """Have the first lot come to the end."""
    state.in_hand += 1
    schedule(state, belt.dues[0] - state.now, (CARRIED, storage, ARRIVAL, 0))


def _carried(state: State, entry: Entry) -> None:
    """Effect: the first lot has come to the end, or the entrance is free again."""
    _, storage, what, _ = entry
    belt, _ = _belt(state, storage)
    if what == ENTRANCE:
        state.places.add(storage)
        return
    state.in_hand -= 1
    belt.arrived = True
    arrives(state, belt.lots[0])


def _taken(state: State, storage: int, lot: LotState) -> None:
    """The first lot is gone: the next one comes."""
    belt, conveyor = _belt(state, storage)
    stood = state.now - belt.dues[0]
    del belt.lots[0], belt.dues[0]
    belt.arrived = False
    belt.dues = after_taking(belt.dues, state.now, stood, conveyor.pitch, conveyor.accumulating)
    if not conveyor.accumulating:
        belt.last_entered += stood
        if state.queues[storage]:
            state.places.add(storage)
    if belt.lots:
        _look_forward(state, storage, belt)
