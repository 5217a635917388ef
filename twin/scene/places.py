"""Where units and waiting lots stand on the stage: the plant's layout, and a tidy row for what has no
position.

Pure: a plant goes in, `Floor` comes out. Geometry of classes comes from `equipment.py`, ways along the
aisles from `twin.plant.layout`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.plant.classes import library
from twin.plant.layout import place_units
from twin.plant.schema import Plant
from twin.scene.designs import Design
from twin.scene.equipment import design
from twin.scene.library import asset_name
from twin.scene.mesh import Vector
from twin.scene.motion import Stay

ROW_GAP = 2.0  # m between units of a row that twin arranged itself
ROW_LENGTH = 40.0  # m after which it begins another row
SLOT = 1.3  # m between lots that wait side by side
BELT_HEIGHT = 0.5  # m
SLOTS_ACROSS, SLOTS_DEEP, SLOT_HEIGHT = 3, 3, 1.5


@dataclass(frozen=True)
class Place:
    """A unit on the floor: centre, footprint before turning and height in m, turn in degrees."""

    name: str
    equipment: str
    class_: str
    center: tuple[float, float]
    rotation: float
    size: tuple[float, float]
    height: float
    area: str | None
    asset: str
    design: Design

    def world(self, local: Vector) -> Vector:
        """Return a point of the unit's frame on the stage, in metres."""
        angle = np.radians(self.rotation)
        cosine, sine = float(np.cos(angle)), float(np.sin(angle))
        x, y, z = local
        return self.center[0] + cosine * x - sine * y, self.center[1] + sine * x + cosine * y, z


@dataclass(frozen=True)
class Floor:
    """All units in file order; `arranged` names those that twin put in a row because the plant gives no
    position.

    `storages` are the positions (m) of storage places that have one, `belts` the lengths (m) of those that
    are conveyors, which run along x and end at the far side; `front` is the middle of the floor's
    near edge.
    """

    places: tuple[Place, ...]
    arranged: tuple[str, ...]
    storages: Mapping[str, tuple[float, float]]
    belts: Mapping[str, float]
    front: tuple[float, float]

    @property
    def by_name(self) -> dict[str, Place]:
        """Units by name."""
        return {place.name: place for place in self.places}


def floor_of(plant: Plant) -> Floor:
    """Return where everything stands; units without a position come in rows in front of all others."""
    placed = place_units(plant)
    storages = {name: (s.at[0], s.at[1]) for name, s in plant.storage.items() if s.at is not None}
    fixed = [
        np.array(unit.center) + sign * max(unit.size) / 2
        for unit in placed
        if unit.center
        for sign in (-1, 1)
    ]
    fixed += [np.array(at) for at in storages.values()]
    fixed += [np.array(corner) for area in plant.layout.areas.values() for corner in area.outline]
    missing = [unit for unit in placed if unit.center is None]
    below = min((float(corner[1]) for corner in fixed), default=0.0) - (ROW_GAP if fixed else 0.0)
    left = min((float(corner[0]) for corner in fixed), default=0.0)
    rows = dict(
        zip((unit.name for unit in missing), in_rows([u.size for u in missing], left, below), strict=True)
    )
    places = []
    for unit in placed:
        kind = library().get(unit.class_, library()["workplace"])
        height = kind.height
        size = (float(unit.size[0]), float(unit.size[1]))
        asset = asset_name(unit.class_, size, kind.size)
        center = rows[unit.name] if unit.center is None else (float(unit.center[0]), float(unit.center[1]))
        turn = 0.0 if unit.center is None else unit.rotation
        looks = design(unit.class_, kind.form, kind.title, size, height)
        places.append(
            Place(unit.name, unit.equipment, unit.class_, center, turn, size, height, unit.area, asset, looks)
        )
    edges = [
        np.array(p.center) + sign * (max(p.size) / 2 + ROW_GAP) for p in places for sign in (-1, 1)
    ] + fixed
    low, high = np.min(edges, axis=0), np.max(edges, axis=0)
    front = (float(low[0] + high[0]) / 2, float(low[1]) - 1.0)
    belts = {name: s.conveyor.length for name, s in plant.storage.items() if s.conveyor and s.at}
    return Floor(tuple(places), tuple(rows), storages, belts, front)


def in_rows(sizes: Sequence[Sequence[float]], left: float, top: float) -> list[tuple[float, float]]:
    """Return centres (m) of footprints side by side, in rows that run down from `top` and begin at `left`.

    Each row leaves room in front of its units for the lots that wait.
    """
    centers = []
    x, y, depth = left, top, 0.0
    for width, deep in sizes:
        if x > left and x + width > left + ROW_LENGTH:
            x, y, depth = left, y - depth - SLOTS_DEEP * SLOT - 2 * ROW_GAP, 0.0
        step = max(width, SLOTS_ACROSS * SLOT)
        centers.append((x + step / 2, y - deep / 2))
        depth = max(depth, deep)
        x += step + ROW_GAP
    return centers


def spots(
    floor: Floor, stays: Mapping[int, Sequence[Stay]], slots: Mapping[tuple[int, int], int]
) -> dict[tuple[int, int], Vector]:
    """Return the position in metres of each stay: (lot, number of the stay) → (x, y, z)."""
    found = {}
    units = floor.by_name
    for lot, visits in stays.items():
        for number, stay in enumerate(visits):
            if stay.queued:
                found[lot, number] = queue_spot(floor, stay.place, slots[lot, number])
            else:
                unit = units[stay.place]
                found[lot, number] = unit.world(unit.design.dock)
    return found


def queue_spot(floor: Floor, place: str, slot: int) -> Vector:
    """Return where the lot in place `slot` of a queue stands: a block of lots, then another on top."""
    level, rest = divmod(slot, SLOTS_ACROSS * SLOTS_DEEP)
    deep, across = divmod(rest, SLOTS_ACROSS)
    side = _around(across) * SLOT
    kind, _, name = place.partition("/")
    if kind == "storage":
        x, y = floor.storages[name]
        if name in floor.belts:
            reach = floor.belts[name] / 2
            return max(x + reach - (slot + 0.5) * SLOT, x - reach), y, BELT_HEIGHT
        return x + side, y + _around(deep) * SLOT, level * SLOT_HEIGHT
    unit = floor.by_name[name]
    x, y, _ = unit.world((side, -unit.size[1] / 2 - 1.3 - deep * SLOT, 0.0))
    return x, y, level * SLOT_HEIGHT


def _around(number: int) -> int:
    """Return 0, 1, −1, 2, −2, …: the middle first, then one side and the other."""
    return (number + 1) // 2 * (1 if number % 2 else -1)
