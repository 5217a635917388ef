"""The lots of a state file: where each stands, what it has behind it, and what is left of its work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from twin.engine.compile.context import to_nanoseconds
from twin.engine.compile.state_reading import Reading, last_of
from twin.engine.program import NO_STORAGE, NONE, Flow, Operation, Program, Unit
from twin.engine.rules.calendars import NEVER
from twin.engine.rules.dispatching import HOT
from twin.engine.situation import Standing, container_of
from twin.plant import control
from twin.plant.errors import Path
from twin.plant.scenario import Run
from twin.plant.sentences import did_you_mean
from twin.plant.shorthand import LotSize
from twin.plant.situation import StandingLot


def standing_lots(reading: Reading) -> Iterator[Standing]:
    """Every lot that is inside, in the order of the file."""
    for number, lot in enumerate(reading.words.lots):
        yield from _lots(reading, number, lot)


def _lots(reading: Reading, number: int, lot: StandingLot) -> Iterator[Standing]:
    path: Path = ("lots", number)
    order = _order(reading, path, lot)
    name = lot.in_work or lot.waits_for
    if (lot.in_work is None) == (lot.waits_for is None):
        reading.wrong(path, "needs one of `waits_for` and `in_work`")
        return
    operation = NONE
    if order != NONE and name is not None:
        key = "in_work" if lot.in_work is not None else "waits_for"
        operation = _operation(reading, (*path, key), reading.program.orders[order].recipe, name)
    _check_words(reading, path, lot, None if operation == NONE else reading.program.operations[operation])
    if operation != NONE:
        yield from [_standing(reading, path, lot, order, operation)] * lot.count


def _standing(reading: Reading, path: Path, lot: StandingLot, order: int, operation: int) -> Standing:
    """One of these lots, which are at an operation or wait for it."""
    line = reading.program.orders[order]
    recipe = reading.program.recipes[line.recipe]
    unit = _unit(reading, path, lot, operation)
    _count_places(reading, path, lot, operation)
    container = container_of(reading.program, operation, lot.in_work is not None)
    if container != NONE:
        reading.count_containers(path, container, lot.count)
    quantity = _quantity(reading, (*path, "quantity"), lot.quantity, recipe.quantity, recipe.unit_of_quantity)
    flow = reading.program.operations[operation].flows.get(unit) if lot.in_work is not None else None
    return Standing(
        order=order,
        operation=operation,
        unit=unit,
        in_work=lot.in_work is not None,
        phase=_phase(reading, path, lot, operation),
        remaining=to_nanoseconds(lot.remaining or 0.0),
        waited=to_nanoseconds(lot.waiting),
        quantity=quantity,
        priority=(line.priority if lot.priority is None else lot.priority) - (HOT if line.hot else 0),
        due=_due(reading.run, lot.due),
        container=container,
        ended=tuple(_ended(reading, path, lot, operation)),
        samples=tuple(_samples(reading, path, lot, operation)),
        passed=() if flow is None else _passed(reading, path, lot, flow, quantity, recipe.unit_of_quantity),
        starting_up=() if flow is None else _starting_up(reading, path, lot, flow),
    )


def _order(reading: Reading, path: Path, lot: StandingLot) -> int:
    program = reading.program
    made = [control.master(program.recipes[line.recipe].name) for line in program.orders]
    if lot.recipe in made:
        return made.index(lot.recipe)
    known = any(recipe.name == lot.recipe for recipe in program.recipes)
    message = f"is made by no order line, `{lot.recipe}`" if known else f"is no recipe, `{lot.recipe}`"
    reading.wrong((*path, "recipe"), message, did_you_mean(lot.recipe, made))
    return NONE


def _check_words(reading: Reading, path: Path, lot: StandingLot, operation: Operation | None) -> None:
    """Words that go with waiting or with work only; of a flow section where the operation is on one."""
    flows = operation is not None and bool(operation.flows)
    if lot.in_work is not None:
        for key in ("on", "passed" if flows else "remaining"):
            if operation is not None and getattr(lot, key) in (None, {}):
                reading.wrong(path, f"needs `{key}`, because it is in work")
        if flows and lot.remaining is not None:
            reading.wrong((*path, "remaining"), "is said by `passed` on a flow section")
    for key in ("remaining", "phase", "passed", "starting_up"):
        if lot.in_work is None and getattr(lot, key) not in (None, {}):
            reading.wrong((*path, key), "is of a lot in work, and this one waits")
    for key in ("passed", "starting_up"):
        if lot.in_work is not None and operation is not None and getattr(lot, key) and not flows:
            reading.wrong((*path, key), "is of a flow section")
    if lot.in_work is not None and lot.waiting:
        reading.wrong((*path, "waiting"), "is of a lot that waits, and this one is in work")
    alone = lot.on is not None or lot.in_work is not None
    most = operation.batch[1] if operation is not None and lot.in_work is not None else 1
    if lot.count > most and alone and operation is not None:
        several = (
            f"is more than the {most} lots of a batch" if most > 1 else "is more than one lot for one unit"
        )
        reading.wrong((*path, "count"), several)
    if lot.count > 1 and any(sample.on is not None for sample in lot.samples.values()):
        reading.wrong((*path, "count"), "is more than the one lot whose sample is in work")


def _operation(reading: Reading, path: Path, recipe: int, name: str) -> int:
    operations = reading.program.operations
    own = {last_of(o.name): number for number, o in enumerate(operations) if o.recipe == recipe}
    if name not in own:
        reading.wrong(path, f"is no operation of the recipe, `{name}`", did_you_mean(name, own))
        return NONE
    number = own[name]
    before = [operations[n] for n in own.values() if n < number]
    rest = [operations[n] for n in own.values() if n >= number]
    if any(_divides(o) for o in before) and any(o.merges for o in rest):
        reading.wrong(path, "is for parts of one lot, which a state file cannot tell")
    if path[-1] == "in_work" and (operations[number].merges or _hands_on_portions(operations[number])):
        reading.wrong(path, "works on parts of one lot", "Have them wait for it, or keep a snapshot.")
    return number


def _divides(operation: Operation) -> bool:
    return bool(operation.split_into or operation.split_each) or _hands_on_portions(operation)


def _hands_on_portions(operation: Operation) -> bool:
    return bool(operation.portions or operation.portion_each)


def _unit(reading: Reading, path: Path, lot: StandingLot, number: int) -> int:
    """The unit on which the lot is; none where it waits in its storage."""
    if lot.on is None:
        return NONE
    program, operation = reading.program, reading.program.operations[number]
    if lot.in_work is None:
        operations = program.operations
        earlier = [n for n, o in enumerate(operations) if o.next == number and o.recipe == operation.recipe]
        if not earlier:
            reading.wrong((*path, "on"), "is where no lot has been before its first operation")
            return NONE
        operation = operations[earlier[0]]
        if earlier[0] in program.quality.quarantines:
            reading.wrong((*path, "on"), "is at the papers of the lot, which stands in its storage")
            return NONE
    units = [u for u in operation.units if _name(program, program.units[u]) == lot.on]
    names = [_name(program, program.units[u]) for u in operation.units]
    if not units:
        message = f"is no unit of `{last_of(operation.name)}`, `{lot.on}`"
        reading.wrong((*path, "on"), message, did_you_mean(lot.on, names))
        return NONE
    joined = _batch(reading, path, lot, number, units)
    free = [u for u in units if u not in reading.taken]
    if joined == NONE and not free:
        reading.wrong((*path, "on"), f"has a lot already, `{lot.on}`")
        return NONE
    unit = free[0] if joined == NONE else joined
    reading.taken[unit] = reading.taken.get(unit, 0) + lot.count
    reading.batches.setdefault(unit, (number, lot.remaining))
    return unit


def _batch(reading: Reading, path: Path, lot: StandingLot, number: int, units: list[int]) -> int:
    """The unit whose batch a lot in work belongs to, with lots that stand before it in the file; or none."""
    most = reading.program.operations[number].batch[1]
    if lot.in_work is None or most == 1:
        return NONE
    for unit in units:
        operation, remaining = reading.batches.get(unit, (NONE, None))
        if operation == number and reading.taken[unit] + lot.count <= most:
            if lot.remaining != remaining:
                reading.wrong((*path, "remaining"), "is not that of the other lots of the batch")
            return unit
    return NONE


def _name(program: Program, unit: Unit) -> str:
    return unit.name if unit.part_of == NONE else program.units[unit.part_of].name


def _phase(reading: Reading, path: Path, lot: StandingLot, number: int) -> int:
    names = [phase.name for phase in reading.program.operations[number].phases]
    if lot.phase is None or lot.in_work is None:
        return max(0, len(names) - 1)
    if lot.phase not in names:
        reading.wrong(
            (*path, "phase"), f"is no phase of the operation, `{lot.phase}`", did_you_mean(lot.phase, names)
        )
        return 0
    return names.index(lot.phase)


def _count_places(reading: Reading, path: Path, lot: StandingLot, number: int) -> None:
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


def _quantity(reading: Reading, path: Path, given: LotSize | None, usual: int, unit: str) -> int:
    return usual if given is None else reading.amount(path, given, unit)


def _due(run: Run, due: float | datetime | None) -> int:
    if due is None:
        return NEVER
    seconds = (due - run.start).total_seconds() if isinstance(due, datetime) else due
    return round(seconds * 1e9)


def _ended(reading: Reading, path: Path, lot: StandingLot, number: int) -> Iterator[tuple[int, int]]:
    """How long ago operations before this one ended."""
    operations = reading.program.operations
    recipe = operations[number].recipe
    before = {last_of(o.name): n for n, o in enumerate(operations[:number]) if o.recipe == recipe}
    for name, ago in lot.ended.items():
        if reading.knows((*path, "ended", name), name, before, "is no operation before this one"):
            yield before[name], to_nanoseconds(ago)


def _samples(reading: Reading, path: Path, lot: StandingLot, number: int) -> Iterator[tuple[int, int, int]]:
    """What the laboratory has not answered yet, and which of it a unit is at."""
    program = reading.program
    inquiries = {
        inquiry.name: n
        for n, inquiry in enumerate(program.quality.inquiries)
        if program.operations[inquiry.operation].recipe == program.operations[number].recipe
        and inquiry.operation < number
    }
    units = reading.units_by_name()
    for name, words in lot.samples.items():
        here = (*path, "samples", name)
        if not reading.knows(here, name, inquiries, "is no sample of an operation before this one"):
            continue
        if words.on is None:
            if words.remaining is not None:
                reading.wrong((*here, "remaining"), "is of a sample in work: say `on` which unit")
            yield inquiries[name], NONE, to_nanoseconds(words.waiting)
            continue
        test = program.operations[program.quality.inquiries[inquiries[name]].test]
        able = [unit for unit, n in units.items() if n in test.units]
        if words.remaining is None:
            reading.wrong(here, "needs `remaining`, because a unit is at it")
        if words.waiting:
            reading.wrong((*here, "waiting"), "is of a sample that waits, and this one is in work")
        if not reading.knows((*here, "on"), words.on, able, "is no unit that tests it"):
            continue
        if units[words.on] in reading.taken:
            reading.wrong((*here, "on"), f"is at work already, `{words.on}`")
            continue
        reading.taken[units[words.on]] = 1
        yield inquiries[name], units[words.on], to_nanoseconds(words.remaining or 0.0)


def _passed(
    reading: Reading, path: Path, lot: StandingLot, flow: Flow, quantity: int, unit: str
) -> tuple[int, ...]:
    """How much of the lot has left each station of its section."""
    names = [last_of(reading.program.stations[number].name) for number in flow.stations]
    for name in lot.passed:
        reading.knows((*path, "passed", name), name, names, "is no station of the section")
    missing = [name for name in names if name not in lot.passed]
    if missing:
        message = f"lacks the station `{missing[0]}`"
        reading.wrong((*path, "passed"), message, "Say for every station what has left it.")
        return ()
    passed = [reading.amount((*path, "passed", name), lot.passed[name], unit) for name in names]
    before = quantity
    for i, (name, amount) in enumerate(zip(names, passed, strict=True)):
        here = (*path, "passed", name)
        room = None if i == 0 or flow.in_seconds[i - 1] else round(flow.room[i - 1])
        if amount > before:
            whence = "the station before has passed on" if i else "there is of the lot"
            reading.wrong(here, f"is more than {whence}")
        elif room is not None and before - amount > room:
            message = "leaves more before it than there is room for" if room else "has no buffer before it"
            reading.wrong(here, message, "Stations without a buffer between them have passed the same.")
        before = amount
    if passed[-1] == quantity:
        reading.wrong((*path, "passed"), "has all left the section", "Say what the lot waits for, and where.")
    return tuple(passed)


def _starting_up(reading: Reading, path: Path, lot: StandingLot, flow: Flow) -> tuple[int, ...]:
    names = [last_of(reading.program.stations[number].name) for number in flow.stations]
    for name in lot.starting_up:
        reading.knows((*path, "starting_up", name), name, names, "is no station of the section")
    return tuple(to_nanoseconds(lot.starting_up.get(name, 0.0)) for name in names)
