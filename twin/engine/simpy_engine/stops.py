"""Stops: failures and repairs on both clocks, and calendars that open and close units and pools."""

from __future__ import annotations

from twin.engine.program import NONE, RUNNING, SUSPEND
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import time_to_close, time_to_open
from twin.engine.simpy_engine import people, work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.moves import show_idle
from twin.engine.simpy_engine.state import (
    CALENDAR_TURNS,
    DOWN,
    FAILS,
    OFF_SHIFT,
    REPAIRED,
    Clock,
    Entry,
    State,
    UnitState,
    calendar_open,
)


def begin(state: State) -> None:
    """Start every clock of failures and every calendar; units are up and new."""
    for unit in state.machines:
        for mode in range(len(unit.clocks)):
            _restart(state, unit, mode)
    for number in range(len(state.program.calendars)):
        _next_turn(state, number)


def _restart(state: State, unit: UnitState, mode: int) -> None:
    """Restart the clock of a failure mode after repair."""
    clock = unit.clocks[mode]
    time = state.streams.of(clock.mode.between).nanoseconds(clock.count)
    if clock.mode.clock == RUNNING:
        clock.exposure = time
    elif clock.mode.rate > 0:
        delay = time if clock.mode.rate == 1.0 else round(time / clock.mode.rate)
        clock.fails_at = state.now + delay
        schedule(state, delay, (FAILS, unit.index, NULL, mode))


def renew(state: State, unit: UnitState, mode: int) -> None:
    """Start the clock of a failure mode anew, as after a repair; a mode under repair is left to that."""
    clock = unit.clocks[mode]
    if not clock.down:
        clock.count += 1
        _restart(state, unit, mode)


def fails(state: State, entry: Entry) -> None:
    """Effect: a unit fails."""
    _, index, version, mode = entry
    unit = state.machines[index]
    clock = unit.clocks[mode]
    if clock.mode.clock != RUNNING and (clock.down or clock.fails_at != state.now):
        return  # renewed since
    if clock.mode.clock == RUNNING and (version != unit.version or (not unit.running and clock.exposure)):
        return
    producing = unit.running and unit.processes
    work.halt(state, unit)
    _fail(state, unit, mode, producing)
    for other, worn_out in enumerate(unit.clocks):
        if worn_out.mode.clock == RUNNING and not worn_out.down and not worn_out.exposure and worn_out.rate:
            _fail(state, unit, other, producing)  # used up at the same instant
    if unit.section is not None and unit.section.running:
        unit.section.settle(state)
    for stopped in state.hooks.failures[index]:
        stopped(state, unit, mode)


def _fail(state: State, unit: UnitState, mode: int, producing: bool) -> None:
    clock = unit.clocks[mode]
    unit.down_state, unit.down_cause = DOWN, state.recorder.cause(clock.mode.name)
    if unit.at_task:
        people.hold(state, unit, ())  # they may be the ones who repair
    if unit.lot is not None and unit.finished == NONE:
        unit.stops += 1
        _waste(state, unit, clock)
        if producing:
            work.after_failure(state, unit, clock.mode.work)
    take_down(state, unit, mode)


def take_down(state: State, unit: UnitState, mode: int) -> None:
    """Keep a unit from working until a failure, or what is done with its repair, is dealt with."""
    clock = unit.clocks[mode]
    clock.down = True
    unit.down += 1
    _show_stopped(state, unit)
    if clock.mode.needs:
        state.repairs.append((state.now, unit.index, mode))
    else:
        _repair(state, unit, mode)


def _waste(state: State, unit: UnitState, clock: Clock) -> None:
    if clock.mode.waste is not None and unit.lot is not None and unit.lot.number >= 0:
        lost = state.streams.of(clock.mode.waste).value(clock.count)
        unit.waste += work.quantity(state, state.operations[unit.operation], lost, clock.mode.waste_in_pieces)


def _show_stopped(state: State, unit: UnitState) -> None:
    """The state of a unit whose work is halted, or that has none."""
    if unit.lot is None or unit.finished != NONE:
        show_idle(state, unit)
        return
    number = max(unit.lot.number, NULL)
    if unit.suspends and not unit.open:
        state.set_state(unit, OFF_SHIFT, number, unit.operation)
    else:
        state.set_state(unit, unit.down_state, number, unit.operation, unit.down_cause)


