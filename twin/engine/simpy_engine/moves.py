"""Moves: a finished lot leaves its unit as soon as there is a place for it.

A freed place goes to the lot that has waited longest for it, then to the lower unit, then to the lower lot.
"""

from __future__ import annotations

from bisect import insort

from twin.engine.codes import BLOCKED, COMPLETED, OFF_SHIFT
from twin.engine.program import NO_STORAGE, NONE
from twin.engine.recorder import NULL
from twin.engine.simpy_engine import endings
from twin.engine.simpy_engine.agenda import schedule
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.people import look_again
from twin.engine.simpy_engine.state import LotState, State, UnitState

OUTSIDE = 2**62  # after every unit


def move_lots(state: State) -> None:
    """Move every lot that can move."""
    while state.just_finished or state.places:
        if state.just_finished:
            finished = state.just_finished
            if len(finished) > 1:
                finished.sort(key=lambda unit: unit.index)
            state.just_finished = []
            for unit in finished:
                if unit.finished != NONE and may_leave(unit):
                    hand_on(state, unit)
        else:
            storage = min(state.places)
            state.places.remove(storage)
            fill(state, storage)


def may_leave(unit: UnitState) -> bool:
    """Whether a finished lot may leave its unit: a unit that is down can keep it."""
    return not unit.down or all(clock.mode.finished_part_may_leave for clock in unit.stops_with if clock.down)


def hand_on(state: State, unit: UnitState) -> None:
    """Send the finished lot of a unit on its way: out, into a line, or to wait for a place."""
    lot = unit.lot
    assert lot is not None
    if lot.operation == NONE:
        leave_plant(state, unit, lot)
        return
    if stays(state, unit):
        if lot.holder is None:
            lot.holder, lot.ready = unit, state.now
        show_idle(state, unit)
        state.touched.add(unit.index)
        return
    storage = state.operations[lot.operation].storage
    if lot.holder is None:  # not yet in the next line
        lot.ready = state.now
        if storage == NONE:
            leave_unit(state, unit)
            join_line(state, lot)
            rest(state, lot)
            return
        lot.holder = unit
        if unit.reserved != NONE:  # its place is kept
            storage, unit.reserved = unit.reserved, NONE
            state.kept[storage] -= 1
            state.queues[storage].insert(0, lot)
            state.lines[lot.operation].join(lot)
            fill(state, storage)
            return
        free = storage != NO_STORAGE and not state.queues[storage] and has_room(state, storage)
        if free and kept_out(state, lot, storage) is None:
            state.lines[lot.operation].join(lot)
            enter_storage(state, lot, storage)
            return
        join_line(state, lot)
        if storage != NO_STORAGE:
            insort(state.queues[storage], lot, key=turn)
        show_idle(state, unit)
    if storage != NO_STORAGE:
        state.places.add(storage)
    else:
        state.touched.update(state.operations[lot.operation].units)


def stays(state: State, unit: UnitState) -> bool:
    """Whether the finished lot keeps its unit: its next operation belongs to the same unit procedure."""
    lot = unit.lot
    if lot is None or lot.operation == NONE or unit.finished == NONE:
        return False
    procedure = state.operations[unit.operation].procedure
    return procedure != NONE and procedure == state.operations[lot.operation].procedure


def has_room(state: State, storage: int) -> bool:
    """Whether a storage has a free place."""
    capacity = state.capacities[storage]
    return capacity == NONE or state.stored[storage] + state.kept[storage] < capacity


def kept_out(state: State, lot: LotState, storage: int) -> Reason | None:
    """What keeps a lot from entering a storage that has a free place."""
    return next((r for gate in state.hooks.gates[storage] if (r := gate(state, storage, lot))), None)


def turn(lot: LotState) -> tuple[int, int, int]:
    """The order in which lots get the free places of a storage."""
    return lot.ready, OUTSIDE if lot.holder is None else lot.holder.index, lot.number


def fill(state: State, storage: int) -> None:
    """Give the free places of a storage to lots that wait for one."""
    queue = state.queues[storage]
    at = 0
    while at < len(queue) and has_room(state, storage):
        lot = queue[at]
        if lot.holder is not None and not may_leave(lot.holder):
            at += 1
            continue
        reason = kept_out(state, lot, storage)
        if reason is not None:  # nobody overtakes it
            if lot.holder is not None and lot.holder.open:
                state.set_state(lot.holder, reason[0], lot.number, lot.holder.operation, reason[1])
            return
        del queue[at]
        enter_storage(state, lot, storage)


