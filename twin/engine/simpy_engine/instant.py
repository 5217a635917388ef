"""The rounds of an instant: effects of all that is due, then moves, then starts, until nothing more is due.

Effects take place by (kind, file order, lot number). What falls due at the same instant goes into the next
round. Where nothing more can start before physics has answered, the run stands still and is a generator that
yields: whoever steps it has the requests answered meanwhile, and those of other replications with them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import cast

from twin.engine.codes import CALENDAR_TURNS, COMPLETED, FAILS, RELEASED, REPAIRED
from twin.engine.program import NONE
from twin.engine.simpy_engine import (
    assembly,
    broker,
    capacity,
    containers,
    conveyors,
    dispatching,
    endings,
    flows,
    hold_times,
    in_process,
    in_vain,
    laboratory,
    loops,
    materials,
    order_desk,
    people,
    plain,
    portions,
    quarantine,
    releases,
    situations,
    snapshots,
    specifications,
    splitting,
    starts,
    stops,
    stuck,
    tanks,
    together,
    transport,
    upkeep,
    utilities,
    warehouses,
    work,
)
from twin.engine.simpy_engine.moves import move_lots
from twin.engine.simpy_engine.state import State
from twin.engine.situation import Situation
from twin.engine.snapshot import Snapshot

# Rules in files of their own, in the order in which their hooks are asked.
RULES = (
    broker,
    dispatching,
    capacity,
    containers,
    flows,
    materials,
    in_vain,
    warehouses,
    conveyors,
    transport,
    assembly,
    upkeep,
    utilities,
    tanks,
    specifications,
    hold_times,
    quarantine,
    laboratory,
    in_process,
    order_desk,
    loops,
    portions,
    splitting,  # after all that decides what becomes of the lot
    together,  # last: its claims take more lots, for which it asks the claims of all others
)


Waits = Generator[None, None, None]
"""Yields where physics has to answer before it can go on."""


def prepare(state: State, start: Snapshot | Situation | None) -> Waits:
    """Install the rules, and begin: at time 0 with nothing or a situation inside, or where a snapshot was
    taken.
    """
    stops.begin(state)
    releases.begin(state)
    people.begin(state)
    for rule in RULES:
        rule.install(state)
    state.hooks.settle(state)
    plain.choose(state)
    if isinstance(start, Snapshot):
        snapshots.start(state, start)
        state.desk.opens(state.lots_released)
        return
    if start is not None:
        situations.begin(state, start)
    state.desk.opens(state.lots_released)
    state.touched.update(range(len(state.units)))
    yield from settle(state)


def run(
    state: State, start: Snapshot | Situation | None = None, at: int | None = None
) -> Generator[None, None, tuple[int, Snapshot | None]]:
    """Run a replication to its end; returns the time in ns at which it ended, and the snapshot of `at` ns.

    There is no snapshot where none is asked for, or where the run ended before. Yields where it waits for
    `desk` to be answered.
    """
    yield from prepare(state, start)
    environment, program = state.environment, state.program
    effects = _EFFECTS | state.hooks.effects
    taken: Snapshot | None = None
    horizon = stuck.LONGEST if program.horizon is None else program.horizon
    halt = horizon if at is None else min(at, horizon)
    until_empty = program.until_empty
    step, due = environment.step, state.due
    peek = cast(Callable[[], int], environment.peek)  # whole ns, or infinity
    time = peek()
    while True:
        if until_empty and not state.work_in_process and not state.orders_open:
            return close(state, state.now), taken
        if not state.in_hand:
            stuck.complain_if_stuck(state, time)
        if time > halt:
            if at is not None and taken is None and halt == at:
                taken, halt = snapshots.take(state, at), horizon
                continue
            if program.horizon is None:
                raise stuck.without_end(state)
            return close(state, horizon), taken
        state.now = instant = time
        rounds = 0
        while time == instant:
            while time == instant:
                step()
                time = peek()
            if len(due) == 1:
                entry = due.pop().entry
                if entry[0] != COMPLETED or not plain.completed_alone(state, entry):
                    effects[entry[0]](state, entry)
                    yield from settle(state)
                elif state.touched or state.places:
                    yield from settle(state)
            else:
                entries = sorted(event.entry for event in due)
                due.clear()
                for entry in entries:
                    effects[entry[0]](state, entry)
                yield from settle(state)
            time = peek()
            rounds += 1
            if rounds > stuck.MOST_ROUNDS:
                raise stuck.time_stands_still(state, entry)


def settle(state: State) -> Waits:
    """Moves and starts, until none is possible; then those leave who found no place."""
    if state.just_finished or state.places:
        move_lots(state)
    if state.touched or state.repairs or state.requests:
        starts.start_work(state)
        while state.requests:
            yield
            starts.start_work(state)
    for ends in state.hooks.ends:
        ends(state)
        if state.touched:
            yield from settle(state)
    if state.impatient:
        releases.lose_patience(state)


def close(state: State, end: int) -> int:
    """Close every interval and write the rows of what is still inside; returns `end`."""
    state.now = end
    if state.program.horizon is not None:
        state.recorder.cut_from = len(state.recorder.states)
    for unit in state.machines:
        if end > unit.since:
            state.recorder.states.append(
                (unit.index, unit.state, unit.since, end, unit.row_lot, unit.row_operation, unit.cause)
            )
    for unit in state.units:
        if unit.lot is not None and unit.lot.order != NONE:
            endings.write_row(state, unit, left=NONE)
    together.write_rows(state)
    waiting = [lot for line in state.lines for lot in line.lots if lot.holder is None and lot.order != NONE]
    for lot in [*waiting, *state.moving.values()]:
        releases.write_waiting(state, lot)
    return end


_EFFECTS = {
    REPAIRED: stops.repaired,
    COMPLETED: work.completed,
    FAILS: stops.fails,
    CALENDAR_TURNS: stops.calendar_turns,
    RELEASED: releases.released,
}
