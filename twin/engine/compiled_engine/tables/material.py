"""Materials in stock, and in `stock` the lots of them, side by side."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import inner
from twin.engine.compiled_engine.tables import head
from twin.engine.compiled_engine.tables.types import Integers

# Of the plant.
(
    LOT,  # mg or pieces
    LOTS,  # in stock at the start
    OPENING,  # mg or pieces in stock at the start, beside whole lots
    EVERY,  # source
    FIRST,  # source
    DELIVERED,  # lots of each delivery by the clock
    TIMES,
    ENDLESS,  # deliveries by the clock go on for ever
    BELOW,  # stock and orders below which more is ordered; -1: never
    ORDERED,  # lots of an order
    LEAD_TIME,  # source
    SHELF_LIFE,  # ns, or `NEVER`
    ENTITY,
    CAUSE,
) = range(14)
PLAN = 14  # columns

# Of the replication.
(
    STOCK,  # the first lot, as they came
    STOCK_END,
    TOTAL,  # mg or pieces
    DELIVERIES,  # lots delivered so far
    ORDERS,  # deliveries by the stock so far
    ON_ORDER,  # mg or pieces
    COMING,  # deliveries under way that count as in hand
    CAME,  # deliveries so far
) = range(8)
NOW = 8  # columns


@inner
def plan(p: Integers, number: int) -> int:
    """Where the row of a material begins in the plant's integers."""
    return p[head.MATERIAL_PLAN] + number * PLAN


@inner
def now(s: Integers, number: int) -> int:
    """Where the row of a material begins in the replication's integers."""
    return s[head.MATERIAL_NOW] + number * NOW
