"""Warehouses: storages that hold so many kilograms or pieces, besides so many lots."""

from __future__ import annotations

from twin.engine.codes import BLOCKED
from twin.engine.program import NONE
from twin.engine.simpy_engine.hooks import Reason
from twin.engine.simpy_engine.portions import arriving
from twin.engine.simpy_engine.state import LotState, State


def install(state: State) -> None:
    """Concern the storages that are limited by quantity."""
    for number, storage in enumerate(state.program.storages):
        if storage.holds != NONE:
            state.hooks.gates[number].append(_too_full)


def _too_full(state: State, storage: int, lot: LotState) -> Reason | None:
    """Whether what is left of the lot would be too much; what is on its way to the storage counts."""
    lots = [*state.moving.values(), *(lot for line in state.lines for lot in line.lots)]
    inside = sum(other.quantity for other in lots if other.stored == storage)
    pool = state.program.storages[storage]
    if inside + arriving(state, lot) <= pool.holds:
        return None
    return BLOCKED, state.recorder.cause(pool.name)
