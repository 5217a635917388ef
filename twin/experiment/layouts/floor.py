"""Metres along the aisles between many points at once: the ways of `twin.plant.layout`, as arrays.

A way goes straight to the nearest point of the aisles, along them, and straight to its end. Between two gates
on one stretch it is their distance; else it leaves its stretch at either end, and the shortest ways between
ends are known beforehand. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from twin.plant.aisles import stretches
from twin.plant.layout import PlacedUnit, corners

Array = NDArray[np.float64]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # least x, least y, greatest x, greatest y


@dataclass(frozen=True)
class Floor:
    """The aisles' stretches, (s, 2, 2), the numbers of their ends, (s, 2), and metres between ends, (n,
    n).
    """

    stretches: Array
    ends: NDArray[np.int64]
    between: Array

    def distances(self, points: Array) -> Array:
        """Metres between all of (p, 2) points, (p, p); infinite where aisles do not connect."""
        if len(self.stretches) == 0:
            return np.asarray(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
        on, along, aside = self._gates(points)
        lengths = np.hypot(*(self.stretches[:, 1] - self.stretches[:, 0]).T)
        to_ends = np.stack([along, lengths[on] - along], axis=1)
        ways = np.full((len(points), len(points)), np.inf)
        for a in (0, 1):
            for b in (0, 1):
                way = self.between[np.ix_(self.ends[on, a], self.ends[on, b])]
                way += to_ends[:, a, None]
                way += to_ends[None, :, b]
                np.minimum(ways, way, out=ways)
        straight = np.where(on[:, None] == on[None, :], abs(along[:, None] - along[None, :]), np.inf)
        np.minimum(ways, straight, out=ways)
        ways += aside[:, None]
        ways += aside[None, :]
        ways[(points[:, None] == points[None]).all(axis=2)] = 0.0
        return ways

    def _gates(self, points: Array) -> tuple[NDArray[np.int64], Array, Array]:
        """For each point: the nearest stretch, how far along it the nearest point lies, and how far away."""
        start, vector = self.stretches[:, 0], self.stretches[:, 1] - self.stretches[:, 0]
        square = np.maximum((vector**2).sum(axis=1), 1e-18)
        part = np.clip(((points[:, None] - start) * vector).sum(axis=2) / square, 0.0, 1.0)
        nearest = start + part[:, :, None] * vector
        away = np.hypot(*(points[:, None] - nearest).transpose(2, 0, 1))
        on = np.argmin(np.round(away, 9), axis=1)
        rows = np.arange(len(points))
        return on, part[rows, on] * np.sqrt(square[on]), away[rows, on]


def floor_of(aisles: Sequence[Sequence[Point]]) -> Floor:
    """The floor of a plant with these aisles; straight lines where there are none."""
    cut = stretches(aisles)
    nodes = {point: number for number, point in enumerate(dict.fromkeys(p for pair in cut for p in pair))}
    ends = np.array([[nodes[a], nodes[b]] for a, b in cut], dtype=np.int64).reshape(-1, 2)
    lengths = [math.dist(a, b) for a, b in cut]
    graph = coo_array((lengths, (ends[:, 0], ends[:, 1])), shape=(len(nodes), len(nodes)))
    between = dijkstra(graph.tocsr(), directed=False) if cut else np.zeros((0, 0))
    return Floor(np.array(cut).reshape(-1, 2, 2), ends, between)


def box_of(unit: PlacedUnit) -> Box:
    """The footprint's box along the axes; larger than the footprint where that is turned by no right
    angle.
    """
    points = corners(unit)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def gap(a: Box, b: Box) -> float:
    """Metres between two boxes; negative by how far they overlap.

    >>> gap((0, 0, 1, 1), (3, 0, 4, 1)), gap((0, 0, 2, 2), (1, 0, 4, 2))
    (2, -1)
    """
    x = max(a[0] - b[2], b[0] - a[2])
    y = max(a[1] - b[3], b[1] - a[3])
    return math.hypot(x, y) if x > 0 and y > 0 else max(x, y)


def gaps_to_aisles(boxes: Sequence[Box], cut: Array) -> Array:
    """Metres from each box to the nearest stretch of the aisles; 0 where one crosses it, infinite without
    any.

    Where they do not cross, the shortest way begins at an end of the stretch or at a corner of the box.
    """
    if len(cut) == 0:
        return np.full(len(boxes), np.inf)
    sides = np.array(boxes).reshape(-1, 1, 4)
    low, high = sides[..., :2], sides[..., 2:]
    start, vector = cut[None, :, 0], (cut[:, 1] - cut[:, 0])[None]
    nearest = np.full((len(boxes), len(cut)), np.inf)
    for end in (start, start + vector):
        outside = np.maximum(np.maximum(low - end, end - high), 0.0)
        nearest = np.minimum(nearest, np.hypot(outside[..., 0], outside[..., 1]))
    square = np.maximum((vector**2).sum(axis=2), 1e-18)
    for x, y in ((0, 1), (0, 3), (2, 1), (2, 3)):
        corner = sides[..., [x, y]]
        part = np.clip(((corner - start) * vector).sum(axis=2) / square, 0.0, 1.0)
        away = corner - start - part[..., None] * vector
        nearest = np.minimum(nearest, np.hypot(away[..., 0], away[..., 1]))
    return np.asarray(np.where(_cross(low, high, start, vector), 0.0, nearest).min(axis=1))


def _cross(low: Array, high: Array, start: Array, vector: Array) -> NDArray[np.bool_]:
    """Whether segments pass through boxes: the parts of them within both strips have something in common."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (low - start) / vector, (high - start) / vector
    across = vector != 0
    between = (low <= start) & (start <= high)  # for a segment along one axis
    begin = np.where(across, np.fmin(one, two), np.where(between, -np.inf, np.inf)).max(axis=2)
    end = np.where(across, np.fmax(one, two), np.where(between, np.inf, -np.inf)).min(axis=2)
    return np.asarray(np.maximum(begin, 0.0) <= np.minimum(end, 1.0))
