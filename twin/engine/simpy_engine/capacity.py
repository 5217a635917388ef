"""Capacity: a unit that works on several lots at once is as many units under one name.

Each of them takes a lot of its own. They close and open together, having one calendar, and what stops the
unit stops all of them: the clocks of its failures are the first one's. The record shows them as one.
"""

from __future__ import annotations

from twin.engine.program import NONE, RESUME
from twin.engine.simpy_engine import people, shared_units, stops, work
from twin.engine.simpy_engine.state import State, UnitState


def install(state: State) -> None:
    """Have the parts of each unit stop and go on with the first."""
    for unit in state.units:
        if unit.program.part_of != NONE:
            first = state.units[unit.program.part_of]
            unit.stops_with = first.clocks
            if not state.hooks.failures[first.index]:
                state.hooks.failures[first.index].append(_stop)
                state.hooks.repairs[first.index].append(_go_on)


def _others(state: State, first: UnitState) -> list[UnitState]:
    return [unit for unit in state.units if unit.program.part_of == first.index]


def _stop(state: State, first: UnitState, mode: int) -> None:
    """The first has failed: so have the others, each with the lot that it works on."""
    clock = first.clocks[mode]
    for unit in _others(state, first):
        client = shared_units.client_of(state, unit.index)
        at_work = client or unit
        producing = at_work.running and at_work.processes
        work.halt(state, at_work)
        unit.down += 1
        unit.down_state, unit.down_cause = first.down_state, first.down_cause
        if unit.lot is not None and unit.finished == NONE:
            unit.stops += 1
            stops.waste(state, unit, clock)
            if producing:
                work.after_failure(state, unit, clock.mode.work)
            people.let_go_at_failure(state, unit)
        if client is not None:
            stops.stop_client(state, client, clock.mode.work if producing else RESUME)
        stops.show_stopped(state, unit)


def _go_on(state: State, first: UnitState, mode: int) -> None:
    """The first is repaired: the others go on as well, unless another failure keeps them."""
    for unit in _others(state, first):
        unit.down -= 1
        if unit.down:
            stops.show_stopped(state, unit)
        else:
            stops.resume(state, unit)
