"""Addressed draws: Philox against its published answers, each inverse against SciPy, and golden values."""

import doctest
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import twin.engine.draws
from twin.engine.draws import (
    KINDS,
    LONGEST,
    compile_distribution,
    draw,
    draw_block,
    draw_nanoseconds,
    draw_nanoseconds_block,
    gamma_quantile,
    inverse,
    mean,
    normal_quantile,
    philox,
    poisson_quantile,
    source_hash,
    stream_key,
    uniform,
)
from twin.plant.shorthand import Distribution


def distribution(kind, unit="s", values=(), weights=(), **parameters):
    return Distribution(kind=kind, parameters=parameters, values=values, weights=weights, unit=unit)


EXAMPLES = {
    "constant": distribution("constant", value=360.0),
    "uniform": distribution("uniform", low=10.0, high=30.0),
    "triangular": distribution("triangular", low=10.0, mode=15.0, high=40.0),
    "exponential": distribution("exponential", mean=100.0),
    "normal": distribution("normal", mean=100.0, sd=80.0),
    "normal, not a duration": distribution("normal", unit="kg", mean=100.0, sd=80.0),
    "normal, mean below zero": distribution("normal", mean=-100.0, sd=50.0),
    "lognormal": distribution("lognormal", mean=2280.0, cv=0.8),
    "weibull": distribution("weibull", shape=0.52, scale=3600.0),
    "weibull by mean": distribution("weibull", shape=0.52, mean=5880.0),
    "gamma": distribution("gamma", mean=252.0, cv=2.2),
    "gamma, narrow": distribution("gamma", mean=252.0, cv=0.1),
    "poisson": distribution("poisson", unit="1", mean=5.4),
    "poisson, large": distribution("poisson", unit="1", mean=20000.0),
    "discrete": distribution("discrete", values=(30.0, 10.0, 20.0), weights=(1.0, 2.0, 1.0)),
}

BY_SCIPY = {
    "uniform": stats.uniform(10, 20),
    "triangular": stats.triang(5 / 30, 10, 30),
    "exponential": stats.expon(scale=100),
    "normal": stats.truncnorm(-100 / 80, np.inf, 100, 80),
    "normal, not a duration": stats.norm(100, 80),
    "normal, mean below zero": stats.truncnorm(2, np.inf, -100, 50),
    "lognormal": stats.lognorm(np.sqrt(np.log1p(0.64)), scale=2280 / np.sqrt(1.64)),
    "weibull": stats.weibull_min(0.52, scale=3600),
    "gamma": stats.gamma(2.2**-2, scale=252 * 2.2**2),
    "gamma, narrow": stats.gamma(100, scale=2.52),
    "poisson": stats.poisson(5.4),
    "poisson, large": stats.poisson(20000),
}

TRUNCATED = {"normal": (100.0, 80.0), "normal, mean below zero": (-100.0, 50.0)}

UNIFORMS = np.concatenate([np.logspace(-9, -2, 15), np.linspace(0.02, 0.98, 49), 1 - np.logspace(-2, -9, 15)])

SOURCE = source_hash("press/production_stops/between")

# Drawn once and written down: seed 20210401, replication 3, addresses (0, 2, 0, 1) to (2, 2, 0, 1).
GOLDEN_KEY = (46148560, 4147620695)
GOLDEN = {
    "constant": (360.0, 360.0, 360.0),
    "uniform": (22.246450507656704, 20.656544380358287, 12.210388200259747),
    "triangular": (22.94836940457384, 21.281570959704865, 14.071598150842995),
    "exponential": (94.75815360262321, 76.10561090495274, 11.71175933768272),
    "normal": (131.53540521813508, 116.59869153367622, 33.945603605368845),
    "normal, not a duration": (122.83019940553643, 106.5902971514532, 2.0983608999537466),
    "normal, mean below zero": (18.655062899146884, 15.169878083969834, 2.4451496744471797),
    "lognormal": (2176.1267383314303, 1886.5845901374273, 752.8364156820892),
    "weibull": (3245.89453067018, 2129.401951421497, 58.235958883984594),
    "weibull by mean": (2842.459819442072, 1864.7369559193394, 50.997767059371796),
    "gamma": (78.46846405574608, 38.98946181408274, 0.018753405389289872),
    "gamma, narrow": (258.4065754070769, 253.23810721936735, 221.62607918693791),
    "poisson": (6.0, 5.0, 3.0),
    "poisson, large": (20040.0, 20011.0, 19827.0),
    "discrete": (20.0, 20.0, 10.0),
}


def draws(example, count=20_000, seed=20210401, replication=0, source=SOURCE):
    return draw_block(
        *compile_distribution(EXAMPLES[example]), *stream_key(seed, replication, source), 0, count
    )


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, answer):
    assert philox(*key, *counter) == answer


