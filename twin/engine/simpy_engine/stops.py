"""Stops: failures and repairs on both clocks, and calendars that open and close units and pools."""

from __future__ import annotations

from twin.engine.codes import CALENDAR_TURNS, DOWN, FAILS, OFF_SHIFT, REPAIRED
from twin.engine.program import NONE, RESUME, RUNNING
from twin.engine.recorder import NULL
from twin.engine.rules.calendars import HAND_OVER, NEVER, SUSPEND
from twin.engine.simpy_engine import hours, people, shared_units, work
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.moves import free, show_idle
from twin.engine.simpy_engine.state import Clock, Entry, State, UnitState


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
    client = shared_units.client_of(state, index)
    at_work = client or unit
    producing = at_work.running and at_work.processes
    work.halt(state, at_work)
    _fail(state, unit, mode, producing)
    for other, worn_out in enumerate(unit.clocks):
        if worn_out.mode.clock == RUNNING and not worn_out.down and not worn_out.exposure and worn_out.rate:
            _fail(state, unit, other, producing)  # used up at the same instant
    if unit.section is not None and unit.section.running:
        unit.section.settle(state)
    for stopped in state.hooks.failures[index]:
        stopped(state, unit, mode)
    if client is not None:
        stop_client(state, client, clock.mode.work if producing else RESUME)


def stop_client(state: State, client: UnitState, fate: int) -> None:
    """A shared unit has failed: its client waits for it."""
    work.after_failure(state, client, fate)
    if client.lot is not None and client.finished == NONE:
        people.let_go_at_failure(state, client)
        state.touched.add(client.index)


def _fail(state: State, unit: UnitState, mode: int, producing: bool) -> None:
    clock = unit.clocks[mode]
    unit.down_state, unit.down_cause = DOWN, state.recorder.cause(clock.mode.name)
    if unit.at_task:
        people.hold(state, unit, ())  # they may be the ones who repair
    if unit.lot is not None and unit.finished == NONE:
        unit.stops += 1
        waste(state, unit, clock)
        if producing:
            work.after_failure(state, unit, clock.mode.work)
        people.let_go_at_failure(state, unit)
    take_down(state, unit, mode)


def take_down(state: State, unit: UnitState, mode: int) -> None:
    """Keep a unit from working until a failure, or what is done with its repair, is dealt with."""
    clock = unit.clocks[mode]
    clock.down = True
    unit.down += 1
    show_stopped(state, unit)
    if clock.mode.needs:
        state.repairs.append((state.now, unit.index, mode))
    else:
        _repair(state, unit, mode)


def waste(state: State, unit: UnitState, clock: Clock) -> None:
    """Lose from the lot in hand what a failure costs."""
    if clock.mode.waste is not None and unit.lot is not None and unit.lot.number >= 0:
        lost = state.streams.of(clock.mode.waste).value(clock.count)
        unit.waste += work.quantity(state, state.operations[unit.operation], lost, clock.mode.waste_in_pieces)


def show_stopped(state: State, unit: UnitState) -> None:
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
        state.machines[index].clocks[mode].crew = people.claim(state, needs)
        _repair(state, state.machines[index], mode)
    state.repairs = waiting


def _repair(state: State, unit: UnitState, mode: int) -> None:
    clock = unit.clocks[mode]
    _repaired_in(state, unit, mode, state.streams.of(clock.mode.repair).nanoseconds(clock.count))


def _repaired_in(state: State, unit: UnitState, mode: int, time: int) -> None:
    state.in_hand += 1
    schedule(state, time, (REPAIRED, unit.index, NULL, mode))


def is_down(state: State, unit: UnitState, mode: int, time: int) -> None:
    """A run begins with a unit under repair, for `time` ns yet, by its crew where that is there."""
    clock = unit.clocks[mode]
    clock.down = True
    unit.down += 1
    unit.down_state, unit.down_cause = clock.shows, state.recorder.cause(clock.mode.name)
    needs = clock.mode.needs.people
    if needs and people.lacking(state, needs) == people.ENOUGH:
        clock.crew = people.claim(state, needs)
    show_stopped(state, unit)
    _repaired_in(state, unit, mode, time)
    for stopped in state.hooks.failures[unit.index]:
        stopped(state, unit, mode)


