"""Small linear systems, one for each lot, solved by operations written out in fixed order.

No BLAS and no LAPACK: their order of summation depends on the machine and on the batch. Matrices have shape
(m, m, n), right sides (m, n), lots last. A singular matrix gives its own lot numbers that are not finite,
and leaves the others alone. Where a matrix serves several right sides it is factored once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from twin.physics.backend import namespace


class Factors(NamedTuple):
    """A matrix as permuted lower times upper triangle: `triangles` (m, m, n), and `order` (m, n) of rows."""

    triangles: Any
    order: Any


class TridiagonalFactors(NamedTuple):
    """A tridiagonal matrix after elimination: shape (m, n) or (m, 1) each; `scaled` is upper over pivot."""

    lower: Any
    pivots: Any
    scaled: Any


def factor_small(matrix: Any) -> Factors:
    """Return the factors of `matrix`, shape (m, m, n): Gaussian elimination with partial pivoting.

    Each lot chooses its own pivots: the row with the largest element in the column, the first among equals.
    The work is m**3/3 multiplications a lot, whatever the numbers.

    G. H. Golub, C. F. Van Loan, Matrix Computations, section 3.4.
    """
    xp = namespace(matrix)
    size, lots = matrix.shape[0], matrix.shape[2]
    left = xp.asarray(matrix, copy=True)
    rows = xp.arange(size, dtype=xp.int64)
    order = xp.asarray(xp.broadcast_to(rows[:, None], (size, lots)), copy=True)
    for k in range(size - 1):
        pivot = xp.argmax(xp.abs(left[k:, k, :]), axis=0) + k
        row, place = +left[k, ...], +order[k, ...]
        for i in range(k + 1, size):
            here = pivot == i
            left[k, ...] = xp.where(here[None, :], left[i, ...], left[k, ...])
            left[i, ...] = xp.where(here[None, :], row, left[i, ...])
            order[k, ...] = xp.where(here, order[i, ...], order[k, ...])
            order[i, ...] = xp.where(here, place, order[i, ...])
        left[k + 1 :, k, :] = left[k + 1 :, k, :] / left[k, k, :][None, :]
        below = left[k + 1 :, k, :]
        left[k + 1 :, k + 1 :, :] = (
            left[k + 1 :, k + 1 :, :] - below[:, None, :] * left[k, k + 1 :, :][None, ...]
        )
    return Factors(left, order)


def solve_factored(factors: Factors, right: Any) -> Any:
    """Return x of shape (m, n) with A x = `right`, shape (m, n), for the A that was factored."""
    xp = namespace(right)
    triangles = factors.triangles
    size = triangles.shape[0]
    x = xp.take_along_axis(right, factors.order, axis=0)
    for k in range(size - 1):
        x[k + 1 :, :] = x[k + 1 :, :] - triangles[k + 1 :, k, :] * x[k, :][None, :]
    for k in range(size - 1, -1, -1):
        x[k, :] = x[k, :] / triangles[k, k, :]
        x[:k, :] = x[:k, :] - triangles[:k, k, :] * x[k, :][None, :]
    return x


def solve_small(matrix: Any, right: Any) -> Any:
    """Return x of shape (m, n) with `matrix` x = `right`, of shapes (m, m, n) and (m, n).

    Elimination with partial pivoting, chosen lot by lot; see `factor_small`.

    >>> import numpy as np
    >>> matrix = np.asarray([[0.0, 2.0], [4.0, 1.0]])[:, :, None]
    >>> solve_small(matrix, np.asarray([[6.0], [11.0]]))[:, 0]
    array([2., 3.])
    """
    return solve_factored(factor_small(matrix), right)


def factor_tridiagonal(lower: Any, diagonal: Any, upper: Any) -> TridiagonalFactors:
    """Return the factors of a tridiagonal matrix by Thomas's elimination, which does not pivot.

    `lower`, `diagonal`, `upper` of shape (m, n), or (m, 1) where lots share them: the elements of row i left
    of, on and right of the diagonal; `lower[0]` and `upper[m - 1]` stand outside the matrix and are not
    used. Safe where the diagonal dominates, as in implicit diffusion and upwind convection; otherwise a
    pivot may vanish and that lot's answer is not finite or not accurate.
    """
    xp = namespace(lower, diagonal, upper)
    lower, diagonal, upper = xp.broadcast_arrays(lower, diagonal, upper)
    size = diagonal.shape[0]
    pivots, scaled = xp.asarray(diagonal, copy=True), xp.zeros_like(diagonal)
    for i in range(size):
        if i:
            pivots[i, :] = diagonal[i, :] - lower[i, :] * scaled[i - 1, :]
        if i < size - 1:
            scaled[i, :] = upper[i, :] / pivots[i, :]
    return TridiagonalFactors(lower, pivots, scaled)


def solve_factored_tridiagonal(factors: TridiagonalFactors, right: Any) -> Any:
    """Return x of shape (m, n) with A x = `right`, shape (m, n), for the tridiagonal A that was factored."""
    xp = namespace(right)
    lower, pivots, scaled = factors
    x = xp.asarray(right, copy=True)
    size = x.shape[0]
    x[0, :] = x[0, :] / pivots[0, :]
    for i in range(1, size):
        x[i, :] = (x[i, :] - lower[i, :] * x[i - 1, :]) / pivots[i, :]
    for i in range(size - 2, -1, -1):
        x[i, :] = x[i, :] - scaled[i, :] * x[i + 1, :]
    return x


def solve_tridiagonal(lower: Any, diagonal: Any, upper: Any, right: Any) -> Any:
    """Return x of shape (m, n) with lower[i] x[i-1] + diagonal[i] x[i] + upper[i] x[i+1] = right[i].

    Arguments and safety: as `factor_tridiagonal`.

    >>> import numpy as np
    >>> ones = np.ones((3, 1))
    >>> solve_tridiagonal(-ones, 2.0 * ones, -ones, np.asarray([[0.0], [0.0], [4.0]]))[:, 0]
    array([1., 2., 3.])
    """
    return solve_factored_tridiagonal(factor_tridiagonal(lower, diagonal, upper), right)
