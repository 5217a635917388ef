"""How a tablet dissolves in the pharmacopoeia's test: Hixson and Crowell's cube-root law for a drug powder.

The tablet falls apart after a lag; from then on spheres of the drug shrink through a film of constant
thickness into a medium that fills up. Sizes are lognormal, by mass. The test of a batch takes its time and
uses up next to nothing. Left out: films that thin as particles shrink (below some tens of micrometres),
wetting and clumping, the granule that the drug sits in, and media that change in the test.

A lot is out of range where d10, d50 and d90 do not rise or are no lognormal distribution to a factor of 2,
where ln(d90/d10) is above 5.1 (a spread of 2), and outside the ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import array_api_compat

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.kernels import launch
from twin.physics.kernels.dissolution import DISSOLVING, FIRST, FRACTIONS, TIMES
from twin.physics.numerics.roots import newton_bracketed
from twin.physics.numerics.special import normal_below

_TENTH = 1.2815515655446004  # standard deviations from the median to the tenth and ninetieth per cent
_CELLS = 128  # a power of 2, because places are searched by halves
_AT_ONCE = 16
_SCRATCH = 24 * _CELLS  # numbers that the array form holds for a lot
_MINUTES = (900.0, 1800.0, 2700.0)


def lognormal_spread(d10: Any, d90: Any) -> Any:
    """Return the standard deviation of ln d of a lognormal distribution with these percentiles.

    `d10` and `d90` in m, shape (n,) or numbers.

    >>> round(float(lognormal_spread(20e-6, 125e-6)), 6)
    0.714985
    """
    xp = namespace(d10, d90)
    return xp.log(xp.asarray(d90 / d10)) / (2.0 * _TENTH)


def undissolved(shrinkage: Any, spread: Any) -> tuple[Any, Any]:
    """Return the mass fraction left of lognormal spheres that all lost the same diameter, and its slope.

    `shrinkage` x is the diameter lost over the median d50, `spread` the standard deviation of ln d by mass;
    shape (n,) or numbers. A sphere of diameter d keeps (1 - x d50/d)**3, one smaller than x d50 nothing; the
    mean over the distribution is a sum of its partial moments,
    sum over k of (3 over k) (-x)**k exp(k**2 s**2/2) Phi(-ln(x)/s - k s), in closed form. The slope is d/dx.

    >>> left, slope = undissolved(0.5, 1e-6)  # nearly equal spheres: (1 - 0.5)**3 and -3 (1 - 0.5)**2
    >>> round(float(left), 6), round(float(slope), 4)
    (0.125, -0.75)
    """
    xp = namespace(shrinkage, spread)
    x, s = xp.asarray(shrinkage), xp.asarray(spread)
    depth = -xp.log(xp.where(x > 1e-12, x, xp.full_like(x, 1e-12))) / s
    below = normal_below(xp.stack([depth - k * s for k in range(4)]))
    moments = [math.comb(3, k) * xp.exp(0.5 * k * k * s * s) * below[k, ...] for k in range(4)]
    left = moments[0] - x * moments[1] + x * x * moments[2] - x * x * x * moments[3]
    slope = -moments[1] + 2.0 * x * moments[2] - 3.0 * x * x * moments[3]
    return xp.clip(left, 0.0, 1.0), xp.where(slope < 0.0, slope, xp.zeros_like(slope))


def shrinkage_rate(diffusivity: Any, solubility: Any, density: Any, film: Any, diameter: Any) -> Any:
    """Return how fast a sphere loses diameter in pure medium, over its diameter: 2 D Cs/(rho h d), in 1/s.

    `diffusivity` D in m2/s, `solubility` Cs and `density` rho of the solid in kg/m3, `film` h the thickness
    of the diffusion layer in m, `diameter` d in m; shape (n,) or numbers. Its inverse is the time in which
    a sphere of that diameter dissolves in a medium that stays pure.

    A. W. Hixson, J. H. Crowell, "Dependence of reaction velocity upon surface and agitation", Industrial &
    Engineering Chemistry 23 (1931) 923-931, doi 10.1021/ie50260a018. The film is as thin beside a particle as
    the law wants where particles are larger than it: J. Wang, D. R. Flanagan, "General solution for
    diffusion-controlled dissolution of spherical particles. 1. Theory", Journal of Pharmaceutical Sciences 88
    (1999) 731-738, doi 10.1021/js980236p.

    >>> round(1.0 / shrinkage_rate(7e-10, 1.0, 1300.0, 30e-6, 50e-6), 3)
    1392.857
    """
    return 2.0 * diffusivity * solubility / (density * film * diameter)


def first_stage_acceptance(dissolved: Any, q_value: Any, variation: Any) -> Any:
    """Return the probability that six tablets pass the first stage: each dissolves at least Q + 5 %.

    `dissolved` mean fraction and `variation` standard deviation of tablets, as fractions of the label;
    `q_value` Q; shape (n,) or numbers. Tablets vary normally and independently.

    United States Pharmacopeia, chapter <711>, Dissolution, acceptance table 1.

    >>> round(float(first_stage_acceptance(0.90, 0.80, 0.03)), 6)
    0.74541
    """
    xp = namespace(dissolved, q_value, variation)
    one = normal_below(xp.asarray((dissolved - q_value - 0.05) / variation))
    return one**6


class Course(NamedTuple):
    """Shrinkage over time: `places`, the `times` in s when they are reached, and `speeds` there.

    Shape (cells + 1, n); speeds are over `rate`, that in pure medium, in 1/s, shape (n,).
    """

    places: Any
    times: Any
    speeds: Any
    rate: Any


def course(rate: Any, loading: Any, spread: Any) -> Course:
    """Return when particles have shrunk how far, in a medium that fills up.

    dx/dt = `rate` (1 - `loading` F(x)): `rate` in 1/s from `shrinkage_rate`, `loading` what is to dissolve
    over what the medium can hold, 0 for a perfect sink, F the fraction dissolved of powder of this `spread`;
    shape (n,). Between 128 places, up to where everything is dissolved or the medium is full, the bracket
    is taken as a straight line in x, and the time is its integral in closed form. So a medium that fills at
    once is as exact as one that never does; a full one is reached in infinite time.
    """
    xp = namespace(rate, loading, spread)
    full = loading > 1.0
    held = 1.0 / xp.where(full, loading, xp.ones_like(loading))
    most = xp.minimum(held, xp.full_like(held, 1.0 - 1e-6))
    top = xp.where(full, shrinkage_at(most, spread), xp.exp(4.0 * spread))
    bend, place = 7.0 * spread, array_api_compat.device(rate)
    parts = xp.asarray([[k / _CELLS] for k in range(_CELLS + 1)], dtype=xp.float64, device=place)
    places = top * xp.expm1(bend * parts) / xp.expm1(bend)
    # A few places at once: one after another costs calls, all at once memory.
    left = [undissolved(places[k : k + _AT_ONCE, :], spread)[0] for k in range(0, _CELLS, _AT_ONCE)]
    left.append(undissolved(places[-1:, :], spread)[0])
    speeds = xp.clip(1.0 - loading * (1.0 - xp.concat(left)), 0.0, 1.0)
    speeds[-1, :] = xp.where(full, xp.zeros_like(top), speeds[-1, :])
    pure = (places[1:, :] - places[:-1, :]) / rate
    spans = pure / speeds[:-1, :] * _slowed(_loss(speeds[:-1, :], speeds[1:, :]))
    times = [xp.zeros_like(rate)]
    for cell in range(_CELLS):
        times.append(times[cell] + spans[cell, :])
    return Course(places, xp.stack(times), speeds, rate)


def place_at(reached: Course, time: Any) -> Any:
    """Return the shrinkage at `time` in s, shape (k, n)."""
    xp = namespace(time)
    cell = _cell(reached.times, time)
    start, end = (xp.take_along_axis(reached.places, cell + k, axis=0) for k in (0, 1))
    speed, later = (xp.take_along_axis(reached.speeds, cell + k, axis=0) for k in (0, 1))
    pure = reached.rate * (time - xp.take_along_axis(reached.times, cell, axis=0))
    closing = (speed - later) / (end - start) * pure
    some = closing > 1e-9
    part = -xp.expm1(-closing) / xp.where(some, closing, xp.ones_like(closing))
    return start + speed * pure * xp.where(some, part, xp.ones_like(part))


def time_at(reached: Course, place: Any) -> Any:
    """Return when the shrinkage is `place`, shape (k, n), in s; infinite where a full medium forbids it."""
    xp = namespace(place)
    cell = _cell(reached.places, place)
    start, end = (xp.take_along_axis(reached.places, cell + k, axis=0) for k in (0, 1))
    speed, later = (xp.take_along_axis(reached.speeds, cell + k, axis=0) for k in (0, 1))
    part = xp.clip((place - start) / (end - start), 0.0, 1.0)
    pure = (place - start) / reached.rate
    time = pure / speed * _slowed(part * _loss(speed, later))
    reachable = (place < reached.places[-1, ...]) | (reached.speeds[-1, ...] > 0.0)
    time = time + xp.take_along_axis(reached.times, cell, axis=0)
    return xp.where(reachable, time, xp.full_like(time, float("inf")))


def shrinkage_at(fraction: Any, spread: Any) -> Any:
    """Return the shrinkage at which `fraction` is dissolved of powder of this `spread`, shape (..., n).

    >>> import numpy as np
    >>> round(float(shrinkage_at(0.875, np.asarray([1e-3]))[0]), 3)
    0.5
    """
    xp = namespace(spread)

    def missing(place: Any) -> tuple[Any, Any]:
        left, slope = undissolved(place, spread)
        return 1.0 - fraction - left, -slope

    low = 0.0 * (fraction + spread)
    return newton_bracketed(missing, low, low + xp.exp(4.0 * spread), 30)


def _cell(edges: Any, value: Any) -> Any:
    """Return the index of the cell between `edges`, shape (cells + 1, n), that each `value` (k, n) is in."""
    xp = namespace(value)
    cell = xp.zeros(value.shape, dtype=xp.int64, device=array_api_compat.device(value))
    half = _CELLS // 2
    while half:
        beyond = value > xp.take_along_axis(edges, cell + half, axis=0)
        cell = cell + half * xp.astype(beyond, xp.int64)
        half //= 2
    return cell


def _loss(speed: Any, later: Any) -> Any:
    """Return the part of a speed that is lost over a cell, 0 where it has come to rest."""
    xp = namespace(speed)
    moving = speed > 0.0
    return xp.where(moving, (speed - later) / xp.where(moving, speed, xp.ones_like(speed)), 0.0 * speed)


def _slowed(loss: Any) -> Any:
    """Return the time for a way on which a part of the speed is lost evenly, over that at constant speed."""
    xp = namespace(loss)
    some = (loss > 1e-9) & (loss < 1.0)
    part = xp.where(some, loss, 0.5 * xp.ones_like(loss))
    slower = xp.where(some, -xp.log1p(-part) / part, xp.ones_like(loss))
    never = xp.where(loss >= 1.0, math.inf * xp.ones_like(loss), loss)  # at rest before the end; NaN stays
    return xp.where(loss < 1.0, slower, never)


def _followed(inputs: Any) -> Any:
    """Return what `by_arrays` gives: by the kernel where it runs, else by arrays, in chunks."""
    if launch.takes(inputs):
        return launch.run(DISSOLVING, (_CELLS,), inputs)
    return launch.in_chunks(by_arrays, inputs, _SCRATCH)


def by_arrays(inputs: Any) -> Any:
    """Return the fraction dissolved at five times and the times in s to a half and four fifths, (7, n).

    `inputs` has the rows that `kernels.dissolution.dissolve_one` lists: rate, loading, spread, five times.
    """
    xp = namespace(inputs)
    rate, loading, spread = inputs[0, ...], inputs[1, ...], inputs[2, ...]
    reached = course(rate, loading, spread)
    # All times at once, and both fractions: small batches pay for calls, not for numbers.
    dissolved = 1.0 - undissolved(place_at(reached, inputs[FIRST:, ...]), spread)[0]
    fractions = xp.stack([xp.full_like(rate, fraction) for fraction in FRACTIONS])
    return xp.concat([dissolved, time_at(reached, shrinkage_at(fractions, spread))], axis=0)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["dose"])
    median, end = given["drug_d50"], given["test_duration"]
    spread = lognormal_spread(given["drug_d10"], given["drug_d90"])
    even = xp.where(spread > 1e-3, spread, xp.full_like(spread, 1e-3))
    rate = shrinkage_rate(
        given["diffusivity"], given["solubility"], given["solid_density"], given["diffusion_layer"], median
    )
    loading = given["dose"] / (given["medium_volume"] * given["solubility"])
    lag = given["lag_time"] * xp.exp(
        given["lag_sensitivity"] * (given["reference_porosity"] - given["porosity"])
    )
    times = xp.stack([*(xp.full_like(end, time) for time in _MINUTES), end, given["q_time"]])
    wet = xp.where(times > lag, times - lag, xp.zeros_like(times))
    followed = _followed(xp.concat([xp.stack([rate, loading, even]), wet]))
    dissolved = followed[:TIMES, ...]
    halfway = xp.minimum(lag + followed[TIMES:, ...], end)
    judged = dissolved[4, ...]
    attributes = {
        "dissolved_15_min": dissolved[0, ...],
        "dissolved_30_min": dissolved[1, ...],
        "dissolved_45_min": dissolved[2, ...],
        "dissolved_at_end": dissolved[3, ...],
        "dissolution_t50": halfway[0, ...],
        "dissolution_t80": halfway[1, ...],
        "dissolution_margin": judged - given["q_value"] - 0.05,
        "first_stage_acceptance": first_stage_acceptance(judged, given["q_value"], given["tablet_variation"]),
    }
    skew = median * median / (given["drug_d10"] * given["drug_d90"])
    lognormal = (skew <= 4.0) & (skew >= 0.25) & (spread <= 2.0)
    rising = (given["drug_d10"] <= median) & (median <= given["drug_d90"])
    return Answer(end, 0.0 * end + 1.0, attributes, lognormal & rising)


TEST_SETTINGS = (
    Quantity("test_duration", "s", "how long the test takes", 60.0, 86400.0, default=2700.0),
    Quantity("q_value", "1", "Q, the fraction that must dissolve", 0.05, 1.0, default=0.8),
    Quantity("q_time", "s", "when Q must be dissolved", 60.0, 86400.0, default=1800.0),
)

TEST_ATTRIBUTES = (
    Quantity("dissolved_15_min", "1", "fraction of the dose dissolved after 15 min", 0.0, 1.1),
    Quantity("dissolved_30_min", "1", "fraction of the dose dissolved after 30 min", 0.0, 1.1),
    Quantity("dissolved_45_min", "1", "fraction of the dose dissolved after 45 min", 0.0, 1.1),
    Quantity("dissolved_at_end", "1", "fraction of the dose dissolved when the test ends", 0.0, 1.1),
    Quantity("dissolution_t50", "s", "time to half of the dose, at most the test's duration"),
    Quantity("dissolution_t80", "s", "time to 80 % of the dose, at most the test's duration"),
    Quantity("dissolution_margin", "1", "dissolved at the Q time, less Q + 5 %"),
    Quantity("first_stage_acceptance", "1", "probability that the first six tablets pass", 0.0, 1.0),
)

DISSOLUTION = unit_operation(
    "dissolution",
    material=(
        Quantity("dose", "kg", "drug in a tablet", 1e-9, 2e-3, default=50e-6),
        Quantity(
            "drug_d10", "m", "diameter that 10 % of the drug's mass lies below", 1e-8, 3e-3, default=20e-6
        ),
        Quantity("drug_d50", "m", "median diameter of the drug by mass", 1e-8, 3e-3, default=50e-6),
        Quantity(
            "drug_d90", "m", "diameter that 90 % of the drug's mass lies below", 1e-8, 3e-3, default=125e-6
        ),
        Quantity("solubility", "kg/m3", "solubility of the drug in the medium", 1e-4, 1e3, default=1.0),
        Quantity("solid_density", "kg/m3", "density of the drug's crystals", 500.0, 5000.0, default=1300.0),
        Quantity("diffusivity", "m2/s", "diffusivity of the drug in the medium", 1e-11, 5e-9, default=7e-10),
        Quantity(
            "lag_time",
            "s",
            "wetting, coat and disintegration of a tablet of the reference porosity",
            0.0,
            7200.0,
            default=120.0,
        ),
        Quantity("porosity", "1", "porosity of the tablet", 0.0, 0.6, default=0.15),
        Quantity(
            "reference_porosity", "1", "porosity at which the lag time was measured", 0.0, 0.6, default=0.15
        ),
        Quantity(
            "lag_sensitivity", "1", "how steeply ln(lag) falls with porosity; 0: not", 0.0, 50.0, default=0.0
        ),
        Quantity(
            "tablet_variation", "1", "standard deviation of tablets, of the label", 1e-4, 0.5, default=0.03
        ),
    ),
    settings=TEST_SETTINGS,
    equipment=(
        Quantity("medium_volume", "m3", "medium in the vessel", 1e-4, 1e-2, default=9e-4),
        Quantity(
            "diffusion_layer",
            "m",
            "thickness of the film around a particle; falls with the paddle's speed",
            1e-6,
            1e-3,
            default=30e-6,
        ),
    ),
    attributes=TEST_ATTRIBUTES,
    equations=_equations,
)
