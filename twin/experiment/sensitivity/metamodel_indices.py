"""Sobol indices of a metamodel: what a space-filling design (`lhs`) says about each factor.

The metamodel is evaluated on a large design of SALib's in place of the plant. The intervals hold what the
metamodel does not know: the grouped jackknife over its folds, each of which left a tenth of the points out.
They do not hold what no Gaussian process could show; Q² speaks of that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.experiment.sensitivity.metamodel import LEAST_Q2, Fitted, Metamodel
from twin.experiment.sensitivity.noise import Array
from twin.experiment.sensitivity.sobol import Index, Indices, shares_of_variance
from twin.experiment.statistics import student_quantile

BASE_POINTS = 1024


def metamodel_indices(metamodel: Metamodel, *, base_points: int = BASE_POINTS) -> Indices:
    """First and total indices of the metamodel's mean.

    Raises:
        ValueError: Q² is too low for the metamodel to be used.
    """
    if not metamodel.usable:
        raise ValueError(f"Q² of the metamodel is {metamodel.q2:.2f}, below {LEAST_Q2:g}: it is not used.")
    design = _design(metamodel.names, base_points)
    points = _of(metamodel.fitted, design, base_points)
    folds = np.stack([_of(fitted, design, base_points) for fitted in metamodel.folds])
    count = len(folds)
    spread = ((folds - folds.mean(axis=0)) ** 2).sum(axis=0) * (count - 1) / count
    reach = student_quantile(count - 1, metamodel.level) * np.sqrt(spread)
    rows = tuple(
        Index(name, *_three(points[0, k], reach[0, k]), *_three(points[1, k], reach[1, k]))
        for k, name in enumerate(metamodel.names)
    )
    return Indices(rows, base_points, 0, 1, metamodel.noise_share, metamodel.level)


def _three(point: float, reach: float) -> tuple[float, float, float]:
    return float(point), float(point - reach), float(point + reach)


def _of(fitted: Fitted, design: Array, base_points: int) -> Array:
    blocks = fitted.means(design).reshape(base_points, -1, 1)
    found: Array = shares_of_variance(blocks, np.ones((1, base_points)))[0]
    return found


def _design(names: tuple[str, ...], base_points: int) -> Array:
    from SALib.sample.sobol import sample

    problem: dict[str, Any] = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[0.0, 1.0]] * len(names),
    }
    design: Array = sample(problem, base_points, calc_second_order=False, seed=1)
    return design
