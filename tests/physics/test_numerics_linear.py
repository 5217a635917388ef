"""Small and tridiagonal systems as LAPACK solves them, for every lot alone, and sums in their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.physics.numerics_cases import LOTS, assert_lots_apart, strict
from twin.physics.numerics import linear
from twin.physics.numerics.sums import ordered_sum, weighted_sum

DRAWS = np.random.default_rng(8)


def systems(size, lots=LOTS):
    return DRAWS.normal(size=(size, size, lots)), DRAWS.normal(size=(size, lots))


def bands(size, lots=LOTS):
    lower, upper = DRAWS.uniform(-1, 1, (2, size, lots))
    diagonal = DRAWS.choice([-1.0, 1.0], (size, lots)) * DRAWS.uniform(2.1, 4.0, (size, lots))
    return lower, diagonal, upper, DRAWS.normal(size=(size, lots))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12])
def test_elimination_solves_as_lapack_does(size):
    matrix, right = systems(size)
    x = linear.solve_small(matrix, right)
    for i in range(LOTS):
        condition = np.linalg.cond(matrix[:, :, i])
        truth = np.linalg.solve(matrix[:, :, i], right[:, i])
        assert x[:, i] == pytest.approx(truth, rel=1e-14 * condition, abs=1e-14 * condition)


def test_pivots_are_chosen_lot_by_lot():
    matrix = np.zeros((3, 3, 2))
    matrix[:, :, 0] = [[0, 0, 2], [0, 3, 0], [4, 0, 0]]
    matrix[:, :, 1] = [[1e-20, 1, 0], [1, 1, 0], [0, 0, 1]]
    right = np.asarray([[2.0, 1.0], [3.0, 2.0], [4.0, 5.0]])
    assert pytest.approx(np.asarray([[1, 1, 1], [1, 1, 5]])) == linear.solve_small(matrix, right).T


def test_one_factored_matrix_serves_many_right_sides():
    matrix, right = systems(5)
    factors = linear.factor_small(matrix)
    for scale in (1.0, -3.0):
        ours = linear.solve_factored(factors, scale * right)
        np.testing.assert_array_equal(ours, linear.solve_small(matrix, scale * right))


def test_inputs_stay_as_they_were():
    matrix, right = systems(4)
    kept = matrix.copy(), right.copy()
    linear.solve_small(matrix, right)
    np.testing.assert_array_equal(matrix, kept[0])
    np.testing.assert_array_equal(right, kept[1])


def test_a_singular_matrix_is_its_own_lots_trouble():
    matrix, right = systems(4)
    clean = linear.solve_small(matrix, right)
    matrix[:, :, 3], matrix[:, :, 5] = 0.0, np.nan
    with np.errstate(all="ignore"):
        spoilt = linear.solve_small(matrix, right)
    assert not np.isfinite(spoilt[:, [3, 5]]).any()
    np.testing.assert_array_equal(np.delete(spoilt, [3, 5], 1), np.delete(clean, [3, 5], 1))


@pytest.mark.parametrize("size", [1, 2, 40])
def test_thomas_solves_what_the_full_matrix_says(size):
    lower, diagonal, upper, right = bands(size)
    x = linear.solve_tridiagonal(lower, diagonal, upper, right)
    for i in range(LOTS):
        full = np.diag(diagonal[:, i]) + np.diag(lower[1:, i], -1) + np.diag(upper[:-1, i], 1)
        assert x[:, i] == pytest.approx(np.linalg.solve(full, right[:, i]), rel=1e-12, abs=1e-13)


def test_lots_may_share_a_band():
    lower, diagonal, upper, right = bands(6)
    one = [band[:, :1] for band in (lower, diagonal, upper)]
    repeated = [np.repeat(band, LOTS, axis=1) for band in one]
    np.testing.assert_array_equal(
        linear.solve_tridiagonal(*one, right), linear.solve_tridiagonal(*repeated, right)
    )


def test_lots_are_apart_bit_for_bit():
    assert_lots_apart(linear.solve_small, *systems(6))
    assert_lots_apart(linear.solve_tridiagonal, *bands(20))


def test_array_api_strict_gives_the_same_numbers():
    for solve, inputs in ((linear.solve_small, systems(6)), (linear.solve_tridiagonal, bands(20))):
        theirs = solve(*(strict(values) for values in inputs))
        np.testing.assert_array_equal(np.asarray(theirs), solve(*inputs))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_a_sum_goes_from_first_to_last(values):
    total = 0.0
    for value in values:
        total += value
    column = np.asarray(values)[:, None]
    assert float(ordered_sum(column)[0]) == total
    assert float(weighted_sum((2.0,) * len(values), column)[0]) == 2.0 * total


def test_sums_are_apart_and_take_weights_of_numbers_or_lots():
    values, weights = DRAWS.normal(size=(2, 19, LOTS))
    assert_lots_apart(ordered_sum, values)
    assert_lots_apart(weighted_sum, weights, values)
    assert weighted_sum(weights, values) == pytest.approx((weights * values).sum(axis=0))
    assert not weighted_sum((0.0,) * 19, values).any()
