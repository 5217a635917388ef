"""Diffusion along cells and Strang's splitting: their orders, conservation, series solutions, lots apart."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from tests.physics.numerics_cases import LOTS, assert_lots_apart, observed_order, strict
from twin.physics.numerics.diffusion import exchange, product, tr_bdf2
from twin.physics.numerics.splitting import strang

DRAWS = np.random.default_rng(12)


def wall(cells, diffusivity=1.0, lots=1):
    """A wall of thickness 1, its left side closed and its right held at a value."""
    width = 1.0 / cells
    return exchange(
        np.full((cells - 1, lots), diffusivity / width),
        np.full((cells, lots), width),
        last=2.0 * diffusivity / width,
    )


def full(matrix):
    lower, diagonal, upper = (np.asarray(band)[:, 0] for band in matrix)
    return np.diag(diagonal) + np.diag(lower[1:], -1) + np.diag(upper[:-1], 1)


def test_order_two_in_time_against_the_matrix_exponential():
    matrix, state = wall(30), DRAWS.uniform(0, 1, (30, 1))
    source = DRAWS.uniform(0, 1, (30, 1))
    a = full(matrix)
    ahead = expm(0.3 * a)
    truth = ahead @ state[:, 0] + np.linalg.solve(a, (ahead - np.eye(30)) @ source[:, 0])
    steps = np.asarray([100, 140, 200, 280, 400])
    errors = [
        np.max(np.abs(tr_bdf2(matrix, source, state, np.asarray([0.3]), n)[:, 0] - truth)) for n in steps
    ]
    assert 1.9 <= observed_order(np.asarray(errors), steps) <= 2.1
    assert errors[-1] < 1e-5


def test_order_two_in_space_against_fouriers_series():
    def remaining(time):
        """Mean of a wall that starts at 1 and is held at 0 on one side: Crank, section 4.3."""
        odd = 2.0 * np.arange(200) + 1.0
        return np.sum(8.0 / (odd * np.pi) ** 2 * np.exp(-((odd * np.pi / 2.0) ** 2) * time))

    cells = np.asarray([8, 16, 32, 64])
    errors = [
        abs(tr_bdf2(wall(n), 0.0, np.ones((n, 1)), np.asarray([0.2]), 1500).mean() - remaining(0.2))
        for n in cells
    ]
    assert 1.9 <= observed_order(np.asarray(errors), cells) <= 2.1


def test_as_scipys_radau():
    matrix, state = wall(20), DRAWS.uniform(0, 1, (20, 1))
    answer = solve_ivp(
        lambda t, y: product(matrix, y[:, None])[:, 0],
        (0, 0.1),
        state[:, 0],
        method="Radau",
        rtol=1e-12,
        atol=1e-14,
    )
    ours = tr_bdf2(matrix, 0.0, state, np.asarray([0.1]), 4000)
    assert ours[:, 0] == pytest.approx(answer.y[:, -1], abs=3e-8)


def test_closed_cells_keep_what_they_hold():
    capacities = DRAWS.uniform(0.5, 2.0, (25, LOTS))
    matrix = exchange(10.0 ** DRAWS.uniform(-3, 3, (24, LOTS)), capacities)
    state = DRAWS.uniform(0, 1, (25, LOTS))
    after = tr_bdf2(matrix, 0.0, state, np.full(LOTS, 5.0), 40)
    held = (capacities * state).sum(axis=0)
    assert (capacities * after).sum(axis=0) == pytest.approx(held, rel=1e-12)
    assert np.max(np.abs(after - state)) > 0.1


def test_what_is_fast_dies_out_in_a_step_and_does_not_swing():
    after = tr_bdf2(wall(40, diffusivity=1e9), 0.0, DRAWS.uniform(0, 1, (40, 1)), np.ones(1), 1)
    assert np.max(np.abs(after)) < 1e-6


def test_a_wall_comes_to_what_its_surroundings_are():
    matrix = wall(10)
    source = np.zeros((10, 1))
    source[-1] = 2.0 * 10 * 37.0 / 0.1
    after = tr_bdf2(matrix, source, np.zeros((10, 1)), np.asarray([1e6]), 20)
    assert after[:, 0] == pytest.approx(np.full(10, 37.0), rel=1e-6)


def test_diffusing_lots_are_apart_bit_for_bit_and_strict_arrays_do():
    def diffused(conductances, capacities, state, duration):
        return tr_bdf2(exchange(conductances, capacities, first=0.5), 0.1, state, duration, 7)

    inputs = (
        DRAWS.uniform(0.1, 10, (11, LOTS)),
        DRAWS.uniform(0.1, 10, (12, LOTS)),
        DRAWS.uniform(0, 1, (12, LOTS)),
        DRAWS.uniform(0, 5, LOTS),
    )
    assert_lots_apart(diffused, *inputs)
    theirs = diffused(*(strict(values) for values in inputs))
    np.testing.assert_array_equal(np.asarray(theirs), diffused(*inputs))


def turn(t, span, state):
    """A rotation, which does not commute with what `squeeze` does."""
    xp = state.__array_namespace__()
    x, y = state[0, ...], state[1, ...]
    return xp.stack([x * xp.cos(span) - y * xp.sin(span), x * xp.sin(span) + y * xp.cos(span)])


def squeeze(t, span, state):
    """x' = -cos(t) x**2 exactly, which depends on time and is not linear."""
    xp = state.__array_namespace__()
    x = state[0, ...] / (1.0 + state[0, ...] * (xp.sin(t + span) - xp.sin(t)))
    return xp.stack([x, state[1, ...]])


def test_strangs_splitting_has_order_two_and_scipys_limit():
    answer = solve_ivp(
        lambda t, s: [-s[1] - np.cos(t) * s[0] ** 2, s[0]],
        (0, 2),
        [0.9, 0.3],
        method="DOP853",
        rtol=1e-12,
        atol=1e-14,
    )
    steps = np.asarray([20, 28, 40, 56, 80])
    start = np.asarray([[0.9], [0.3]])
    errors = [
        np.max(np.abs(strang(turn, squeeze, start, np.asarray([2.0]), n)[:, 0] - answer.y[:, -1]))
        for n in steps
    ]
    assert 1.9 <= observed_order(np.asarray(errors), steps) <= 2.1


def test_flows_that_commute_are_split_without_error():
    def grow(rate):
        return lambda t, span, state: state * np.exp(rate * span)

    state = strang(grow(0.3), grow(-1.1), np.ones((1, 2)), np.asarray([1.0, 4.0]), 3)
    assert state[0] == pytest.approx(np.exp([-0.8, -3.2]), rel=1e-14)


def test_split_lots_are_apart_bit_for_bit_and_strict_arrays_do():
    def split(state, duration):
        return strang(turn, squeeze, state, duration, 9)

    inputs = DRAWS.uniform(0, 1, (2, LOTS)), DRAWS.uniform(0, 3, LOTS)
    assert_lots_apart(split, *inputs)
    np.testing.assert_array_equal(np.asarray(split(*(strict(v) for v in inputs))), split(*inputs))
