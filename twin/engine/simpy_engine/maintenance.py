"""Preventive maintenance as part of a unit's upkeep: what it renews and restores, and opportunities for it.

`upkeep` does it as a task like a cleaning. Where a repair is an opportunity, it is done beside the repair:
it keeps the unit from working as a failure does, and is dealt with by the same means (`stops`).
"""

from __future__ import annotations

from twin.engine.codes import FALLS_DUE, MAINTENANCE
from twin.engine.program import CALENDAR, RESUME, FailureMode, Operation
from twin.engine.recorder import NULL
from twin.engine.rules.upkeep import is_due, wear_left, worn_failure_rate, worn_speed
from twin.engine.simpy_engine import people, stops
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.state import Clock, LotState, State, UnitState
from twin.engine.simpy_engine.upkeep_state import Own, keeper_of
from twin.engine.upkeep import Chore


def install(state: State, unit: UnitState, mine: Own) -> None:
    """Have a unit's maintenance take part in its failures and repairs, and its wear in its visits."""
    hooks = state.hooks
    for number, chore in enumerate(mine.program.chores):
        if chore.opportunity:
            mine.beside_repairs[number] = len(unit.clocks)
            unit.clocks.append(Clock(beside(state.operations[chore.task]), MAINTENANCE))
    if mine.beside_repairs:
        hooks.failures[unit.index].append(_take_the_opportunity)
    if mine.beside_repairs or any(chore.with_repair_of for chore in mine.program.chores):
        hooks.repairs[unit.index].append(_repaired)
    if mine.program.wear is not None:
        for number in unit.program.operations:
            hooks.claims[number].append(_wears)
            if mine.program.wear.failure_rate and _fails_more_often not in hooks.prepares[number]:
                hooks.prepares[number].append(_fails_more_often)


def beside(task: Operation) -> FailureMode:
    """Maintenance beside a repair in the words of a failure, which never happens by itself."""
    assert task.takes is not None
    return FailureMode(
        name=task.cause,
        clock=CALENDAR,
        between=task.takes,
        repair=task.takes,
        work=RESUME,
        finished_part_may_leave=True,
        rate=0.0,
        rate_between_lots=None,
        waste=None,
        waste_in_pieces=False,
        needs=task.needs[0],
    )


def is_due_early(state: State, unit: UnitState, mine: Own, number: int, early: int) -> bool:
    """Whether a chore is due by its count or clocks, or will be within `early` ns of its clocks."""
    chore = mine.program.chores[number]
    return is_due(
        mine.batches[number],
        chore.batches,
        unit.produced - mine.running[number] + early,
        chore.running,
        state.now - mine.done[number] + early,
        chore.every,
    )


def start_anew(state: State, unit: UnitState, mine: Own, number: int) -> None:
    """The count and the clocks of a chore start anew."""
    mine.batches[number] = 0
    mine.running[number] = unit.produced
    mine.done[number] = state.now
    every = mine.program.chores[number].every
    if every:
        schedule(state, every, (FALLS_DUE, unit.index, NULL, number))


def maintained(state: State, unit: UnitState, mine: Own, number: int, repaired: int = NULL) -> None:
    """A maintenance is done, by itself or with the repair of the failure mode `repaired`."""
    chore = mine.program.chores[number]
    start_anew(state, unit, mine, number)
    for mode in chore.renews:
        if mode != repaired:
            stops.renew(state, unit, mode)
    if chore.restores and mine.program.wear is not None:
        used = mine.lots if mine.program.wear.by_lots else unit.produced
        mine.new_at = used - wear_left(used - mine.new_at, chore.restores)


def _take_the_opportunity(state: State, unit: UnitState, mode: int) -> None:
    """A unit has failed: do beside the repair what is due soon, where its people are free."""
    mine = keeper_of(state).units[unit.index]
    for number, mode_beside in mine.beside_repairs.items():
        chore, clock = mine.program.chores[number], unit.clocks[mode_beside]
        in_hand = unit.lot is not None and unit.operation == chore.task
        if clock.down or in_hand or not unit.open:
            continue
        if not is_due_early(state, unit, mine, number, chore.opportunity):
            continue
        if people.lacking(state, clock.mode.needs.people) != people.ENOUGH:
            continue
        _forget_waiting(state, chore)
        state.jobs[chore.task] += 1
        clock.count = state.jobs[chore.task] + 1  # numbered with the jobs, so that each has its own draw
        stops.take_down(state, unit, mode_beside)


def _repaired(state: State, unit: UnitState, mode: int) -> None:
    """A repair is done, or a maintenance beside it."""
    mine = keeper_of(state).units[unit.index]
    for number, chore in enumerate(mine.program.chores):
        if mine.beside_repairs.get(number) == mode:
            maintained(state, unit, mine, number)
        elif mode in chore.with_repair_of:
            _forget_waiting(state, chore)
            maintained(state, unit, mine, number, repaired=mode)


def _forget_waiting(state: State, chore: Chore) -> None:
    """Take back a maintenance that waits to begin."""
    line = state.lines[chore.task]
    for job in list(line.lots):
        line.leave(job)


def _wears(state: State, unit: UnitState, lot: LotState) -> None:
    """A visit begins: the unit is as fast as its condition lets it be."""
    mine = keeper_of(state).units.get(unit.index)
    if mine is not None and mine.program.wear is not None:
        wear = mine.program.wear
        unit.speed = unit.program.speed * worn_speed(_worn(unit, mine), wear.per, wear.speed, wear.least)


def _fails_more_often(state: State, unit: UnitState, lot: LotState) -> None:
    mine = keeper_of(state).units.get(unit.index)
    if mine is not None and mine.program.wear is not None:
        wear = mine.program.wear
        factor = worn_failure_rate(_worn(unit, mine), wear.per, wear.failure_rate)
        stations = [] if unit.section is None else unit.section.stations
        for machine in (unit, *stations):
            for clock in machine.running_clocks:
                clock.rate *= factor


def _worn(unit: UnitState, mine: Own) -> int:
    """What the unit has been used since new, in ns or lots."""
    assert mine.program.wear is not None
    return (mine.lots if mine.program.wear.by_lots else unit.produced) - mine.new_at
