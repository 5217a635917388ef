"""What quality adds to a program's arrays: limits, hold times, inquiries, and what operations have."""

from __future__ import annotations

from twin.engine.compiled_engine.builder import Builder, filled
from twin.engine.compiled_engine.tables import (
    check,
    desk,
    head,
    hold,
    inquiry,
    kept,
    limit,
    loop,
    lot,
    quality,
)
from twin.engine.order_book import Loop, ReleaseRule
from twin.engine.program import NONE, Program
from twin.engine.quality import ON_HOLD, HoldLimit, InProcess, Inquiry, Limit


def lay_out(b: Builder, attributes: tuple[str, ...], row_attributes: tuple[str, ...]) -> None:
    """Lay out the tables of quality; `attributes` are those that lots carry, then those of rows."""
    program, p = b.program, b.p
    known = program.quality
    _lay_out_orders(b)
    p[head.KEPT] = lot.VISITS + most_operations(program)
    p[head.HOLDS] = len(known.holds)
    p[head.INQUIRIES] = len(known.inquiries)
    p[head.QUARANTINE_ENTITY] = p[head.EXCEEDED_COLUMN] = NONE
    if known.quarantines:
        p[head.QUARANTINE_ENTITY] = b.entities.number("quarantine")
    if "hold_exceeded" in row_attributes:
        p[head.EXCEEDED_COLUMN] = row_attributes.index("hold_exceeded")
    p[head.CHECKS] = len(known.checks)
    if known.checks:
        p[head.CHECK_CAUSE] = b.causes.number("in_process")
        at = {each.operation: b.pool(_check(b, each)) for each in known.checks}
        p[head.CHECK_OF] = b.pool([at.get(number, NONE) for number in range(len(program.operations))])
    p[head.QUALITY] = int(uses_quality(program))
    if p[head.QUALITY]:
        b.table(head.LIMIT_PLAN, [_limit(b, each, attributes) for each in _limits(program)])
        b.table(head.HOLD_PLAN, [_hold(b, each) for each in known.holds])
        b.table(head.INQUIRY_PLAN, [_inquiry(b, each) for each in known.inquiries])
        rows = [_operation(b, number) for number in range(len(program.operations))]
        b.table(head.QUALITY_PLAN, rows)


def _lay_out_orders(b: Builder) -> None:
    program, p = b.program, b.p
    p[head.LOOPS], p[head.DESKS] = len(program.loops), len(program.releases)
    p[head.PRODUCTS_N] = 1 + max((each.product for each in program.recipes), default=0)
    p[head.HAS_PARTS] = int(
        any(o.split_into or o.split_each or o.portions or o.portion_each for o in program.operations)
    )
    b.table(head.LOOP_PLAN, [_loop(b, each) for each in program.loops])
    b.table(head.DESK_PLAN, [_desk(b, each) for each in program.releases])


def _loop(b: Builder, each: Loop) -> list[int]:
    numbers = range(len(b.program.operations))
    roles = [loop.STARTS * (n in each.starts) + loop.ENDS * (n in each.ends) for n in numbers]
    return filled(
        loop.PLAN,
        {
            loop.LIMIT: each.limit,
            loop.ENTITY: b.entities.number(f"loop/{each.name}"),
            loop.CAUSE: b.causes.number(each.name),
            loop.STARTS_AT: b.pool(each.starts),
            loop.STARTS_N: len(each.starts),
            loop.ROLES_AT: b.pool(roles),
        },
    )


def _desk(b: Builder, each: ReleaseRule) -> list[int]:
    return filled(
        desk.PLAN,
        {
            desk.RULE: each.rule,
            desk.LIMIT: each.limit,
            desk.SIZE: each.size,
            desk.MINIMUM: each.minimum,
            desk.SEQUENCE: each.sequence,
            desk.BEFORE: each.before,
            desk.UNTIL_AT: b.pool(each.until),
            desk.UNTIL_N: len(each.until),
            desk.LINES_AT: b.pool(each.lines),
            desk.LINES_N: len(each.lines),
            desk.ENTITY: b.entities.number(f"orders/{each.name}/waiting"),
        },
    )


def uses_quality(program: Program) -> bool:
    """Whether a plant has limits, hold times, inquiries or quarantines."""
    known = program.quality
    return bool(known.limits or known.holds or known.inquiries or known.quarantines)


def most_operations(program: Program) -> int:
    """Operations of the longest recipe."""
    recipes = [o.recipe for o in program.operations if o.recipe != NONE]
    return max((recipes.count(r) for r in set(recipes)), default=0)


def kept_columns(program: Program) -> int:
    """Columns that quality, loops and release rules need in the row of each lot."""
    if not (uses_quality(program) or program.loops or program.releases):
        return 0
    known = program.quality
    of_quality = len(known.holds) * kept.OF_HOLD + len(known.inquiries) * kept.OF_INQUIRY
    return kept.FIXED + of_quality + len(program.loops) * kept.OF_LOOP


