"""Roots of one function a lot, by a fixed number of iterations within a bracket.

Every lot does the same work whatever its function looks like. Where the function has the same sign at both
ends there is no bracket, and that lot's root is NaN: a model's status says so then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twin.physics.backend import namespace


def bisect(function: Callable[[Any], Any], low: Any, high: Any, iterations: int) -> Any:
    """Return where `function` is zero between `low` and `high`, shape (n,), to (high - low) / 2**iterations.

    `function(x)` of shape (n,) is continuous and has different signs at the two ends, or is zero at one;
    NaN for a lot where it is not so. 52 iterations leave nothing but rounding.

    >>> import numpy as np
    >>> root = bisect(lambda x: x * x - np.asarray([2.0, 9.0]), np.zeros(2), 4.0 * np.ones(2), 50)
    >>> np.round(root, 12)
    array([1.41421356, 3.        ])
    """
    xp = namespace(low, high)
    at_low, at_high = function(low), function(high)
    bracketed = _signs_differ(at_low, at_high)
    rising = (at_low < 0.0) | (at_high > 0.0)
    start, end = low, high
    for _ in range(iterations):
        middle = start + 0.5 * (end - start)
        value = function(middle)
        before = xp.where(rising, value < 0.0, value > 0.0)
        start = xp.where(before, middle, start)
        end = xp.where(before, end, middle)
    root = start + 0.5 * (end - start)
    return _checked(root, low, high, at_low, at_high, bracketed)


def newton_bracketed(
    function_and_slope: Callable[[Any], tuple[Any, Any]], low: Any, high: Any, iterations: int
) -> Any:
    """Return where a function is zero between `low` and `high`, shape (n,), by Newton's steps in a bracket.

    `function_and_slope(x)` gives value and slope, shape (n,) each. A step that would leave the bracket, or
    is not at most half of the one before, is replaced by a bisection, so that the bracket closes for any
    continuous function and squares of error are gained near a simple root: some 10 iterations for a smooth
    function, some 100 for any. NaN for a lot without a change of sign.

    The idea: W. H. Press and others, Numerical Recipes, section 9.4.

    >>> import numpy as np
    >>> root = newton_bracketed(lambda x: (x ** 3 - 8.0, 3.0 * x * x), np.zeros(1), 10.0 * np.ones(1), 12)
    >>> np.round(root, 12)
    array([2.])
    """
    xp = namespace(low, high)
    at_low, at_high = function_and_slope(low)[0], function_and_slope(high)[0]
    bracketed = _signs_differ(at_low, at_high)
    rising = (at_low < 0.0) | (at_high > 0.0)
    start, end = low, high
    root = start + 0.5 * (end - start)
    moved = xp.abs(end - start)
    rounding = 2.0**-50 * xp.maximum(xp.abs(low), xp.abs(high))
    for _ in range(iterations):
        value, slope = function_and_slope(root)
        before = xp.where(rising, value < 0.0, value > 0.0)
        start = xp.where(before, root, start)
        end = xp.where(before, end, root)
        flat = slope == 0.0
        newton = root - value / xp.where(flat, xp.ones_like(slope), slope)
        gains = (newton >= start) & (newton <= end) & (xp.abs(newton - root) <= 0.5 * moved)
        settled = xp.abs(newton - root) <= rounding  # else the last bits would throw it back into the bracket
        kept = xp.minimum(xp.maximum(newton, start), end)
        after = xp.where(~flat & (gains | settled), kept, start + 0.5 * (end - start))
        after = xp.where(value == 0.0, root, after)
        moved = xp.abs(after - root)
        root = after
    return _checked(root, low, high, at_low, at_high, bracketed)


def _signs_differ(first: Any, second: Any) -> Any:
    return ((first <= 0.0) & (second >= 0.0)) | ((first >= 0.0) & (second <= 0.0))


def _checked(root: Any, low: Any, high: Any, at_low: Any, at_high: Any, bracketed: Any) -> Any:
    """Return the root, an end that is one itself, or NaN where there was no bracket."""
    xp = namespace(root)
    root = xp.where(at_high == 0.0, high, root)
    root = xp.where(at_low == 0.0, low, root)
    return xp.where(bracketed, root, xp.full_like(root, float("nan")))
