"""Proportions, rates and shares against scipy and by coverage; the stopping rule and what it costs in
coverage.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from twin.experiment.inference.counts import (
    clopper_pearson_interval,
    dispersion,
    poisson_rate_interval,
    share_interval,
    wilson_interval,
)
from twin.experiment.inference.stopping import Precision, look


def limits(level: float, experiments: int) -> float:
    """How far below its level a coverage may be seen in so many experiments: 3.5 standard errors."""
    return level - 3.5 * math.sqrt(level * (1 - level) / experiments)


@pytest.mark.parametrize(("successes", "trials"), [(0, 12), (1, 30), (7, 20), (19, 20), (8, 8)])
def test_proportions_equal_scipy(successes: int, trials: int) -> None:
    oracle = stats.binomtest(successes, trials)
    for mine, method in ((wilson_interval, "wilson"), (clopper_pearson_interval, "exact")):
        expected = oracle.proportion_ci(0.9, method)
        found = mine(successes, trials, 0.9)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("trials", [10, 30])
def test_the_exact_interval_covers_every_proportion_at_its_level(trials: int) -> None:
    intervals = [clopper_pearson_interval(k, trials, 0.95) for k in range(trials + 1)]
    for truth in np.linspace(0.01, 0.99, 99):
        weights = stats.binom.pmf(np.arange(trials + 1), trials, truth)
        assert sum(w for w, i in zip(weights, intervals, strict=True) if i.low <= truth <= i.high) >= 0.95


def test_wilson_covers_at_its_level_on_average_and_little_below_it_anywhere() -> None:
    intervals = [wilson_interval(k, 30, 0.95) for k in range(31)]
    covered = []
    for truth in np.linspace(0.01, 0.99, 197):
        weights = stats.binom.pmf(np.arange(31), 30, truth)
        covered.append(sum(w for w, i in zip(weights, intervals, strict=True) if i.low <= truth <= i.high))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
    assert min(covered) > 0.83


def test_a_rate_has_the_chi_square_quantiles_of_its_count() -> None:
    found = poisson_rate_interval([3, 0, 5], 12.0, 0.95)
    assert found.mean == pytest.approx(8 / 12)
    expected = (stats.chi2.ppf(0.025, 16) / 24, stats.chi2.ppf(0.975, 18) / 24)
    assert (found.low, found.high) == pytest.approx(expected)
    assert poisson_rate_interval([0, 0], 2.0, 0.95).high == pytest.approx(-math.log(0.025) / 2)


@pytest.mark.parametrize("truth", [0.3, 2.0, 11.0])
def test_the_rate_interval_covers_at_its_level(truth: float) -> None:
    totals = np.arange(int(truth) + 60)
    weights = stats.poisson.pmf(totals, truth)
    intervals = [poisson_rate_interval([int(k)], 1.0, 0.9) for k in totals]
    assert sum(w for w, i in zip(weights, intervals, strict=True) if i.low <= truth <= i.high) >= 0.9


def test_counts_that_vary_more_than_poisson_are_found_out() -> None:
    generator = np.random.default_rng(11)
    even = generator.poisson(6.0, 200).tolist()
    uneven = generator.poisson(generator.gamma(2.0, 3.0, 200)).tolist()
    assert dispersion(even)[1] > 0.01
    assert dispersion(uneven)[0] > 2
    assert dispersion(uneven)[1] < 1e-6
    assert dispersion([0, 0, 0]) == (1.0, 1.0)


def test_a_share_of_lots_covers_although_lots_of_a_replication_hang_together() -> None:
    generator = np.random.default_rng(12)
    experiments, replications = 1000, 20
    lots = generator.integers(20, 60, size=(experiments, replications))
    late = generator.binomial(lots, generator.beta(2.0, 6.0, size=lots.shape))
    found = [share_interval(p, w, 0.9) for p, w in zip(late.tolist(), lots.tolist(), strict=True)]
    hits = sum(i.low <= 0.25 <= i.high for i in found)
    # Delta-method intervals of 20 ratios undercover a little: two points are allowed for that.
    assert hits / experiments > limits(0.9, experiments) - 0.02
    naive = [wilson_interval(int(p.sum()), int(w.sum()), 0.9) for p, w in zip(late, lots, strict=True)]
    assert sum(i.low <= 0.25 <= i.high for i in naive) / experiments < 0.75


def test_a_share_that_was_never_seen_is_still_bounded() -> None:
    found = share_interval([0, 0, 0, 0], [10, 12, 0, 9], 0.95)
    assert (found.mean, found.low, found.n) == (0.0, 0.0, 3)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 3))
    assert share_interval([5, 7], [5, 7], 0.95).high == 1.0


def test_what_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(3, 2, 0.95)
    with pytest.raises(ValueError, match="exposure above 0"):
        poisson_rate_interval([1], 0.0, 0.95)
    with pytest.raises(ValueError, match="whole above 0"):
        share_interval([0.0], [0.0], 0.95)
    with pytest.raises(ValueError, match="above 0"):
        Precision(0.0)


def test_a_look_says_how_many_replications_are_missing() -> None:
    values = np.random.default_rng(13).normal(100, 10, 40).tolist()
    found = look(values, Precision(0.01), 0.95)
    assert not found.stop
    assert found.more is not None
    spread, mean = np.std(values, ddof=1), np.mean(values)
    n = 40 + found.more
    assert stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n) <= 0.01 * mean
    assert stats.t.ppf(0.975, n - 2) * spread / math.sqrt(n - 1) > 0.01 * mean


def test_no_look_stops_before_ten_values_or_at_a_mean_of_zero() -> None:
    assert look([5.0] * 9, Precision(0.1), 0.95).more == 1
    assert look([5.0] * 10, Precision(0.1), 0.95).stop
    assert look([], Precision(0.1), 0.95).more == 10
    hopeless = look([-1.0, 1.0] * 10, Precision(0.1), 0.95)
    assert (hopeless.stop, hopeless.more) == (False, None)
    assert look([-1.0, 1.0] * 10, Precision(0.6, relative=False), 0.95).stop


def stopped(values: np.ndarray, wanted: float) -> np.ndarray:
    """Whether the 95 % interval at the first stop holds the mean 0, for rows of normal values, one look a
    value.
    """
    n = np.arange(1, values.shape[1] + 1)
    mean = values.cumsum(axis=1) / n
    variance = ((values**2).cumsum(axis=1) - n * mean**2) / np.maximum(n - 1, 1)
    half = stats.t.ppf(0.975, np.maximum(n - 1, 1)) * np.sqrt(variance / n)
    first = np.argmax((half <= wanted) & (n >= 10), axis=1)
    row = np.arange(len(values))
    assert (half[row, first] <= wanted).all()
    return np.asarray(np.abs(mean[row, first]) <= half[row, first])


@pytest.mark.parametrize(("wanted", "loss"), [(0.4, 0.03), (0.2, 0.02)])
def test_stopping_when_precise_costs_little_coverage(wanted: float, loss: float) -> None:
    experiments = 4000
    values = np.random.default_rng(14).normal(size=(experiments, 250))
    hits = stopped(values, wanted).mean()
    assert hits > limits(0.95, experiments) - loss
    # The same rule, one experiment through `look`, value by value.
    row = values[0].tolist()
    first = next(n for n in range(10, 251) if look(row[:n], Precision(wanted, relative=False), 0.95).stop)
    interval = look(row[:first], Precision(wanted, relative=False), 0.95).interval
    assert (interval.low <= 0 <= interval.high) == stopped(values[:1], wanted)[0]