def test_the_words_become_53_bits_strictly_between_zero_and_one():
    assert uniform((0, 0), 0, 0, 0, 0) == ((0x6627E8D5 >> 5) * 2**26 + (0xE169C58D >> 6) + 0.5) / 2**53
    ends = twin.engine.draws.between_zero_and_one
    assert ends(np.uint64(0), np.uint64(0)) == 2.0**-54
    assert ends(np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF)) == 1 - 2.0**-53


def test_golden_key_of_a_stream():
    assert SOURCE == 0x369FBA95C9B709EC
    assert stream_key(20210401, 3, SOURCE) == GOLDEN_KEY


@pytest.mark.parametrize("example", EXAMPLES)
def test_golden_values(example):
    key = stream_key(20210401, 3, SOURCE)
    drawn = [draw(*compile_distribution(EXAMPLES[example]), *key, lot, 2, 0, 1) for lot in range(3)]
    assert drawn == pytest.approx(GOLDEN[example], rel=1e-14)


@pytest.mark.parametrize("example", [name for name in BY_SCIPY if name not in TRUNCATED])
def test_inverse_agrees_with_scipy(example):
    compiled = compile_distribution(EXAMPLES[example])
    ours = [inverse(*compiled, u) for u in UNIFORMS]
    np.testing.assert_allclose(ours, BY_SCIPY[example].ppf(UNIFORMS), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("example", "average", "deviation"), [(name, *TRUNCATED[name]) for name in TRUNCATED]
)
def test_inverse_of_the_truncated_normal_agrees_with_scipy(example, average, deviation):
    # By the survival function of the whole normal: SciPy's own truncated normal loses digits high up.
    positive = stats.norm.sf(-average / deviation)
    theirs = average + deviation * stats.norm.isf(positive * (1 - UNIFORMS))
    compiled = compile_distribution(EXAMPLES[example])
    ours = [inverse(*compiled, u) for u in UNIFORMS]
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_normal_quantile_to_the_last_digits_far_into_the_tails():
    for u in [1e-300, 1e-30, 1e-16, 1e-9, 0.075, 0.3, 0.49, 0.51, 0.7, 0.925, 1 - 1e-9, 1 - 2.0**-53]:
        assert normal_quantile(u) == pytest.approx(stats.norm.ppf(u), rel=2e-15)
    assert normal_quantile(0.5) == 0


@pytest.mark.parametrize("variation", [0.01, 0.1, 0.24, 0.26, 0.5, 1.0, 2.0, 5.0, 20.0])
def test_gamma_quantile_agrees_with_scipy_from_nearly_constant_to_mostly_zero(variation):
    shape = variation**-2
    ours = [gamma_quantile(shape, u) for u in UNIFORMS]
    np.testing.assert_allclose(ours, stats.gamma.ppf(UNIFORMS, shape), rtol=1e-11)


@pytest.mark.parametrize("average", [0.0, 0.1, 5.4, 31.9, 32.1, 400.0, 1e6])
def test_poisson_quantile_is_the_exact_count(average):
    us = np.linspace(0.0005, 0.9995, 400)
    assert [poisson_quantile(average, u) for u in us] == list(stats.poisson.ppf(us, average))


@pytest.mark.parametrize("example", EXAMPLES)
def test_sample_mean_is_near_the_stated_mean(example):
    sample = draws(example, 50_000)
    assert (
        abs(sample.mean() - mean(*compile_distribution(EXAMPLES[example])))
        <= 4 * sample.std() / len(sample) ** 0.5
    )


@pytest.mark.parametrize("example", [name for name in BY_SCIPY if "poisson" not in name])
def test_sample_passes_kolmogorov_and_smirnov(example):
    assert stats.kstest(draws(example), BY_SCIPY[example].cdf).pvalue > 0.001


@pytest.mark.parametrize("example", BY_SCIPY)
def test_mean_agrees_with_scipy(example):
    assert mean(*compile_distribution(EXAMPLES[example])) == pytest.approx(
        BY_SCIPY[example].mean(), rel=1e-12
    )


def test_weibull_may_be_given_by_its_mean():
    assert mean(*compile_distribution(EXAMPLES["weibull by mean"])) == pytest.approx(5880, rel=1e-14)


def test_discrete_gives_each_value_by_its_weight_in_rising_order():
    compiled = compile_distribution(EXAMPLES["discrete"])
    assert [inverse(*compiled, u) for u in (0.01, 0.49, 0.51, 0.74, 0.76, 0.99)] == [10, 10, 20, 20, 30, 30]
    assert mean(*compiled) == 17.5


@given(
    example=st.sampled_from(sorted(EXAMPLES)),
    u=st.floats(2.0**-54, 1 - 2.0**-53),
    v=st.floats(2.0**-54, 1 - 2.0**-53),
)
def test_inverse_rises_with_u(example, u, v):
    compiled = compile_distribution(EXAMPLES[example])
    low, high = (inverse(*compiled, w) for w in sorted((u, v)))
    assert np.isfinite(low)
    assert np.isfinite(high)
    assert low <= high * (1 + 1e-12 if high > 0 else 1 - 1e-12)


