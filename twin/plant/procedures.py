"""Rules of the procedural model (ISA-88) within a recipe, and of the units that carry it out.

Pure functions from a part of a plant to complaints; `consistency` calls them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.schema import Equipment, Operation, Plant, Recipe


def unit_procedures(path: Path, recipe: Recipe) -> Iterator[Complaint]:
    """A lot keeps its unit through a unit procedure: neighbours, on one equipment, entered at the start."""
    operations = list(recipe.operations.items())
    seen: set[str] = set()
    for position, (name, operation) in enumerate(operations):
        here = (*path, "operations", name)
        before = operations[position - 1][1] if position else None
        word = operation.unit_procedure
        if word is not None and before is not None and before.unit_procedure == word:
            yield from _goes_on(here, operation, before)
        elif word is not None and word in seen:
            hint = "The operations of a unit procedure follow each other; give this one another name."
            yield complain((*here, "unit_procedure"), f"names `{word}`, which ended before", hint)
        if word is not None:
            seen.add(word)
        if operation.rework is not None:
            yield from _enters((*here, "rework", "to"), recipe, operation)


def _goes_on(path: Path, operation: Operation, before: Operation) -> Iterator[Complaint]:
    if operation.on != before.on:
        hint = f"Write `on: [{', '.join(before.on)}]`."
        yield complain((*path, "on"), "differs from the operation before, and the lot keeps its unit", hint)
    if operation.wait_in is not None:
        yield complain((*path, "wait_in"), "has no use: the lot keeps its unit", "Leave it out.")


def _enters(path: Path, recipe: Recipe, operation: Operation) -> Iterator[Complaint]:
    """Rework may lead into the middle of the unit procedure that it comes from, and of no other."""
    assert operation.rework is not None
    names = list(recipe.operations)
    target = recipe.operations.get(operation.rework.to)
    if target is None or target.unit_procedure is None or target.unit_procedure == operation.unit_procedure:
        return
    position = names.index(operation.rework.to)
    if position and recipe.operations[names[position - 1]].unit_procedure == target.unit_procedure:
        first = next(n for n, o in recipe.operations.items() if o.unit_procedure == target.unit_procedure)
        message = f"leads into the middle of unit procedure `{target.unit_procedure}`"
        yield complain(path, message, f"Write `to: {first}`, where it begins.")


def ways_back(path: Path, recipe: Recipe, plant: Plant) -> Iterator[Complaint]:
    """A lot that is sent back has a place other than the one unit that it stands on and waits for."""
    for name, operation in recipe.operations.items():
        target = None if operation.rework is None else recipe.operations.get(operation.rework.to)
        if operation.rework is None or target is None or not operation.rework.probability:
            continue
        keeps_it = operation.unit_procedure is not None and operation.unit_procedure == target.unit_procedure
        if target.wait_in == "none" and not keeps_it and _is_one_for_both(operation, target, plant):
            there, unit = operation.rework.to, operation.on[0]
            message = (
                f"sends lots to `{there}`, which waits in none, on `{unit}`, where they stand: none could "
                "ever leave it"
            )
            hint = f"Give `{there}` a `wait_in` with room for a lot that comes back, or leave that out."
            yield complain((*path, "operations", name, "rework", "to"), message, hint)


def _is_one_for_both(operation: Operation, other: Operation, plant: Plant) -> bool:
    """Whether one unit, for one lot at a time, is the only one for both operations."""
    if len(set(operation.on)) != 1 or set(operation.on) != set(other.on):
        return False
    equipment = plant.equipment.get(operation.on[0])
    return equipment is not None and equipment.count == 1 and equipment.capacity == 1


def phases(path: Path, operation: Operation) -> Iterator[Complaint]:
    """Phases give the duration, alone; the people of a phase are there for the whole of it."""
    for other in ("takes", "physics"):
        if operation.phases and getattr(operation, other) is not None:
            yield complain(
                (*path, "phases"), f"stands beside `{other}`", "Keep one: each gives the duration."
            )
    for name, phase in operation.phases.items():
        for index, need in enumerate(phase.needs):
            if need.during != "operation":
                here = (*path, "phases", name, "needs", index, "during")
                yield complain(here, "has no use in a phase, which is one stretch", "Leave it out.")


LOT_BY_LOT = ("physics", "bill", "unit_procedure", "split", "merge", "pack", "sampling", "hold")


def one_by_one(path: Path, recipe: Recipe) -> Iterator[Complaint]:
    """Lots of a batch leave their unit in turn, so that one cannot be sent away from behind the others."""
    operations = list(recipe.operations.items())
    for (name, operation), (_, following) in pairwise(operations):
        late = following.max_wait_before
        limited = late is not None and late.when_late != "flag"
        if operation.together is not None and limited:
            here = (*path, "operations", name, "together")
            message = "leaves lots on the unit that the next operation's `max_wait_before` could send away"
            yield complain(here, message, "Write `when_late: flag` there.")
    for name, operation in operations:
        if operation.together is not None and any(o.shelf_life is not None for _, o in operations):
            here = (*path, "operations", name, "together")
            message = "leaves lots on the unit that a `shelf_life` of the recipe could send away"
            yield complain(here, message, "Leave one of them out.")


def together(path: Path, operation: Operation, plant: Plant) -> Iterator[Complaint]:
    """Lots that a unit takes at once gather before it, and nothing concerns one of them alone."""
    words = operation.together
    if words is None:
        return
    here = (*path, "together")
    if words.min > words.max:
        yield complain((*here, "min"), f"is more than `max`, which is {words.max}", "No batch could start.")
    for key in LOT_BY_LOT:
        if getattr(operation, key):
            yield complain((*path, key), "is for operations that take lots one by one", "Leave one out.")
    if operation.wait_in == "none" and words.min > 1:
        hint = "Give the operation a storage, or unlimited room."
        yield complain((*path, "wait_in"), "gives lots no place in which to gather", hint)
    for index, name in enumerate(operation.on):
        equipment = plant.equipment.get(name)
        if equipment is not None and (equipment.blocking == "before_service" or equipment.flow is not None):
            message = f"names `{name}`, which takes lots one by one"
            yield complain(
                (*path, "on", index), message, "Use a unit that blocks after service and is no line."
            )


WHOLE = ("changeover", "cleaning", "dirty_hold", "clean_hold", "maintenance", "wear", "flow")


def capacity(path: Path, equipment: Equipment) -> Iterator[Complaint]:
    """A unit for several lots has no rule that would need it to be empty, or to know what it works on."""
    if equipment.capacity == 1:
        return
    hint = "Use `count` for units that are looked after one by one."
    for key in WHOLE:
        if getattr(equipment, key):
            yield complain((*path, key), "is for units with a `capacity` of 1", hint)
    for index, failure in enumerate(equipment.failures):
        if failure.clock == "running":
            message = "runs with one lot, and the unit has a `capacity` of several"
            yield complain((*path, "failures", index, "clock"), message, "Write `clock: calendar`.")
