"""Chromatography against Thomas' solution: the numbers that must come out, and others."""

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp

from tests.physics import thomas
from twin.physics.biologics.protein_a_chromatography import (
    breakthrough,
    langmuir_bound,
    stoichiometric_time,
)
from twin.physics.numerics.packed_bed import Liquid, pass_liquid

pytestmark = pytest.mark.verification

LEVELS = (0.01, 0.1, 0.5, 0.9)
LENGTH, POROSITY, VELOCITY, FEED = 0.2, 0.6, 4e-4, 1.0  # m, 1, m/s, g/L
CAPACITY, EQUILIBRIUM, ADSORPTION, DESORPTION = 60.0, 15.0, 1.5e-3, 1e-4  # g/L, L/g, L/(g s), 1/s
DEAD_TIME = LENGTH / VELOCITY
EXCHANGE = (1 - POROSITY) / POROSITY * DEAD_TIME
SHOCK = 19250.0
THOMAS = (16186.59, 17785.18, 19250.00, 20714.82)


def column(
    adsorption=ADSORPTION,
    desorption=DESORPTION,
    *,
    capacity=CAPACITY,
    exchange=EXCHANGE,
    spread=0.0,
    feed=FEED,
    duration=24_000.0 - DEAD_TIME,
    cells=200,
    steps=800,
):
    given = [adsorption, capacity, exchange, spread, desorption, feed, duration, *LEVELS]
    return breakthrough(np.asarray([given]).T, cells, steps)[:, 0]


def test_langmuir_and_the_shock():
    bound = langmuir_bound(FEED, CAPACITY, EQUILIBRIUM)
    assert bound == 56.25
    assert stoichiometric_time(LENGTH, VELOCITY, POROSITY, bound, FEED) == pytest.approx(SHOCK, rel=1e-14)


@pytest.mark.parametrize("pace", [0.3, 1.0, 10.0, 1e3, 1e6])
def test_the_mean_breakthrough_is_the_shock_whatever_the_kinetics(pace):
    duration = 300_000.0
    *_, passed, held = column(pace * ADSORPTION, pace * DESORPTION, duration=duration, steps=6000)
    assert held == pytest.approx(56.25, rel=1e-6)
    mean = duration - passed * EXCHANGE / FEED
    assert mean + DEAD_TIME == pytest.approx(SHOCK, rel=1e-6)


def test_infinite_kinetics_break_through_at_the_shock():
    times = column(1e4 * ADSORPTION, 1e4 * DESORPTION, cells=400, steps=4000)[:4] + DEAD_TIME
    assert times == pytest.approx(SHOCK, rel=0.005)


@pytest.mark.parametrize(("cells", "within"), [(100, 2e-5), (200, 5e-6)])
def test_the_four_times_of_thomas(cells, within):
    assert column(cells=cells)[:4] + DEAD_TIME == pytest.approx(THOMAS, rel=within)


def test_thomas_solution_here_is_the_published_one():
    times = [
        thomas.breakthrough_time(level, ADSORPTION, DESORPTION, CAPACITY, EXCHANGE, FEED) for level in LEVELS
    ]
    assert np.asarray(times) + DEAD_TIME == pytest.approx(THOMAS, abs=0.005)


@pytest.mark.parametrize(
    ("units", "constant", "feed"),
    [(8.0, 15.0, 1.0), (30.0, 2.0, 0.5), (60.0, 0.3, 2.0), (15.0, 40.0, 5.0), (40.0, 200.0, 0.2)],
)
def test_thomas_at_other_columns_feeds_and_isotherms(units, constant, feed):
    adsorption = units / (CAPACITY * EXCHANGE)
    desorption = adsorption / constant
    expected = [
        thomas.breakthrough_time(level, adsorption, desorption, CAPACITY, EXCHANGE, feed) for level in LEVELS
    ]
    times = column(adsorption, desorption, feed=feed, duration=1.2 * expected[3])[:4]
    assert times + DEAD_TIME == pytest.approx(np.asarray(expected) + DEAD_TIME, rel=5e-4)


