"""Explicit Runge–Kutta methods over many lots: a fixed number of steps, or steps that each lot chooses.

The state has shape (components, n) with lots last, and every lot has its own duration and so its own steps.
For problems that are not stiff; `rosenbrock` is for those that are. What is computed for a lot does not
depend on the others, bit for bit.
"""

from __future__ import annotations

from typing import Any

from twin.physics.backend import namespace
from twin.physics.numerics import stepping
from twin.physics.numerics.stepping import Derivative, Trial

# J. R. Dormand, P. J. Prince, "A family of embedded Runge-Kutta formulae", Journal of Computational and
# Applied Mathematics 6 (1980) 19-26, doi 10.1016/0771-050X(80)90013-3: the pair of orders 5 and 4.
_NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0)
_STAGES: tuple[tuple[float, ...], ...] = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
)
_FIFTH = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)
_LESS_FOURTH = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)


def rk4(rhs: Derivative, state: Any, duration: Any, steps: int) -> Any:
    """Return the state at t = `duration` after `steps` steps of the classical method of order 4.

    `rhs(t, state)` gives the slope, shape (c, n), at times t of shape (n,); `state` of shape (c, n) at t = 0;
    `duration` of shape (n,) or a number, negative to go back. The work is four slopes a step, whatever the
    numbers.

    W. Kutta, "Beitrag zur näherungsweisen Integration totaler Differentialgleichungen", Zeitschrift für
    Mathematik und Physik 46 (1901) 435-453.

    >>> import numpy as np
    >>> after = rk4(lambda t, y: -y, np.ones((1, 2)), np.asarray([1.0, 2.0]), 32)
    >>> np.round(after, 6)
    array([[0.367879, 0.135335]])
    """
    xp = namespace(state, duration)
    step = (xp.asarray(duration) + xp.zeros_like(state[0, ...])) / steps
    half = 0.5 * step
    for k in range(steps):
        t = k * step
        first = rhs(t, state)
        second = rhs(t + half, state + half * first)
        third = rhs(t + half, state + half * second)
        fourth = rhs((k + 1) * step, state + step * third)
        state = state + (step / 6.0) * (first + 2.0 * second + 2.0 * third + fourth)
    return state


def adaptive(
    rhs: Derivative,
    state: Any,
    duration: Any,
    *,
    relative: float,
    absolute: Any,
    most_steps: int,
) -> tuple[Any, Any]:
    """Return the state at t = `duration` by Dormand and Prince's pair 5(4), and which lots reached it.

    `rhs`, `state`, `duration` as in `rk4`, duration not negative. Each lot takes its own steps, so that the
    estimated error of a step stays below `absolute` + `relative` times a component's size (`absolute` in the
    state's units: a number, or of shape (c, 1) or (c, n)). At most `most_steps` attempts: a lot that would
    need more, stiff or not finite, keeps the state that it got to and is not among those that reached the
    end, bool of shape (n,).

    >>> import numpy as np
    >>> after, reached = adaptive(
    ...     lambda t, y: -y, np.ones((1, 2)), np.asarray([1.0, 2.0]), relative=1e-9, absolute=1e-12,
    ...     most_steps=100)
    >>> np.round(after, 8), reached
    (array([[0.36787944, 0.13533528]]), array([ True,  True]))
    """

    def attempt(t: Any, span: Any, before: Any, slope: Any) -> Trial:
        slopes = [slope]
        for node, weights in zip(_NODES[1:], _STAGES[1:], strict=True):
            slopes.append(rhs(t + node * span, before + span * _combined(weights, slopes)))
        after = before + span * _combined(_FIFTH, slopes)
        slopes.append(rhs(t + span, after))
        return Trial(after, slopes[-1], span * _combined(_LESS_FOURTH, slopes))

    limits = {"relative": relative, "absolute": absolute, "most_steps": most_steps}
    return stepping.adaptive(rhs, attempt, state, duration, order=5, **limits)


def _combined(weights: tuple[float, ...], slopes: list[Any]) -> Any:
    """Return the weighted sum of slopes, first one first."""
    total = weights[0] * slopes[0]
    for weight, slope in zip(weights[1:], slopes[1:], strict=True):
        if weight:
            total = total + weight * slope
    return total
