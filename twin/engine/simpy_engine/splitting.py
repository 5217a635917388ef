"""Splitting lots into parts.

A lot that is split leaves its unit whole, as soon as there is room for all its parts, and is divided where it
is laid down. It is decided after all else about its visit: what is sampled, packed or rejected is no part. On
its way there it counts as its parts: where a limit passes meanwhile, each of them is sent out as it arrives.
"""

from __future__ import annotations

from twin.engine.codes import BLOCKED, STARVED
from twin.engine.program import NONE
from twin.engine.record import OUTCOMES
from twin.engine.recorder import NULL
from twin.engine.rules.outcomes import DONE
from twin.engine.rules.parts import part, part_of_size, parts_of, portion
from twin.engine.simpy_engine.assembly import Family, families_of
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import change_stored, count_work_in_process, is_sent_away
from twin.engine.simpy_engine.state import LotState, State, UnitState

SPLIT = OUTCOMES.index("split")


def install(state: State) -> None:
    """Concern the operations that split, and those that parts wait for."""
    hooks = state.hooks
    for number, operation in enumerate(state.operations):
        if operation.split_into or operation.split_each:
            hooks.finishes[number].append(_decide_split)
            hooks.leaves[number].append(_count_parts)
            hooks.refusals[operation.next].append(_not_yet_divided)
            hooks.withdraws[operation.next].append(_stays_whole)
            hooks.rests[operation.next].append(_divide)
            storage = state.operations[operation.next].storage
            if storage >= 0 and _no_room_for_parts not in hooks.gates[storage]:
                hooks.gates[storage].append(_no_room_for_parts)


def _decide_split(state: State, unit: UnitState, lot: LotState) -> None:
    """A finished lot will be divided."""
    if unit.outcome == DONE:
        operation = state.operations[unit.operation]
        unit.outcome = SPLIT
        good = lot.quantity - unit.scrapped
        lot.split_at = unit.operation
        lot.parts = parts_of(good, operation.split_into, operation.split_each)


def _count_parts(state: State, unit: UnitState, lot: LotState) -> None:
    """The lot has left its unit: from now on its parts count, and places are kept for them."""
    if lot.parts:
        count_work_in_process(state, lot.parts - 1)
        if lot.stored != NONE:
            state.kept[lot.stored] += lot.parts - 1


def _no_room_for_parts(state: State, storage: int, lot: LotState) -> Reason | None:
    capacity = state.capacities[storage]
    if capacity == NONE or state.stored[storage] + state.kept[storage] + max(lot.parts, 1) <= capacity:
        return None
    return BLOCKED, state.recorder.cause(state.program.storages[storage].name)


def _not_yet_divided(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    return (STARVED, NULL) if lot.parts else None


def _stays_whole(state: State, lot: LotState) -> None:
    """A lot is sent out or back before it has left its unit, and is not divided."""
    lot.parts = 0


def _divide(state: State, lot: LotState) -> None:
    """Put the parts in the place of a lot that is laid down."""
    if not lot.parts:
        return
    parts, line = lot.parts, state.lines[lot.operation]
    line.leave(lot)
    families_of(state).setdefault(lot.number, Family(lot))  # portions before it belong to the same
    lot.parts = 0
    if lot.stored != NONE:
        state.kept[lot.stored] -= parts - 1
        change_stored(state, lot.stored, parts - 1)
    children = [_part(state, lot, parts, k) for k in range(parts)]
    for child in children:
        state.recorder.genealogy.append(
            (state.now, lot.operation, NULL, NULL, lot.number, child.number, child.quantity)
        )
        for waits in state.hooks.waits[child.operation]:
            waits(state, child)
        line.join(child)
    for becomes in state.hooks.becomes:
        becomes(state, [lot], children)
    lot.born += parts
    for child in children:
        is_sent_away(state, child)


def _part(state: State, lot: LotState, parts: int, k: int) -> LotState:
    each = state.operations[lot.split_at].split_each
    quantity = part_of_size(lot.quantity, each, k) if each else portion(lot.quantity, parts, k)
    child = LotState(part(lot.number, lot.born + k), lot.order, lot.priority, lot.operation, quantity)
    child.attributes, child.due = lot.attributes, lot.due
    child.place, child.stored = lot.place, lot.stored
    child.arrived, child.ready = lot.arrived, state.now
    return child
