"""The order book and the recipes as an engine sees them."""

from __future__ import annotations

from datetime import datetime

from twin.engine.compile.context import MILLIGRAMS, Context, optional, to_nanoseconds, whole
from twin.engine.order_book import Loop, OrderLine, ReleaseRule
from twin.engine.program import NONE, Recipe
from twin.plant import schema, upkeep
from twin.plant.checking import complain
from twin.plant.orders import release_rule
from twin.plant.schema.orders import PUSH
from twin.plant.shorthand import Distribution

RULES = ("conwip", "kanban", "campaign", "due_date")  # as numbered in `order_book`
SEQUENCES = ("first_come", "due", "least_changeover")


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
    first = line.first
    if line.at is not None:
        first = Distribution(kind="constant", parameters={"value": _first_at(at, index, line.at)}, unit="s")
    return OrderLine(
        recipe=at.recipe_numbers[line.recipe],
        lots=line.batches,
        every=optional(f"orders/{index}/every", line.every),
        first=optional(f"orders/{index}/first", first),
        times=endless if line.times is None else line.times,
        priority=line.priority,
        lost_when_full=line.when_full == "lost",
        hot=line.hot,
        release=NONE if line.release == PUSH else at.release_numbers[line.release],
        due=_due(at, line.due),
        due_is_a_date=isinstance(line.due, datetime),
    )


def _first_at(at: Context, index: int, when: datetime) -> float:
    """Seconds from the start of the run to a date, which must not lie before it."""
    seconds = (when - at.run.start).total_seconds()
    if seconds < 0:
        message = f"lies before the start of the run, {at.run.start:%Y-%m-%d %H:%M}"
        hint = "Start the run earlier (`run.start`), or leave out what has come in before."
        at.complaints.append(complain(("orders", index, "at"), message, hint))
    return max(seconds, 0.0)


def _due(at: Context, due: float | datetime | None) -> int | None:
    """A due date in ns: after the lots come in, or, of a date, after the start of the run."""
    if isinstance(due, datetime):
        seconds = (due - at.run.start).total_seconds()
        return -to_nanoseconds(-seconds) if seconds < 0 else to_nanoseconds(seconds)
    return None if due is None else to_nanoseconds(due)


def release_rules(at: Context) -> tuple[ReleaseRule, ...]:
    """The release rules that order lines name."""
    return tuple(_release_rule(at, name) for name in at.release_numbers)


def _release_rule(at: Context, name: str) -> ReleaseRule:
    words = release_rule(at.plant, name)
    lines = [i for i, line in enumerate(at.plant.orders) if line.release == name]
    recipes = dict.fromkeys(at.plant.orders[i].recipe for i in lines)
    until = words.until
    return ReleaseRule(
        name=name,
        rule=RULES.index(words.rule),
        limit=words.limit or 0,
        until=() if until is None else tuple(at.operation_numbers[(r, until)] for r in recipes),
        size=words.size or 0,
        minimum=words.minimum,
        sequence=SEQUENCES.index(words.sequence),
        before=to_nanoseconds(words.before or 0.0),
        lines=tuple(lines),
    )


def loops(at: Context) -> tuple[Loop, ...]:
    """The kanban loops, each with the operations of all recipes that it concerns."""
    return tuple(_loop(at, name, words) for name, words in at.plant.loops.items())


def _loop(at: Context, name: str, words: schema.Loop) -> Loop:
    number = at.operation_numbers
    recipes = [recipe for recipe in at.plant.recipes if (recipe, words.from_) in number]
    ends = () if words.until is None else tuple(number[(recipe, words.until)] for recipe in recipes)
    return Loop(name, words.limit, tuple(number[(recipe, words.from_)] for recipe in recipes), ends)
