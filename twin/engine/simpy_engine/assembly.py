"""Splitting lots into parts, merging the parts again, and packing.

A lot that is split leaves its unit whole, as soon as there is room for all its parts, and is divided where it
is laid down. Parts that merge wait in their line until all of them that are still in the plant are there.
"""

from __future__ import annotations

from twin.engine.program import NONE
from twin.engine.record import OUTCOMES
from twin.engine.recorder import NULL
from twin.engine.rules.outcomes import DONE
from twin.engine.rules.parts import part, part_of_size, parts_of, portion, split_from
from twin.engine.simpy_engine import releases, starts
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import change_stored, count_work_in_process, may_leave
from twin.engine.simpy_engine.state import BLOCKED, STARVED, LotState, State, UnitState

SPLIT, MERGED = OUTCOMES.index("split"), OUTCOMES.index("merged")
PACKS = "packs"  # the attribute that counts them


class Family:
    """What has become of a lot that was split."""

    __slots__ = ("alive", "lot", "waiting")

    def __init__(self, lot: LotState) -> None:
        self.lot = lot
        self.alive = lot.parts  # parts that have neither left the plant nor merged
        self.waiting: list[LotState] = []  # those that want to merge


def install(state: State) -> None:
    """Concern the operations that split, merge or pack, and those that parts wait for."""
    hooks = state.hooks
    families: dict[int, Family] = {}
    state.rules["assembly"] = families
    for number, operation in enumerate(state.operations):
        if operation.split_into or operation.split_each:
            hooks.finishes[number].append(_decide_split)
            hooks.leaves[number].append(_count_parts)
            hooks.refusals[operation.next].append(_not_yet_divided)
            hooks.rests[operation.next].append(_divide)
            storage = state.operations[operation.next].storage
            if storage >= 0 and _no_room_for_parts not in hooks.gates[storage]:
                hooks.gates[storage].append(_no_room_for_parts)
        if operation.merges:
            hooks.waits[number].append(_wait_for_others)
            hooks.refusals[number].append(_others_are_missing)
            hooks.claims[number].append(_merge)
        if operation.pack:
            hooks.finishes[number].append(_pack)
    if any(operation.merges for operation in state.operations):
        hooks.exits.append(_one_less)


def _families(state: State) -> dict[int, Family]:
    families = state.rules["assembly"]
    assert isinstance(families, dict)
    return families


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


def _divide(state: State, lot: LotState) -> None:
    """Put the parts in the place of a lot that is laid down."""
    if not lot.parts:
        return
    parts, line = lot.parts, state.lines[lot.operation]
    line.leave(lot)
    _families(state)[lot.number] = Family(lot)
    lot.parts = 0
    if lot.stored != NONE:
        state.kept[lot.stored] -= parts - 1
        change_stored(state, lot.stored, parts - 1)
    children = [_part(state, lot, parts, k) for k in range(parts)]
    for becomes in state.hooks.becomes:
        becomes(state, [lot], children)
    for child in children:
        state.recorder.genealogy.append(
            (state.now, lot.operation, NULL, NULL, lot.number, child.number, child.quantity)
        )
        for waits in state.hooks.waits[child.operation]:
            waits(state, child)
        line.join(child)
    lot.born += parts


def _part(state: State, lot: LotState, parts: int, k: int) -> LotState:
    each = state.operations[lot.split_at].split_each
    quantity = part_of_size(lot.quantity, each, k) if each else portion(lot.quantity, parts, k)
    child = LotState(part(lot.number, lot.born + k), lot.order, lot.priority, lot.operation, quantity)
    child.attributes, child.due = lot.attributes, lot.due
    child.place, child.stored = lot.place, lot.stored
    child.arrived, child.ready = lot.arrived, state.now
    return child


def _wait_for_others(state: State, lot: LotState) -> None:
    family = _families(state).get(split_from(lot.number))
    if family is not None and not lot.parts:
        family.waiting.append(lot)


def _others_are_missing(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """Parts start together, as one lot."""
    family = _families(state).get(split_from(lot.number))
    if family is None:
        return None
    here = [other for other in family.waiting if other.holder is None or may_leave(other.holder)]
    return None if len(here) == family.alive else (STARVED, NULL)


def _merge(state: State, unit: UnitState, lot: LotState) -> None:
    """Have the unit hold the lot that was split, in the place of its parts."""
    family = _families(state).pop(split_from(lot.number), None)
    if family is None:
        return
    whole = family.lot
    whole.quantity = sum(other.quantity for other in family.waiting)
    whole.attributes = _mean_attributes(family.waiting, whole.quantity)
    whole.operation, whole.place, whole.stored = lot.operation, lot.place, NONE
    whole.arrived = whole.ready = state.now
    for other in family.waiting:
        if other is not lot:
            starts.fetch(state, other)
        releases.write_waiting(state, other, MERGED, state.now)
        state.recorder.genealogy.append(
            (state.now, lot.operation, NULL, NULL, other.number, whole.number, other.quantity)
        )
    count_work_in_process(state, 1 - len(family.waiting))
    unit.lot = whole
    for becomes in state.hooks.becomes:
        becomes(state, family.waiting, [whole])


def _mean_attributes(lots: list[LotState], quantity: int) -> dict[str, float] | None:
    """Means weighted by quantity of the attributes that all parts have."""
    known = [lot.attributes or {} for lot in lots]
    names = [name for name in known[0] if all(name in each for each in known)]
    if not names or not quantity:
        return known[0] or None
    return {
        name: sum(lot.quantity * each[name] for lot, each in zip(lots, known, strict=True)) / quantity
        for name in names
    }


def _one_less(state: State, lot: LotState) -> None:
    """A part has left the plant: the others no longer wait for it."""
    parent = split_from(lot.number)
    family = _families(state).get(parent)
    if family is None:
        return
    family.alive -= 1
    if not family.alive:
        del _families(state)[parent]
    elif family.waiting:
        state.touched.update(state.operations[family.waiting[0].operation].units)


def _pack(state: State, unit: UnitState, lot: LotState) -> None:
    """Fill packs; what fills none is lost."""
    pack = state.operations[unit.operation].pack
    packs, rest = divmod(lot.quantity - unit.scrapped, pack)
    unit.scrapped += rest
    unit.physics = (unit.physics or {}) | {PACKS: float(packs)}
