"""Rules of tanks: they hold a material that is there, and what work fills and draws can be had and held.

Pure functions from a plant to complaints, called by `consistency.py`; the models are in `schema/tanks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Operation, Plant, Recipe, Tank
from twin.plant.shorthand import AnyQuantity

Named = Callable[[Path, str, str | None], Iterator[Complaint]]
WATER = 1000.0  # kg/m3
_LOSING = ("yields", "scrap", "rework", "split", "pack", "fills", "physics", "sampling", "specification")


def mass(tank: Tank, amount: AnyQuantity | None) -> float:
    """An amount of what is in a tank, in kg."""
    if amount is None:
        return 0.0
    density = WATER if tank.density is None else tank.density.mean
    return amount.mean if amount.unit == "kg" else amount.mean * density


def complaints(plant: Plant, refused: Refused, named: Named) -> Iterator[Complaint]:
    """All that is wrong with the tanks of a plant and with what fills and draws them."""
    for name, tank in plant.tanks.items():
        if not refused.touches(("tanks", name)):
            yield from _tank(plant, ("tanks", name), tank, named)
    yield from _set_aside(plant, refused)
    for recipe_name, recipe in plant.recipes.items():
        for name, operation in recipe.operations.items():
            path: Path = ("recipes", recipe_name, "operations", name)
            for key in ("fills", "draws"):
                for tank_name, amount in getattr(operation, key).items():
                    here = (*path, key, tank_name)
                    yield from named(here, "tanks", tank_name)
                    if tank_name in plant.tanks and not refused.touches(("tanks", tank_name)):
                        yield from _amount(here, plant.tanks[tank_name], tank_name, amount)
            yield from named((*path, "transfer_to"), "tanks", operation.transfer_to)
            if operation.fills or operation.draws or operation.transfer_to is not None:
                yield from _operation(plant, path, recipe, operation)


def _tank(plant: Plant, path: Path, tank: Tank, named: Named) -> Iterator[Complaint]:
    yield from named((*path, "material"), "materials", tank.material)
    material = plant.materials.get(tank.material)
    if material is not None and material.lot.unit != "kg":
        yield complain((*path, "material"), "is kept in pieces", "A tank holds kilograms.")
    volume = mass(tank, tank.volume)
    if mass(tank, tank.heel) >= volume:
        yield complain((*path, "heel"), "leaves nothing to be drawn", "Make it less than `volume`.")
    if mass(tank, tank.start) > volume:
        yield complain((*path, "start"), "is more than the tank holds", "Lower it.")
    for name, use in tank.agitation.items():
        here = (*path, "agitation", name)
        yield from named(here, "utilities", name)
        utility = plant.utilities.get(name)
        if use.rate is None or use.amount is not None or use.during != "processing":
            yield complain(here, "must be a rate", "Write `3 kW`.")
        elif utility is not None and use.rate.unit != utility.capacity.unit:
            message = f"is in {use.rate.unit}, while the capacity of `{name}` is in {utility.capacity.unit}"
            yield complain(here, message)


def _set_aside(plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """Agitation leaves something of each utility for work."""
    for name, utility in plant.utilities.items():
        uses = [(t, tank.agitation[name]) for t, tank in plant.tanks.items() if name in tank.agitation]
        aside = sum(use.rate.mean for _, use in uses if use.rate is not None)
        if uses and aside >= utility.capacity.mean and not refused.touches(("utilities", name)):
            path: Path = ("tanks", uses[-1][0], "agitation", name)
            yield complain(path, f"leaves nothing of `{name}` for any work", "Raise its `capacity`.")


def _amount(path: Path, tank: Tank, name: str, amount: AnyQuantity) -> Iterator[Complaint]:
    room = mass(tank, tank.volume) - (mass(tank, tank.heel) if path[-2] == "draws" else 0.0)
    if mass(tank, amount) > room:
        message = f"is {mass(tank, amount):g} kg, and `{name}` never has more than {room:g} kg for it"
        yield complain(path, message, "The work could never start.")


def _operation(plant: Plant, path: Path, recipe: Recipe, operation: Operation) -> Iterator[Complaint]:
    key = next(k for k in ("fills", "draws", "transfer_to") if getattr(operation, k))
    here = (*path, key)
    if recipe.batch.unit != "kg" and key != "draws":
        yield complain(here, "needs lots in kilograms", "Give the recipe's `batch` in kg.")
    if any(n in plant.equipment and plant.equipment[n].flow is not None for n in operation.on):
        yield complain(here, "stands on a flow section, whose flow ends when the lot does", "Use a unit.")
    if operation.together is not None:
        yield complain(here, "stands beside `together`", "Fill and draw with one lot at a time.")
    twice = [name for name in operation.fills if name in (*operation.draws, operation.transfer_to)]
    twice += [name for name in operation.draws if name == operation.transfer_to]
    if twice:
        yield complain(here, f"fills and draws `{twice[0]}` at once", "Use two operations.")
    if operation.transfer_to is not None:
        at = (*path, "transfer_to")
        if path[-1] != list(recipe.operations)[-1] or recipe.makes is not None:
            yield complain(at, "is not the end of the recipe", "The lot ends as content of the tank.")
        losing = [key for key in _LOSING if getattr(operation, key)]
        if losing:
            yield complain(at, f"stands beside `{losing[0]}`", "The whole lot goes into the tank.")
