"""Roots within a bracket: as close as the iterations say, whatever the function, each lot for itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from tests.physics.numerics_cases import LOTS, assert_lots_apart, strict
from twin.physics.numerics.roots import bisect, newton_bracketed

TARGET = np.random.default_rng(2).uniform(0.1, 20.0, LOTS)
ZERO, TEN = np.zeros(LOTS), np.full(LOTS, 10.0)


def lambert(target):
    """x exp(x) = target, as where a heat balance meets a vapour pressure."""

    def function_and_slope(x):
        xp = x.__array_namespace__()
        return x * xp.exp(x) - target, (1.0 + x) * xp.exp(x)

    return function_and_slope


def test_both_find_what_brent_finds():
    truth = [brentq(lambda x, c=c: x * np.exp(x) - c, 0, 10, xtol=1e-15, rtol=1e-15) for c in TARGET]
    assert bisect(lambda x: lambert(TARGET)(x)[0], ZERO, TEN, 55) == pytest.approx(truth, rel=1e-14)
    assert newton_bracketed(lambert(TARGET), ZERO, TEN, 20) == pytest.approx(truth, rel=1e-14)


@pytest.mark.parametrize("iterations", [1, 5, 20])
def test_each_bisection_halves_what_is_unknown(iterations):
    root = bisect(lambda x: np.sign(x - TARGET / 4), ZERO, TEN, iterations)
    assert np.max(np.abs(root - TARGET / 4)) <= 10.0 / 2**iterations / 2


def test_newton_gains_squares():
    low, high = np.zeros(1), np.full(1, 3.0)
    errors = [abs(newton_bracketed(lambert(np.e), low, high, n)[0] - 1.0) for n in (3, 4, 5)]
    assert 1e-9 < errors[0] < 0.1
    assert errors[1] < 2.0 * errors[0] ** 2
    assert errors[2] < 2.0 * errors[1] ** 2 + 1e-15


def test_a_root_once_found_is_kept():
    truth = newton_bracketed(lambert(TARGET), ZERO, TEN, 15)
    for iterations in range(16, 60):
        again = newton_bracketed(lambert(TARGET), ZERO, TEN, iterations)
        assert again == pytest.approx(truth, rel=4e-15, abs=0.0)


@given(
    place=st.floats(-0.99, 0.99),
    power=st.sampled_from([1, 3, 7]),
    steep=st.floats(1e-3, 1e3),
    sign=st.sampled_from([-1, 1]),
)
def test_newton_closes_in_on_any_crossing(place, power, steep, sign):
    def function_and_slope(x):
        return sign * np.tanh(steep * (x - place) ** power), sign * steep * power * (x - place) ** (power - 1)

    root = newton_bracketed(function_and_slope, np.full(1, -1.0), np.full(1, 1.0), 120)
    assert root[0] == pytest.approx(place, abs=1e-9)


@pytest.mark.parametrize("rising", [1.0, -1.0])
def test_a_root_at_an_end_is_found(rising):
    low, high = np.asarray([0.0, -1.0]), np.asarray([1.0, 0.0])
    np.testing.assert_array_equal(bisect(lambda x: rising * x, low, high, 30), [0.0, 0.0])
    both = newton_bracketed(lambda x: (rising * x, rising + 0.0 * x), low, high, 30)
    np.testing.assert_array_equal(both, [0.0, 0.0])


def test_no_change_of_sign_is_no_root_and_nobody_elses_trouble():
    shift = np.asarray([-0.25, 1.0, np.nan, -1.0])
    low, high = np.zeros(4), np.full(4, 2.0)
    expected = [0.5, np.nan, np.nan, 1.0]
    np.testing.assert_allclose(bisect(lambda x: x * x + shift, low, high, 50), expected, rtol=1e-12)
    root = newton_bracketed(lambda x: (x * x + shift, 2.0 * x), low, high, 12)
    np.testing.assert_allclose(root, expected, rtol=1e-12)


def test_the_work_is_fixed():
    calls = []

    def function_and_slope(x):
        calls.append(1)
        return x - 0.5, np.ones_like(x)

    newton_bracketed(function_and_slope, np.zeros(1), np.ones(1), 17)
    assert len(calls) == 2 + 17


def test_lots_are_apart_bit_for_bit_and_strict_arrays_do():
    def bisected(target, low, high):
        return bisect(lambda x: lambert(target)(x)[0], low, high, 30)

    def by_newton(target, low, high):
        return newton_bracketed(lambert(target), low, high, 9)

    for method in (bisected, by_newton):
        assert_lots_apart(method, TARGET, ZERO, TEN)
        theirs = method(strict(TARGET), strict(ZERO), strict(TEN))
        np.testing.assert_array_equal(np.asarray(theirs), method(TARGET, ZERO, TEN))
