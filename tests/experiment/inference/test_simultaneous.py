"""All pairs, the best of several and the replications that separate two: published values and coverage."""

from __future__ import annotations

import doctest
import importlib
import math
import pkgutil

import numpy as np
import pytest
from scipy import stats

import twin.experiment.inference
from twin.experiment.inference.best import BEST, MAYBE, NOT_BEST, against_best, paired_against_best
from twin.experiment.inference.separation import POWER, replications_to_separate
from twin.experiment.inference.simultaneous import (
    studentized_range_probability,
    studentized_range_quantile,
    tukey_level,
)
from twin.experiment.statistics import Difference, paired_difference, welch_difference

Reals = np.ndarray


def limits(level: float, experiments: int) -> float:
    """How far below its level a coverage may be seen in so many experiments: 3.5 standard errors."""
    return level - 3.5 * math.sqrt(level * (1 - level) / experiments)


def test_the_examples_in_the_package_hold() -> None:
    package = twin.experiment.inference
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        assert doctest.testmod(importlib.import_module(module.name)).failed == 0, module.name


@pytest.mark.parametrize(
    ("groups", "freedom", "published"),
    [(3, 10, 3.877), (3, 5, 4.602), (5, 20, 4.232), (10, 60, 4.646), (2, 30, 2.888), (4, 12, 4.199)],
)
def test_the_studentized_range_has_the_published_five_per_cent_points(
    groups: int, freedom: int, published: float
) -> None:
    assert studentized_range_quantile(0.95, groups, freedom) == pytest.approx(published, abs=0.0006)


@pytest.mark.parametrize(
    ("groups", "freedom", "q"), [(2, 1, 18.0), (6, 7.3, 5.0), (40, 25, 6.0), (8, 500, 4.3)]
)
def test_the_studentized_range_equals_scipy(groups: int, freedom: float, q: float) -> None:
    expected = stats.studentized_range.cdf(q, groups, freedom)
    assert studentized_range_probability(q, groups, freedom) == pytest.approx(expected, abs=1e-7)


def test_intervals_of_all_pairs_equal_those_of_scipy() -> None:
    # Montgomery's tensile strengths have equal samples; here their sizes and variances differ.
    samples = [[24.5, 23.5, 26.4, 27.1, 29.9], [28.4, 34.2, 29.5, 32.2, 30.1, 33.3], [26.1, 28.3, 24.3, 26.2]]
    expected = stats.tukey_hsd(*samples, equal_var=False).confidence_interval(0.95)
    for i in range(3):
        for j in range(i):
            d = welch_difference(samples[j], samples[i])
            low, high = d.interval(tukey_level(0.95, 3, d.degrees_of_freedom))
            assert (low, high) == pytest.approx((expected.low[i, j], expected.high[i, j]), abs=2e-3)


def all_pairs_cover(means: Reals, variances: Reals, n: int, level: float) -> Reals:
    """Whether Games and Howell's intervals of independent samples all hold 0, for rows of means and
    variances.
    """
    k = means.shape[1]
    nodes = np.linspace(n - 1, 2 * (n - 1), 9)
    critical = [studentized_range_quantile(level, k, float(v)) / math.sqrt(2) for v in nodes]
    held = np.ones(len(means), dtype=bool)
    for i in range(k):
        for j in range(i):
            a, b = variances[:, i] / n, variances[:, j] / n
            freedom = (a + b) ** 2 / ((a**2 + b**2) / (n - 1))
            reach = np.interp(freedom, nodes, critical) * np.sqrt(a + b)
            held &= np.abs(means[:, i] - means[:, j]) <= reach
    return held


@pytest.mark.parametrize("spreads", [(1, 1, 1, 1, 1), (1, 1.5, 2, 3, 5)])
def test_all_pairs_of_independent_runs_hold_together(spreads: tuple[float, ...]) -> None:
    experiments, n = 4000, 10
    values = np.random.default_rng(21).normal(size=(experiments, n, 5)) * spreads
    held = all_pairs_cover(values.mean(axis=1), values.var(axis=1, ddof=1), n, 0.95)
    # Games and Howell's intervals are known to be a little liberal; a point is allowed for that.
    assert held.mean() > limits(0.95, experiments) - 0.01


def correlated(kind: str, k: int) -> Reals:
    """A factor of a covariance matrix of k runs under common random numbers."""
    if kind == "alike":
        return np.linalg.cholesky(0.8 * np.ones((k, k)) + 0.2 * np.eye(k))
    if kind == "neighbours":
        return np.linalg.cholesky(0.9 ** np.abs(np.subtract.outer(np.arange(k), np.arange(k))))
    return np.diag(np.geomspace(1, 10, k))


