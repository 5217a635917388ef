"""Releases: order lines let lots into the plant, each numbered as it comes."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from twin.engine.codes import RELEASED
from twin.engine.program import NO_STORAGE, NONE
from twin.engine.recorder import NULL
from twin.engine.rules.dispatching import HOT
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.moves import count_work_in_process, join_line, turn
from twin.engine.simpy_engine.state import Entry, LotState, State

LOST, OPEN = 3, 4  # of record.OUTCOMES


def begin(state: State) -> None:
    """Schedule the first release of each order line."""
    state.recorder.levels.append((state.recorder.entity("wip"), 0, 0))
    for number, line in enumerate(state.program.orders):
        if line.first is not None:
            delay = state.streams.of(line.first).nanoseconds(0)
        elif line.every is not None and not line.every.constant:
            delay = state.streams.of(line.every).nanoseconds(0)
        else:
            delay = 0
        state.orders_open += 1
        state.in_hand += 1
        schedule(state, delay, (RELEASED, number, NULL, 0))


def released(state: State, entry: Entry) -> None:
    """Effect: lots of an order line come in, and into the plant where no rule keeps them waiting."""
    number = entry[1]
    state.in_hand -= 1
    line = state.program.orders[number]
    recipe = state.program.recipes[line.recipe]
    priority = line.priority - HOT if line.hot else line.priority
    let_in_at_once = []
    for _ in range(line.lots):
        lot = LotState(state.lots_released, number, priority, recipe.first, recipe.quantity)
        state.lots_released += 1
        state.recorder.orders.append(number)
        if line.due is not None:
            lot.due = line.due if line.due_is_a_date else state.now + line.due
            state.recorder.due[lot.number] = lot.due
        if not any(keeps(state, lot) for keeps in state.hooks.arrivals[number]):
            let_in_at_once.append(lot)
    if let_in_at_once:
        let_in(state, let_in_at_once)
    state.releases[number] += 1
    if line.every is None or state.releases[number] == line.times:
        state.orders_open -= 1
        return
    # A random first release uses up the first draw of `every`.
    used = (
        state.releases[number]
        if line.first is None and not line.every.constant
        else state.releases[number] - 1
    )
    state.in_hand += 1
    schedule(state, state.streams.of(line.every).nanoseconds(used), (RELEASED, number, NULL, 0))


def let_in(state: State, lots: Sequence[LotState]) -> None:
    """Let lots into the plant, where they wait for their first operation."""
    state.last_release = state.now
    for lot in lots:
        _let_in(state, lot, state.program.orders[lot.order].lost_when_full)
    count_work_in_process(state, len(lots))


def _let_in(state: State, lot: LotState, lost_when_full: bool) -> None:
    come(state, lot)
    if lost_when_full and state.operations[lot.operation].storage != NONE:
        lot.loses_patience = True
        state.impatient.append(lot)


def come(state: State, lot: LotState, waited: int = 0) -> None:
    """Let a lot that stands on no unit want its operation, from outside its storage.

    It has `waited` so many ns already.
    """
    lot.ready, lot.arrived = state.now - waited, state.now
    for waits in state.hooks.waits[lot.operation]:
        waits(state, lot)
    join_line(state, lot)
    storage = state.operations[lot.operation].storage
    if storage not in (NONE, NO_STORAGE):
        insort(state.queues[storage], lot, key=turn)
        state.places.add(storage)


def lose_patience(state: State) -> None:
    """Lots that found no place at once leave for good."""
    for lot in state.impatient:
        if not lot.loses_patience:
            continue
        state.lines[lot.operation].leave(lot)
        storage = state.operations[lot.operation].storage
        if storage != NO_STORAGE:
            state.queues[storage].remove(lot)
        write_waiting(state, lot, LOST, state.now)
        count_work_in_process(state, -1)
        for exits in state.hooks.exits:
            exits(state, lot)
    state.impatient = []


def write_waiting(
    state: State, lot: LotState, outcome: int = OPEN, left: int = NULL, scrapped: int = 0
) -> None:
    """Write the row of a lot that waits: still, when the run ends, or until it `left` with an outcome."""
    if state.recorder.remarks:
        state.recorder.write_remark(NULL)
    state.recorder.lots.append(
        (
            lot.number,
            lot.operation,
            lot.visit,
            NULL,
            lot.arrived,
            NULL,
            NULL,
            left,
            outcome,
            lot.quantity,
            scrapped,
        )
    )
