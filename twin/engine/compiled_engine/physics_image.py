"""Operations whose physics is known before they start, for `image`: computed ahead, or while lots wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from twin.engine.broker import PlannedOperation
from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import ahead, head
from twin.engine.program import Program


def ahead_operations(plan: Sequence[PlannedOperation]) -> tuple[int, ...]:
    """Operations whose physics is computed ahead and is the same by whichever of its units a lot has come."""
    return tuple(
        planned.number
        for planned in plan
        if planned.ahead and planned.ways == 1 and not any(planned.kinds.values())
    )


def early_operations(
    program: Program, plan: Sequence[PlannedOperation], ahead: Collection[int]
) -> tuple[int, ...]:
    """Operations whose lots are asked about while they wait: what physics is told of one follows from the
    lot, whichever unit takes it.
    """
    operations = program.operations
    return tuple(
        planned.number
        for planned in plan
        if planned.number not in ahead
        and not any(planned.kinds.values())
        and operations[planned.number].batch[1] == 1
        and not operations[planned.number].merges
    )


def lay_out(
    b: Builder, attributes: tuple[str, ...], plan: Sequence[PlannedOperation], early: Sequence[int]
) -> None:
    """Put in both kinds of operations; those ahead are numbered already."""
    b.table(head.AHEAD_PLAN, _ahead(b, attributes, plan))
    b.p[head.EARLY], b.p[head.EARLY_N] = b.pool(early), len(early)


def _ahead(b: Builder, attributes: tuple[str, ...], plan: Sequence[PlannedOperation]) -> list[list[int]]:
    planned = {each.number: each for each in plan}
    rows = []
    columns = [0] * len(b.program.recipes)
    for number in b.ahead:
        call, recipe = b.program.operations[number].physics, b.program.operations[number].recipe
        assert call is not None
        given = [attributes.index(q.name) for q in call.model.attributes]
        rows.append(
            filled(
                ahead.PLAN,
                {
                    ahead.OPERATION: number,
                    ahead.WEIGHS: int(planned[number].weighs),
                    ahead.COLUMN: columns[recipe],
                    ahead.ATTRIBUTES_AT: b.pool(given),
                    ahead.ATTRIBUTES_N: len(given),
                },
            )
        )
        columns[recipe] += ahead.COLUMNS + len(given)
    b.p[head.AHEAD_WIDTH] = max(columns)
    return rows
