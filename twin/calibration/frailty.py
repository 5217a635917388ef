"""Stops in production: a Weibull renewal process on the running clock whose rate varies from lot to lot.

The meaning is the engine's: the clock of a failure accumulates exposure, that is running time times the lot's
factor z; it carries on from lot to lot and starts again at each repair. Between failures it counts a Weibull
exposure; z is gamma distributed with mean 1, drawn once per lot (shared frailty: D. G. Clayton, Biometrika
65(1), 141-151, 1978). A lot begins somewhere inside an interval, so its first exposure follows the renewal
process's equilibrium distribution, with which a lot of running time t has z·t/mean stops on average whatever
the shape. z is not seen: each lot's likelihood is integrated over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from twin.calibration.likelihood import TINY, Estimate, FittedDistribution, Transform, estimate, maximise

Floats = NDArray[np.float64]
SPREADS = np.linspace(-12.0, 3.5, 311)  # log z at which the integral over a lot's factor is taken
SMALLEST_CV = 0.05  # of the lots' factors: below, lots are as good as equal and cv is not sought


@dataclass(frozen=True)
class LotRunning:
    """The stops of one lot on its own running clock, in s."""

    before_first: float  # running time until the first stop; all of it where there is none
    between: Floats  # running times from stop to stop, shape (stops − 1,) or (0,)
    after_last: float | None  # running time after the last stop; None where there is none

    @property
    def stops(self) -> int:
        """Number of stops."""
        return 0 if self.after_last is None else len(self.between) + 1

    @property
    def running(self) -> float:
        """Running time of the lot."""
        return self.before_first + float(np.sum(self.between)) + (self.after_last or 0.0)


def lot_running(running_time: float, stops_at: Sequence[float]) -> LotRunning:
    """Describe a lot by its running time and the running times at which it stopped, ascending, in s."""
    if not stops_at:
        return LotRunning(running_time, np.empty(0), None)
    at = np.asarray(stops_at, dtype=np.float64)
    return LotRunning(float(at[0]), np.diff(at), running_time - float(at[-1]))


@dataclass(frozen=True)
class StopFit:
    """Fitted stops in production: time between them, and the factor on their rate between lots."""

    between: FittedDistribution
    rate_between_lots: FittedDistribution
    log_likelihood: float


@dataclass(frozen=True)
class Simpler:
    """Log-likelihoods of two simpler models of the same stops, to judge whether the fuller one is needed."""

    one_rate: float  # all lots have the same rate
    memoryless: float  # times between stops are exponential, lots unequal


def fit_stops(lots: Sequence[LotRunning], resolution: float) -> StopFit:
    """Fit shape and mean of the time between stops and the lots' factor jointly by marginal likelihood.

    Running times between stops are known to ± `resolution`/2 (s). Where lots look equal, cv is `SMALLEST_CV`
    without a standard error. Raises `ValueError` where fewer than five
    stops were seen.
    """
    stops = sum(lot.stops for lot in lots)
    if stops < 5:
        raise ValueError(f"The stops in production need five stops or more; there are {stops}.")
    mean = sum(lot.running for lot in lots) / stops
    logarithms: tuple[Transform, ...] = ("logarithm",) * 3
    found = maximise(
        lambda p: marginal_log_likelihood(lots, p[0], p[1], max(p[2], SMALLEST_CV), resolution),
        (0.7, mean, 0.8),
        logarithms,
    )
    pairs = zip(found.values, found.errors, strict=True)
    shape, between, cv = (estimate(float(v), float(e), "logarithm") for v, e in pairs)
    if cv.value < SMALLEST_CV:
        cv = Estimate(SMALLEST_CV, 0.0, 0.0, SMALLEST_CV)
    return StopFit(
        between=FittedDistribution(
            kind="weibull",
            estimates={"shape": shape, "mean": between},
            unit="s",
            n=stops,
            censored=len(lots),
            log_likelihood=found.log_likelihood,
        ),
        rate_between_lots=FittedDistribution(
            kind="gamma",
            estimates={"mean": Estimate(1.0, 0.0, 1.0, 1.0), "cv": cv},
            unit="1",
            n=len(lots),
            censored=0,
            log_likelihood=found.log_likelihood,
        ),
        log_likelihood=found.log_likelihood,
    )


def fit_simpler(lots: Sequence[LotRunning], resolution: float) -> Simpler:
    """Fit the same stops with equal lots, and with no memory of the last repair."""
    mean = sum(lot.running for lot in lots) / sum(lot.stops for lot in lots)
    logarithms: tuple[Transform, ...] = ("logarithm",) * 2

    def one_rate(p: Floats) -> float:
        return marginal_log_likelihood(lots, p[0], p[1], SMALLEST_CV, resolution)

    def memoryless(p: Floats) -> float:
        return marginal_log_likelihood(lots, 1.0, p[0], p[1], resolution)

    return Simpler(
        one_rate=maximise(one_rate, (0.7, mean), logarithms).log_likelihood,
        memoryless=maximise(memoryless, (mean, 0.8), logarithms).log_likelihood,
    )


def marginal_log_likelihood(
    lots: Sequence[LotRunning], shape: float, mean: float, cv: float, resolution: float
) -> float:
    """Log-likelihood of the lots, each integrated over its factor by the trapezoidal rule in log z."""
    total, factor = 0.0, log_of_factor(cv)
    for lot in lots:
        terms = factor + log_likelihood_given(lot, shape, mean, resolution)
        total += float(special.logsumexp(terms)) + float(np.log(SPREADS[1] - SPREADS[0]))
    return total


def log_of_factor(cv: float) -> Floats:
    """Log-density of log z at `SPREADS`, z gamma distributed with mean 1; shape (311,)."""
    shape = cv**-2
    density = shape * (SPREADS - np.exp(SPREADS) + np.log(shape)) - float(special.gammaln(shape))
    return np.asarray(density, dtype=np.float64)


def log_likelihood_given(lot: LotRunning, shape: float, mean: float, resolution: float) -> Floats:
    """Log-likelihood of one lot for each factor of `SPREADS`, shape (311,).

    First exposure by the equilibrium density S(x)/mean, of which the lot without a stop takes the tail; those
    between stops by the probability of ± resolution/2; the last by the survival function S.
    """
    scale = mean / float(special.gamma(1 + 1 / shape))
    factor = np.exp(SPREADS)
    first = factor * lot.before_first / scale
    if lot.after_last is None:
        return np.asarray(np.log(np.maximum(special.gammaincc(1 / shape, first**shape), TINY)))
    last = factor * lot.after_last / scale
    exposure = factor[:, None] * lot.between[None, :] / scale
    half = factor[:, None] * resolution / 2 / scale
    above = np.exp(-(np.maximum(exposure - half, 0.0) ** shape)) - np.exp(-((exposure + half) ** shape))
    between = np.sum(np.log(np.maximum(above / resolution, TINY)), axis=1)
    return np.asarray(SPREADS - np.log(mean) - first**shape - last**shape + between, dtype=np.float64)


def expected_factor(lot: LotRunning, fit: StopFit, resolution: float) -> float:
    """Mean of the lot's factor given what was seen of it."""
    values = {**fit.between.estimates, "cv": fit.rate_between_lots.estimates["cv"]}
    given = log_likelihood_given(lot, values["shape"].value, values["mean"].value, resolution)
    terms = log_of_factor(values["cv"].value) + given
    return float(np.exp(special.logsumexp(terms + SPREADS) - special.logsumexp(terms)))