def repaired(state: State, entry: Entry) -> None:
    """Effect: a repair is done; work goes on where it stopped."""
    _, index, _, mode = entry
    state.in_hand -= 1
    unit = state.machines[index]
    clock = unit.clocks[mode]
    people.release(state, clock.crew)
    clock.crew = ()
    clock.down = False
    unit.down -= 1
    clock.count += 1
    _restart(state, unit, mode)
    for repaired_one in state.hooks.repairs[index]:
        repaired_one(state, unit, mode)
    if unit.down:
        other = next(c for c in unit.clocks if c.down)
        unit.down_state, unit.down_cause = other.shows, state.recorder.cause(other.mode.name)
        show_stopped(state, unit)
    else:
        resume(state, unit)


def resume(state: State, unit: UnitState) -> None:
    """A unit that is up again, or open again, goes on with what it has."""
    if unit.section is not None and unit is not unit.section.unit:
        unit.section.repaired(state, unit)
    elif unit.lot is None:
        free(state, unit)
    elif unit.finished != NONE:
        show_idle(state, unit)
        state.just_finished.append(unit)
    elif unit.suspends and not unit.open:
        show_stopped(state, unit)
    else:
        work.go(state, unit)


def calendar_turns(state: State, entry: Entry) -> None:
    """Effect: a calendar opens or closes, and with it every other one that turns at this instant.

    Units close, people leave, units open and people come, each in file order: which calendar stands first, or
    what it is called, decides nothing.
    """
    _next_turn(state, entry[1])
    is_open = [hours.calendar_open(state.program, c, state.now) for c in range(len(state.is_open))]
    turned = [number for number, opens in enumerate(is_open) if opens != state.is_open[number]]
    if not turned:
        return  # turned with another calendar
    state.is_open = is_open
    closing = {
        number: hours.rule_at_closing(state.program, number, state.now)
        for number in turned
        if not is_open[number]
    }
    opening = {number: NONE for number in turned if is_open[number]}
    for rules, opens in ((closing, False), (opening, True)):
        for unit in state.units:
            if unit.program.calendar in rules:
                unit.open = opens
                unit.suspends = rules[unit.program.calendar] == SUSPEND
                if unit.index in state.lent:
                    _turn_shared_unit(state, unit, opens)
                else:
                    _turn_unit(state, unit, opens)
        _turn_people(state, rules, opens)


def _turn_shared_unit(state: State, unit: UnitState, opens: bool) -> None:
    """A unit that others have claimed: work that it suspends lets everything go."""
    client = shared_units.client_of(state, unit.index)
    if opens:
        people.look_again(state)
    elif unit.suspends and client is not None:
        _suspend(state, client)


def _suspend(state: State, unit: UnitState) -> None:
    """Halt the work in hand; what it held is free, and it waits for all of it."""
    was_running = unit.running
    work.halt(state, unit)
    people.hold(state, unit, ())
    if was_running:
        state.touched.add(unit.index)


def _turn_unit(state: State, unit: UnitState, opens: bool) -> None:
    if unit.lot is not None and unit.finished == NONE:
        if opens:
            if unit.down:
                show_stopped(state, unit)
            elif not unit.running:
                work.go(state, unit)
        elif unit.suspends:
            work.halt(state, unit)
            people.hold(state, unit, ())
            show_stopped(state, unit)
    elif opens and not unit.down:
        resume(state, unit)
    else:
        show_idle(state, unit)


def _turn_people(state: State, rules: dict[int, int], opens: bool) -> None:
    """Shifts on these calendars come or go; the work of those who go is treated by their calendar's rule."""
    staff = state.staff
    shifts = [shift for shift, calendar in enumerate(staff.calendar) if calendar in rules]
    if not shifts:
        return
    for shift in shifts:
        staff.on[shift] = opens
    for pool in sorted({staff.pool[shift] for shift in shifts}):
        people.count_present(state, pool)
    people.look_again(state)
    suspending = {shift for shift in shifts if rules[staff.calendar[shift]] == SUSPEND}
    handing_over = {shift for shift in shifts if rules[staff.calendar[shift]] == HAND_OVER}
    for unit in state.units if suspending or handing_over else ():
        held = {claim.shift for claim in unit.crew if claim.unit == NONE}
        if held & suspending:
            _suspend(state, unit)
        elif held & handing_over:
            state.overtime.add(unit.index)
            state.touched.add(unit.index)


def _next_turn(state: State, number: int) -> None:
    calendar = state.program.calendars[number]
    if not calendar.opens and not calendar.shut:
        return
    delay = hours.time_to_turn(state.program, number, state.now)
    if delay < NEVER:
        schedule(state, delay, (CALENDAR_TURNS, number, NULL, 0))