@pytest.mark.parametrize("kind", ["alike", "neighbours", "unlike"])
def test_under_common_random_numbers_only_bonferroni_holds_for_all_pairs(kind: str) -> None:
    experiments, n, k = 4000, 6, 8
    values = np.random.default_rng(22).normal(size=(experiments, n, k)) @ correlated(kind, k).T
    largest = np.zeros(experiments)
    for i in range(k):
        for j in range(i):
            d = values[:, :, i] - values[:, :, j]
            largest = np.maximum(largest, np.abs(d.mean(axis=1)) / np.sqrt(d.var(axis=1, ddof=1) / n))
    bonferroni = stats.t.ppf(1 - 0.05 / (k * (k - 1)), n - 1)
    tukey = studentized_range_quantile(0.95, k, n - 1) / math.sqrt(2)
    assert (largest <= bonferroni).mean() > limits(0.95, experiments)
    assert (largest <= tukey).mean() < 0.93


@pytest.mark.parametrize("kind", ["alike", "neighbours", "unlike"])
@pytest.mark.parametrize("means", [(0, 0, 0, 0), (0.4, 0, 0, 0), (1, 0.9, 0, -1)])
def test_comparisons_with_the_best_hold_together(kind: str, means: tuple[float, ...]) -> None:
    experiments, n, k, level = 1000, 10, 4, 0.9
    truth = np.array(means) - [max(means[:i] + means[i + 1 :]) for i in range(k)]
    values = np.random.default_rng(23).normal(size=(experiments, n, k)) @ correlated(kind, k).T + means
    held = 0
    for one in values:
        rows = paired_against_best(one.T, "higher", level)
        held += all(r.low <= t <= r.high for r, t in zip(rows, truth, strict=True))
    assert held / experiments > limits(level, experiments)


def test_the_best_is_named_where_it_stands_out() -> None:
    common = np.random.default_rng(24).normal(size=30)
    own = np.random.default_rng(25).normal(scale=0.1, size=(3, 30))
    values = np.array([0.0, 1.0, 0.02])[:, None] + common + own
    assert [r.verdict for r in paired_against_best(values, "higher", 0.95)] == [NOT_BEST, BEST, NOT_BEST]
    assert [r.verdict for r in paired_against_best(values, "lower", 0.95)] == [MAYBE, NOT_BEST, MAYBE]
    best = paired_against_best(values, "higher", 0.95)[1]
    assert best.low == 0.0
    assert best.difference == pytest.approx(values[1].mean() - values[2].mean())
    worst = paired_against_best(values, "lower", 0.95)[1]
    assert worst.low == 0.0
    assert worst.difference > 0


def test_two_runs_and_the_best_are_one_one_sided_comparison() -> None:
    a, b = [1.0, 2.0, 3.0, 4.0], [1.5, 2.7, 3.4, 5.0]
    d = paired_difference(a, b)
    back = Difference(-d.difference, d.standard_error, d.degrees_of_freedom, d.p, d.n, True)
    first, second = against_best([[None, back], [d, None]], "higher", 0.95)
    reach = stats.t.ppf(0.95, 3) * d.standard_error
    assert (first.low, first.high) == (pytest.approx(-d.difference - reach), 0.0)
    assert (second.low, second.high) == (0.0, pytest.approx(d.difference + reach))


def test_runs_that_never_vary_and_tie_may_both_be_the_best() -> None:
    rows = paired_against_best(np.ones((2, 5)), "higher", 0.95)
    assert {(r.verdict, r.low, r.high) for r in rows} == {(MAYBE, 0.0, 0.0)}
    with pytest.raises(ValueError, match="two to choose from"):
        paired_against_best(np.ones((1, 5)), "higher", 0.95)


def test_so_many_replications_do_separate_two_runs() -> None:
    truth = Difference(0.5, 1 / math.sqrt(12), 11, 0.1, 12, True)
    n = replications_to_separate(truth, 0.99)
    assert n is not None
    draws = np.random.default_rng(26).normal(0.5, 1.0, size=(4000, n))
    reach = stats.t.ppf(0.995, n - 1) * draws.std(axis=1, ddof=1) / math.sqrt(n)
    shown = (np.abs(draws.mean(axis=1)) > reach).mean()
    assert shown == pytest.approx(POWER, abs=3.5 * math.sqrt(0.09 / 4000) + 0.01)


def test_what_does_not_differ_is_never_separated() -> None:
    assert replications_to_separate(Difference(0.0, 0.1, 9, 1.0, 10, True), 0.95) is None
    assert replications_to_separate(Difference(1e-9, 0.1, 9, 1.0, 10, True), 0.95) is None
    assert replications_to_separate(Difference(1.0, 0.0, 9, 0.0, 10, True), 0.95) == 2
