"""Fits: known parameters come back from synthetic stops, and the real press gives the plant's numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from twin.calibration.fit import fit_press, lots_running, samples
from twin.calibration.fragment import press_fragment
from twin.calibration.frailty import (
    LotRunning,
    expected_factor,
    fit_simpler,
    fit_stops,
    lot_running,
    marginal_log_likelihood,
)
from twin.calibration.goodness import dispersion, distances, goodness
from twin.calibration.likelihood import Estimate, FitKind, cumulative, fit_kind, log_density
from twin.calibration.press_log import PressLog

SIZE = {3: 960_000.0, 5: 2_400_000.0}
ROW = 10.0


def lots_on_one_clock(
    shape: float, mean: float, cv: float, lots: int, running: float, seed: int
) -> list[LotRunning]:
    """Lots one after another on a clock that carries on, each at its own rate, the first hundred left out."""
    rng = np.random.default_rng(seed)
    scale = mean / special.gamma(1 + 1 / shape)
    left, result = scale * rng.weibull(shape), []
    for _ in range(lots + 100):
        factor, at, stops = rng.gamma(cv**-2, cv**2), 0.0, []
        while left / factor < running - at:
            at += left / factor
            stops.append(at)
            left = scale * rng.weibull(shape)
        left -= (running - at) * factor
        result.append(lot_running(running, stops))
    return result[100:]


def within(estimate: Estimate, truth: float, errors: float = 3.5) -> bool:
    return abs(np.log(estimate.value / truth)) <= errors * estimate.standard_error / estimate.value


def test_stops_with_a_factor_per_lot_are_recovered() -> None:
    lots = lots_on_one_clock(shape=0.6, mean=4800.0, cv=0.9, lots=80, running=28_800.0, seed=7)
    fit = fit_stops(lots, ROW)
    shape, mean = fit.between.estimates["shape"], fit.between.estimates["mean"]
    cv = fit.rate_between_lots.estimates["cv"]
    assert within(shape, 0.6)
    assert within(mean, 4800.0)
    assert within(cv, 0.9)
    assert max(e.standard_error / e.value for e in (shape, mean, cv)) < 0.2


def test_equal_lots_are_seen_to_be_equal() -> None:
    lots = lots_on_one_clock(shape=0.6, mean=4800.0, cv=0.02, lots=30, running=28_800.0, seed=8)
    fit = fit_stops(lots, ROW)
    assert fit.rate_between_lots.estimates["cv"].value < 0.35
    assert fit.log_likelihood - fit_simpler(lots, ROW).one_rate < 2.0


def test_unequal_lots_and_a_shape_below_one_are_told_apart() -> None:
    lots = lots_on_one_clock(shape=0.6, mean=2400.0, cv=0.9, lots=30, running=28_800.0, seed=9)
    simpler = fit_simpler(lots, ROW)
    best = fit_stops(lots, ROW).log_likelihood
    assert best - simpler.one_rate > 10
    assert best - simpler.memoryless > 10


def test_the_likelihood_of_exponential_stops_in_equal_lots_is_poissons() -> None:
    lots = [lot_running(1000.0, [200.0, 700.0]), lot_running(500.0, [])]
    value = marginal_log_likelihood(lots, shape=1.0, mean=400.0, cv=0.05, resolution=0.01)
    assert value == pytest.approx(2 * np.log(1 / 400) - 1500 / 400, abs=1e-2)


def test_a_lot_that_stops_often_is_seen_to_run_badly() -> None:
    fit = fit_stops(lots_on_one_clock(0.6, 4800.0, 0.9, 40, 28_800.0, 10), ROW)
    quiet, bad = lot_running(28_800.0, []), lot_running(28_800.0, list(np.linspace(600, 28_000, 40)))
    assert expected_factor(quiet, fit, ROW) < 0.7
    assert expected_factor(bad, fit, ROW) > 3


def test_too_few_stops_are_refused() -> None:
    with pytest.raises(ValueError, match="need five stops or more; there are 1"):
        fit_stops([lot_running(1000.0, [500.0])], ROW)


@pytest.mark.parametrize(
    ("kind", "truth"),
    [
        ("lognormal", {"mean": 250.0, "cv": 1.5}),
        ("gamma", {"mean": 8000.0, "cv": 0.5}),
        ("normal", {"mean": 1.0, "sd": 0.02}),
        ("weibull", {"shape": 0.7, "mean": 300.0}),
        ("exponential", {"mean": 90.0}),
        ("poisson", {"mean": 5.4}),
    ],
)
def test_each_kind_is_recovered(kind: str, truth: dict[str, float]) -> None:
    rng = np.random.default_rng(11)
    variance = np.log1p(truth.get("cv", 1.0) ** 2)
    draw = {
        "lognormal": lambda n: truth["mean"] * np.exp(rng.normal(-variance / 2, np.sqrt(variance), n)),
        "gamma": lambda n: rng.gamma(truth["cv"] ** -2, truth["mean"] * truth["cv"] ** 2, n),
        "normal": lambda n: rng.normal(truth["mean"], truth["sd"], n),
        "weibull": lambda n: (
            truth["mean"] / special.gamma(1 + 1 / truth["shape"]) * rng.weibull(truth["shape"], n)
        ),
        "exponential": lambda n: rng.exponential(truth["mean"], n),
        "poisson": lambda n: rng.poisson(truth["mean"], n).astype(float),
    }
    fitted = fit_kind(kind, draw[kind](1000), "1")
    for name, value in truth.items():
        estimate = fitted.estimates[name]
        assert abs(estimate.value - value) <= 3.5 * estimate.standard_error
        assert estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize(
    ("kind", "parameters", "same"),
    [
        ("normal", [3.0, 0.5], stats.norm(3, 0.5)),
        ("lognormal", [3.0, 0.5], stats.lognorm(np.sqrt(np.log(1.25)), scale=3 / np.sqrt(1.25))),
        ("gamma", [3.0, 0.5], stats.gamma(4, scale=0.75)),
        ("weibull", [0.7, 3.0], stats.weibull_min(0.7, scale=3 / special.gamma(1 + 1 / 0.7))),
        ("exponential", [3.0], stats.expon(scale=3)),
        ("poisson", [3.0], stats.poisson(3)),
    ],
)
def test_densities_are_those_of_scipy(
    kind: FitKind, parameters: list[float], same: stats.distributions.rv_frozen
) -> None:
    x = np.array([0.0, 1.0, 2.0, 5.0]) if kind == "poisson" else np.array([0.1, 1.0, 2.0, 5.0])
    logarithm = same.logpmf(x) if kind == "poisson" else same.logpdf(x)
    assert log_density(kind, np.array(parameters), x) == pytest.approx(logarithm, rel=1e-12)
    assert cumulative(kind, np.array(parameters), x) == pytest.approx(same.cdf(x), rel=1e-12)


def test_values_known_only_to_the_row_are_fitted_without_bias() -> None:
    rng = np.random.default_rng(12)
    exact = 40.0 * np.exp(rng.normal(-0.5, 1.0, 3000))
    rows = np.maximum(np.round(exact / 10) * 10, 5.0)
    fitted = fit_kind("lognormal", rows[rows > 5.0], "s", resolution=10.0)
    assert fitted.n == int(np.sum(rows > 5.0))
    known = fit_kind("lognormal", exact, "s")
    assert fitted.estimates["mean"].value == pytest.approx(known.estimates["mean"].value, rel=0.1)


def test_goodness_of_fit_accepts_its_own_kind_and_refuses_another() -> None:
    rng = np.random.default_rng(13)
    sample = 100 * np.exp(rng.normal(0, 1, 60))
    right = goodness("lognormal", fit_kind("lognormal", sample, "1"), sample, 24, 1)
    wrong = goodness("normal", fit_kind("normal", sample, "1"), sample, 24, 1)
    assert right.anderson_darling_p > 0.05
    assert wrong.anderson_darling_p < 0.05


def test_the_distance_of_evenly_spread_values_is_half_a_step() -> None:
    sample = -np.log(1 - (np.arange(10) + 0.5) / 10)
    d, _ = distances("exponential", np.array([1.0]), sample)
    assert d == pytest.approx(0.05)
    assert dispersion(np.array([4.0, 4.0, 4.0])) == 0


def test_the_real_press_gives_the_numbers_of_the_plant_file(product_3: PressLog) -> None:
    fit = fit_press(product_3.batches, SIZE)
    shown = {name: {k: e.value for k, e in d.estimates.items()} for name, d in fit.distributions().items()}
    assert shown["start_up_time"] == pytest.approx({"mean": 2253, "cv": 0.1755}, rel=1e-3)
    assert shown["between_stops"] == pytest.approx({"shape": 0.6156, "mean": 4660}, rel=1e-3)
    assert shown["rate_between_lots"] == pytest.approx({"mean": 1.0, "cv": 0.8728}, rel=1e-3)
    assert shown["repair"] == pytest.approx({"mean": 236.4, "cv": 2.128}, rel=1e-3)
    assert shown["running"] == pytest.approx({"mean": 0.9914, "sd": 0.00866}, rel=5e-3)
    assert set(fit.speed.values()) == {120_000 / 3600}
    assert fit.campaigns == (6, 10, 43, 70, 94)


def test_the_rate_of_stops_of_the_real_press_varies_between_batches(product_3: PressLog) -> None:
    lots = lots_running(product_3.batches)
    best, simpler = fit_stops(lots, ROW), fit_simpler(lots, ROW)
    assert best.log_likelihood - simpler.one_rate > 5
    assert best.log_likelihood - simpler.memoryless > 15
    factors = {
        b.batch: expected_factor(lot, best, ROW) for b, lot in zip(product_3.batches, lots, strict=True)
    }
    assert max(factors, key=lambda batch: factors[batch]) == 60
    assert factors[60] > 3


def test_running_time_follows_from_size_and_speed(product_3: PressLog) -> None:
    ratios = samples(product_3.batches, SIZE)["running"]
    assert 0.97 < min(ratios) < max(ratios) < 1.01


def test_the_fragment_names_source_and_sample_size(product_3: PressLog) -> None:
    text = press_fragment(fit_press(product_3.batches, SIZE), "a press log")
    assert "# Fitted by maximum likelihood to a press log:" in text
    assert "# n = 93, 16 intervals cut by a lot's end: shape 0.6156 [0.52" in text
    assert "between: weibull(shape=0.6156, mean=77.67 min)" in text
    assert "rate_between_lots: gamma(mean=1, cv=0.8728)" in text


def test_an_extra_stopless_lot_lowers_the_rate(product_3: PressLog) -> None:
    quiet = replace(product_3.batches[-1], stops=product_3.batches[-1].of_kind("start_up"))
    before = fit_press(product_3.batches, SIZE).between_stops.estimates["mean"].value
    after = fit_press((*product_3.batches, quiet), SIZE).between_stops.estimates["mean"].value
    assert after > before
