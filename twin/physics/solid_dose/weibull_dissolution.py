"""How a tablet dissolves in the pharmacopoeia's test, as Weibull's curve fitted to a product has it.

The empirical counterpart of `dissolution`, for where curves were measured and the drug's properties were not.
It says nothing of what would change a curve; a plant passes other parameters for other lots.

A lot is out of range outside a plateau of 0.01 to 1.1, a time of 1 s to 1e6 s, a shape of 0.1 to 10, and
outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.solid_dose.dissolution import TEST_ATTRIBUTES, TEST_SETTINGS, first_stage_acceptance


@dataclass(frozen=True)
class WeibullCurve:
    """Parameters of a product's curve: `plateau` fraction, `time` in s at 63.2 % of it, `shape`; a source."""

    plateau: float
    time: float
    shape: float
    source: str


# Least squares over the mean of six tablets at 5, 10, 15, 20, 30, 60, 90 and 120 min; the largest deviation
# from the measured means is 1.3 % of the dose.
REFERENCE_BATCH = WeibullCurve(
    plateau=0.9261,
    time=563.2,
    shape=0.5275,
    source="fitted to the reference batch in table 1 of Y. Tsong, T. Hammerstrom, P. Sathe, V. P. Shah, "
    '"Statistical assessment of mean differences between two dissolution data sets", Drug Information '
    "Journal 30 (1996) 1105-1112, doi 10.1177/009286159603000427",
)


def weibull_dissolved(time: Any, plateau: Any, scale: Any, shape: Any) -> Any:
    """Return the fraction dissolved by `time` since the lag, m (1 - exp(-(t/T)**b)); nothing before.

    `time` t and `scale` T in s, `plateau` m, `shape` b; shape (n,) or numbers.

    F. Langenbucher, "Linearization of dissolution rate curves by the Weibull distribution", Journal of
    Pharmacy and Pharmacology 24 (1972) 979-981, doi 10.1111/j.2042-7158.1972.tb08930.x.

    >>> round(float(weibull_dissolved(600.0, 1.0, 600.0, 0.7)), 7)
    0.6321206
    """
    xp = namespace(time, plateau, scale, shape)
    passed = xp.asarray(time / scale)
    passed = xp.where(passed > 0.0, passed, xp.zeros_like(passed))
    return -plateau * xp.expm1(-(passed**shape))


def weibull_time(fraction: float, plateau: Any, scale: Any, shape: Any) -> Any:
    """Return when `fraction` is dissolved, in s since the lag: T (-ln(1 - p/m))**(1/b); infinite if never.

    Arguments and source as `weibull_dissolved`.

    >>> round(float(weibull_time(0.5, 1.0, 600.0, 0.7)), 6)
    355.434068
    """
    xp = namespace(plateau, scale, shape)
    part = fraction / xp.asarray(plateau)
    reached = part < 1.0
    hidden = -xp.log1p(-xp.where(reached, part, xp.full_like(part, 0.5)))
    return xp.where(reached, scale * hidden ** (1.0 / shape), xp.full_like(part, float("inf")))


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["plateau"])
    curve = (given["plateau"], given["scale_time"], given["shape"])
    lag, end = given["lag_time"], given["test_duration"]

    def dissolved_at(time: Any) -> Any:
        return weibull_dissolved(time - lag, *curve)

    judged = dissolved_at(given["q_time"])
    attributes = {
        "dissolved_15_min": dissolved_at(900.0),
        "dissolved_30_min": dissolved_at(1800.0),
        "dissolved_45_min": dissolved_at(2700.0),
        "dissolved_at_end": dissolved_at(end),
        "dissolution_t50": xp.minimum(lag + weibull_time(0.5, *curve), end),
        "dissolution_t80": xp.minimum(lag + weibull_time(0.8, *curve), end),
        "dissolution_margin": judged - given["q_value"] - 0.05,
        "first_stage_acceptance": first_stage_acceptance(judged, given["q_value"], given["tablet_variation"]),
    }
    return Answer(end, 0.0 * end + 1.0, attributes, end > 0.0)


WEIBULL_DISSOLUTION = unit_operation(
    "weibull_dissolution",
    material=(
        Quantity("plateau", "1", "fraction dissolved in the end", 0.01, 1.1, default=REFERENCE_BATCH.plateau),
        Quantity("scale_time", "s", "time to 63.2 % of the plateau", 1.0, 1e6, default=REFERENCE_BATCH.time),
        Quantity("shape", "1", "Weibull's b: 1 is first order", 0.1, 10.0, default=REFERENCE_BATCH.shape),
        Quantity("lag_time", "s", "time before anything dissolves", 0.0, 7200.0, default=0.0),
        Quantity(
            "tablet_variation", "1", "standard deviation of tablets, of the label", 1e-4, 0.5, default=0.03
        ),
    ),
    settings=TEST_SETTINGS,
    equipment=(),
    attributes=TEST_ATTRIBUTES,
    equations=_equations,
)
