"""The aisles as a network, and the ways that transport takes along them.

A way goes straight from a unit's centre to the nearest point of the aisles, along them, and straight to the
other centre. Aisles join where they touch or cross. Without aisles the way is the straight line.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Segment = tuple[Point, Point]
Graph = Mapping[Point, Mapping[Point, float]]  # metres to each neighbour

TOUCH = 1e-6  # m; points nearer than this are one


@dataclass(frozen=True)
class Way:
    """A way along the aisles: its length in m and its corners, both ends included."""

    length: float
    points: tuple[Point, ...]


class Network:
    """The aisles of one plant, and the places that transport visits."""

    def __init__(self, aisles: Sequence[Sequence[Point]], places: Sequence[Point]) -> None:
        """`places` are the points between which ways will be asked for."""
        self._gates = {place: _nearest(place, aisles) for place in places} if aisles else {}
        self._graph = _graph(aisles, list(self._gates.values()))
        self._ways: dict[Point, tuple[dict[Point, float], dict[Point, Point]]] = {}  # from gates

    def lengths_from(self, start: Point, ends: Sequence[Point]) -> list[float]:
        """Lengths in m of the ways from `start` to each of `ends`; infinite where aisles do not connect."""
        if not self._gates:
            return [math.dist(start, end) for end in ends]
        gate = self._gates[start]
        along, _ = self._from(_same(gate))
        return [
            0.0
            if end == start
            else math.dist(start, gate) + along.get(_same(out), math.inf) + math.dist(out, end)
            for end, out in ((end, self._gates[end]) for end in ends)
        ]

    def way(self, start: Point, end: Point) -> Way:
        """The shortest way between two places. Raises `ValueError` where the aisles do not connect them."""
        if start == end:
            return Way(0.0, (start,))
        if not self._gates:
            return Way(math.dist(start, end), (start, end))
        into, out = _same(self._gates[start]), _same(self._gates[end])
        _, before = self._from(into)
        if out not in before:
            raise ValueError(f"the aisles do not connect {start} and {end}")
        along = [out]
        while along[-1] != into:
            along.append(before[along[-1]])
        points = _corners([start, *reversed(along), end])
        return Way(sum(math.dist(a, b) for a, b in pairwise(points)), tuple(points))

    def _from(self, gate: Point) -> tuple[dict[Point, float], dict[Point, Point]]:
        """What `shortest` says of a gate; found once."""
        if gate not in self._ways:
            self._ways[gate] = shortest(self._graph, gate)
        return self._ways[gate]


def shortest(graph: Graph, start: Point) -> tuple[dict[Point, float], dict[Point, Point]]:
    """Lengths in m of the shortest ways from a node to all that it is connected with, and the node before
    each on its way, `start` before itself. Dijkstra's method; of equal ways the one that was found first.

    >>> a, b, c = (0.0, 0.0), (3.0, 0.0), (3.0, 4.0)
    >>> lengths, before = shortest({a: {b: 3.0, c: 9.0}, b: {a: 3.0, c: 4.0}, c: {}}, a)
    >>> lengths[c], before[c] == b
    (7.0, True)
    """
    lengths: dict[Point, float] = {}
    before: dict[Point, Point] = {}
    found = 0
    edge = [(0.0, found, start, start)]
    while edge:
        length, _, node, last = heapq.heappop(edge)
        if node in lengths:
            continue
        lengths[node], before[node] = length, last
        for neighbour, step in graph[node].items():
            if neighbour not in lengths:
                found += 1
                heapq.heappush(edge, (length + step, found, neighbour, node))
    return lengths, before


def nearest_on(segment: Segment, point: Point) -> Point:
    """The point of a segment that is nearest to `point`.

    >>> nearest_on(((0.0, 0.0), (10.0, 0.0)), (3.0, 4.0))
    (3.0, 0.0)
    """
    (x1, y1), (x2, y2) = segment
    dx, dy = x2 - x1, y2 - y1
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((point[0] - x1) * dx + (point[1] - y1) * dy) / square
    along = min(max(along, 0.0), 1.0)
    return x1 + along * dx, y1 + along * dy


def meeting_points(a: Segment, b: Segment) -> list[Point]:
    """Where two segments cross or touch: ends of one on the other, or the crossing."""
    found = [end for end in a if math.dist(end, nearest_on(b, end)) <= TOUCH]
    found += [end for end in b if math.dist(end, nearest_on(a, end)) <= TOUCH]
    if found:
        return found
    (x1, y1), (x2, y2) = a
    (x3, y3), (x4, y4) = b
    turn = (x2 - x1) * (y4 - y3) - (y2 - y1) * (x4 - x3)
    if turn == 0:
        return []
    along_a = ((x3 - x1) * (y4 - y3) - (y3 - y1) * (x4 - x3)) / turn
    along_b = ((x3 - x1) * (y2 - y1) - (y3 - y1) * (x2 - x1)) / turn
    if 0 < along_a < 1 and 0 < along_b < 1:
        return [(x1 + along_a * (x2 - x1), y1 + along_a * (y2 - y1))]
    return []


def _corners(points: Sequence[Point]) -> list[Point]:
    """The points of a polyline without repeated ones and without those on a straight stretch."""
    kept: list[Point] = [points[0]]
    for point in points[1:]:
        if math.dist(point, kept[-1]) <= TOUCH:
            continue
        if len(kept) > 1 and math.dist(kept[-1], nearest_on((kept[-2], point), kept[-1])) <= TOUCH:
            kept.pop()
        kept.append(point)
    return kept


def _segments(aisles: Sequence[Sequence[Point]]) -> Iterator[Segment]:
    for aisle in aisles:
        yield from pairwise(aisle)


def _nearest(place: Point, aisles: Sequence[Sequence[Point]]) -> Point:
    return min(
        (nearest_on(segment, place) for segment in _segments(aisles)),
        key=lambda point: math.dist(point, place),
    )


def _same(point: Point) -> Point:
    """The node of a point: points within a micrometre are one."""
    return round(point[0], 6) + 0.0, round(point[1], 6) + 0.0


def _graph(aisles: Sequence[Sequence[Point]], gates: Sequence[Point]) -> Graph:
    """Nodes at ends, crossings and gates, each with its neighbours on a segment and how far they are."""
    graph: dict[Point, dict[Point, float]] = {}
    for ordered in _stops(list(_segments(aisles)), gates):
        for point in ordered:
            graph.setdefault(point, {})
        for a, b in pairwise(ordered):
            graph[a][b] = graph[b][a] = math.dist(a, b)
    return graph


def stretches(aisles: Sequence[Sequence[Point]]) -> list[Segment]:
    """The aisles cut where they end, touch or cross: straight stretches that share only ends, in file order.

    >>> stretches([[(0.0, 0.0), (4.0, 0.0)], [(1.0, 0.0), (1.0, 2.0)]])
    [((0.0, 0.0), (1.0, 0.0)), ((1.0, 0.0), (4.0, 0.0)), ((1.0, 0.0), (1.0, 2.0))]
    """
    return [pair for ordered in _stops(list(_segments(aisles)), ()) for pair in pairwise(ordered)]


def _stops(segments: Sequence[Segment], gates: Sequence[Point]) -> list[list[Point]]:
    """For each segment its nodes, from its beginning to its end."""
    stops: list[set[Point]] = [{_same(a), _same(b)} for a, b in segments]
    for i, first in enumerate(segments):
        for j in range(i + 1, len(segments)):
            meeting = {_same(point) for point in meeting_points(first, segments[j])}
            stops[i] |= meeting
            stops[j] |= meeting
        stops[i] |= {_same(gate) for gate in gates if math.dist(gate, nearest_on(first, gate)) <= TOUCH}
    return [
        sorted(points, key=lambda point: math.dist(point, segment[0]))
        for segment, points in zip(segments, stops, strict=True)
    ]
