"""Rules of a plant that follow from how an engine works: who could wait for ever, what must be reserved.

Pure functions from a checked plant to complaints; `compile/` calls them. The rules of physics are in
`physics_call.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from twin.engine import people_checks
from twin.plant.errors import Complaint, Path
from twin.plant.schema import Operation, Plant, Recipe
from twin.plant.sentences import sentence, subject


def complaints(plant: Plant, start: datetime) -> list[Complaint]:
    """Everything about `plant`, run from `start`, that no engine could carry out, each with its path."""
    return [
        *people_checks.complaints(plant, start),
        *_blocking_without_a_place(plant),
        *_blocking_before_the_outcome_is_known(plant),
        *_taken_off_a_belt(plant),
    ]


def _blocking_without_a_place(plant: Plant) -> Iterator[Complaint]:
    """Blocking before service reserves a place, so the next operation must wait in a storage."""
    told: set[str] = set()
    for recipe_name, recipe in plant.recipes.items():
        names = list(recipe.operations)
        for position, operation in enumerate(recipe.operations.values()):
            following = [*names[position + 1 : position + 2], *_sent_back_to(operation)]
            bad = [name for name in following if recipe.operations[name].wait_in == "none"]
            for name in operation.on if bad else ():
                if plant.equipment[name].blocking == "before_service" and name not in told:
                    told.add(name)
                    path: Path = ("equipment", name, "blocking")
                    next_one = subject(("recipes", recipe_name, "operations", bad[0]))
                    message = f"has no place to reserve: {next_one} waits in none"
                    hint = "Give that operation a storage, or block after service."
                    yield Complaint(path, sentence(path, message), hint)


def _blocking_before_the_outcome_is_known(plant: Plant) -> Iterator[Complaint]:
    """Blocking before service reserves a place, so it must be known at the start where the lot goes."""
    told: set[str] = set()
    for recipe_name, recipe in plant.recipes.items():
        for operation_name, operation in recipe.operations.items():
            word = _decided_late(recipe, operation_name)
            for name in operation.on if word else ():
                if plant.equipment[name].blocking == "before_service" and name not in told:
                    told.add(name)
                    path: Path = ("equipment", name, "blocking")
                    where = subject(("recipes", recipe_name, "operations", operation_name))
                    message = f"has no place to reserve: `{word}` decides at the end of {where} where lots go"
                    yield Complaint(path, sentence(path, message), "Block after service.")


def _taken_off_a_belt(plant: Plant) -> Iterator[Complaint]:
    """A conveyor gives its lots in turn, so that none can be sent away out of it, or stay in it."""
    belts = {name for name, storage in plant.storage.items() if storage.conveyor is not None}
    for recipe_name, recipe in plant.recipes.items():
        for position, (name, operation) in enumerate(recipe.operations.items()):
            if operation.wait_in not in belts:
                continue
            path: Path = ("recipes", recipe_name, "operations", position, name, "wait_in")
            word = _sends_away(recipe, name) or _takes_several(operation)
            message = f"is a conveyor, and `{word}` takes lots out of turn"
            before = list(recipe.operations.values())[position - 1] if position else None
            if before is not None and before.split is not None:
                word, message = (
                    "split",
                    "is a conveyor, and `split` would lay all parts down on it at once",
                )
            if word:
                yield Complaint(path, sentence(path, message), "Let them wait in a storage beside it.")


def _sends_away(recipe: Recipe, name: str) -> str:
    """The word that can end the waiting of a lot for an operation; empty where none does."""
    operation, names = recipe.operations[name], list(recipe.operations)
    if operation.hold is not None:
        return "hold"
    if operation.needs_release:
        return "needs_release"
    if operation.max_wait_before is not None and operation.max_wait_before.when_late != "flag":
        return "max_wait_before"
    for first, other in recipe.operations.items():
        life = other.shelf_life
        if life is None or life.when_late == "flag":
            continue
        if names.index(first) < names.index(name) <= names.index(life.until or names[-1]):
            return "shelf_life"
    return ""


def _takes_several(operation: Operation) -> str:
    """The word by which an operation takes several lots at once; empty where none does."""
    if operation.merge:
        return "merge"
    return "together" if operation.together is not None else ""


def _decided_late(recipe: Recipe, name: str) -> str:
    """The word that decides at the end of an operation where a lot goes; empty where none does."""
    operation, names = recipe.operations[name], list(recipe.operations)
    if operation.specification:
        return "specification"
    if operation.hold is not None:
        return "hold"
    after = recipe.operations[names[names.index(name) + 1]] if name != names[-1] else None
    if after is not None and after.needs_release:
        return "needs_release"
    for first, other in recipe.operations.items():
        if other.shelf_life is not None:
            until = names.index(other.shelf_life.until or names[-1])
            if names.index(first) < names.index(name) < until:
                return "shelf_life"
    return ""


def _sent_back_to(operation: Operation) -> tuple[str, ...]:
    return () if operation.rework is None else (operation.rework.to,)
