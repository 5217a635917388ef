"""Rules of utilities: what is drawn is there, is counted in one kind of unit and can be had at once.

Pure functions from a plant to complaints, called by `consistency.py`; the models are in
`schema/utilities.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Operation, Plant, Use, Utility
from twin.plant.schema.utilities import AMOUNTS
from twin.plant.shorthand import AnyQuantity

Named = Callable[[Path, str, str | None], Iterator[Complaint]]
_NOUNS = {"m3": "a volume", "kg": "a mass", "J": "an energy"}


def complaints(plant: Plant, refused: Refused, named: Named) -> Iterator[Complaint]:
    """All that is wrong with the utilities of a plant and with what draws them."""
    for name, utility in plant.utilities.items():
        if not refused.touches(("utilities", name)):
            yield from _storage(("utilities", name, "storage"), utility)
    for path, uses, parts in _all_uses(plant):
        for name, use in uses.items():
            here = (*path, name)
            yield from named(here, "utilities", name)
            if refused.touches(here):
                continue
            if (use.rate is None) == (use.amount is None):
                yield complain(here, "must have one of `rate` and `amount`", "Write `500 L/h` or `200 L`.")
                continue
            if use.during != "processing" and (use.amount is not None or not parts):
                why = "is drawn over processing" if parts else "has one stretch, which draws all the time"
                yield complain((*here, "during"), f"has no use here: it {why}", "Leave it out.")
            if name in plant.utilities and not refused.touches(("utilities", name)):
                yield from _use(plant, here, name, use)
    for recipe_name, recipe in plant.recipes.items():
        for operation_name, operation in recipe.operations.items():
            here = ("recipes", recipe_name, "operations", operation_name)
            yield from _timed_otherwise(plant, here, operation)


def _storage(path: Path, utility: Utility) -> Iterator[Complaint]:
    storage = utility.storage
    if storage is None:
        return
    kind = AMOUNTS[utility.capacity.unit]
    for key in ("volume", "generation", "start"):
        value: AnyQuantity | None = getattr(storage, key)
        expected = utility.capacity.unit if key == "generation" else kind
        if value is not None and value.unit != expected:
            message = f"is in {value.unit}, while the capacity is in {utility.capacity.unit}"
            yield complain((*path, key), message, f"Write it in {expected}.")
    if storage.start is not None and storage.start.mean > storage.volume.mean:
        yield complain((*path, "start"), "is more than the storage holds", "Lower it.")


def _all_uses(plant: Plant) -> Iterator[tuple[Path, Mapping[str, Use], bool]]:
    """Everything that draws, with its path and whether it has stretches."""
    for name, equipment in plant.equipment.items():
        for key in ("cleaning", "maintenance"):
            for index, chore in enumerate(getattr(equipment, key)):
                yield ("equipment", name, key, index, "uses"), chore.uses, False
    for name, container in plant.containers.items():
        if container.cleaning is not None:
            yield ("containers", name, "cleaning", "uses"), container.cleaning.uses, False
    for recipe_name, recipe in plant.recipes.items():
        for name, operation in recipe.operations.items():
            path: Path = ("recipes", recipe_name, "operations", name)
            yield (*path, "uses"), operation.uses, True
            for phase_name, phase in operation.phases.items():
                yield (*path, "phases", phase_name, "uses"), phase.uses, False


def _use(plant: Plant, path: Path, name: str, use: Use) -> Iterator[Complaint]:
    utility = plant.utilities[name]
    kind = AMOUNTS[utility.capacity.unit]
    quantity = use.rate or use.amount
    assert quantity is not None
    if AMOUNTS.get(quantity.unit, quantity.unit) != kind:
        message = f"is in {quantity.unit}, while the capacity of `{name}` is in {utility.capacity.unit}"
        yield complain(path, message, f"Write {_NOUNS[kind]}, or one per time.")
        return
    stirring = [tank.agitation[name].rate for tank in plant.tanks.values() if name in tank.agitation]
    free = utility.capacity.mean - sum(rate.mean for rate in stirring if rate is not None)
    if use.rate is not None and utility.when_short == "wait" and use.rate.mean > free:
        message = f"draws more of `{name}` than can be drawn at once"
        yield complain(path, message, "The work could never start: raise `capacity`, or slow down.")


def _timed_otherwise(plant: Plant, path: Path, operation: Operation) -> Iterator[Complaint]:
    """A flow section has its own rates: it cannot be slowed, and how long it draws is not known before."""
    flows = [n for n in operation.on if n in plant.equipment and plant.equipment[n].flow is not None]
    for name, use in operation.uses.items() if flows else ():
        here = (*path, "uses", name)
        utility = plant.utilities.get(name)
        if use.amount is not None:
            yield complain(here, f"is an amount, and `{flows[0]}` flows", "Write a rate.")
        elif utility is not None and (utility.when_short == "slow_down" or utility.storage is not None):
            message = f"names a utility that slows down or has a storage, and `{flows[0]}` flows"
            hint = "A flow section draws from utilities with a capacity alone, for which it waits."
            yield complain(here, message, hint)
