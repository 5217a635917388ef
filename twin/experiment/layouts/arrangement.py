"""A layout problem as arrays: which equipment may stand at which places, and what each choice costs.

Every piece of equipment has a list of places, its present one first; all points at which units may come to
stand are in one table, and the metres between them in one matrix, so that a search only adds up. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.experiment.layouts.floor import Array, Box, Point, box_of, floor_of
from twin.experiment.layouts.rules import (
    ROUNDING,
    Rules,
    aisle_gap,
    breaks_together,
    fits_in_areas,
    least_gap,
    movable,
    placed_at,
    units_of,
)
from twin.plant.layout import PlacedUnit, positions
from twin.plant.schema import Plant

MOST_PLACES = 2500  # points in the table: the matrix of metres takes 50 MB


@dataclass(frozen=True)
class Item:
    """A piece of equipment that may move: its places, the boxes of its units there, and where in the table
    the points of its units stand, (places, units); `rows` are the units' rows in the flow.
    """

    name: str
    places: tuple[Point, ...]
    boxes: tuple[tuple[Box, ...], ...]
    points: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Arrangement:
    """The problem. `flow` is symmetric, trips there and back together, (p, p) over `names`; `metres` between
    points of the table, (t, t); `fixed` the points of what does not move, −1 for what does; `gaps[i][j]` what
    two items must keep; `broken` what the present layout breaks of the rules of nearness.
    """

    names: tuple[str, ...]
    items: tuple[Item, ...]
    flow: Array
    metres: Array
    fixed: NDArray[np.int64]
    gaps: Array
    rules: Rules
    broken: float

    def points(self, choice: Sequence[int]) -> NDArray[np.int64]:
        """The point of each name under a choice of places."""
        where = self.fixed.copy()
        for item, place in zip(self.items, choice, strict=True):
            where[item.rows] = item.points[place]
        return where

    def work(self, choice: Sequence[int]) -> float:
        """Transport work, trip metres."""
        where = self.points(choice)
        known = where >= 0
        metres = self.metres[np.ix_(where[known], where[known])]
        return float((self.flow[np.ix_(known, known)] * metres).sum() / 2)

    def work_of(self, number: int, place: int, where: NDArray[np.int64]) -> float:
        """The part of the work in which one item has a share, when it stands at a place and all else at
        `where`.
        """
        item = self.items[number]
        own = item.points[place]
        others = where >= 0
        others[item.rows] = False
        metres = self.metres[np.ix_(own, where[others])]
        return float((self.flow[np.ix_(item.rows, np.flatnonzero(others))] * metres).sum())

    def clear(self, number: int, place: int, choice: Sequence[int], but: Sequence[int] = ()) -> bool:
        """Whether an item at a place keeps its gap to the other items; those in `but` are not looked at."""
        boxes = self.items[number].boxes[place]
        return all(
            other in (number, *but)
            or least_gap(boxes, self.items[other].boxes[at]) >= self.gaps[number, other] - ROUNDING
            for other, at in enumerate(choice)
        )

    def near_enough(self, choice: Sequence[int], table: Array) -> bool:
        """Whether the rules of nearness are broken by no more than they are today."""
        if not self.rules.together:
            return True
        where = self.points(choice)
        centers = {
            n: (float(table[w, 0]), float(table[w, 1])) for n, w in zip(self.names, where, strict=True)
        }
        return breaks_together(self.rules, centers) <= self.broken + ROUNDING


@dataclass(frozen=True)
class Improved:
    """What a search found: transport work before and after in trip metres, and the equipment that moved with
    its new place. `whole` says that every arrangement was looked at; `tried` how many were.
    """

    before: float
    after: float
    moved: Mapping[str, Point]
    tried: int
    whole: bool
    method: str


@dataclass(frozen=True)
class Problem:
    """An arrangement and the table of its points, (t, 2)."""

    arrangement: Arrangement
    table: Array


def arrangement_of(
    plant: Plant, flow: Mapping[tuple[str, str], float], rules: Rules, *, exchange: bool
) -> Problem:
    """The problem of a plant: with `exchange` places are those of the movable equipment, else a grid's.

    Raises:
        ValueError: nothing may move, a rule names no unit, or a place is at aisles that do not connect.
    """
    known = movable(plant, rules)
    units = units_of(plant)
    places = {name: list(_places(plant, units, known, name, rules, exchange)) for name in known}
    names, table, fixed = _fixed(plant, set(known))
    _check_names(rules, names)
    items = []
    for name in known:
        items.append(_item(name, units[name], places[name], names, table))
    points = np.array(table)
    metres = floor_of(plant.layout.aisles).distances(points)
    if not np.isfinite(metres).all():
        raise ValueError("The aisles do not connect all places at which units may stand.")
    gaps = _gaps([units[name] for name in known], rules)
    centers = {name: at for name, at in positions(plant).items() if at is not None}
    broken = breaks_together(rules, centers)
    matrix = _symmetric(names, flow)
    return Problem(
        Arrangement(tuple(names), tuple(items), matrix, metres, fixed, gaps, rules, broken), points
    )


def _fixed(plant: Plant, moving: set[str]) -> tuple[list[str], list[Point], NDArray[np.int64]]:
    """All names with a place, the points of those that stay, and each name's point in that table or −1."""
    owners = {unit.name: unit.equipment for units in units_of(plant).values() for unit in units}
    names: list[str] = []
    table: list[Point] = []
    fixed: list[int] = []
    for name, at in positions(plant).items():
        if at is None:
            continue
        names.append(name)
        stays = owners.get(name) not in moving
        fixed.append(len(table) if stays else -1)
        if stays:
            table.append(at)
    return names, table, np.array(fixed, dtype=np.int64)


