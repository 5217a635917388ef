"""Work in hand: a visit goes through transport, set-up, start-up, loading, processing and unloading.

Processing is one stretch, or one for each phase of the operation. A stretch that is halted keeps the time it
still needs. Physics is asked once, when the work starts; `repeat` asks again, or does the phase in hand anew.
"""

from __future__ import annotations

from twin.engine.codes import (
    COMPLETED,
    FAILS,
    LOADING,
    PRODUCING,
    SETTING_UP,
    STARTING_UP,
    UNLOADING,
    WAITING_TRANSPORT,
    WAITING_UNIT,
)
from twin.engine.program import (
    LOAD,
    NONE,
    PROCESSING,
    REPEAT,
    SCRAP,
    SETUP,
    START_UP,
    Operation,
    Source,
)
from twin.engine.recorder import NULL
from twin.engine.rules.failures import exposure_after, time_to_failure
from twin.engine.rules.speeds import processing_time
from twin.engine.simpy_engine import endings, moves, people, shared_units
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.state import Entry, LotState, Required, State, UnitState

READYING = (WAITING_TRANSPORT, SETTING_UP, STARTING_UP, LOADING)  # states of the stretches before processing


def go(state: State, unit: UnitState) -> None:
    """Start or go on with the phase in hand; where its people are not there, the unit waits for them."""
    lot = unit.lot
    assert lot is not None
    required = state.required[unit.operation][unit.phase]
    if state.hooks.lacks[unit.operation] and _lacks(state, unit, lot, required):
        return
    if (required is not unit.held or unit.uses) and not _has_all(state, unit, lot, required):
        return
    _show(state, unit, lot)
    unit.running = True
    unit.phase_began = now = state.now
    unit.phase_ends = now + unit.remaining
    unit.version += 1
    state.in_hand += 1
    if unit.uses:
        shared_units.work_for(state, unit)
    for runs in state.hooks.runs[unit.operation]:
        runs(state, unit)
    if unit.section is not None and unit.processes and not unit.at_task:
        unit.section.go(state)
        return
    schedule_end(state, unit, unit.remaining)


def schedule_end(state: State, unit: UnitState, time: int) -> None:
    """Have the stretch in hand end after `time` ns, or the unit fail before."""
    lot = unit.lot
    assert lot is not None
    if unit.running_clocks and unit.processes and not unit.at_task:
        soonest, mode = time + 1, NONE
        for clock in unit.running_clocks:
            until = time_to_failure(clock.exposure, clock.rate)
            if until < soonest:
                soonest, mode = until, unit.clocks.index(clock)
        if mode != NONE:
            schedule(state, soonest, (FAILS, unit.index, unit.version, mode))
        if soonest < time:
            return  # at the same instant, the work is finished and then the unit fails
    schedule(state, time, (COMPLETED, unit.index, lot.number, unit.version))


def _show(state: State, unit: UnitState, lot: LotState) -> None:
    """The state of a unit that works: of the stretch in hand; the cause of production is its phase."""
    operation = state.operations[unit.operation]
    cause = NULL if lot.number >= 0 else state.causes[unit.operation]
    if unit.phase < PROCESSING:
        shown = READYING[unit.phase]
    elif not unit.processes:
        shown = UNLOADING
    elif lot.number < 0:
        shown = operation.shows
    else:
        shown = PRODUCING
        if operation.phases:
            cause = state.recorder.cause(operation.phases[unit.phase - PROCESSING].name)
    state.set_state(unit, shown, max(lot.number, NULL), unit.operation, cause)


def _lacks(state: State, unit: UnitState, lot: LotState, required: Required) -> bool:
    """Whether a rule keeps the unit from the stretch in hand; then show what it waits for."""
    reason = next((r for lacks in state.hooks.lacks[unit.operation] if (r := lacks(state, unit))), None)
    if reason is None:
        return False
    people.release_beyond(state, unit, required)
    state.set_state(unit, reason[0], max(lot.number, NULL), unit.operation, reason[1])
    state.short.add(unit.index)
    return True


