"""Control variates: a mean stated closer with the help of quantities whose means are known.

Where the drawn processing times of a replication happened to be long, so was its lead time; the known mean
of the draws says by how much the replication was out of the ordinary. The mean at the controls' known means
is estimated by regression, with n − q − 1 degrees of freedom for q controls, which is exact for jointly
normal values (Lavenberg & Welch, Management Science 27, 322-335, 1981). Choosing controls by the same values
that they are to improve would promise too much. So the replications are split into two halves, each half
takes the controls that the other half chose, if it chose any, and the two estimates are averaged: whether
controls are used, and which, never depends on the half that is estimated. Nelson, Control variate remedies,
compares splitting with other remedies. Where the measure hangs on a control in
a strongly curved way the interval covers less than it says (docs/statistics.md). Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from twin.experiment.arrays import Reals
from twin.experiment.statistics import Interval, mean_interval, student_quantile

FEWEST = 40  # replications, so that each half has twenty
MOST = 3  # controls of a half
WORTH = 0.85  # of the variance at most, after a control and with its cost, for it to be taken
DOUBT = 0.05  # probability of taking any of the candidates where none tells anything


@dataclass(frozen=True)
class Estimate:
    """A mean at the controls' known means: estimate, variance of the estimate, degrees of freedom."""

    mean: float
    variance: float
    degrees_of_freedom: float


@dataclass(frozen=True)
class Controlled:
    """A mean with and without controls. `controls` are the columns used, by half; `narrower` is the ratio of
    the half-widths, below 1 where the controls paid, 1 where none was used.
    """

    interval: Interval
    plain: Interval
    controls: tuple[tuple[int, ...], tuple[int, ...]]

    @property
    def narrower(self) -> float:
        """Half-width with controls over half-width without."""
        mine, plain = self.interval.half_width, self.plain.half_width
        return mine / plain if mine is not None and plain else 1.0


def regression_estimate(values: Reals, controls: Reals) -> Estimate:
    """The mean of the values at controls of 0, by least squares.

    Args:
        values: shape (n,).
        controls: less their known means, shape (n, q), n > q + 1; none where q is 0.

    Raises:
        ValueError: too few values.
    """
    n, q = controls.shape
    if n <= q + 1:
        raise ValueError(f"{n} values are too few for {q} controls.")
    design = np.column_stack([np.ones(n), controls])
    coefficients, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    residuals = values - design @ coefficients
    freedom = n - int(rank)
    scale = float(residuals @ residuals) / freedom
    inverse = np.linalg.pinv(design.T @ design)
    return Estimate(float(coefficients[0]), scale * float(inverse[0, 0]), freedom)


def chosen_controls(values: Reals, controls: Reals, most: int = MOST) -> tuple[int, ...]:
    """Columns worth using, the best first: each must bring the variance of the mean, with the cost of
    estimating its coefficient, (1 − R²)·(n − 2)/(n − q − 2), to 85 % of what it was or less, and be more
    than chance among so many candidates.
    """
    n, candidates = controls.shape
    taken: list[int] = []
    rest, apart = values - values.mean(), controls - controls.mean(axis=0)
    still = float(rest @ rest)
    least = 1e-12 * still
    while still > least and len(taken) < min(most, candidates, n - 4):
        size = (apart**2).sum(axis=0)
        size[taken] = 0.0
        told = np.divide((rest @ apart) ** 2, size, out=np.zeros(candidates), where=size > 1e-12 * size.max())
        j = int(np.argmax(told))
        left, freedom = max(still - float(told[j]), 0.0), n - len(taken) - 2
        cost = freedom / (freedom - 1)
        t = math.sqrt(float(told[j]) * freedom / left) if left > least else math.inf
        chance = 2 * float(stdtr(freedom, -t)) * (candidates - len(taken))
        if left * cost > WORTH * still or chance > DOUBT:
            break
        taken.append(j)
        unit = apart[:, j] / math.sqrt(float(size[j]))
        rest, apart, still = rest - unit * (unit @ rest), apart - np.outer(unit, unit @ apart), left
    return tuple(taken)


def controlled_mean(values: Reals, controls: Reals, level: float) -> Controlled:
    """The mean with controls where they pay, each half of the replications by what the other half chose.

    Args:
        values: of each replication, shape (n,).
        controls: less their known means, shape (n, p); columns that never vary are never taken.
        level: of the interval.
    """
    plain = mean_interval(values.tolist(), level)
    if len(values) < FEWEST or controls.shape[1] == 0:
        return Controlled(plain, plain, ((), ()))
    even = np.arange(len(values)) % 2 == 0
    halves = ((even, ~even), (~even, even))
    taken = tuple(chosen_controls(values[other], controls[other]) for _, other in halves)
    if not any(taken):
        return Controlled(plain, plain, ((), ()))
    one, two = (
        regression_estimate(values[mine], controls[mine][:, list(columns)])
        for (mine, _), columns in zip(halves, taken, strict=True)
    )
    share = even.mean()
    a, b = share**2 * one.variance, (1 - share) ** 2 * two.variance
    mean = share * one.mean + (1 - share) * two.mean
    if a + b == 0:
        reach = 0.0
    else:
        freedom = (a + b) ** 2 / (a**2 / one.degrees_of_freedom + b**2 / two.degrees_of_freedom)
        reach = student_quantile(freedom, level) * math.sqrt(a + b)
    interval = Interval(float(mean), float(mean - reach), float(mean + reach), level, len(values))
    return Controlled(interval, plain, (taken[0], taken[1]))
