"""A plant in which nothing can ever happen again while lots wait: found, and said with who waits for whom."""

from __future__ import annotations

from twin.engine.codes import (
    BLOCKED,
    FAILS,
    RELEASED,
    REPAIRED,
    STARVED,
    WAITING_CONTAINER,
    WAITING_PEOPLE,
    WAITING_QUALITY,
    WAITING_TRANSPORT,
    WAITING_UNIT,
    WAITING_UTILITY,
)
from twin.engine.program import NO_STORAGE, NONE
from twin.engine.quality import REWORK_LATE
from twin.engine.record import STATES
from twin.engine.rules.calendars import WEEK
from twin.engine.simpy_engine import materials
from twin.engine.simpy_engine.state import Entry, State, UnitState

LACKING = (
    STARVED,
    WAITING_PEOPLE,
    WAITING_CONTAINER,
    WAITING_UTILITY,
    WAITING_QUALITY,
    WAITING_TRANSPORT,
    WAITING_UNIT,
)
MOST_ROUNDS = 10_000
PATIENCE = 2 * WEEK
LONGEST = 1565 * WEEK  # 30 years, in which a run that nobody gave a horizon has to come to its end


class SimulationError(Exception):
    """A run cannot go on; the message names the units and what they wait for."""


def complain_if_stuck(state: State, time: float) -> None:
    """Raise `SimulationError` where lots wait and neither work, repair nor release is under way.

    Calendars, clocks of failures, the upkeep of units and deliveries of what nobody lacks go on for ever, so
    that they alone are waited for only two weeks, or as long as a calendar may take to open or a lot
    may wait until it is sent back, and as long as the longest upkeep took.
    """
    if not state.in_hand and not materials.are_awaited(state):
        complain_of_waiting(state, time)


def complain_of_waiting(state: State, time: float) -> None:
    """Raise `SimulationError` where lots wait and have done so for too long, and nothing is repaired."""
    if state.repairs or not state.work_in_process or any(unit.down for unit in state.machines):
        return
    holds = [hold.longest for hold in state.program.quality.holds if hold.late == REWORK_LATE]
    patience = max(PATIENCE, state.longest_closed, *holds) + state.longest_task
    if time - max(state.last_start, state.last_release) > patience:
        raise SimulationError(
            f"the plant is stuck at {state.now / 1e9:.0f} s: {state.work_in_process} lots wait and nothing "
            f"can ever happen. {who_waits_for_whom(state)}"
        )


def without_end(state: State) -> SimulationError:
    """The error of a run that goes on and on: lots are reworked, or their work is repeated, for ever."""
    held = [
        f"lot {unit.lot.number} on '{unit.program.name}'"
        for unit in state.units
        if unit.lot is not None and unit.lot.number >= 0
    ]
    where = f"At work: {', '.join(held)}." if held else who_waits_for_whom(state)
    return SimulationError(
        f"the run has no end: after {LONGEST // (52 * WEEK)} years {state.work_in_process} lots are still in "
        f"the plant. {where} Give the run a horizon, or see that work that a failure repeats and lots that "
        "are reworked can come to an end."
    )


def time_stands_still(state: State, entry: Entry) -> SimulationError:
    """The error of ten thousand rounds at one instant, the last of which had `entry`."""
    if entry[0] == RELEASED:
        culprit, cure = f"order line {entry[1]} releases", "let time pass between its releases"
    elif entry[0] in (FAILS, REPAIRED):
        culprit, cure = (
            f"'{state.machines[entry[1]].program.name}' fails",
            "give its failures or repairs a length",
        )
    else:
        names = [f"'{unit.program.name}'" for unit in state.units if unit.running]
        culprit, cure = f"{', '.join(names) or 'a unit'} works", "give an operation a duration"
    return SimulationError(
        f"time stands still at {state.now / 1e9:.0f} s: {MOST_ROUNDS} rounds in which {culprit} and no time "
        f"passes; {cure}"
    )


def who_waits_for_whom(state: State) -> str:
    """The cycle of units that wait for each other, or else what each line waits for."""
    waits = {unit.index: _waited_for(state, unit.index) for unit in state.units}
    for start in waits:
        path = [start]
        while waits[path[-1]] and waits[path[-1]][0] not in path:
            path.append(waits[path[-1]][0])
        if waits[path[-1]]:
            cycle = path[path.index(waits[path[-1]][0]) :]
            names = [state.units[i].program.name for i in [*cycle, cycle[0]]]
            blocked = all(state.units[i].state == BLOCKED for i in cycle)
            cure = " Give an operation of theirs room to wait in (`wait_in`)." if blocked else ""
            return f"The cycle: {' waits for '.join(names)}.{cure}"
    reasons = [
        f"'{operation.name}' ({len(line.lots)} waiting) on {_situation(state, operation.units)}"
        for operation, line in zip(state.operations, state.lines, strict=True)
        if line.lots
    ]
    reasons += [
        f"'{unit.program.name}' ({_lack(state, unit)}) with lot {unit.lot.number}"
        for unit in state.units
        if unit.lot is not None and unit.lot.number >= 0 and unit.state in LACKING
    ]
    return "Waiting: " + "; ".join(reasons) + "."


def _waited_for(state: State, index: int) -> list[int]:
    """Units that a blocked unit, or one that lacks a container, waits for."""
    unit = state.units[index]
    if unit.state == BLOCKED and unit.lot is not None and unit.lot.operation != NONE:
        operation = state.operations[unit.lot.operation]
        if operation.storage not in (NONE, NO_STORAGE):
            inside = [lot for line in state.lines for lot in line.lots if lot.stored == operation.storage]
            return sorted({u for lot in inside for u in state.operations[lot.operation].units} - {index})
        return sorted(set(operation.units))
    if unit.state == WAITING_CONTAINER:
        return sorted(
            u.index for u in state.units if u.lot is not None and u.lot.container != NONE and u is not unit
        )
    return []


def _situation(state: State, units: tuple[int, ...]) -> str:
    names = ((state.units[index].program.name, _lack(state, state.units[index])) for index in units)
    return ", ".join(f"'{name}' ({lack})" for name, lack in names)


def _lack(state: State, unit: UnitState) -> str:
    """The state of a unit, and what it lacks."""
    cause = next((name for name, number in state.recorder.causes() if number == unit.cause), "")
    return STATES[unit.state] + (f" for {cause}" if unit.state in (*LACKING, BLOCKED) and cause else "")
