"""What a point of an optimisation must keep, and how sure replications make that: of the expected measure, of
a quantile over replications, or of the probability that a replication lies above or below a value.

An expected value is shown by Student's t: the probability that a mean like the one seen comes from an
expectation on the right side of the limit. A quantile lies below a limit where at least so many replications
do, so quantiles and probabilities are both proportions, shown exactly by the binomial distribution (Clopper
and Pearson's one-sided intervals): a proportion of p₀ or less gives h or more hits in n with at most
P(B ≥ h), B binomial (n, p₀). Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, stdtr

from twin.experiment.inference.counts import clopper_pearson_interval
from twin.experiment.statistics import Interval, mean_interval, quantile_interval

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Constraint:
    """What is measured is at least `low` and at most `high`, which must be shown with `probability`.

    It is the expected measure (SI); with `quantile` that quantile over replications; with `above` or `below`
    (SI) the probability that a replication's value is more, or less, and `low` and `high` are probabilities.
    """

    measure: str
    low: float | None
    high: float | None
    probability: float = 0.95
    quantile: float | None = None
    above: float | None = None
    below: float | None = None

    def __str__(self) -> str:
        """For people, in SI.

        >>> str(Constraint("yield", 0.5, None)), str(Constraint("yield", 0.9, None, above=0.5))
        ('0.5 ≤ yield', '0.9 ≤ P(yield > 0.5)')
        """
        low = "" if self.low is None else f"{self.low:g} ≤ "
        return low + self.what + ("" if self.high is None else f" ≤ {self.high:g}")

    @property
    def what(self) -> str:
        """What lies between the limits.

        >>> Constraint("lead_time_mean", None, 7200.0, quantile=0.9).what
        '90 % quantile of lead_time_mean'
        """
        if self.quantile is not None:
            return f"{100 * self.quantile:g} % quantile of {self.measure}"
        if self.above is not None:
            return f"P({self.measure} > {self.above:g})"
        return self.measure if self.below is None else f"P({self.measure} < {self.below:g})"

    @property
    def is_mean(self) -> bool:
        """Whether it is on the expected measure."""
        return self.quantile is None and not self.is_probability

    @property
    def is_probability(self) -> bool:
        """Whether its limits are probabilities."""
        return self.above is not None or self.below is not None

    def estimate(self, values: Array, level: float) -> Interval:
        """What is measured, with its interval, from the values of replications."""
        if self.quantile is not None:
            return quantile_interval(values.tolist(), self.quantile, level)
        if self.is_probability:
            return clopper_pearson_interval(self._hits(values), len(values), level)
        return mean_interval(values.tolist(), level)

    def shown(self, values: Array) -> float:
        """Probability, at least, with which the values of replications show that it is kept; 1 or 0 where it
        is on an expected value and nothing varies, or there is one value only.
        """
        if self.is_mean:
            return _mean_kept(values, self.low, self.high)
        missed = (1 - float(bdtr(h - 1, n, p)) if h else 1.0 for h, n, p in self._proportions(values))
        return max(1 - math.fsum(missed), 0.0)

    def possible(self, values: Array) -> float:
        """One less the probability with which the values show that it is broken. Of an expected value the
        same as `shown`; a few replications show neither of a proportion.
        """
        if self.is_mean:
            return _mean_kept(values, self.low, self.high)
        missed = (1 - float(bdtr(h, n, p)) for h, n, p in self._proportions(values))
        return max(1 - math.fsum(missed), 0.0)

    def violation(self, values: Array) -> float:
        """By how much what is estimated breaks it, in the unit of its limits; at most 0 where it keeps it."""
        found = float(values.mean()) if self.is_mean else self.estimate(values, 0.95).mean
        assert found is not None, "there is a value"
        return max(-room for room in _rooms(self.low, self.high, found))

    def _hits(self, values: Array) -> int:
        if self.above is not None:
            return int(np.sum(values > self.above))
        assert self.below is not None, "it is a probability"
        return int(np.sum(values < self.below))

    def _proportions(self, values: Array) -> list[tuple[int, int, float]]:
        """Hits, replications, and the least proportion of hits with which each limit is kept."""
        n = len(values)
        found: list[tuple[int, int, float]] = []
        if self.quantile is not None:
            if self.low is not None:
                found.append((int(np.sum(values >= self.low)), n, 1 - self.quantile))
            if self.high is not None:
                found.append((int(np.sum(values <= self.high)), n, self.quantile))
            return found
        hits = self._hits(values)
        if self.low is not None:
            found.append((hits, n, self.low))
        if self.high is not None:
            found.append((n - hits, n, 1 - self.high))
        return found


def _mean_kept(values: Array, low: float | None, high: float | None) -> float:
    """Probability that the expected value lies between the limits, as far as its replications tell."""
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    miss = 0.0
    for room in _rooms(low, high, mean):
        if error == 0:
            miss += 0.0 if room >= 0 else 1.0
        else:
            miss += float(stdtr(len(values) - 1, -room / error))
    return max(1 - miss, 0.0)


def _rooms(low: float | None, high: float | None, found: float) -> list[float]:
    """How far a number is on the right side of each limit."""
    below = [] if low is None else [found - low]
    return below + ([] if high is None else [high - found])
