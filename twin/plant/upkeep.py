"""Rules about the upkeep of equipment: every cleaning has a time and falls due, every change-over is timed.

Pure functions from a plant to complaints, called by `consistency.py`; the models are in `schema/upkeep.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.remainder import Refused
from twin.plant.schema import Changeover, Cleaning, Equipment, Maintenance, Need, Plant, Recipe
from twin.plant.schema.upkeep import OTHER
from twin.plant.sentences import did_you_mean
from twin.plant.shorthand import Distribution

_TRIGGERS = ("between_products", "between_families", "batches", "running", "every", "idle")


def product(name: str, recipe: Recipe) -> str:
    """What the recipe `name` makes."""
    return recipe.product or name


def family(name: str, recipe: Recipe) -> str:
    """The family of what the recipe `name` makes."""
    return recipe.family or product(name, recipe)


def needs(path: Path, equipment: Equipment) -> Iterator[tuple[Path, Sequence[Need]]]:
    """The needs of everything that is done for the equipment itself, each with its path."""
    if equipment.changeover is not None:
        yield (*path, "changeover", "needs"), equipment.changeover.needs
    for index, cleaning in enumerate(equipment.cleaning):
        yield (*path, "cleaning", index, "needs"), cleaning.needs
    for index, maintenance in enumerate(equipment.maintenance):
        yield (*path, "maintenance", index, "needs"), maintenance.needs


def families(plant: Plant) -> Iterator[Complaint]:
    """The recipes of one product agree on its family."""
    first: dict[str, tuple[str, str]] = {}
    for name, recipe in plant.recipes.items():
        makes, belongs = product(name, recipe), family(name, recipe)
        other, before = first.setdefault(makes, (name, belongs))
        if belongs != before:
            message = f"puts `{makes}` into `{belongs}`, and recipe `{other}` puts it into `{before}`"
            path: Path = ("recipes", name, "family" if recipe.family else "product")
            yield complain(path, message, "A product is of one family.")


def complaints(path: Path, equipment: Equipment, plant: Plant, refused: Refused) -> Iterator[Complaint]:
    """All that is wrong with the upkeep of one equipment, which stands at `path`."""
    products = list(dict.fromkeys(product(n, r) for n, r in plant.recipes.items()))
    if equipment.last_product is not None and equipment.last_product not in products:
        message = f"names a product that is not there, `{equipment.last_product}`"
        yield complain((*path, "last_product"), message, did_you_mean(equipment.last_product, products))
    if equipment.changeover is not None and not refused.touches((*path, "changeover")):
        yield from _changeover((*path, "changeover"), equipment.changeover, plant)
    yield from _cleanings(path, equipment, refused)
    for index, maintenance in enumerate(equipment.maintenance):
        here = (*path, "maintenance", index)
        before = equipment.maintenance[:index]
        names = [*(each.name for each in equipment.cleaning), *(each.name for each in before)]
        if maintenance.name in names:
            message = f"has the name of an earlier one, `{maintenance.name}`"
            yield complain(here, message, "Give each its own `name`.")
        if not refused.touches(here) and not refused.touches((*path, "failures")):
            yield from _maintenance(here, maintenance, equipment)
    wear = equipment.wear
    if (
        wear is not None
        and not refused.touches((*path, "wear"))
        and (wear.per is None) == (wear.batches is None)
    ):
        yield complain((*path, "wear"), "must have one of `per` and `batches`", "Write `per: 100 h`.")


def _maintenance(path: Path, maintenance: Maintenance, equipment: Equipment) -> Iterator[Complaint]:
    if all(getattr(maintenance, trigger) is None for trigger in ("every", "running", "batches")):
        yield complain(path, "never falls due", "Add `every: …`, `running: …` or `batches: …`.")
    clocks = [clock for clock in (maintenance.every, maintenance.running) if clock is not None]
    if maintenance.opportunity is not None:
        if not clocks:
            yield complain((*path, "opportunity"), "has no clock to be ahead of", "Add `every: …`.")
        elif maintenance.opportunity >= min(clocks):
            yield complain((*path, "opportunity"), "is not shorter than the time between two")
    failures = [failure.name for failure in equipment.failures]
    for key in ("renews", "with_repair_of"):
        for index, name in enumerate(getattr(maintenance, key)):
            if name not in failures:
                hint = did_you_mean(name, failures) or "The equipment has no `failures`."
                yield complain((*path, key, index), f"names a failure that is not there, `{name}`", hint)
    if maintenance.restores and equipment.wear is None:
        yield complain((*path, "restores"), "has no wear to take away", "Add `wear: …` to the equipment.")


def _cleanings(path: Path, equipment: Equipment, refused: Refused) -> Iterator[Complaint]:
    names: list[str] = []
    for index, cleaning in enumerate(equipment.cleaning):
        here = (*path, "cleaning", index)
        if cleaning.name in names:
            message = f"has the name of an earlier one, `{cleaning.name}`"
            yield complain(here, message, "Give each cleaning of a unit its own `name`.")
        names.append(cleaning.name)
        if not refused.touches(here):
            yield from _cleaning(here, cleaning, equipment)
    for key in ("dirty_hold", "clean_hold"):
        hold = getattr(equipment, key)
        if hold is None or refused.touches((*path, "cleaning")):
            continue
        if not names:
            yield complain((*path, key), "needs a cleaning", "Add `cleaning: {takes: …}`.")
        elif hold.cleaning is not None and hold.cleaning not in names:
            message = f"names a cleaning that is not there, `{hold.cleaning}`"
            yield complain((*path, key, "cleaning"), message, did_you_mean(hold.cleaning, names))


def _cleaning(path: Path, cleaning: Cleaning, equipment: Equipment) -> Iterator[Complaint]:
    if cleaning.takes is None and cleaning.between_products is None and cleaning.between_families is None:
        yield complain(path, "lacks its time", "Add `takes: …`, or `between_products: …`.")
    holds = [hold for hold in (equipment.dirty_hold, equipment.clean_hold) if hold is not None]
    lowest = min(equipment.cleaning, key=lambda each: each.level)
    forced = {hold.cleaning or lowest.name for hold in holds if hold.then == "clean"}
    if all(getattr(cleaning, trigger) is None for trigger in _TRIGGERS) and cleaning.name not in forced:
        hint = "Add `between_products: …`, `batches: …`, `running: …`, `every: …` or `idle: …`."
        yield complain(path, "never falls due", hint)


def _changeover(path: Path, changeover: Changeover, plant: Plant) -> Iterator[Complaint]:
    """The names in a matrix are there, and each pair that can follow each other has a time."""
    of = product if changeover.by == "product" else family
    known = list(dict.fromkeys(of(n, r) for n, r in plant.recipes.items()))
    for row, columns in changeover.matrix.items():
        if row not in (*known, OTHER):
            message = f"is for a {changeover.by} that is not there"
            yield complain((*path, "matrix", row), message, did_you_mean(row, known), at_key=True)
        for column in columns:
            if column not in (*known, OTHER):
                message = f"is for a {changeover.by} that is not there"
                yield complain(
                    (*path, "matrix", row, column), message, did_you_mean(column, known), at_key=True
                )
    unit = path[1]
    made = [of(n, r) for n, r in plant.recipes.items() if any(unit in o.on for o in r.operations.values())]
    if changeover.default is None:
        for one, following in permutations(dict.fromkeys(made), 2):
            if changeover_time(changeover, one, following) is None:
                hint = f"Add `{one}: {{{following}: …}}`, or a `default`."
                yield complain((*path, "matrix"), f"has no time from `{one}` to `{following}`", hint)


def changeover_time(changeover: Changeover, one: str, following: str) -> Distribution | None:
    """How long it takes from one product or family to the following; none where no time is given."""
    rows = changeover.matrix
    for row, column in ((one, following), (one, OTHER), (OTHER, following)):
        if row in rows and column in rows[row] and (one != following or OTHER not in (row, column)):
            return rows[row][column]
    return changeover.same if one == following else changeover.default
