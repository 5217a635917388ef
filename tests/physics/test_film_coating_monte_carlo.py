"""Tablets followed through a coating pan: what renewal theory knows of them, and that both forms agree."""

import math

import array_api_strict
import numpy as np
import pytest
from scipy import stats

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.solid_dose.film_coating import mann_coating_variation
from twin.physics.solid_dose.film_coating_monte_carlo import (
    TABLETS,
    _mix,
    simulate_in_arrays,
    simulate_passes,
)

BATCH = {"batch_mass": 240.0}


def pans(passes, pass_variation=0.5, cycle_variation=1.0, n=1, tablets=TABLETS, first_seed=0):
    return simulate_passes(
        np.full(n, passes),
        np.full(n, pass_variation),
        np.full(n, cycle_variation),
        first_seed + np.arange(float(n)),
        tablets,
        5_000,
    )


def coat(settings=None, equipment=None):
    return models()["film_coating_monte_carlo"].evaluate(BATCH, settings or {}, equipment or {})


def test_splitmix64_gives_its_published_numbers():
    golden = 0x9E3779B97F4A7C15
    words = np.asarray([(1234567 + (k + 1) * golden) % 2**64 for k in range(3)], dtype=np.uint64)
    assert _mix(words).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_after_many_passes_the_variation_is_that_of_renewal_theory():
    even = pans(800.0, 0.5, 0.6, n=40)
    variances = even.variation**2
    expected = mann_coating_variation(800.0, 0.5, 0.6) ** 2
    error = np.std(variances, ddof=1) / math.sqrt(40)
    assert abs(np.mean(variances) - expected) < 3.5 * error
    assert error < 0.02 * expected


def test_tablets_that_gather_the_same_at_every_pass_differ_by_their_passes_alone():
    even = pans(10.0, 0.0, 0.0, tablets=4000)
    # The first pass comes after a uniform share of a time, so that each tablet passes 10 times.
    assert even.passes == pytest.approx([10.0])
    assert even.variation == pytest.approx([0.0], abs=1e-12)
    half = pans(10.5, 0.0, 0.0, tablets=4000)
    assert half.passes == pytest.approx([10.5], abs=3.5 * 0.5 / math.sqrt(4000))


def test_mass_gathered_in_one_pass_is_lognormal_with_its_variation():
    # Spraying ends before a second pass: the tablets that passed once have one gain each.
    even = pans(1.0, 0.4, 0.0, n=30, tablets=2000)
    assert even.passes == pytest.approx(np.ones(30))
    error = np.std(even.variation, ddof=1) / math.sqrt(30)
    assert abs(np.mean(even.variation) - 0.4) < 3.5 * error


def test_as_many_tablets_are_thin_as_a_normal_variation_leaves():
    even = pans(900.0, 1.0, 1.0, n=40)
    expected = stats.norm.cdf(-0.1 / mann_coating_variation(900.0, 1.0, 1.0))
    error = np.std(even.thin, ddof=1) / math.sqrt(40)
    assert abs(np.mean(even.thin) - expected) < 3.5 * error


def test_the_kernel_gives_what_the_array_form_gives():
    draws = np.random.default_rng(2)
    n = 12
    inputs = np.stack(
        [
            draws.uniform(1.0, 60.0, n),
            draws.uniform(0.0, 1.5, n),
            draws.uniform(0.0, 1.5, n),
            np.floor(draws.uniform(0.0, 2.0**53, n)),
            np.full(n, 0.9),
        ]
    )
    kernel = np.stack(simulate_passes(*inputs[:4], 50, 80))
    # Exponentials and cosines may differ in their last bit between the compiled code and NumPy.
    np.testing.assert_allclose(simulate_in_arrays(inputs, 50, 80), kernel, rtol=1e-12)
    strict = simulate_passes(*(array_api_strict.asarray(row) for row in inputs[:4]), 50, 80)
    np.testing.assert_allclose(np.stack([np.asarray(row) for row in strict]), kernel, rtol=1e-12)


def test_a_tablet_that_passes_too_often_is_not_followed():
    seeds = np.asarray([1.0, 1.0])
    even = simulate_passes(np.asarray([5.0, 500.0]), np.ones(2), np.ones(2), seeds, 20, 100)
    assert list(even.followed) == [1.0, 0.0]


def test_the_seed_decides_and_nothing_else():
    first, again, other = (coat({"seed": seed}).attributes["coating_variation"] for seed in (3.0, 3.0, 4.0))
    assert first.tobytes() == again.tobytes()
    assert first != other


def test_all_but_evenness_is_as_in_the_limit_of_many_passes():
    settings = {"spray_rate": np.asarray([0.003, 0.004])}
    limit = models()["film_coating"].evaluate(BATCH, settings, {})
    outcome = coat(settings)
    assert outcome.duration.tobytes() == limit.duration.tobytes()
    simulated = {"coating_variation", "coating_passes", "thin_tablets"}
    for name in set(outcome.attributes) - simulated:
        assert outcome.attributes[name].tobytes() == limit.attributes[name].tobytes(), name
    assert outcome.attributes["coating_variation"] == pytest.approx(
        limit.attributes["coating_variation"], rel=4 / math.sqrt(2 * TABLETS)
    )


def test_few_passes_are_in_range_where_the_limit_does_not_hold():
    seldom = {"turns_between_passes": np.asarray([20.0, 60.0, 90.0])}
    thin_coat = {"coating_fraction": 0.008}
    limit = models()["film_coating"].evaluate(BATCH, thin_coat, seldom)
    passes = limit.attributes["coating_passes"]
    assert list(limit.status) == [OUT_OF_RANGE] * 3
    assert list(coat(thin_coat, seldom).status) == [OK if n >= 3 else OUT_OF_RANGE for n in passes]
    assert passes[1] > 3 > passes[2]


def test_passes_by_the_thousand_are_left_to_the_limit():
    settings, often = {"coating_fraction": 0.4, "pan_speed": 0.5}, {"turns_between_passes": 0.2}
    assert list(coat(settings, often).status) == [OUT_OF_RANGE]
    assert list(models()["film_coating"].evaluate(BATCH, settings, often).status) == [OK]
