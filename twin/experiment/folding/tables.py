"""What folding needs of a program: by which numbers its units, operations and recipes are counted.

Things of one name are counted together, as a record tells them apart by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.engine.program import NONE, Operation, Program
from twin.engine.quality import NO_QUALITY
from twin.engine.record import SECOND
from twin.experiment.arrays import Integers


@dataclass(frozen=True)
class Tables:
    """Names counted by, and numbers of the program's units and operations among them.

    `whole` is, for the parts of a unit that works on several lots, the first of them, else -1; `part` their
    number among them. `pieces` is 1 where an operation's lots count pieces. `last` is 1 for operations behind
    which nobody hears of a lot, 0 for others, and -1 for all where lots may come back. `planned` is in ns, -1
    where it is not known.
    """

    units: tuple[str, ...]
    operations: tuple[str, ...]
    recipes: tuple[str, ...]
    attributes: tuple[str, ...]
    materials: tuple[str, ...]
    materials_in_pieces: tuple[bool, ...]
    tanks: tuple[str, ...]
    tank_limits: Integers  # (tanks, 2): volume and heel in mg
    unit: Integers
    whole: Integers
    part: Integers
    operation: Integers
    recipe: Integers
    pieces: Integers
    last: Integers
    planned: Integers


def tables_of(program: Program, planned: Mapping[str, float]) -> Tables:
    """The tables of a program; `planned` is `recipe/operation` → planned run time of one lot in s."""
    units, unit = _numbered(program.unit_names)
    names = [_name(program, operation) for operation in program.operations]
    operations, operation = _numbered(names)
    recipes, recipe = _numbered([name.split("/")[0] for name in names])
    whole, part = _parts(program)
    pieces = [program.recipes[o.recipe].unit_of_quantity == "pieces" for o in program.operations]
    return Tables(
        units,
        operations,
        recipes,
        program.attributes,
        tuple(m.name for m in program.materials),
        tuple(m.unit_of_quantity == "pieces" for m in program.materials),
        tuple(tank.name for tank in program.tanks),
        np.array([(t.volume, t.heel) for t in program.tanks], dtype=np.int64).reshape(-1, 2),
        unit,
        whole,
        part,
        operation,
        recipe,
        _integers(pieces),
        _integers(
            [o.next == NONE for o in program.operations] if _lots_end(program) else [NONE] * len(names)
        ),
        _integers([round(planned[name] * SECOND) if name in planned else NONE for name in names]),
    )


def _name(program: Program, operation: Operation) -> str:
    """`recipe/operation`, as the record has it."""
    return f"{program.recipes[operation.recipe].name}/{operation.name.rpartition('/')[2]}"


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """The different names in the order in which they come, and the number of each.

    >>> _numbered(["b", "a", "b"])[0], _numbered(["b", "a", "b"])[1].tolist()
    (('b', 'a'), [0, 1, 0])
    """
    number = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return tuple(number), _integers([number[name] for name in names])


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _parts(program: Program) -> tuple[Integers, Integers]:
    """For each unit the first of the parts of one unit, or -1, and its number among them."""
    count = len(program.unit_names)
    whole, part = np.full(count, NONE), np.zeros(count, dtype=np.int64)
    for number, unit in enumerate(program.units):
        if unit.part_of != NONE:
            whole[[number, unit.part_of]] = unit.part_of
            part[number] = number - unit.part_of
    return whole, part


def _lots_end(program: Program) -> bool:
    """Whether a lot that has left, or is done with its last operation, is never heard of again."""
    divided = any(
        o.split_into or o.split_each or o.portions or o.portion_each or o.merges or o.pack
        for o in program.operations
    )
    return (
        not divided and program.quality == NO_QUALITY and all(o.transfer_to < 0 for o in program.operations)
    )


def no_tables() -> Tables:
    """Those of a program in which there is nothing."""
    none = _integers([])
    return Tables((), (), (), (), (), (), (), none.reshape(0, 2), *(none for _ in range(8)))