def _has_all(state: State, unit: UnitState, lot: LotState, required: Required) -> bool:
    """Claim what a phase needs, and let go what it does not; or show what the unit waits for."""
    reason: Reason | None = None
    if required is not unit.held:
        people.release_beyond(state, unit, required)
        demand = people.lacking(state, required, unit.held)
        if demand == people.ENOUGH:
            people.hold(state, unit, required)
        else:
            reason = people.waiting_for(state, demand)
    index = shared_units.hindrance(state, unit) if reason is None else NONE
    if index != NONE:
        reason = WAITING_UNIT, state.recorder.cause(state.units[index].program.name)
    if reason is None:
        return True
    state.set_state(unit, reason[0], max(lot.number, NULL), unit.operation, reason[1])
    state.short.add(unit.index)
    return False


def halt(state: State, unit: UnitState) -> None:
    """Stop the phase in hand; it keeps the time it still needs."""
    if unit.section is not None and unit is not unit.section.unit:
        unit.section.catch_up(state)
        unit.running = False
        return
    if not unit.running:
        return
    unit.running = False
    unit.version += 1
    unit.remaining = unit.phase_ends - state.now
    if unit.section is not None and unit.section.running:
        unit.section.halt(state)
    state.in_hand -= 1
    if unit.uses:
        shared_units.stand_still(state, unit.uses, done=False)
    wear(state, unit)
    for halts in state.hooks.halts[unit.operation]:
        halts(state, unit)


def wear(state: State, unit: UnitState) -> None:
    """Count the producing time of the stretch on the running clocks; a task of the unit's own is none."""
    if unit.processes and not unit.at_task:
        produced = state.now - unit.phase_began
        unit.produced += produced
        for clock in unit.running_clocks:
            clock.exposure = exposure_after(clock.exposure, clock.rate, produced)


def completed(state: State, entry: Entry) -> None:
    """Effect: a phase is done, or a lot has come to a storage."""
    _, place, number, version = entry
    if place >= len(state.units):
        moves.arrive(state, number)
        return
    unit = state.units[place]
    if unit.version != version or not unit.running:
        return
    if unit.section is not None and unit.section.running and not unit.section.step(state):
        return
    unit.running = False
    state.in_hand -= 1
    if unit.uses:
        shared_units.stand_still(state, unit.uses, done=True)
    wear(state, unit)
    for halts in state.hooks.halts[unit.operation]:
        halts(state, unit)
    if unit.phase == unit.last:
        finish(state, unit)
    else:
        next_phase(state, unit)
        go(state, unit)


def next_phase(state: State, unit: UnitState) -> None:
    """Go to the next stretch that takes time; processing and the last stretch always come."""
    unit.phase += 1
    while unit.phase not in (PROCESSING, unit.last) and not unit.durations[unit.phase]:
        unit.phase += 1
    unit.remaining = unit.durations[unit.phase]


def finish(state: State, unit: UnitState) -> None:
    """The work is done: give back the people, and decide what becomes of the lot."""
    lot = unit.lot
    assert lot is not None
    if unit.held:
        people.hold(state, unit, ())
    if lot.number < 0:
        lot.place = unit.index
        if unit.at_task:
            state.longest_task = max(state.longest_task, state.now - unit.started)
        number, unit.lot, unit.operation, unit.at_task = unit.operation, None, NONE, False
        moves.free(state, unit)
        for done in state.hooks.jobs[number]:
            done(state, unit, lot)
        return
    endings.conclude(state, unit)
    state.just_finished.append(unit)


def after_failure(state: State, unit: UnitState, work: int) -> None:
    """The fate of processing that a failure interrupts."""
    if work == SCRAP:
        endings.scrap_in_hand(state, unit)
    elif work == REPEAT:
        unit.attempt += 1
        set_processing_time(state, unit)


