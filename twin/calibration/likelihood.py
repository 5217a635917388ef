"""Maximum likelihood for the distributions of the plant language, with standard errors.

Knows samples and kinds of distribution, nothing of presses. `fit_kind` fits one independent sample, exactly
known or known only to an interval of width `resolution`; `frailty.py` fits stops that share a factor per lot.
Standard errors come from the curvature of the log-likelihood at its maximum, over transformed parameters
(logarithms of what must be positive), so 95 % intervals are asymmetric where they should be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from twin.plant.shorthand import Distribution, Kind

Floats = NDArray[np.float64]
FitKind = Literal["lognormal", "gamma", "normal", "weibull", "exponential", "poisson"]
Transform = Literal["logarithm", "identity"]

NORMAL_95 = 1.959963984540054
TINY = 1e-300
HALF_LOG_TWO_PI = 0.9189385332046727

PARAMETERS: dict[FitKind, tuple[str, ...]] = {
    "lognormal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "normal": ("mean", "sd"),
    "weibull": ("shape", "mean"),
    "exponential": ("mean",),
    "poisson": ("mean",),
}


@dataclass(frozen=True)
class Estimate:
    """A fitted number, its standard error and its 95 % interval."""

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class FittedDistribution:
    """A fitted distribution of the language, in SI, and how well it is known."""

    kind: Kind
    estimates: Mapping[str, Estimate]
    unit: str  # SI unit of the values, `1` where there is none
    n: int  # values observed
    censored: int  # of these, known only to be at least something
    log_likelihood: float

    @property
    def distribution(self) -> Distribution:
        """The same as the language's distribution."""
        values = {name: estimate.value for name, estimate in self.estimates.items()}
        return Distribution(kind=self.kind, parameters=values, unit=self.unit)


@dataclass(frozen=True)
class Maximum:
    """The maximum of a log-likelihood: where it is, how sharp, and its value."""

    values: Floats
    errors: Floats  # of the transformed parameters
    log_likelihood: float


def maximise(
    log_likelihood: Callable[[Floats], float], start: Sequence[float], transforms: Sequence[Transform]
) -> Maximum:
    """Maximise a log-likelihood of k parameters from `start`, shape (k,).

    Searches over logarithms of the parameters marked so. Raises `ValueError` where the search ends nowhere.
    """

    def plain(point: Floats) -> Floats:
        pairs = zip(point, transforms, strict=True)
        return np.array([np.exp(x) if name == "logarithm" else x for x, name in pairs])

    def cost(point: Floats) -> float:
        value = log_likelihood(plain(point))
        return -value if np.isfinite(value) else 1e12

    begin = [np.log(x) if name == "logarithm" else x for x, name in zip(start, transforms, strict=True)]
    found = optimize.minimize(
        cost,
        np.asarray(begin, dtype=np.float64),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-7, "maxiter": 20_000},
    )
    if not found.success or found.fun >= 1e12:
        raise ValueError(f"The likelihood has no maximum near {list(start)}: {found.message}")
    best = np.asarray(found.x, dtype=np.float64)
    covariance = np.linalg.pinv(_curvature(cost, best))
    return Maximum(plain(best), np.sqrt(np.maximum(np.diag(covariance), 0.0)), -float(found.fun))


def _curvature(cost: Callable[[Floats], float], best: Floats) -> Floats:
    """Second derivatives of `cost` at `best` by central differences, shape (k, k)."""
    k = len(best)
    step = np.diag(np.full(k, 1e-3) * np.maximum(np.abs(best), 1.0))
    result = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            a, b = step[i], step[j]
            corners = cost(best + a + b) - cost(best + a - b) - cost(best - a + b) + cost(best - a - b)
            result[i, j] = corners / (4 * step[i, i] * step[j, j])
    return result


def estimate(value: float, error: float, transform: Transform) -> Estimate:
    """Turn a value and the standard error of its transform into an `Estimate`."""
    if transform == "logarithm":
        spread = float(np.exp(NORMAL_95 * error))
        return Estimate(value, value * error, value / spread, value * spread)
    return Estimate(value, error, value - NORMAL_95 * error, value + NORMAL_95 * error)


