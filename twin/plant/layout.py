"""The floor of a plant as other layers ask for it: places, footprints, distances and ways.

Gathers `footprints.py` (where units stand) and `aisles.py` (how one gets from one to another). Distances are
in metres and zero where a position is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from twin.plant.aisles import Network
from twin.plant.errors import MOST, Complaint, Path
from twin.plant.footprints import PlacedUnit, Point, corners, footprint_complaints, place_units, unit_names
from twin.plant.schema import Plant
from twin.plant.sentences import sentence

__all__ = [
    "PlacedUnit",
    "complaints",
    "corners",
    "distance",
    "distances",
    "homes",
    "path_between",
    "place_units",
    "positions",
    "unit_names",
    "ways",
]

STORAGE = "storage/"
REMEMBERED = 16  # floors whose distances are kept: points of a sweep mostly share theirs

Aisles = tuple[tuple[Point, ...], ...]


def positions(plant: Plant) -> dict[str, Point | None]:
    """Where each unit and then each storage (`storage/NAME`) stands, in file order; None without a place."""
    units = {unit.name: unit.center for unit in place_units(plant)}
    return {**units, **{f"{STORAGE}{name}": storage.at for name, storage in plant.storage.items()}}


def homes(plant: Plant) -> dict[str, Point | None]:
    """Where each fleet of transporters is at home, as `fleet/NAME`, in file order; None without a place."""
    fleets = {} if plant.transport is None else plant.transport.fleets
    return {f"fleet/{name}": fleet.at for name, fleet in fleets.items()}


def distances(plant: Plant) -> tuple[tuple[float, ...], ...]:
    """Metres along the aisles between all of `positions(plant)` and then `homes(plant)`, rows and columns in
    that order.
    """
    places = {**positions(plant), **homes(plant)}
    return _distances(plant.layout.aisles, tuple(places.values()))


@lru_cache(maxsize=REMEMBERED)
def _distances(aisles: Aisles, places: tuple[Point | None, ...]) -> tuple[tuple[float, ...], ...]:
    known = tuple(point for point in places if point is not None)
    network = _network_of(aisles, known)
    rows = []
    for start in places:
        lengths = dict(zip(known, network.lengths_from(start, known), strict=True)) if start else {}
        rows.append(tuple(lengths.get(end, 0.0) if end else 0.0 for end in places))
    return tuple(rows)


def distance(plant: Plant, a: str, b: str) -> float:
    """Metres along the aisles between two units or storages by name. Raises `KeyError` for no such name."""
    places = positions(plant)
    start, end = places[_known(places, a)], places[_known(places, b)]
    return 0.0 if start is None or end is None else _network(plant, places).way(start, end).length


def ways(plant: Plant) -> dict[tuple[int, int], tuple[Point, ...]]:
    """The way between each two of the places of `distances(plant)`, by their numbers."""
    places = list({**positions(plant), **homes(plant)}.values())
    known = [(i, point) for i, point in enumerate(places) if point is not None]
    network = Network(plant.layout.aisles, [point for _, point in known])
    return {(i, j): network.way(start, end).points for i, start in known for j, end in known if i != j}


def path_between(plant: Plant, a: str, b: str) -> tuple[Point, ...]:
    """The way between two units or storages as points in m, both ends included; empty where one has no place.

    A storage is `storage/NAME`, or `NAME` where no unit is called so. Raises `KeyError` for no such name.
    """
    places = positions(plant)
    start, end = places[_known(places, a)], places[_known(places, b)]
    return () if start is None or end is None else _network(plant, places).way(start, end).points


def complaints(plant: Plant) -> list[Complaint]:
    """What is wrong with the floor: outlines, footprints, and aisles that do not connect where lots move."""
    return [*footprint_complaints(plant), *_of_aisles(plant)]


def _of_aisles(plant: Plant) -> list[Complaint]:
    points = sum(len(aisle) for aisle in plant.layout.aisles)
    if points > MOST:
        aisles: Path = ("layout", "aisles")
        predicate = f"have {points:,} points, more than {MOST:,}"
        return [Complaint(aisles, sentence(aisles, predicate), "Leave out those on straight stretches.")]
    if plant.transport is None or not plant.layout.aisles:
        return []
    places = {**positions(plant), **homes(plant)}
    known = {name: point for name, point in places.items() if point is not None}
    if not known:
        return []
    apart = _apart(plant.layout.aisles, tuple(known.values()))
    first, found = next(iter(known)), []
    for name in (name for name, is_apart in zip(known, apart, strict=True) if is_apart):
        path = _place_path(plant, name)
        message = sentence(path, f"lies at aisles that do not connect with those at `{first}`")
        found.append(Complaint(path, message, "Join the aisles: they join where they touch or cross."))
    return found


@lru_cache(maxsize=REMEMBERED)
def _apart(aisles: Aisles, places: tuple[Point, ...]) -> tuple[bool, ...]:
    """Which places the aisles do not connect with the first."""
    return tuple(map(math.isinf, _network_of(aisles, places).lengths_from(places[0], places)))


def _network(plant: Plant, places: Mapping[str, Point | None]) -> Network:
    return _network_of(plant.layout.aisles, tuple(point for point in places.values() if point is not None))


@lru_cache(maxsize=REMEMBERED)
def _network_of(aisles: Aisles, places: tuple[Point, ...]) -> Network:
    return Network(aisles, places)


def _known(places: Mapping[str, Point | None], name: str) -> str:
    return name if name in places else f"{STORAGE}{name}"


def _place_path(plant: Plant, name: str) -> Path:
    if name.startswith("fleet/"):
        return "transport", "fleets", name.removeprefix("fleet/"), "at"
    if name.startswith(STORAGE):
        return "storage", name.removeprefix(STORAGE), "at"
    owner = next(unit.equipment for unit in place_units(plant) if unit.name == name)
    return "equipment", owner, "at"
