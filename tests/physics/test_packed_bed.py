"""A packed bed: what goes in comes out or is held, its limits, and the kernel against the array form."""

import math

import array_api_strict
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from twin.physics.biologics.protein_a_chromatography import breakthrough, cycle, langmuir_bound
from twin.physics.kernels.chromatography import BREAKTHROUGH, CYCLE
from twin.physics.kernels.launch import on_cpu
from twin.physics.numerics import packed_bed
from twin.physics.numerics.packed_bed import Liquid, leaving_between, pass_liquid

LEVELS = [0.01, 0.1, 0.5, 0.9]
LOTS = 60


def between(draws, low, high):
    return np.exp(draws.uniform(math.log(low), math.log(high), LOTS))


def any_columns():
    """Columns from slow to sharp fronts, weak to strong binding, too short to far too long a load."""
    draws = np.random.default_rng(1944)
    adsorption, capacity = between(draws, 1e-4, 1e-1), between(draws, 5.0, 200.0)
    exchange, feed, constant = (
        between(draws, 20.0, 2e3),
        between(draws, 0.05, 10.0),
        between(draws, 0.01, 1e3),
    )
    spread = draws.choice([0.0, 1e-3, 0.02], LOTS)
    bound = langmuir_bound(feed, capacity, constant)
    duration = exchange * bound / feed * between(draws, 0.1, 3.0)
    levels = [np.full(LOTS, level) for level in LEVELS]
    return np.stack([adsorption, capacity, exchange, spread, adsorption / constant, feed, duration, *levels])


def any_cycles():
    draws = np.random.default_rng(66)
    columns = any_columns()
    adsorption, capacity, exchange, spread, desorption, feed, duration = columns[:7]
    wash = [spread, exchange / 2, desorption * between(draws, 1.0, 30.0), between(draws, 100.0, 1e4)]
    elution = [exchange * 2, wash[2] * between(draws, 1.0, 1e4), between(draws, 100.0, 1e4)]
    growth = draws.choice([1.0, 1.05, 1.5, np.inf], LOTS)
    start, end = draws.uniform(0.0, 0.4, LOTS), draws.uniform(0.4, 1.0, LOTS)
    load = [exchange, spread, desorption, feed, duration]
    return np.stack([adsorption, capacity, *load, *wash, *elution, growth, start, end])


def one_column(*, ka=1.5e-3, kd=1e-4, qm=60.0, exchange=500 / 1.5, spread=0.0, feed=1.0, until=23_500.0):
    given = np.asarray([[ka, qm, exchange, spread, kd, feed, until, *LEVELS]]).T
    return breakthrough(given, 200, 800)[:, 0]


def test_the_kernel_gives_the_bits_of_the_array_form_lot_by_lot():
    # The same operations in the same order, and roots and sums that IEEE 754 rounds in one way.
    for kernel, form, sizes, inputs in (
        (BREAKTHROUGH, packed_bed.breakthrough, (20, 50), any_columns()),
        (CYCLE, packed_bed.cycle, (20, 50, 30, 40), any_cycles()),
    ):
        np.testing.assert_array_equal(on_cpu(kernel, sizes, inputs), form(sizes, inputs), kernel.name)


def test_another_array_library_gives_the_same():
    inputs = any_cycles()[:, :5]
    strict = cycle(array_api_strict.asarray(inputs), (6, 8, 5, 7))
    np.testing.assert_array_equal(np.asarray(strict), cycle(inputs, (6, 8, 5, 7)))


@pytest.mark.parametrize("sizes", [(10, 20, 10, 15), (50, 200, 50, 200)])
def test_mass_balances_in_every_phase(sizes):
    inputs = any_cycles()
    feed, duration, exchange = inputs[5], inputs[6], inputs[2]
    fed = feed * duration / exchange
    passed, loaded, washed, after_wash, before, pool, after, left = cycle(inputs, sizes)
    np.testing.assert_allclose(passed + loaded, fed, rtol=1e-12)
    np.testing.assert_allclose(washed + after_wash, loaded, rtol=1e-12)
    np.testing.assert_allclose(before + pool + after + left, after_wash, rtol=1e-12)
    assert np.all(np.stack([passed, loaded, washed, after_wash, before, pool, after, left]) >= 0.0)