def set_processing_time(state: State, unit: UnitState) -> None:
    """Draw how long processing takes, or ask physics, which answers before the round is over."""
    lot, takes = unit.lot, state.takes[unit.operation]
    assert lot is not None
    if takes is None:
        operation = state.operations[unit.operation]
        if operation.physics is None:
            return  # a flow section, which is done when the lot has flowed through
        if unit not in state.requests:
            state.requests.append(unit)
        return
    if state.operations[unit.operation].phases:
        _set_phases(state, unit)
        return
    source = state.operations[unit.operation].takes
    assert source is not None
    time = _drawn(state, unit, source)
    unit.durations[PROCESSING] = time
    if unit.phase == PROCESSING:
        unit.remaining = time


def _drawn(state: State, unit: UnitState, source: Source) -> int:
    """A time of processing for the visit in hand, at the speed of the unit; tasks know no speed."""
    lot = unit.lot
    assert lot is not None
    number = abs(lot.number)
    if unit.speed == 1.0 or unit.at_task:
        return state.streams.of(source).nanoseconds(number, unit.visit, unit.attempt)
    if unit.speed == unit.program.speed:
        return state.streams.at_speed(source, unit.speed).nanoseconds(number, unit.visit, unit.attempt)
    return processing_time(state.streams.of(source).value(number, unit.visit, unit.attempt), unit.speed)


def _set_phases(state: State, unit: UnitState) -> None:
    """Draw how long each phase takes; where a failure interrupted one, how long it takes anew."""
    for number, phase in enumerate(state.operations[unit.operation].phases):
        stretch = PROCESSING + number
        if not unit.attempt or stretch == unit.phase:
            unit.durations[stretch] = _drawn(state, unit, phase.takes)
    if unit.processes:
        unit.remaining = unit.durations[unit.phase]


def prepare(state: State, unit: UnitState, travel: int) -> None:
    """Draw the stretches of a visit that starts; the unit stands in the first that takes time."""
    lot = unit.lot
    assert lot is not None
    unit.waste = unit.stops = unit.attempt = 0
    unit.physics = None
    for clock in unit.running_clocks:
        clock.rate = clock.mode.rate
        if clock.mode.rate_between_lots is not None and lot.number >= 0:
            clock.rate *= state.streams.of(clock.mode.rate_between_lots).value(lot.number, unit.visit)
    if state.plain[unit.operation]:
        unit.phase = unit.last = PROCESSING
        unit.unload = PROCESSING + 1
        set_processing_time(state, unit)
        return
    operation = state.operations[unit.operation]
    of, number, visit = state.streams.of, lot.number, unit.visit
    unit.unload = PROCESSING + max(1, len(operation.phases))
    unit.durations = [travel] + [0] * unit.unload
    if operation.setup is not None:
        unit.durations[SETUP] = of(operation.setup).nanoseconds(number, visit)
    start_up = operation.start_up.get(unit.index)
    if start_up is not None:
        unit.durations[START_UP] = of(start_up.takes).nanoseconds(number, visit)
        if start_up.waste is not None:
            lost = of(start_up.waste).value(number, visit)
            unit.waste = quantity(state, operation, lost, start_up.waste_in_pieces)
    for stretch, sources in ((LOAD, operation.load), (unit.unload, operation.unload)):
        if unit.index in sources:
            unit.durations[stretch] = of(sources[unit.index]).nanoseconds(number, visit)
    unit.last = unit.unload if unit.durations[unit.unload] else unit.unload - 1
    unit.phase = -1
    set_processing_time(state, unit)
    for prepares in state.hooks.prepares[unit.operation]:
        prepares(state, unit, lot)
    next_phase(state, unit)


def quantity(state: State, operation: Operation, lost: float, in_pieces: bool) -> int:
    """A waste in kg or pieces, in whole mg or pieces of the lot."""
    recipe = state.program.recipes[operation.recipe]
    if recipe.unit_of_quantity == "pieces":
        return round(lost)
    return round(lost * recipe.piece_mg) if in_pieces else round(lost * 1e6)
