"""Specifications: attributes that physics computed decide what becomes of a lot."""

from __future__ import annotations

import math
from functools import partial

from twin.engine.program import NONE
from twin.engine.quality import BACK, HOLD, Limit
from twin.engine.rules.outcomes import DONE, REJECTED, REWORK
from twin.engine.rules.quality import within
from twin.engine.simpy_engine import laboratory
from twin.engine.simpy_engine.state import LotState, State, UnitState


def install(state: State) -> None:
    """Judge the visits of every operation that has a specification."""
    by_operation: dict[int, list[Limit]] = {}
    for limit in state.program.quality.limits:
        by_operation.setdefault(limit.operation, []).append(limit)
    for number, limits in by_operation.items():
        limits.sort(key=lambda limit: limit.otherwise)  # the gravest first: REJECT, BACK, HOLD
        state.hooks.outcomes[number].append(partial(_judge, tuple(limits)))
        holding = tuple(limit for limit in limits if limit.otherwise == HOLD)
        if holding:
            state.hooks.finishes[number].append(partial(_hold, holding))


def _judge(limits: tuple[Limit, ...], state: State, unit: UnitState, lot: LotState, outcome: int) -> int:
    """The outcome by the gravest limit that is missed; lots that go out or back anyway are not judged."""
    if outcome != DONE:
        return outcome
    for limit in limits:
        if limit.otherwise == HOLD or _is_within(limit, unit, lot):
            continue
        state.recorder.remark(unit.index, state.recorder.cause(limit.attribute), NONE)
        if limit.otherwise == BACK and not (limit.visits and unit.visit + 1 >= limit.visits):
            unit.rework_to = limit.to
            return REWORK
        return REJECTED
    return outcome


def _hold(limits: tuple[Limit, ...], state: State, unit: UnitState, lot: LotState) -> None:
    """Have lots on hold reviewed; they go on, and the next operation waits for the answer."""
    if unit.outcome != DONE:
        return
    for limit in limits:
        if not _is_within(limit, unit, lot):
            state.recorder.remark(unit.index, state.recorder.cause(limit.attribute), NONE)
            laboratory.ask(state, limit.inquiry, lot)


def _is_within(limit: Limit, unit: UnitState, lot: LotState) -> bool:
    """Whether the newest value of the attribute is good; one that is missing is not."""
    gained, brought = unit.physics or {}, lot.attributes or {}
    value = gained.get(limit.attribute, brought.get(limit.attribute, math.nan))
    return within(value, limit.low, limit.high)
