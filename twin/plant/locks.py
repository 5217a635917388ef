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

Passing = tuple[float, int]  # metres from the start of the way, number of the airlock in file order


def passings(plant: Plant, way: Sequence[Point]) -> tuple[Passing, ...]:
    """The airlocks on a way, in order; empty where none lies between the areas that it crosses."""
    locks = [] if plant.transport is None else list(plant.transport.airlocks.values())
    found: list[Passing] = []
    stretches = areas_along(plant, way)
    for (_, before), (start, after) in pairwise(stretches):
        for number, lock in enumerate(locks):
            if {before, after} == set(lock.between):
                found.append((start, number))
                break
    return tuple(found)


def areas_along(plant: Plant, way: Sequence[Point]) -> list[tuple[float, str]]:
    """The areas that a way goes through: where each begins, in metres from the start, and its name."""
    outlines = {name: area.outline for name, area in plant.layout.areas.items()}
    walls = [(a, b) for outline in outlines.values() for a, b in pairwise([*outline, outline[0]])]
    found: list[tuple[float, str]] = []
    gone = 0.0
    for a, b in pairwise(way):
        length = math.dist(a, b)
        near = [wall for wall in walls if _boxes_meet((a, b), wall)]
        cuts = {math.dist(a, point) for wall in near for point in meeting_points((a, b), wall)}
        stops = sorted({0.0, length, *(cut for cut in cuts if 0.0 < cut < length)})
        for start, end in pairwise(stops):
            share = (start + end) / (2 * length)
            middle = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            area = next((name for name, outline in outlines.items() if inside(middle, outline)), OUTSIDE)
            if not found or found[-1][1] != area:
                found.append((gone + start, area))
        gone += length
    return found


def _boxes_meet(a: Segment, b: Segment) -> bool:
    """Whether the boxes around two segments meet: only then can they; few walls are near a way."""
    return all(
        min(a[0][axis], a[1][axis]) <= max(b[0][axis], b[1][axis]) + TOUCH
        and min(b[0][axis], b[1][axis]) <= max(a[0][axis], a[1][axis]) + TOUCH
        for axis in (0, 1)
    )
