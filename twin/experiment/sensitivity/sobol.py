"""Sobol indices: the share of a measure's variance that a factor explains alone (first) and at all (total).

Estimators of A. Saltelli and others, Computer Physics Communications 181 (2010) 259, table 2 (b) and (f), on
SALib's design, as in SALib's `sobol.analyze`; but with products taken across replications (`noise.py`), so
that what is shared out is the variance of the expected measure: replication noise neither swells the variance
nor the totals. `noise_share` says how much of the variance of the points' means was noise. Intervals are
normal; the variance is that of a seeded bootstrap over the design's base points, plus the jackknife's over
replications.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from twin.experiment.chance import times_drawn
from twin.experiment.sensitivity.noise import Array, complete, products, variance_over_replications

RESAMPLES = 1000
FEWEST = 8  # base points, below which no interval is given


@dataclass(frozen=True)
class Index:
    """One factor: first and total index, each with its interval; None where there are too few points."""

    factor: str
    first: float
    first_low: float | None
    first_high: float | None
    total: float
    total_low: float | None
    total_high: float | None


@dataclass(frozen=True)
class Indices:
    """All factors in the order of the problem.

    `left_out` base points had a value missing; `noise_share` is None with one replication, where noise counts
    as interaction. `factors` is empty where the measure varies no more between points than noise explains.
    """

    factors: tuple[Index, ...]
    base_points: int
    left_out: int
    replications: int
    noise_share: float | None
    level: float

    @property
    def ranked(self) -> tuple[Index, ...]:
        """The factors, largest total index first."""
        return tuple(sorted(self.factors, key=lambda each: -each.total))


def sobol_indices(
    problem: dict[str, Any], values: Array, *, level: float = 0.95, seed: int = 1, resamples: int = RESAMPLES
) -> Indices:
    """First and total indices from the values of SALib's `sobol` design without second order.

    Args:
        problem: SALib's, with `num_vars` k and `names`.
        values: (base points · (k + 2), replications) in the design's order, NaN where a replication gave
            none.
        level: of the intervals.
        seed: of the bootstrap.
        resamples: of the bootstrap.

    Raises:
        ValueError: the shapes do not fit, or no base point is whole.
    """
    size = int(problem["num_vars"]) + 2
    if len(values) % size:
        raise ValueError(f"{len(values)} points are no whole blocks of {size}, for {size - 2} factors.")
    blocks = values.reshape(-1, size, values.shape[1])
    whole = complete(blocks)
    if len(whole) == 0:
        raise ValueError("No base point has a value at all points of its block.")
    noise = _noise_share(whole)
    left_out = len(blocks) - len(whole)
    points = shares_of_variance(whole, np.ones((1, len(whole))))[0]
    if not np.isfinite(points).all():
        return Indices((), len(whole), left_out, values.shape[1], noise, level)
    reach = _reach(whole, level, seed, resamples)
    rows = tuple(_index(name, k, points, reach) for k, name in enumerate(problem["names"]))
    return Indices(rows, len(whole), left_out, values.shape[1], noise, level)


def _index(name: str, k: int, points: Array, reach: Array | None) -> Index:
    first, total = float(points[0, k]), float(points[1, k])
    if reach is None:
        return Index(name, first, None, None, total, None, None)
    a, b = float(reach[0, k]), float(reach[1, k])
    return Index(name, first, first - a, first + a, total, total - b, total + b)


def shares_of_variance(blocks: Array, weights: Array) -> Array:
    """(samples, 2, k): first and total indices for each row of weights over base points; NaN without
    variance.

    The values are centred as SALib's are, each replication by its own mean over the design.
    """
    centred = blocks - blocks.mean(axis=(0, 1))
    a, b, mixed = centred[:, 0], centred[:, -1], centred[:, 1:-1]
    share = weights / weights.sum(axis=1, keepdims=True)
    first = share @ products(np.broadcast_to(b[:, None], mixed.shape), mixed - a[:, None])
    total = share @ products(a[:, None] - mixed, a[:, None] - mixed) / 2
    variance = _variance(a, b, share, float(abs(blocks).max()))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.stack([first, total], axis=1) / np.where(variance > 0, variance, np.nan)[:, None]
    return found


def _variance(a: Array, b: Array, share: Array, largest: float) -> Array:
    """Variance of the expected measure over the points of A and B, for each row of shares; 0 where only the
    rounding of values as large as `largest` is left.
    """
    mean = share @ (a + b) / 2
    variance: Array = share @ (products(a, a) + products(b, b)) / 2 - products(mean, mean)
    return np.where(variance > 1e-24 * largest**2, variance, 0.0)


def _reach(blocks: Array, level: float, seed: int, resamples: int) -> Array | None:
    """Half-widths of the intervals, (2, k); None with fewer than eight base points."""
    if len(blocks) < FEWEST:
        return None
    samples = shares_of_variance(blocks, times_drawn(seed, "experiment/sobol", len(blocks), resamples))
    over_points = np.nanvar(samples, axis=0, ddof=1)
    one = np.ones((1, len(blocks)))
    shared = variance_over_replications(blocks, lambda values: shares_of_variance(values, one)[0])
    variance = over_points if shared is None else over_points + shared
    reach: Array = float(ndtri(0.5 + level / 2)) * np.sqrt(variance)
    return reach


def _noise_share(blocks: Array) -> float | None:
    """Share of the variance of the points' means that replication noise makes; None with one replication."""
    if blocks.shape[2] < 2:
        return None
    one = np.full((1, len(blocks)), 1 / len(blocks))
    centred = blocks - blocks.mean(axis=(0, 1))
    means = centred.mean(axis=2, keepdims=True)
    largest = float(abs(blocks).max())
    plain = float(_variance(means[:, 0], means[:, -1], one, largest)[0])
    free = float(_variance(centred[:, 0], centred[:, -1], one, largest)[0])
    return None if plain <= 0 else min(max(1 - free / plain, 0.0), 1.0)


def unexplained(indices: Indices) -> float | None:
    """What no factor explains alone, 1 − Σ first: the share of interactions; None without indices."""
    firsts: Sequence[float] = [each.first for each in indices.factors]
    return 1 - math.fsum(firsts) if firsts else None
