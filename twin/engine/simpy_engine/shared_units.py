"""Shared units: a unit that others claim for a while, such as a CIP skid or an instrument.

While a client has it, the unit does nothing of its own: it shows `producing` with the client's lot and
operation while the client works, and `blocked` by the client while that stands still. It fails and wears as
it works; its failure halts the client, which keeps it.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, FAILS, OFF_SHIFT, PRODUCING
from twin.engine.program import NONE
from twin.engine.recorder import NULL
from twin.engine.rules.failures import exposure_after, time_to_failure
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hours import fits
from twin.engine.simpy_engine.state import State, UnitState


def available(state: State, index: int, nominal: int) -> bool:
    """Whether a unit can be claimed for work of `nominal` ns."""
    unit = state.units[index]
    if unit.lot is not None or not unit.open or unit.down or index in state.lent:
        return False
    calendar = unit.program.calendar
    return not nominal or calendar == NONE or fits(state.program, calendar, state.now, nominal)


def lend(state: State, index: int, client: UnitState | None) -> None:
    """Give a unit to a client; none: to a repair, which it serves out of sight."""
    state.lent[index] = NONE if client is None else client.index
    if client is None:
        state.set_state(state.units[index], PRODUCING)


def give_back(state: State, index: int) -> None:
    """Take a unit back; it is free for work of its own and for other clients."""
    unit = state.units[index]
    if unit.running:
        stand_still(state, (index,), done=False)
    del state.lent[index]
    _show_stopped(state, unit)
    state.touched.add(index)


def hindrance(state: State, client: UnitState) -> int:
    """The first of a client's units that cannot work now, or none."""
    for index in client.uses:
        unit = state.units[index]
        if unit.down or (unit.suspends and not unit.open):
            return index
    return NONE


def work_for(state: State, client: UnitState) -> None:
    """A client's phase begins: its units work with it."""
    lot = client.lot
    assert lot is not None
    for index in client.uses:
        unit = state.units[index]
        state.set_state(unit, PRODUCING, max(lot.number, NULL), client.operation)
        unit.running = True
        unit.phase_began = state.now
        unit.version += 1
        for mode, clock in enumerate(unit.clocks):
            if clock in unit.running_clocks:
                delay = time_to_failure(clock.exposure, clock.rate)
                if client.section is not None or delay <= client.remaining:
                    schedule(state, delay, (FAILS, index, unit.version, mode))


def stand_still(state: State, uses: tuple[int, ...], done: bool) -> None:
    """A client's phase is halted or done: its units count the time that they worked and stand still."""
    for index in uses:
        unit = state.units[index]
        if not unit.running:
            continue
        unit.running = False
        if not done:  # a failure that is due as the phase ends still takes place
            unit.version += 1
        for clock in unit.running_clocks:
            clock.exposure = exposure_after(clock.exposure, clock.rate, state.now - unit.phase_began)
        show_waiting(state, unit)


def show_waiting(state: State, unit: UnitState) -> None:
    """The state of a claimed unit whose client stands still."""
    client = state.lent[unit.index]
    if _show_stopped(state, unit) or client == NONE:
        return
    name = state.units[client].program.name
    lot = state.units[client].lot
    number = NULL if lot is None else max(lot.number, NULL)
    state.set_state(unit, BLOCKED, number, state.units[client].operation, state.recorder.cause(name))


def _show_stopped(state: State, unit: UnitState) -> bool:
    """Show a unit that is closed or down as such; whether it is."""
    if not unit.open:
        state.set_state(unit, OFF_SHIFT)
    elif unit.down:
        state.set_state(unit, unit.down_state, cause=unit.down_cause)
    return bool(unit.down) or not unit.open


def client_of(state: State, index: int) -> UnitState | None:
    """The unit that has claimed this one."""
    client = state.lent.get(index, NONE)
    return None if client == NONE else state.units[client]
