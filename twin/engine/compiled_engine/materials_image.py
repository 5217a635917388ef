"""Materials in stock and bills, laid out for `materials`: in plant and replication."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import head, material, stock
from twin.engine.program import NONE, Material, Program

Integers = npt.NDArray[np.int64]


def lay_out(b: Builder) -> None:
    """Lay out the materials, and what each operation uses up."""
    program, p = b.program, b.p
    p[head.MATERIALS] = len(program.materials)
    b.table(head.MATERIAL_PLAN, [_row(b, each) for each in program.materials])
    bills = [
        b.pool([len(each.bill), *(number for pair in each.bill for number in pair)])
        for each in program.operations
    ]
    p[head.BILLS] = b.pool(bills)


def _row(b: Builder, each: Material) -> list[int]:
    return filled(
        material.PLAN,
        {
            material.LOT: each.lot,
            material.LOTS: each.stock,
            material.OPENING: each.opening,
            material.EVERY: b.source(each.every),
            material.FIRST: b.source(each.first),
            material.DELIVERED: each.lots,
            material.TIMES: NONE if each.times is None else each.times,
            material.ENDLESS: int(each.every is not None and each.times in (None, NONE)),
            material.BELOW: each.below,
            material.ORDERED: each.ordered_lots,
            material.LEAD_TIME: b.source(each.lead_time),
            material.SHELF_LIFE: each.shelf_life,
            material.ENTITY: b.entities.number(f"material/{each.name}"),
            material.CAUSE: b.causes.number(each.name),
        },
    )


def places(program: Program, entries: int) -> Iterator[tuple[int, int, int]]:
    """What is kept of each material, and of its lots."""
    yield head.MATERIAL_NOW, len(program.materials), material.NOW
    yield head.STOCK_NOW, stock_room(program, entries), stock.NOW


def stock_room(program: Program, entries: int) -> int:
    """Lots in stock for which there is room: those of the start, and as many as the agenda has entries."""
    if not program.materials:
        return 0
    return sum(each.stock + 1 for each in program.materials) + entries


def fill(program: Program, s: Integers, entries: int) -> None:
    """What begins with something else than 0."""
    room = stock_room(program, entries)
    s[head.STOCK_FREE] = 0 if room else NONE
    for number in range(len(program.materials)):
        row = int(s[head.MATERIAL_NOW]) + number * material.NOW
        s[row + material.STOCK] = s[row + material.STOCK_END] = NONE
    for number in range(room):
        after = number + 1 if number + 1 < room else NONE
        s[int(s[head.STOCK_NOW]) + number * stock.NOW + stock.NEXT] = after
