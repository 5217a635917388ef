"""What the engine asks physics: the requests of a round as rows, and what their answers do to the work.

The answers come from the replication's desk, at once where they were computed ahead. Lots that are done
together are asked about as one: their masses add up, and what they bring is the mean by quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from twin.engine.broker.round import Waiting, answer_round
from twin.engine.broker.rows import ABSENT, NO_TIME, Answer, Request
from twin.engine.program import PROCESSING, PhysicsCall
from twin.engine.rules.parts import mean_by_quantity
from twin.engine.simpy_engine import work
from twin.engine.simpy_engine.batches import lots_of
from twin.engine.simpy_engine.state import LotState, State, UnitState
from twin.engine.simpy_engine.stuck import SimulationError

YIELD = "physics_yield"
STATUS = "physics_status"


def install(state: State) -> None:
    """Forget what was computed ahead of lots that have left."""
    if state.desk.broker.recipes.planned:
        state.hooks.exits.append(_forget)


def _forget(state: State, lot: LotState) -> None:
    state.desk.forget(lot.number)


def answer(state: State) -> bool:
    """Use the answers to the round's requests, and let the work go on that waited for nothing else.

    False where they are not all there: then the replication has to wait.
    """
    desk = state.desk
    if not (desk.answered if desk.slots else desk.ask(_rows(state))):
        return False
    by_operation = _use(state)
    for units in by_operation.values():
        for unit in units:
            if unit.phase == PROCESSING and not unit.running and not unit.down:
                work.go(state, unit)
    return True


def answer_now(state: State) -> None:
    """Have the requests answered on the spot, and let no work go on."""
    if state.requests and not state.desk.ask(_rows(state)):
        answer_round(state.desk.broker, [waiting(state)])
    _use(state)


def waiting(state: State) -> Waiting:
    """A replication that waits, as the broker sees it."""
    return Waiting(state.desk, state.streams.replication, RecipesOfLots(state))


class RecipesOfLots(Sequence[int]):
    """The recipe of each lot that a replication has released, read where it is kept."""

    __slots__ = ("_lines", "_orders")

    def __init__(self, state: State) -> None:
        self._lines, self._orders = state.program.orders, state.recorder.orders

    def __len__(self) -> int:
        return len(self._orders)

    @overload
    def __getitem__(self, lot: int) -> int: ...

    @overload
    def __getitem__(self, lot: slice) -> Sequence[int]: ...

    def __getitem__(self, lot: int | slice) -> int | Sequence[int]:
        if isinstance(lot, slice):
            return [self._lines[order].recipe for order in self._orders[lot]]
        return self._lines[self._orders[lot]].recipe


def _rows(state: State) -> list[Request]:
    return [_row(state, unit) for unit in state.requests]


def _row(state: State, unit: UnitState) -> Request:
    call = state.operations[unit.operation].physics
    assert call is not None
    lots = lots_of(state, unit)
    return Request(
        unit.operation,
        unit.index,
        state.streams.replication,
        lots[0].number,
        unit.visit,
        unit.attempt,
        unit.speed,
        sum(lot.quantity for lot in lots),
        _brought(call, lots),
    )


def _brought(call: PhysicsCall, lots: list[LotState]) -> tuple[float, ...]:
    """What the lots bring: of several the mean by quantity, where all bring it."""
    carried = [lot.attributes or {} for lot in lots]
    if len(lots) == 1:
        return tuple(carried[0].get(name, ABSENT) for name, _ in call.carried)
    quantities = [lot.quantity for lot in lots]
    return tuple(
        mean_by_quantity([each[name] for each in carried], quantities)
        if all(name in each for each in carried)
        else ABSENT
        for name, _ in call.carried
    )


def _use(state: State) -> dict[int, list[UnitState]]:
    """Take the answers; returns the units that asked, by operation."""
    by_operation: dict[int, list[UnitState]] = {}
    requests, state.requests = state.requests, []
    for unit, given in zip(requests, state.desk.take(), strict=True):
        by_operation.setdefault(unit.operation, []).append(unit)
        if given.time == NO_TIME:
            raise _no_duration(state, unit, given)
        unit.physics = {**given.attributes, YIELD: given.good, STATUS: float(given.status)}
        unit.durations[PROCESSING] = given.time
        if unit.phase == PROCESSING:
            unit.remaining = given.time
    return by_operation


def _no_duration(state: State, unit: UnitState, given: Answer) -> SimulationError:
    operation, row = state.operations[unit.operation], _row(state, unit)
    assert operation.physics is not None
    return SimulationError(
        f"'{operation.physics.model.name}' gives no duration for lot {row.number} in '{operation.name}' "
        f"({given.seconds} s): its inputs are {state.desk.broker.inputs_of(row)}"
    )


def hand_over(unit: UnitState, lot: LotState) -> None:
    """Let the lot carry what the visit gave it to later operations."""
    assert unit.physics is not None
    gained = {name: value for name, value in unit.physics.items() if name not in (YIELD, STATUS)}
    lot.attributes = (lot.attributes or {}) | gained