def is_certain(program: Program, number: int) -> bool:
    """Whether no rule of quality decides the outcome of an operation."""
    known = program.quality
    judged = any(each.operation == number for each in known.limits)
    return not judged and not any(number in _between(each)[:-1] for each in known.holds)


def _between(each: HoldLimit) -> range:
    """The operations for which a lot waits while a hold time runs; the last is the one that ends it."""
    return range(each.until if each.after == NONE else each.after + 1, each.until + 1)


def _limits(program: Program) -> list[Limit]:
    """The limits by operation, the gravest first."""
    return sorted(program.quality.limits, key=lambda each: (each.operation, each.otherwise))


def _limit(b: Builder, each: Limit, attributes: tuple[str, ...]) -> list[int]:
    return filled(
        limit.PLAN,
        {
            limit.ATTRIBUTE: attributes.index(each.attribute) if each.attribute in attributes else NONE,
            limit.LOW: b.real(each.low, each.high),
            limit.OTHERWISE: each.otherwise,
            limit.TO: each.to,
            limit.VISITS: each.visits,
            limit.INQUIRY: each.inquiry,
            limit.CAUSE: b.causes.number(each.attribute),
        },
    )


def _hold(b: Builder, each: HoldLimit) -> list[int]:
    return filled(
        hold.PLAN,
        {
            hold.AFTER: each.after,
            hold.UNTIL: each.until,
            hold.LONGEST: each.longest,
            hold.LATE: each.late,
            hold.TO: each.to,
            hold.CAUSE: b.causes.number(each.cause),
        },
    )


def _inquiry(b: Builder, each: Inquiry) -> list[int]:
    return filled(
        inquiry.PLAN,
        {
            inquiry.TEST: each.test,
            inquiry.CHOSEN: each.chosen,
            inquiry.EVERY: each.every,
            inquiry.FRACTION: b.real(each.fraction, each.fails),
            inquiry.FRACTION_DRAW: b.uniform(f"{each.address}/fraction"),
            inquiry.FAILS_DRAW: b.uniform(f"{each.address}/fails"),
            inquiry.QUANTITY: each.quantity,
            inquiry.CAUSE: b.causes.number(each.name),
        },
    )


def _check(b: Builder, each: InProcess) -> list[int]:
    return filled(
        check.PLAN,
        {
            check.EVERY: each.every,
            check.AMOUNT: each.amount,
            check.TAKES: b.source(each.takes),
            check.NEEDS: b.needs(each.needs.people),
            check.STOPS: int(each.stops),
            check.FAILS: b.real(each.fails),
            check.FAILS_DRAW: b.uniform(f"{each.address}/fails"),
            check.ADJUSTING: b.source(each.adjusting),
            check.WASTE: b.source(each.waste),
            check.IN_PIECES: int(each.waste_in_pieces),
        },
    )


def _operation(b: Builder, number: int) -> list[int]:
    known = b.program.quality
    limits = [k for k, each in enumerate(_limits(b.program)) if each.operation == number]
    holds = list(enumerate(known.holds))
    inquiries = list(enumerate(known.inquiries))
    begins = [k for k, each in holds if each.after == NONE and each.until == number]
    after = [k for k, each in holds if each.after == number]
    until = [k for k, each in holds if each.until == number]
    held = [k for k, each in holds if number in _between(each)]
    samples = [k for k, each in inquiries if each.operation == number and each.chosen != ON_HOLD]
    needed = [k for at, each in known.needed if at == number for k in each]
    needed += [k for k, each in inquiries if each.chosen == ON_HOLD and _next(b.program, each) == number]
    return filled(
        quality.PLAN,
        {
            quality.LIMITS_AT: limits[0] if limits else 0,
            quality.LIMITS_N: len(limits),
            quality.BEGINS_AT: b.pool(begins),
            quality.BEGINS_N: len(begins),
            quality.AFTER_AT: b.pool(after),
            quality.AFTER_N: len(after),
            quality.UNTIL_AT: b.pool(until),
            quality.UNTIL_N: len(until),
            quality.HELD_AT: b.pool(held),
            quality.HELD_N: len(held),
            quality.SAMPLES_AT: b.pool(samples),
            quality.SAMPLES_N: len(samples),
            quality.NEEDED_AT: b.pool(needed),
            quality.NEEDED_N: len(needed),
            quality.QUARANTINE: int(number in known.quarantines),
            quality.INQUIRY: next((k for k, each in inquiries if each.test == number), NONE),
        },
    )


def _next(program: Program, each: Inquiry) -> int:
    return program.operations[each.operation].next
