"""Rules of a plant that follow from how an engine works: who could wait for ever, what must be reserved.

Pure functions from a checked plant to complaints; `compile/` calls them. The rules of physics are in
`physics_call.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.plant.errors import Complaint, Path
from twin.plant.quality import tests
from twin.plant.schema import Failure, Need, Operation, Plant, Recipe
from twin.plant.sentences import sentence, subject

_STRETCHES = {
    "running": ("processing",),
    "calendar": ("setup", "start_up", "load", "processing", "unload"),
}


def complaints(plant: Plant) -> list[Complaint]:
    """Everything about `plant` that no engine could carry out, each with its path in the plant file."""
    return [
        *_repairs_that_wait_for_ever(plant),
        *_blocking_without_a_place(plant),
        *_blocking_before_the_outcome_is_known(plant),
    ]


def _repairs_that_wait_for_ever(plant: Plant) -> Iterator[Complaint]:
    """A repair needs people while the work that it interrupts keeps its own of the same pool."""
    work = _work(plant)
    for name, equipment in plant.equipment.items():
        for index, failure in enumerate(equipment.failures):
            path: Path = ("equipment", name, "failures", index, "needs")
            for people in dict.fromkeys(need.people for need in failure.needs):
                first = next(i for i, need in enumerate(failure.needs) if need.people == people)
                count = sum(need.count for need in failure.needs if need.people == people)
                held = max((_held(needs, people, failure) for needs in work.get(name, ())), default=0)
                size = plant.people[people].count
                if held + count > size:
                    message = (
                        f"could wait for ever: the repair asks for {count} `{people}` while the work that it "
                        f"interrupts keeps {held}, and the plant has {size}"
                    )
                    hint = f"Have at least {held + count} `{people}`, or let others repair."
                    yield Complaint((*path, first), sentence((*path, first), message), hint)


def _work(plant: Plant) -> dict[str, list[Sequence[Need]]]:
    """What each piece of work on each equipment needs."""
    found: dict[str, list[Sequence[Need]]] = {}
    operations = [o for recipe in plant.recipes.values() for o in recipe.operations.values()]
    cleanings = [c.cleaning for c in plant.containers.values() if c.cleaning is not None]
    work = [(o.on, needs) for o in operations for needs in _needs_by_phase(o)]
    work += [(c.on, c.needs) for c in cleanings]
    work += [(test.on, test.needs) for o in operations for _, test in tests(o)]
    for units, needs in work:
        for name in units:
            found.setdefault(name, []).append(needs)
    return found


def _needs_by_phase(operation: Operation) -> list[tuple[Need, ...]]:
    """What an operation needs with each of its phases; those of a phase count as needs of processing."""
    phases = [
        tuple(need.model_copy(update={"during": "processing"}) for need in phase.needs)
        for phase in operation.phases.values()
    ]
    return [(*operation.needs, *needs) for needs in phases or [()]]


def _held(needs: Sequence[Need], people: str, failure: Failure) -> int:
    """The most of `people` that work holds at once when `failure` can interrupt it."""

    def during(stretch: str) -> int:
        return sum(need.count for need in needs if need.people == people and need.during == stretch)

    return during("operation") + max(during(stretch) for stretch in _STRETCHES[failure.clock])


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