@pytest.mark.parametrize(("cells", "steps", "dip"), [(5, 10, 1e-3), (20, 30, 1e-9), (50, 200, 1e-9)])
def test_no_grid_is_too_coarse_to_stay_between_nothing_and_the_feed(cells, steps, dip):
    ka, qm, exchange, spread, kd, feed, duration = any_columns()[:7]
    liquid = Liquid(ka, qm, exchange, spread, feed, duration)
    solid, effluent = pass_liquid(liquid, np.stack([kd] * steps), np.zeros((cells, LOTS)))
    bound = langmuir_bound(feed, qm, ka / kd)
    assert np.all(effluent >= 0.0)
    assert np.all(effluent <= feed * (1 + 1e-12))
    assert np.all(np.diff(effluent, axis=0) >= -dip * feed)
    assert np.all(solid >= 0.0)
    assert np.all(solid <= bound * (1 + 1e-12))


def test_what_does_not_bind_comes_through_as_a_plug():
    *times, passed, held = one_column(ka=0.0, spread=0.01, until=300.0)
    assert times == [0.0] * 4  # after the dead time, that is
    assert passed == pytest.approx(300.0 * 1.5 / 500, rel=1e-14)
    assert held == 0.0


def test_a_column_fed_with_nothing_stays_empty():
    *_, passed, held = one_column(feed=0.0)
    assert (passed, held) == (0.0, 0.0)


def test_irreversible_binding_is_bohart_and_adams_front():
    ka, qm, exchange, feed = 1.5e-3, 60.0, 500 / 1.5, 1.0
    *times, _, _ = one_column(kd=0.0)
    levels = np.asarray(LEVELS)
    # G. S. Bohart, E. Q. Adams, J. Am. Chem. Soc. 42 (1920) 523: c0/c - 1 = exp(-ka c0 tau)(exp(N) - 1)
    expected = (math.log(math.expm1(ka * qm * exchange)) - np.log(1 / levels - 1)) / (ka * feed)
    np.testing.assert_allclose(times, expected, rtol=1e-4)


@pytest.mark.parametrize("pace", [30.0, 1e3, 1e6])
def test_infinite_kinetics_come_through_at_once_at_the_shock(pace):
    shock = 56.25 * 500 / 1.5
    early, _, _, late, _, _ = one_column(ka=pace * 1.5e-3, kd=pace * 1e-4)
    assert early == pytest.approx(shock, rel=0.03)
    assert late == pytest.approx(shock, rel=0.03)
    assert early < late


def test_a_column_full_of_feed_holds_the_isotherm():
    *_, held = one_column(until=1e6)
    assert held == pytest.approx(56.25, rel=1e-12)


def test_elution_in_a_gradient_is_that_of_fine_lines_by_scipy():
    ka, qm, exchange, duration, steps = 1e-3, 140.0, 160.0, 1600.0, 300
    start, end, growth = 2.5e-5, 0.05, 1.04
    rates = np.minimum(start * growth ** (np.arange(steps) + 0.5), end)[:, None]
    loaded = np.linspace(110.0, 20.0, 60)[:, None]
    liquid = Liquid(*(np.asarray([value]) for value in (ka, qm, exchange, 0.0, 0.0, duration)))
    solid, effluent = pass_liquid(liquid, rates, loaded)

    cells = 480

    def lines(time, state):
        kd = min(start * growth ** (time / duration * steps), end)
        share = ka * exchange / cells * (qm - state)
        concentration, rate = 0.0, np.empty(cells)
        for cell in range(cells):  # c at the middle of each cell, by the trapezium
            gain = kd * state[cell] * exchange / cells
            leaving = (concentration * (1 - share[cell] / 2) + gain) / (1 + share[cell] / 2)
            rate[cell] = (concentration - leaving) * cells / exchange
            concentration = leaving
        return rate

    times = duration * np.asarray([0.0, 0.25, 0.5, 1.0])
    fine = solve_ivp(
        lines, (0, duration), np.repeat(loaded, 8), method="RK45", t_eval=times, rtol=1e-6, atol=1e-8
    )
    held = fine.y.mean(axis=0)
    for fraction, left in zip((0.25, 0.5, 1.0), held[1:], strict=True):
        eluted = leaving_between(effluent, 0.0, fraction)[0] * duration / exchange
        assert eluted == pytest.approx(held[0] - left, abs=3e-4 * held[0])
    assert solid.mean() == pytest.approx(held[-1], abs=3e-4 * held[0])
