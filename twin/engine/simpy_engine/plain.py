"""The short way for plain work: what a unit without calendar, failures, people or containers does most.

A plant pays only for the rules it uses. Where nothing but one completion is due, and none of the rules in the
other files can speak, the steps that they would take are taken here in one go; in every other case these
functions decline and the general way is taken. The record is the same either way, which a test holds.
"""

from __future__ import annotations

from bisect import insort

from twin.engine.codes import COMPLETED, PRODUCING, STARVED
from twin.engine.program import NO_STORAGE, NONE, PROCESSING
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine.agenda import NORMAL, Due
from twin.engine.simpy_engine.endings import write_row
from twin.engine.simpy_engine.moves import show_idle, turn
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import Entry, LotState, State, UnitState


def choose(state: State) -> None:
    """Let every unit take the short way that may, and keep at hand what it works with."""
    for unit in state.units:
        unit.plain = is_plain(state, unit)
        if unit.plain:
            operation = state.operations[unit.program.operations[0]]
            unit.serves = unit.program.operations[0]
            unit.storage = operation.storage
            unit.line = state.lines[unit.serves]
            assert operation.takes is not None
            unit.takes = state.streams.at_speed(operation.takes, unit.program.speed)
            unit.next = operation.next
            if unit.next != NONE:
                following = state.operations[unit.next]
                unit.next_storage = following.storage
                unit.next_line = state.lines[unit.next]
                unit.next_units = [state.units[index] for index in following.units]
    for unit in state.units:
        unit.starts_at_once = all(other.plain for other in unit.next_units)


def is_plain(state: State, unit: UnitState) -> bool:
    """Whether a unit does one operation to which no rule applies but lines and storages."""
    program = unit.program
    if (
        program.calendar != NONE
        or program.failures
        or program.blocking_before
        or unit.by_key
        or len(program.operations) != 1
    ):
        return False
    number = program.operations[0]
    operation = state.operations[number]
    return (
        not any(other.blocking_before for other in state.program.units)
        and state.free[number]
        and not state.hooks.concern(number)
        and not (operation.next != NONE and state.hooks.concern(operation.next))
        and not state.hooks.before[unit.index]
        and not state.hooks.concern_storage(operation.storage)
        and not (
            operation.next != NONE and state.hooks.concern_storage(state.operations[operation.next].storage)
        )
        and unit.index not in state.shared
        and state.plain[number]
        and state.certain[number]
        and operation.yields is None
        and operation.give_back == NONE
        and operation.cleans == NONE
        and operation.procedure == NONE
        and operation.units == (unit.index,)
        and not state.recorder.attributes
    )


def completed_alone(state: State, entry: Entry) -> bool:
    """Take the only completion of a round: finish the lot, hand it on and start what can start.

    Declines where the unit is not plain, or the next operation takes lots from the unit itself.
    """
    if entry[1] >= len(state.units):
        return False
    unit = state.units[entry[1]]
    if not unit.plain:
        return False
    lot, number, now = unit.lot, unit.operation, state.now
    assert lot is not None
    recorder = state.recorder
    following, storage = unit.next, unit.next_storage
    if storage != NONE and (
        storage == NO_STORAGE or state.queues[storage] or state.stored[storage] == state.capacities[storage]
    ):
        if storage == NO_STORAGE:
            return False
        block(state, unit, lot)
        return True
    recorder.lots.append(
        (
            lot.number,
            number,
            unit.visit,
            unit.index,
            lot.arrived,
            unit.started,
            now,
            now,
            DONE,
            lot.quantity,
            0,
        )
    )
    unit.lot = None
    unit.running = False
    state.in_hand -= 1
    if following == NONE:
        state.work_in_process -= 1
        recorder.levels.append((state.wip_entity, now, state.work_in_process))
        if not start(state, unit):
            state.touched.add(unit.index)
        return True
    lot.arrived = lot.ready = now
    lot.place = unit.index
    lot.operation = following
    unit.next_line.join(lot)
    if storage != NONE:
        lot.stored = storage
        stored = state.stored[storage] = state.stored[storage] + 1
        recorder.levels.append((state.storage_entities[storage], now, stored))
    if not unit.starts_at_once:  # units that follow other rules start in file order
        state.touched.add(unit.index)
        touch_idle(state, unit.next_units)
        return True
    if not start(state, unit):
        state.touched.add(unit.index)
    for other in unit.next_units:
        if other.lot is None and not start(state, other):
            state.touched.add(other.index)
    return True


def block(state: State, unit: UnitState, lot: LotState) -> None:
    """Keep the finished lot on the unit, in the queue for a place."""
    storage = unit.next_storage
    unit.running = False
    state.in_hand -= 1
    unit.finished = lot.ready = state.now
    unit.outcome = DONE
    unit.scrapped = 0
    lot.place = unit.index
    lot.operation = unit.next
    lot.holder = unit
    unit.next_line.join(lot)
    insort(state.queues[storage], lot, key=turn)
    show_idle(state, unit)
    touch_idle(state, unit.next_units)


def touch_idle(state: State, units: list[UnitState]) -> None:
    """Look at the units that have nothing to do: they may take a lot past a storage full of others."""
    for unit in units:
        if unit.lot is None:
            state.touched.add(unit.index)


def freed(state: State, storage: int) -> None:
    """Give a freed place to the lot that has waited longest for it; its unit is free to start."""
    lot = state.queues[storage][0]
    unit = lot.holder
    if unit is None or not unit.plain:
        state.places.add(storage)
        return
    now = state.now
    del state.queues[storage][0]
    stored = state.stored[storage] = state.stored[storage] + 1
    state.recorder.levels.append((state.storage_entities[storage], now, stored))
    write_row(state, unit, left=now)
    lot.stored = storage
    lot.holder = None
    lot.arrived = now
    unit.lot = None
    unit.finished = NONE
    state.touched.add(unit.index)
    touch_idle(state, unit.next_units)


def start(state: State, unit: UnitState) -> bool:
    """Start the lot at the head of the line, or starve where there is none.

    Declines where the lot does not wait in its own right: on a unit, or outside the storage.
    """
    number = unit.serves
    line = unit.line
    lots = line.lots
    if not lots:
        state.set_state(unit, STARVED)
        return True
    if not line.one_priority:
        return False
    lot = lots[0]
    storage = lot.stored
    if lot.holder is not None or storage != unit.storage:
        return False
    lots.popleft()
    now = state.now
    recorder = state.recorder
    if storage != NONE:
        lot.stored = NONE
        stored = state.stored[storage] = state.stored[storage] - 1
        recorder.levels.append((state.storage_entities[storage], now, stored))
        if state.queues[storage]:
            freed(state, storage)
        if state.short:
            look_again(state)
    unit.visit = 0 if lot.visits is None else lot.visit
    if now > unit.since:
        recorder.states.append(
            (unit.index, unit.state, unit.since, now, unit.row_lot, unit.row_operation, unit.cause)
        )
        unit.since = now
    unit.state = PRODUCING
    unit.row_lot = lot.number
    unit.row_operation = unit.operation = number
    unit.cause = NONE
    unit.lot = lot
    unit.phase = unit.last = PROCESSING
    unit.started = state.last_start = now
    unit.running = True
    state.in_hand += 1
    state.schedule(
        Due(state, (COMPLETED, unit.index, lot.number, unit.version)),
        NORMAL,
        unit.takes.nanoseconds(lot.number, unit.visit) if unit.visit else unit.takes.first_visit(lot.number),
    )
    return True
