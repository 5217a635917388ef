"""Situations: a run begins with lots inside and units at work or down, as a state file says.

Called once by `instant.prepare`, when all rules are installed and nothing has moved. Lots come in the order
of the file, by the functions by which rules move them, so that every rule knows of them; what only one rule
knows is put right by a function of that rule.
"""

from __future__ import annotations

from twin.engine.program import NONE, PROCESSING
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine import (
    broker,
    containers,
    hold_times,
    laboratory,
    loops,
    materials,
    moves,
    order_desk,
    people,
    releases,
    starts,
    stops,
    tanks,
    together,
    upkeep,
    work,
)
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.situation import Situation, Standing


def begin(state: State, situation: Situation) -> None:
    """Put everything where the situation says."""
    for standing in situation.upkeep:
        upkeep.stands(state, standing)
    for number, age in situation.ages:
        materials.has_aged(state, number, age)
    for number, held in situation.held:
        tanks.has_held(state, number, held)
    for machine, mode, time in situation.down:
        stops.is_down(state, state.machines[machine], mode, time)
    for lot in situation.lots:
        _enter(state, lot)
    for unit, task, remaining in situation.doing:
        _do(state, state.units[unit], task, remaining)
    for storage in sorted(state.places):  # before lots that still stand on units want a place there
        moves.fill(state, storage)
    if situation.lots:
        moves.count_work_in_process(state, len(situation.lots))
    for kind, count, time in situation.dirty:
        for _ in range(count):
            containers.is_dirty(state, kind, time)
    for kind, time in situation.clean_for:
        containers.have_stood_clean(state, kind, time)


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
    loops.is_inside(state, lot, standing.in_work)
    if standing.container != NONE:
        containers.take(state, lot, standing.container)
    if standing.in_work:
        _in_work(state, state.units[standing.unit], lot, standing)
    elif standing.unit != NONE:
        _on_unit(state, state.units[standing.unit], lot)
    else:
        releases.come(state, lot, standing.waited)
    hold_times.has_waited(state, lot, standing.waited, dict(standing.ended))
    for inquiry, unit, time in standing.samples:
        job = laboratory.ask(state, inquiry, lot, waited=time if unit == NONE else 0)
        if unit != NONE:
            state.lines[job.operation].leave(job)
            _put_to_work(state, state.units[unit], job, PROCESSING, time)


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
    for waits in state.hooks.waits[lot.operation]:
        waits(state, lot)
    if unit.lot is not None:
        together.joins(state, unit, lot)
        return
    _put_to_work(
        state,
        unit,
        lot,
        PROCESSING + standing.phase,
        standing.remaining,
        standing.passed,
        standing.starting_up,
    )


def _do(state: State, unit: UnitState, task: int, remaining: int) -> None:
    """A unit cleans or maintains itself, or cleans a container."""
    kind = state.operations[task].cleans
    job = moves.add_job(state, task, unit.index) if kind == NONE else containers.is_dirty(state, kind, 0)
    state.lines[task].leave(job)
    _put_to_work(state, unit, job, PROCESSING, remaining)


def _put_to_work(
    state: State,
    unit: UnitState,
    lot: LotState,
    phase: int,
    remaining: int,
    passed: tuple[int, ...] = (),
    starting_up: tuple[int, ...] = (),
) -> None:
    """A unit is at a lot or job, in this stretch and so long yet; on a flow section so much has passed."""
    number = lot.operation
    unit.lot, unit.operation, unit.visit = lot, number, 0
    unit.started, unit.finished = state.now, NONE
    unit.at_task = number in unit.program.tasks
    if lot.number >= 0:
        starts.keep_place(state, unit, lot)
    together.begins(state, unit)
    for claim in state.hooks.claims[number]:
        claim(state, unit, lot)
    work.prepare(state, unit, 0)
    broker.answer_now(state)
    unit.phase, unit.remaining = phase, remaining
    tanks.is_amid(state, unit)
    if unit.section is not None and passed:
        unit.section.begin_amid(state, passed, starting_up)
    if unit.down or (unit.suspends and not unit.open):
        people.hold(state, unit, ())
        stops.show_stopped(state, unit)
    else:
        work.go(state, unit)
