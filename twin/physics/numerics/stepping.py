"""Adaptive steps, each lot its own, in a bounded number of attempts: what explicit and implicit pairs share.

A lot that has reached its end, or cannot go on, is frozen while the others finish; it takes part in the
array operations but nothing of it changes. Called by `runge_kutta.adaptive` and `rosenbrock.adaptive`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from twin.physics.backend import namespace

Derivative = Callable[[Any, Any], Any]  # (t of shape (n,), state of shape (c, n)) -> slope of shape (c, n)

_SAFETY = 0.9
_LEAST, _MOST = 0.2, 5.0  # how much a step may change from one attempt to the next


class Trial(NamedTuple):
    """One attempted step: `state` and `slope` at its end and the estimated `error`, all of shape (c, n)."""

    state: Any
    slope: Any
    error: Any


Attempt = Callable[[Any, Any, Any, Any], Trial]  # (t, span, state, slope), t and span of shape (n,)


def adaptive(
    rhs: Derivative,
    attempt: Attempt,
    state: Any,
    duration: Any,
    *,
    relative: float,
    absolute: Any,
    most_steps: int,
    order: int,
) -> tuple[Any, Any]:
    """Return the state at t = `duration`, shape (c, n), and which lots reached it, bool of shape (n,).

    `attempt` makes one step from the slope at its start; `order` is that of its error estimate plus one. A
    step is taken where every component's error is below `absolute` (a number, (c, 1) or (c, n)) + `relative`
    times its size. At most `most_steps` attempts, taken or not, for every lot; a lot that needs more, or is
    not finite, or has a negative duration, stays where it got to and has not reached its end.
    E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, section II.4.
    """
    xp = namespace(state, duration)
    state = xp.asarray(state, copy=True)
    duration = xp.asarray(duration) + xp.zeros_like(state[0, ...])
    t, reached = xp.zeros_like(duration), duration == 0.0
    slope = rhs(t, state)
    span = _first_span(state, slope, duration, relative, absolute)
    going = ~reached & (span > 0.0) & xp.isfinite(duration)  # a NaN stops here
    for _ in range(most_steps):
        if not bool(xp.any(going)):
            break
        last = span >= duration - t
        step = xp.where(going, xp.where(last, duration - t, span), xp.zeros_like(span))
        trial = attempt(t, step, state, slope)
        error = _size(trial.error, state, trial.state, relative, absolute)
        taken = going & (error <= 1.0)
        state = xp.where(taken[None, :], trial.state, state)
        slope = xp.where(taken[None, :], trial.slope, slope)
        t = xp.where(taken, xp.where(last, duration, t + step), t)
        reached = reached | (taken & last)
        span = xp.where(going, step * _change(error, order), span)
        going = going & ~reached & (t + span > t)
    return state, reached


def _size(error: Any, before: Any, after: Any, relative: float, absolute: Any) -> Any:
    """Return the largest error of a component over what it may be, shape (n,); NaN where any is."""
    xp = namespace(error)
    allowed = absolute + relative * xp.maximum(xp.abs(before), xp.abs(after))
    ratio = xp.abs(error) / allowed
    # Written out, because libraries differ in what their largest makes of NaN.
    largest = ratio[0, ...]
    for i in range(1, ratio.shape[0]):
        kept = (ratio[i, ...] <= largest) | xp.isnan(largest)
        largest = xp.where(kept, largest, ratio[i, ...])
    return largest


def _change(error: Any, order: int) -> Any:
    """Return the factor from this step to the next attempt; a step that fails outright is cut most."""
    xp = namespace(error)
    sound = xp.isfinite(error)
    tame = xp.where(sound, xp.maximum(error, xp.asarray(1e-10, dtype=xp.float64)), xp.ones_like(error))
    factor = xp.clip(_SAFETY * tame ** (-1.0 / order), _LEAST, _MOST)
    kept = xp.where(error <= 1.0, factor, xp.minimum(factor, xp.ones_like(factor)))
    return xp.where(sound, kept, xp.full_like(kept, _LEAST))


def _first_span(state: Any, slope: Any, duration: Any, relative: float, absolute: Any) -> Any:
    """Return a first step that changes the state by a hundredth of its size, at most the whole duration."""
    xp = namespace(state)
    size = _size(state, state, state, relative, absolute)
    speed = _size(slope, state, state, relative, absolute)
    known = (size > 1e-5) & (speed * duration > 1e-5)
    guess = xp.where(known, 0.01 * size / speed, 1e-3 * duration)
    return xp.where(xp.isnan(speed) | xp.isnan(size), size * speed, xp.minimum(guess, duration))
