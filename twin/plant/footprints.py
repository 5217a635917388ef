"""Where units stand on the floor, and which rules their footprints keep.

Pure functions of a plant, in metres. `layout.py` gathers them with the ways along the aisles; the sizes of
classes come from `classes.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from twin.plant.classes import equipment_class
from twin.plant.errors import MOST, Complaint, Path
from twin.plant.remembered import remembered
from twin.plant.schema import Equipment, Layout, Plant
from twin.plant.sentences import sentence

Point = tuple[float, float]

TOUCH = 1e-9  # m; what only touches does not overlap


@dataclass(frozen=True)
class PlacedUnit:
    """A unit on the floor: `center` and `size` (before turning) in m, `rotation` in degrees anticlockwise.

    `center` is None where the file gives no place, `area` where the unit stands in none.
    """

    name: str
    equipment: str
    class_: str
    center: Point | None
    size: Point
    rotation: float
    area: str | None


def unit_names(plant: Plant) -> dict[str, tuple[str, ...]]:
    """Names of each equipment's units: the first keeps the equipment's name, then `name_2`, `name_3`."""
    return {name: _names(name, equipment.count) for name, equipment in plant.equipment.items()}


def _names(equipment: str, count: int) -> tuple[str, ...]:
    return equipment, *(f"{equipment}_{number}" for number in range(2, count + 1))


def place_units(plant: Plant) -> tuple[PlacedUnit, ...]:
    """Every unit in file order, identical ones side by side."""
    return _all_units(plant.equipment, plant.layout)


@remembered(most=16)
def _all_units(equipment: Mapping[str, Equipment], layout: Layout) -> tuple[PlacedUnit, ...]:
    return tuple(unit for name, words in equipment.items() for unit in _units_of(name, words, layout))


@remembered(most=10_000)
def _units_of(equipment: str, words: Equipment, layout: Layout) -> tuple[PlacedUnit, ...]:
    placed: list[PlacedUnit] = []
    size = words.size or equipment_class(words.class_).size
    step = words.pitch or _default_pitch(size, words.rotation)
    for index, name in enumerate(_names(equipment, words.count)):
        center = _moved(words.at, step, index)
        area = _area_of(layout, center) if center else None
        placed.append(PlacedUnit(name, equipment, words.class_, center, size, words.rotation, area))
    return tuple(placed)


def corners(unit: PlacedUnit) -> tuple[Point, Point, Point, Point]:
    """The four corners of a placed unit's footprint in m, anticlockwise; `ValueError` without a place."""
    if unit.center is None:
        raise ValueError(f"{unit.name} has no place on the floor")
    cosine, sine = _turn(unit.rotation)
    x, y = unit.center
    half = (unit.size[0] / 2, unit.size[1] / 2)

    def corner(sign_x: int, sign_y: int) -> Point:
        dx, dy = sign_x * half[0], sign_y * half[1]
        return x + cosine * dx - sine * dy, y + sine * dx + cosine * dy

    return corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)


def footprint_complaints(plant: Plant) -> list[Complaint]:
    """Footprints that overlap or stand outside their area; outlines without an inside."""
    return list(_complaints(plant.layout, place_units(plant)))


@remembered(most=16)
def _complaints(layout: Layout, units: tuple[PlacedUnit, ...]) -> tuple[Complaint, ...]:
    found: list[Complaint] = []
    for name, area in layout.areas.items():
        if abs(_signed_area(area.outline)) < TOUCH:
            path: Path = ("layout", "areas", name, "outline")
            found.append(Complaint(path, sentence(path, "encloses nothing"), "Give the corners in order."))
    placed = [unit for unit in units if unit.center is not None]
    for unit in placed:
        if not all(size > 0 for size in unit.size):
            path = ("equipment", unit.equipment, "size")
            found.append(Complaint(path, sentence(path, "must be positive along x and y")))
    outlines_hold = not found
    for unit in placed:
        found += _outside(layout, unit) if outlines_hold else []
    return (*found, *(_overlap(first, second) for first, second in overlapping(placed)))


def overlapping(placed: Sequence[PlacedUnit]) -> list[tuple[PlacedUnit, PlacedUnit]]:
    """Pairs of placed units whose footprints overlap, in the order of the second; at most a thousand.

    Swept along the axis on which fewer units start at the same place.
    """
    outlines = [corners(unit) for unit in placed]
    boxes = [_box(outline) for outline in outlines]
    along = _wider_axis(boxes)
    across = 1 - along
    pairs: list[tuple[int, int]] = []
    still_open: list[int] = []
    for index in sorted(range(len(placed)), key=lambda index: boxes[index][along]):
        start, (low, high) = boxes[index][along][0], boxes[index][across]
        still_open = [other for other in still_open if boxes[other][along][1] > start]
        for other in still_open:
            beside = boxes[other][across][1] <= low or boxes[other][across][0] >= high
            if not beside and _overlap_each_other(outlines[other], outlines[index]):
                pairs.append((max(index, other), min(index, other)))
        if len(pairs) >= MOST:
            break
        still_open.append(index)
    return [(placed[first], placed[second]) for second, first in sorted(pairs)[:MOST]]


