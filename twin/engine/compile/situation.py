"""A state file checked against its plant, and compiled: every complaint has its path in the state file.

`experiment/starting.py` reads the file, asks for `complaints` with those of the schema, and then compiles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from twin.engine.compile.context import to_nanoseconds, whole
from twin.engine.program import NO_STORAGE, NONE, Operation, Program, Unit
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.dispatching import HOT
from twin.engine.situation import Situation, Standing, container_of
from twin.engine.snapshot import inventory
from twin.plant import control, schema, upkeep
from twin.plant.checking import complain
from twin.plant.errors import Complaint, Path
from twin.plant.scenario import Run
from twin.plant.sentences import did_you_mean
from twin.plant.shorthand import LotSize
from twin.plant.situation import StandingLot, StateFile


@dataclass
class _Reading:
    """A state file being read, with what it has taken so far."""

    words: StateFile
    program: Program
    run: Run
    products: dict[str, int]
    found: list[Complaint] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)  # units with a lot
    stored: dict[int, int] = field(default_factory=dict)  # lots by storage
    in_use: dict[int, int] = field(default_factory=dict)  # containers by kind

    def wrong(self, path: Path, predicate: str, hint: str = "", at_key: bool = False) -> None:
        """Note a complaint."""
        self.found.append(complain(path, predicate, hint, at_key=at_key))


def complaints(words: StateFile, plant: schema.Plant, program: Program, run: Run) -> list[Complaint]:
    """What of a state file does not fit its plant."""
    return _read(words, plant, program, run)[1]


def situation(words: StateFile, plant: schema.Plant, program: Program, run: Run) -> Situation:
    """The state file by the numbers of the program; it fits."""
    return _read(words, plant, program, run)[0]


def _read(
    words: StateFile, plant: schema.Plant, program: Program, run: Run
) -> tuple[Situation, list[Complaint]]:
    whole_plant = control.expanded(plant)
    products = {
        upkeep.product(recipe.name, whole_plant.recipes[recipe.name]): recipe.product
        for recipe in program.recipes
    }
    reading = _Reading(words, program, run, products)
    if words.time is not None and words.time != run.start:
        message = f"is not that of the run, which starts at {run.start:%Y-%m-%d %H:%M}"
        reading.wrong(("time",), message, "Set `run.start` of the scenario to this time.")
    lots = tuple(
        standing for number, lot in enumerate(words.lots) for standing in _lots(reading, number, lot)
    )
    found = Situation(
        names=inventory(program),
        lots=lots,
        down=tuple(_down(reading)),
        dirty=tuple(_dirty(reading)),
        last_products=tuple(_last_products(reading)),
        stocks=tuple(_stocks(reading)),
    )
    return found, reading.found


def _lots(reading: _Reading, number: int, lot: StandingLot) -> Iterator[Standing]:
    path: Path = ("lots", number)
    order = _order(reading, path, lot)
    name = lot.in_work or lot.waits_for
    if (lot.in_work is None) == (lot.waits_for is None):
        reading.wrong(path, "needs one of `waits_for` and `in_work`")
        return
    _check_words(reading, path, lot)
    if order == NONE or name is None:
        return
    line = reading.program.orders[order]
    recipe = reading.program.recipes[line.recipe]
    key = "in_work" if lot.in_work is not None else "waits_for"
    operation = _operation(reading, (*path, key), line.recipe, name)
    if operation == NONE:
        return
    unit = _unit(reading, path, lot, operation)
    _count_places(reading, path, lot, operation)
    container = container_of(reading.program, operation, lot.in_work is not None)
    if container != NONE:
        _count_container(reading, path, container, lot.count)
    standing = Standing(
        order=order,
        operation=operation,
        unit=unit,
        in_work=lot.in_work is not None,
        phase=_phase(reading, path, lot, operation),
        remaining=to_nanoseconds(lot.remaining or 0.0),
        waited=to_nanoseconds(lot.waiting),
        quantity=_quantity(
            reading, (*path, "quantity"), lot.quantity, recipe.quantity, recipe.unit_of_quantity
        ),
        priority=(line.priority if lot.priority is None else lot.priority) - (HOT if line.hot else 0),
        due=_due(reading.run, lot.due),
        container=container,
    )
    yield from [standing] * lot.count


def _order(reading: _Reading, path: Path, lot: StandingLot) -> int:
    program = reading.program
    made = [control.master(program.recipes[line.recipe].name) for line in program.orders]
    if lot.recipe in made:
        return made.index(lot.recipe)
    known = any(recipe.name == lot.recipe for recipe in program.recipes)
    message = f"is made by no order line, `{lot.recipe}`" if known else f"is no recipe, `{lot.recipe}`"
    reading.wrong((*path, "recipe"), message, did_you_mean(lot.recipe, made))
    return NONE


def _check_words(reading: _Reading, path: Path, lot: StandingLot) -> None:
    """Words that go with waiting or with work only."""
    if lot.in_work is not None:
        for key in ("on", "remaining"):
            if getattr(lot, key) is None:
                reading.wrong(path, f"needs `{key}`, because it is in work")
    for key in ("remaining", "phase"):
        if lot.in_work is None and getattr(lot, key) is not None:
            reading.wrong((*path, key), "is of a lot in work, and this one waits")
    if lot.in_work is not None and lot.waiting:
        reading.wrong((*path, "waiting"), "is of a lot that waits, and this one is in work")
    if lot.count > 1 and (lot.on is not None or lot.in_work is not None):
        reading.wrong((*path, "count"), "is more than one lot for one unit")


def _operation(reading: _Reading, path: Path, recipe: int, name: str) -> int:
    operations = reading.program.operations
    own = {o.name.rpartition("/")[2]: number for number, o in enumerate(operations) if o.recipe == recipe}
    if name not in own:
        reading.wrong(path, f"is no operation of the recipe, `{name}`", did_you_mean(name, own))
        return NONE
    number = own[name]
    before = [operations[n] for n in own.values() if n < number]
    rest = [operations[n] for n in own.values() if n >= number]
    if any(o.split_into or o.split_each for o in before) and any(o.merges for o in rest):
        reading.wrong(path, "is for parts of one lot, which a state file cannot tell")
    if path[-1] == "in_work" and (operations[number].merges or operations[number].batch[1] > 1):
        reading.wrong(path, "works on several lots at once", "Have them wait for it, or keep a snapshot.")
    return number


def _unit(reading: _Reading, path: Path, lot: StandingLot, number: int) -> int:
    """The unit on which the lot is; none where it waits in its storage."""
    if lot.on is None:
        return NONE
    program, operation = reading.program, reading.program.operations[number]
    if lot.in_work is None:
        earlier = [o for o in program.operations if o.next == number and o.recipe == operation.recipe]
        if not earlier:
            reading.wrong((*path, "on"), "is where no lot has been before its first operation")
            return NONE
        operation = earlier[0]
    units = [u for u in operation.units if _name(program, program.units[u]) == lot.on]
    names = [_name(program, program.units[u]) for u in operation.units]
    if not units:
        message = f"is no unit of `{operation.name.rpartition('/')[2]}`, `{lot.on}`"
        reading.wrong((*path, "on"), message, did_you_mean(lot.on, names))
        return NONE
    if operation.flows and lot.in_work is not None:
        reading.wrong((*path, "on"), "is a flow section, whose work a state file cannot tell")
    free = [u for u in units if u not in reading.taken]
    if not free:
        reading.wrong((*path, "on"), f"has a lot already, `{lot.on}`")
        return NONE
    reading.taken.add(free[0])
    return free[0]


def _name(program: Program, unit: Unit) -> str:
    return unit.name if unit.part_of == NONE else program.units[unit.part_of].name


def _phase(reading: _Reading, path: Path, lot: StandingLot, number: int) -> int:
    names = [phase.name for phase in reading.program.operations[number].phases]
    if lot.phase is None or lot.in_work is None:
        return max(0, len(names) - 1)
    if lot.phase not in names:
        reading.wrong(
            (*path, "phase"), f"is no phase of the operation, `{lot.phase}`", did_you_mean(lot.phase, names)
        )
        return 0
    return names.index(lot.phase)


def _count_places(reading: _Reading, path: Path, lot: StandingLot, number: int) -> None:
    """Whether there is room for lots that wait in a storage, or stay at work in it."""
    if lot.in_work is not None or lot.on is not None:
        return
    program, operation = reading.program, reading.program.operations[number]
    if operation.storage == NO_STORAGE and not _is_first(program, operation, number):
        reading.wrong(path, "needs `on`: there is no storage in which it could wait")
    if operation.storage < 0:
        return
    reading.stored[operation.storage] = reading.stored.get(operation.storage, 0) + lot.count
    storage = program.storages[operation.storage]
    if storage.count != NONE and reading.stored[operation.storage] > storage.count:
        reading.wrong(path, f"has no place in the storage `{storage.name}`, which holds {storage.count}")


def _is_first(program: Program, operation: Operation, number: int) -> bool:
    return program.recipes[operation.recipe].first == number


def _count_container(reading: _Reading, path: Path, kind: int, count: int) -> None:
    reading.in_use[kind] = reading.in_use.get(kind, 0) + count
    pool = reading.program.containers[kind]
    if reading.in_use[kind] > pool.count:
        reading.wrong(path, f"would have a container `{pool.name}`, of which there are {pool.count}")


def _quantity(reading: _Reading, path: Path, given: LotSize | None, usual: int, unit: str) -> int:
    if given is None:
        return usual
    if (given.unit == "pieces") != (unit == "pieces"):
        wanted = "pieces" if unit == "pieces" else "kg"
        reading.wrong(path, "is not in the unit that the plant gives it in", f"Write it in {wanted}.")
    return whole(given)


def _due(run: Run, due: float | datetime | None) -> int:
    if due is None:
        return NEVER
    seconds = (due - run.start).total_seconds() if isinstance(due, datetime) else due
    return round(seconds * 1e9)


def _down(reading: _Reading) -> Iterator[tuple[int, int, int]]:
    numbers = _units_by_name(reading.program)
    for name, unit in reading.words.units.items():
        path: Path = ("units", name)
        if name not in numbers:
            reading.wrong(path, "is not in the plant", did_you_mean(name, numbers), at_key=True)
            continue
        modes = [mode.name for mode in reading.program.units[numbers[name]].failures]
        if unit.failure is not None and unit.down is None:
            reading.wrong((*path, "failure"), "is of a unit that is down; say for how long, `down`")
        if unit.down is None:
            continue
        if not modes:
            reading.wrong((*path, "down"), "is of a unit that has no failures")
        elif unit.failure is not None and unit.failure not in modes:
            message = f"is no failure of the unit, `{unit.failure}`"
            reading.wrong((*path, "failure"), message, did_you_mean(unit.failure, modes))
        else:
            mode = 0 if unit.failure is None else modes.index(unit.failure)
            yield numbers[name], mode, to_nanoseconds(unit.down)


def _units_by_name(program: Program) -> dict[str, int]:
    return {unit.name: number for number, unit in enumerate(program.units) if unit.part_of == NONE}


def _last_products(reading: _Reading) -> Iterator[tuple[int, int]]:
    numbers = _units_by_name(reading.program)
    for name, unit in reading.words.units.items():
        product = unit.last_product
        if product is None or name not in numbers:
            continue
        if product in reading.products:
            yield numbers[name], reading.products[product]
        else:
            message = f"is no product, `{product}`"
            reading.wrong(("units", name, "last_product"), message, did_you_mean(product, reading.products))


def _dirty(reading: _Reading) -> Iterator[tuple[int, int]]:
    kinds = {pool.name: number for number, pool in enumerate(reading.program.containers)}
    for name, words in reading.words.containers.items():
        path: Path = ("containers", name)
        if name not in kinds:
            reading.wrong(path, "is not in the plant", did_you_mean(name, kinds), at_key=True)
            continue
        pool = reading.program.containers[kinds[name]]
        used = reading.in_use.get(kinds[name], 0)
        if words.dirty and pool.cleaning == NONE:
            reading.wrong((*path, "dirty"), "is of containers that nothing cleans")
        elif words.dirty + used > pool.count and used <= pool.count:
            message = f"leaves too few of them: there are {pool.count}, and lots have {used}"
            reading.wrong((*path, "dirty"), message)
        elif words.dirty:
            yield kinds[name], words.dirty


def _stocks(reading: _Reading) -> Iterator[tuple[int, int]]:
    numbers = {material.name: n for n, material in enumerate(reading.program.materials)}
    for name, amount in reading.words.materials.items():
        path: Path = ("materials", name)
        if name not in numbers:
            reading.wrong(path, "is not in the plant", did_you_mean(name, numbers), at_key=True)
            continue
        unit = reading.program.materials[numbers[name]].unit_of_quantity
        yield numbers[name], _quantity(reading, path, amount, 0, unit)
