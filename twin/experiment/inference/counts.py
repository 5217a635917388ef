"""Intervals of counts: a proportion of independent trials, a rate of independent events, a share of lots.

Pure functions. A replication is a trial: "the mean lead time was above 5 days in 3 of 20 replications" is a
proportion. Lots of one replication depend on each other, so a share of lots is a ratio of sums over
replications and never a proportion of so many lots. `Interval.mean` holds the estimate. Sources: Wilson,
J. Amer. Stat. Assoc. 22, 1927; Clopper & Pearson, Biometrika 26, 1934; Garwood 1936 (as Hanley,
doi 10.1002/sim.8354, tells it).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import betaincinv, chdtrc, gammaincinv, ndtri

from twin.experiment.statistics import Interval, Values, mean_and_variance, student_quantile


def wilson_interval(successes: int, trials: int, level: float) -> Interval:
    """Proportion with Wilson's score interval: on average over proportions it covers at about its level.

    (p̂ + z²/2n ± z·√(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n), p̂ = successes/trials.

    Raises:
        ValueError: no trial, or more successes than trials.

    >>> i = wilson_interval(7, 20, 0.95)
    >>> round(i.low, 4), round(i.high, 4)
    (0.1812, 0.5671)
    """
    _check(successes, trials)
    z, p, n = float(ndtri(0.5 + level / 2)), successes / trials, trials
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else (middle - reach) / scale
    high = 1.0 if successes == trials else (middle + reach) / scale
    return Interval(p, low, high, level, trials)


def clopper_pearson_interval(successes: int, trials: int, level: float) -> Interval:
    """Proportion with the exact interval, which covers at its level or above whatever the proportion is.

    Raises:
        ValueError: no trial, or more successes than trials.

    >>> i = clopper_pearson_interval(7, 50, 0.95)
    >>> round(i.low, 6), round(i.high, 6)
    (0.058192, 0.267396)
    """
    _check(successes, trials)
    tail, failures = (1 - level) / 2, trials - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1 - tail))
    return Interval(successes / trials, low, high, level, trials)


def poisson_rate_interval(counts: Sequence[int], exposure: float, level: float) -> Interval:
    """Events per unit of exposure with Garwood's exact interval, for counts that are Poisson.

    Half the χ² quantiles of 2c and 2c + 2 degrees of freedom over the exposure, c the sum of the counts.

    Args:
        counts: events of each replication.
        exposure: of all replications together, such as s of measured time; above 0.
        level: confidence level.

    Raises:
        ValueError: exposure is not above 0, or a count is below 0.

    >>> i = poisson_rate_interval([4, 6], 2.0, 0.95)
    >>> round(i.low, 4), round(i.high, 4)
    (2.3977, 9.1952)
    """
    if exposure <= 0 or any(count < 0 for count in counts):
        raise ValueError("A rate needs counts of 0 or more over an exposure above 0.")
    total, tail = sum(counts), (1 - level) / 2
    low = 0.0 if total == 0 else float(gammaincinv(total, tail))
    high = float(gammaincinv(total + 1, 1 - tail))
    return Interval(total / exposure, low / exposure, high / exposure, level, len(counts))


def dispersion(counts: Sequence[int]) -> tuple[float, float]:
    """Variance over mean of counts, 1 where they are Poisson, and the probability that Poisson counts of
    equal mean vary at least so much (Fisher's index: (n − 1)·index is about χ² with n − 1 degrees of
    freedom).

    Raises:
        ValueError: fewer than two counts.
    """
    if len(counts) < 2:
        raise ValueError("Dispersion needs at least two counts.")
    mean, variance = mean_and_variance(counts)
    if mean == 0:
        return 1.0, 1.0
    index = variance / mean
    return index, float(chdtrc(len(counts) - 1, (len(counts) - 1) * index))


def share_interval(parts: Values, wholes: Values, level: float) -> Interval:
    """A share Σparts/Σwholes over independent replications, such as late lots over lots, with its interval.

    R = Σp/Σw ± t(n − 1)·√(Σ(pᵣ − R·wᵣ)²/(n(n − 1)))/w̄, cut to [0, 1]. Where all replications have the share
    0, or all 1, nothing varies; then the far bound is 1 − (α/2)^(1/n) from there: a mean share of p makes a
    replication's share differ from 0 with a probability of at least p.

    Args:
        parts: of each replication, 0 … its whole.
        wholes: of each replication; replications of 0 say nothing and are left out.
        level: confidence level.

    Raises:
        ValueError: different lengths, or no whole above 0.
    """
    if len(parts) != len(wholes):
        raise ValueError("A share needs a whole for every part.")
    pairs = [(p, w) for p, w in zip(parts, wholes, strict=True) if w > 0]
    if not pairs:
        raise ValueError("A share needs a whole above 0.")
    n = len(pairs)
    ratio = math.fsum(p for p, _ in pairs) / math.fsum(w for _, w in pairs)
    if n < 2:
        return Interval(ratio, None, None, level, n)
    far = 1 - ((1 - level) / 2) ** (1 / n)
    if ratio == 0:
        return Interval(0.0, 0.0, far, level, n)
    if ratio == 1:
        return Interval(1.0, 1 - far, 1.0, level, n)
    mean_whole = math.fsum(w for _, w in pairs) / n
    squares = math.fsum((p - ratio * w) ** 2 for p, w in pairs)
    reach = student_quantile(n - 1, level) * math.sqrt(squares / (n * (n - 1))) / mean_whole
    return Interval(ratio, max(ratio - reach, 0.0), min(ratio + reach, 1.0), level, n)


def _check(successes: int, trials: int) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials are no proportion.")
