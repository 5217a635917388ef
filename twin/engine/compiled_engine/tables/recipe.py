"""Recipes."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    FIRST,
    QUANTITY,
    IN_PIECES,
    PIECE_MG,  # where it stands in the plant's reals
    PRODUCT,
    FAMILY,
    MAKES,
) = range(7)
PLAN = 7  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a recipe begins in the plant's integers."""
    return p[head.RECIPE_PLAN] + number * PLAN
