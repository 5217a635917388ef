"""The fitted press through the engine: what goes into the plant file comes out of the simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.calibration.fit import PressFit
from twin.calibration.likelihood import Estimate, FittedDistribution
from twin.calibration.prediction import distance_and_chance
from twin.calibration.press_model import (
    Campaign,
    PressPlace,
    changes,
    exact,
    press_alone,
    simulate_batches,
)
from twin.plant.load import load_plant
from twin.plant.shorthand import Kind

PLACE = PressPlace(source=Path(__file__).resolve().parents[2] / "plant_models" / "tablet_line.yaml")
PRODUCT_3 = Campaign(tablets=960_000, speed=120_000 / 3600, tablet_mass=225e-6)


def known(kind: Kind, unit: str, **values: float) -> FittedDistribution:
    estimates = {name: Estimate(value, 0.1, value, value) for name, value in values.items()}
    return FittedDistribution(kind=kind, estimates=estimates, unit=unit, n=1, censored=0, log_likelihood=0.0)


FIT = PressFit(
    batches=(1,),
    campaigns=(1,),
    start_up_time=known("lognormal", "s", mean=1800.0, cv=0.2),
    start_up_waste=known("gamma", "pieces", mean=6000.0, cv=0.4),
    start_up_stops=known("poisson", "1", mean=5.0),
    between_stops=known("weibull", "s", shape=0.7, mean=4800.0),
    rate_between_lots=known("gamma", "1", mean=1.0, cv=0.8),
    repair=known("lognormal", "s", mean=240.0, cv=1.5),
    stop_waste=known("lognormal", "pieces", mean=100.0, cv=1.0),
    running=known("normal", "1", mean=0.99, sd=0.01),
    speed={},
)


def test_fitted_numbers_go_in_and_come_out_through_the_engine() -> None:
    batches = simulate_batches(FIT, PRODUCT_3, PLACE, batches=1500, seed=1)
    hours = batches.batch_time / 3600
    assert len(hours) == 1500
    assert np.mean(batches.start_up_stops) == pytest.approx(5.0, abs=0.2)
    assert np.mean(batches.production_stops) == pytest.approx(0.99 * 8 * 3600 / 4800, rel=0.1)
    assert np.mean(np.concatenate(batches.stop_lengths)) == pytest.approx(240, rel=0.1)
    assert np.mean(batches.waste) == pytest.approx(6000 + 100 * np.mean(batches.production_stops), rel=0.05)
    assert np.mean(hours) == pytest.approx(0.99 * 8 + 0.5 + np.mean(batches.stopped) / 3600, abs=0.01)


def test_some_simulated_lots_run_badly() -> None:
    uneven = simulate_batches(FIT, PRODUCT_3, PLACE, batches=1500, seed=2).production_stops
    even = replace(FIT, rate_between_lots=known("gamma", "1", mean=1.0, cv=0.05))
    steady = simulate_batches(even, PRODUCT_3, PLACE, batches=1500, seed=2).production_stops
    assert np.var(uneven) > 2 * np.var(steady)


def test_running_time_follows_size_and_speed_with_no_number_refitted() -> None:
    quiet = replace(FIT, repair=known("lognormal", "s", mean=1e-3, cv=0.1))
    large = replace(PRODUCT_3, tablets=2_400_000, tablet_mass=112e-6)
    hours = simulate_batches(quiet, large, PLACE, batches=400, seed=3).batch_time / 3600
    assert np.mean(hours) == pytest.approx(0.99 * 20 + 0.5, rel=0.005)
    assert np.std(hours) == pytest.approx(0.01 * 20, rel=0.15)


def test_the_same_seed_gives_the_same_batches() -> None:
    first, second = (simulate_batches(FIT, PRODUCT_3, PLACE, batches=50, seed=4) for _ in range(2))
    assert first.batch_time.tolist() == second.batch_time.tolist()
    other = simulate_batches(FIT, PRODUCT_3, PLACE, batches=50, seed=5)
    assert first.batch_time.tolist() != other.batch_time.tolist()


def test_the_changes_are_words_of_the_plant_file() -> None:
    loaded = load_plant(PLACE.source, changes(FIT, PRODUCT_3, PLACE))
    press = loaded.plant.equipment["press"]
    assert press.start_up is not None
    assert press.start_up.takes.parameters == {"mean": 1800.0, "cv": 0.2}
    assert loaded.plant.recipes["tablet"].batch.amount == pytest.approx(216)
    assert exact(FIT.start_up_waste) == "gamma(mean=6000.0 pieces, cv=0.4)"


def test_the_press_alone_keeps_the_press_and_nothing_else() -> None:
    plant = press_alone(load_plant(PLACE.source).plant, PLACE, 7)
    assert list(plant.equipment) == ["press"]
    assert list(plant.recipes["tablet"].operations) == ["compress"]
    assert plant.equipment["press"].calendar is None
    assert [(order.recipe, order.batches) for order in plant.orders] == [("tablet", 7)]


def test_chance_is_judged_by_whole_lots() -> None:
    rng = np.random.default_rng(1)
    lots = [rng.exponential(rng.gamma(1.0), size=6) for _ in range(640)]
    _, alike = distance_and_chance(np.concatenate(lots[:16]), lots, 16)
    distance, unlike = distance_and_chance(np.full(96, 9.0), lots, 16)
    assert alike > 0.05
    assert unlike < 0.05
    assert distance > 0.5
