"""The physics broker: all requests of a round, one array call for each operation."""

from __future__ import annotations

import math

from twin.engine.physics_call import BATCH_MASS, evaluate
from twin.engine.program import PROCESSING, PhysicsCall
from twin.engine.rules.speeds import processing_time
from twin.engine.simpy_engine import work
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.simpy_engine.stuck import SimulationError

YIELD = "physics_yield"
STATUS = "physics_status"
LONGEST = 4e9  # s


def answer(state: State) -> None:
    """Answer every request of the round, and let the work go on that waited for nothing else."""
    for units in compute(state):
        for unit in units:
            if unit.phase == PROCESSING and not unit.running and not unit.down:
                work.go(state, unit)


def compute(state: State) -> list[list[UnitState]]:
    """Answer every request of the round; returns the units that asked, by operation."""
    by_operation: dict[int, list[UnitState]] = {}
    for unit in state.requests:
        by_operation.setdefault(unit.operation, []).append(unit)
    state.requests = []
    for operation, units in sorted(by_operation.items()):
        call = state.operations[operation].physics
        assert call is not None
        _ask(state, call, units)
    return list(by_operation.values())


def _ask(state: State, call: PhysicsCall, units: list[UnitState]) -> None:
    materials = [_material(state, call, unit) for unit in units]
    settings = [
        {
            name: state.streams.of(source).value(_lot(unit).number, unit.visit, unit.attempt)
            for name, source in call.settings
        }
        for unit in units
    ]
    outcome = evaluate(call, materials, settings, [unit.index for unit in units], state.backend)
    for i, unit in enumerate(units):
        seconds = float(outcome.duration[i])
        if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST):
            operation = state.operations[unit.operation].name
            raise SimulationError(
                f"'{call.model.name}' gives no duration for lot {_lot(unit).number} in '{operation}' "
                f"({seconds} s): its inputs are {materials[i] | settings[i]}"
            )
        unit.physics = {name: float(values[i]) for name, values in outcome.attributes.items()}
        unit.physics[YIELD] = min(1.0, max(0.0, float(outcome.yield_[i])))
        unit.physics[STATUS] = float(outcome.status[i])
        unit.durations[PROCESSING] = processing_time(seconds, unit.speed)
        if unit.phase == PROCESSING:
            unit.remaining = unit.durations[PROCESSING]


def hand_over(unit: UnitState, lot: LotState) -> None:
    """Let the lot carry what the visit gave it to later operations."""
    assert unit.physics is not None
    gained = {name: value for name, value in unit.physics.items() if name not in (YIELD, STATUS)}
    lot.attributes = (lot.attributes or {}) | gained


def _material(state: State, call: PhysicsCall, unit: UnitState) -> dict[str, float]:
    lot = _lot(unit)
    brought = lot.attributes or {}
    values = {name: brought.get(name, default) for name, default in call.carried}
    for name, source in call.material:
        values[name] = state.streams.of(source).value(lot.number)
    values[BATCH_MASS] = lot.quantity * 1e-6
    return values


def _lot(unit: UnitState) -> LotState:
    assert unit.lot is not None
    return unit.lot
