"""The Rosenbrock method: order 4, stiff systems as SciPy has them, L-stable, each lot for itself."""

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.physics.numerics_cases import (
    LOTS,
    assert_lots_apart,
    observed_order,
    predators,
    robertson,
    strict,
    van_der_pol,
    van_der_pol_jacobian,
)
from twin.physics.numerics import rosenbrock

DRAWS = np.random.default_rng(4)
STIFFNESS = 10.0 ** DRAWS.uniform(0.0, 3.0, LOTS)
PLACE = DRAWS.uniform(1.8, 2.2, LOTS)
START = np.stack([PLACE, PLACE / (1.0 - PLACE * PLACE)])  # on the slow course, which ends in a jump
DURATION = DRAWS.uniform(0.2, 0.4, LOTS)


def tight(rhs, state, duration):
    answer = solve_ivp(
        lambda t, y: rhs(np.asarray([t]), y[:, None])[:, 0],
        (0.0, duration),
        state,
        method="Radau",
        rtol=1e-12,
        atol=1e-15,
    )
    return answer.y[:, -1]


def original_coefficients():
    """Return RODAS's alpha, gamma and b from the transformed ones: Hairer and Wanner II, (IV.7.25)."""
    size = 6
    a, c = np.zeros((size, size)), np.zeros((size, size))
    for i in range(size):
        a[i, :i], c[i, :i] = rosenbrock._STAGES[i], rosenbrock._COUPLING[i]
    gamma = np.linalg.inv(np.eye(size) / rosenbrock._GAMMA - c)
    return a @ gamma, gamma, np.asarray([*rosenbrock._LAST, 1.0, 1.0]) @ gamma


def test_the_coefficients_fulfil_the_conditions_of_order_four():
    alpha, gamma, b = original_coefficients()
    both = alpha + gamma
    nodes, sums = alpha.sum(axis=1), both.sum(axis=1)
    assert nodes == pytest.approx(rosenbrock._NODES, abs=1e-14)
    assert gamma.sum(axis=1) == pytest.approx(rosenbrock._TIME, abs=1e-14)
    conditions = {
        "1": (b.sum(), 1.0),
        "2": (b @ sums, 1 / 2),
        "3a": (b @ nodes**2, 1 / 3),
        "3b": (b @ both @ sums, 1 / 6),
        "4a": (b @ nodes**3, 1 / 4),
        "4b": (b @ (nodes * (alpha @ sums)), 1 / 8),
        "4c": (b @ both @ nodes**2, 1 / 12),
        "4d": (b @ both @ both @ sums, 1 / 24),
    }
    for name, (left, right) in conditions.items():
        assert left == pytest.approx(right, abs=1e-13), name


def test_order_four_on_a_system_that_is_not_stiff():
    rates, state, duration = np.asarray([1.5]), np.asarray([[1.0], [0.5]]), np.asarray([6.0])
    truth = tight(predators(rates), state[:, 0], 6.0)
    steps = np.asarray([200, 280, 400, 560, 800])
    errors = [
        np.max(np.abs(rosenbrock.integrate(predators(rates), None, state, duration, n)[:, 0] - truth))
        for n in steps
    ]
    assert 3.8 <= observed_order(np.asarray(errors), steps) <= 4.2


def test_order_four_with_a_slope_that_depends_on_time():
    def rhs(t, state):
        return -3.0 * state + np.sin(2.0 * t) * state * state

    truth = tight(rhs, [0.8], 2.0)
    steps = np.asarray([10, 14, 20, 28, 40])
    errors = [
        abs(rosenbrock.integrate(rhs, None, np.asarray([[0.8]]), np.asarray([2.0]), n)[0, 0] - truth[0])
        for n in steps
    ]
    assert 3.8 <= observed_order(np.asarray(errors), steps) <= 4.3


def test_stiff_oscillators_as_scipys_radau_has_them():
    state = rosenbrock.integrate(
        van_der_pol(STIFFNESS), van_der_pol_jacobian(STIFFNESS), START, DURATION, 400
    )
    for i in range(0, LOTS, 6):
        truth = tight(van_der_pol(STIFFNESS[i : i + 1]), START[:, i], DURATION[i])
        assert state[:, i] == pytest.approx(truth, rel=2e-8, abs=1e-9)


