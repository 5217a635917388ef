"""Upkeep of units: maintenance, cleanings and change-overs as tasks, with what makes them fall due;
hold limits of units and containers.
"""

from __future__ import annotations

from dataclasses import replace

from twin.engine.compile.context import Context, optional, source, to_nanoseconds
from twin.engine.compile.needs import merged_needs
from twin.engine.compile.utilities import task_uses
from twin.engine.program import NO_NEEDS, NONE, Needs, Operation, Pool, Source
from twin.engine.record import STATES
from twin.engine.upkeep import FAMILIES, PRODUCTS, Changeover, Chore, ContainerHold, Hold, Upkeep, Wear
from twin.plant import schema
from twin.plant.shorthand import Distribution
from twin.plant.upkeep import changeover_time

NO_TIME = Distribution(kind="constant", parameters={"value": 0.0}, unit="s")


def upkeep(at: Context, number: int, first: int) -> tuple[Upkeep | None, tuple[Operation, ...]]:
    """What unit `number` does for itself, and the tasks that do it, numbered from `first`."""
    equipment = at.plant.equipment[at.placed[number].equipment]
    if not (equipment.cleaning or equipment.maintenance or equipment.changeover or equipment.wear):
        return None, ()
    tasks: list[Operation] = []
    chores: list[Chore] = []
    for each in equipment.maintenance:
        chores.append(_maintenance(equipment, each, first + len(tasks)))
        tasks.append(_task(at, number, each, "takes", each.takes))
    holds = {"dirty_hold": NONE, "clean_hold": NONE}
    for words in equipment.cleaning:
        for key in holds:
            if _cleaning_after(equipment, key) == words.name:
                holds[key] = len(chores)
        for chore, task in _cleaning(at, number, words, first + len(tasks)):
            chores.append(chore)
            tasks.append(task)
    changeover = None
    if equipment.changeover is not None:
        changeover, task = _changeover(at, number, equipment.changeover, first + len(tasks))
        tasks.append(task)
    last = equipment.last_product
    made = Upkeep(
        chores=tuple(chores),
        changeover=changeover,
        dirty_hold=_hold(equipment.dirty_hold, holds["dirty_hold"]),
        clean_hold=_hold(equipment.clean_hold, holds["clean_hold"]),
        wear=None if equipment.wear is None else _wear(equipment.wear),
        last_product=NONE if last is None else at.product_numbers[last],
    )
    return made, tuple(tasks)


def container(at: Context, name: str) -> Pool:
    """A kind of container, with its hold limits."""
    words = at.plant.containers[name]
    return Pool(
        name,
        words.count,
        cleaning=at.cleaning_numbers.get(name, NONE),
        dirty_hold=_container_hold(f"containers/{name}/dirty_hold", words.dirty_hold),
        clean_hold=_container_hold(f"containers/{name}/clean_hold", words.clean_hold),
    )


def _container_hold(name: str, words: schema.ContainerHold | None) -> ContainerHold | None:
    if words is None:
        return None
    return ContainerHold(to_nanoseconds(words.limit), words.then == "clean", optional(name, words.takes))


def _cleaning_after(equipment: schema.Equipment, key: str) -> str | None:
    """The name of the cleaning that is due when a hold limit passes."""
    hold: schema.UnitHold | None = getattr(equipment, key)
    if hold is None or hold.then == "count":
        return None
    return hold.cleaning or min(equipment.cleaning, key=lambda each: each.level).name


def _hold(words: schema.UnitHold | None, chore: int) -> Hold | None:
    return None if words is None else Hold(to_nanoseconds(words.limit), chore)


def _cleaning(at: Context, number: int, words: schema.Cleaning, first: int) -> list[tuple[Chore, Operation]]:
    """A cleaning as a chore for each of its times: the first for what counts and the clock, then changes."""
    takes = words.takes or words.between_products or words.between_families
    assert takes is not None
    counted = Chore(
        task=first,
        level=words.level,
        batches=words.batches or 0,
        running=to_nanoseconds(words.running or 0.0),
        every=to_nanoseconds(words.every or 0.0),
        idle=to_nanoseconds(words.idle or 0.0),
    )
    made = [(counted, _task(at, number, words, "takes", takes))]
    for key, change in (("between_products", PRODUCTS), ("between_families", FAMILIES)):
        time: Distribution | None = getattr(words, key)
        if time is not None:
            chore = Chore(task=first + len(made), level=words.level, change=change)
            made.append((chore, _task(at, number, words, key, time)))
    return made


def _maintenance(equipment: schema.Equipment, words: schema.Maintenance, task: int) -> Chore:
    modes = [failure.name for failure in equipment.failures]
    return Chore(
        task=task,
        level=0,
        batches=words.batches or 0,
        running=to_nanoseconds(words.running or 0.0),
        every=to_nanoseconds(words.every or 0.0),
        opportunity=to_nanoseconds(words.opportunity or 0.0),
        renews=tuple(modes.index(name) for name in dict.fromkeys(words.renews)),
        with_repair_of=tuple(modes.index(name) for name in dict.fromkeys(words.with_repair_of)),
        restores=words.restores,
    )


def _wear(words: schema.Wear) -> Wear:
    by_lots = words.batches is not None
    per = words.batches if words.batches is not None else to_nanoseconds(words.per or 0.0)
    return Wear(per, by_lots, words.speed, words.least, words.failure_rate)


def _task(
    at: Context, number: int, words: schema.Cleaning | schema.Maintenance, key: str, takes: Distribution
) -> Operation:
    name = f"equipment/{at.placed[number].name}/{words.name}"
    shows = "cleaning" if isinstance(words, schema.Cleaning) else "maintenance"
    made = task(
        number, name, source(f"{name}/{key}", takes), merged_needs(at, words.needs), shows, words.name
    )
    return replace(made, uses=task_uses(at, words.uses))


def task(unit: int, name: str, takes: Source, needs: Needs, shows: str, cause: str) -> Operation:
    """An operation that one unit does for itself."""
    return Operation(
        name=name,
        recipe=NONE,
        next=NONE,
        units=(unit,),
        storage=NONE,
        takes=takes,
        nominal=to_nanoseconds(takes.mean),
        needs=(needs, *NO_NEEDS[1:]),
        shows=STATES.index(shows),
        cause=cause,
    )


def _changeover(
    at: Context, number: int, words: schema.Changeover, first: int
) -> tuple[Changeover, Operation]:
    """The matrix by numbers; its mean is nominal. The task is all set-up, drawn when it starts."""
    name = f"equipment/{at.placed[number].name}/changeover"
    names = list(at.product_numbers if words.by == "product" else at.family_numbers)
    times = tuple(
        tuple(
            _timed(f"{name}/{one}/{following}", changeover_time(words, one, following)) for following in names
        )
        for one in names
    )
    means = [time.mean for row in times for time in row if time is not None]
    nominal = to_nanoseconds(sum(means) / len(means)) if means else 0
    made = task(number, name, source(name, NO_TIME), merged_needs(at, words.needs), "setup", "changeover")
    by = PRODUCTS if words.by == "product" else FAMILIES
    return Changeover(first, by, times), replace(made, nominal=nominal)


def _timed(name: str, time: Distribution | None) -> Source | None:
    if time is None or time == NO_TIME:
        return None
    return source(name, time)
