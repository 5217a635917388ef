"""One number of a finished run with its interval, and in words how it was had: a mean, a quantile, a
probability, a share of lots, a rate. Reads results, computes no run; the intervals are of `statistics` and
`inference`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin.experiment.arrays import Reals
from twin.experiment.inference.counts import (
    clopper_pearson_interval,
    dispersion,
    poisson_rate_interval,
    share_interval,
    wilson_interval,
)
from twin.experiment.lot_measures import WINDOW
from twin.experiment.lots import attribute_of_lots, lead_times_of
from twin.experiment.results import Result
from twin.experiment.statistics import Interval
from twin.plant.errors import InputError, Problem
from twin.plant.sentences import did_you_mean

LEAD_TIME = "lead_time"  # of single lots; measures of it are one number for each replication
ATTRIBUTE = "attribute."  # and a name: likewise
LARGE_DISPERSION = 0.01  # probability below which counts are called more varied than Poisson's
Side = Literal["above", "below"]


@dataclass(frozen=True)
class Stated:
    """A number: what it is of, its interval, its SI unit, how it was had, and what to know about it."""

    what: str
    interval: Interval
    unit: str
    method: str
    note: str = ""


def mean(result: Result, measure: str, level: float) -> Stated:
    """The mean over replications with Student's interval."""
    check(result, measure)
    interval = result.interval(measure, level)
    return Stated(f"mean of {measure}", interval, result.unit_of(measure), _student(interval))


def quantile(result: Result, measure: str, q: float, level: float) -> Stated:
    """A quantile over replications, between two of their order statistics."""
    check(result, measure)
    interval = result.quantile(measure, q, level)
    note = ""
    if interval.low is None or interval.high is None:
        note = "More replications are needed to bound it on both sides."
    method = f"order statistics of {interval.n} replications, whatever the distribution"
    return Stated(f"{100 * q:g} % quantile of {measure}", interval, result.unit_of(measure), method, note)


def probability(
    result: Result, measure: str, side: Side, threshold: float, level: float, *, exact: bool = False
) -> Stated:
    """The probability that a replication's value lies above, or below, a threshold in SI units."""
    check(result, measure)
    values = list(result.values[measure].values())
    hits = sum(value > threshold if side == "above" else value < threshold for value in values)
    interval_of = clopper_pearson_interval if exact else wilson_interval
    name = "Clopper and Pearson's exact interval" if exact else "Wilson's interval"
    method = f"{hits} of {len(values)} replications, {name}"
    what = f"probability that {measure} of a replication is {side}"
    return Stated(what, interval_of(hits, len(values), level), "1", method)


def is_of_lots(name: str) -> bool:
    """Whether a name is of single lots, whose shares need the record: measures are one number for each
    replication.

    >>> is_of_lots("lead_time"), is_of_lots("attribute.assay"), is_of_lots("attribute.assay.mean")
    (True, True, False)
    """
    return name == LEAD_TIME or (name.startswith(ATTRIBUTE) and name.count(".") == 1)


def share_of_lots(result: Result, name: str, side: Side, threshold: float, level: float) -> Stated:
    """The share of lots whose lead time or attribute lies above, or below, a threshold in SI units; needs the
    record.

    Lead times are of the good lots that left in the window. Of an attribute it is all lots that have it,
    those that were rejected for it among them, each by the last visit that finished in the window.

    Raises:
        InputError: no record was kept, or no lot has a value.
    """
    values = values_of_lots(result, name)
    hits = [float(np.sum(own > threshold if side == "above" else own < threshold)) for own in values.values()]
    lots = [float(len(own)) for own in values.values()]
    kind = "good lots" if name == LEAD_TIME else "lots that have it"
    if not any(lots):
        raise _refused(name, f"There are no {kind} in the window.", "Lengthen the horizon.")
    interval = share_interval(hits, lots, level)
    method = (
        f"{sum(hits):.0f} of {sum(lots):.0f} {kind} in {interval.n} replications, "
        "a ratio over replications as lots of one depend on each other"
    )
    note = ""
    if len(values) < len(result.replications):
        note = f"The record of {len(values)} of {len(result.replications)} replications was kept."
    of = "a lead time" if name == LEAD_TIME else f"{name.removeprefix(ATTRIBUTE)}"
    return Stated(f"share of lots with {of} {side}", interval, "1", method, note)


def rate(result: Result, measure: str, level: float) -> Stated:
    """Events per s of the measured windows with the exact interval of a Poisson count.

    Raises:
        InputError: the measure does not count.
    """
    check(result, measure)
    values = result.values[measure]
    if any(value < 0 or value != int(value) for value in values.values()):
        raise _refused(measure, "This measure does not count events.", "Its mean has an interval.")
    counts = [int(value) for value in values.values()]
    windows = result.values[WINDOW]
    exposure = sum(windows[r] for r in values)
    interval = poisson_rate_interval(counts, exposure, level)
    note = ""
    if len(counts) > 1:
        index, chance = dispersion(counts)
        if chance < LARGE_DISPERSION:
            note = (
                f"Counts vary {index:.2g} times as much as Poisson's: the interval is too narrow, "
                "take that of the mean."
            )
    method = (
        f"{sum(counts)} events in {exposure / 86_400:g} days, Garwood's exact interval of a Poisson count"
    )
    return Stated(f"rate of {measure}", interval, "1/s", method, note)


def values_of_lots(result: Result, name: str) -> dict[int, Reals]:
    """Replication → a value for each lot, shape (lots,), of the replications whose record was kept; raises
    InputError where none was, or no lot ever has such an attribute.
    """
    found: dict[int, Reals] = {}
    for chunk in result.recorded:
        lots = chunk.table("lots")
        if name != LEAD_TIME and name not in lots.column_names:
            known = [each for each in lots.column_names if each.startswith(ATTRIBUTE)]
            hint = f"There are {', '.join(known)}." if known else "The plant's physics states none."
            raise _refused(name, f"No lot has `{name}`.", hint)
        place = lots.column("replication").to_numpy(zero_copy_only=False)
        for r in chunk.horizons:
            own, window = lots.filter(place == r), {r: result.windows[r]}
            found[r] = (
                lead_times_of(own, window) if name == LEAD_TIME else attribute_of_lots(own, name, window)
            )
    return found


def _student(interval: Interval) -> str:
    if interval.low is None:
        return f"{interval.n} replications: an interval takes two"
    return f"Student's interval over {interval.n} replications"


def check(result: Result, measure: str) -> None:
    """Raise InputError where a result has no values of a measure."""
    if is_of_lots(measure):
        measures = "lead_time_mean" if measure == LEAD_TIME else f"{measure}.mean"
        hint = f"Ask for a share of lots with `--above` or `--below`, or for `{measures}`."
        raise _refused(measure, f"`{measure}` is of single lots, and no measure of a replication.", hint)
    if not result.values.get(measure):
        hint = did_you_mean(measure, result.values) or "`twin results show RUN --all` lists a run's measures."
        raise _refused(measure, f"The run has no values of a measure named `{measure}`.", hint)


def _refused(where: str, message: str, hint: str) -> InputError:
    return InputError([Problem(where, 0, 0, message, hint)])
