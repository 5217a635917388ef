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
from twin.plant.shorthand import AnyQuantity, Distribution

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
            if not refused.touches(here):
                yield from _too_quick(plant, here, operation)


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
    if use.rate is not None and utility.when_short == "wait" and use.rate.mean > _free(plant, name):
        message = f"draws more of `{name}` than can be drawn at once"
        yield complain(path, message, "The work could never start: raise `capacity`, or slow down.")


def _free(plant: Plant, name: str) -> float:
    """What of a utility work can draw at once, in SI: what stirs tanks is set aside."""
    stirring = [tank.agitation[name].rate for tank in plant.tanks.values() if name in tank.agitation]
    return plant.utilities[name].capacity.mean - sum(rate.mean for rate in stirring if rate is not None)


def _too_quick(plant: Plant, path: Path, operation: Operation) -> Iterator[Complaint]:
    """An amount drawn over work that may be so short that all of a utility is too little for it.

    Distributions without a shortest time but zero, such as the exponential one, are left to the run.
    """
    units = [plant.equipment[name] for name in operation.on if name in plant.equipment]
    if len(units) < len(operation.on) or any(unit.flow is not None for unit in units):
        return
    speed = min(unit.speed * (1.0 if unit.wear is None else unit.wear.least) for unit in units)
    phases = [_shortest(phase.takes) for phase in operation.phases.values()]
    whole = _shortest(operation.takes) if operation.takes is not None else _sum(phases)
    yield from _held_to((*path, "uses"), operation.uses, whole, speed, plant)
    for (name, phase), time in zip(operation.phases.items(), phases, strict=True):
        yield from _held_to((*path, "phases", name, "uses"), phase.uses, time, speed, plant)


def _held_to(
    path: Path, uses: Mapping[str, Use], time: float | None, speed: float, plant: Plant
) -> Iterator[Complaint]:
    """The amounts of `uses` that `time` s of work at `speed` are too short for."""
    for name, use in uses.items():
        utility = plant.utilities.get(name)
        if time is None or utility is None or utility.when_short != "wait" or use.amount is None:
            continue
        free = _free(plant, name)
        possible = AMOUNTS[utility.capacity.unit] == use.amount.unit
        if possible and use.amount.mean > free * time / speed * _MORE:
            message = f"may ask for more of `{name}` than can be drawn at once: the work may take {time:g} s"
            needed = f"{use.amount.mean / free * speed:g} s" if free > 0 else "longer"
            hint = f"Raise `capacity`, let the utility slow work down, or let it take at least {needed}."
            yield complain((*path, name), message, hint)


_MORE = 1 + 1e-9  # by which two numbers of SI may differ that are written as equals


def _shortest(takes: Distribution) -> float | None:
    """The shortest time in s that some work takes, where that is known and it takes any."""
    if takes.kind == "discrete":
        times = [v for v, weight in zip(takes.values, takes.weights, strict=True) if weight > 0]
        return min(times) or None
    key = {"constant": "value", "uniform": "low", "triangular": "low"}.get(takes.kind)
    if key is None or (takes.kind == "constant" and not takes.parameters[key]):
        return None
    return takes.parameters[key]


def _sum(times: list[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return sum(known) if known and len(known) == len(times) else None


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
