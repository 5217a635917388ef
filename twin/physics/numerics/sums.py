"""Sums over a state in written-out order.

A library's own sum adds in an order that depends on the array's shape and layout, and so on a lot's
neighbours: NumPy's `sum(axis=0)` changes last bits with the number of lots. Every model sums over its state
by these functions.
"""

from __future__ import annotations

from typing import Any


def ordered_sum(values: Any) -> Any:
    """Return the sum over the first axis, first element first; `values` of shape (m, ..., n), m at least 1.

    >>> import numpy as np
    >>> ordered_sum(np.asarray([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]))
    array([111., 222.])
    """
    total = +values[0, ...]
    for i in range(1, values.shape[0]):
        total = total + values[i, ...]
    return total


def weighted_sum(weights: Any, values: Any) -> Any:
    """Return the sum over the first axis of `weights[i] * values[i, ...]`, first element first.

    `weights` m numbers or an array of shape (m, n), `values` of shape (m, ..., n). What weighs exactly the
    number 0 is left out.

    >>> import numpy as np
    >>> weighted_sum((0.5, 0.0, 2.0), np.asarray([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]))
    array([200.5, 401. ])
    """
    total = None
    for i in range(values.shape[0]):
        weight = weights[i] if isinstance(weights, (tuple, list)) else weights[i, ...]
        if isinstance(weight, float) and weight == 0.0:
            continue
        term = weight * values[i, ...]
        total = term if total is None else total + term
    return 0.0 * values[0, ...] if total is None else total
