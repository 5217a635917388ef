"""Measures of lots and of their visits to operations; definitions stand in the catalogue. Pure, called by
`measures`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.engine.record import OUTCOMES, SECOND
from twin.experiment.arrays import NEVER, Integers, Mask, Reals, Windows, counts, exact_sums, ratios
from twin.experiment.lots import DONE, EXPIRED, LOST, REJECTED, REWORK, SCRAPPED, Visits

MILLIGRAMS = 1_000_000  # in a kilogram

FINAL = (DONE, SCRAPPED, REJECTED, EXPIRED)  # outcomes with which lots that were let in leave


def lot_measures(visits: Visits, windows: Windows) -> dict[str, Reals]:
    """Throughput, output, lead time, waiting, makespan, yield, loss, rework and first pass: arrays of shape
    (r,).
    """
    n = len(windows.replications)
    place, out = visits.place[visits.first], visits.left[visits.last]
    outcome = visits.outcome[visits.last]
    inside = (out != NEVER) & windows.holds(place, out)
    good = inside & (outcome == DONE)
    finished = counts(place[good], n)
    late = visits.attributes.get("hold_exceeded")
    columns = {
        "throughput": ratios((finished * SECOND).tolist(), windows.length.tolist()),
        "lots_finished": finished.astype(np.float64),
        **_output(visits, good, place, n),
        **_lead_times(visits, good, place, n),
        **_delivery(visits, windows, good, place, n),
        **_quality(visits, windows, inside & np.isin(outcome, FINAL), place, n),
    }
    if late is not None:
        over = ~np.isnan(late) & (visits.left != NEVER) & windows.holds(visits.place, visits.left)
        columns["hold_time_violations"] = counts(visits.place[over], n).astype(np.float64)
    if np.all(windows.start == 0):
        last = np.zeros(n, dtype=np.int64)
        np.maximum.at(last, place[inside], out[inside])
        columns["makespan"] = np.where(last > 0, last / SECOND, np.nan)
    return columns


def _output(visits: Visits, good: Mask, place: Integers, n: int) -> dict[str, Reals]:
    """Good quantity of the lots that left, by unit of quantity; a unit that no lot is counted in has no
    measure.
    """
    final = visits.last
    in_pieces = visits.in_pieces[final]
    columns = {}
    for name, kind, size in (("output_mass", ~in_pieces, MILLIGRAMS), ("output_pieces", in_pieces, 1)):
        if kind.any():
            keep = good & kind
            total = exact_sums(place[keep], visits.good[final][keep], n)
            columns[name] = ratios(total, [size] * n)
    return columns


def _lead_times(visits: Visits, good: Mask, place: Integers, n: int) -> dict[str, Reals]:
    """Mean and quantiles of the time from release to leaving, and the mean waiting, over the good lots that
    left.
    """
    where, finished = place[good], counts(place[good], n)
    lead = (visits.left[visits.last] - visits.arrived[visits.first])[good]
    order = np.lexsort((lead, where))
    first = np.concatenate([[0], np.cumsum(finished)[:-1]])
    columns = {"lead_time_mean": ratios(exact_sums(where, lead, n), (finished * SECOND).tolist())}
    for percent in (50, 90, 95):
        rank = np.maximum(-(-finished * percent // 100) - 1, 0)  # the ⌈qn⌉-th smallest, from 0
        value = np.full(n, np.nan)
        some = finished > 0
        value[some] = lead[order][(first + rank)[some]] / SECOND
        columns[f"lead_time_p{percent}"] = value
    mine = np.repeat(good, visits.last - visits.first + 1) & (visits.started != NEVER)
    waiting = exact_sums(visits.place[mine], (visits.started - visits.arrived)[mine], n)
    columns["waiting_time_mean"] = ratios(waiting, (finished * SECOND).tolist())
    return columns


def _delivery(visits: Visits, windows: Windows, good: Mask, place: Integers, n: int) -> dict[str, Reals]:
    """On-time delivery and tardiness, where lots have due dates; arrays of shape (r,).

    A lot that is due in the window is on time if it has left, good, by then; so what is late and still in the
    plant counts, and what was rejected does.
    """
    due, out = visits.due[visits.first], visits.left[visits.last]
    dated = due != NEVER
    if not dated.any():
        return {}
    asked = dated & windows.holds(place, due)
    on_time = asked & (out <= due) & (visits.outcome[visits.last] == DONE)
    delivered = good & dated
    late = np.maximum(out - due, 0)[delivered]
    whole = counts(place[delivered], n) * SECOND
    return {
        "on_time": ratios(counts(place[on_time], n).tolist(), counts(place[asked], n).tolist()),
        "tardiness_mean": ratios(exact_sums(place[delivered], late, n), whole.tolist()),
    }


def _quality(visits: Visits, windows: Windows, left: Mask, place: Integers, n: int) -> dict[str, Reals]:
    """Yield, lost fraction, rework ratio and first pass."""
    first, last = visits.first, visits.last
    outcome = visits.outcome[last]
    released = windows.holds(place, visits.arrived[first])
    lost = released & (outcome == LOST)
    weighed = left & (visits.in_pieces[first] == visits.in_pieces[last]) & (visits.quantity_in[first] > 0)
    share = visits.good[last] / np.maximum(visits.quantity_in[first], 1)
    completed = visits.completed(windows)
    back = completed & (visits.outcome == REWORK)
    clean = left & (outcome == DONE) & ~visits.reworked()
    return {
        "yield": _mean(place[weighed], share[weighed], n),
        "lost_fraction": ratios(counts(place[lost], n).tolist(), counts(place[released], n).tolist()),
        "rework_ratio": ratios(
            counts(visits.place[back], n).tolist(), counts(visits.place[completed], n).tolist()
        ),
        "first_pass": ratios(counts(place[clean], n).tolist(), counts(place[left], n).tolist()),
    }


def visit_measures(visits: Visits, windows: Windows) -> dict[str, Reals]:
    """For each operation waiting, queue, processing and stops; for each attribute its mean. Arrays of shape
    (r,).
    """
    n, kinds = len(windows.replications), len(visits.operation_names)
    group = visits.place * kinds + visits.operation
    known = visits.operation >= 0
    begun = known & (visits.started != NEVER) & windows.holds(visits.place, visits.started)
    ended = known & visits.completed(windows)
    wait = _mean_times(group[begun], (visits.started - visits.arrived)[begun], n * kinds)
    work = _mean_times(group[ended], (visits.finished - visits.started)[ended], n * kinds)
    queued = known & (visits.outcome != LOST)
    waited = np.minimum(visits.started, visits.left)  # a lot can leave without a start
    inside = windows.overlap(visits.place, visits.arrived, waited)[queued]
    length = np.repeat(windows.length, kinds).tolist()
    queue = ratios(exact_sums(group[queued], inside, n * kinds), length)
    stops = visits.attributes.get("stops")
    exceeded = visits.attributes.get("hold_exceeded")
    over = np.zeros(len(group), dtype=np.bool_) if exceeded is None else known & ~np.isnan(exceeded)
    over &= (visits.left != NEVER) & windows.holds(visits.place, visits.left)
    columns = {}
    for k, name in enumerate(visits.operation_names):
        stem = f"operation.{name.replace('/', '.')}"
        columns[f"{stem}.waiting_mean"] = wait[k::kinds]
        columns[f"{stem}.queue_mean"] = queue[k::kinds]
        columns[f"{stem}.processing_mean"] = work[k::kinds]
        if exceeded is not None:
            passed = counts(visits.place[over & (visits.operation == k)], n)
            columns[f"{stem}.hold_time_violations"] = passed.astype(np.float64)
        counted = ended & (visits.operation == k)
        if stops is not None and not np.all(np.isnan(stops[visits.operation == k])):
            columns[f"{stem}.stops_mean"] = _mean_known(visits.place[counted], stops[counted], n)
    for name, values in visits.attributes.items():
        columns[f"attribute.{name}.mean"] = _mean_known(visits.place[ended], values[ended], n)
    return columns


def outcome_measures(
    visits: Visits, windows: Windows, failed: Sequence[tuple[str, str, str]], units: Sequence[str]
) -> dict[str, Reals]:
    """How many visits ended in the window with an outcome, for each operation or unit and outcome of
    `failed`; a lot that was sent away while it waited counts at the operation alone.
    """
    ended = (visits.left != NEVER) & windows.holds(visits.place, visits.left)
    columns = {}
    for kind, name, outcome in failed:
        of_operation = kind == "operation"
        names, found = (visits.operation_names, visits.operation) if of_operation else (units, visits.unit)
        number = {known: k for k, known in enumerate(names)}.get(name, -2)  # -1 stands for none
        here = ended & (visits.outcome == OUTCOMES.index(outcome)) & (found == number)
        total = counts(visits.place[here], len(windows.replications))
        columns[f"{kind}.{name.replace('/', '.')}.lots.{outcome}"] = total.astype(np.float64)
    return columns


def _mean_times(groups: Integers, times: Integers, size: int) -> Reals:
    """Mean in s of times in ns by group."""
    return ratios(exact_sums(groups, times, size), (counts(groups, size) * SECOND).tolist())


def _mean(groups: Integers, values: Reals, size: int) -> Reals:
    """Mean of reals by group, summed in the order of the rows; NaN where there are none."""
    total, count = np.bincount(groups, values, size), counts(groups, size)
    return np.asarray(total / np.where(count == 0, np.nan, count), dtype=np.float64)


def _mean_known(groups: Integers, values: Reals, size: int) -> Reals:
    """Mean by group of the values that are known."""
    known = ~np.isnan(values)
    return _mean(groups[known], values[known], size)
