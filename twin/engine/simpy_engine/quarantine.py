"""Quarantine: a lot stays in the place where it waits while the laboratory works on its release.

The units of the laboratory hold the papers, not the lot: its place in the storage stays taken until the next
operation starts.
"""

from __future__ import annotations

from collections.abc import Sequence

from twin.engine.codes import STARVED
from twin.engine.program import NONE, TRANSPORT
from twin.engine.recorder import NULL
from twin.engine.rules.outcomes import DONE
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.moves import change_stored
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "quarantine"


class Quarantine:
    """Lots in quarantine, and where those stand that are worked on."""

    __slots__ = ("inside", "places")

    def __init__(self) -> None:
        self.inside: dict[int, int] = {}  # lot to the operation that releases it
        self.places: dict[int, tuple[int, int]] = {}  # lot to its storage and its place for transport


def install(state: State) -> None:
    """Keep lots where they are at every operation with quarantine, and count them."""
    quarantines = state.program.quality.quarantines
    if not quarantines:
        return
    state.rules[NAME] = Quarantine()
    hooks = state.hooks
    for number in quarantines:
        hooks.waits[number].append(_enter)
        hooks.withdraws[number].append(_go)
        hooks.refusals[number].append(_not_in_its_place)
        hooks.claims[number].append(_keep_place)
        hooks.prepares[number].append(_bring_nothing)
        hooks.finishes[number].append(_finished)
        hooks.leaves[number].append(_leave)
    hooks.becomes.append(_becomes)
    hooks.exits.append(_go)
    _count(state)


def _kept(state: State) -> Quarantine:
    kept = state.rules[NAME]
    assert isinstance(kept, Quarantine)
    return kept


def _count(state: State) -> None:
    recorder = state.recorder
    recorder.levels.append((recorder.entity("quarantine"), state.now, len(_kept(state).inside)))


def _enter(state: State, lot: LotState) -> None:
    _kept(state).inside[lot.number] = lot.operation
    _count(state)


def _go(state: State, lot: LotState) -> None:
    if _kept(state).inside.pop(lot.number, None) is not None:
        _count(state)


def _becomes(state: State, gone: Sequence[LotState], come: Sequence[LotState]) -> None:
    """Parts are in quarantine as the lot that they were was, and a lot as its parts were."""
    inside = _kept(state).inside
    operations = [inside.pop(lot.number) for lot in gone if lot.number in inside]
    if operations:
        inside.update((lot.number, operations[0]) for lot in come)
        _count(state)


def _not_in_its_place(state: State, unit: UnitState, lot: LotState) -> Reason | None:
    """A lot that found no room in its storage is not in quarantine yet."""
    outside = state.operations[lot.operation].storage != NONE and lot.stored == NONE
    return (STARVED, NULL) if lot.holder is not None or outside else None


def _keep_place(state: State, unit: UnitState, lot: LotState) -> None:
    """Take the place in the storage again that the start has given up."""
    storage = state.operations[lot.operation].storage
    if storage != NONE:
        change_stored(state, storage, 1)
    _kept(state).places[lot.number] = (storage, lot.place)


def _bring_nothing(state: State, unit: UnitState, lot: LotState) -> None:
    unit.durations[TRANSPORT] = 0


def _finished(state: State, unit: UnitState, lot: LotState) -> None:
    _go(state, lot)


def _leave(state: State, unit: UnitState, lot: LotState) -> None:
    """A released lot goes on waiting in its place; one that goes out or back frees it."""
    storage, lot.place = _kept(state).places.pop(lot.number)
    if storage == NONE:
        return
    if unit.outcome == DONE and lot.operation != NONE:
        lot.stored = storage
    else:
        change_stored(state, storage, -1)
