"""An L-stable Rosenbrock method of order 4 over many lots, for stiff systems of a few components.

RODAS of Hairer and Wanner: six stages, stiffly accurate, one matrix factored a step and no iteration, so
that the work is the same for every lot and every input. The state has shape (components, n) with lots last.
The Jacobian is a function, or comes from forward differences by a fixed rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twin.physics.backend import namespace
from twin.physics.numerics import stepping
from twin.physics.numerics.linear import factor_small, solve_factored
from twin.physics.numerics.stepping import Derivative, Trial

Jacobian = Callable[[Any, Any], Any]  # (t, state) -> d rhs[i] / d state[j] at [i, j], shape (c, c, n)

# E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, second edition, Springer 1996, section
# IV.7; in the transformed form of their program RODAS. The tests check the conditions of order 4.
_GAMMA = 0.25
_NODES = (0.0, 0.386, 0.21, 0.63, 1.0, 1.0)
_TIME = (0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0)
_LAST = (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950)
_STAGES: tuple[tuple[float, ...], ...] = (
    (),
    (1.544,),
    (0.9466785280815826, 0.2557011698983284),
    (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    _LAST,
    (*_LAST, 1.0),
)
_COUPLING: tuple[tuple[float, ...], ...] = (
    (),
    (-5.6688,),
    (-2.430093356833875, -0.2063599157091915),
    (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
    (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054),
)
_SMALL = 2.0**-26  # the square root of the rounding of float64


def forward_differences(rhs: Derivative, size: Any = 1e-6) -> Jacobian:
    """Return the Jacobian of `rhs` by forward differences, one more slope for each component.

    Component j is moved by 2**-26 times |state[j]|, or times `size` where that is larger: a size below which
    a component does not matter, in its unit; a number or of shape (c, 1) or (c, n).

    >>> import numpy as np
    >>> jacobian = forward_differences(lambda t, y: y * y)
    >>> np.round(jacobian(np.zeros(1), np.asarray([[3.0]])), 6)
    array([[[6.]]])
    """

    def jacobian(t: Any, state: Any) -> Any:
        xp = namespace(state)
        here = rhs(t, state)
        moves = _SMALL * xp.maximum(xp.abs(state), size + xp.zeros_like(state))
        columns = []
        for j in range(state.shape[0]):
            moved = xp.asarray(state, copy=True)
            moved[j, :] = state[j, :] + moves[j, :]
            columns.append((rhs(t, moved) - here) / (moved[j, :] - state[j, :]))
        return xp.stack(columns, axis=1)

    return jacobian


def integrate(rhs: Derivative, jacobian: Jacobian | None, state: Any, duration: Any, steps: int) -> Any:
    """Return the state at t = `duration`, shape (c, n), after `steps` equal steps of RODAS, order 4.

    `rhs(t, state)` gives the slope, shape (c, n), at times t of shape (n,); `jacobian(t, state)` its
    derivatives, shape (c, c, n), or None for `forward_differences`; `state` of shape (c, n) at t = 0;
    `duration` of shape (n,) or a number. How `rhs` depends on t alone is found by a forward difference. The
    work is seven slopes, a Jacobian and one factored matrix a step, whatever the numbers. Equal steps suit a
    state that has settled on its slow course; for one that still darts about, see `adaptive`.

    >>> import numpy as np
    >>> slope = lambda t, y: -1e6 * (y - np.cos(t))
    >>> after = integrate(slope, None, np.ones((1, 1)), np.asarray([1.0]), 20)
    >>> bool(abs(after[0, 0] - np.cos(1.0)) < 2e-6)
    True
    """
    xp = namespace(state, duration)
    slopes = jacobian if jacobian is not None else forward_differences(rhs)
    duration = xp.asarray(duration) + xp.zeros_like(state[0, ...])
    step = duration / steps
    for k in range(steps):
        t = k * step
        state, _ = _step(rhs, slopes, t, step, state, rhs(t, state), _SMALL * duration)
    return state


def adaptive(
    rhs: Derivative,
    jacobian: Jacobian | None,
    state: Any,
    duration: Any,
    *,
    relative: float,
    absolute: Any,
    most_steps: int,
) -> tuple[Any, Any]:
    """Return the state at t = `duration` by RODAS 4(3) with each lot's own steps, and which lots reached it.

    Arguments as `integrate` and `runge_kutta.adaptive`: at most `most_steps` attempts; a lot that needs more
    keeps the state that it got to and is not among those that reached the end, bool of shape (n,).

    >>> import numpy as np
    >>> after, reached = adaptive(
    ...     lambda t, y: -1e6 * y, None, np.ones((1, 1)), np.asarray([1e3]), relative=1e-6, absolute=1e-6,
    ...     most_steps=100)
    >>> bool(reached[0]), abs(float(after[0, 0])) < 1e-6
    (True, True)
    """
    slopes = jacobian if jacobian is not None else forward_differences(rhs)

    def attempt(t: Any, span: Any, before: Any, slope: Any) -> Trial:
        after, error = _step(rhs, slopes, t, span, before, slope, _SMALL * span)
        return Trial(after, rhs(t + span, after), error)

    return stepping.adaptive(
        rhs,
        attempt,
        state,
        duration,
        relative=relative,
        absolute=absolute,
        most_steps=most_steps,
        order=4,
    )


def _step(
    rhs: Derivative, jacobian: Jacobian, t: Any, span: Any, state: Any, slope: Any, later: Any
) -> tuple[Any, Any]:
    """Return the state after one step and its estimated error; `slope` at its start, `later` a small time.

    Stage i solves (1/gamma - h J) k_i = h f(t + alpha_i h, y + sum a_ij k_j) + sum c_ij k_j
    + h**2 gamma_i df/dt.
    """
    xp = namespace(state)
    factors = factor_small(_stage_matrix(jacobian(t, state), span))
    tiny = xp.where(later == 0.0, xp.ones_like(later), later)  # a lot without duration stands still
    by_time = (rhs(t + later, state) - slope) / tiny
    stages: list[Any] = []
    for node, time, places, coupling in zip(_NODES, _TIME, _STAGES, _COUPLING, strict=True):
        right = span * (slope if not stages else rhs(t + node * span, _moved(state, places, stages)))
        right = _moved(right, coupling, stages)
        if time:
            right = right + (time * span * span) * by_time
        stages.append(solve_factored(factors, right))
    fourth = _moved(state, (*_LAST, 1.0, 1.0), stages)
    return fourth, stages[-1]


def _moved(start: Any, weights: tuple[float, ...], stages: list[Any]) -> Any:
    """Return `start` plus the weighted stages, first one first."""
    for weight, stage in zip(weights, stages, strict=True):
        start = start + weight * stage
    return start


def _stage_matrix(jacobian: Any, span: Any) -> Any:
    """Return 1/gamma on the diagonal less span times the Jacobian, shape (c, c, n)."""
    matrix = -span * jacobian
    for i in range(matrix.shape[0]):
        matrix[i, i, :] = matrix[i, i, :] + 1.0 / _GAMMA
    return matrix