def fit_kind(kind: FitKind, sample: Floats, unit: str, resolution: float = 0.0) -> FittedDistribution:
    """Fit one kind of distribution to independent values by maximum likelihood.

    `sample`, shape (n,), in `unit`; with `resolution` > 0 each value is known to ± half of it, and counts
    with the probability of that interval. Raises `ValueError` for fewer than three values.
    """
    if len(sample) < 3:
        raise ValueError(f"A {kind} distribution needs three values or more; there are {len(sample)}.")
    transforms: tuple[Transform, ...] = tuple(
        "identity" if (kind, name) == ("normal", "mean") else "logarithm" for name in PARAMETERS[kind]
    )
    average, spread = float(np.mean(sample)), max(float(np.std(sample)), 1e-9)
    guesses = {"mean": average, "sd": spread, "cv": spread / abs(average), "shape": 1.0}
    start = [guesses[name] for name in PARAMETERS[kind]]
    maximum = maximise(lambda p: log_likelihood(kind, p, sample, resolution), start, transforms)
    values = zip(PARAMETERS[kind], maximum.values, maximum.errors, transforms, strict=True)
    return FittedDistribution(
        kind=kind,
        estimates={name: estimate(float(v), float(e), t) for name, v, e, t in values},
        unit=unit,
        n=len(sample),
        censored=0,
        log_likelihood=maximum.log_likelihood,
    )


def log_likelihood(kind: FitKind, parameters: Floats, sample: Floats, resolution: float) -> float:
    """Log-likelihood of independent values, exact or known to ± `resolution`/2."""
    if resolution > 0:
        high = cumulative(kind, parameters, sample + resolution / 2)
        low = cumulative(kind, parameters, sample - resolution / 2)
        return float(np.sum(np.log(np.maximum(high - low, TINY))))
    return float(np.sum(log_density(kind, parameters, sample)))


def log_density(kind: FitKind, parameters: Floats, x: Floats) -> Floats:
    """Logarithm of the density, or of the probability of a count, at `x`, shape (n,)."""
    first, second = _standard(kind, parameters)
    density: Floats
    if kind == "normal":
        density = -0.5 * ((x - first) / second) ** 2 - np.log(second) - HALF_LOG_TWO_PI
    elif kind == "lognormal":
        logs = np.log(x)
        density = -0.5 * ((logs - first) / second) ** 2 - np.log(second) - logs - HALF_LOG_TWO_PI
    elif kind == "gamma":
        density = (first - 1) * np.log(x) - x / second - special.gammaln(first) - first * np.log(second)
    elif kind == "poisson":
        density = x * np.log(first) - first - special.gammaln(x + 1)
    else:
        density = np.log(first / second) + (first - 1) * np.log(x / second) - (x / second) ** first
    return density


def cumulative(kind: FitKind, parameters: Floats, x: Floats) -> Floats:
    """Probability of at most `x`, shape (n,); all kinds but `normal` are positive."""
    first, second = _standard(kind, parameters)
    if kind == "normal":
        return np.asarray(special.ndtr((x - first) / second))
    positive = np.maximum(x, TINY)
    if kind == "lognormal":
        return np.asarray(special.ndtr((np.log(positive) - first) / second))
    if kind == "gamma":
        return np.asarray(special.gammainc(first, positive / second))
    if kind == "poisson":
        return np.asarray(special.gammaincc(np.floor(positive) + 1, first))
    return -np.expm1(-((positive / second) ** first))


def _standard(kind: FitKind, p: Floats) -> tuple[float, float]:
    """Parameters as the formulas take them: (mean, sd) of x or log x, (shape, scale), or (mean, 1)."""
    if kind == "lognormal":
        variance = float(np.log1p(p[1] ** 2))
        return float(np.log(p[0])) - variance / 2, variance**0.5
    if kind == "gamma":
        return float(p[1] ** -2), float(p[0] * p[1] ** 2)
    if kind == "weibull":
        return float(p[0]), float(p[1] / special.gamma(1 + 1 / p[0]))
    if kind == "exponential":
        return 1.0, float(p[0])
    return float(p[0]), float(p[1]) if kind == "normal" else 1.0
