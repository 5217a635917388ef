"""Materials as an engine sees them."""

from __future__ import annotations

from twin.engine.compile.context import optional, source, to_nanoseconds, whole
from twin.engine.program import NONE, Material
from twin.engine.rules.calendars import NEVER
from twin.plant import schema


def material(name: str, words: schema.Material) -> Material:
    """A material; its draws are addressed by its name and the number of the delivery."""
    address, supply, reorder = f"materials/{name}", words.supply, words.reorder
    endless = NONE if supply is not None else 0
    return Material(
        name=name,
        unit_of_quantity="mg" if words.lot.unit == "kg" else "pieces",
        lot=whole(words.lot),
        stock=words.stock,
        every=None if supply is None else source(f"{address}/every", supply.every),
        first=None if supply is None else optional(f"{address}/first", supply.first),
        lots=0 if supply is None else supply.lots,
        times=endless if supply is None or supply.times is None else supply.times,
        below=NONE if reorder is None else whole(reorder.below),
        ordered_lots=0 if reorder is None else reorder.lots,
        lead_time=None if reorder is None else source(f"{address}/lead_time", reorder.lead_time),
        shelf_life=NEVER if words.shelf_life is None else to_nanoseconds(words.shelf_life),
    )
