"""Starts: each free unit, in file order, takes the first waiting lot that can start.

A start claims all that it needs or nothing. A unit leaves a lot to one that the recipe prefers and that is
free to take it now.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, OFF_SHIFT, PRODUCING, STARVED, WAITING_CONTAINER
from twin.engine.program import NO_STORAGE, NONE, PROCESSING
from twin.engine.recorder import NULL
from twin.engine.rules.outcomes import DONE, REWORK
from twin.engine.simpy_engine import (
    broker,
    containers,
    dispatching,
    endings,
    hours,
    people,
    plain,
    shared_units,
    stops,
    work,
)
from twin.engine.simpy_engine.hooks import Reason, Refusal
from twin.engine.simpy_engine.moves import (
    change_stored,
    has_room,
    leave_unit,
    may_leave,
    move_lots,
    show_idle,
    stays,
)
from twin.engine.simpy_engine.state import LotState, State, UnitState


def start_work(state: State) -> None:
    """Start repairs and operations until none can start, or none before physics has answered."""
    passed_over: list[int] = []
    touched = state.touched
    while True:
        if state.repairs:
            stops.start_repairs(state)
        if not touched:
            if state.requests and broker.answer(state):
                continue
            return
        index = min(touched) if len(touched) > 1 else next(iter(touched))
        touched.remove(index)
        unit = state.units[index]
        if unit.lot is not None:
            if not unit.running and _waits_for_people(state, unit):
                work.go(state, unit)
            elif stays(state, unit):
                _go_on(state, unit, unit.lot)
            if index in state.overtime:
                people.hand_over(state, unit)
        elif unit.plain and plain.start(state, unit):
            if state.places:
                move_lots(state)
        elif index in state.lent:
            if not unit.running:
                shared_units.show_waiting(state, unit)
        elif unit.down or not unit.open:
            show_idle(state, unit)
        elif _try_start(state, unit, passed_over) or _own_task(state, unit) != NONE:
            touched.update(passed_over)  # it takes something else than what was left to it
            passed_over.clear()
            if state.just_finished or state.places:
                move_lots(state)


def _go_on(state: State, unit: UnitState, lot: LotState) -> None:
    """Start the next operation of a unit procedure with the lot that kept the unit, or show what it lacks."""
    if unit.down or not unit.open:
        show_idle(state, unit)
        return
    why = None if state.free[lot.operation] else _obstacle(state, unit, lot.operation)
    why = why or _refused(state, unit, lot, state.hooks.refusals[lot.operation])
    short_of = _short_container(state, lot.operation)
    if why is None and short_of != NONE and lot.container == NONE:
        why = WAITING_CONTAINER, state.recorder.cause(state.program.containers[short_of].name)
    if why is None and unit.program.blocking_before:
        why = _no_place(state, unit, lot)
    if why is None:
        leave_unit(state, unit)
        _claim(state, unit, lot)
    else:
        state.set_state(unit, why[0], lot.number, lot.operation, why[1])
        state.short.add(unit.index)


def _waits_for_people(state: State, unit: UnitState) -> bool:
    return (
        unit.finished == NONE
        and not unit.down
        and (unit.open or not unit.suspends)
        and unit not in state.requests
    )


def _try_start(state: State, unit: UnitState, passed_over: list[int]) -> bool:
    """Start the unit's first candidate; where there is none, show why it waits."""
    task = _own_task(state, unit)
    if task != NONE:  # work of the unit's own goes before any lot
        return _start_task(state, unit, task)
    best: LotState | None = None
    best_preference = 0
    why: Reason | None = None
    for number in unit.program.operations:
        if not state.lines[number].lots:
            continue
        lot, reason = _candidate(state, unit, number)
        why = why or reason
        if lot is None:
            continue
        served_by = state.operations[number].units
        preference = 0 if served_by[0] == unit.index else served_by.index(unit.index)
        if preference and _preferred_is_free(state, number, preference):
            passed_over.append(unit.index)
        elif best is None or dispatching.goes_before(state, unit, lot, preference, best, best_preference):
            best, best_preference = lot, preference
    if best is None:
        for idle in state.hooks.idles[unit.index]:
            if idle(state, unit):
                return _try_start(state, unit, passed_over)
        _wait(state, unit, why)
        return False
    for before in state.hooks.before[unit.index]:
        if before(state, unit, best):
            return _try_start(state, unit, passed_over)
    _begin(state, unit, best)
    return True


def _own_task(state: State, unit: UnitState) -> int:
    """The first task that a unit has to do for itself, or none."""
    return next((number for number in unit.program.tasks if state.lines[number].lots), NONE)


def _start_task(state: State, unit: UnitState, number: int) -> bool:
    job, why = _candidate(state, unit, number)
    if job is None:
        _wait(state, unit, why)
        return False
    _begin(state, unit, job)
    return True


def _candidate(state: State, unit: UnitState, number: int) -> tuple[LotState | None, Reason | None]:
    """The first waiting lot of an operation that the unit can start, or what keeps it from starting any."""
    reason = None if state.free[number] else _obstacle(state, unit, number)
    if reason is not None:
        return None, reason
    short_of = _short_container(state, number)
    lot, reason = _first(state, unit, number, short_of)
    if lot is None and short_of != NONE:
        return None, (WAITING_CONTAINER, state.recorder.cause(state.program.containers[short_of].name))
    if lot is not None and unit.program.blocking_before:
        reason = _no_place(state, unit, lot)
    return (lot, None) if reason is None else (None, reason)