def _item(
    name: str, units: list[PlacedUnit], places: list[Point], names: list[str], table: list[Point]
) -> Item:
    """An item, whose points are added to the table."""
    boxes, points = [], []
    for place in places:
        placed = placed_at(units, place)
        boxes.append(tuple(box_of(unit) for unit in placed))
        points.append(list(range(len(table), len(table) + len(placed))))
        table.extend(unit.center for unit in placed if unit.center is not None)
    rows = np.array([names.index(unit.name) for unit in units], dtype=np.int64)
    return Item(name, tuple(places), tuple(boxes), np.array(points, dtype=np.int64), rows)


def _places(
    plant: Plant,
    units: Mapping[str, list[PlacedUnit]],
    known: Sequence[str],
    name: str,
    rules: Rules,
    exchange: bool,
) -> list[Point]:
    """Places at which the equipment fits beside all that does not move, its present one first."""
    mine = units[name]
    cut = floor_of(plant.layout.aisles).stretches
    now = _at(mine)
    free_of_aisles = min(rules.aisle, aisle_gap(mine, cut))
    boxes = {other: [box_of(unit) for unit in theirs] for other, theirs in units.items()}
    still = [
        (theirs, min(rules.clearance, least_gap(boxes[name], theirs)))
        for other, theirs in boxes.items()
        if other not in known
    ]
    wanted = [_at(units[other]) for other in known] if exchange else _grid(plant, mine, rules, len(known))
    found = [now]
    for place in wanted:
        placed = placed_at(mine, place)
        own = [box_of(unit) for unit in placed]
        if (
            place != now
            and fits_in_areas(plant, placed, rules)
            and all(least_gap(own, theirs) >= least - ROUNDING for theirs, least in still)
            and aisle_gap(placed, cut) >= free_of_aisles - ROUNDING
        ):
            found.append(place)
    return found


def _at(units: Sequence[PlacedUnit]) -> Point:
    center = units[0].center
    assert center is not None, "only equipment with a place moves"
    return center


def _grid(plant: Plant, units: Sequence[PlacedUnit], rules: Rules, items: int) -> list[Point]:
    """A grid over the areas the equipment may be in, through its present place; coarser where there would be
    too many places in all.
    """
    x, y = _at(units)
    x1, y1, x2, y2 = _extent(plant, units, rules)
    step = rules.step
    while (x2 - x1) * (y2 - y1) / step**2 * len(units) * items > MOST_PLACES:
        step *= 1.25
    columns = range(math.ceil((x1 - x) / step), math.floor((x2 - x) / step) + 1)
    lines = range(math.ceil((y1 - y) / step), math.floor((y2 - y) / step) + 1)
    return [(round(x + i * step, 6), round(y + j * step, 6)) for i in columns for j in lines]


def _extent(plant: Plant, units: Sequence[PlacedUnit], rules: Rules) -> Box:
    """The box around the areas that the first unit may be in; around all units where there are no areas."""
    areas = plant.layout.areas
    if not areas or units[0].area is None:
        points = [at for at in positions(plant).values() if at is not None]
    else:
        grade = areas[units[0].area].grade
        outlines = [
            a.outline for n, a in areas.items() if n == units[0].area or (rules.across and a.grade == grade)
        ]
        points = [point for outline in outlines for point in outline]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _gaps(units: Sequence[list[PlacedUnit]], rules: Rules) -> Array:
    """What each two items must keep: the clearance, or less where they stand closer today."""
    boxes = [[box_of(unit) for unit in own] for own in units]
    gaps = np.full((len(units), len(units)), rules.clearance)
    for i, mine in enumerate(boxes):
        for j, theirs in enumerate(boxes):
            if i != j:
                gaps[i, j] = min(rules.clearance, least_gap(mine, theirs))
    return gaps


def _symmetric(names: Sequence[str], flow: Mapping[tuple[str, str], float]) -> Array:
    """Trips there and back together, by place; those to or from what has no place are left out."""
    number = {name: k for k, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for (a, b), count in flow.items():
        if a in number and b in number:
            matrix[number[a], number[b]] += count
            matrix[number[b], number[a]] += count
    return matrix


def _check_names(rules: Rules, names: Sequence[str]) -> None:
    for rule in rules.together:
        for name in (rule.first, rule.second):
            if name not in names:
                raise ValueError(f"No unit or storage with a place is called `{name}`.")
