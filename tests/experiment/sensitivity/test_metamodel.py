"""The metamodel: its error is told as it is, and it is not used where it is poor."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from tests.experiment.sensitivity.functions import ishigami, ishigami_indices, linear, problem, replicated
from twin.experiment.chance import uniforms
from twin.experiment.sensitivity import LEAST_Q2, fit_metamodel, metamodel_indices
from twin.experiment.sensitivity.metamodel import point_noise

THREE = problem("x1 x2 x3")


def design(points: int) -> np.ndarray:
    return qmc.LatinHypercube(3, seed=1).random(points)


def test_a_smooth_function_is_foretold_at_points_it_has_not_seen() -> None:
    points = design(100)
    model = fit_metamodel(THREE, points, ishigami(points)[:, None])
    assert model.usable
    elsewhere = qmc.LatinHypercube(3, seed=2).random(300)
    mean, low, high = model.predict(elsewhere)
    truth = ishigami(elsewhere)
    q2 = 1 - ((mean - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    assert q2 == pytest.approx(model.q2, abs=0.05)  # cross-validation says what new points say
    assert ((low <= truth) & (truth <= high)).mean() > 0.85


def test_the_indices_of_the_metamodel_hold_those_of_the_function() -> None:
    points = design(100)
    found = metamodel_indices(fit_metamodel(THREE, points, ishigami(points)[:, None]))
    first, total = ishigami_indices()
    for row, one, all_ in zip(found.factors, first, total, strict=True):
        assert row.first_low <= one <= row.first_high
        assert row.total_low <= all_ <= row.total_high
        assert row.total_high - row.total_low < 0.5


def test_a_linear_function_is_shared_out_by_the_metamodel_as_it_is() -> None:
    points = design(30)
    weights = np.array([2.0, 1.0, 0.0])
    found = metamodel_indices(fit_metamodel(THREE, points, linear(points, weights)[:, None]))
    truth = weights**2 / (weights**2).sum()
    assert [f.first for f in found.factors] == pytest.approx(truth, abs=0.01)
    assert [f.total for f in found.factors] == pytest.approx(truth, abs=0.01)


def test_noise_from_replications_is_not_modelled_as_effect() -> None:
    points = design(80)
    values = replicated(linear(points, np.array([2.0, 1.0, 0.0])), 5, own=0.5, shared=2.0)
    model = fit_metamodel(THREE, points, values)
    mean, low, high = model.predict(points)
    truth = linear(points, np.array([2.0, 1.0, 0.0]))
    assert np.corrcoef(mean, truth)[0, 1] > 0.99
    assert ((low <= truth) & (truth <= high)).mean() > 0.9  # the level that all points share is in it
    assert 0.8 < model.q2 < 1 - model.noise_share + 0.05


def test_pure_noise_makes_a_metamodel_that_is_not_used() -> None:
    points = design(40)
    model = fit_metamodel(THREE, points, uniforms(1, "experiment/test/pure", 40)[:, None])
    assert model.q2 < LEAST_Q2
    assert not model.usable
    with pytest.raises(ValueError, match="it is not used"):
        model.predict(points)
    with pytest.raises(ValueError, match="it is not used"):
        metamodel_indices(model)


def test_noise_that_all_points_share_is_told_from_their_own() -> None:
    own, level = point_noise(replicated(np.zeros(400), 40, own=1.0, shared=3.0))
    assert own.mean() == pytest.approx(1 / 40, rel=0.05)
    assert level == pytest.approx(9 / 40, rel=0.5)
    assert point_noise(np.zeros((10, 1))) == (None, 0.0)


def test_too_few_points_or_a_constant_measure_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 10 points"):
        fit_metamodel(THREE, design(9), np.zeros((9, 2)))
    with pytest.raises(ValueError, match="nothing to model"):
        fit_metamodel(THREE, design(12), np.full((12, 2), 3.0))
