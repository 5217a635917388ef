"""The building as an asset: floors and low walls of the areas, aisles, marked storage places.

Pure: layout and places go in, solids and their groups come out; `library.write_asset` writes them. Walls
leave a gap where an aisle passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from twin.plant.schema import Plant
from twin.scene.designs import Design
from twin.scene.mesh import Floats, Solid, box, ring, signed_area, slab, without_straight_corners
from twin.scene.places import BELT_HEIGHT, Floor

WALL_HEIGHT, WALL_THICKNESS = 0.9, 0.1  # m; low, so that one looks over them
WALL_GAP = 0.01  # m from the outline, so that walls of neighbouring rooms do not coincide
DOOR = 2.2  # m
AISLE_WIDTH = 1.6  # m
BELT_WIDTH = 1.2  # m
MARGIN = 2.5  # m of hall floor around units of a plant without areas
CLEAN_GRADES = frozenset("ABCD")


def building(plant: Plant, floor: Floor) -> tuple[Design, dict[str, str]]:
    """Return the building's design and, for each part, the scope that it belongs to."""
    groups: dict[str, str] = {}
    parts: list[Solid] = []
    for name, area in plant.layout.areas.items():
        outline = np.array(area.outline, dtype=float)
        material = "floor_clean" if area.grade in CLEAN_GRADES else "floor"
        made = [
            slab(f"{name}_floor", outline, -0.06, 0.0, material),
            *walls(name, outline, plant.layout.aisles),
        ]
        groups.update({part.name: f"area_{name}" for part in made})
        parts += made
    outside = hall(floor, [np.array(area.outline, dtype=float) for area in plant.layout.areas.values()])
    if outside is not None:
        parts.append(outside)
    for part in [*aisle_strips(plant.layout.aisles), *storage_marks(floor)]:
        groups[part.name] = "Aisles" if part.name.startswith("aisle") else "Storages"
        parts.append(part)
    return Design("building", tuple(parts), (0.0, 0.0, 0.0), ()), groups


def hall(floor: Floor, areas: Sequence[Floats]) -> Solid | None:
    """Return a floor under all units where some stand in no area, else None."""
    if areas and all(place.area is not None for place in floor.places):
        return None
    reach = [max(place.size) / 2 + MARGIN for place in floor.places]
    centers = np.array([place.center for place in floor.places])
    corners = [centers - np.array(reach)[:, None], centers + np.array(reach)[:, None], *areas]
    corners += [np.array([at]) + sign * MARGIN for at in floor.storages.values() for sign in (-1, 1)]
    low, high = np.concatenate(corners).min(axis=0), np.concatenate(corners).max(axis=0)
    outline = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    return slab("Surroundings", outline, -0.14, -0.08 if areas else 0.0, "floor")


def walls(name: str, outline: Floats, aisles: Sequence[Sequence[Sequence[float]]]) -> list[Solid]:
    """Return the low walls just inside an outline, with gaps where an aisle crosses it."""
    corners = without_straight_corners(outline)
    if signed_area(corners) < 0:
        corners = corners[::-1]
    made = []
    for edge, (a, b) in enumerate(zip(corners, np.roll(corners, -1, axis=0), strict=True)):
        length = float(np.linalg.norm(b - a))
        step = (b - a) / length
        inside = np.array([-step[1], step[0]])
        inward, gap = inside * WALL_THICKNESS, inside * WALL_GAP
        for piece, (start, end) in enumerate(solid_spans(length, doors(a, b, aisles))):
            p, q = a + start * step + gap, a + end * step + gap
            quad = [p, q, q + inward, p + inward]
            made.append(
                slab(
                    f"{name}_wall_{edge}_{piece}", [list(corner) for corner in quad], 0.0, WALL_HEIGHT, "wall"
                )
            )
    return made


def doors(a: Floats, b: Floats, aisles: Sequence[Sequence[Sequence[float]]]) -> list[float]:
    """Return how far along the edge from `a` to `b` each aisle crosses it, in metres."""
    edge = b - a
    length = float(np.linalg.norm(edge))
    found = []
    for aisle in aisles:
        for p, q in pairwise(np.array(aisle, dtype=float)):
            along = q - p
            across = edge[0] * along[1] - edge[1] * along[0]
            if abs(across) < 1e-12:
                continue
            gap = p - a
            on_edge = (gap[0] * along[1] - gap[1] * along[0]) / across
            on_aisle = (gap[0] * edge[1] - gap[1] * edge[0]) / across
            if -1e-9 <= on_edge <= 1 + 1e-9 and -1e-9 <= on_aisle <= 1 + 1e-9:
                found.append(float(on_edge) * length)
    return sorted(found)


def solid_spans(length: float, openings: Sequence[float]) -> list[tuple[float, float]]:
    """Return the stretches (from, to) of a wall of `length` metres that remain between the doors."""
    spans, start = [], 0.0
    for opening in openings:
        if opening - DOOR / 2 > start:
            spans.append((start, opening - DOOR / 2))
        start = max(start, opening + DOOR / 2)
    if start < length:
        spans.append((start, length))
    return [(low, high) for low, high in spans if high - low > WALL_THICKNESS]


def aisle_strips(aisles: Sequence[Sequence[Sequence[float]]]) -> list[Solid]:
    """Return a flat strip for each straight piece of an aisle."""
    strips = []
    for number, aisle in enumerate(aisles):
        for piece, (p, q) in enumerate(pairwise(np.array(aisle, dtype=float))):
            step = (q - p) / np.linalg.norm(q - p) * AISLE_WIDTH / 2
            side = np.array([-step[1], step[0]])
            outline = [p - step - side, q + step - side, q + step + side, p - step + side]
            lift = 0.002 * (1 + (number + piece) % 3)
            strips.append(slab(f"aisle_{number}_{piece}", [list(c) for c in outline], 0.0005, lift, "aisle"))
    return strips


def storage_marks(floor: Floor) -> list[Solid]:
    """Return a yellow square on the floor for each storage place, and a belt for each conveyor."""
    marks = []
    for name, (x, y) in floor.storages.items():
        if name in floor.belts:
            marks += belt(f"conveyor_{name}", x, y, floor.belts[name])
        else:
            marks.append(
                ring(f"storage_{name}", 1.9, 2.0, 0.008, "marking", (x, y, 0.001), 4, turn=np.pi / 4)
            )
    return marks


def belt(name: str, x: float, y: float, length: float) -> list[Solid]:
    """Return a conveyor along x around a point: the belt, and a frame below it."""
    half = BELT_WIDTH / 2
    top, below = BELT_HEIGHT - 0.001, BELT_HEIGHT - 0.08
    low, high = (x - length / 2, y - half), (x + length / 2, y + half)
    inset = min(0.2, length / 4)
    foot, head = (low[0] + inset, low[1] + 0.1, 0.0), (high[0] - inset, high[1] - 0.1, below - 0.001)
    return [
        box(f"{name}_belt", (*low, below), (*high, top), "aisle"),
        box(f"{name}_frame", foot, head, "brushed_steel"),
    ]
