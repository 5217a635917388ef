"""Control recipes (ISA-88): an order line's own recipe is the master recipe with what its `control` changes.

`expanded` gives a plant in which each of them is a recipe of its own, `tablet@3` for order line 3, so that
all rules of recipes hold for it and the compiler knows nothing of it. Its draws are those of the master
recipe (`source_hash` leaves the order out), so that what an order does not change stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from twin.plant import changes as changing
from twin.plant.checking import complain, validate
from twin.plant.errors import Complaint, ComplaintError, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Order, Plant, Recipe
from twin.plant.sentences import refusals
from twin.plant.shorthand import Distribution
from twin.plant.units import WrongValueError

MARK = "@"

Complaints = Callable[[Plant, Mapping[str, Any], Refused], Sequence[Complaint]]


def master(name: str) -> str:
    """The master recipe's name in the name of a recipe.

    >>> master("tablet@3"), master("tablet")
    ('tablet', 'tablet')
    """
    return name.partition(MARK)[0]


def expanded(plant: Plant) -> Plant:
    """The plant with each control recipe as a recipe of its own. Raises `ComplaintError`.

    A plant without them is returned as it is.
    """
    if not any(order.control for order in plant.orders):
        return plant
    recipes, complaints = _control_recipes(plant)
    if complaints:
        raise ComplaintError(complaints)
    return _with(plant, recipes)


def _with(plant: Plant, recipes: Mapping[int, Recipe]) -> Plant:
    names = {index: f"{plant.orders[index].recipe}{MARK}{index}" for index in recipes}
    orders = tuple(
        order.model_copy(update={"recipe": names[index], "control": {}}) if index in names else order
        for index, order in enumerate(plant.orders)
    )
    added = {names[index]: recipe for index, recipe in recipes.items()}
    return plant.model_copy(update={"recipes": {**plant.recipes, **added}, "orders": orders})


def complaints(plant: Plant, data: Mapping[str, Any], refused: Refused, rules: Complaints) -> list[Complaint]:
    """What `rules` say of the plant, and of its control recipes at the change that is to blame.

    What is wrong with a master recipe is not told again of those made from it.
    """
    found = list(rules(plant, data, refused))
    lines = {index: order for index, order in enumerate(plant.orders) if order.control}
    if not lines or refused.touches(("recipes",)) or refused.touches(("orders",)):
        return found
    wrong = [complaint for index, order in lines.items() for complaint in _in_the_file(index, order, data)]
    if wrong:
        return [*found, *wrong]
    recipes, wrong = _control_recipes(plant)
    whole = _with(plant, recipes)
    names: dict[str, Any] = {name: {} for name in whole.recipes if MARK in name}
    known = {complaint.message for complaint in found}
    with_names = {**data, "recipes": {**data.get("recipes", {}), **names}}
    more = [c for c in rules(whole, with_names, refused) if _as_of_the_master(c.message, whole) not in known]
    return [*found, *wrong, *placed(more, plant)]


def placed(found: Iterable[Complaint], plant: Plant) -> list[Complaint]:
    """Complaints about control recipes, each at the change of the order line that is to blame."""
    return [_placed(complaint, plant) for complaint in found]


def _placed(complaint: Complaint, plant: Plant) -> Complaint:
    path = complaint.path
    if len(path) < 2 or path[0] != "recipes" or MARK not in str(path[1]):
        return complaint
    index = int(str(path[1]).partition(MARK)[2])
    return replace(complaint, path=_to_blame(index, plant.orders[index], path[2:]), offset=0)


def _to_blame(index: int, order: Order, path: Path) -> Path:
    """The path of the change that leads to a part of the recipe; of none, that of all of them."""
    parts = [str(part) for part in path if not isinstance(part, int)]
    for dotted in order.control:
        changed = dotted.split(".")
        if changed[: len(parts)] == parts[: len(changed)]:
            return ("orders", index, "control", dotted)
    return ("orders", index, "control")


def _as_of_the_master(message: str, plant: Plant) -> str:
    for name in plant.recipes:
        if MARK in name:
            message = message.replace(name, master(name))
    return message


def _in_the_file(index: int, order: Order, data: Mapping[str, Any]) -> Iterator[Complaint]:
    """What is wrong with an order's changes as they are written: units are missing, keys misspelt."""
    recipes = data.get("recipes")
    written = recipes.get(order.recipe) if isinstance(recipes, Mapping) else None
    if not isinstance(written, Mapping):
        return
    changed: dict[str, Any] = dict(written)
    wrong = False
    for dotted, value in sorted(order.control.items()):
        try:
            changed = changing.change(changed, Recipe, dotted, value)[0]
        except WrongValueError as error:
            wrong = True
            yield complain(("orders", index, "control", dotted), error.predicate, error.hint)
    if not wrong:
        for complaint in validate(Recipe, changed, lambda recipe, data, refused: [])[1]:
            yield replace(complaint, path=_to_blame(index, order, complaint.path), offset=0)


def _control_recipes(plant: Plant) -> tuple[dict[int, Recipe], list[Complaint]]:
    """The control recipe of each order line that has one, and what is wrong with the others."""
    made: dict[int, Recipe] = {}
    wrong: list[Complaint] = []
    for index, order in enumerate(plant.orders):
        if order.control and order.recipe in plant.recipes:
            try:
                made[index] = _control_recipe(order.recipe, plant.recipes[order.recipe], order.control)
            except WrongValueError as error:
                path: Path = ("orders", index, "control", *error.path)
                wrong.append(complain(path, error.predicate, error.hint))
            except ValidationError as error:
                for refusal in refusals(error, Recipe):
                    path = _to_blame(index, order, refusal.complaint.path)
                    wrong.append(replace(refusal.complaint, path=path, offset=0))
    return made, wrong


def _control_recipe(name: str, recipe: Recipe, control: Mapping[str, object]) -> Recipe:
    """The recipe with the changes made. Raises `WrongValueError`, `ValidationError`."""
    data: dict[str, Any] = recipe.model_dump(mode="json", by_alias=True)
    data["product"] = recipe.product or name
    for dotted, value in sorted(control.items()):  # a part after the whole that it is of
        _open(data, dotted.split("."))
        try:
            data = changing.change(data, Recipe, dotted, value)[0]
        except WrongValueError as error:
            raise WrongValueError(error.predicate, error.hint, path=(dotted,)) from None
    made = Recipe.model_validate(data)
    if list(made.operations) != list(recipe.operations):
        raise WrongValueError(
            "does not keep the operations of the master recipe", "Change their words alone."
        )
    return made


def _open(data: Any, parts: Sequence[str]) -> None:
    """Write a distribution that lies on the way as its short form, which a change may lead into."""
    for part in parts:
        inside = data.get(part) if isinstance(data, dict) else None
        if isinstance(inside, dict) and {"kind", "parameters"} <= set(inside):
            data[part] = Distribution.model_validate(inside).text
            return
        data = inside
