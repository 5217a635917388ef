"""Explicit Runge-Kutta: the order that it claims, SciPy's answer, each lot for itself, work bounded."""

import itertools

import numpy as np
import pytest
from scipy.integrate import RK45, solve_ivp

from tests.physics.numerics_cases import (
    LOTS,
    assert_lots_apart,
    observed_order,
    predators,
    strict,
    van_der_pol,
)
from twin.physics.numerics import runge_kutta

DRAWS = np.random.default_rng(3)
RATES = DRAWS.uniform(0.5, 2.0, LOTS)
START = DRAWS.uniform(0.5, 2.0, (2, LOTS))
DURATION = DRAWS.uniform(1.0, 8.0, LOTS)


def tight(rhs, state, duration, method="DOP853"):
    answer = solve_ivp(
        lambda t, y: rhs(np.asarray([t]), y[:, None])[:, 0],
        (0.0, duration),
        state,
        method=method,
        rtol=1e-12,
        atol=1e-14,
    )
    return answer.y[:, -1]


def exact():
    return np.stack(
        [tight(predators(RATES[i : i + 1]), START[:, i], DURATION[i]) for i in range(LOTS)], axis=1
    )


def solve_adaptively(relative, most_steps=400):
    return runge_kutta.adaptive(
        predators(RATES), START, DURATION, relative=relative, absolute=1e-3 * relative, most_steps=most_steps
    )


def test_the_classical_method_has_order_four_against_scipy():
    truth = exact()
    steps = np.asarray([100, 140, 200, 280, 400])
    errors = [
        np.max(np.abs(runge_kutta.rk4(predators(RATES), START, DURATION, n) - truth), axis=0) for n in steps
    ]
    orders = [observed_order(np.asarray(errors)[:, i], steps) for i in range(LOTS)]
    assert 3.9 <= np.median(orders) <= 4.1
    assert errors[-1].max() < 2e-6


def test_each_lot_has_its_own_duration_and_time():
    duration = np.asarray([1.0, -2.0, 0.0])
    state = runge_kutta.rk4(lambda t, y: 3.0 * t * t + 0.0 * y, np.zeros((1, 3)), duration, 3)
    assert state[0] == pytest.approx(duration**3, rel=1e-14)


def test_the_pair_has_the_coefficients_of_scipys():
    a, b, e = np.zeros((6, 6)), np.asarray(runge_kutta._FIFTH), np.asarray(runge_kutta._LESS_FOURTH)
    for i, row in enumerate(runge_kutta._STAGES):
        a[i, : len(row)] = row
    assert a[:, :5] == pytest.approx(RK45.A)
    assert b == pytest.approx(RK45.B)
    assert e == pytest.approx(-RK45.E)
    assert pytest.approx(RK45.C) == runge_kutta._NODES


def test_adaptive_steps_reach_scipys_answer_and_tighter_tolerances_come_closer():
    truth = exact()
    errors = []
    for relative in (1e-5, 1e-7, 1e-9, 1e-11):
        state, reached = solve_adaptively(relative, 2000)
        assert reached.all()
        errors.append(np.max(np.abs(state - truth)))
    assert errors[-1] < 3e-10
    assert all(after < 0.1 * before for before, after in itertools.pairwise(errors))


def count_slopes(rhs):
    calls = []

    def counted(t, state):
        calls.append(1)
        return rhs(t, state)

    return counted, calls


def test_the_adaptive_pair_has_order_five_in_work():
    truth = exact()[:, :1]
    work, errors = [], []
    for relative in 10.0 ** -np.arange(5, 12):
        rhs, calls = count_slopes(predators(RATES[:1]))
        state, _ = runge_kutta.adaptive(
            rhs, START[:, :1], DURATION[:1], relative=relative, absolute=relative, most_steps=5000
        )
        work.append(len(calls))
        errors.append(np.max(np.abs(state - truth)))
    assert 4.5 <= observed_order(np.asarray(errors), np.asarray(work)) <= 6.0


def test_lots_are_apart_bit_for_bit():
    def fixed(rates, state, duration):
        return runge_kutta.rk4(predators(rates), state, duration, 20)

    def chosen(rates, state, duration):
        after, reached = runge_kutta.adaptive(
            predators(rates), state, duration, relative=1e-7, absolute=1e-9, most_steps=60
        )
        return np.vstack([after, reached])

    assert_lots_apart(fixed, RATES, START, DURATION)
    assert_lots_apart(chosen, RATES, START, DURATION)


def test_array_api_strict_gives_the_same_numbers():
    rhs = predators(strict(RATES))
    ours = runge_kutta.rk4(predators(RATES), START, DURATION, 20)
    theirs = runge_kutta.rk4(rhs, strict(START), strict(DURATION), 20)
    np.testing.assert_array_equal(np.asarray(theirs), ours)
    ours, reached = solve_adaptively(1e-7)
    theirs, strictly = runge_kutta.adaptive(
        rhs, strict(START), strict(DURATION), relative=1e-7, absolute=1e-10, most_steps=400
    )
    np.testing.assert_array_equal(np.asarray(theirs), ours)
    np.testing.assert_array_equal(np.asarray(strictly), reached)


def test_a_lot_that_is_stiff_or_not_finite_costs_no_more_than_was_allowed_and_spoils_no_neighbour():
    stiffness = np.asarray([1.0, 1e9, np.nan, 2.0, 1.0, 1.0])
    start = np.stack([np.full(6, 2.0), np.asarray([0.0, 0.0, 0.0, 0.0, np.inf, 0.0])])
    duration = np.asarray([3.0, 3.0, 3.0, 3.0, 3.0, np.nan])
    rhs, calls = count_slopes(van_der_pol(stiffness))
    with np.errstate(all="ignore"):
        state, reached = runge_kutta.adaptive(
            rhs, start, duration, relative=1e-6, absolute=1e-9, most_steps=150
        )
    assert list(reached) == [True, False, False, True, False, False]
    assert len(calls) <= 1 + 6 * 150
    well = [0, 3]
    alone, _ = runge_kutta.adaptive(
        van_der_pol(stiffness[well]),
        start[:, well],
        duration[well],
        relative=1e-6,
        absolute=1e-9,
        most_steps=150,
    )
    np.testing.assert_array_equal(state[:, well], alone)


def test_a_batch_that_cannot_go_on_stops_at_once():
    rhs, calls = count_slopes(lambda t, y: np.nan * y)
    _, reached = runge_kutta.adaptive(
        rhs, np.ones((1, 2)), np.ones(2), relative=1e-6, absolute=1e-9, most_steps=10_000
    )
    assert not reached.any()
    assert len(calls) == 1


def test_a_slope_that_turns_not_finite_on_the_way_ends_a_lot_there():
    rhs, calls = count_slopes(lambda t, y: np.where(y > 2.0, np.nan, 1.0))
    state, reached = runge_kutta.adaptive(
        rhs, np.ones((1, 1)), np.full(1, 5.0), relative=1e-6, absolute=1e-9, most_steps=500
    )
    assert not reached[0]
    assert state[0, 0] == pytest.approx(2.0)
    assert len(calls) <= 1 + 6 * 500


def test_no_duration_is_reached_without_a_step():
    state, reached = runge_kutta.adaptive(
        lambda t, y: y, np.ones((1, 2)), np.asarray([0.0, 1.0]), relative=1e-9, absolute=1e-12, most_steps=99
    )
    assert reached.all()
    assert state[0] == pytest.approx([1.0, np.e])


def test_too_few_steps_are_said():
    state, reached = solve_adaptively(1e-9, most_steps=5)
    assert not reached.any()
    assert np.isfinite(state).all()
