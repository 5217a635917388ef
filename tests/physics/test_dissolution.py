"""Dissolution: the cube-root law, powders of many sizes, a medium that fills, and Weibull's curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.kernels import launch
from twin.physics.kernels.dissolution import DISSOLVING
from twin.physics.solid_dose.dissolution import (
    by_arrays,
    course,
    lognormal_spread,
    place_at,
    shrinkage_at,
    shrinkage_rate,
    time_at,
    undissolved,
)

EQUAL = {"drug_d10": 50e-6, "drug_d50": 50e-6, "drug_d90": 50e-6}
SINK = {"dose": 1e-9, "solubility": 1.0}


def dissolve(**given):
    model = models()["dissolution"]
    equipment = {field.name for field in model.equipment}
    test = {field.name for field in model.settings}
    return model.evaluate(
        {k: v for k, v in given.items() if k not in equipment | test},
        {k: v for k, v in given.items() if k in test},
        {k: v for k, v in given.items() if k in equipment},
    )


def sizes(d50, spread):
    ratio = np.exp(1.2815515655446004 * spread)
    return {"drug_d10": d50 / ratio, "drug_d50": d50, "drug_d90": d50 * ratio}


def test_equal_particles_in_a_sink_follow_the_cube_root_law():
    outcome = dissolve(**EQUAL, **SINK, lag_time=0.0, test_duration=2700.0)
    lifetime = 1.0 / shrinkage_rate(7e-10, 1.0, 1300.0, 30e-6, 50e-6)
    for minutes in (15, 30, 45):
        left = max(0.0, 1.0 - 60.0 * minutes / lifetime) ** 3
        assert outcome.attributes[f"dissolved_{minutes}_min"] == pytest.approx([1.0 - left], abs=2e-5)
    half = (1.0 - 0.5 ** (1 / 3)) * lifetime
    assert outcome.attributes["dissolution_t50"] == pytest.approx([half], rel=1e-4)


@pytest.mark.parametrize("spread", [0.05, 0.3, 0.7, 1.5, 2.0])
def test_what_is_left_of_a_powder_is_the_mean_over_its_sizes(spread):
    for x in (0.0, 1e-6, 1e-3, 0.1, 0.5, 1.0, 3.0, 20.0):

        def kept(z, x=x):
            return max(0.0, 1.0 - x * np.exp(-spread * z)) ** 3 * stats.norm.pdf(z)

        gone = np.log(max(x, 1e-300)) / spread  # smaller ones have gone
        truth = integrate.quad(kept, max(gone, -12.0), 12.0, epsabs=1e-12, limit=200)[0] if gone < 12 else 0.0
        assert undissolved(x, spread)[0] == pytest.approx(truth, abs=2e-10)


@pytest.mark.parametrize("spread", [0.01, 0.7, 2.0])
def test_the_slope_is_that_of_what_is_left(spread):
    x = np.asarray([0.01, 0.2, 0.6, 0.9, 2.0])
    ahead, behind = undissolved(x + 1e-6, spread)[0], undissolved(x - 1e-6, spread)[0]
    assert undissolved(x, spread)[1] == pytest.approx((ahead - behind) / 2e-6, abs=1e-5)


TIMES = np.asarray([60.0, 300.0, 900.0, 1800.0, 2700.0])


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 1.0])
@pytest.mark.parametrize(
    ("loading", "spread"),
    [(0.0, 0.7), (0.3, 0.02), (1.0, 0.7), (1.04, 0.08), (1.3, 1.6), (5.0, 0.02), (50.0, 0.7)],
)
def test_a_medium_that_fills_up_as_scipy_has_it(rate, loading, spread):
    one = np.ones(1)
    reached = course(rate * one, loading * one, spread * one)
    answer = integrate.solve_ivp(
        lambda t, x: rate * (1.0 - loading * (1.0 - undissolved(x, spread)[0])),
        (0.0, TIMES[-1]),
        [0.0],
        method="LSODA",
        rtol=1e-8,
        atol=1e-10,
        first_step=1e-4 / rate / max(1.0, loading),
        t_eval=TIMES,
    )
    truth = undissolved(answer.y[0], spread)[0]
    ours = undissolved(place_at(reached, TIMES[:, None]), spread)[0][:, 0]
    assert ours == pytest.approx(truth, abs=2e-4)


def test_time_and_place_of_a_course_are_inverse():
    n = 50
    draws = np.random.default_rng(1)
    reached = course(draws.uniform(1e-4, 1e-2, n), draws.uniform(0, 0.9, n), draws.uniform(0.1, 1.5, n))
    time = draws.uniform(10.0, 3500.0, (2, n))
    assert time_at(reached, place_at(reached, time)) == pytest.approx(time, rel=1e-6)


def test_the_kernel_gives_what_the_array_form_gives():
    """Powders of all spreads, slow and fast, in sinks, in media that fill up and that cannot hold them."""
    draws, lots = np.random.default_rng(2), 500
    loading = np.where(draws.random(lots) < 0.3, 0.0, 10 ** draws.uniform(-3.0, 1.5, lots))
    powders = np.stack([10 ** draws.uniform(-7.0, 0.0, lots), loading, draws.uniform(1e-3, 2.0, lots)])
    inputs = np.concatenate([powders, draws.uniform(0.0, 7200.0, (5, lots)).round(-2)])
    with np.errstate(all="ignore"):
        expected = by_arrays(inputs)
    found = launch.run(DISSOLVING, (128,), inputs)
    assert np.isinf(expected[5:]).sum() > 50  # media that are full before half has dissolved
    np.testing.assert_allclose(found[:5], expected[:5], rtol=0.0, atol=1e-14)
    np.testing.assert_allclose(found[5:], expected[5:], rtol=1e-12)


def test_what_never_dissolves_so_far_is_said_to_take_the_whole_test():
    outcome = dissolve(dose=np.asarray([5e-4, 1.5e-3]), test_duration=3600.0)
    t50, t80 = outcome.attributes["dissolution_t50"], outcome.attributes["dissolution_t80"]
    assert t80[0] < 3600.0
    assert t50[1] < t80[1] == 3600.0
    assert list(outcome.status) == [OK, OK]


def test_a_medium_dissolves_no_more_than_it_can_hold():
    outcome = dissolve(dose=2e-3, medium_volume=5e-4, test_duration=86400.0, **sizes(5e-6, 0.5))
    assert outcome.attributes["dissolved_at_end"] == pytest.approx([0.25], rel=1e-6)


def test_given_time_everything_dissolves():
    outcome = dissolve(test_duration=86400.0)
    assert outcome.attributes["dissolved_at_end"] == pytest.approx([1.0], abs=1e-9)


def test_nothing_dissolves_before_the_tablet_falls_apart():
    outcome = dissolve(lag_time=np.asarray([0.0, 899.0, 1000.0]))
    first = outcome.attributes["dissolved_15_min"]
    assert first[0] > first[1] > first[2] == pytest.approx(0.0, abs=1e-12)


def test_the_lag_counts_in_all_times():
    early, late = dissolve(lag_time=0.0, **SINK), dissolve(lag_time=300.0, **SINK)
    for name in ("dissolution_t50", "dissolution_t80"):
        assert late.attributes[name] - early.attributes[name] == pytest.approx([300.0], abs=0.5)


def test_denser_tablets_wait_longer_only_where_the_product_was_found_to():
    porosity = np.asarray([0.2, 0.1])
    indifferent = dissolve(porosity=porosity).attributes["dissolution_t50"]
    assert indifferent[0] == indifferent[1]
    found = dissolve(porosity=porosity, lag_sensitivity=10.0).attributes["dissolution_t50"]
    assert found[1] - found[0] == pytest.approx(120.0 * (np.exp(0.5) - np.exp(-0.5)), abs=0.5)


def test_a_stage_passes_as_often_as_six_tablets_drawn_do():
    outcome = dissolve(tablet_variation=0.06)
    mean = outcome.attributes["dissolution_margin"] + 0.85
    draws = np.random.default_rng(2).normal(mean, 0.06, (200_000, 6))
    passed = np.mean(np.all(draws >= 0.85, axis=1))
    assert outcome.attributes["first_stage_acceptance"] == pytest.approx([passed], abs=0.005)


def test_sizes_that_are_no_lognormal_distribution_are_out_of_range():
    outcome = dissolve(
        drug_d10=np.asarray([20e-6, 60e-6, 49e-6, 1e-7]),
        drug_d50=np.asarray([50e-6, 50e-6, 50e-6, 10e-6]),
        drug_d90=np.asarray([125e-6, 125e-6, 2e-3, 1e-3]),
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE, OUT_OF_RANGE]


@settings(max_examples=40)
@given(
    d50=st.floats(2e-6, 300e-6),
    spread=st.floats(0.05, 1.5),
    dose=st.floats(1e-6, 8e-4),
    more=st.floats(1.05, 3.0),
)
def test_finer_drug_more_medium_and_more_solubility_dissolve_faster(d50, spread, dose, more):
    finer, medium, soluble, thinner = (np.where(np.arange(5) == k, more, 1.0) for k in (1, 2, 3, 4))
    attributes = dissolve(
        dose=np.full(5, dose),
        **sizes(d50 / finer, spread),
        medium_volume=9e-4 * medium,
        solubility=soluble,
        diffusion_layer=30e-6 / thinner,
    ).attributes
    for name in ("dissolved_15_min", "dissolved_30_min", "dissolved_45_min"):
        assert np.all(attributes[name][1:] >= attributes[name][0] - 2e-5)
    assert np.all(attributes["dissolution_t50"][1:] <= attributes["dissolution_t50"][0] + 0.5)


@given(fraction=st.floats(0.01, 0.99), spread=st.floats(1e-3, 2.0))
def test_the_shrinkage_to_a_fraction_is_found_for_any_spread(fraction, spread):
    place = shrinkage_at(fraction, np.asarray([spread]))
    assert 1.0 - undissolved(place, spread)[0] == pytest.approx([fraction], abs=1e-8)


def test_the_spread_of_a_distribution_is_found_from_its_percentiles():
    d = 50e-6 * np.exp(0.7 * stats.norm.ppf([0.1, 0.9]))
    assert lognormal_spread(d[0], d[1]) == pytest.approx(0.7, rel=1e-14)


def weibull(**given):
    model = models()["weibull_dissolution"]
    test = {field.name for field in model.settings}
    return model.evaluate(
        {k: v for k, v in given.items() if k not in test}, {k: v for k, v in given.items() if k in test}, {}
    )


def test_weibulls_curve_is_that_of_a_published_batch():
    """Means of six tablets of the reference batch, Tsong and others 1996, in % of the label."""
    measured = {5: 46.77, 10: 60.13, 15: 67.28, 20: 71.99, 30: 78.07, 60: 84.82, 90: 89.09, 120: 91.44}
    for minutes, percent in measured.items():
        outcome = weibull(test_duration=60.0 * minutes)
        assert outcome.attributes["dissolved_at_end"] == pytest.approx([percent / 100], abs=0.014)


def test_weibulls_times_are_where_its_curve_is():
    shape = np.asarray([0.5, 1.0, 2.5])
    outcome = weibull(shape=shape, plateau=0.9, lag_time=60.0, test_duration=86400.0)
    for name, fraction in (("dissolution_t50", 0.5), ("dissolution_t80", 0.8)):
        ends = outcome.attributes[name]
        there = weibull(shape=shape, plateau=0.9, lag_time=60.0, test_duration=ends)
        assert there.attributes["dissolved_at_end"] == pytest.approx([fraction] * 3)


def test_weibulls_curve_of_shape_one_is_of_first_order_and_ends_at_its_plateau():
    outcome = weibull(shape=1.0, scale_time=1000.0, plateau=0.7, test_duration=86400.0)
    assert outcome.attributes["dissolved_15_min"] == pytest.approx([0.7 * (1 - np.exp(-0.9))])
    assert outcome.attributes["dissolved_at_end"] == pytest.approx([0.7], rel=1e-12)
    assert outcome.attributes["dissolution_t80"] == [86400.0]
    assert outcome.status == [OK]


@given(shape=st.floats(0.2, 5.0), time=st.floats(10.0, 1e5), later=st.floats(1.0, 1e4))
def test_weibulls_curve_rises(shape, time, later):
    ends = np.clip(np.asarray([time, time + later]), 60.0, 86400.0)
    dissolved = weibull(shape=shape, test_duration=ends).attributes["dissolved_at_end"]
    assert 0.0 <= dissolved[0] <= dissolved[1] <= 1.0
