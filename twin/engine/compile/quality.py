"""Quality: samples, limits and hold times by number, and a job's operation for each test.

The operations of tests come after those of recipes and cleanings, in the order in which tests stand in the
file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from twin import physics
from twin.engine.compile.context import MILLIGRAMS, Context, optional, source, to_nanoseconds
from twin.engine.compile.needs import merged_needs, needs_of
from twin.engine.program import NONE, Operation
from twin.engine.quality import (
    BACK,
    BY_CHANCE,
    BY_COUNT,
    EVERY_LOT,
    FLAG_LATE,
    HOLD,
    ON_HOLD,
    REJECT,
    REWORK_LATE,
    SCRAP_LATE,
    HoldLimit,
    InProcess,
    Inquiry,
    Limit,
    Quality,
)
from twin.engine.record import STATES
from twin.physics.contract import Quantity
from twin.plant import schema
from twin.plant.checking import complain
from twin.plant.errors import Path
from twin.plant.quality import tests
from twin.plant.sentences import did_you_mean
from twin.plant.shorthand import AnyQuantity, LotSize

OTHERWISE = {"reject": REJECT, "rework": BACK, "hold": HOLD}
LATE = {"scrap": SCRAP_LATE, "rework": REWORK_LATE, "flag": FLAG_LATE}

Asked = tuple[str, str, Path, schema.LabTest]  # recipe, operation, path from the operation, test


def test_operations(at: Context) -> tuple[Operation, ...]:
    """The operation of each test of the plant."""
    return tuple(_job(at, *asked) for asked in _asked(at.plant))


def quality(at: Context, first: int) -> Quality:
    """The tables of quality; the operations of tests are numbered from `first`."""
    test_numbers = {(r, o, path): first + i for i, (r, o, path, _) in enumerate(_asked(at.plant))}
    inquiries = tuple(_inquiry(at, *asked, test_numbers[asked[:3]]) for asked in _asked(at.plant))
    by_test = {inquiry.test: i for i, inquiry in enumerate(inquiries)}
    reviews = {key: by_test[number] for key, number in test_numbers.items()}
    limits: list[Limit] = []
    holds: list[HoldLimit] = []
    needed: list[tuple[int, tuple[int, ...]]] = []
    quarantines: list[int] = []
    for recipe_name, recipe in at.plant.recipes.items():
        samples = {i.name: n for n, i in enumerate(inquiries) if i.address.startswith(f"{recipe_name}/")}
        for position, (name, operation) in enumerate(recipe.operations.items()):
            number = at.operation_numbers[(recipe_name, name)]
            limits += _limits(at, recipe_name, position, name, reviews)
            holds += _holds(at, recipe_name, name)
            if operation.needs_release:
                needed.append((number, tuple(samples[sample] for sample in operation.needs_release)))
            if operation.hold is not None:
                quarantines.append(number)
    return Quality(
        inquiries, tuple(limits), tuple(holds), tuple(needed), tuple(quarantines), tuple(_checks(at))
    )


def _checks(at: Context) -> Iterator[InProcess]:
    for recipe_name, recipe in at.plant.recipes.items():
        for name, operation in recipe.operations.items():
            words = operation.in_process
            if words is None:
                continue
            address = f"{recipe_name}/{name}/in_process"
            yield InProcess(
                operation=at.operation_numbers[(recipe_name, name)],
                address=address,
                every=to_nanoseconds(words.every.mean) if words.every.unit == "s" else 0,
                amount=_through(words.every, recipe),
                takes=source(f"{address}/takes", words.takes),
                needs=merged_needs(at, words.needs),
                stops=words.stops,
                fails=words.fails,
                adjusting=optional(f"{address}/adjusting", words.adjusting),
                waste=optional(f"{address}/waste", words.waste),
                waste_in_pieces=words.waste is not None and words.waste.unit == "pieces",
            )


def _through(every: AnyQuantity, recipe: schema.Recipe) -> int:
    """The amount between two checks in the unit of the lots; pieces are weighed where lots are in kg."""
    if every.unit == "s":
        return 0
    if every.unit == "pieces" and recipe.batch.unit == "kg":
        return max(1, round(every.mean * (recipe.piece or 0.0) * MILLIGRAMS))
    return max(1, round(every.mean * (MILLIGRAMS if every.unit == "kg" else 1)))


def _asked(plant: schema.Plant) -> Iterator[Asked]:
    for recipe_name, recipe in plant.recipes.items():
        for name, operation in recipe.operations.items():
            for path, test in tests(operation):
                yield recipe_name, name, path, test


def _address(recipe: str, operation: str, path: Path) -> str:
    return f"{recipe}/{operation}/{path[0]}/{path[1]}"


def _job(at: Context, recipe: str, operation: str, path: Path, test: schema.LabTest) -> Operation:
    address = _address(recipe, operation, path)
    takes = source(f"{address}/takes", test.takes)
    return Operation(
        name=f"tests/{address}",
        recipe=NONE,
        next=NONE,
        units=tuple(u for e in test.on for u in at.units_of[e]),
        storage=NONE,
        takes=takes,
        nominal=to_nanoseconds(takes.mean),
        needs=needs_of(at, test.needs),
        shows=STATES.index("producing"),
    )


def _inquiry(
    at: Context, recipe: str, operation: str, path: Path, test: schema.LabTest, number: int
) -> Inquiry:
    asked = Inquiry(
        name=str(path[1]),
        address=_address(recipe, operation, path),
        operation=at.operation_numbers[(recipe, operation)],
        test=number,
        chosen=ON_HOLD,
        every=0,
        fraction=0.0,
        quantity=0,
        fails=test.fails,
    )
    if path[0] != "sampling":
        return asked
    plan = at.plant.recipes[recipe].operations[operation].sampling[str(path[1])]
    chosen = BY_COUNT if plan.every is not None else EVERY_LOT if plan.fraction is None else BY_CHANCE
    return replace(
        asked,
        chosen=chosen,
        every=0 if chosen == BY_CHANCE else plan.every or 1,
        fraction=plan.fraction or 0.0,
        quantity=0 if plan.quantity is None else _counted(plan.quantity),
    )


def _counted(quantity: LotSize) -> int:
    return round(quantity.amount * (MILLIGRAMS if quantity.unit == "kg" else 1))


def _limits(
    at: Context, recipe: str, position: int, name: str, reviews: dict[tuple[str, str, Path], int]
) -> Iterator[Limit]:
    operation = at.plant.recipes[recipe].operations[name]
    known = _attributes(at, recipe, name)
    for attribute, words in operation.specification.items():
        path: Path = ("recipes", recipe, "operations", position, name, "specification", attribute)
        given = known.get(attribute)
        if given is None:
            predicate = "is no attribute that the physics of this operation or an earlier one computes"
            hint = did_you_mean(attribute, known) or "Add `physics: …`."
            at.complaints.append(complain(path, predicate, hint, at_key=True))
            continue
        for key, bound in (("min", words.min), ("max", words.max)):
            if bound is not None and bound.unit != given.unit:
                unit = "without a unit" if given.unit == "1" else f"in `{given.unit}` or a unit of its kind"
                predicate = f"is in `{bound.unit}`, and `{attribute}` is {unit}"
                at.complaints.append(complain((*path, key), predicate, f"It is: {given.meaning}."))
        yield Limit(
            operation=at.operation_numbers[(recipe, name)],
            attribute=attribute,
            low=float("-inf") if words.min is None else words.min.mean,
            high=float("inf") if words.max is None else words.max.mean,
            otherwise=OTHERWISE[words.otherwise],
            to=at.operation_numbers[(recipe, words.to or name)],
            visits=words.limit or 0,
            inquiry=reviews.get((recipe, name, ("specification", attribute, "review")), NONE),
        )


def _attributes(at: Context, recipe: str, last: str) -> dict[str, Quantity]:
    """What the physics of the operations up to `last` computes."""
    found: dict[str, Quantity] = {}
    for name, operation in at.plant.recipes[recipe].operations.items():
        model = physics.models().get(operation.physics or "")
        found |= {q.name: q for q in model.attributes} if model else {}
        if name == last:
            break
    return found


def _holds(at: Context, recipe: str, name: str) -> Iterator[HoldLimit]:
    operation = at.plant.recipes[recipe].operations[name]
    names = list(at.plant.recipes[recipe].operations)
    held, life = operation.max_wait_before, operation.shelf_life
    if held is not None:
        yield _hold(at, recipe, "max_wait_before", None, name, held)
    if life is not None:
        yield _hold(at, recipe, "shelf_life", name, life.until or names[-1], life)


def _hold(
    at: Context, recipe: str, word: str, after: str | None, until: str, held: schema.HoldTime
) -> HoldLimit:
    number = at.operation_numbers
    return HoldLimit(
        cause=f"{word} {until if after is None else after}",
        after=NONE if after is None else number[(recipe, after)],
        until=number[(recipe, until)],
        longest=to_nanoseconds(held.limit),
        late=LATE[held.when_late],
        to=NONE if held.to is None else number[(recipe, held.to)],
    )
