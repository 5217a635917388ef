"""Intervals, paired differences, corrections for many comparisons, and how many replications are still
needed.

Pure functions of one value for each replication. Replications are independent, so nothing here looks at
correlation inside one. Where an interval cannot be had (fewer than two values) its bounds are None: no
interval, no claim. Sources: Law, Simulation Modeling and Analysis, 5th ed., ch. 4, 9 and 10; Conover,
Practical Nonparametric Statistics, 3rd ed., ch. 3; Welch 1947; Holm 1979.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

Values = Sequence[float]
Correction = Literal["bonferroni", "holm", "tukey", "none"]

FEWEST_FOR_STOPPING = 10  # replications before a precision is believed: stopping earlier undercovers


@cache
def _special() -> Any:
    """SciPy's special functions: a fifth of a second, and no run begins later for it."""
    return import_module("scipy.special")


@dataclass(frozen=True)
class Interval:
    """A mean and its Student interval at `level` from `n` values; bounds None where n < 2, mean None where n
    = 0.
    """

    mean: float | None
    low: float | None
    high: float | None
    level: float
    n: int

    @property
    def half_width(self) -> float | None:
        """Half the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def as_object(self) -> dict[str, Any]:
        """What `--json` says of it: `mean`, `ci`, `level` and `n`."""
        return {"mean": self.mean, "ci": bounds(self.low, self.high), "level": self.level, "n": self.n}


def bounds(low: float | None, high: float | None) -> list[float | None] | None:
    """An interval's ends as `--json` has them: None where there is none, one end None of a one-sided one.

    >>> bounds(1.0, 2.0), bounds(None, 3.0), bounds(None, None)
    ([1.0, 2.0], [None, 3.0], None)
    """
    return None if low is None and high is None else [low, high]


@dataclass(frozen=True)
class Difference:
    """A difference of means, other − baseline; `p` two-sided; `n` pairs, or the smaller sample where
    unpaired.
    """

    difference: float
    standard_error: float
    degrees_of_freedom: float
    p: float
    n: int
    paired: bool

    def interval(self, level: float) -> tuple[float, float]:
        """Student interval at `level`."""
        reach = student_quantile(self.degrees_of_freedom, level) * self.standard_error
        return self.difference - reach, self.difference + reach


def student_quantile(degrees_of_freedom: float, level: float) -> float:
    """Two-sided quantile of Student's t: t(1 − (1 − level)/2)."""
    return float(_special().stdtrit(degrees_of_freedom, 0.5 + level / 2))


def mean_and_variance(values: Values) -> tuple[float, float]:
    """Mean and sample variance (n − 1), exactly summed; equal values give exactly their value and 0."""
    mean = math.fsum(values) / len(values)
    if all(value == values[0] for value in values):
        return float(values[0]), 0.0
    return mean, math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def mean_interval(values: Values, level: float) -> Interval:
    """Mean of independent values with its Student interval, x̄ ± t·s/√n."""
    n = len(values)
    if n == 0:
        return Interval(None, None, None, level, 0)
    if n == 1:
        return Interval(float(values[0]), None, None, level, 1)
    mean, variance = mean_and_variance(values)
    reach = student_quantile(n - 1, level) * math.sqrt(variance / n)
    return Interval(mean, mean - reach, mean + reach, level, n)


def quantile_interval(values: Values, quantile: float, level: float) -> Interval:
    """Quantile of a sample with the interval between two of its order statistics, whatever the distribution.

    [x₍ₗ₎, x₍ᵤ₎] with l the largest and u the smallest rank for which P(B < l) ≤ α/2 and P(B ≥ u) ≤ α/2, B
    binomial (n, q); a bound that the sample is too small for is None. The estimate is x₍⌈qn⌉₎.

    Raises:
        ValueError: quantile outside (0, 1).
    """
    if not 0 < quantile < 1:
        raise ValueError(f"A quantile lies between 0 and 1, not at {quantile:g}.")
    n, tail = len(values), (1 - level) / 2
    if n == 0:
        return Interval(None, None, None, level, 0)
    ordered = sorted(values)
    below = [float(_special().bdtr(k, n, quantile)) for k in range(n)]  # P(B ≤ k)
    lower = max((rank for rank in range(1, n + 1) if below[rank - 1] <= tail), default=None)
    upper = min((rank for rank in range(1, n + 1) if below[rank - 1] >= 1 - tail), default=None)
    return Interval(
        float(ordered[max(math.ceil(quantile * n) - 1, 0)]),
        None if lower is None else float(ordered[lower - 1]),
        None if upper is None else float(ordered[upper - 1]),
        level,
        n,
    )