def greatest_error_on_thomas_front(cells, steps, desorption, duration):
    """Greatest distance of the effluent from Thomas' curve, at the middles of some steps, over the feed's."""
    values = (ADSORPTION, CAPACITY, EXCHANGE, 0.0, FEED, duration)
    rates, clean = np.full((steps, 1), desorption), np.zeros((cells, 1))
    _, effluent = pass_liquid(Liquid(*(np.asarray([value]) for value in values)), rates, clean)
    pace, units = ADSORPTION * FEED + desorption, ADSORPTION * CAPACITY * EXCHANGE
    return max(
        abs(
            effluent[step, 0]
            - FEED * thomas.effluent(units, desorption / pace, pace * (step + 0.5) / steps * duration)
        )
        for step in range(steps // 2, steps, steps // 40)
    )


@pytest.mark.parametrize("steps_a_cell", [2, 4, 8])
@pytest.mark.parametrize(("desorption", "duration"), [(DESORPTION, 23_500.0), (ADSORPTION, 12_000.0)])
def test_the_scheme_is_of_second_order_at_least(steps_a_cell, desorption, duration):
    cells = np.asarray([20, 40, 80, 160])
    errors = [
        greatest_error_on_thomas_front(count, steps_a_cell * count, desorption, duration)
        for count in cells.tolist()
    ]
    order = -np.polyfit(np.log(cells), np.log(errors), 1)[0]
    assert order >= 1.8, errors


def method_of_lines_with_dispersion(peclet, adsorption, desorption, cells=150):
    """Breakthrough times of the equations with Fick's dispersion and Danckwerts' inlet, by SciPy's BDF."""
    width, mixing = LENGTH / cells, VELOCITY * LENGTH / peclet
    solid_over_liquid = (1 - POROSITY) / POROSITY

    def rate(_, state):
        liquid, solid = state[0::2], state[1::2]
        flux = np.empty(cells + 1)
        flux[0] = VELOCITY * FEED
        flux[1] = VELOCITY * (liquid[0] + liquid[1]) / 2
        upwind = liquid[1:-1] + (liquid[2:] - liquid[1:-1]) / 3 + (liquid[1:-1] - liquid[:-2]) / 6
        flux[2:-1] = VELOCITY * upwind
        flux[1:-1] -= mixing * np.diff(liquid) / width
        flux[-1] = VELOCITY * (1.5 * liquid[-1] - 0.5 * liquid[-2])
        binding = adsorption * liquid * (CAPACITY - solid) - desorption * solid
        change = np.empty_like(state)
        change[0::2], change[1::2] = -np.diff(flux) / width - solid_over_liquid * binding, binding
        return change

    pattern = sparse.diags_array([1.0] * 8, offsets=range(-4, 4), shape=(2 * cells, 2 * cells))
    times = np.linspace(0.0, 24_000.0, 2401)
    answer = solve_ivp(
        rate,
        (0.0, times[-1]),
        np.zeros(2 * cells),
        method="BDF",
        t_eval=times,
        rtol=1e-6,
        atol=1e-8,
        jac_sparsity=pattern,
    )
    leaving = 1.5 * answer.y[-2] - 0.5 * answer.y[-4]
    return np.interp(LEVELS, leaving, times)


@pytest.mark.parametrize(
    ("peclet", "desorption", "within"),
    [(500, DESORPTION, 4e-4), (100, DESORPTION, 1.5e-3), (200, 1e-3, 1e-3)],
)
def test_dispersion_of_the_front_is_that_of_fick(peclet, desorption, within):
    expected = method_of_lines_with_dispersion(peclet, ADSORPTION, desorption)
    bound = langmuir_bound(FEED, CAPACITY, ADSORPTION / desorption)
    retention = (1 - POROSITY) / POROSITY * bound / FEED
    times = column(desorption=desorption, spread=(1 + 1 / retention) ** 2 / peclet)[:4]
    assert times + DEAD_TIME == pytest.approx(expected, rel=within)
