"""Morris screening against effects that are known, or counted out over the whole grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from SALib.sample.morris import sample

from tests.experiment.sensitivity.functions import g_function, linear, problem, replicated
from twin.experiment.sensitivity import screen

FOUR = problem("a b c d")


def design(trajectories: int, seed: int = 1) -> np.ndarray:
    return sample(FOUR, trajectories, num_levels=4, seed=seed)


def test_the_effects_of_a_linear_function_are_its_weights() -> None:
    weights = np.array([3.0, -2.0, 0.5, 0.0])
    points = design(6)
    found = screen(FOUR, points, replicated(linear(points, weights), 3, shared=5.0))
    assert [f.mu for f in found.factors] == pytest.approx(weights)
    assert [f.mu_star for f in found.factors] == pytest.approx(abs(weights))
    assert [f.sigma for f in found.factors] == pytest.approx([0] * 4, abs=1e-12)
    assert [f.matters for f in found.factors] == [True, True, True, False]


def counted(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """µ* and σ of the g-function over every effect that a grid of four levels has."""
    levels = np.array([0.0, 1 / 3, 2 / 3, 1.0])
    mu_star, sigma = [], []
    for k in range(4):
        others = [levels] * 4
        others[k] = levels[:2]
        base = np.array(list(itertools.product(*others)))
        effects = (g_function(base + np.eye(4)[k] * 2 / 3, a) - g_function(base, a)) * 1.5
        mu_star.append(abs(effects).mean())
        sigma.append(effects.std())
    return np.array(mu_star), np.array(sigma)


def test_the_g_function_is_screened_as_the_whole_grid_would() -> None:
    a = np.array([0.0, 1.0, 4.5, 99.0])
    points = design(2000)
    found = screen(FOUR, points, g_function(points, a)[:, None])
    mu_star, sigma = counted(a)
    assert [f.mu_star for f in found.factors] == pytest.approx(mu_star, rel=0.06)
    assert [f.sigma for f in found.factors] == pytest.approx(sigma, rel=0.06)
    assert [f.factor for f in found.ranked] == ["a", "b", "c", "d"]


def test_intervals_of_the_mean_size_hold_it_about_as_often_as_they_say() -> None:
    a = np.array([0.0, 1.0, 4.5, 99.0])
    mu_star, _ = counted(a)
    inside = 0
    for seed in range(1, 61):
        points = design(20, seed)
        found = screen(FOUR, points, g_function(points, a)[:, None])
        inside += sum(f.low <= m <= f.high for f, m in zip(found.factors, mu_star, strict=True))
    assert inside >= 219  # of 240: a one-sided binomial limit of 95 % intervals, at 1 in 40


def test_noise_alone_is_not_taken_for_an_effect() -> None:
    weights = np.array([3.0, 0.0, 0.0, 0.0])
    shown = 0
    for seed in range(1, 31):
        points = design(10, seed)
        found = screen(FOUR, points, replicated(linear(points, weights), 5, own=1.0, seed=seed))
        assert found.factors[0].matters
        shown += sum(bool(f.matters) for f in found.factors[1:])
        idle = np.mean([f.mu_star for f in found.factors[1:]])
        assert found.factors[1].noise == pytest.approx(idle, rel=0.5)
    assert shown <= 5  # in 30 screenings at a level of 5 % each


def test_one_replication_says_nothing_about_noise() -> None:
    points = design(5)
    found = screen(FOUR, points, linear(points, np.arange(4.0))[:, None])
    assert {f.noise for f in found.factors} == {None}
    assert {f.matters for f in found.factors} == {None}


def test_a_trajectory_without_all_values_is_left_out() -> None:
    points = design(5)
    values = replicated(linear(points, np.arange(4.0)), 3)
    values[2, 1] = np.nan
    found = screen(FOUR, points, values)
    assert (found.trajectories, found.left_out) == (4, 1)


def test_one_trajectory_gives_effects_without_intervals() -> None:
    points = design(2)[:5]
    found = screen(FOUR, points, replicated(linear(points, np.arange(4.0)), 3))
    assert [f.mu_star for f in found.factors] == pytest.approx([0, 1, 2, 3])
    assert found.factors[3].low is None


def test_a_single_factor_is_screened_too() -> None:
    one = problem("a")
    points = sample(one, 4, num_levels=4, seed=1)
    found = screen(one, points, replicated(3 * points[:, 0], 3, shared=1.0))
    assert found.factors[0].mu == pytest.approx(3.0)
    assert found.factors[0].matters


def test_a_cut_trajectory_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole trajectories of 5 points"):
        screen(FOUR, design(2)[:7], np.zeros((7, 2)))
