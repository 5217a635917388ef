"""Where the ways between places pass from one area to another, and through which airlocks.

Called by the compiler. A way is cut where it crosses the outline of an area; what is in no area is `outside`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from twin.plant.aisles import TOUCH, Segment, meeting_points
from twin.plant.footprints import Point, inside
from twin.plant.schema import Plant

OUTSIDE = "outside"

Box = tuple[float, float, float, float]  # m: least and greatest x, least and greatest y
Passing = tuple[float, int]  # metres from the start of the way, number of the airlock in file order


class Rooms:
    """The areas of a plant and the airlocks between them; ways share segments, each of which is cut once."""

    def __init__(self, plant: Plant) -> None:
        self._locks = [] if plant.transport is None else list(plant.transport.airlocks.values())
        self._outlines = {name: area.outline for name, area in plant.layout.areas.items()}
        self._boxes = {name: _box(outline) for name, outline in self._outlines.items()}
        walls = ((a, b) for outline in self._outlines.values() for a, b in pairwise([*outline, outline[0]]))
        self._walls = [(wall, _box(wall)) for wall in walls]
        self._cut: dict[Segment, list[tuple[float, str]]] = {}

    def passings(self, way: Sequence[Point]) -> tuple[Passing, ...]:
        """The airlocks on a way, in order; empty where none lies between the areas that it crosses."""
        found: list[Passing] = []
        for (_, before), (start, after) in pairwise(self.along(way)):
            for number, lock in enumerate(self._locks):
                if {before, after} == set(lock.between):
                    found.append((start, number))
                    break
        return tuple(found)

    def along(self, way: Sequence[Point]) -> list[tuple[float, str]]:
        """The areas that a way goes through: where each begins, in metres from the start, and its name."""
        found: list[tuple[float, str]] = []
        gone = 0.0
        for segment in pairwise(way):
            if segment not in self._cut:
                self._cut[segment] = self._areas_on(segment)
            for start, area in self._cut[segment]:
                if not found or found[-1][1] != area:
                    found.append((gone + start, area))
            gone += math.dist(*segment)
        return found

    def _areas_on(self, segment: Segment) -> list[tuple[float, str]]:
        a, b = segment
        length = math.dist(a, b)
        own = _box(segment)
        near = [wall for wall, box in self._walls if _meet(own, box)]
        cuts = {math.dist(a, point) for wall in near for point in meeting_points(segment, wall)}
        stops = sorted({0.0, length, *(cut for cut in cuts if 0.0 < cut < length)})
        found = []
        for start, end in pairwise(stops):
            share = (start + end) / (2 * length)
            middle = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            found.append((start, self._area_at(middle)))
        return found

    def _area_at(self, point: Point) -> str:
        """The first area that a point lies in."""
        own = _box([point])
        areas = (name for name, box in self._boxes.items() if _meet(own, box))
        return next((name for name in areas if inside(point, self._outlines[name])), OUTSIDE)


def _box(points: Sequence[Point]) -> Box:
    """What holds points: their least and greatest x and y."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), max(xs), min(ys), max(ys)


def _meet(a: Box, b: Box) -> bool:
    """Whether two boxes meet: only then can what they hold; few walls are near a way."""
    return a[0] <= b[1] + TOUCH and b[0] <= a[1] + TOUCH and a[2] <= b[3] + TOUCH and b[2] <= a[3] + TOUCH
