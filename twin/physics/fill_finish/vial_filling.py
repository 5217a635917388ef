"""Filling of vials from several needles: how long a line takes, and how the fill varies and is checked.

Every so many vials one vial of each needle is weighed; where their mean is too far from the target the
pumps are set back. Weighed vials outside the limits are sorted out. Left out: start-up and stops, which are
the unit's affair, foaming and dripping, needles that drift apart, evaporation, and stoppering.

A lot is out of range where the bulk does not cover the line's hold-up, where the set speed is above the
machine's greatest, where a vial would drift by more than 0.3 of its fill before it is noticed, and outside
the ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.special import normal_below
from twin.physics.numerics.sums import weighted_sum

_CELLS = 48  # of the drift between two adjustments
# Gauss and Legendre's four points of a cell, and their weights.
_INNER = math.sqrt(3.0 / 7.0 - 2.0 / 7.0 * math.sqrt(6.0 / 5.0))
_OUTER = math.sqrt(3.0 / 7.0 + 2.0 / 7.0 * math.sqrt(6.0 / 5.0))
_NODES = tuple(0.5 + 0.5 * place for place in (-_OUTER, -_INNER, _INNER, _OUTER))
_INNER_WEIGHT = (18.0 + math.sqrt(30.0)) / 72.0
_NODE_WEIGHTS = (0.5 - _INNER_WEIGHT, _INNER_WEIGHT, _INNER_WEIGHT, 0.5 - _INNER_WEIGHT)

# United States Pharmacopeia 29, chapter <1151>, Pharmaceutical Dosage Forms, injections: recommended excess
# volumes for mobile and for viscous liquids by labelled volume, m3.
EXCESS_VOLUMES = {
    0.5e-6: (0.10e-6, 0.12e-6),
    1e-6: (0.10e-6, 0.15e-6),
    2e-6: (0.15e-6, 0.25e-6),
    5e-6: (0.30e-6, 0.50e-6),
    10e-6: (0.50e-6, 0.70e-6),
    20e-6: (0.60e-6, 0.90e-6),
    30e-6: (0.80e-6, 1.20e-6),
    50e-6: (1.00e-6, 1.50e-6),
}


def needle_rate(needles: Any, fill_volume: Any, needle_flow: Any, index_time: Any) -> Any:
    """Return how many vials a second needles can fill: n / (V/q + t).

    `needles` n that fill at once, `fill_volume` V in m3, `needle_flow` q in m3/s that neither foams nor
    splashes, `index_time` t in s to move vials and needles; shape (n,) or numbers.

    >>> round(60 * needle_rate(8.0, 2.15e-6, 4e-6, 0.6), 3)
    421.978
    """
    return needles / (fill_volume / needle_flow + index_time)


class Drifting(NamedTuple):
    """Fractions of the vials (`weights`) filled while the mean lay from `starts` to `ends`, by cell."""

    weights: list[Any]
    starts: list[Any]
    ends: list[Any]
    adjustments: Any


def drifting(drift: Any, interval: Any, limit: Any, error: Any, vials: Any) -> Drifting:
    """Return how the mean fill is spread over deviations, where it drifts until a check sets it back.

    The mean drifts by `drift` a vial, as a fraction of the fill, from each adjustment on; a check every
    `interval` vials sees it with a normal `error` and has it set back beyond `limit`; over `vials` in all;
    shape (n,). A renewal process: a run between adjustments lasts over its j-th check with the probability
    S_j that none before went off. Whole runs are followed by one that the batch's end cuts, of an age as in
    the long run, or by none where nothing goes off in the batch. Checks are counted one by one up to 48 of
    them, in 48 groups where drift is so slow that there are more.
    """
    xp = namespace(drift, vials)
    checks = vials / interval
    pace = xp.abs(drift) * interval
    noticed = (limit + 6.0 * error) / xp.where(pace > 0.0, pace, xp.full_like(pace, 1e-300))
    group = xp.minimum(checks, noticed) / _CELLS
    group = xp.where(group > 1.0, group, xp.ones_like(group))
    edges = [drift * interval * group * cell for cell in range(_CELLS + 1)]
    surviving, lasting = xp.ones_like(pace), xp.zeros_like(pace)
    runs, spans = [], []
    for cell in range(_CELLS):
        spans.append(group * xp.clip(checks / group - cell, 0.0, 1.0))
        seen = xp.clip(_beyond(edges[cell + 1], error, limit), 1e-14, 1.0 - 1e-14)
        kept = xp.exp(spans[cell] * xp.log1p(-seen))
        alive = xp.where(spans[cell] > 1.0, (1.0 - kept) / seen, spans[cell])
        runs.append(surviving * alive)
        lasting = lasting + runs[cell]
        surviving = surviving * kept
    weights, adjustments = _with_last_run(runs, spans, checks, lasting, surviving, group)
    return Drifting(weights, edges[:-1], edges[1:], adjustments)


def _beyond(mean: Any, error: Any, limit: Any) -> Any:
    """Return the probability that a check of this mean shows more than `limit` on either side."""
    xp = namespace(mean)
    tails = normal_below(xp.stack([(-limit - mean) / error, (mean - limit) / error]))
    return tails[0, ...] + tails[1, ...]


def _with_last_run(
    runs: list[Any], spans: list[Any], checks: Any, lasting: Any, unended: Any, group: Any
) -> tuple[list[Any], Any]:
    """Return each cell's fraction of the batch, whole runs and the cut one, and how often a run ended.

    By Wald's identity, runs begun times their mean length are the checks made and those that the cut run
    would still have had, as many as its age less the last one.
    """
    xp = namespace(checks)
    older, age, cut_age = (xp.zeros_like(checks) for _ in range(3))
    last: list[Any] = []
    for run, span in zip(reversed(runs), reversed(spans), strict=True):
        reached = (older + run * (0.5 + 0.5 / group)) / lasting
        last.append((unended + (1.0 - unended) * reached) * span)
        older = older + run
        age = age + last[-1]
        cut_age = cut_age + reached * span
    whole = xp.where(checks > age, (checks - age) / lasting, xp.zeros_like(checks))
    weights = [whole * run + cut for run, cut in zip(runs, reversed(last), strict=True)]
    total = whole * lasting + age
    ended = (checks + (1.0 - unended) * (cut_age - 1.0)) / lasting - 1.0
    return [weight / total for weight in weights], xp.where(ended > 0.0, ended, xp.zeros_like(ended))


class Fills(NamedTuple):
    """Vials as filled, relative to the target; shape (n,) each. See `fills`."""

    mean: Any
    below: Any
    above: Any
    inside: Any
    light: Any
    light_inside: Any


def fills(drift: Drifting, variation: Any, low: Any, high: Any, label: Any) -> Fills:
    """Return what is filled, over all deviations of the mean, as fractions of the target.

    `variation` is the standard deviation among vials, `low` and `high` how far a vial may lie below and above
    the target, `label` the labelled content over the target, less 1; shape (n,). Of the result, `mean` is
    the mean content of all vials, `below` and `above` the fractions beyond the limits, `inside` the content
    of vials within them over all vials, `light` the fraction below the label and `light_inside` the part of
    it within the limits.
    """
    xp = namespace(variation)
    edges = xp.stack(xp.broadcast_arrays(-low, high, label, xp.clip(label, -low, high)))[:, None, :]
    totals = [xp.zeros_like(variation) for _ in Fills._fields]
    for weight, start, end in zip(*drift[:3], strict=True):
        here = xp.stack([start + node * (end - start) for node in _NODES])
        z = (edges - here[None, ...]) / variation
        under, density = normal_below(z), xp.exp(-0.5 * z[:2, ...] * z[:2, ...])
        share = under[1, ...] - under[0, ...]
        spread = variation * (density[0, ...] - density[1, ...]) / math.sqrt(2.0 * math.pi)
        found = (
            1.0 + here,
            under[0, ...],
            1.0 - under[1, ...],
            share * (1.0 + here) + spread,
            under[2, ...],
            under[3, ...] - under[0, ...],
        )
        totals = [
            total + weight * weighted_sum(_NODE_WEIGHTS, new)
            for total, new in zip(totals, found, strict=True)
        ]
    return Fills(*totals)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    target_volume = given["label_volume"] * (1.0 + given["overfill"])
    target = target_volume * given["solution_density"]
    usable = given["batch_mass"] - given["line_loss"]
    possible = needle_rate(given["needles"], target_volume, given["needle_flow"], given["index_time"])
    rate = xp.minimum(given["machine_speed"], possible)
    variation = xp.sqrt(given["fill_variation"] ** 2 + given["needle_variation"] ** 2)
    error = xp.sqrt((given["fill_variation"] ** 2 + given["weighing_error"] ** 2) / given["needles"])
    drift = drifting(
        given["drift"], given["check_interval"], given["adjustment_limit"], error, usable / target
    )
    label = -given["overfill"] / (1.0 + given["overfill"])
    filled = fills(drift, variation, given["low_limit"], given["high_limit"], label)
    weighed = given["weighed_fraction"]
    vials = usable / (target * filled.mean)
    accepted = 1.0 - weighed * (filled.below + filled.above)
    content = filled.mean - weighed * (filled.mean - filled.inside)
    good, good_mass = vials * accepted, vials * target * content
    light = (1.0 - weighed) * filled.light + weighed * filled.light_inside
    attributes = {
        "vials": good,
        "vials_filled": vials,
        "filling_rate": rate,
        "rejected_low": weighed * filled.below,
        "rejected_high": weighed * filled.above,
        "outside_limits": (1.0 - weighed) * (filled.below + filled.above) / accepted,
        "below_label": light / accepted,
        "mean_fill_volume": target_volume * content / accepted,
        "adjustments": drift.adjustments,
        "filled_mass": good_mass,
        "rejected_mass": vials * target * (filled.mean - content),
        "overfill_mass": good_mass - good * given["label_volume"] * given["solution_density"],
    }
    steady = xp.abs(drift.ends[0]) <= 0.3
    holds = steady & (usable > 0.0) & (given["machine_speed"] <= given["greatest_speed"]) & (accepted > 0.0)
    duration = vials / rate + drift.adjustments * given["adjustment_time"]
    return Answer(duration, good_mass / given["batch_mass"], attributes, holds)


VIAL_FILLING = unit_operation(
    "vial_filling",
    material=(
        Quantity("batch_mass", "kg", "mass of the bulk solution", low=1e-2, high=1e5),
        Quantity("solution_density", "kg/m3", "density of the solution", 700.0, 1500.0, default=1000.0),
    ),
    settings=(
        Quantity("label_volume", "m3", "volume that the label promises", 1e-7, 1e-3, default=2e-6),
        Quantity("overfill", "1", "target over the label, less 1; 0.15 ml on 2 ml", 0.0, 0.5, default=0.075),
        Quantity("machine_speed", "1/s", "vials a second that the line is set to", 0.01, 20.0, default=5.0),
        Quantity("low_limit", "1", "how far a vial may lie below the target", 0.0, 0.5, default=0.03),
        Quantity("high_limit", "1", "how far a vial may lie above the target", 0.0, 0.5, default=0.03),
        Quantity("check_interval", "1", "vials from one check to the next", 1.0, 1e6, default=2000.0),
        Quantity(
            "adjustment_limit", "1", "deviation of a check's mean that is set back", 1e-4, 0.2, default=0.01
        ),
    ),
    equipment=(
        Quantity("greatest_speed", "1/s", "the most vials a second the machine can do", 0.01, 20.0, 10.0),
        Quantity("needles", "1", "needles that fill at once, and vials a check", 1.0, 100.0, default=8.0),
        Quantity(
            "needle_flow", "m3/s", "flow of a needle without foam or splashing", 1e-8, 1e-3, default=4e-6
        ),
        Quantity("index_time", "s", "moving of vials and needles between two fills", 0.0, 30.0, default=0.6),
        Quantity("fill_variation", "1", "standard deviation, fill to fill", 1e-5, 0.1, default=0.005),
        Quantity("needle_variation", "1", "standard deviation, needle to needle", 0.0, 0.1, default=0.003),
        Quantity("drift", "1", "drift of the mean fill a vial, up or down", -1e-3, 1e-3, default=1e-6),
        Quantity("weighing_error", "1", "standard deviation of a weighing", 0.0, 0.05, default=0.001),
        Quantity("weighed_fraction", "1", "fraction of vials weighed for rejection", 0.0, 1.0, default=1.0),
        Quantity("adjustment_time", "s", "stop to set the pumps back", 0.0, 7200.0, default=60.0),
        Quantity("line_loss", "kg", "bulk left in vessel and hoses and used to prime", 0.0, 1e3, default=0.3),
    ),
    attributes=(
        Quantity("vials", "1", "vials passed on"),
        Quantity("vials_filled", "1", "vials filled, passed on or not"),
        Quantity("filling_rate", "1/s", "vials filled a second while running"),
        Quantity("rejected_low", "1", "fraction sorted out for too little", 0.0, 1.0),
        Quantity("rejected_high", "1", "fraction sorted out for too much", 0.0, 1.0),
        Quantity("outside_limits", "1", "fraction of vials passed on that lie outside the limits", 0.0, 1.0),
        Quantity("below_label", "1", "fraction of vials passed on with less than the label says", 0.0, 1.0),
        Quantity("mean_fill_volume", "m3", "mean volume of the vials passed on"),
        Quantity("adjustments", "1", "times that the pumps were set back, expected"),
        Quantity("filled_mass", "kg", "solution in the vials passed on"),
        Quantity("rejected_mass", "kg", "solution in vials sorted out"),
        Quantity("overfill_mass", "kg", "solution in vials passed on beyond what their labels say"),
    ),
    equations=_equations,
)
