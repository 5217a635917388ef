"""Sobol indices against functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from SALib.analyze import sobol as salib
from SALib.sample.sobol import sample

from tests.experiment.sensitivity.functions import ishigami, ishigami_indices, linear, problem, replicated
from twin.experiment.sensitivity import sobol_indices
from twin.experiment.sensitivity.sobol import unexplained

THREE = problem("x1 x2 x3")


def design(base_points: int, seed: int = 1) -> np.ndarray:
    return sample(THREE, base_points, calc_second_order=False, seed=seed)


def test_the_indices_of_ishigami_are_those_of_the_integrals() -> None:
    found = sobol_indices(THREE, ishigami(design(4096))[:, None])
    first, total = ishigami_indices()
    assert [f.first for f in found.factors] == pytest.approx(first, abs=0.01)
    assert [f.total for f in found.factors] == pytest.approx(total, abs=0.01)
    assert [f.factor for f in found.ranked] == ["x1", "x2", "x3"]


def test_without_noise_they_are_those_of_salib() -> None:
    values = ishigami(design(256))
    theirs = salib.analyze(THREE, values, calc_second_order=False, num_resamples=2, seed=1)
    ours = sobol_indices(THREE, values[:, None])
    assert [f.first for f in ours.factors] == pytest.approx(theirs["S1"], abs=1e-12)
    assert [f.total for f in ours.factors] == pytest.approx(theirs["ST"], abs=1e-12)


def test_noise_neither_feeds_idle_factors_nor_takes_from_others() -> None:
    weights = np.array([2.0, 1.0, 0.0])
    truth = weights**2 / (weights**2).sum()
    noisy = replicated(linear(design(1024), weights), 5, own=1.0, shared=3.0)
    found = sobol_indices(THREE, noisy)
    assert [f.total for f in found.factors] == pytest.approx(truth, abs=0.06)
    assert [f.first for f in found.factors] == pytest.approx(truth, abs=0.1)
    plain = sobol_indices(THREE, noisy.mean(axis=1)[:, None])
    assert plain.factors[2].total > 0.2  # what means without their replications would say
    variance = (weights**2).sum() / 12
    assert found.noise_share == pytest.approx(0.2 / (0.2 + variance), abs=0.03)


def test_a_linear_function_leaves_nothing_to_interactions() -> None:
    found = sobol_indices(THREE, linear(design(1024), np.array([1.0, 2.0, 3.0]))[:, None])
    assert unexplained(found) == pytest.approx(0.0, abs=0.01)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    weights = np.array([2.0, 1.0, 0.5])
    truth = weights**2 / (weights**2).sum()
    inside = 0
    for seed in range(1, 61):
        values = replicated(linear(design(64, seed), weights), 4, own=0.5, shared=1.0, seed=seed)
        found = sobol_indices(THREE, values, seed=seed, resamples=200)
        inside += sum(f.total_low <= t <= f.total_high for f, t in zip(found.factors, truth, strict=True))
    assert inside >= 165  # of 180: a one-sided binomial limit of 95 % intervals, at 1 in 40


def test_a_measure_that_does_not_vary_has_no_indices() -> None:
    found = sobol_indices(THREE, np.full((5 * 16, 3), 0.1) * 42)
    assert found.factors == ()
    assert unexplained(found) is None


def test_base_points_without_a_value_are_left_out_and_counted() -> None:
    values = ishigami(design(64))[:, None]
    values[7] = np.nan
    found = sobol_indices(THREE, values)
    assert (found.base_points, found.left_out) == (63, 1)
    without = sobol_indices(THREE, np.delete(values, range(5, 10), axis=0))
    assert found.factors == without.factors


def test_a_design_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole blocks of 5"):
        sobol_indices(THREE, np.zeros((11, 2)))


def test_few_base_points_have_no_interval() -> None:
    found = sobol_indices(THREE, ishigami(design(4))[:, None])
    assert found.factors[0].first_low is None
