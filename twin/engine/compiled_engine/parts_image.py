"""How lots are divided, merged, packed and taken together: what plant and replication keep for that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import dividing, family, head, mate, portion, result
from twin.engine.program import NONE, Operation, Program
from twin.engine.rows import GENEALOGY_COLUMNS

Integers = npt.NDArray[np.int64]
CAUSE = "together"
Place = tuple[int, int, int]  # slot of the head, rows and columns


def lay_out(b: Builder, row_attributes: tuple[str, ...]) -> None:
    """Lay out how each operation divides, merges and packs."""
    p, operations = b.p, b.program.operations
    b.table(head.DIVIDING_PLAN, [_row(each) for each in operations])
    p[head.MERGES] = int(merges(b.program))
    p[head.TOGETHER] = b.causes.number(CAUSE) if together(b.program) else NONE
    p[head.IN_PORTIONS] = int(in_portions(b.program))
    come = [0] * len(b.program.storages)
    for each in operations:
        if _splits(each) and operations[each.next].storage >= 0:
            come[operations[each.next].storage] = 1
    p[head.PARTS_COME] = b.pool(come)
    p[head.PACKS_COLUMN] = row_attributes.index("packs") if "packs" in row_attributes else NONE


def _row(each: Operation) -> list[int]:
    return filled(
        dividing.PLAN,
        {
            dividing.SPLIT_INTO: each.split_into,
            dividing.SPLIT_EACH: each.split_each,
            dividing.PORTIONS: each.portions,
            dividing.PORTION_EACH: each.portion_each,
            dividing.MERGES: int(each.merges),
            dividing.PACK: each.pack,
        },
    )


def _splits(each: Operation) -> bool:
    return bool(each.split_into or each.split_each)


def merges(program: Program) -> bool:
    """Whether parts of lots merge somewhere."""
    return any(each.merges for each in program.operations)


def together(program: Program) -> bool:
    """Whether units take several lots at once."""
    return any(each.batch[1] > 1 for each in program.operations)


def in_portions(program: Program) -> bool:
    """Whether lots go on in portions."""
    return any(each.portions or each.portion_each for each in program.operations)


def _has_genealogy(program: Program) -> bool:
    return any(_splits(each) or each.merges or each.bill for each in program.operations)


def places(program: Program) -> Iterator[Place]:
    """What is kept for each unit and operation."""
    units = len(program.units)
    yield head.BATCHES, units if together(program) else 0, 1
    yield head.MATES, units if together(program) else 0, 1
    yield head.DEADLINES, len(program.operations) if together(program) else 0, 1
    yield head.PORTION_NOW, units if in_portions(program) else 0, portion.NOW
    yield head.PORTIONS_WAITING, units if in_portions(program) else 0, 1
    yield head.PACKS, units, 1


def places_of_lots(program: Program, lots: int, rows: int) -> Iterator[Place]:
    """What is kept for each lot, and rows that are not yet emptied."""
    yield head.FAMILY_NOW, lots if merges(program) else 0, family.NOW
    yield head.MATE_NOW, lots if together(program) else 0, mate.NOW
    yield head.RESULTS, 2 * lots if program.quality.inquiries else 0, result.NOW
    yield head.GENEALOGY, rows if _has_genealogy(program) else 0, GENEALOGY_COLUMNS


def fill(program: Program, s: Integers, rows: int) -> None:
    """What begins with something else than 0."""
    s[head.RESULTS_ROOM] = 2 * int(s[head.LOT_ROOM]) if program.quality.inquiries else 0
    s[head.GENEALOGY_ROOM] = rows if _has_genealogy(program) else 0
    for slot, count, width in places(program):
        first = int(s[slot])
        if slot == head.PORTION_NOW:
            s[first + portion.WAITING : first + count * width : width] = NONE
        elif slot in (head.MATES, head.DEADLINES, head.PACKS):
            s[first : first + count] = NONE
