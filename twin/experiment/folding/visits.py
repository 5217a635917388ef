"""Folds what one visit of a lot says by itself: waits, work, outcomes, attributes, physics, hold times.

Compiled; called by `lots.py` for each row of `lots`.
"""

from __future__ import annotations

import math

import numpy as np

from twin.engine.record import OUTCOMES
from twin.experiment.arrays import Integers, Reals
from twin.experiment.folding.exact import add_real
from twin.experiment.folding.lots_kept import (
    ARRIVED,
    CAUSE,
    FINISHED,
    IN,
    LEFT,
    NONE,
    OPERATION,
    OUTCOME,
    SCRAP,
    SINKS,
    STARTED,
    UNIT,
    WHOLE,
    Lots,
    Window,
    add_time,
    holds,
)
from twin.experiment.lots import DONE, FAILED, LOST, OPEN, REWORK, SPLIT
from twin.physics.contract import OK
from twin.physics.kernels.compiled import inlined

_COMPLETED, _BACK, _EXCEEDED = (WHOLE.index(name) for name in ("completed", "back", "exceeded"))
_BEGUN, _ENDED, _PASSED, _STOPS_KNOWN, _STOPS_COUNTED = range(5)  # columns of `Lots.by_operation`
_PHYSICS, _DEVIATIONS, _ANSWERED, _EMULATED, _OCCURS, _STILL = range(5, 11)
_FAILURE = np.array([FAILED.index(o) if o in FAILED else NONE for o in OUTCOMES], dtype=np.int64)


@inlined
def count_visit(rows: Integers, i: int, of: Lots, window: Window) -> None:
    """Count what one visit says by itself."""
    operation, outcome, unit = of.operation[rows[i, OPERATION]], rows[i, OUTCOME], rows[i, UNIT]
    of.by_operation[operation, _OCCURS] += 1
    if rows[i, STARTED] != NONE and holds(rows[i, STARTED], window):
        of.by_operation[operation, _BEGUN] += 1
        add_time(of.waited, operation, rows[i, STARTED] - rows[i, ARRIVED])
    if outcome != LOST:
        _count_queue(rows, i, operation, of, window)
    if _is_finished(rows, i, window):
        of.by_operation[operation, _ENDED] += 1
        add_time(of.worked, operation, rows[i, FINISHED] - rows[i, STARTED])
        of.whole[_COMPLETED] += 1
        of.whole[_BACK] += outcome == REWORK
        if unit != NONE:
            _count_made(rows, i, of)
    left = rows[i, LEFT] != NONE and holds(rows[i, LEFT], window)
    recipe = of.recipe[rows[i, OPERATION]]
    of.by_recipe[recipe, 2] += 1
    if left and outcome != LOST:
        of.by_recipe[recipe, 1] += rows[i, SCRAP] - rows[i, SINKS]
    failure = _FAILURE[outcome]
    if failure != NONE:
        of.failed_operations[operation, failure, 0] += left
        of.failed_operations[operation, failure, 1] += 1
        if unit != NONE:
            of.failed_units[of.unit[unit], failure, 0] += left
            of.failed_units[of.unit[unit], failure, 1] += 1


@inlined
def _is_finished(rows: Integers, i: int, window: Window) -> bool:
    """Whether a visit was finished in the window."""
    ended = rows[i, OUTCOME] != OPEN and rows[i, OUTCOME] != LOST and rows[i, FINISHED] != NONE
    return ended and holds(rows[i, FINISHED], window)


@inlined
def _count_queue(rows: Integers, i: int, operation: int, of: Lots, window: Window) -> None:
    """Time in the queue inside the window, until the visit starts or the lot leaves without a start."""
    since, started, left = max(rows[i, ARRIVED], window.start), rows[i, STARTED], rows[i, LEFT]
    if started == NONE and left == NONE:
        if since < window.end:
            of.by_operation[operation, _STILL] += 1
            add_time(of.still_from, operation, since)
        return
    until = left if started == NONE or (left != NONE and left < started) else started
    add_time(of.queued, operation, max(min(until, window.end) - since, 0))


@inlined
def _count_made(rows: Integers, i: int, of: Lots) -> None:
    """A visit that was finished on a unit: its planned time and its good share."""
    unit, planned = of.unit[rows[i, UNIT]], of.planned[rows[i, OPERATION]]
    of.by_unit[unit, 0] += 1
    if planned == NONE:
        of.by_unit[unit, 1] += 1
    else:
        add_time(of.planned_times, unit, planned)
    if rows[i, OUTCOME] == DONE or rows[i, OUTCOME] == SPLIT:
        good, scrapped = rows[i, IN] - rows[i, SCRAP], rows[i, SCRAP] - rows[i, SINKS]
        add_real(good / max(good + scrapped, 1), of.reals, 1 + unit)


@inlined
def count_attributes(
    rows: Integers, i: int, values: Reals, columns: Integers, of: Lots, window: Window
) -> None:
    """Count the attributes of a visit, its stops, what physics said, and whether a hold time passed."""
    operation, finished = of.operation[rows[i, OPERATION]], _is_finished(rows, i, window)
    before = 1 + len(of.by_unit)
    for k in range(len(columns)):
        value = values[columns[k]]
        if finished and not math.isnan(value):
            of.attribute_known[k] += 1
            add_real(value, of.reals, before + k)
    if window.stops != NONE and not math.isnan(values[window.stops]):
        of.by_operation[operation, _STOPS_KNOWN] += 1
        if finished:
            of.by_operation[operation, _STOPS_COUNTED] += 1
            add_real(values[window.stops], of.reals, before + len(columns) + operation)
    if window.status != NONE and not math.isnan(values[window.status]):
        of.by_operation[operation, _PHYSICS] += 1
        of.by_operation[operation, _DEVIATIONS] += finished and values[window.status] != OK
    if window.emulated != NONE and not math.isnan(values[window.emulated]):
        of.by_operation[operation, _ANSWERED] += 1
        of.by_operation[operation, _EMULATED] += values[window.emulated] != 0
    over = window.exceeded != NONE and not math.isnan(values[window.exceeded])
    if over and rows[i, LEFT] != NONE and holds(rows[i, LEFT], window):
        of.whole[_EXCEEDED] += 1
        of.by_operation[operation, _PASSED] += 1
        if rows[i, CAUSE] != NONE:
            of.held[rows[i, CAUSE]] += 1
