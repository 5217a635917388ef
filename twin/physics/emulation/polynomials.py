"""Polynomials in several coordinates, as products of Legendre's, and their fit by least squares.

Known as polynomial chaos. The terms are ordered by total degree, so that one orthogonalisation gives the
fit of every degree up to the highest. Compiled, with sums in a written order: the fit depends neither on a
library for linear algebra nor on its threads. `fitting` chooses the degree.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.physics.kernels.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOST_TERMS = 400
HIGHEST_DEGREE = 6


@dataclass(frozen=True)
class Terms:
    """Products of Legendre polynomials: term i is term `parent[i]` times P of degree `degree[i]` in
    coordinate `coordinate[i]`; the first is 1. Of total degree p and less are the first `up_to[p]`.
    """

    parent: Integers
    coordinate: Integers
    degree: Integers
    up_to: tuple[int, ...]


def terms_of(coordinates: int, points: int) -> Terms:
    """Return the terms that so many points can bear: at least twice as many points as terms.

    >>> terms_of(2, 20).up_to
    (1, 3, 6, 10)
    """
    bearable = min(MOST_TERMS, points // 2)
    found: dict[tuple[int, ...], int] = {(): 0}
    rows: list[tuple[int, int, int]] = [(0, 0, 0)]
    up_to = [1]
    for total in range(1, HIGHEST_DEGREE + 1 if coordinates else 1):
        more = list(itertools.combinations_with_replacement(range(coordinates), total))
        if len(rows) + len(more) > bearable:
            break
        for factors in more:
            last = factors[-1]
            others = tuple(f for f in factors if f != last)
            found[factors] = len(rows)
            rows.append((found[others], last, len(factors) - len(others)))
        up_to.append(len(rows))
    table = np.array(rows, dtype=np.int64)
    parent, coordinate, degree = (np.ascontiguousarray(table[:, i]) for i in range(3))
    return Terms(parent, coordinate, degree, tuple(up_to))


@compiled
def values_of(parent: Integers, coordinate: Integers, degree: Integers, at: Floats) -> Floats:
    """Return the terms' values, (terms, n), at coordinates, (d, n)."""
    found = np.empty((parent.size, at.shape[1]))
    found[0] = 1.0
    for i in range(1, parent.size):
        t, k = at[coordinate[i]], degree[i]
        for lot in range(at.shape[1]):
            before, now = 1.0, t[lot]
            for j in range(2, k + 1):
                before, now = now, ((2 * j - 1) * t[lot] * now - (j - 1) * before) / j
            found[i, lot] = found[parent[i], lot] * now
    return found


@compiled
def orthogonalised(values: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return the triangle R, (m, m), and the targets' components C, (m, k), of a fit by least squares.

    `values` (m, n) of the terms and `targets` (k, n) are overwritten. The coefficients of the first p terms
    solve R[:p, :p] a = C[:p]: modified Gram and Schmidt. A term that those before it make up gets none.
    """
    m, n = values.shape
    triangle, components = np.zeros((m, m)), np.zeros((m, targets.shape[0]))
    for i in range(m):
        before = _dot(values[i], values[i])
        length = np.sqrt(before)
        if not length > 1e-10 * np.sqrt(n):
            triangle[i, i] = 1.0
            values[i] = 0.0
            continue
        triangle[i, i] = length
        for p in range(n):
            values[i, p] /= length
        for j in range(i + 1, m):
            triangle[i, j] = _take(values[i], values[j])
        for j in range(targets.shape[0]):
            components[i, j] = _take(values[i], targets[j])
    return triangle, components


@compiled
def solved(triangle: Floats, components: Floats, count: int) -> Floats:
    """Return the coefficients, (m, k), of a fit with the first `count` terms; the others' are 0."""
    found = np.zeros_like(components)
    for j in range(components.shape[1]):
        for i in range(count - 1, -1, -1):
            rest = components[i, j]
            for p in range(i + 1, count):
                rest -= triangle[i, p] * found[p, j]
            found[i, j] = rest / triangle[i, i]
    return found


@compiled
def combined(coefficients: Floats, values: Floats) -> Floats:
    """Return the polynomials, (k, n), with coefficients (m, k) on the terms' values (m, n)."""
    found = np.zeros((coefficients.shape[1], values.shape[1]))
    for i in range(values.shape[0]):
        for j in range(coefficients.shape[1]):
            weight = coefficients[i, j]
            if weight != 0.0:
                for p in range(values.shape[1]):
                    found[j, p] += weight * values[i, p]
    return found


@compiled
def _dot(a: Floats, b: Floats) -> float:
    """Return a scalar product: four sums, each first element first, then added."""
    s0 = s1 = s2 = s3 = 0.0
    whole = a.size - a.size % 4
    for p in range(0, whole, 4):
        s0 += a[p] * b[p]
        s1 += a[p + 1] * b[p + 1]
        s2 += a[p + 2] * b[p + 2]
        s3 += a[p + 3] * b[p + 3]
    for p in range(whole, a.size):
        s0 += a[p] * b[p]
    return (s0 + s1) + (s2 + s3)


@compiled
def _take(direction: Floats, vector: Floats) -> float:
    """Take a vector's component along a unit `direction` out of it, and return it."""
    along = _dot(direction, vector)
    for p in range(vector.size):
        vector[p] -= along * direction[p]
    return along
