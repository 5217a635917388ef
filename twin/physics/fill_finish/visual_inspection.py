"""Visual inspection of filled containers: what is found, what passes, good ones lost, and the final sample.

Inspection is probabilistic, as Knapp has it: each class of defect is found with its own probability, by
people or machines, and good containers are rejected now and then. Rejects may be inspected again, several
inspections may follow one another, and a sample of what passed decides on the batch. Left out: how
detection depends on a particle's size, on tired eyes and on the defects' number, containers with defects of
two classes, and switching to tightened plans.

A lot is out of range where all defects together are more than the containers, where the sample is larger
than what passed, and outside the ranges of the inputs at the end of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.special import log_factorial
from twin.physics.numerics.sums import ordered_sum

REJECT_ZONE = 0.7  # Knapp's bound: what people reject with at least this probability must be rejected
ACCEPT_ZONE = 0.3  # and what with less is good; between the two lies the gray zone
LARGEST_ACCEPTANCE = 30
CLASSES = ("critical", "major", "minor")


@dataclass(frozen=True)
class InspectionMethod:
    """How fast a station inspects, in containers a second, and where that is from."""

    inspection_rate: float
    source: str


# Rates alone: how well a method finds a product's defects is what its qualification measures.
METHODS = {
    "manual": InspectionMethod(
        0.1, "5 s before black and 5 s before white: United States Pharmacopeia, chapter <790>"
    ),
    "semi_automatic": InspectionMethod(0.5, "an example: makers of machines state 25 to 35 a minute"),
    "automatic": InspectionMethod(5.0, "an example: makers of machines state up to some hundreds a minute"),
}


def found_in_passes(detection: Any, passes: Any) -> Any:
    """Return the probability that one of several independent inspections rejects: 1 - (1 - p)**n.

    `detection` p in one, `passes` n; shape (n,) or numbers.

    >>> round(float(found_in_passes(0.7, 2.0)), 12)
    0.91
    """
    xp = namespace(detection, passes)
    return 1.0 - xp.asarray(1.0 - detection) ** passes


def rejected_for_good(detection: Any, reinspected: Any) -> Any:
    """Return the probability that a container ends as a reject where a fraction of rejects is seen again.

    `detection` P of an inspection, `reinspected` f of its rejects; a second look rejects as often as the
    first: P (1 - f + f P); shape (n,) or numbers.

    >>> round(float(rejected_for_good(0.9, 1.0)), 12)
    0.81
    """
    return detection * (1.0 - reinspected + reinspected * detection)


def zone_efficiency(reference: Any, tested: Any, low: float, high: float) -> Any:
    """Return how often a tested inspection rejects containers whose reference probability is in a zone.

    `reference` and `tested` are probabilities of rejection of the same containers, shape (m, n) for m
    containers, as found by repeated inspections; the zone is from `low` to below `high`. With
    low = `REJECT_ZONE` and high above 1 this is Knapp and Kushner's reject-zone efficiency, which for a
    machine must reach that of people, `tested` = `reference`; with 0 and `REJECT_ZONE` it is what is lost
    of good and gray containers. NaN where no container is in the zone.

    J. Z. Knapp, H. K. Kushner, "Generalized methodology for evaluation of parenteral inspection procedures",
    Journal of the Parenteral Drug Association 34 (1980) 14-61.

    >>> import numpy as np
    >>> people = np.asarray([[0.95], [0.75], [0.5], [0.05]])
    >>> machine = np.asarray([[1.0], [0.8], [0.3], [0.0]])
    >>> float(zone_efficiency(people, machine, REJECT_ZONE, 2.0)[0])
    0.9
    """
    xp = namespace(reference, tested)
    inside = xp.astype((reference >= low) & (reference < high), xp.float64)
    return ordered_sum(inside * tested) / ordered_sum(inside)


def accepted_by_sample(defective: Any, sample: Any, acceptance: Any) -> Any:
    """Return the probability that a sample has at most `acceptance` defective units: binomial.

    `defective` fraction of the process, `sample` size and `acceptance` number, at most
    `LARGEST_ACCEPTANCE`; shape (n,) or numbers. Exact also for a sample without replacement from a batch
    of any size whose units are defective independently, because the batch is a sample itself.

    International standard ISO 2859-1, Sampling procedures for inspection by attributes.

    >>> round(float(accepted_by_sample(0.01, 200.0, 5.0)), 6)
    0.983977
    """
    xp = namespace(defective, sample, acceptance)
    p = xp.clip(xp.asarray(defective), 0.0, 1.0 - 1e-12)
    term = xp.exp(sample * xp.log1p(-p))
    odds, total = p / (1.0 - p), 0.0 * (term + acceptance)
    for k in range(LARGEST_ACCEPTANCE + 1):
        total = total + xp.where(xp.asarray(acceptance) >= k, term, xp.zeros_like(term))
        rest = xp.asarray(sample) - k
        term = term * odds * xp.where(rest > 0.0, rest, xp.zeros_like(rest)) / (k + 1.0)
    return xp.clip(total, 0.0, 1.0)


def accepted_by_sample_of_batch(defects: Any, batch: Any, sample: Any, acceptance: Any) -> Any:
    """Return the probability that a sample has at most `acceptance` defective units: hypergeometric.

    `defects` in a `batch` of so many units, whole numbers, and a `sample` without replacement; shape (n,) or
    numbers. Holds where defects and sample together are at most the batch, and an acceptance number of at
    most `LARGEST_ACCEPTANCE`.

    >>> round(float(accepted_by_sample_of_batch(20.0, 2000.0, 200.0, 5.0)), 6)
    0.989158
    """
    xp = namespace(defects, batch, sample, acceptance)
    defects, sample = xp.asarray(defects), xp.asarray(sample)
    good = batch - defects
    start = log_factorial(good) - log_factorial(good - sample)
    term = xp.exp(start + log_factorial(batch - sample) - log_factorial(batch))
    total = 0.0 * (term + acceptance)
    for k in range(LARGEST_ACCEPTANCE + 1):
        total = total + xp.where(xp.asarray(acceptance) >= k, term, xp.zeros_like(term))
        ways = (defects - k) * (sample - k)
        possible = (defects > k) & (sample > k)
        step = ways / ((k + 1.0) * (good - sample + k + 1.0))
        term = term * xp.where(possible, step, xp.zeros_like(step))
    return xp.clip(total, 0.0, 1.0)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["vials"])
    vials, passes, again = given["vials"], given["passes"], given["reinspected_fraction"]
    incoming = ordered_sum(xp.stack([given[f"{name}_defects"] for name in CLASSES]))
    good = 1.0 - incoming
    false = found_in_passes(given["false_rejection"], passes)
    lost = good * rejected_for_good(false, again)
    seen = {name: found_in_passes(given[f"{name}_detection"], passes) for name in CLASSES}
    left = {name: given[f"{name}_defects"] * (1.0 - rejected_for_good(seen[name], again)) for name in CLASSES}
    remaining = ordered_sum(xp.stack([left[name] for name in CLASSES]))
    accepted = good - lost + remaining
    first_rejects = good * false + ordered_sum(
        xp.stack([given[f"{name}_defects"] * seen[name] for name in CLASSES])
    )
    acceptance = xp.ones_like(vials)
    for name in CLASSES:
        noticed = left[name] / accepted * given["sampling_detection"]
        acceptance = acceptance * accepted_by_sample(
            noticed, given["sample_size"], given[f"{name}_acceptance_number"]
        )
    attributes = {
        "vials": vials * accepted,
        "rejected_vials": vials * (1.0 - accepted),
        "false_rejects": lost,
        "remaining_critical": left["critical"] / accepted,
        "remaining_major": left["major"] / accepted,
        "remaining_minor": left["minor"] / accepted,
        "defects_per_million": 1e6 * remaining / accepted,
        "sampling_acceptance": acceptance,
    }
    looks = vials * passes * (1.0 + first_rejects * again)
    duration = looks / (given["inspection_rate"] * given["stations"])
    duration = duration + given["sample_size"] * given["sampling_time"]
    holds = (incoming <= 1.0) & (given["sample_size"] <= vials * accepted)
    return Answer(duration, accepted, attributes, holds)


VISUAL_INSPECTION = unit_operation(
    "visual_inspection",
    material=(
        Quantity("vials", "1", "containers that come in", low=1.0, high=1e8),
        Quantity("critical_defects", "1", "fraction with a critical defect", 0.0, 1.0, default=1e-4),
        Quantity("major_defects", "1", "fraction with a major defect", 0.0, 1.0, default=2e-3),
        Quantity("minor_defects", "1", "fraction with a minor defect", 0.0, 1.0, default=1e-2),
    ),
    settings=(
        Quantity("passes", "1", "inspections of each container, one after another", 1.0, 5.0, default=1.0),
        Quantity("reinspected_fraction", "1", "fraction of rejects inspected again", 0.0, 1.0, default=0.0),
        Quantity("sample_size", "1", "sample of those that passed", 0.0, 1e4, default=315.0),
        Quantity("critical_acceptance_number", "1", "critical defects allowed in it", 0.0, 30.0, default=0.0),
        Quantity("major_acceptance_number", "1", "major defects allowed in it", 0.0, 30.0, default=5.0),
        Quantity("minor_acceptance_number", "1", "minor defects allowed in it", 0.0, 30.0, default=14.0),
    ),
    equipment=(
        Quantity("stations", "1", "inspectors or machines side by side", 1.0, 100.0, default=4.0),
        Quantity(
            "inspection_rate",
            "1/s",
            "containers a second and station",
            1e-3,
            50.0,
            default=METHODS["manual"].inspection_rate,
        ),
        Quantity(
            "critical_detection", "1", "probability that a critical one is found", 0.0, 1.0, REJECT_ZONE
        ),
        Quantity("major_detection", "1", "probability that a major one is found", 0.0, 1.0, REJECT_ZONE),
        Quantity("minor_detection", "1", "probability that a minor one is found", 0.0, 1.0, 0.5),
        Quantity("false_rejection", "1", "probability that a good one is rejected", 0.0, 0.5, default=0.01),
        Quantity(
            "sampling_detection", "1", "probability that the sample's inspection finds one", 0.0, 1.0, 1.0
        ),
        Quantity("sampling_time", "s", "time for one container of the sample", 0.0, 600.0, default=10.0),
    ),
    attributes=(
        Quantity("vials", "1", "containers that passed"),
        Quantity("rejected_vials", "1", "containers rejected"),
        Quantity("false_rejects", "1", "fraction of all that is good and rejected", 0.0, 1.0),
        Quantity("remaining_critical", "1", "fraction of those passed with a critical defect", 0.0, 1.0),
        Quantity("remaining_major", "1", "fraction of those passed with a major defect", 0.0, 1.0),
        Quantity("remaining_minor", "1", "fraction of those passed with a minor defect", 0.0, 1.0),
        Quantity("defects_per_million", "1", "defective ones of any class in a million passed"),
        Quantity("sampling_acceptance", "1", "probability that the sample lets the batch pass", 0.0, 1.0),
    ),
    equations=_equations,
)
