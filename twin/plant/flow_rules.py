"""Rules of flow sections: what their stations, and the operations on them, must say and must leave out.

Pure functions from a plant to complaints; `consistency.py` calls them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.quality import tests
from twin.plant.remainder import Refused
from twin.plant.schema import Equipment, FlowSection, Operation, Plant, Recipe
from twin.plant.shorthand import Distribution


def section_complaints(name: str, equipment: Equipment, refused: Refused) -> Iterator[Complaint]:
    """What is wrong with a flow section by itself."""
    path: Path = ("equipment", name)
    flow = equipment.flow
    if flow is None:
        return
    if equipment.failures:
        hint = "Give each failure to the station that stops."
        yield complain((*path, "failures"), "belongs to the stations of a flow section", hint)
    names = list(flow.stations)
    for station_name, station in flow.stations.items():
        here = (*path, "flow", "stations", station_name)
        for index, failure in enumerate(station.failures):
            if failure.work != "resume":
                hint = "Only what is in the station is lost: write `waste: … pieces`."
                yield complain((*here, "failures", index, "work"), "is `resume` at a station", hint)
        if station.buffer_after is not None and station_name == names[-1]:
            hint = "What leaves the last station waits where the next operation says, `wait_in: …`."
            yield complain((*here, "buffer_after"), "stands after the last station", hint)
    silent = _without_a_rate(name, flow, refused)
    for station_name in silent[1:]:
        hint = f"The physics gives one rate, that of `{silent[0]}`."
        yield complain((*path, "flow", "stations", station_name), "lacks `rate`", hint)


def _without_a_rate(name: str, flow: FlowSection, refused: Refused) -> list[str]:
    path: Path = ("equipment", name, "flow", "stations")
    silent = [n for n, station in flow.stations.items() if station.rate is None]
    return [n for n in silent if not refused.touches((*path, n, "rate"))]


def work_complaints(plant: Plant) -> Iterator[Complaint]:
    """Containers are cleaned, and samples are tested, on units."""
    for name, container in plant.containers.items():
        if container.cleaning is not None:
            yield from _on_units(plant, ("containers", name, "cleaning", "on"), container.cleaning.on)
    for recipe_name, recipe in plant.recipes.items():
        for operation_name, operation in recipe.operations.items():
            path: Path = ("recipes", recipe_name, "operations", operation_name)
            for below, test in tests(operation):
                yield from _on_units(plant, (*path, *below, "on"), test.on)


def _on_units(plant: Plant, path: Path, names: Sequence[str]) -> Iterator[Complaint]:
    for index, name in enumerate(names):
        if name in plant.equipment and plant.equipment[name].flow is not None:
            message = f"names a flow section, `{name}`"
            yield complain((*path, index), message, "Only lots flow through sections: name a unit.")


def on_sections(plant: Plant, operation: Operation, refused: Refused) -> bool:
    """Whether an operation is done, for all that is known, on flow sections alone."""
    return all(
        refused.touches(("equipment", name, "flow")) or plant.equipment[name].flow is not None
        for name in operation.on
        if name in plant.equipment
    ) and any(name in plant.equipment for name in operation.on)


def operation_complaints(
    plant: Plant, path: Path, recipe: Recipe, operation: Operation, refused: Refused
) -> Iterator[Complaint]:
    """What is wrong with an operation that names flow sections."""
    sections = [n for n in operation.on if n in plant.equipment and plant.equipment[n].flow is not None]
    if not sections:
        return
    if not on_sections(plant, operation, refused):
        hint = "On a flow section a lot flows at rate, on a unit it takes a time: write two operations."
        yield complain((*path, "on"), "names flow sections and units", hint)
        return
    for key in ("takes", "phases"):
        if getattr(operation, key):
            hint = "The rates of the section's stations say how long the lot takes."
            yield complain((*path, key), "stands beside a flow section", hint)
    if operation.in_process is not None:
        hint = "Give the stations failures and start-ups, or work on a unit."
        yield complain((*path, "in_process"), "stands beside a flow section", hint)
    yield from _shared_units(plant, path, operation, sections[0])
    for name in sections:
        flow = plant.equipment[name].flow
        assert flow is not None
        if refused.touches(("equipment", name, "flow")) or refused.touches((*path, "physics")):
            continue
        silent = _without_a_rate(name, flow, refused)
        if silent and operation.physics is None:
            hint = f"Give station `{silent[0]}` of `{name}` a `rate`, or add `physics: …`."
            yield complain(path, f"lacks `physics` for the rate of `{name}`", hint)
        if not silent and operation.physics is not None:
            hint = f"Leave out the `rate` of one station of `{name}`, or `physics`."
            yield complain((*path, "physics"), "gives a rate that no station is without", hint)
        yield from _units_of_quantity(name, flow, recipe, str(path[1]))


def _shared_units(plant: Plant, path: Path, operation: Operation, section: str) -> Iterator[Complaint]:
    """A lot that flows is in all stations at once, and does not begin anew where a unit fails beside it."""
    for index, need in enumerate(operation.needs):
        shared = None if need.unit is None else plant.equipment.get(need.unit)
        if shared is not None and any(failure.work == "repeat" for failure in shared.failures):
            message = f"names `{need.unit}`, a failure of which has work begin anew, and `{section}` flows"
            hint = f"Write `work: resume` or `work: scrap` for the failures of `{need.unit}`."
            yield complain((*path, "needs", index), message, hint)


def _units_of_quantity(name: str, flow: FlowSection, recipe: Recipe, recipe_name: str) -> Iterator[Complaint]:
    """Rates and buffers counted otherwise than the lot need the mass of a piece."""
    if recipe.piece is not None:
        return
    foreign = ("1/s", "pieces") if recipe.batch.unit == "kg" else ("kg/s", "kg")
    for station_name, station in flow.stations.items():
        for key in ("rate", "buffer_after"):
            value: Distribution | None = getattr(station, key)
            if value is not None and value.unit in foreign:
                where: Path = ("equipment", name, "flow", "stations", station_name, key)
                lots = "kilograms" if recipe.batch.unit == "kg" else "pieces"
                counted = "pieces" if recipe.batch.unit == "kg" else "a mass"
                message = f"is in {counted}, while lots of recipe `{recipe_name}` are in {lots}"
                hint = f"Add the mass of one piece to recipe `{recipe_name}`: `piece: …`."
                yield complain(where, message, hint)
