"""What replications say about noise: products free of it, and how far an estimate depends on which were made.

A measure at point i in replication r is y_ir = m_i + c_r + e_ir: what is asked for, what the replication does
to all points alike (they share random numbers), and what it does to one. Means over R replications carry
noise of variance Var(e)/R, which adds to every square of them and makes idle factors look busy. A product of
two *different* replications has no such bias, because their noise is independent: that is what `products`
averages. With one replication there is nothing to tell noise from effect, and the plain square is returned.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_GROUPS = 20


def products(a: Array, b: Array) -> Array:
    """Unbiased estimate of the product of two expectations from their replications, along the last axis.

    (Σ_r a_r · Σ_r b_r − Σ_r a_r b_r) / (R (R − 1)), the mean of a_r b_s over r ≠ s; a·b where R = 1.

    >>> products(np.array([1.0, 3.0]), np.array([1.0, 3.0])).item()  # the mean of 1·3 and 3·1, not 2²
    3.0
    """
    replications = a.shape[-1]
    if replications == 1:
        square: Array = (a * b)[..., 0]
        return square
    cross: Array = a.sum(axis=-1) * b.sum(axis=-1) - (a * b).sum(axis=-1)
    product: Array = cross / (replications * (replications - 1))
    return product


def variance_over_replications(values: Array, estimate: Callable[[Array], Array]) -> Array | None:
    """Jackknife variance of an estimate when replications are left out; None below three of them.

    (g − 1)/g · Σ (θ_(k) − θ̄)², one left out at a time or, of more than twenty, one of twenty groups. It
    holds what all points share in a replication, which resampling points cannot show. Efron & Tibshirani, An
    Introduction to the Bootstrap, 1993, ch. 11.

    Args:
        values: replications along the last axis.
        estimate: of such an array, any shape.
    """
    replications = values.shape[-1]
    if replications < 3:
        return None
    groups = np.array_split(np.arange(replications), min(replications, _GROUPS))
    left_out = np.stack([estimate(np.delete(values, group, axis=-1)) for group in groups])
    spread: Array = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    variance: Array = spread * (len(groups) - 1) / len(groups)
    return variance


def complete(blocks: Array) -> Array:
    """Blocks (first axis) without a missing value: an estimate is made of whole blocks of the design only."""
    return blocks[~np.isnan(blocks).any(axis=tuple(range(1, blocks.ndim)))]
