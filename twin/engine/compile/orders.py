"""The order book and the recipes as an engine sees them."""

from __future__ import annotations

from twin.engine.compile.context import MILLIGRAMS, Context, optional, whole
from twin.engine.program import NONE, OrderLine, Recipe
from twin.plant import schema, upkeep


def recipe(at: Context, name: str) -> Recipe:
    """What an engine needs of a recipe besides its operations."""
    words = at.plant.recipes[name]
    first = at.operation_numbers[(name, next(iter(words.operations)))]
    return Recipe(
        name=name,
        first=first,
        quantity=whole(words.batch),
        unit_of_quantity="mg" if words.batch.unit == "kg" else "pieces",
        piece_mg=0.0 if words.piece is None else words.piece * MILLIGRAMS,
        makes=NONE if words.makes is None else at.material_numbers[words.makes],
        product=at.product_numbers[upkeep.product(name, words)],
        family=at.family_numbers[upkeep.family(name, words)],
    )


def order(at: Context, index: int, line: schema.Order) -> OrderLine:
    """A line of the order book."""
    endless = NONE if line.every is not None else 1
    return OrderLine(
        recipe=at.recipe_numbers[line.recipe],
        lots=line.batches,
        every=optional(f"orders/{index}/every", line.every),
        first=optional(f"orders/{index}/first", line.first),
        times=endless if line.times is None else line.times,
        priority=line.priority,
        lost_when_full=line.when_full == "lost",
    )
