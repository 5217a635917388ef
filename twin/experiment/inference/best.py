"""Multiple comparisons with the best (MCB): for each run, its mean less the best mean of the others.

An interval that ends at 0 says that the run is not the best; one that begins at 0 that it is. Any way to
compare all runs with one of them gives such intervals (Hsu's construction; the true best is the one whose
comparisons must hold). Here each comparison is a one-sided Student interval, paired under common random
numbers and Welch's elsewhere, with the error shared among the k − 1 after Bonferroni: that holds for normal
means whatever their variances and dependence, as the conservative procedure of Nelson & Matejcik does
(Management Science 41, 1935-1945, 1995, doi 10.1287/mnsc.41.12.1935), where their other one assumes equal
correlations. Sources: Edwards & Hsu, Multiple comparisons with the best treatment.
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin.experiment.arrays import Reals
from twin.experiment.statistics import Difference, mean_and_variance, student_quantile

Aim = Literal["higher", "lower"]
BEST, NOT_BEST, MAYBE = "the best", "not the best", "may be the best"


@dataclass(frozen=True)
class AgainstBest:
    """A run's mean less the best of the others': estimate and simultaneous interval, 0 being one of its
    bounds where that settles the question.
    """

    difference: float
    low: float
    high: float
    verdict: str

    def turned(self) -> AgainstBest:
        """The same of values with the other sign; a bound of 0 stays 0, never −0."""
        return AgainstBest(-self.difference + 0.0, -self.high + 0.0, -self.low + 0.0, self.verdict)


def against_best(
    differences: Sequence[Sequence[Difference | None]], aim: Aim, level: float
) -> list[AgainstBest]:
    """Simultaneous intervals for μᵢ − best of the other μⱼ, at `level` together.

    With w the half-widths of the one-sided intervals at 1 − α/(k − 1), for the highest: upper bounds
    max(0, minⱼ(x̄ᵢ − x̄ⱼ + wᵢⱼ)); runs whose upper bound is above 0 may be the best; lower bounds 0 for the
    only such run, else min over those of (x̄ᵢ − x̄ⱼ − wᵢⱼ), at most 0.

    Args:
        differences: [i][j] compares run i with run j, i's mean less j's; the diagonal is not read.
        aim: which mean is best.
        level: of all intervals together.

    Raises:
        ValueError: fewer than two runs.
    """
    k = len(differences)
    if k < 2:
        raise ValueError("A best one needs two to choose from.")
    sign = 1.0 if aim == "higher" else -1.0
    apart, reach = np.zeros((k, k)), np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            d = differences[i][j]
            if i != j and d is not None:
                apart[i, j] = sign * d.difference
                reach[i, j] = _one_sided(d, (1 - level) / (k - 1))
    rows = _intervals(apart, reach)
    return [row if sign > 0 else row.turned() for row in rows]


def paired_against_best(values: Reals, aim: Aim, level: float) -> list[AgainstBest]:
    """The same for runs that share their random numbers: values of shape (runs, replications).

    Raises:
        ValueError: fewer than two runs or replications.
    """
    k, n = values.shape
    if n < 2:
        raise ValueError("Paired differences need at least two pairs.")
    table: list[list[Difference | None]] = [[None] * k for _ in range(k)]
    for i in range(k):
        for j in range(i):
            mean, variance = mean_and_variance((values[i] - values[j]).tolist())
            error = (variance / n) ** 0.5
            table[i][j] = Difference(mean, error, n - 1, 1.0, n, True)
            table[j][i] = Difference(-mean, error, n - 1, 1.0, n, True)
    return against_best(table, aim, level)


def _one_sided(difference: Difference, tail: float) -> float:
    """Half-width of a one-sided interval with the given probability beyond it."""
    return student_quantile(difference.degrees_of_freedom, 1 - 2 * tail) * difference.standard_error


def _intervals(apart: Reals, reach: Reals) -> list[AgainstBest]:
    """From differences to the others and half-widths, both (k, k), higher being better."""
    k = len(apart)
    others = ~np.eye(k, dtype=bool)
    nearest = np.array([apart[i][others[i]].min() for i in range(k)])
    high = np.array([max(0.0, (apart[i] + reach[i])[others[i]].min()) for i in range(k)])
    # Runs that never vary and tie have no width left, and still one of them is the best.
    candidates = high > 0 if (high > 0).any() else nearest >= 0
    rows = []
    for i in range(k):
        rivals = candidates & others[i]
        low = min(0.0, float((apart[i] - reach[i])[rivals].min())) if rivals.any() else 0.0
        verdict = NOT_BEST if not candidates[i] else MAYBE if rivals.any() else BEST
        rows.append(AgainstBest(float(nearest[i]), low, float(high[i]), verdict))
    return rows
