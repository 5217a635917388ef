"""Distributions of the language compiled to five plain arguments, which the functions of `draws` take.

Each kind's parameters are checked here once, in Python; `draws` inverts them. The means are closed forms.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from twin.plant.shorthand import Distribution

KINDS = {
    "constant": 0,
    "uniform": 1,
    "triangular": 2,
    "exponential": 3,
    "normal": 4,
    "lognormal": 5,
    "weibull": 6,
    "gamma": 7,
    "poisson": 8,
    "discrete": 9,
}


class CompiledDistribution(NamedTuple):
    """A distribution as `inverse` and `draw` take it: their first five arguments, in order."""

    kind: int
    p0: float
    p1: float
    p2: float
    table: npt.NDArray[np.float64]  # shape (2, n): cumulative weights and values of `discrete`, else (2, 0)


def compile_distribution(distribution: Distribution) -> CompiledDistribution:
    """Return a distribution as `inverse`, `draw` and `mean` take it.

    A `normal` of unit `s` is a duration and is truncated at 0. Raises `ValueError` where the parameters are
    not those of the kind, or stand for no distribution.
    """
    if distribution.kind == "discrete":
        return _compile_discrete(distribution.values, distribution.weights)
    p0, p1, p2 = _PARAMETERS[distribution.kind](distribution)
    return CompiledDistribution(KINDS[distribution.kind], p0, p1, p2, np.empty((2, 0)))


def mean(kind: int, p0: float, p1: float, p2: float, table: npt.NDArray[np.float64]) -> float:
    """Return the mean of a compiled distribution."""
    if kind == KINDS["uniform"]:
        return (p0 + p1) / 2
    if kind == KINDS["triangular"]:
        return (p0 + p1 + p2) / 3
    if kind == KINDS["normal"]:
        density = math.exp(-0.5 * (p0 / p1) ** 2) / math.sqrt(2 * math.pi) if p1 > 0 and p2 < 1 else 0.0
        return p0 + p1 * density / p2
    if kind == KINDS["lognormal"]:
        return math.exp(p0 + p1 * p1 / 2)
    if kind == KINDS["weibull"]:
        return p1 * math.gamma(1 + 1 / p0)
    if kind == KINDS["gamma"]:
        return p0 * p1
    if kind == KINDS["discrete"]:
        return float(np.sum(np.diff(table[0], prepend=0.0) * table[1]))
    return p0


def _constant(distribution: Distribution) -> tuple[float, float, float]:
    (value,) = distribution.parameters.values()
    return value, 0.0, 0.0


def _uniform(distribution: Distribution) -> tuple[float, float, float]:
    low, high = _named(distribution, "low", "high")
    _require(low <= high, distribution, "low is at most high")
    return low, high, 0.0


def _triangular(distribution: Distribution) -> tuple[float, float, float]:
    low, mode, high = _named(distribution, "low", "mode", "high")
    _require(low <= mode <= high, distribution, "low is at most mode, and mode at most high")
    return low, mode, high


def _exponential(distribution: Distribution) -> tuple[float, float, float]:
    (average,) = _named(distribution, "mean")
    _require(average >= 0, distribution, "the mean is not negative")
    return average, 0.0, 0.0


def _normal(distribution: Distribution) -> tuple[float, float, float]:
    average, deviation = _named(distribution, "mean", "sd")
    _require(deviation >= 0, distribution, "sd is not negative")
    if distribution.unit != "s" or deviation == 0:
        return average, deviation, 1.0
    positive = 0.5 * math.erfc(-average / deviation / math.sqrt(2))
    _require(positive > 1e-300, distribution, "a duration may be positive: the mean is not 37 sd below 0")
    return average, deviation, positive


def _lognormal(distribution: Distribution) -> tuple[float, float, float]:
    average, variation = _named(distribution, "mean", "cv")
    _require(average > 0 and variation >= 0, distribution, "the mean is positive and cv not negative")
    variance = math.log1p(variation * variation)
    return math.log(average) - variance / 2, math.sqrt(variance), 0.0


def _weibull(distribution: Distribution) -> tuple[float, float, float]:
    if "mean" in distribution.parameters:
        shape, average = _named(distribution, "shape", "mean")
        _require(shape >= 0.01 and average > 0, distribution, "shape is at least 0.01 and mean positive")
        return shape, average / math.gamma(1 + 1 / shape), 0.0
    shape, scale = _named(distribution, "shape", "scale")
    _require(shape >= 0.01 and scale > 0, distribution, "shape is at least 0.01 and scale positive")
    return shape, scale, 0.0


def _gamma(distribution: Distribution) -> tuple[float, float, float]:
    average, variation = _named(distribution, "mean", "cv")
    _require(average > 0, distribution, "the mean is positive")
    _require(0.001 <= variation <= 100, distribution, "cv lies between 0.001 and 100")
    return variation**-2, average * variation**2, 0.0


def _poisson(distribution: Distribution) -> tuple[float, float, float]:
    (average,) = _named(distribution, "mean")
    _require(0 <= average <= 1e6, distribution, "the mean lies between 0 and 1e6")
    return average, 0.0, 0.0


def _compile_discrete(values: tuple[float, ...], weights: tuple[float, ...]) -> CompiledDistribution:
    if not values or len(values) != len(weights):
        raise ValueError(f"discrete needs a weight for each value; it has {len(values)} and {len(weights)}.")
    if min(weights) < 0 or not math.fsum(weights) > 0:
        raise ValueError("The weights of discrete are not negative, and one of them is positive.")
    ordered = sorted((value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0)
    total = math.fsum(weights)
    cumulative = [math.fsum(weight for _, weight in ordered[: i + 1]) / total for i in range(len(ordered))]
    table = np.array([[*cumulative[:-1], 1.0], [value for value, _ in ordered]])
    return CompiledDistribution(KINDS["discrete"], 0.0, 0.0, 0.0, table)


def _named(distribution: Distribution, *names: str) -> tuple[float, ...]:
    """Return the parameters of these names, which must be all there are."""
    _require(
        set(distribution.parameters) == set(names), distribution, f"its parameters are {', '.join(names)}"
    )
    return tuple(distribution.parameters[name] for name in names)


def _require(holds: bool, distribution: Distribution, rule: str) -> None:
    if not holds:
        raise ValueError(f"{distribution.kind} of {dict(distribution.parameters)} is not possible: {rule}.")


_PARAMETERS = {
    "constant": _constant,
    "uniform": _uniform,
    "triangular": _triangular,
    "exponential": _exponential,
    "normal": _normal,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "gamma": _gamma,
    "poisson": _poisson,
}
