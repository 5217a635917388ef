"""Intervals, differences and stopping, against scipy, hand values and seeded coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twin.experiment.statistics import (
    corrected_levels,
    mean_interval,
    paired_difference,
    quantile_interval,
    replications_needed,
    welch_difference,
)
from twin.experiment.steady import mser5

# Law, Simulation Modeling and Analysis, example 4.29: ten observations, 90 % interval 1.34 ± 0.24.
LAW = (1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09)


def test_a_textbook_interval() -> None:
    interval = mean_interval(LAW, 0.90)
    assert interval.mean == pytest.approx(1.343)
    assert interval.half_width == pytest.approx(0.24, abs=0.005)


def test_student_interval_equals_scipy() -> None:
    interval = mean_interval(LAW, 0.95)
    low, high = stats.t.interval(0.95, 9, loc=np.mean(LAW), scale=stats.sem(LAW))
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    assert (mean_interval([3.0], 0.95).low, mean_interval([3.0], 0.95).mean) == (None, 3.0)
    assert mean_interval([], 0.95).mean is None


def test_equal_values_have_an_interval_of_no_width() -> None:
    interval = mean_interval([0.1] * 10, 0.95)
    assert interval.low == interval.mean == interval.high == 0.1


def test_coverage_of_the_student_interval_is_its_level() -> None:
    draws = np.random.default_rng(4).normal(5.0, 2.0, size=(4000, 8))
    hits = sum(i.low <= 5.0 <= i.high for i in (mean_interval(row, 0.9) for row in draws.tolist()))
    assert abs(hits / 4000 - 0.9) < 3.5 * np.sqrt(0.9 * 0.1 / 4000)


def test_coverage_of_the_quantile_interval_is_at_least_its_level() -> None:
    draws = np.random.default_rng(5).exponential(1.0, size=(2000, 60))
    truth = -np.log(0.1)
    intervals = [quantile_interval(row, 0.9, 0.9) for row in draws.tolist()]
    hits = sum((i.low or 0) <= truth <= (np.inf if i.high is None else i.high) for i in intervals)
    assert hits / 2000 > 0.9 - 3.5 * np.sqrt(0.9 * 0.1 / 2000)


def test_the_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    # Conover: for n = 10 and the median, ranks 2 and 9 give 97.85 %.
    interval = quantile_interval(list(range(1, 11)), 0.5, 0.95)
    assert (interval.mean, interval.low, interval.high) == (5, 2, 9)


def test_a_small_sample_cannot_bound_a_high_quantile_from_above() -> None:
    interval = quantile_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.9, 0.95)
    assert interval.high is None
    assert interval.low is not None


def test_paired_differences_equal_scipy() -> None:
    other = [v + 0.1 * k for k, v in enumerate(LAW)]
    found, expected = paired_difference(LAW, other), stats.ttest_rel(other, LAW)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval(0.95) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.paired


def test_welch_differences_equal_scipy() -> None:
    other = (2.0, 3.5, 1.1, 4.0)
    found, expected = welch_difference(LAW, other), stats.ttest_ind(other, LAW, equal_var=False)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert not found.paired


def test_what_never_varies_differs_for_certain_or_not_at_all() -> None:
    assert paired_difference([1, 1, 1], [2, 2, 2]).p == 0
    assert paired_difference([1, 2, 3], [1, 2, 3]).p == 1
    assert welch_difference([1, 1], [2, 2]).interval(0.95) == (1, 1)


def test_bonferroni_shares_the_error_among_all() -> None:
    assert corrected_levels([0.01, 0.2, 0.3, 0.4], 0.95, "bonferroni") == pytest.approx([0.9875] * 4)
    assert corrected_levels([0.01, 0.2], 0.95, "none") == [0.95, 0.95]


def test_holm_steps_down_until_the_first_that_is_not_shown() -> None:
    # Ordered p: .01 ≤ .05/4, .015 ≤ .05/3, .03 > .05/2, so the last takes the third's level.
    levels = corrected_levels([0.03, 0.01, 0.04, 0.015], 0.95, "holm")
    assert levels == pytest.approx([1 - 0.05 / 2, 1 - 0.05 / 4, 1 - 0.05 / 2, 1 - 0.05 / 3])


def test_replications_needed_are_just_enough() -> None:
    needed = replications_needed(LAW, 0.05, 0.95)
    assert needed is not None
    spread, mean = np.std(LAW, ddof=1), np.mean(LAW)

    def half_width(n: int) -> float:
        return float(stats.t.ppf(0.975, n - 1) * spread / np.sqrt(n) / mean)

    assert half_width(needed) <= 0.05 < half_width(needed - 1)


def test_replications_needed_without_variance_or_mean() -> None:
    assert replications_needed([4.0, 4.0, 4.0], 0.01, 0.95) == 2
    assert replications_needed([-1.0, 1.0], 0.01, 0.95) is None
    assert replications_needed([1.0], 0.01, 0.95) is None


def test_mser_cuts_the_start_that_is_unlike_the_rest() -> None:
    noise = np.random.default_rng(6).normal(0, 1, 1000)
    start = np.where(np.arange(1000) < 100, 20.0, 0.0)
    cut, settled = mser5(noise + start)
    assert settled
    assert 100 <= cut <= 150


def test_mser_says_that_a_series_that_grows_has_not_settled() -> None:
    cut, settled = mser5(np.arange(1000, dtype=float))
    assert (cut, settled) == (500, False)


def test_mser_keeps_all_of_a_constant_series() -> None:
    assert mser5(np.full(500, 3.1)) == (0, True)


def test_mser_equals_its_definition() -> None:
    series = np.random.default_rng(7).exponential(1.0, 300) + 5 * np.exp(-np.arange(300) / 30)
    z = series.reshape(60, 5).mean(axis=1)
    errors = [np.sum((z[d:] - z[d:].mean()) ** 2) / (60 - d) ** 2 for d in range(56)]
    assert mser5(series) == (5 * int(np.argmin(errors)), True)


def test_mser_refuses_a_series_too_short() -> None:
    with pytest.raises(ValueError, match="fifty"):
        mser5(np.ones(49))
