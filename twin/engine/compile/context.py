"""What every part of the compiler knows: names as numbers, and the complaints so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from twin.engine import checks, dispatching
from twin.engine.draws import LONGEST
from twin.engine.physics_call import unknown_inputs
from twin.engine.program import Demand, Source
from twin.engine.record import SECOND
from twin.engine.rules.calendars import WEEK
from twin.engine.sources import source as source
from twin.plant import layout, orders, schema, upkeep
from twin.plant.errors import Complaint
from twin.plant.scenario import Run
from twin.plant.shorthand import Distribution, LotSize

DAY = WEEK // 7
MILLIGRAMS = 1_000_000  # per kg


@dataclass
class Context:
    """A plant being compiled; parts add their complaints and attributes on the way."""

    plant: schema.Plant
    run: Run
    complaints: list[Complaint]
    placed: tuple[layout.PlacedUnit, ...]  # a unit stands here once for each lot that it can hold
    units_of: dict[str, list[int]]  # equipment to unit numbers
    calendar_numbers: dict[str, int]
    people_numbers: dict[str, int]
    storage_numbers: dict[str, int]
    container_numbers: dict[str, int]
    recipe_numbers: dict[str, int]
    material_numbers: dict[str, int]
    release_numbers: dict[str, int]  # of the rules that order lines name
    operation_numbers: dict[tuple[str, str], int]
    cleaning_numbers: dict[str, int]  # containers to the operations that clean them
    product_numbers: dict[str, int]
    family_numbers: dict[str, int]
    dispatching_rules: tuple[str, ...]  # those of packages that units name
    demands: dict[Demand, int]  # what has been asked for so far, with its number
    attributes: dict[str, None] = field(default_factory=dict)
    nominal_attributes: dict[str, dict[str, float]] = field(default_factory=dict)  # of lots so far, by recipe


def context(plant: schema.Plant, run: Run) -> Context:
    """Number everything that has a name."""
    placed = tuple(u for u in layout.place_units(plant) for _ in range(plant.equipment[u.equipment].capacity))
    units_of: dict[str, list[int]] = {name: [] for name in plant.equipment}
    for number, unit in enumerate(placed):
        units_of[unit.equipment].append(number)
    operations = [(r, o) for r, recipe in plant.recipes.items() for o in recipe.operations]
    cleaned = [name for name, c in plant.containers.items() if c.cleaning is not None]
    pools = {Demand(name, pools=(number,)): number for number, name in enumerate(plant.people)}
    return Context(
        plant=plant,
        run=run,
        complaints=[
            *checks.complaints(plant, run.start),
            *unknown_inputs(plant),
            *dispatching.complaints(plant),
        ],
        placed=placed,
        units_of=units_of,
        calendar_numbers=_numbers(plant.calendars),
        people_numbers=_numbers(plant.people),
        storage_numbers=_numbers(plant.storage),
        container_numbers=_numbers(plant.containers),
        recipe_numbers=_numbers(plant.recipes),
        material_numbers=_numbers(plant.materials),
        release_numbers=_numbers(orders.rules_in_use(plant)),
        operation_numbers={pair: i for i, pair in enumerate(operations)},
        dispatching_rules=dispatching.rules_in_use(plant),
        cleaning_numbers={name: len(operations) + i for i, name in enumerate(cleaned)},
        product_numbers=_numbers(dict.fromkeys(upkeep.product(n, r) for n, r in plant.recipes.items())),
        family_numbers=_numbers(dict.fromkeys(upkeep.family(n, r) for n, r in plant.recipes.items())),
        demands=pools,
    )


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def whole(amount: LotSize) -> int:
    """A lot size in whole mg or pieces."""
    return round(amount.amount * (MILLIGRAMS if amount.unit == "kg" else 1))


def to_nanoseconds(seconds: float) -> int:
    """Whole nanoseconds, rounded half to even and cut off at `LONGEST`."""
    return round(min(seconds * SECOND, LONGEST))


def optional(name: str, distribution: Distribution | None) -> Source | None:
    """A source, where there is a distribution."""
    return None if distribution is None else source(name, distribution)
