"""Situations: a run begins with lots inside and units at work or down, as a state file says.

Called once by `instant.prepare`, when all rules are installed and nothing has moved. Lots come in the order
of the file, by the functions by which rules move them, so that every rule knows of them.
"""

from __future__ import annotations

from twin.engine.program import NONE, PROCESSING
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine import (
    broker,
    containers,
    hold_times,
    moves,
    order_desk,
    people,
    releases,
    starts,
    stops,
    work,
)
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.situation import Situation, Standing


def begin(state: State, situation: Situation) -> None:
    """Put everything where the situation says."""
    for unit, mode, time in situation.down:
        stops.is_down(state, state.units[unit], mode, time)
    for standing in situation.lots:
        _enter(state, standing)
    for storage in sorted(state.places):  # before lots that still stand on units want a place there
        moves.fill(state, storage)
    if situation.lots:
        moves.count_work_in_process(state, len(situation.lots))
    for kind, count in situation.dirty:
        for _ in range(count):
            containers.is_dirty(state, kind)


def _enter(state: State, standing: Standing) -> None:
    lot = LotState(
        state.lots_released, standing.order, standing.priority, standing.operation, standing.quantity
    )
    state.lots_released += 1
    state.recorder.orders.append(standing.order)
    lot.due = standing.due
    if state.program.orders[standing.order].due is not None or standing.due != NEVER:
        state.recorder.due[lot.number] = standing.due
    order_desk.is_inside(state, lot)
    if standing.container != NONE:
        containers.take(state, lot, standing.container)
    if standing.in_work:
        _in_work(state, state.units[standing.unit], lot, standing)
    elif standing.unit != NONE:
        _on_unit(state, state.units[standing.unit], lot)
    else:
        releases.come(state, lot, standing.waited)
    if not standing.in_work and standing.waited:
        hold_times.has_waited(state, lot, standing.waited)


def _on_unit(state: State, unit: UnitState, lot: LotState) -> None:
    """The lot stands on a unit that is done with it."""
    before = state.operations[lot.operation]
    number = next(
        n for n, o in enumerate(state.operations) if o.next == lot.operation and o.recipe == before.recipe
    )
    unit.lot, unit.operation, unit.visit = lot, number, 0
    unit.started = unit.finished = state.now
    unit.outcome, unit.scrapped = DONE, 0
    unit.waste = unit.stops = 0
    unit.physics = None
    lot.place = unit.index
    for waits in state.hooks.waits[lot.operation]:
        waits(state, lot)
    state.just_finished.append(unit)


def _in_work(state: State, unit: UnitState, lot: LotState, standing: Standing) -> None:
    """The lot is in work: all that its operation claims is claimed, and so much is left of its phase."""
    number = lot.operation
    for waits in state.hooks.waits[number]:
        waits(state, lot)
    unit.lot, unit.operation, unit.visit = lot, number, 0
    unit.started, unit.finished, unit.at_task = state.now, NONE, False
    starts.keep_place(state, unit, lot)
    for claim in state.hooks.claims[number]:
        claim(state, unit, lot)
    work.prepare(state, unit, 0)
    broker.compute(state)
    unit.phase = PROCESSING + standing.phase
    unit.remaining = standing.remaining
    if unit.down or (unit.suspends and not unit.open):
        people.hold(state, unit, ())
        stops.show_stopped(state, unit)
    else:
        work.go(state, unit)
