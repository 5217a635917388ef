"""Merging the parts of a lot again, and packing; `splitting` divides lots.

Parts that merge wait in their line until all of them that are still in the plant are there and may start.
"""

from __future__ import annotations

from twin.engine.codes import STARVED
from twin.engine.program import NONE
from twin.engine.record import OUTCOMES
from twin.engine.recorder import NULL
from twin.engine.rules.parts import mean_by_quantity, split_from
from twin.engine.simpy_engine import releases, starts
from twin.engine.simpy_engine.batches import lots_of
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import count_work_in_process, may_leave
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "assembly"
MERGED = OUTCOMES.index("merged")
PACKS = "packs"  # the attribute that counts them


class Family:
    """What has become of a lot that was split."""

    __slots__ = ("alive", "lot", "waiting")

    def __init__(self, lot: LotState) -> None:
        self.lot = lot
        self.alive = lot.parts  # parts that have neither left the plant nor merged
        self.waiting: list[LotState] = []  # those that want to merge


def install(state: State) -> None:
    """Concern the operations that merge or pack."""
    hooks = state.hooks
    state.rules[NAME] = {}
    for number, operation in enumerate(state.operations):
        if operation.merges:
            hooks.waits[number].append(_wait_for_others)
            hooks.withdraws[number].append(_waits_no_longer)
            hooks.refusals[number].append(_others_are_missing)
            hooks.claims[number].append(_merge)
        if operation.pack:
            hooks.finishes[number].append(_pack)
    if any(operation.merges for operation in state.operations):
        hooks.exits.append(_one_less)


def families_of(state: State) -> dict[int, Family]:
    """The lots that have been split, by number."""
    families = state.rules[NAME]
    assert isinstance(families, dict)
    return families


def _wait_for_others(state: State, lot: LotState) -> None:
    family = families_of(state).get(split_from(lot.number))
    if family is not None and not lot.parts:
        family.waiting.append(lot)


def _waits_no_longer(state: State, lot: LotState) -> None:
    family = families_of(state).get(split_from(lot.number))
    if family is not None and lot in family.waiting:
        family.waiting.remove(lot)


def _others_are_missing(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """Parts start together, as one lot."""
    family = families_of(state).get(split_from(lot.number))
    if family is None:
        return None
    if len(family.waiting) < family.alive or not all(_can_be_fetched(state, o) for o in family.waiting):
        return STARVED, NULL
    refusals = [r for r in state.hooks.refusals[lot.operation] if r is not _others_are_missing]
    others = (other for other in family.waiting if other is not lot)
    return next((why for other in others for r in refusals if (why := r(state, unit, other))), None)


def _can_be_fetched(state: State, lot: LotState) -> bool:
    """Whether a part is there: not on its way to a storage, and not on a unit that keeps it."""
    if lot.holder is not None:
        return may_leave(lot.holder)
    return not _is_kept(state, lot) and lot.number not in state.moving


def _is_kept(state: State, lot: LotState) -> bool:
    """Whether a part that is done is still on its unit: that failed, or others of its batch leave before."""
    if not 0 <= lot.place < len(state.units):
        return False
    unit = state.units[lot.place]
    return unit.lot is lot or (unit.lot is not None and lot in lots_of(state, unit))


def _merge(state: State, unit: UnitState, lot: LotState) -> None:
    """Have the unit hold the lot that was split, in the place of its parts."""
    family = families_of(state).pop(split_from(lot.number), None)
    if family is None:
        return
    whole = family.lot
    for other in family.waiting:
        if other is not lot:
            starts.fetch(state, other)  # and what its last unit lost of it is lost
    whole.quantity = sum(other.quantity for other in family.waiting)
    whole.attributes = _mean_attributes(family.waiting)
    whole.operation, whole.place, whole.stored = lot.operation, lot.place, NONE
    whole.container, lot.container = lot.container, NONE  # which the operation has just taken
    whole.arrived = whole.ready = state.now
    for other in family.waiting:
        releases.write_waiting(state, other, MERGED, state.now)
        state.recorder.genealogy.append(
            (state.now, lot.operation, NULL, NULL, other.number, whole.number, other.quantity)
        )
    count_work_in_process(state, 1 - len(family.waiting))
    unit.lot = whole
    for becomes in state.hooks.becomes:
        becomes(state, family.waiting, [whole])


def _mean_attributes(lots: list[LotState]) -> dict[str, float] | None:
    """Means weighted by quantity of the attributes that all parts have."""
    known = [lot.attributes or {} for lot in lots]
    quantities = [lot.quantity for lot in lots]
    names = [name for name in known[0] if all(name in each for each in known)]
    return {name: mean_by_quantity([each[name] for each in known], quantities) for name in names} or None


def _one_less(state: State, lot: LotState) -> None:
    lose_one(state, split_from(lot.number))


def lose_one(state: State, parent: int) -> None:
    """A part of a lot has left the plant: the others no longer wait for it."""
    family = families_of(state).get(parent)
    if family is None:
        return
    family.alive -= 1
    if not family.alive:
        del families_of(state)[parent]
    elif family.waiting:
        state.touched.update(state.operations[family.waiting[0].operation].units)


def _pack(state: State, unit: UnitState, lot: LotState) -> None:
    """Fill packs; what fills none is lost."""
    pack = state.operations[unit.operation].pack
    packs, rest = divmod(lot.quantity - unit.scrapped, pack)
    unit.scrapped += rest
    unit.physics = (unit.physics or {}) | {PACKS: float(packs)}
