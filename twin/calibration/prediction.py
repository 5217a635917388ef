"""Predicts recorded batches from fits that have not seen them, and keeps the score.

Each campaign is left out in turn: the press is fitted to the others and run through the engine thousands of
times, knowing of the batches left out only size, set speed and tablet mass. A prediction interval runs
between quantiles of these runs; the uncertainty of the fitted numbers themselves is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from twin.calibration.fit import PressFit, fit_press
from twin.calibration.press_log import PressBatch
from twin.calibration.press_model import Campaign, PressPlace, SimulatedBatches, simulate_batches

Floats = NDArray[np.float64]
Quantity = Literal["batch_time", "stops", "stopped", "waste"]
QUANTITIES: tuple[Quantity, ...] = ("batch_time", "stops", "stopped", "waste")


@dataclass(frozen=True)
class Products:
    """What is known of products by code: tablets in a batch, mass of a tablet core (kg)."""

    batch_size: Mapping[int, float]
    tablet_mass: Mapping[int, float]

    def campaign(self, batch: PressBatch) -> Campaign:
        """What is known of a batch before it runs."""
        return Campaign(
            tablets=self.batch_size[batch.product],
            speed=batch.planned_speed,
            tablet_mass=self.tablet_mass[batch.product],
        )


@dataclass(frozen=True)
class Prediction:
    """One batch as recorded and as predicted by a fit that had not seen it."""

    batch: PressBatch
    fit: PressFit
    simulated: SimulatedBatches


@dataclass(frozen=True)
class Score:
    """A recorded quantity against its prediction; nan where it was not recorded."""

    recorded: float
    mean: float
    low: float
    high: float
    rank: float  # fraction of simulated batches below the recorded one, ties half

    @property
    def inside(self) -> bool:
        """Does the recorded value lie in the interval?"""
        return self.low <= self.recorded <= self.high


def recorded(batch: PressBatch, quantity: Quantity) -> float:
    """A quantity of a batch as recorded.

    Batch time in s without calendar stops; stops in all; time stopped after start-up in s; waste in
    tablets, nan where its counter stuck.
    """
    if quantity == "batch_time":
        return batch.working_time
    if quantity == "stops":
        return float(len(batch.of_kind("start_up")) + len(batch.of_kind("production")))
    if quantity == "stopped":
        return batch.stopped("production")
    return float("nan") if batch.counter_stuck else batch.waste


def simulated(batches: SimulatedBatches, quantity: Quantity) -> Floats:
    """The same quantity of simulated batches, shape (batches,)."""
    if quantity == "batch_time":
        return batches.batch_time
    if quantity == "stops":
        return batches.start_up_stops + batches.production_stops
    if quantity == "stopped":
        return batches.stopped
    return batches.waste


def score(prediction: Prediction, quantity: Quantity, level: float) -> Score:
    """Score a prediction with the central interval of probability `level`."""
    values, value = simulated(prediction.simulated, quantity), recorded(prediction.batch, quantity)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    rank = float(np.mean(values < value) + np.mean(values == value) / 2)
    return Score(value, float(np.mean(values)), float(low), float(high), rank)


def leave_one_campaign_out(
    batches: Sequence[PressBatch], products: Products, place: PressPlace, runs: int, seed: int
) -> tuple[Prediction, ...]:
    """Predict each campaign from a fit to all the others, `runs` simulated batches for each."""
    predictions: list[Prediction] = []
    for campaign in dict.fromkeys(batch.campaign for batch in batches):
        others = [batch for batch in batches if batch.campaign != campaign]
        held_out = [batch for batch in batches if batch.campaign == campaign]
        fit = fit_press(others, products.batch_size)
        predictions += predict(fit, held_out, products, place, runs, seed)
    return tuple(predictions)


def predict(
    fit: PressFit,
    batches: Sequence[PressBatch],
    products: Products,
    place: PressPlace,
    runs: int,
    seed: int,
) -> tuple[Prediction, ...]:
    """Predict batches that `fit` has not seen; equal size, speed and tablet mass share runs."""
    known: dict[Campaign, SimulatedBatches] = {}
    for batch in batches:
        campaign = products.campaign(batch)
        if campaign not in known:
            known[campaign] = simulate_batches(fit, campaign, place, runs, seed)
    return tuple(Prediction(batch, fit, known[products.campaign(batch)]) for batch in batches)


def error_of_the_mean(predictions: Sequence[Prediction], quantity: Quantity) -> float:
    """Relative error of the mean of the predictions, over the batches where the quantity was recorded."""
    scores = [score(prediction, quantity, 0.9) for prediction in predictions]
    kept = [s for s in scores if not np.isnan(s.recorded)]
    return float(np.mean([s.mean for s in kept]) / np.mean([s.recorded for s in kept]) - 1)


def coverage(predictions: Sequence[Prediction], quantity: Quantity, level: float) -> tuple[int, int]:
    """How many recorded values lie in their intervals of probability `level`, and of how many."""
    scores = [score(prediction, quantity, level) for prediction in predictions]
    kept = [s for s in scores if not np.isnan(s.recorded)]
    return sum(s.inside for s in kept), len(kept)


def distance_and_chance(recorded_values: Floats, lots: Sequence[Floats], block: int) -> tuple[float, float]:
    """Kolmogorov–Smirnov distance of recorded values from simulated ones, and how often chance exceeds it.

    `lots` holds the values of each simulated lot. As values of one lot go together, chance is judged by the
    same distance of blocks of `block` simulated lots, as many as were recorded.
    """
    everything = np.sort(np.concatenate(list(lots)))
    seen = _distance(recorded_values, everything)
    blocks = [np.concatenate(list(lots[i : i + block])) for i in range(0, len(lots) - block + 1, block)]
    larger = sum(_distance(values, everything) >= seen for values in blocks if len(values))
    return seen, (larger + 1) / (len(blocks) + 1)


def _distance(sample: Floats, reference: Floats) -> float:
    """Largest distance between two empirical distributions; `reference` sorted."""
    ordered = np.sort(sample)
    points = np.concatenate([ordered, reference])
    ours = np.searchsorted(ordered, points, side="right") / len(ordered)
    theirs = np.searchsorted(reference, points, side="right") / len(reference)
    return float(np.max(np.abs(ours - theirs)))