def enter_storage(state: State, lot: LotState, storage: int) -> None:
    """Put a lot into a storage, where it arrives after its way there; its unit is free at once."""
    change_stored(state, storage, 1)
    lot.stored = storage
    lot.loses_patience = False
    if lot.holder is not None:
        leave_unit(state, lot.holder)
    if storage in state.hooks.carriers:
        state.lines[lot.operation].leave(lot)
        state.moving[lot.number] = lot
        state.hooks.carriers[storage](state, storage, lot)
        return
    if state.travel is None:
        state.touched.update(state.operations[lot.operation].units)
        rest(state, lot)
        return
    destination = len(state.units) + storage
    delay = 0 if lot.place == NONE else state.travel[lot.place][destination]
    lot.place = destination
    if delay:
        state.lines[lot.operation].leave(lot)
        state.moving[lot.number] = lot
        state.in_hand += 1
        schedule(state, delay, (COMPLETED, destination, lot.number, 0))
    else:
        state.touched.update(state.operations[lot.operation].units)
        rest(state, lot)


def arrive(state: State, number: int) -> None:
    """Effect: a moved lot has come to its storage."""
    state.in_hand -= 1
    arrives(state, number)


def arrives(state: State, number: int) -> None:
    """Let a lot that was carried wait for its operation."""
    lot = state.moving.pop(number)
    lot.ready = state.now
    join_line(state, lot)
    if lot.parts or not is_sent_away(state, lot):  # one that is to be divided arrives as its parts
        rest(state, lot)


def is_sent_away(state: State, lot: LotState) -> bool:
    """Whether a rule sends a lot out or back that has come to where it waits."""
    return any(arrives(state, lot) for arrives in state.hooks.arrives[lot.operation])


def rest(state: State, lot: LotState) -> None:
    """A lot is laid down where it waits for its operation."""
    for rests in state.hooks.rests[lot.operation]:
        rests(state, lot)


def change_stored(state: State, storage: int, change: int) -> None:
    """Count lots in a storage."""
    state.stored[storage] += change
    entity = state.storage_entities[storage]
    state.recorder.levels.append((entity, state.now, state.stored[storage]))
    if change < 0:
        if state.queues[storage]:
            state.places.add(storage)
        if state.short:
            look_again(state)


def join_line(state: State, lot: LotState) -> None:
    """Let a lot wait for its operation."""
    state.lines[lot.operation].join(lot)
    state.touched.update(state.operations[lot.operation].units)


def add_job(state: State, operation: int, place: int, waited: int = 0) -> LotState:
    """Let a job of a unit or a dirty container at `place` wait for its operation; returns the job.

    Jobs of an operation are numbered down from -2, so that their draws are their own. It has `waited` so many
    ns already.
    """
    state.jobs[operation] += 1
    job = LotState(-state.jobs[operation] - 1, NONE, 0, operation, 0)
    job.place = place
    job.ready = job.arrived = state.now - waited
    join_line(state, job)
    return job


def leave_unit(state: State, unit: UnitState) -> None:
    """Take the finished lot off its unit, and write the row of its visit."""
    lot = unit.lot
    assert lot is not None
    endings.write_row(state, unit, left=state.now)
    lot.arrived = state.now
    lot.holder = None
    lot.place = unit.index
    number = unit.operation
    unit.lot = None
    unit.operation = unit.finished = NONE
    free(state, unit)
    for leaves in state.hooks.leaves[number]:
        leaves(state, unit, lot)


def free(state: State, unit: UnitState) -> None:
    """A unit has nothing in hand any more; it looks for work, and so do those who share it."""
    state.touched.add(unit.index)
    if unit.index in state.shared:
        look_again(state)


def leave_plant(state: State, unit: UnitState, lot: LotState) -> None:
    """Let a lot out of the plant."""
    leave_unit(state, unit)
    count_work_in_process(state, -1)
    for exits in state.hooks.exits:
        exits(state, lot)


def count_work_in_process(state: State, change: int) -> None:
    """Count lots in the plant."""
    state.work_in_process += change
    state.recorder.levels.append((state.wip_entity, state.now, state.work_in_process))


def show_idle(state: State, unit: UnitState) -> None:
    """The state of a unit that keeps a finished lot, or rests."""
    if not unit.open:
        state.set_state(unit, OFF_SHIFT)
    elif unit.down:
        state.set_state(unit, unit.down_state, cause=unit.down_cause)
    elif unit.lot is not None:
        storage = state.operations[unit.lot.operation].storage if unit.lot.operation != NONE else NONE
        cause = NULL if storage < 0 else state.recorder.cause(state.program.storages[storage].name)
        state.set_state(unit, BLOCKED, unit.lot.number, unit.operation, cause)
