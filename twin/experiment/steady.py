"""Where a steady run's warm-up ends: MSER-5 on the mean over replications, one cut for all; and Welch's
moving average of the same series, for people to look at.

Source: White, Cobb & Spratt, A comparison of five steady-state truncation heuristics, WSC 2000; Franklin &
White, Stationarity tests and MSER-5, WSC 2008; Welch's procedure as in Law, Simulation Modeling and Analysis,
ch. 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from twin.experiment.arrays import Integers, Reals
from twin.experiment.series import lots_in_plant, lots_leaving

BATCH = 5
BINS = 1000  # of the horizon, so that there are 200 batches


@dataclass(frozen=True)
class WarmUp:
    """The cut in ns from the start, and whether the series settled: False says that the run is too short to
    tell.
    """

    cut: int
    settled: bool


def mser5(series: Reals) -> tuple[int, bool]:
    """Index at which a series should be cut, a multiple of 5, and whether it settled in its first half.

    With batch means zⱼ of five, j = 1…k, the cut d minimises Σ_{j>d} (zⱼ − z̄)² / (k − d)², over d ≤ k − 5; a
    minimum beyond k/2 means that the series had not settled, and then k/2 is returned with False.

    Raises:
        ValueError: fewer than ten batches.
    """
    k = len(series) // BATCH
    if k < 10:
        raise ValueError("MSER-5 needs a series of at least fifty values.")
    batches = batch_means(series)
    backward = batches[::-1] - batches[-1]  # shifted, so that a constant series has exactly no variance
    kept = np.arange(1, k + 1)
    total, squares = np.cumsum(backward), np.cumsum(backward**2)
    error = (np.maximum(squares - total**2 / kept, 0) / kept**2)[::-1]  # error[d]: d batches cut
    best = int(np.argmin(error[: k - 4]))
    return (best * BATCH, True) if best <= k // 2 else (k // 2 * BATCH, False)


@dataclass(frozen=True)
class StartingSeries:
    """Means over the replications in bins from the start: time-weighted lots in the plant, and lots leaving
    per s. `edges` in ns, shape (bins + 1,); the others (bins,).
    """

    edges: Integers
    present: Reals
    leaving: Reals


def starting_series(
    parts: Iterable[tuple[pa.Table, pa.Table]], horizons: Mapping[int, int]
) -> StartingSeries:
    """What MSER-5 looks at.

    Args:
        parts: pairs (`lots`, `levels`) that hold the replications between them, in any cut.
        horizons: replication → end in ns; equal for all, as steady runs end at their horizon.

    Raises:
        ValueError: horizons differ, or none is given.
    """
    ends = set(horizons.values())
    if len(ends) != 1:
        raise ValueError("A warm-up is found on replications that end at one time.")
    edges = np.linspace(0, ends.pop(), BINS + 1).round().astype(np.int64)
    present, leaving = np.zeros(BINS), np.zeros(BINS)
    for lots, levels in parts:
        present += lots_in_plant(levels, horizons, edges).sum(axis=0)
        leaving += lots_leaving(lots, horizons, edges).sum(axis=0)
    return StartingSeries(edges, present / len(horizons), leaving / len(horizons))


def warm_up(parts: Iterable[tuple[pa.Table, pa.Table]], horizons: Mapping[int, int]) -> WarmUp:
    """The later of the cuts for lots in the plant and for lots leaving, each a mean over all replications.

    Args:
        parts: as in `starting_series`.
        horizons: likewise.

    Raises:
        ValueError: horizons differ, or none is given.
    """
    series = starting_series(parts, horizons)
    cuts = [mser5(mine) for mine in (series.present, series.leaving)]
    index = max(cut for cut, _ in cuts)
    return WarmUp(int(series.edges[index]), all(settled for _, settled in cuts))


def moving_average(series: Reals, window: int) -> Reals:
    """Welch's moving average: over 2w + 1 values about each, and near the start over as many as there are on
    the shorter side.

    Args:
        series: shape (m,).
        window: w, from 0 to a quarter of m.

    Returns:
        Shape (m − w,); the last w places have no whole window.

    Raises:
        ValueError: the window is outside its range.

    >>> moving_average(np.array([4.0, 1.0, 1.0, 4.0, 7.0, 7.0, 7.0, 7.0]), 2).tolist()
    [4.0, 2.0, 3.4, 4.0, 5.2, 6.4]
    """
    m = len(series)
    if not 0 <= window <= m // 4:
        raise ValueError(f"The window of a moving average lies between 0 and {m // 4}, not at {window}.")
    total = np.concatenate([[0.0], np.cumsum(series)])
    place = np.arange(m - window)
    reach = np.minimum(place, window)
    return np.asarray((total[place + reach + 1] - total[place - reach]) / (2 * reach + 1))


def batch_means(series: Reals) -> Reals:
    """The means of five by five that MSER-5 looks at; what is left over at the end falls away."""
    k = len(series) // BATCH
    return np.asarray(series[: k * BATCH].reshape(k, BATCH).mean(axis=1))
