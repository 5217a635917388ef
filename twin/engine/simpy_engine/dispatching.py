"""Dispatching: the order in which a unit looks at waiting lots, and which of two goes first.

Lines are kept by time of waiting and by priority, which is all that most plants need. A unit with another
rule, or any unit that must look out for hot lots regardless of priority, goes by a key of each lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from twin.engine.program import NONE, Operation
from twin.engine.rules.dispatching import (
    FIFO,
    OWN,
    PRIORITY,
    dispatching_value,
    goes_before_by_value,
    goes_first,
    is_hot,
)
from twin.engine.simpy_engine.state import LotState, State, UnitState

NAME = "dispatching"

Key = tuple[bool, int, int, int, int]  # not hot, value, priority, ready, number


def install(state: State) -> None:
    """Have units go by a key of each lot where neither priority nor time of waiting is all."""
    any_hot = any(line.hot for line in state.program.orders)
    for unit in state.units:
        rule = unit.program.dispatching
        unit.by_key = rule > FIFO or (rule == FIFO and any_hot)
    if any(unit.by_key for unit in state.units):
        state.rules[NAME] = nominal_times_after(state.operations)


def nominal_times_after(operations: Sequence[Operation]) -> list[int]:
    """The nominal time in ns of all that comes after each operation, as its recipe has it."""
    after: list[int] = []
    for operation in operations:
        total, following = 0, operation.next
        while following != NONE:
            total += operations[following].nominal
            following = operations[following].next
        after.append(total)
    return after


def in_turn(state: State, unit: UnitState, number: int) -> Iterable[LotState]:
    """The lots that wait for an operation, in the order in which the unit looks at them."""
    line = state.lines[number]
    if not unit.by_key:
        return line.in_turn(unit.program.dispatching == PRIORITY)
    return _by_key(state, unit, line.lots)


def _by_key(state: State, unit: UnitState, lots: Iterable[LotState]) -> Iterator[LotState]:
    """The first lot, which most often is the one taken, and only then the others in order."""
    keyed = [(key(state, unit, lot), lot) for lot in lots]
    if not keyed:
        return  # nobody is left to go with the first of a batch
    first = min(keyed, key=_of_pair)
    yield first[1]
    keyed.remove(first)
    for _, lot in sorted(keyed, key=_of_pair):
        yield lot


def _of_pair(pair: tuple[Key, LotState]) -> Key:
    return pair[0]


def key(state: State, unit: UnitState, lot: LotState) -> Key:
    """What the unit goes by: the lower goes first."""
    rule = unit.program.dispatching
    priority = 0 if rule == FIFO else lot.priority
    return not is_hot(lot.priority), value(state, unit, lot, rule), priority, lot.ready, lot.number


def value(state: State, unit: UnitState, lot: LotState, rule: int) -> int:
    """The number that the unit's rule gives a lot."""
    operation = state.operations[lot.operation]
    processing = operation.nominal_on.get(unit.index, operation.nominal)
    after = state.rules[NAME]
    assert isinstance(after, list)
    remaining = processing + after[lot.operation]
    changeover = nominal_changeover(state, unit, lot)
    if rule >= OWN:
        own = state.program.dispatching_rules[rule - OWN]
        return int(
            own(state.now, lot.ready, lot.due, lot.priority, processing, remaining, changeover, lot.number)
        )
    return dispatching_value(rule, state.now, lot.ready, lot.due, processing, remaining, changeover)


def nominal_changeover(state: State, unit: UnitState, lot: LotState) -> int:
    """Nominal time in ns to clean and set up the unit for a lot, as it is now."""
    return sum(changeover(state, unit, lot) for changeover in state.hooks.changeovers[unit.index])


def goes_before(
    state: State, unit: UnitState, lot: LotState, preference: int, best: LotState, best_preference: int
) -> bool:
    """Whether a unit takes one lot rather than the best so far; preferences are the unit's rank for each."""
    if unit.by_key:
        cold, mine, priority, ready, number = key(state, unit, lot)
        best_cold, other, best_priority, best_ready, best_number = key(state, unit, best)
        return goes_before_by_value(
            not cold,
            mine,
            priority,
            ready,
            preference,
            number,
            not best_cold,
            other,
            best_priority,
            best_ready,
            best_preference,
            best_number,
        )
    return goes_first(
        unit.program.dispatching,
        lot.priority,
        lot.ready,
        preference,
        lot.number,
        best.priority,
        best.ready,
        best_preference,
        best.number,
    )
