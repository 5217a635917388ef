"""Sums over visits of lots to operations and units. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from twin.engine.record import OUTCOMES, SECOND
from twin.experiment.arrays import (
    NEVER,
    Integers,
    Mask,
    Windows,
    counts,
    exact_sums,
    integers,
    real_sums,
)
from twin.experiment.counting.lots import Counted, wide
from twin.experiment.lots import DONE, LOST, REWORK, SPLIT, Visits
from twin.experiment.names import Names
from twin.experiment.sums import HOLDS
from twin.physics.contract import OK
from twin.physics.emulation.emulator import EMULATED


def count_visits(
    visits: Visits, lots: pa.Table, windows: Windows, names: Names, planned: Mapping[str, float]
) -> Counted:
    """What is counted by visit: in all, by operation, by attribute, by failure and by unit."""
    n = len(windows.replications)
    completed = visits.completed(windows)
    back = completed & (visits.outcome == REWORK)
    return {
        "completed": counts(visits.place[completed], n),
        "back": counts(visits.place[back], n),
        **_by_operation(visits, windows, completed),
        **_holds(visits, windows),
        "exceeded_by": _hold_words(lots, windows),
        **_attributes(visits, completed, n),
        **_deviations(visits, completed, n),
        **_emulated(visits, n),
        "failed": _failed(visits, windows, names),
        **_made(visits, completed, names, planned, n),
    }


def _by_operation(visits: Visits, windows: Windows, completed: Mask) -> Counted:
    """Waiting, queues and processing by operation, shape (r, operations)."""
    n, kinds = len(windows.replications), len(visits.operation_names)
    shape = (n, kinds)
    group = visits.place * kinds + visits.operation
    known = visits.operation >= 0
    begun = known & (visits.started != NEVER) & windows.holds(visits.place, visits.started)
    ended = known & completed
    queued = known & (visits.outcome != LOST)
    until = np.minimum(visits.started, visits.left)  # a lot can leave without a start
    inside = windows.overlap(visits.place, visits.arrived, until)

    def times(rows: Mask, values: Integers) -> list[int]:
        return exact_sums(group[rows], values[rows], n * kinds)

    return {
        "begun": counts(group[begun], n * kinds).reshape(shape),
        "waited": wide(times(begun, visits.started - visits.arrived)).reshape(shape),
        "ended": counts(group[ended], n * kinds).reshape(shape),
        "worked": wide(times(ended, visits.finished - visits.started)).reshape(shape),
        "queued": wide(times(queued, inside)).reshape(shape),
    }


def _holds(visits: Visits, windows: Windows) -> Counted:
    """Visits that passed a hold time and have left, in all and by operation."""
    n, kinds = len(windows.replications), len(visits.operation_names)
    exceeded = visits.attributes.get("hold_exceeded")
    if exceeded is None:
        return {}
    over = ~np.isnan(exceeded) & (visits.left != NEVER) & windows.holds(visits.place, visits.left)
    known = over & (visits.operation >= 0)
    group = visits.place * kinds + visits.operation
    return {
        "exceeded": counts(visits.place[over], n),
        "operation_exceeded": counts(group[known], n * kinds).reshape(n, kinds),
    }


def _hold_words(lots: pa.Table, windows: Windows) -> Integers:
    """Hold times of lots that passed inside the window, by the word that set them, shape (r, words)."""
    n = len(windows.replications)
    found = np.zeros((n, len(HOLDS)), dtype=np.int64)
    if "cause" not in lots.column_names or "attribute.hold_exceeded" not in lots.column_names:
        return found
    passed = lots.filter(lots.column("attribute.hold_exceeded").is_valid())
    passed = passed.filter(passed.column("left").is_valid())
    place, left = windows.place(passed), integers(passed, "left")
    causes = passed.column("cause").cast(pa.string()).to_pylist()
    inside = windows.holds(place, left)
    for k, word in enumerate(HOLDS):
        mine = np.array([(cause or "").startswith(word) for cause in causes], dtype=np.bool_)
        found[:, k] = counts(place[inside & mine], n)
    return found


def _attributes(visits: Visits, completed: Mask, n: int) -> Counted:
    """Sums of the attributes of finished visits that know them, and of stops by operation."""
    kinds = len(visits.operation_names)
    ended = completed & (visits.operation >= 0)
    group = visits.place * kinds + visits.operation
    numbers, totals = np.zeros((n, len(visits.attributes)), np.int64), np.zeros((n, len(visits.attributes)))
    found: Counted = {"attribute_known": numbers, "attribute_sum": totals}
    for k, (name, values) in enumerate(visits.attributes.items()):
        known = ended & ~np.isnan(values)
        numbers[:, k] = counts(visits.place[known], n)
        totals[:, k] = real_sums(visits.place[known], values[known], n)
        if name == "stops":
            anywhere = ~np.isnan(values) & (visits.operation >= 0)
            found |= {
                "stops_known": counts(group[anywhere], n * kinds).reshape(n, kinds),
                "stops_counted": counts(group[known], n * kinds).reshape(n, kinds),
                "stops": real_sums(group[known], values[known], n * kinds).reshape(n, kinds),
            }
    return found


def _deviations(visits: Visits, completed: Mask, n: int) -> Counted:
    """Visits with physics, and finished ones for which a model did not hold, by operation."""
    status, kinds = visits.attributes.get("physics_status"), len(visits.operation_names)
    if status is None:
        return {}
    group = visits.place * kinds + visits.operation
    known = ~np.isnan(status) & (visits.operation >= 0)
    beyond = known & completed & (status != OK)
    return {
        "physics_known": counts(group[known], n * kinds).reshape(n, kinds),
        "deviations": counts(group[beyond], n * kinds).reshape(n, kinds),
    }


def _emulated(visits: Visits, n: int) -> Counted:
    """Visits of which it is known whether an emulator answered, and those that one did, by operation."""
    emulated, kinds = visits.attributes.get(EMULATED), len(visits.operation_names)
    if emulated is None:
        return {}
    group = visits.place * kinds + visits.operation
    known = ~np.isnan(emulated) & (visits.operation >= 0)
    return {
        "answered": counts(group[known], n * kinds).reshape(n, kinds),
        "emulated": counts(group[known & (emulated != 0)], n * kinds).reshape(n, kinds),
    }


def _failed(visits: Visits, windows: Windows, names: Names) -> Integers:
    """How many visits ended in the window with an outcome at an operation or a unit, shape (r, failed)."""
    n = len(windows.replications)
    ended = (visits.left != NEVER) & windows.holds(visits.place, visits.left)
    found = np.zeros((n, len(names.failed)), dtype=np.int64)
    for k, (kind, name, outcome) in enumerate(names.failed):
        of_operation = kind == "operation"
        known, mine = (names.operations, visits.operation) if of_operation else (names.units, visits.unit)
        number = {text: i for i, text in enumerate(known)}.get(name, -2)  # -1 stands for none
        here = ended & (visits.outcome == OUTCOMES.index(outcome)) & (mine == number)
        found[:, k] = counts(visits.place[here], n)
    return found


def _made(visits: Visits, completed: Mask, names: Names, planned: Mapping[str, float], n: int) -> Counted:
    """For each unit the planned time of the visits finished, their count and the good of them."""
    keep = completed & (visits.unit >= 0)
    shape = (n, len(names.units))
    size = shape[0] * shape[1]
    group = (visits.place * len(names.units) + visits.unit)[keep]
    times = np.array([round(planned.get(name, 0.0) * SECOND) for name in names.operations] + [0])
    without = np.array([name not in planned for name in names.operations] + [True])
    operation = visits.operation[keep]
    total = visits.good + visits.scrapped
    share = np.where(np.isin(visits.outcome, (DONE, SPLIT)), visits.good / np.maximum(total, 1), 0.0)
    return {
        "planned": wide(exact_sums(group, times[operation], size)).reshape(shape),
        "unplanned": counts(group[without[operation]], size).reshape(shape),
        "produced": counts(group, size).reshape(shape),
        "good": real_sums(group, share[keep], size).reshape(shape),
    }
