"""Where units may stand: inside areas, clear of each other and of the aisles, near or far from what they must
be.

A rule is never stricter than the present layout keeps it: where units stand closer today than the clearance
asks for, that gap is the one to be kept, so that the present layout always fits. Footprints turned by other
than right angles count with the box around them. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from twin.experiment.layouts.floor import Array, Box, Point, box_of, gap, gaps_to_aisles
from twin.plant.footprints import inside
from twin.plant.layout import PlacedUnit, corners, place_units
from twin.plant.schema import Plant
from twin.plant.sentences import did_you_mean

ROUNDING = 1e-9  # m


@dataclass(frozen=True)
class Together:
    """Two units whose centres must be at most, or at least, so many metres apart, in a straight line."""

    first: str
    second: str
    metres: float
    near: bool


@dataclass(frozen=True)
class Rules:
    """Which equipment may move and what it must keep, in metres.

    `move` holds names or patterns. With `across` a unit may go to another area of the same grade as its own,
    else it stays in its area. `aisle` is kept free on both sides of each aisle's line.
    """

    move: tuple[str, ...] = ("*",)
    across: bool = False
    clearance: float = 0.8
    aisle: float = 0.6
    step: float = 0.5
    together: tuple[Together, ...] = ()


def movable(plant: Plant, rules: Rules) -> list[str]:
    """Equipment that may move: named, and with a place; in file order.

    Raises:
        ValueError: no equipment has a place, or a name or pattern fits none that has.
    """
    placed = [name for name, equipment in plant.equipment.items() if equipment.at is not None]
    if not placed:
        raise ValueError("No equipment of the plant has a place: give it one by `at`.")
    for pattern in rules.move:
        if not any(fnmatchcase(name, pattern) for name in placed):
            raise ValueError(
                f"No equipment with a place is called `{pattern}`. {did_you_mean(pattern, placed)}"
            )
    return [name for name in placed if any(fnmatchcase(name, pattern) for pattern in rules.move)]


def placed_at(units: Sequence[PlacedUnit], at: Point) -> list[PlacedUnit]:
    """The units of one piece of equipment when its first stands at `at`; the others keep their step to it."""
    first = units[0].center
    assert first is not None, "only equipment with a place moves"
    moved = []
    for unit in units:
        assert unit.center is not None, "units of placed equipment have places"
        center = (unit.center[0] - first[0] + at[0], unit.center[1] - first[1] + at[1])
        moved.append(replace(unit, center=center))
    return moved


def units_of(plant: Plant) -> dict[str, list[PlacedUnit]]:
    """The units with a place by their equipment, in file order."""
    found: dict[str, list[PlacedUnit]] = {}
    for unit in place_units(plant):
        if unit.center is not None:
            found.setdefault(unit.equipment, []).append(unit)
    return found


def fits_in_areas(plant: Plant, units: Sequence[PlacedUnit], rules: Rules) -> bool:
    """Whether each unit stands wholly in one of the areas that it may be in."""
    areas = plant.layout.areas
    for unit in units:
        if unit.area is None:
            if areas:
                return False
            continue
        grade = areas[unit.area].grade
        allowed = [n for n, area in areas.items() if area.grade == grade] if rules.across else [unit.area]
        if not any(_within(unit, areas[name].outline) for name in allowed):
            return False
    return True


def aisle_gap(units: Sequence[PlacedUnit], cut: Array) -> float:
    """The least distance of units' footprints from the aisles, m."""
    return float(gaps_to_aisles([box_of(unit) for unit in units], cut).min())


def least_gap(a: Sequence[Box], b: Sequence[Box]) -> float:
    """The least gap between the boxes of two pieces of equipment, m."""
    return min(gap(one, other) for one in a for other in b)


def breaks_together(rules: Rules, centers: dict[str, Point]) -> float:
    """Metres by which the rules of nearness are broken, together; 0 where they are kept."""
    broken = 0.0
    for rule in rules.together:
        apart = math.dist(centers[rule.first], centers[rule.second])
        over = apart - rule.metres if rule.near else rule.metres - apart
        broken += max(over, 0.0)
    return broken


def _within(unit: PlacedUnit, outline: Sequence[Point]) -> bool:
    """Whether a footprint lies in an outline: all of its corners, and no corner of the outline inside it."""
    if not all(inside(point, outline) for point in corners(unit)):
        return False
    x1, y1, x2, y2 = box_of(unit)
    edge = ROUNDING
    return not any(x1 + edge < x < x2 - edge and y1 + edge < y < y2 - edge for x, y in outline)
