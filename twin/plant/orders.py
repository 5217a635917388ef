"""Rules about the order book: releases that go on have a time between them, release rules fit their orders.

Pure functions from a plant to complaints, called by `consistency.py`; the models are in `schema/orders.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Plant, ReleaseRule
from twin.plant.schema.orders import BUILT_IN_RELEASES, CAMPAIGN, PUSH
from twin.plant.sentences import did_you_mean, subject


def rules_in_use(plant: Plant) -> tuple[str, ...]:
    """Names of the release rules that order lines name, pushing excepted: those of the file in its order."""
    named = {order.release for order in plant.orders} - {PUSH}
    return tuple(name for name in (*plant.releases, CAMPAIGN) if name in named)


def release_rule(plant: Plant, name: str) -> ReleaseRule:
    """A release rule by its name; `campaign` is one with its defaults."""
    return plant.releases[name] if name in plant.releases else ReleaseRule(rule=CAMPAIGN)


def complaints(plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """All that is wrong between order lines, recipes and release rules."""
    for index, order in enumerate(plant.orders):
        path: Path = ("orders", index)
        once = order.every is None and not refused.touches((*path, "every"))
        if order.times is not None and order.times > 1 and once:
            yield complain((*path, "times"), "has no `every` between the releases", "Add `every: …`.")
        rule = plant.releases.get(order.release)
        due = order.due is not None or refused.touches((*path, "due"))
        if rule is not None and rule.rule == "due_date" and not due:
            message = f"lacks `due`, by which `{order.release}` lets its lots in"
            yield complain(path, message, "Add `due: …`.")
    for name, rule in plant.releases.items():
        path = ("releases", name)
        if name in BUILT_IN_RELEASES:
            yield complain(path, "is the name of a rule that is always there", at_key=True)
        if rule.until is not None and not refused.touches(path):
            yield from _until((*path, "until"), name, rule.until, plant, refused)
    yield from loops(plant, refused)


def loops(plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """The stage of a kanban loop begins somewhere, and ends later in each recipe."""
    for name, loop in plant.loops.items():
        path: Path = ("loops", name)
        if refused.touches((*path, "from")):
            continue
        concerned = {r: recipe for r, recipe in plant.recipes.items() if loop.from_ in recipe.operations}
        if not concerned and not _lacks_operations(refused):
            known = dict.fromkeys(o for recipe in plant.recipes.values() for o in recipe.operations)
            message = f"names `{loop.from_}`, which is no operation of any recipe"
            yield complain((*path, "from"), message, did_you_mean(loop.from_, known))
        for recipe_name, recipe in concerned.items():
            names = list(recipe.operations)
            later = names[names.index(loop.from_) + 1 :]
            where = subject(("recipes", recipe_name))
            if loop.until is not None and loop.until not in later and not _lacks_operations(refused):
                message = f"names `{loop.until}`, which is no operation of {where} after `{loop.from_}`"
                yield complain((*path, "until"), message, did_you_mean(loop.until, later))
            if recipe.operations[loop.from_].together is not None:
                message = f"names `{loop.from_}`, which takes several lots of {where} at once"
                yield complain((*path, "from"), message, "Let the loop begin at another operation.")


def _lacks_operations(refused: Refused) -> bool:
    """Whether operations are refused whole, names and all."""
    chapter: Path = ("recipes",)
    if refused.hides(chapter):
        return True
    for recipe in refused.keys(chapter):
        here = (*chapter, recipe, "operations")
        if refused.hides(here) or any(refused.hides((*here, name)) for name in refused.keys(here)):
            return True
    return False


def _until(path: Path, name: str, until: str, plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """Every recipe whose lots the rule lets in has the operation."""
    for recipe_name in dict.fromkeys(order.recipe for order in plant.orders if order.release == name):
        recipe = plant.recipes.get(recipe_name)
        where: Path = ("recipes", recipe_name)
        if recipe is None or until in recipe.operations or refused.touches(where):
            continue
        message = f"names `{until}`, which is no operation of {subject(where)}"
        yield complain(path, message, did_you_mean(until, recipe.operations))
        return