def paired_difference(baseline: Values, other: Values) -> Difference:
    """Mean of other − baseline, pair by pair: for replications that share their random numbers.

    Raises:
        ValueError: different lengths, or fewer than two pairs.
    """
    if len(baseline) != len(other) or len(baseline) < 2:
        raise ValueError("Paired differences need at least two pairs.")
    mean, variance = mean_and_variance([b - a for a, b in zip(baseline, other, strict=True)])
    n = len(baseline)
    return _difference(mean, math.sqrt(variance / n), n - 1, n, paired=True)


def welch_difference(baseline: Values, other: Values) -> Difference:
    """Difference of the means of two samples that share nothing, with Welch–Satterthwaite degrees of freedom.

    Raises:
        ValueError: fewer than two values on a side.
    """
    n, m = len(baseline), len(other)
    if min(n, m) < 2:
        raise ValueError("A difference needs at least two values on each side.")
    (mean_a, var_a), (mean_b, var_b) = mean_and_variance(baseline), mean_and_variance(other)
    a, b = var_a / n, var_b / m
    freedom = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1)) if a + b > 0 else float(min(n, m) - 1)
    return _difference(mean_b - mean_a, math.sqrt(a + b), freedom, min(n, m), paired=False)


def _difference(mean: float, error: float, freedom: float, n: int, *, paired: bool) -> Difference:
    """With the two-sided p of no difference; where nothing varies, a difference is certain and none is
    none.
    """
    certain = 0.0 if mean != 0 else 1.0
    p = 2 * float(_special().stdtr(freedom, -abs(mean) / error)) if error > 0 else certain
    return Difference(mean, error, freedom, p, n, paired)


def corrected_levels(p_values: Values, level: float, correction: Correction) -> list[float]:
    """The level of each interval, so that an interval without 0 is a difference shown at the family's level.

    Bonferroni takes 1 − α/m for each; all m intervals hold together with probability `level`. Holm takes
    1 − α/(m − j) for the j-th smallest p (from 0) until the first that is not shown, whose level all later
    ones
    take: verdicts hold together with probability `level`, the intervals only one by one.

    Raises:
        ValueError: `tukey`, which needs to know the pairs (`inference.simultaneous.all_pairs_levels`).
    """
    alpha, m = 1 - level, len(p_values)
    if correction == "tukey":
        raise ValueError("Tukey's correction is of all pairs of runs, not of a list of p-values.")
    if correction == "none" or m == 0:
        return [level] * m
    if correction == "bonferroni":
        return [1 - alpha / m] * m
    levels = [0.0] * m
    step = alpha / m
    stopped = False
    for j, k in enumerate(sorted(range(m), key=lambda k: p_values[k])):
        if not stopped:
            step = alpha / (m - j)
            stopped = p_values[k] > step
        levels[k] = 1 - step
    return levels


def replications_for(values: Values, half_width: float, level: float) -> int | None:
    """Replications at which the half-width is expected to be at most `half_width`, at the variance seen.

    Returns the smallest n ≥ 2 with t(n − 1)·s/√n ≤ half_width; None where fewer than two values are there,
    or no width is left and the values vary.
    """
    if len(values) < 2:
        return None
    _, variance = mean_and_variance(values)
    if variance == 0:
        return 2
    if half_width <= 0:
        return None
    target = half_width**2 / variance
    return least(lambda n: student_quantile(n - 1, level) ** 2 / n <= target)


def least(enough: Callable[[int], bool]) -> int:
    """The smallest n ≥ 2 that is enough, where all above are: doubling, then halving.

    >>> least(lambda n: n * n > 1000)
    32
    """
    high = 2
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return max(high, 2)


def replications_needed(values: Values, precision: float, level: float) -> int | None:
    """Replications at which the half-width is expected to be at most `precision` · |mean|, at the variance
    seen.

    Returns the total number; None where fewer than two values are there, or the mean is 0 and the values
    vary.
    """
    if len(values) < 2:
        return None
    return replications_for(values, precision * abs(mean_and_variance(values)[0]), level)
