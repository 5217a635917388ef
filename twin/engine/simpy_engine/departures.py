"""Departures: a lot that must not wait any longer is sent out or back from wherever it stands.

Rules of quality call these; a lot in work is not touched here, its outcome is decided when the work is done.
"""

from __future__ import annotations

from twin.engine.program import NO_STORAGE, NONE
from twin.engine.recorder import NULL
from twin.engine.rules.outcomes import REWORK
from twin.engine.simpy_engine import containers, endings, people, releases
from twin.engine.simpy_engine.moves import change_stored, count_work_in_process, stays
from twin.engine.simpy_engine.state import LotState, State, UnitState

IN_LINE, ON_UNIT, ON_ITS_WAY, IN_WORK = range(4)


def whereabouts(state: State, lot: LotState) -> int:
    """Whether a lot waits in a line, stands finished on a unit, moves to a storage or is in work."""
    if lot.number in state.moving:
        return ON_ITS_WAY
    unit = _carrier(state, lot)
    if unit is not None:
        return IN_WORK if unit.finished == NONE else ON_UNIT
    return IN_LINE if lot in state.lines[lot.operation].lots else IN_WORK


def _carrier(state: State, lot: LotState) -> UnitState | None:
    return next((unit for unit in state.units if unit.lot is lot), None)


def send_away(state: State, lot: LotState, outcome: int, to: int, cause: int, exceeded: int = NONE) -> None:
    """End the waiting of a lot in a line or finished on a unit: back to operation `to`, or out for good.

    `exceeded` is the time in ns by which a hold time is passed, none where there is none.
    """
    for withdraws in state.hooks.withdraws[lot.operation]:
        withdraws(state, lot)
    state.touched.update(state.operations[lot.operation].units)
    unit = _carrier(state, lot)
    if unit is not None:
        _from_unit(state, unit, lot, outcome, to)
        state.recorder.remark(unit.index, cause, exceeded)
    else:
        _from_line(state, lot, outcome, to, cause, exceeded)


def _from_unit(state: State, unit: UnitState, lot: LotState, outcome: int, to: int) -> None:
    """The visit that has ended gets another outcome, and the lot leaves as soon as it may."""
    if stays(state, unit):  # between the operations of a unit procedure, in no line
        lot.holder = None
    elif lot.holder is not None:
        state.lines[lot.operation].leave(lot)
        storage = state.operations[lot.operation].storage
        if storage not in (NONE, NO_STORAGE):
            state.queues[storage].remove(lot)
        lot.holder = None
    if unit.reserved != NONE:
        state.kept[unit.reserved] -= 1
        state.places.add(unit.reserved)
        people.look_again(state)
        unit.reserved = NONE
    unit.outcome = outcome
    if outcome == REWORK:
        unit.rework_to = to
    else:
        unit.scrapped = lot.quantity
    endings.route(state, unit, lot, state.operations[unit.operation])
    if outcome == REWORK:
        for waits in state.hooks.waits[to]:
            waits(state, lot)
    state.just_finished.append(unit)


def _from_line(state: State, lot: LotState, outcome: int, to: int, cause: int, exceeded: int) -> None:
    state.lines[lot.operation].leave(lot)
    storage = state.operations[lot.operation].storage
    if lot.stored != NONE:
        storage, lot.stored = lot.stored, NONE
        change_stored(state, storage, -1)
    elif storage not in (NONE, NO_STORAGE):
        state.queues[storage].remove(lot)
    lot.loses_patience = False
    state.recorder.remark(NULL, cause, exceeded)
    scrapped = 0 if outcome == REWORK else lot.quantity
    releases.write_waiting(state, lot, outcome, state.now, scrapped)
    if outcome == REWORK:
        endings.send_back(lot, lot.operation, to)
        releases.come(state, lot)
        return
    if lot.container != NONE:
        containers.give_back(state, lot, dirty=True)
    count_work_in_process(state, -1)
    for exits in state.hooks.exits:
        exits(state, lot)