def test_durations_are_never_negative_and_other_quantities_may_be():
    assert draws("normal").min() >= 0
    assert draws("normal, mean below zero").min() >= 0
    assert draws("normal, not a duration").min() < 0


def test_blocks_are_the_single_draws_at_the_same_addresses():
    compiled = compile_distribution(EXAMPLES["lognormal"])
    key = stream_key(1, 2, SOURCE)
    block = draw_block(*compiled, *key, 5, 4)
    whole = draw_nanoseconds_block(*compiled, *key, 5, 4)
    assert list(block) == [draw(*compiled, *key, k, 0, 0, 0) for k in range(5, 9)]
    assert list(whole) == [draw_nanoseconds(*compiled, *key, k, 0, 0, 0) for k in range(5, 9)]
    assert list(whole) == [round(seconds * 1e9) for seconds in block]
    assert whole.dtype == np.int64


@pytest.mark.parametrize(
    ("seconds", "nanoseconds"), [(0.5e-9, 0), (1.5e-9, 2), (2.5e-9, 2), (1e300, int(LONGEST))]
)
def test_nanoseconds_are_rounded_half_to_even_and_stay_inside_int64(seconds, nanoseconds):
    compiled = compile_distribution(distribution("constant", value=seconds))
    assert draw_nanoseconds(*compiled, 0, 0, 0, 0, 0, 0) == nanoseconds


def test_another_address_seed_replication_or_source_gives_another_draw():
    key = stream_key(1, 1, SOURCE)
    addresses = [(a, b, c, d) for a in range(4) for b in range(4) for c in range(4) for d in range(4)]
    streams = [key, stream_key(2, 1, SOURCE), stream_key(2**40, 1, SOURCE), stream_key(1, 2, SOURCE)]
    streams.append(stream_key(1, 1, source_hash("press/production_stops/repair")))
    drawn = {uniform(stream, *address) for stream in streams for address in addresses}
    assert len(drawn) == len(streams) * len(addresses)


def test_streams_of_neighbouring_seeds_replications_and_sources_are_uncorrelated():
    first = draws("uniform")
    others = [
        draws("uniform", seed=20210402),
        draws("uniform", replication=1),
        draws("uniform", source=SOURCE + 1),
    ]
    for other in others:
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / len(first) ** 0.5
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 4 / len(first) ** 0.5


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (2**64, 0), (1, -1), (1, 2**32)])
def test_seeds_and_replications_outside_their_words_are_refused(seed, replication):
    with pytest.raises(ValueError, match="whole number from 0 to"):
        stream_key(seed, replication, SOURCE)


@pytest.mark.parametrize(
    ("impossible", "rule"),
    [
        (distribution("uniform", low=3.0, high=2.0), "low is at most high"),
        (distribution("triangular", low=1.0, mode=5.0, high=4.0), "mode at most high"),
        (distribution("exponential", mean=-1.0), "not negative"),
        (distribution("exponential", rate=1.0), "its parameters are mean"),
        (distribution("normal", mean=1.0, sd=-1.0), "sd is not negative"),
        (distribution("normal", mean=-100.0, sd=1.0), "a duration may be positive"),
        (distribution("lognormal", mean=0.0, cv=1.0), "the mean is positive"),
        (distribution("weibull", shape=0.0, scale=1.0), "shape is at least 0.01"),
        (distribution("weibull", shape=0.0, mean=1.0), "shape is at least 0.01"),
        (distribution("gamma", mean=1.0, cv=1e-5), "cv lies between"),
        (distribution("gamma", mean=0.0, cv=1.0), "the mean is positive"),
        (distribution("poisson", mean=1e7), "between 0 and 1e6"),
        (distribution("discrete", values=(1.0,), weights=()), "a weight for each value"),
        (distribution("discrete", values=(1.0, 2.0), weights=(-1.0, 2.0)), "not negative"),
    ],
)
def test_what_is_no_distribution_is_refused_with_the_rule(impossible, rule):
    with pytest.raises(ValueError, match=rule):
        compile_distribution(impossible)


def test_every_kind_of_the_language_has_an_inverse():
    assert {EXAMPLES[name].kind for name in EXAMPLES} == set(KINDS)


def test_draws_work_where_no_cache_folder_can_be_written(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("in the place of a folder")
    code = "from twin.engine import draws\nprint(draws.philox(0, 0, 0, 0, 0, 0)[0])"
    without = os.environ | {"XDG_CACHE_HOME": str(nowhere)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=without
    )
    assert int(done.stdout) == 0x6627E8D5


def test_documented_examples():
    assert doctest.testmod(twin.engine.draws).failed == 0
