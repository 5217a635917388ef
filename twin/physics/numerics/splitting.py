"""Operator splitting: two flows that are each easy to follow, taken in turns.

A flow carries a state over a span of time, exactly or by a method of order 2 at least. Strang's order of
turns, half of the first, the whole of the second, half of the first, has second order in the step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twin.physics.backend import namespace

Flow = Callable[[Any, Any, Any], Any]  # (t of shape (n,), span of shape (n,), state (c, n)) -> state later


def strang(first: Flow, second: Flow, state: Any, duration: Any, steps: int) -> Any:
    """Return the state at t = `duration`, shape (c, n), after `steps` equal steps of Strang's splitting.

    `first(t, span, state)` and `second(t, span, state)` carry a state from t to t + span, each for its own
    part of the equations; `duration` of shape (n,) or a number. Where two halves of `first` meet they are
    taken as one, so that a step costs one call of each.

    G. Strang, "On the construction and comparison of difference schemes", SIAM Journal on Numerical Analysis
    5 (1968) 506-517, doi 10.1137/0705041.

    >>> import numpy as np
    >>> decay = lambda t, span, y: y * np.exp(-span)
    >>> feed = lambda t, span, y: y + span
    >>> np.round(strang(decay, feed, np.zeros((1, 1)), np.asarray([1.0]), 200), 5)
    array([[0.63212]])
    """
    xp = namespace(state, duration)
    step = (xp.asarray(duration) + xp.zeros_like(state[0, ...])) / steps
    half = 0.5 * step
    state = first(xp.zeros_like(step), half, state)
    for k in range(steps):
        state = second(k * step, step, state)
        last = k == steps - 1
        state = first((k + 0.5) * step, half if last else step, state)
    return state
