"""What splitting, merging and packing ask of a recipe. Called by `consistency.py`.

Pure functions from a checked plant to complaints.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from twin.plant import transfer_rules
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Operation, Plant, Recipe
from twin.plant.shorthand import LotSize

DIVIDING = ("split", "transfer")  # words after which a lot is in parts
MOST_PARTS = 1000  # as the numbers of parts allow
DEEPEST = 3


def complaints(plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """Everything that cannot be split, merged or packed as it is written."""
    for name, recipe in plant.recipes.items():
        path: Path = ("recipes", name)
        if not refused.touches((*path, "batch")) and not refused.touches((*path, "piece")):
            yield from _sizes(path, recipe, refused)
        yield from _order(path, recipe)
        for position, (operation, words) in enumerate(recipe.operations.items()):
            following = [*recipe.operations.values(), None][position + 1]
            here = (*path, "operations", operation)
            yield from transfer_rules.complaints(here, plant, recipe, words, following, refused)
        yield from _room(path, plant, recipe)


def _sizes(path: Path, recipe: Recipe, refused: Refused) -> Iterator[Complaint]:
    for name, operation in recipe.operations.items():
        here = (*path, "operations", name)
        split = operation.split
        told = refused.touches((*here, "split"))
        if split is not None and (split.into is None) == (split.each is None) and not told:
            yield complain((*here, "split"), "needs one of `into` and `each`", "Write `split: 4`.")
        elif split is not None and split.each is not None:
            yield from _portions((*here, "split", "each"), recipe, split.each)
        if operation.transfer is not None and operation.transfer.portion is not None:
            yield from _portions((*here, "transfer", "portion"), recipe, operation.transfer.portion)
        if operation.pack is not None:
            yield from _comparable((*here, "pack"), recipe, operation.pack)


def _portions(path: Path, recipe: Recipe, each: LotSize) -> Iterator[Complaint]:
    yield from _comparable(path, recipe, each)
    parts = _parts(recipe, each)
    if parts > MOST_PARTS:
        message = f"makes {parts:,.0f} parts of a lot, more than {MOST_PARTS:,}"
        yield complain(path, message, "Make the parts larger.")


def _comparable(path: Path, recipe: Recipe, amount: LotSize) -> Iterator[Complaint]:
    if amount.unit == recipe.batch.unit or (amount.unit == "pieces" and recipe.piece is not None):
        return
    message = f"is in {amount.unit}, and lots are in {recipe.batch.unit}"
    hint = "Give the recipe the mass of a `piece`." if amount.unit == "pieces" else "Write it in pieces."
    yield complain(path, message, hint)


def _parts(recipe: Recipe, each: LotSize) -> float:
    size = each.amount
    if each.unit != recipe.batch.unit:
        size *= recipe.piece or 0.0
    return recipe.batch.amount / size if size else 0.0


def _order(path: Path, recipe: Recipe) -> Iterator[Complaint]:
    """Splits and merges pair like brackets; what carries or repeats a lot does not reach across them."""
    depth, held = 0, False
    depths: dict[str, int] = {}  # of the lots that each operation works on
    waiting: dict[str, int] = {}  # of those that wait for it
    last = list(recipe.operations)[-1]
    for name, operation in recipe.operations.items():
        here = (*path, "operations", name)
        waiting[name] = depth
        if operation.merge:
            if not depth:
                yield complain((*here, "merge"), "has nothing to merge", "Split the lot before.")
            if held:
                yield complain((*here, "merge"), "finds the parts in containers", "Give them back before.")
            depth = max(0, depth - 1)
        held = (held or operation.take is not None) and not operation.return_
        depths[name] = depth
        for word, to in _ways_back(operation):
            late = word == ("max_wait_before",) and to != name
            if depths.get(to, depth) != (waiting[name] if late else depth):
                hint = "Send the lot back to an operation after that."
                yield complain((*here, *word, "to"), "leads back across a split or a merge", hint)
        for dividing in DIVIDING:
            if getattr(operation, dividing) is not None:
                yield from _split((*here, dividing), name == last, held, depth)
                depth += 1
    yield from _lives(path, recipe, depths, waiting)


def _ways_back(operation: Operation) -> Iterator[tuple[Path, str]]:
    """The words that can send a lot back from an operation, and to where."""
    if operation.rework is not None:
        yield ("rework",), operation.rework.to
    if operation.max_wait_before is not None and operation.max_wait_before.to is not None:
        yield ("max_wait_before",), operation.max_wait_before.to
    for name, specified in operation.specification.items():
        if specified.to is not None:
            yield ("specification", name), specified.to


def _lives(
    path: Path, recipe: Recipe, depths: dict[str, int], waiting: dict[str, int]
) -> Iterator[Complaint]:
    """What outlives its shelf life goes back from any operation until the last that it limits."""
    names = list(recipe.operations)
    for position, (name, operation) in enumerate(recipe.operations.items()):
        life = operation.shelf_life
        if life is None or life.to is None or life.to not in depths:
            continue
        until = names.index(life.until) if life.until in names else len(names) - 1
        held = names[position + 1 : until + 1]
        where = [*(depths[each] for each in (name, *held)), *(waiting[each] for each in held)]
        if any(depth != depths[life.to] for depth in where):
            here = (*path, "operations", name, "shelf_life", "to")
            hint = "Scrap or flag what is late, or end the shelf life before that."
            yield complain(here, "leads back across a split or a merge", hint)


def _split(here: Path, last: bool, held: bool, depth: int) -> Iterator[Complaint]:
    if last:
        yield complain(here, "has no operation for the parts", "Add one after it, be it of no length.")
    if held:
        yield complain(here, "finds the lot in a container", "Give it back in this operation.")
    if depth == DEEPEST:
        yield complain(here, f"splits a lot for the {DEEPEST + 1}th time", "Merge the parts before.")


def _room(path: Path, plant: Plant, recipe: Recipe) -> Iterator[Complaint]:
    """The parts need a place each."""
    names = list(recipe.operations)
    for name, following in pairwise(names):
        one, other = recipe.operations[name], recipe.operations[following]
        if one.unit_procedure is not None and one.unit_procedure == other.unit_procedure:
            for word, at in (("split", name), ("transfer", name), ("merge", following)):
                if getattr(recipe.operations[at], word):
                    here = (*path, "operations", at, word)
                    message = "stands inside a unit procedure, through which a lot keeps its unit"
                    yield complain(here, message, "End the unit procedure before it.")
        split, wait_in = one.split, other.wait_in
        here = (*path, "operations", name, "transfer" if split is None else "split")
        if split is None and one.transfer is None:
            continue
        blocking = [u for u in recipe.operations[name].on if u in plant.equipment]
        if any(plant.equipment[unit].blocking == "before_service" for unit in blocking):
            yield complain(here, "is done on equipment that blocks before service", "Block after service.")
        if wait_in == "none":
            yield complain(here, "leaves the parts without a place", f"Have `{following}` wait in a storage.")
        storage = plant.storage.get(wait_in or "")
        parts = 0.0 if split is None else split.into or (_parts(recipe, split.each) if split.each else 0.0)
        if storage is not None and storage.capacity is not None and parts > storage.capacity:
            message = f"makes {parts:,.0f} parts, and `{wait_in}` has {storage.capacity} places"
            yield complain(here, message, "Give it more.")
