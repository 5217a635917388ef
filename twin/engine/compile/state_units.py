"""The units of a state file: which are down or at work for themselves, and how their upkeep stands."""

from __future__ import annotations

from collections.abc import Iterator

from twin.engine.compile.context import to_nanoseconds
from twin.engine.compile.state_reading import Reading, last_of
from twin.engine.program import NONE, Unit
from twin.engine.situation import StandingUpkeep
from twin.engine.upkeep import Upkeep
from twin.plant.errors import Path
from twin.plant.situation import StandingStation, StandingUnit


def _told(reading: Reading) -> Iterator[tuple[Path, int, StandingUnit]]:
    """Path, number and words of every unit that is there."""
    numbers = reading.units_by_name()
    for name, words in reading.words.units.items():
        if name in numbers:
            yield ("units", name), numbers[name], words


def down(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """Units and stations that are down, by number of the machine and failure mode, and for how long yet."""
    for name in reading.words.units:
        reading.knows(("units", name), name, reading.units_by_name())
    first = len(reading.program.units)
    for path, number, words in _told(reading):
        unit = reading.program.units[number]
        yield from _down(reading, path, number, unit, words)
        stations = {last_of(reading.program.stations[k].name): k for k in unit.stations}
        for name, station in words.stations.items():
            here = (*path, "stations", name)
            if reading.knows(here, name, stations, "is no station of the unit"):
                at = reading.program.stations[stations[name]]
                yield from _down(reading, here, first + stations[name], at, station)


def _down(
    reading: Reading, path: Path, number: int, unit: Unit, words: StandingUnit | StandingStation
) -> Iterator[tuple[int, int, int]]:
    modes = [mode.name for mode in unit.failures]
    if words.down is None:
        if words.failure is not None:
            reading.wrong((*path, "failure"), "is of a unit that is down; say for how long, `down`")
    elif not modes:
        reading.wrong((*path, "down"), "is of a unit that has no failures")
    elif words.failure is None or reading.knows(
        (*path, "failure"), words.failure, modes, "is no failure of the unit"
    ):
        mode = 0 if words.failure is None else modes.index(words.failure)
        yield number, mode, to_nanoseconds(words.down)


def last_products(reading: Reading) -> Iterator[tuple[int, int]]:
    """The last product of units, by number."""
    for path, number, words in _told(reading):
        if words.last_product is not None and reading.knows(
            (*path, "last_product"), words.last_product, reading.products, "is no product"
        ):
            yield number, reading.products[words.last_product]


def doing(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """Units that clean, maintain, or clean a container, by the operation that does it."""
    for path, number, words in _told(reading):
        if words.doing is None:
            if words.remaining is not None:
                reading.wrong((*path, "remaining"), "is of a unit that does something, `doing`")
            continue
        if words.remaining is None:
            reading.wrong(path, "needs `remaining`, because it is doing something")
        tasks = _tasks(reading, number)
        what = "is no cleaning, maintenance or kind of container of the unit"
        if not reading.knows((*path, "doing"), words.doing, tasks, what):
            continue
        if number in reading.taken:
            reading.wrong((*path, "doing"), "is of a unit that has a lot")
            continue
        reading.taken[number] = 1
        kind = reading.program.operations[tasks[words.doing]].cleans
        if kind != NONE:
            reading.count_containers((*path, "doing"), kind, 1)
        yield number, tasks[words.doing], to_nanoseconds(words.remaining or 0.0)


def _tasks(reading: Reading, number: int) -> dict[str, int]:
    """What a unit may be doing, by name: kinds of containers, and chores of its own before them."""
    program = reading.program
    kinds = {
        pool.name: pool.cleaning
        for pool in program.containers
        if pool.cleaning != NONE and number in program.operations[pool.cleaning].units
    }
    upkeep = program.units[number].upkeep
    chores = [] if upkeep is None else [chore.task for chore in reversed(upkeep.chores)]
    return {**kinds, **{program.operations[task].cause: task for task in chores}}


def upkeep(reading: Reading) -> Iterator[StandingUpkeep]:
    """How units stand with their upkeep."""
    given = {"cleaned", "cleaned_for", "unused", "set_up", "since", "worn_lots", "worn_running"}
    for path, number, words in _told(reading):
        own = reading.program.units[number].upkeep
        said = [key for key in StandingUnit.model_fields if key in given & words.model_fields_set]
        if not said:
            continue
        if own is None:
            reading.wrong((*path, said[0]), "is of a unit with cleaning, maintenance, change-over or wear")
            continue
        _check_use(reading, path, number, words)
        yield StandingUpkeep(
            unit=number,
            cleaned=_cleaned(reading, path, own, words),
            cleaned_for=to_nanoseconds(words.cleaned_for),
            unused=to_nanoseconds(words.unused),
            set_up=_set_up(reading, path, own, words),
            since=tuple(_since(reading, path, own, words)),
            worn=_worn(reading, path, own, words),
        )


def _check_use(reading: Reading, path: Path, number: int, words: StandingUnit) -> None:
    """What is said of a unit since its last use is of one that is not in use."""
    in_use = number in reading.batches
    for key in ("cleaned", "unused", "set_up"):
        if in_use and getattr(words, key):
            reading.wrong((*path, key), "is of a unit that has no lot")
    if words.cleaned is None and words.cleaned_for:
        reading.wrong((*path, "cleaned_for"), "is of a unit that is clean; say how it was `cleaned`")
    if words.cleaned is not None and words.cleaned_for > words.unused > 0:
        reading.wrong((*path, "cleaned_for"), "is longer ago than its last lot, `unused`")


def _chores(reading: Reading, own: Upkeep, levels: range) -> dict[str, list[int]]:
    """The numbers of chores by name, of cleanings of these levels."""
    found: dict[str, list[int]] = {}
    for number, chore in enumerate(own.chores):
        if chore.level in levels:
            found.setdefault(reading.program.operations[chore.task].cause, []).append(number)
    return found


def _cleaned(reading: Reading, path: Path, own: Upkeep, words: StandingUnit) -> int:
    cleanings = _chores(reading, own, range(1, 1000))
    if words.cleaned is None or not reading.knows(
        (*path, "cleaned"), words.cleaned, cleanings, "is no cleaning of the unit"
    ):
        return NONE
    return own.chores[cleanings[words.cleaned][0]].level


def _set_up(reading: Reading, path: Path, own: Upkeep, words: StandingUnit) -> int:
    if words.set_up is None or not reading.knows(
        (*path, "set_up"), words.set_up, reading.products, "is no product"
    ):
        return NONE
    if own.changeover is None:
        reading.wrong((*path, "set_up"), "is of a unit with `changeover`")
    return reading.products[words.set_up]


def _since(
    reading: Reading, path: Path, own: Upkeep, words: StandingUnit
) -> Iterator[tuple[int, int, int, int]]:
    chores = _chores(reading, own, range(1000))
    for name, done in words.since.items():
        if reading.knows((*path, "since", name), name, chores, "is no cleaning or maintenance of the unit"):
            for number in chores[name]:
                yield number, done.lots, to_nanoseconds(done.running), to_nanoseconds(done.time)


def _worn(reading: Reading, path: Path, own: Upkeep, words: StandingUnit) -> int:
    """Lots or producing time since the unit was new, as its wear counts."""
    by_lots = own.wear is not None and own.wear.by_lots
    for key, counts in (("worn_lots", by_lots), ("worn_running", own.wear is not None and not by_lots)):
        if getattr(words, key) and not counts:
            reading.wrong((*path, key), "is not what the `wear` of the unit counts")
    return words.worn_lots if by_lots else to_nanoseconds(words.worn_running)
