"""Linear transport along a line of cells by the method of lines, implicit in time, for many lots at once.

`tr_bdf2` carries any system dy/dt = A y + b with a tridiagonal A that does not change; `exchange` makes the
A of cells that exchange with their neighbours (heat in a wall, moisture in a granule, a solute in a bead),
so written that what leaves one cell enters the next.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from twin.physics.backend import namespace
from twin.physics.numerics.linear import factor_tridiagonal, solve_factored_tridiagonal

_GAMMA = 2.0 - math.sqrt(2.0)  # both stages have the same matrix


class Tridiagonal(NamedTuple):
    """A of shape (m, n) or (m, 1) a diagonal: row i's elements left of, on and right of the diagonal."""

    lower: Any
    diagonal: Any
    upper: Any


def exchange(conductances: Any, capacities: Any, first: Any = 0.0, last: Any = 0.0) -> Tridiagonal:
    """Return A of cells in a line: C_i dy_i/dt = G_i-1 (y_i-1 - y_i) + G_i (y_i+1 - y_i).

    `conductances` G of shape (m - 1, n) between neighbours, `capacities` C of shape (m, n) of the cells;
    `first` and `last`, shape (n,) or numbers, to surroundings at 0 beyond the two ends, 0 where an end is
    closed. Surroundings at y_s add G y_s / C to b of the end's cell. For cells of width dx and a
    diffusivity D: G = D/dx, C = dx, and 2 D/dx to a surface held at a value, half a cell away.

    >>> import numpy as np
    >>> exchange(np.asarray([[2.0]]), np.asarray([[1.0], [4.0]])).diagonal[:, 0]
    array([-2. , -0.5])
    """
    xp = namespace(conductances, capacities)
    zero = xp.zeros_like(capacities[0, ...])[None, :]
    left = xp.concat([zero, conductances + zero], axis=0) / capacities
    right = xp.concat([conductances + zero, zero], axis=0) / capacities
    diagonal = -(left + right)
    diagonal[0, :] = diagonal[0, :] - first / capacities[0, :]
    diagonal[-1, :] = diagonal[-1, :] - last / capacities[-1, :]
    return Tridiagonal(left, diagonal, right)


def product(matrix: Tridiagonal, state: Any) -> Any:
    """Return A y, shape (m, n), of a tridiagonal A and `state` y of shape (m, n)."""
    xp = namespace(state)
    lower, diagonal, upper = matrix
    zero = xp.zeros_like(state[:1, :])
    before = xp.concat([zero, state[:-1, :]], axis=0)
    after = xp.concat([state[1:, :], zero], axis=0)
    return lower * before + diagonal * state + upper * after


def tr_bdf2(matrix: Tridiagonal, source: Any, state: Any, duration: Any, steps: int) -> Any:
    """Return y at t = `duration` of dy/dt = A y + b after `steps` equal steps; shape (m, n).

    `matrix` A and `source` b, shape (m, n), (m, 1) or a number, do not change with time; `state` y of shape
    (m, n); `duration` of shape (n,) or a number. The trapezoidal rule to a fraction 2 - sqrt(2) of the step
    and the backward differentiation formula of order 2 over the rest: order 2, L-stable, so that what is
    fast dies out and does not swing. The matrix is factored once for all steps.

    M. E. Hosea, L. F. Shampine, "Analysis and implementation of TR-BDF2", Applied Numerical Mathematics 20
    (1996) 21-37, doi 10.1016/0168-9274(95)00115-8.

    >>> import numpy as np
    >>> wall = exchange(np.full((1, 1), 1.0), np.ones((2, 1)))
    >>> np.round(tr_bdf2(wall, 0.0, np.asarray([[1.0], [0.0]]), np.asarray([0.5]), 100)[:, 0], 4)
    array([0.6839, 0.3161])
    """
    xp = namespace(state, duration)
    step = (xp.asarray(duration) + xp.zeros_like(state[0, ...])) / steps
    part = 0.5 * _GAMMA * step
    factors = factor_tridiagonal(-part * matrix.lower, 1.0 - part * matrix.diagonal, -part * matrix.upper)
    weight = 1.0 / (_GAMMA * (2.0 - _GAMMA))
    for _ in range(steps):
        right = state + part * (product(matrix, state) + 2.0 * source)
        between = solve_factored_tridiagonal(factors, right)
        right = state + weight * (between - state) + part * source
        state = solve_factored_tridiagonal(factors, right)
    return state
