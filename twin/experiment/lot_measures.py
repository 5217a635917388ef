"""Measures of lots and of their visits to operations; definitions stand in the catalogue. Pure, called by
`measures`.
"""

from __future__ import annotations

import numpy as np

from twin.engine.record import SECOND
from twin.experiment.arrays import Integers, Reals, Windows, ratios
from twin.experiment.sums import HOLDS, NONE, PERCENT, Sums

Columns = dict[str, Reals]
MILLIGRAMS = 1_000_000  # in a kilogram
WINDOW = "window"  # the measure that rates of what is counted are over


def lot_measures(sums: Sums, windows: Windows) -> Columns:
    """Throughput, output, lead time, waiting, makespan, yield, loss, rework, first pass and window: arrays of
    shape (r,).
    """
    columns = {
        "throughput": ratios((sums.finished * SECOND).tolist(), windows.length.tolist()),
        "lots_finished": sums.finished.astype(np.float64),
        **_output(sums),
        **_lead_times(sums),
        **_delivery(sums),
        **_quality(sums),
    }
    if "hold_exceeded" in sums.names.attributes:
        columns["hold_time_violations"] = sums.exceeded.astype(np.float64)
    if "physics_status" in sums.names.attributes:
        columns["deviations"] = sums.deviations.sum(axis=1).astype(np.float64)
    if windows.from_the_start:
        columns["makespan"] = np.where(sums.last_left > 0, sums.last_left / SECOND, np.nan)
    columns[WINDOW] = ratios(windows.length.tolist(), [SECOND] * len(sums.finished))
    return columns


def _output(sums: Sums) -> Columns:
    """Good quantity of the lots that left, by unit of quantity; a unit that no lot is counted in has no
    measure.
    """
    columns = {}
    if sums.ever("lots_in_mg"):
        columns["output_mass"] = ratios(sums.good_mg.tolist(), [MILLIGRAMS] * len(sums.good_mg))
    if sums.ever("lots_in_pieces"):
        columns["output_pieces"] = ratios(sums.good_pieces.tolist(), [1] * len(sums.good_pieces))
    return columns


def _lead_times(sums: Sums) -> Columns:
    """Mean and quantiles of the time from release to leaving, and the mean waiting, over the good lots that
    left.
    """
    columns = {"lead_time_mean": _mean_times(sums.lead_time.tolist(), sums.finished)}
    for k, percent in enumerate(PERCENT):
        quantile = sums.lead_quantiles[:, k]
        columns[f"lead_time_p{percent}"] = np.where(quantile == NONE, np.nan, quantile / SECOND)
    columns["waiting_time_mean"] = _mean_times(sums.waiting.tolist(), sums.finished)
    return columns


def _delivery(sums: Sums) -> Columns:
    """On-time delivery and tardiness, where lots have due dates; arrays of shape (r,).

    A lot that is due in the window is on time if it has left, good, by then; so what is late and still in the
    plant counts, and what was rejected does.
    """
    if not sums.ever("dated"):
        return {}
    return {
        "on_time": ratios(sums.on_time.tolist(), sums.asked.tolist()),
        "tardiness_mean": _mean_times(sums.late.tolist(), sums.delivered),
    }


def _quality(sums: Sums) -> Columns:
    """Yield, lost fraction, rework ratio and first pass."""
    return {
        "yield": _mean(sums.yields, sums.weighed),
        "lost_fraction": ratios(sums.lost.tolist(), sums.released.tolist()),
        "rework_ratio": ratios(sums.back.tolist(), sums.completed.tolist()),
        "first_pass": ratios(sums.clean.tolist(), sums.left.tolist()),
    }


def visit_measures(sums: Sums, windows: Windows) -> Columns:
    """For each operation waiting, queue, processing and stops; for each attribute its mean. Arrays of shape
    (r,).
    """
    length = windows.length.tolist()
    holds = "hold_exceeded" in sums.names.attributes
    physics, stops = sums.ever("physics_known"), sums.ever("stops_known")
    columns: Columns = {}
    for k, name in enumerate(sums.names.operations):
        stem = f"operation.{name.replace('/', '.')}"
        columns[f"{stem}.waiting_mean"] = _mean_times(sums.waited[:, k].tolist(), sums.begun[:, k])
        columns[f"{stem}.queue_mean"] = ratios(sums.queued[:, k].tolist(), length)
        columns[f"{stem}.processing_mean"] = _mean_times(sums.worked[:, k].tolist(), sums.ended[:, k])
        if holds:
            passed = sums.operation_exceeded[:, k].astype(np.float64)
            columns[f"{stem}.hold_time_violations"] = passed
        if physics[k]:
            columns[f"{stem}.deviations"] = sums.deviations[:, k].astype(np.float64)
        if stops[k]:
            columns[f"{stem}.stops_mean"] = _mean(sums.stops[:, k], sums.stops_counted[:, k])
    for k, name in enumerate(sums.names.attributes):
        columns[f"attribute.{name}.mean"] = _mean(sums.attribute_sum[:, k], sums.attribute_known[:, k])
    return columns


def outcome_measures(sums: Sums) -> Columns:
    """How many visits ended in the window with an outcome, for each operation or unit and outcome that
    occurs; a lot that was sent away while it waited counts at the operation alone.
    """
    return {
        f"{kind}.{name.replace('/', '.')}.lots.{outcome}": sums.failed[:, k].astype(np.float64)
        for k, (kind, name, outcome) in enumerate(sums.names.failed)
    }


def hold_time_measures(sums: Sums) -> Columns:
    """Hold times of lots that passed inside the window, by the word that set them; a lot counts when it has
    left.
    """
    if "hold_exceeded" not in sums.names.attributes:
        return {}
    return {
        f"hold_time_violations.{word}": sums.exceeded_by[:, k].astype(np.float64)
        for k, word in enumerate(HOLDS)
    }


def _mean_times(total: list[int], count: Integers) -> Reals:
    """Mean in s of times in ns."""
    return ratios(total, [number * SECOND for number in count.tolist()])


def _mean(total: Reals, count: Integers) -> Reals:
    """Mean of reals, NaN where there are none."""
    return np.asarray(total / np.where(count == 0, np.nan, count), dtype=np.float64)