def _short_container(state: State, number: int) -> int:
    """The kind of container of which a lot would need a clean one, and there is none."""
    kind = state.operations[number].take
    return kind if kind != NONE and not state.clean[kind] else NONE


def _first(
    state: State, unit: UnitState, number: int, short_of: int
) -> tuple[LotState | None, Reason | None]:
    """The first lot that can be fetched and that no rule refuses, or why the first one is refused.

    Where containers are short, a lot that has one already.
    """
    if short_of != NONE and not state.lines[number].carrying:
        return None, None  # all would have to take one
    refusals = state.hooks.refusals[number]
    why: Reason | None = None
    for lot in dispatching.in_turn(state, unit, number):
        if (lot.holder is None or may_leave(lot.holder)) and (short_of == NONE or lot.container != NONE):
            reason = _refused(state, unit, lot, refusals) if refusals else None
            if reason is None:
                return lot, None
            why = why or reason
    return None, why


def _refused(state: State, unit: UnitState, lot: LotState, refusals: list[Refusal]) -> Reason | None:
    for refusal in refusals:
        reason = refusal(state, unit, lot)
        if reason is not None:
            return reason
    return None


def _wait(state: State, unit: UnitState, why: Reason | None) -> None:
    if why is None:
        state.set_state(unit, STARVED)
        return
    state.set_state(unit, why[0], cause=why[1])
    if why[0] != OFF_SHIFT:
        state.short.add(unit.index)


def _obstacle(state: State, unit: UnitState, number: int) -> Reason | None:
    """What keeps the unit from starting any lot of an operation now: a state and its cause."""
    operation = state.operations[number]
    program = state.program
    nominal = operation.nominal_on.get(unit.index, operation.nominal)
    calendar = unit.program.calendar
    if calendar != NONE and not hours.fits(program, calendar, state.now, nominal):
        return OFF_SHIFT, state.recorder.cause("closing")
    required = state.required[number][0]
    if required:
        demand = people.lacking(state, required, nominal=nominal)
        if demand != people.ENOUGH:
            return people.waiting_for(state, demand)
    for obstacle in state.hooks.obstacles[number]:
        reason = obstacle(state, unit, number)
        if reason is not None:
            return reason
    return None


def _no_place(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    storage = _storage_after(state, lot)
    if storage == NONE:
        return None
    if has_room(state, storage):
        return None
    return BLOCKED, state.recorder.cause(state.program.storages[storage].name)


def _storage_after(state: State, lot: LotState) -> int:
    """The storage that the lot will wait in after its operation; none where it needs no place."""
    operation = state.operations[lot.operation]
    outcome = (
        endings.decide(state, lot, operation, lot.visit) if operation.scrap or operation.rework else DONE
    )
    following = {DONE: operation.next, REWORK: operation.rework_to}.get(outcome, NONE)
    if following == NONE:
        return NONE
    procedure = state.operations[following].procedure
    if procedure != NONE and procedure == operation.procedure:
        return NONE  # the lot keeps its unit
    return state.operations[following].storage


def _preferred_is_free(state: State, number: int, preference: int) -> bool:
    for index in state.operations[number].units[:preference]:
        other = state.units[index]
        free = other.lot is None and other.open and not other.down and index not in state.lent
        free = free and _own_task(state, other) == NONE
        if free and _candidate(state, other, number)[0] is not None:
            return True
    return False


def _begin(state: State, unit: UnitState, lot: LotState) -> None:
    """Fetch the lot and begin its operation."""
    fetch(state, lot)
    _claim(state, unit, lot)


def _claim(state: State, unit: UnitState, lot: LotState) -> None:
    """Claim all that the lot's operation needs, and begin its first stretch."""
    number = lot.operation
    operation = state.operations[number]
    unit.lot = lot
    unit.operation = number
    unit.visit = 0 if lot.visits is None else lot.visit
    unit.started = state.now
    unit.at_task = number in unit.program.tasks
    if not unit.at_task and lot not in state.cleaned_again:
        state.last_start = state.now
    unit.finished = NONE
    keep_place(state, unit, lot)
    if operation.take != NONE and lot.container == NONE:
        containers.take(state, lot, operation.take)
    required = state.required[number][0]
    if required:
        people.hold(state, unit, required, operation.nominal_on.get(unit.index, operation.nominal))
    for claim in state.hooks.claims[number]:
        claim(state, unit, lot)
        lot = unit.lot  # parts have become one
    travel = 0
    if state.travel is not None and lot.place != NONE:
        travel = state.travel[lot.place][unit.index]
    work.prepare(state, unit, travel)
    if operation.physics is not None and unit.phase == PROCESSING:
        state.set_state(unit, PRODUCING, lot.number if lot.number >= 0 else NULL, number)
    else:
        work.go(state, unit)


def keep_place(state: State, unit: UnitState, lot: LotState) -> None:
    """Reserve the lot's next place, where the unit does not start without one."""
    if unit.program.blocking_before:
        storage = _storage_after(state, lot)
        if storage != NONE:
            state.kept[storage] += 1
            unit.reserved = storage


def fetch(state: State, lot: LotState) -> None:
    """Take the lot out of its line, and off the unit or out of the storage where it waits."""
    state.lines[lot.operation].leave(lot)
    lot.loses_patience = False
    if lot.stored != NONE:
        storage, lot.stored = lot.stored, NONE
        change_stored(state, storage, -1)
        if storage in state.hooks.takers:
            state.hooks.takers[storage](state, storage, lot)
        return
    storage = state.operations[lot.operation].storage
    if storage not in (NONE, NO_STORAGE):
        state.queues[storage].remove(lot)
    if lot.holder is not None:
        leave_unit(state, lot.holder)
