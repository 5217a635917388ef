"""A Gaussian process for what a polynomial leaves over, with one length of correlation for each coordinate.

Covariance is rational quadratic of exponent 1, 1/(1 + q) with q = Σ ((s - t)/l)², plus a nugget on the
diagonal: as exact here as Matérn's of order 5/2 and, without root and exponential, several times faster.
Lengths and nugget maximise the likelihood, its variance being the one that fits best. C. E. Rasmussen, C.
K. I. Williams, Gaussian Processes for Machine Learning, MIT Press (2006), equations 4.19 and 5.9. Compiled,
with sums in a written order, like `polynomials`. `fitting` decides where one is worth its price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from twin.physics.kernels.compiled import compiled

Floats = npt.NDArray[np.float64]

LENGTHS = (0.3, 150.0)  # of correlation, where a coordinate has a width of 2
NUGGETS = (1e-8, 0.1)  # over the variance
ITERATIONS = 30


@dataclass(frozen=True)
class Correlation:
    """Lengths of correlation, shape (d,), and the nugget over the variance."""

    lengths: Floats
    nugget: float


def likeliest(at: Floats, rest: Floats) -> Correlation:
    """Return the correlation that makes what is left over, `rest` (n,) at points `at` (n, d), likeliest."""
    size = float(np.sqrt(np.mean(rest * rest)))
    start = np.log([*np.full(at.shape[1], 3.0), 1e-4])
    if not size > 0:
        return Correlation(np.exp(start[:-1]), 1e-4)
    limits = [LENGTHS] * at.shape[1] + [NUGGETS]
    bounds = optimize.Bounds(np.log([low for low, _ in limits]), np.log([high for _, high in limits]))

    def unlikeliness(words: Floats) -> tuple[float, Floats]:
        found: tuple[float, Floats] = _unlikeliness(at, rest / size, np.exp(words))
        return found

    found = optimize.minimize(
        unlikeliness,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": ITERATIONS},
    )
    words = np.exp(found.x)
    return Correlation(words[:-1], float(words[-1]))


def weights(at: Floats, rest: Floats, correlation: Correlation) -> Floats:
    """Return the weights, (n,), with which the covariances to the points add up to the prediction."""
    found: Floats = _weights(at, rest, correlation.lengths, correlation.nugget)
    return found


@compiled
def predicted(at: Floats, weight: Floats, lengths: Floats, where: Floats) -> Floats:
    """Return the process, (m,), at `where` (m, d), from points `at` (n, d) and their weights (n,)."""
    found = np.zeros(where.shape[0])
    for lot in range(where.shape[0]):
        for i in range(at.shape[0]):
            found[lot] += weight[i] * _alike(at[i], where[lot], lengths)
    return found


@compiled
def _weights(at: Floats, rest: Floats, lengths: Floats, nugget: float) -> Floats:
    return _solve(_cholesky(_covariance(at, lengths, nugget)), rest)


@compiled
def _unlikeliness(at: Floats, rest: Floats, words: Floats) -> tuple[float, Floats]:
    """Return minus the logarithm of the likelihood, and its slopes by the logarithms of `words`: lengths,
    nugget.
    """
    n, d = at.shape
    lengths, nugget = words[:d], float(words[d])
    upper = _cholesky(_covariance(at, lengths, nugget))
    weight = _solve(upper, rest)
    inverse = _inverse(upper)
    variance = 0.0
    for i in range(n):
        variance += rest[i] * weight[i]
    variance /= n
    value = 0.5 * n * np.log(variance)
    slopes = np.zeros(d + 1)
    for i in range(n):
        value += np.log(upper[i, i])
        slopes[d] += 0.5 * nugget * (inverse[i, i] - weight[i] * weight[i] / variance)
        for j in range(i):
            alike = _alike(at[i], at[j], lengths)
            pull = 2.0 * (inverse[i, j] - weight[i] * weight[j] / variance) * alike * alike
            for k in range(d):
                apart = (at[i, k] - at[j, k]) / lengths[k]
                slopes[k] += pull * apart * apart
    return value, slopes


@compiled
def _alike(a: Floats, b: Floats, lengths: Floats) -> float:
    """Return the correlation of two points."""
    square = 0.0
    for k in range(a.size):
        apart = (a[k] - b[k]) / lengths[k]
        square += apart * apart
    return 1.0 / (1.0 + square)


@compiled
def _covariance(at: Floats, lengths: Floats, nugget: float) -> Floats:
    """Return the upper triangle of the covariances, (n, n), over the variance."""
    n = at.shape[0]
    found = np.zeros((n, n))
    for i in range(n):
        found[i, i] = 1.0 + nugget
        for j in range(i + 1, n):
            found[i, j] = _alike(at[i], at[j], lengths)
    return found


@compiled
def _cholesky(matrix: Floats) -> Floats:
    """Turn the upper triangle of a positive definite matrix into U with Uᵀ U = matrix, and return it."""
    n = matrix.shape[0]
    for k in range(n):
        pivot = np.sqrt(max(matrix[k, k], 1e-14))
        matrix[k, k] = pivot
        for j in range(k + 1, n):
            matrix[k, j] /= pivot
        for i in range(k + 1, n):
            factor = matrix[k, i]
            for j in range(i, n):
                matrix[i, j] -= factor * matrix[k, j]
    return matrix


@compiled
def _solve(upper: Floats, right: Floats) -> Floats:
    """Return x of Uᵀ U x = right."""
    n = right.size
    found = right.copy()
    for i in range(n):
        found[i] /= upper[i, i]
        for j in range(i + 1, n):
            found[j] -= upper[i, j] * found[i]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            found[i] -= upper[i, j] * found[j]
        found[i] /= upper[i, i]
    return found


@compiled
def _inverse(upper: Floats) -> Floats:
    """Return the lower triangle of (Uᵀ U)⁻¹."""
    n = upper.shape[0]
    own = np.zeros((n, n))  # U⁻¹
    for i in range(n - 1, -1, -1):
        own[i, i] = 1.0
        for k in range(i + 1, n):
            factor = upper[i, k]
            for j in range(k, n):
                own[i, j] -= factor * own[k, j]
        for j in range(i, n):
            own[i, j] /= upper[i, i]
    found = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, n):
                total += own[i, k] * own[j, k]
            found[i, j] = total
    return found
