"""How near a lot is to where the model does not hold, as a score that a polynomial gives.

The score is fitted to 1 where the model held and -1 where it did not, over all points of a design. A lot
may be emulated if its score is clearly higher than that of failed points, each judged by a fit in which it
had no part. A few failed points among many may lie apart from where the score falls: each of them keeps
lots at a distance, that of the nearest point where the model held. `design` uses it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.physics.emulation import polynomials
from twin.physics.emulation.fitting import held_out
from twin.physics.emulation.polynomials import Floats, Terms

DEGREE = 2  # at most, of the score
APART = 0.02  # of the failed points, at most, may lie apart
CAUTION = 0.25  # of the way from the middle to the highest of the others' scores, that a lot must be above it


@dataclass(frozen=True)
class Border:
    """The score's coefficients, (m,), and the least score of a lot that may be emulated; failed points
    `apart` (f, d) and the distances, (f,), that they keep; and which of the design's points are clear of
    all that, (n,).
    """

    coefficients: Floats
    least: float
    apart: Floats
    distances: Floats
    clear: npt.NDArray[np.bool_]


def border_of(at: Floats, holds: npt.NDArray[np.bool_], terms: Terms) -> Border:
    """Return the border between points (d, n) where a model holds, (n,), and where it does not."""
    nobody = np.empty((0, at.shape[0]))
    if holds.all():
        return Border(np.zeros(terms.parent.size), -1.0, nobody, np.empty(0), holds)
    if not holds.any():
        return Border(np.zeros(terms.parent.size), 1.0, nobody, np.empty(0), holds)
    values = polynomials.values_of(terms.parent, terms.coordinate, terms.degree, at)
    target = np.where(holds, 1.0, -1.0)[None, :]
    judged = held_out(values, target, terms)
    whole = polynomials.orthogonalised(values.copy(), target.copy())
    found: list[Border] = []
    for degree, count in enumerate(terms.up_to[: DEGREE + 1]):
        coefficients = polynomials.solved(*whole, count)[:, 0]
        own = polynomials.combined(coefficients[:, None], values)[0]
        failed = np.sort(np.maximum(own, judged[degree, 0])[~holds])
        highest = float(failed[-1 - int(APART * failed.size)])
        least = float(np.nextafter(highest + CAUTION * (highest - float(failed[failed.size // 2])), np.inf))
        alone = ~holds & (np.maximum(own, judged[degree, 0]) >= least)
        apart = np.ascontiguousarray(at[:, alone].T)
        distances = np.array([_nearest(point, at[:, holds]) for point in apart])
        clear = holds & (own >= least)
        for point, distance in zip(apart, distances, strict=True):
            clear &= _distances(point, at) > distance
        found.append(Border(coefficients, least, apart, distances, clear))
    return max(found, key=lambda border: int(border.clear.sum()))


def _distances(point: Floats, at: Floats) -> Floats:
    square = np.zeros(at.shape[1])
    for k in range(at.shape[0]):
        square += (at[k] - point[k]) ** 2
    return np.sqrt(square)


def _nearest(point: Floats, at: Floats) -> float:
    return float(np.min(_distances(point, at))) if at.size else math.inf