def test_robertsons_reactions_with_own_steps_and_with_fixed_ones():
    state, reached = rosenbrock.adaptive(
        robertson,
        None,
        np.asarray([[1.0], [0.0], [0.0]]),
        np.asarray([1e4]),
        relative=1e-9,
        absolute=np.asarray([[1e-9], [1e-13], [1e-9]]),
        most_steps=3000,
    )
    assert reached[0]
    truth = tight(robertson, [1.0, 0.0, 0.0], 1e4)
    assert state[:, 0] == pytest.approx(truth, rel=1e-6)
    assert state.sum() == pytest.approx(1.0, abs=1e-12)
    settled = [1.0 - 3.6e-5, 3.6e-5, 0.0]
    fixed = rosenbrock.integrate(robertson, None, np.asarray(settled)[:, None], np.asarray([40.0]), 400)
    assert fixed[:, 0] == pytest.approx(tight(robertson, settled, 40.0), rel=1e-6)


def test_tighter_tolerances_come_closer():
    stiffness, start, cycle = np.asarray([40.0]), np.asarray([[2.0], [0.0]]), np.asarray([1.8])
    truth = tight(van_der_pol(stiffness), start[:, 0], 1.8)
    errors = []
    for relative in (1e-3, 1e-5, 1e-7):
        state, reached = rosenbrock.adaptive(
            van_der_pol(stiffness),
            van_der_pol_jacobian(stiffness),
            start,
            cycle,
            relative=relative,
            absolute=relative,
            most_steps=2000,
        )
        assert reached[0]
        errors.append(np.max(np.abs(state[:, 0] - truth)))
    assert errors[-1] < 1e-5
    assert all(after < 0.1 * before for before, after in itertools.pairwise(errors))


@pytest.mark.parametrize("rate", [1e3, 1e6, 1e12])
def test_what_is_fast_dies_out_in_a_step(rate):
    state = rosenbrock.integrate(
        lambda t, y: -rate * y, lambda t, y: np.full((1, 1, 1), -rate), np.ones((1, 1)), np.ones(1), 1
    )
    assert abs(state[0, 0]) < 30.0 / rate


def test_forward_differences_are_the_jacobian():
    state = START + np.asarray([[0.0], [-0.7]])
    ours = rosenbrock.forward_differences(van_der_pol(STIFFNESS))(np.zeros(LOTS), state)
    truth = van_der_pol_jacobian(STIFFNESS)(np.zeros(LOTS), state)
    assert np.max(np.abs(ours - truth) / STIFFNESS) < 1e-6


def test_lots_are_apart_bit_for_bit():
    def fixed(stiffness, state, duration):
        return rosenbrock.integrate(van_der_pol(stiffness), None, state, duration, 15)

    def chosen(stiffness, state, duration):
        after, reached = rosenbrock.adaptive(
            van_der_pol(stiffness), None, state, duration, relative=1e-6, absolute=1e-8, most_steps=40
        )
        return np.vstack([after, reached])

    assert_lots_apart(fixed, STIFFNESS, START, DURATION)
    assert_lots_apart(chosen, STIFFNESS, START, DURATION)


def test_array_api_strict_gives_the_same_numbers():
    ours = rosenbrock.integrate(van_der_pol(STIFFNESS), None, START, DURATION, 15)
    theirs = rosenbrock.integrate(van_der_pol(strict(STIFFNESS)), None, strict(START), strict(DURATION), 15)
    np.testing.assert_array_equal(np.asarray(theirs), ours)
    ours = rosenbrock.adaptive(
        van_der_pol(STIFFNESS), None, START, DURATION, relative=1e-6, absolute=1e-8, most_steps=30
    )
    theirs = rosenbrock.adaptive(
        van_der_pol(strict(STIFFNESS)),
        None,
        strict(START),
        strict(DURATION),
        relative=1e-6,
        absolute=1e-8,
        most_steps=30,
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(other), one)


def test_a_bad_lot_costs_no_more_and_spoils_no_neighbour():
    stiffness = np.asarray([10.0, np.nan, 1e300, 10.0])
    start = np.asarray([[2.0] * 4, [0.0, 0.0, 0.0, np.inf]])
    calls = []

    def rhs(t, state):
        calls.append(1)
        return van_der_pol(stiffness)(t, state)

    with np.errstate(all="ignore"):
        state, reached = rosenbrock.adaptive(
            rhs, None, start, np.full(4, 1.0), relative=1e-6, absolute=1e-8, most_steps=80
        )
    assert len(calls) <= 1 + 80 * (3 + 6 + 1)
    assert bool(reached[0]) and not reached[1] and not reached[3]  # noqa: PT018
    alone, _ = rosenbrock.adaptive(
        van_der_pol(stiffness[:1]),
        None,
        start[:, :1],
        np.ones(1),
        relative=1e-6,
        absolute=1e-8,
        most_steps=80,
    )
    np.testing.assert_array_equal(state[:, :1], alone)


def test_no_duration_leaves_the_state():
    state = rosenbrock.integrate(van_der_pol(STIFFNESS), None, START, np.zeros(LOTS), 3)
    np.testing.assert_array_equal(state, START)