Box = tuple[tuple[float, float], tuple[float, float]]  # least and greatest x, least and greatest y


def _box(outline: Sequence[Point]) -> Box:
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    return (min(xs), max(xs)), (min(ys), max(ys))


def _wider_axis(boxes: Sequence[Box]) -> int:
    """The axis, x 0 or y 1, along which fewer units start at the same place."""
    starts = [len({round(box[axis][0], 3) for box in boxes}) for axis in (0, 1)]
    return 0 if starts[0] >= starts[1] else 1


def inside(point: Point, outline: Sequence[Point]) -> bool:
    """Does a point lie in a polygon or on its edge?"""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(outline, [*outline[1:], outline[0]], strict=True):
        cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        length = math.hypot(x2 - x1, y2 - y1)
        within = (
            min(x1, x2) - TOUCH <= x <= max(x1, x2) + TOUCH
            and min(y1, y2) - TOUCH <= y <= max(y1, y2) + TOUCH
        )
        if abs(cross) <= TOUCH * max(length, 1.0) and within:
            return True
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            odd = not odd
    return odd


def _turn(rotation: float) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees, exact for right angles."""
    exact = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}
    angle = math.radians(rotation)
    return exact.get(rotation) or (math.cos(angle), math.sin(angle))


def _default_pitch(size: Point, rotation: float) -> Point:
    cosine, sine = _turn(rotation)
    return 0.0, abs(sine) * size[0] + abs(cosine) * size[1] + 1.0


def _moved(at: Point | None, step: Point, times: int) -> Point | None:
    return None if at is None else (at[0] + times * step[0], at[1] + times * step[1])


def _area_of(layout: Layout, center: Point) -> str | None:
    return next((name for name, area in layout.areas.items() if _is_in(center, area.outline)), None)


@lru_cache(maxsize=4_096)
def _is_in(point: Point, outline: tuple[Point, ...]) -> bool:
    return inside(point, outline)


def _signed_area(outline: Sequence[Point]) -> float:
    pairs = zip(outline, [*outline[1:], outline[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _outside(layout: Layout, unit: PlacedUnit) -> list[Complaint]:
    if not layout.areas:
        return []
    if unit.area is None:
        near = ", ".join(f"`{name}`" for name in layout.areas)
        predicate = f"puts {_called(unit)} outside every area"
        return [_at(unit, predicate, f"The areas are {near}.")]
    outline = layout.areas[unit.area].outline
    out = [point for point in corners(unit) if not inside(point, outline)]
    if not out and not any(_strictly_inside(corner, unit) for corner in outline):
        return []
    x, y = out[0] if out else outline[0]
    hint = f"Its footprint of {unit.size[0]:g} m by {unit.size[1]:g} m reaches ({x:.6g}, {y:.6g})."
    return [_at(unit, f"puts {_called(unit)} partly outside its area, `{unit.area}`", hint)]


def _overlap(first: PlacedUnit, second: PlacedUnit) -> Complaint:
    sizes = f"{second.size[0]:g} m by {second.size[1]:g} m and {first.size[0]:g} m by {first.size[1]:g} m"
    return _at(
        second, f"puts {_called(second)} where `{first.name}` stands", f"Their footprints are {sizes}."
    )


def _called(unit: PlacedUnit) -> str:
    return "it" if unit.name == unit.equipment else f"unit `{unit.name}`"


def _at(unit: PlacedUnit, predicate: str, hint: str) -> Complaint:
    path: Path = ("equipment", unit.equipment, "at")
    return Complaint(path, sentence(path, predicate), hint)


def _strictly_inside(point: Point, unit: PlacedUnit) -> bool:
    return all(_side(a, b, point) > TOUCH for a, b in _edges(corners(unit)))


def _edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points, [*points[1:], points[0]], strict=True))


def _side(a: Point, b: Point, point: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _overlap_each_other(a: Sequence[Point], b: Sequence[Point]) -> bool:
    """Separating axes: two convex footprints overlap unless an edge of one has the other wholly outside."""
    for points, others in ((a, b), (b, a)):
        for start, end in _edges(points):
            if all(_side(start, end, other) <= TOUCH for other in others):
                return False
    return True
