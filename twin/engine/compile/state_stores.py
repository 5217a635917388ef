"""What a state file says of containers, materials, tanks and storages of utilities."""

from __future__ import annotations

from collections.abc import Iterator

from twin.engine.compile.context import to_nanoseconds
from twin.engine.compile.state_reading import Reading
from twin.engine.compile.tanks import milligrams
from twin.engine.compile.utilities import content
from twin.engine.program import NONE
from twin.engine.rules.calendars import NEVER
from twin.plant.errors import Path


def dirty(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """Kinds of containers of which some are dirty: how many, and for how long already."""
    kinds = {pool.name: number for number, pool in enumerate(reading.program.containers)}
    for name, words in reading.words.containers.items():
        path: Path = ("containers", name)
        if not reading.knows(path, name, kinds):
            continue
        pool = reading.program.containers[kinds[name]]
        used = reading.in_use.get(kinds[name], 0)
        if words.dirty and pool.cleaning == NONE:
            reading.wrong((*path, "dirty"), "is of containers that nothing cleans")
        elif words.dirty + used > pool.count and used <= pool.count:
            message = f"leaves too few of them: there are {pool.count}, and {used} are in use"
            reading.wrong((*path, "dirty"), message)
        elif words.dirty:
            yield kinds[name], words.dirty, to_nanoseconds(words.dirty_for)
        if words.dirty_for and pool.dirty_hold is None:
            reading.wrong((*path, "dirty_for"), "is of containers with a `dirty_hold`")
        if words.clean_for and pool.clean_hold is None:
            reading.wrong((*path, "clean_for"), "is of containers with a `clean_hold`")


def clean_for(reading: Reading) -> Iterator[tuple[int, int]]:
    """Kinds of containers whose clean ones have stood for some time."""
    kinds = {pool.name: number for number, pool in enumerate(reading.program.containers)}
    for name, words in reading.words.containers.items():
        if name in kinds and words.clean_for:
            yield kinds[name], to_nanoseconds(words.clean_for)


def stocks(reading: Reading) -> Iterator[tuple[int, int]]:
    """What is in stock of materials, in mg or pieces."""
    numbers = {material.name: n for n, material in enumerate(reading.program.materials)}
    for name, words in reading.words.materials.items():
        path: Path = ("materials", name)
        if reading.knows(path, name, numbers):
            material = reading.program.materials[numbers[name]]
            yield numbers[name], reading.amount(path, words.stock, material.unit_of_quantity)
            if words.age and material.shelf_life == NEVER:
                reading.wrong((*path, "age"), "is of a material with a shelf life")


def ages(reading: Reading) -> Iterator[tuple[int, int]]:
    """How old what is in stock of materials is."""
    for number, material in enumerate(reading.program.materials):
        words = reading.words.materials.get(material.name)
        if words is not None and words.age:
            yield number, to_nanoseconds(words.age)


def levels(reading: Reading) -> Iterator[tuple[int, int]]:
    """What tanks hold, in mg."""
    numbers = {tank.name: number for number, tank in enumerate(reading.program.tanks)}
    for name, words in reading.words.tanks.items():
        path: Path = ("tanks", name)
        if not reading.knows(path, name, numbers):
            continue
        tank = reading.program.tanks[numbers[name]]
        if words.held and tank.hold == NEVER:
            reading.wrong((*path, "held"), "is of a tank with a `hold`")
        if words.level is None:
            continue
        level = milligrams(reading.plant.tanks[name], words.level)
        if level > tank.volume:
            reading.wrong((*path, "level"), "is more than the tank holds")
        yield numbers[name], level


def held(reading: Reading) -> Iterator[tuple[int, int]]:
    """How long tanks have held what they hold."""
    for number, tank in enumerate(reading.program.tanks):
        words = reading.words.tanks.get(tank.name)
        if words is not None and words.held:
            yield number, to_nanoseconds(words.held)


def contents(reading: Reading) -> Iterator[tuple[int, int]]:
    """What storages of utilities hold, as the program counts it."""
    numbers = {utility.name: number for number, utility in enumerate(reading.program.utilities)}
    for name, amount in reading.words.utilities.items():
        path: Path = ("utilities", name)
        if not reading.knows(path, name, numbers):
            continue
        storage = reading.plant.utilities[name].storage
        utility = reading.program.utilities[numbers[name]]
        if storage is None:
            reading.wrong(path, "is of a utility with a storage")
        elif storage.volume.unit != amount.unit:
            reading.wrong(path, f"is in {amount.unit}, while the storage is in {storage.volume.unit}")
        elif amount.mean > storage.volume.mean:
            reading.wrong(path, "is more than the storage holds")
        else:
            yield numbers[name], min(content(amount.mean, utility.size), utility.volume)