def start_repairs(state: State) -> None:
    """Give people to the units that wait for repair, the longest waiting first."""
    waiting: list[tuple[int, int, int]] = []
    for since, index, mode in sorted(state.repairs):
        needs = state.machines[index].clocks[mode].mode.needs.people
        if people.lacking(state, needs) != people.ENOUGH:
            waiting.append((since, index, mode))
            continue
        for pool, count in needs:
            people.occupy(state, pool, count)
        _repair(state, state.machines[index], mode)
    state.repairs = waiting


def _repair(state: State, unit: UnitState, mode: int) -> None:
    clock = unit.clocks[mode]
    state.in_hand += 1
    schedule(
        state,
        state.streams.of(clock.mode.repair).nanoseconds(clock.count),
        (REPAIRED, unit.index, NULL, mode),
    )


def repaired(state: State, entry: Entry) -> None:
    """Effect: a repair is done; work goes on where it stopped."""
    _, index, _, mode = entry
    state.in_hand -= 1
    unit = state.machines[index]
    clock = unit.clocks[mode]
    for pool, count in clock.mode.needs.people:
        people.occupy(state, pool, -count)
    clock.down = False
    unit.down -= 1
    clock.count += 1
    _restart(state, unit, mode)
    for repaired_one in state.hooks.repairs[index]:
        repaired_one(state, unit, mode)
    if unit.down:
        other = next(c for c in unit.clocks if c.down)
        unit.down_state, unit.down_cause = other.shows, state.recorder.cause(other.mode.name)
        _show_stopped(state, unit)
    else:
        _resume(state, unit)


def _resume(state: State, unit: UnitState) -> None:
    """A unit that is up again, or open again, goes on with what it has."""
    if unit.section is not None and unit is not unit.section.unit:
        unit.section.repaired(state, unit)
    elif unit.lot is None:
        state.touched.add(unit.index)
    elif unit.finished != NONE:
        show_idle(state, unit)
        state.just_finished.append(unit)
    elif unit.suspends and not unit.open:
        _show_stopped(state, unit)
    else:
        work.go(state, unit)


def calendar_turns(state: State, entry: Entry) -> None:
    """Effect: a calendar opens or closes."""
    number = entry[1]
    opens = calendar_open(state.program, number, state.now)
    for unit in state.units:
        if unit.program.calendar == number:
            _turn_unit(state, unit, opens)
    for index, pool in enumerate(state.program.people):
        if pool.calendar == number:
            _turn_people(state, index, opens)
    _next_turn(state, number)


def _turn_unit(state: State, unit: UnitState, opens: bool) -> None:
    unit.open = opens
    if unit.lot is not None and unit.finished == NONE:
        if opens:
            if unit.down:
                _show_stopped(state, unit)
            elif not unit.running:
                work.go(state, unit)
        elif unit.suspends:
            work.halt(state, unit)
            people.hold(state, unit, ())
            _show_stopped(state, unit)
    elif opens and not unit.down:
        _resume(state, unit)
    else:
        show_idle(state, unit)


def _turn_people(state: State, index: int, opens: bool) -> None:
    pool = state.program.people[index]
    state.present[index] = pool.count if opens else 0
    entity = state.recorder.entity(f"people/{pool.name}/present")
    state.recorder.levels.append((entity, state.now, state.present[index]))
    people.look_again(state)
    if opens or state.program.calendars[pool.calendar].at_close != SUSPEND:
        return
    for unit in state.units:
        if any(p == index for p, _ in unit.held):
            was_running = unit.running
            work.halt(state, unit)
            people.hold(state, unit, ())
            if was_running:
                work.go(state, unit)  # its people are gone: it waits for them


def _next_turn(state: State, number: int) -> None:
    calendar = state.program.calendars[number]
    if not calendar.opens:
        return
    now = state.program.week_offset + state.now
    delay = time_to_close(calendar.opens, calendar.closes, now) or time_to_open(
        calendar.opens, calendar.closes, now
    )
    schedule(state, delay, (CALENDAR_TURNS, number, NULL, 0))
