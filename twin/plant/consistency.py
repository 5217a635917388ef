"""Rules between the parts of a plant: what is named must be there, what is taken must come back.

Pure functions from a plant to complaints. The schema has checked each part by itself before; `layout.py` has
the rules of the floor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

from twin.plant import (
    accounting,
    control,
    flow_rules,
    layout,
    orders,
    parts_rules,
    procedures,
    quality,
    tank_rules,
    upkeep,
    utility_rules,
)
from twin.plant.checking import complain
from twin.plant.classes import library
from twin.plant.errors import MOST, Complaint, Path
from twin.plant.locks import OUTSIDE
from twin.plant.people_rules import PeopleRules
from twin.plant.remainder import STAND_IN, Refused
from twin.plant.schema import Area, Equipment, Failure, Operation, Plant, Recipe, Station
from twin.plant.schema.orders import BUILT_IN_RELEASES
from twin.plant.sentences import did_you_mean
from twin.plant.shapes import keys_of
from twin.plant.shorthand import LotSize, WasteDistribution


def complaints(plant: Plant, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
    """All that is wrong between the parts of `plant`, save what the `refused` parts would have caused.

    `data` is the file, for the names of what the schema refused.
    """
    units = sum(equipment.count * equipment.capacity for equipment in plant.equipment.values())
    if units > MOST_UNITS:
        predicate = f"makes {units:,} units, more than {MOST_UNITS:,}"
        return [complain(("equipment",), predicate, "Look at each `count`.")]
    found = control.complaints(plant, data, refused, _of_all_parts)
    return [*found, *layout.complaints(_floor(plant, refused))]


def _of_all_parts(plant: Plant, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
    return [*islice(_Rules(plant, data, refused).all(), MOST)]


MOST_UNITS = 10_000

_SECTIONS = {
    "equipment": "equipment that is",
    "people": "people who are",
    "teams": "a team that is",
    "calendars": "a calendar that is",
    "storage": "a storage that is",
    "containers": "a container that is",
    "recipes": "a recipe that is",
    "materials": "a material that is",
    "releases": "a release rule that is",
    "utilities": "a utility that is",
    "tanks": "a tank that is",
}


class _Rules:
    """The rules over one plant, with the names that its file gives; no names of a chapter that is refused."""

    def __init__(self, plant: Plant, data: Mapping[str, Any], refused: Refused) -> None:
        self._plant = plant
        self._refused = refused
        strange = [part for key, part in data.items() if key not in Plant.model_fields]
        self._misspelt = {name for part in strange if isinstance(part, Mapping) for name in part}
        readable = [section for section in _SECTIONS if not refused.hides((section,))]
        self._names = {section: self._given(section, data) for section in readable}
        self._people = PeopleRules(plant, refused, self._named)

    def _given(self, section: str, data: Mapping[str, Any]) -> dict[str, None]:
        """The names in a section, in order; one that cannot be used in the case in which it could."""
        written = data.get(section)
        names = written if isinstance(written, Mapping) else getattr(self._plant, section)
        return dict.fromkeys(str(name).lower() for name in names)

    def all(self) -> Iterator[Complaint]:
        """Every complaint, in the order of the schema."""
        plant = self._plant
        for name, calendar in plant.calendars.items():
            yield from self._people.calendar(("calendars", name), calendar)
        for name, people in plant.people.items():
            yield from self._people.pool(("people", name), people)
        for name, team in plant.teams.items():
            yield from self._people.members(("teams", name), team)
        yield from _unit_name_clashes(plant)
        for name, equipment in plant.equipment.items():
            yield from self._equipment(("equipment", name), equipment)
        for name, container in plant.containers.items():
            if container.cleaning is not None:
                path: Path = ("containers", name, "cleaning")
                yield from self._units((*path, "on"), container.cleaning.on)
                yield from self._people.needs(
                    (*path, "needs"), container.cleaning.needs, container.cleaning.on
                )
        yield from upkeep.families(plant)
        yield from flow_rules.work_complaints(plant)
        for name, recipe in plant.recipes.items():
            yield from self._recipe(("recipes", name), recipe)
        yield from self._materials()
        yield from tank_rules.complaints(plant, self._refused, self._named)
        yield from utility_rules.complaints(plant, self._refused, self._named)
        yield from accounting.complaints(plant, self._refused, self._named)
        yield from self._airlocks()
        yield from parts_rules.complaints(plant, self._refused)
        for index, order in enumerate(plant.orders):
            path = ("orders", index)
            yield from self._named((*path, "recipe"), "recipes", order.recipe)
            if order.release not in BUILT_IN_RELEASES:
                yield from self._named((*path, "release"), "releases", order.release)
        yield from orders.complaints(plant, self._refused)

    def _airlocks(self) -> Iterator[Complaint]:
        transport = self._plant.transport
        areas = self._plant.layout.areas
        known = not self._refused.touches(("layout", "areas"))
        for name, lock in ({} if transport is None else transport.airlocks).items():
            for index, area in enumerate(lock.between) if known else ():
                path: Path = ("transport", "airlocks", name, "between", index)
                if area != OUTSIDE and area not in areas:
                    hint = did_you_mean(area, [*areas, OUTSIDE])
                    yield complain(path, f"names an area that is not there, `{area}`", hint)
                elif index and area == lock.between[0]:
                    yield complain(path, f"names `{area}` for the second time", "Name the other area.")

    def _materials(self) -> Iterator[Complaint]:
        """What is used up must come from somewhere, in the unit in which it is kept."""
        plant = self._plant
        made = {recipe.makes for recipe in plant.recipes.values()}
        made |= {tank.material for tank in plant.tanks.values()}
        for name, material in plant.materials.items():
            here: Path = ("materials", name)
            if material.reorder is not None:
                below = (*here, "reorder", "below")
                yield from self._same_unit(below, material.reorder.below, name)
            bought = material.stock or material.supply or material.reorder
            if not bought and name not in made and not self._refused.touches(here):
                hint = "Give it `stock`, `supply` or `reorder`, or have a recipe say `makes`."
                yield complain(here, "comes from nowhere", hint, at_key=True)
        for recipe_name, recipe in plant.recipes.items():
            path: Path = ("recipes", recipe_name)
            yield from self._named((*path, "makes"), "materials", recipe.makes)
            if recipe.makes is not None:
                yield from self._same_unit((*path, "makes"), recipe.batch, recipe.makes)
            for operation_name, operation in recipe.operations.items():
                for material_name, amount in operation.bill.items():
                    item = (*path, "operations", operation_name, "bill", material_name)
                    yield from self._named(item, "materials", material_name)
                    yield from self._same_unit(item, amount, material_name)
                    yield from self._attainable(item, amount, material_name, made)

    def _attainable(
        self, path: Path, amount: LotSize, name: str, made: Set[str | None]
    ) -> Iterator[Complaint]:
        """Where only the stock decides what is ordered, it never rises above the mark and one order."""
        material = self._plant.materials.get(name)
        if material is None or material.supply is not None or name in made:
            return
        if material.reorder is None or self._refused.touches(("materials", name)):
            return
        most = material.reorder.below.amount + material.reorder.lots * material.lot.amount
        if amount.amount >= most:
            message = f"takes {amount.amount:g} {amount.unit}, and no more than {most:g} is ever ordered"
            yield complain(path, message, f"Raise `below` or `lots` of `{name}`.")

    def _same_unit(self, path: Path, amount: LotSize, name: str) -> Iterator[Complaint]:
        material = self._plant.materials.get(name)
        known = not self._refused.touches(("materials", name, "lot"))
        if material is not None and known and material.lot.unit != amount.unit:
            message = f"is in {amount.unit}, and `{name}` is kept in {material.lot.unit}"
            yield complain(path, message, "Use one unit for a material everywhere.")

    def _named(self, path: Path, section: str, name: str | None) -> Iterator[Complaint]:
        names = self._names.get(section)
        if name is not None and names is not None and name not in names and name not in self._misspelt:
            hint = did_you_mean(name, names) or f"The plant has no `{section}`."
            yield complain(path, f"names {_SECTIONS[section]} not there, `{name}`", hint)

    def _units(self, path: Path, names: Sequence[str]) -> Iterator[Complaint]:
        for index, name in enumerate(names):
            yield from self._named((*path, index), "equipment", name)
            if name in names[:index]:
                yield complain((*path, index), f"names `{name}` for the second time", "Keep one.")

    def _equipment(self, path: Path, equipment: Equipment) -> Iterator[Complaint]:
        yield from self._named((*path, "calendar"), "calendars", equipment.calendar)
        yield from procedures.capacity(path, equipment)
        if equipment.class_ not in library():
            hint = did_you_mean(equipment.class_, library())
            yield complain((*path, "class"), f"names no known class, `{equipment.class_}`", hint)
        yield from self._failures((*path, "failures"), equipment.failures)
        stations = {} if equipment.flow is None else equipment.flow.stations
        for name, station in stations.items():
            yield from self._failures((*path, "flow", "stations", name, "failures"), station.failures)
        for where, needs in upkeep.needs(path, equipment):
            yield from self._people.needs(where, needs, [str(path[1])])
        if not self._refused.hides(("recipes",)):
            yield from upkeep.complaints(path, equipment, self._plant, self._refused)
        yield from flow_rules.section_complaints(str(path[1]), equipment, self._refused)

    def _failures(self, path: Path, failures: Sequence[Failure]) -> Iterator[Complaint]:
        seen: set[str] = set()
        for index, failure in enumerate(failures):
            here = (*path, index)
            if failure.name in seen:
                hint = "Give each failure of a unit its own `name`."
                yield complain(here, f"has the name of an earlier one, `{failure.name}`", hint)
            if not self._refused.touches((*here, "name")):
                seen.add(failure.name)
            if failure.rate_between_lots is not None and failure.clock == "calendar":
                hint = "Write `clock: running`, or leave it out."
                yield complain((*here, "rate_between_lots"), "needs a clock that runs with the lots", hint)
            yield from self._people.needs((*here, "needs"), failure.needs)

    def _recipe(self, path: Path, recipe: Recipe) -> Iterator[Complaint]:
        operations, plant = (*path, "operations"), self._plant
        named = not any(str(name).startswith(STAND_IN) for name in self._refused.keys(operations))
        names: list[str] = []
        for name, operation in recipe.operations.items():
            here = (*operations, name)
            names.append(name)
            yield from self._operation(here, operation)
            yield from flow_rules.operation_complaints(plant, here, recipe, operation, self._refused)
            if operation.rework is not None and operation.rework.to not in names and named:
                hint = did_you_mean(operation.rework.to, names)
                message = f"names `{operation.rework.to}`, which is no operation up to this one"
                yield complain((*here, "rework", "to"), message, hint)
        yield from procedures.unit_procedures(path, recipe)
        yield from procedures.one_by_one(path, recipe)
        yield from procedures.ways_back(path, recipe, plant)
        moved = [(*operations, name, key) for name in recipe.operations for key in ("take", "return")]
        if not any(map(self._refused.touches, moved)):
            yield from self._containers(path, recipe)
        if not any(self._refused.touches((*path, key)) for key in ("batch", "piece")):
            yield from self._waste(path, recipe)
        if not self._refused.keys(path):
            yield from quality.complaints(path, recipe)

    def _operation(self, path: Path, operation: Operation) -> Iterator[Complaint]:
        yield from self._units((*path, "on"), operation.on)
        yield from self._people.needs((*path, "needs"), operation.needs, operation.on)
        timed = operation.takes is not None or operation.physics is not None or bool(operation.phases)
        silent = not timed and not flow_rules.on_sections(self._plant, operation, self._refused)
        if silent and self._refused.keys(path) <= keys_of(Operation).keys() - {"takes", "physics", "phases"}:
            hint = "One of them says how long it lasts."
            yield complain(path, "lacks `takes`, `phases` or `physics`", hint)
        yield from procedures.phases(path, operation)
        yield from procedures.together(path, operation, self._plant)
        for name, phase in operation.phases.items():
            yield from self._people.needs((*path, "phases", name, "needs"), phase.needs, operation.on)
        if operation.takes is not None and operation.physics is not None:
            yield complain((*path, "physics"), "stands beside `takes`", "Keep one: each gives the duration.")
        timed_otherwise = operation.physics is None and not self._refused.touches((*path, "physics"))
        if operation.settings and timed_otherwise:
            yield complain((*path, "settings"), "has no `physics` to use it", "Add `physics: …`.")
        if operation.solve is not None and timed_otherwise:
            yield complain(
                (*path, "solve"), "has no `physics` to solve", "Add `physics: …`, or leave it out."
            )
        if operation.wait_in != "none":
            yield from self._named((*path, "wait_in"), "storage", operation.wait_in)
        yield from self._named((*path, "take"), "containers", operation.take)
        for container in operation.return_:
            yield from self._named((*path, "return", container), "containers", container)
        if operation.in_process is not None:
            needs = operation.in_process.needs
            yield from self._people.needs((*path, "in_process", "needs"), needs, operation.on)
        for inside, test in quality.tests(operation):
            yield from self._units((*path, *inside, "on"), test.on)
            yield from self._people.needs((*path, *inside, "needs"), test.needs, test.on)

    def _containers(self, path: Path, recipe: Recipe) -> Iterator[Complaint]:
        """One container at a time: what is taken comes back before the next is taken."""
        held: tuple[str, Path] | None = None
        for name, operation in recipe.operations.items():
            here = (*path, "operations", name)
            if operation.take is not None:
                if held is not None:
                    message = f"takes `{operation.take}` while the lot is still in `{held[0]}`"
                    yield complain((*here, "take"), message, "Return the first one before.")
                held = (operation.take, (*here, "take"))
            for container in operation.return_:
                back = (*here, "return", container)
                if held is not None and not self._known(held[0]):
                    held = None
                elif held is None or held[0] != container:
                    hint = f"Add `take: {container}` to an operation before."
                    yield complain(back, f"gives back `{container}`, which was not taken", hint)
                else:
                    held = None
        if held is not None and self._known(held[0]):
            hint = f"Add `return: {{{held[0]}: dirty}}` to a later operation."
            yield complain(held[1], f"takes `{held[0]}`, which is never given back", hint)

    def _known(self, container: str) -> bool:
        names = self._names.get("containers", {container: None})
        return container in names or container in self._misspelt

    def _waste(self, path: Path, recipe: Recipe) -> Iterator[Complaint]:
        """Waste counted otherwise than the lot needs the mass of a piece."""
        if recipe.piece is not None:
            return
        units = {name for operation in recipe.operations.values() for name in operation.on}
        for name in [name for name in self._plant.equipment if name in units]:
            for where, waste in _wastes(name, self._plant.equipment[name]):
                if waste.unit != recipe.batch.unit:
                    lots = "kilograms" if recipe.batch.unit == "kg" else "pieces"
                    message = f"is in `{waste.unit}`, while lots of recipe `{path[1]}` are in {lots}"
                    yield complain(
                        where, message, f"Add the mass of one piece to recipe `{path[1]}`: `piece: …`."
                    )


def _floor(plant: Plant, refused: Refused) -> Plant:
    """The plant as far as its floor is known: unknown aisles are none, unknown areas all that is left.

    Equipment of unknown size is as good as a point, and so are its units together.
    """
    areas = plant.layout.areas
    known = {n: area for n, area in areas.items() if not refused.hides(("layout", "areas", n, "outline"))}
    if len(known) < len(areas):
        known["?"] = Area.model_construct(outline=_EVERYWHERE)
    aisles = () if refused.touches(("layout", "aisles")) else plant.layout.aisles
    points = {
        name: e.model_copy(update=_POINT)
        for name, e in plant.equipment.items()
        if _is_of_unknown_size(name, e, refused)
    }
    if not points and known == areas and aisles == plant.layout.aisles:
        return plant
    equipment = {**plant.equipment, **points}
    floor = plant.layout.model_copy(update={"areas": known, "aisles": aisles})
    return plant.model_copy(update={"layout": floor, "equipment": equipment})


_EVERYWHERE = ((-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9))
_POINT = {"size": (1e-6, 1e-6), "pitch": (2e-6, 0.0)}


def _is_of_unknown_size(name: str, equipment: Equipment, refused: Refused) -> bool:
    keys = ("size", "pitch", "rotation", *(("class",) if equipment.size is None else ()))
    unknown = equipment.size is None and equipment.class_ not in library()
    return unknown or any(refused.touches(("equipment", name, key)) for key in keys)


def _wastes(name: str, equipment: Equipment) -> Iterator[tuple[Path, WasteDistribution]]:
    yield from _wastes_of(("equipment", name), equipment)
    stations = {} if equipment.flow is None else equipment.flow.stations
    for station_name, station in stations.items():
        yield from _wastes_of(("equipment", name, "flow", "stations", station_name), station)


def _wastes_of(path: Path, part: Equipment | Station) -> Iterator[tuple[Path, WasteDistribution]]:
    if part.start_up is not None and part.start_up.waste is not None:
        yield (*path, "start_up", "waste"), part.start_up.waste
    for index, failure in enumerate(part.failures):
        if failure.waste is not None:
            yield (*path, "failures", index, "waste"), failure.waste


def _unit_name_clashes(plant: Plant) -> Iterator[Complaint]:
    """`press` with a count of 2 makes a unit `press_2`, which may not be the name of other equipment."""
    for equipment, names in layout.unit_names(plant).items():
        for name in names[1:]:
            if name in plant.equipment:
                message = f"has the name of the second and later units of `{equipment}`"
                yield complain(("equipment", name), message, "Give it another name.", at_key=True)
