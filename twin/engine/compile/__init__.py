"""Compiles a checked plant to a `Program`: names become numbers, hours become nanoseconds.

One file for each part of a plant. Complaints that only an engine can make (a physics input that is missing, a
repair that can never start) are raised here all at once, with their path in the plant file. Nothing is
simulated here.
"""

from __future__ import annotations

from datetime import datetime

from twin.engine import dispatching
from twin.engine.compile import flows
from twin.engine.compile.calendars import calendar
from twin.engine.compile.context import DAY, Context, context, source, to_nanoseconds, whole
from twin.engine.compile.materials import material
from twin.engine.compile.needs import pool
from twin.engine.compile.operations import cleaning, operations
from twin.engine.compile.orders import loops, order, recipe, release_rules
from twin.engine.compile.quality import quality, test_operations
from twin.engine.compile.tanks import tank
from twin.engine.compile.travel import airlocks, conveyor, fleets, passings, travel
from twin.engine.compile.units import unit
from twin.engine.compile.upkeep import container, upkeep
from twin.engine.compile.utilities import utility
from twin.engine.openings import monday_before
from twin.engine.program import NONE, Operation, Pool, Program
from twin.engine.record import SECOND
from twin.engine.upkeep import Upkeep
from twin.plant import control, schema
from twin.plant.errors import ComplaintError
from twin.plant.order import in_one_order
from twin.plant.scenario import Run

__all__ = ["compile_program", "source", "to_nanoseconds"]

DEFAULT_HORIZON = 28 * DAY  # of plants whose orders do not end


def compile_program(plant: schema.Plant, run: Run) -> Program:
    """Compile `plant` for `run`; for the very two of the last call, what it gave.

    Raises `ComplaintError` with every complaint, each with its path in the plant file.
    """
    made = _last.get("made")
    if made is None or made[0] is not plant or made[1] is not run:
        made = _last["made"] = plant, run, _compiled(plant, run)
    return made[2]


# A run is checked, and then computed, by its program: models are immutable, and kept here while it stands.
_last: dict[str, tuple[schema.Plant, Run, Program]] = {}


def _compiled(plant: schema.Plant, run: Run) -> Program:
    written, plant = plant, in_one_order(control.expanded(plant))
    at = context(plant, run)
    work = _operations(at)
    upkept, tasks = _upkeep(at, len(work))
    operations = (*work, *tasks)
    units = tuple(unit(at, i, work, upkept[i], flows.station_numbers(at, i)) for i in range(len(at.placed)))
    tables = quality(at, len(at.operation_numbers) + len(at.cleaning_numbers))
    if tables.holds:
        at.attributes["hold_exceeded"] = None
    orders = tuple(order(at, i, line) for i, line in enumerate(plant.orders))
    endless = any(line.times < 0 for line in orders)
    monday = monday_before(run.start)
    program = Program(
        plant=plant.plant,
        units=units,
        operations=operations,
        recipes=tuple(recipe(at, name) for name in plant.recipes),
        storages=_storages(plant),
        people=tuple(pool(at, name) for name in plant.people),
        containers=tuple(container(at, name) for name in plant.containers),
        demands=tuple(at.demands),
        calendars=tuple(calendar(name, words, monday) for name, words in plant.calendars.items()),
        orders=orders,
        travel=travel(at),
        attributes=tuple(at.attributes),
        week_offset=_since_monday(run.start),
        horizon=_horizon(run, endless),
        materials=tuple(material(name, m) for name, m in plant.materials.items()),
        stations=flows.stations(at),
        fleets=fleets(at),
        airlocks=airlocks(at),
        passings=passings(at),
        quality=tables,
        tanks=tuple(tank(at, name, words) for name, words in plant.tanks.items()),
        utilities=tuple(utility(name, words) for name, words in plant.utilities.items()),
        releases=release_rules(at),
        loops=loops(at),
        dispatching_rules=dispatching.functions(at.dispatching_rules),
        terminating=_kind(run, endless) == "terminating",
    )
    if at.complaints:
        raise ComplaintError(list(dict.fromkeys(control.placed(at.complaints, written))))
    return program


def _operations(at: Context) -> tuple[Operation, ...]:
    made = [made for name in at.plant.recipes for made in operations(at, name)]
    return (*made, *(cleaning(at, name) for name in at.cleaning_numbers), *test_operations(at))


def _upkeep(at: Context, first: int) -> tuple[list[Upkeep | None], list[Operation]]:
    """What each unit does for itself, and the tasks that do it, numbered from `first`."""
    made: list[Upkeep | None] = []
    tasks: list[Operation] = []
    for number in range(len(at.placed)):
        own, of_unit = upkeep(at, number, first + len(tasks))
        made.append(own)
        tasks += of_unit
    return made, tasks


def _storages(plant: schema.Plant) -> tuple[Pool, ...]:
    return tuple(
        Pool(
            name,
            NONE if s.capacity is None else s.capacity,
            holds=NONE if s.holds is None else whole(s.holds),
            conveyor=conveyor(s),
        )
        for name, s in plant.storage.items()
    )


def _kind(run: Run, endless: bool) -> str:
    return run.kind or ("steady" if endless and run.from_ is None else "terminating")


def _horizon(run: Run, endless: bool) -> int | None:
    if run.horizon is not None:
        return to_nanoseconds(run.horizon)
    return DEFAULT_HORIZON if endless else None


def _since_monday(start: datetime) -> int:
    seconds = ((start.weekday() * 24 + start.hour) * 60 + start.minute) * 60 + start.second
    return seconds * SECOND + start.microsecond * 1000
