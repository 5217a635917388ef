"""Compiles a checked plant to a `Program`: names become numbers, hours become nanoseconds.

Complaints that only an engine can make (a physics input that is missing, a repair that can never start) are
raised here all at once, with their path in the plant file. Nothing is simulated here.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from twin.engine import checks
from twin.engine.draws import LONGEST, compile_distribution, mean
from twin.engine.physics_call import compile_physics, unknown_inputs
from twin.engine.program import (
    CALENDAR,
    FINISH,
    FITS,
    NO_STORAGE,
    NONE,
    REPEAT,
    RESUME,
    RUNNING,
    SCRAP,
    SUSPEND,
    Calendar,
    FailureMode,
    Integers,
    Needs,
    Operation,
    OrderLine,
    Pool,
    Program,
    Recipe,
    Source,
    StartUp,
    Unit,
)
from twin.engine.record import SECOND
from twin.engine.rules.calendars import WEEK
from twin.engine.rules.dispatching import FIFO, PRIORITY
from twin.engine.rules.outcomes import NO_LIMIT
from twin.plant import layout, schema
from twin.plant.errors import Complaint, ComplaintError, Path
from twin.plant.scenario import Run
from twin.plant.shorthand import Distribution

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = WEEK // 7
MINUTE = 60 * SECOND
DEFAULT_HORIZON = 28 * DAY  # of plants whose orders do not end
MILLIGRAMS = 1_000_000  # per kg

_AT_CLOSE = {"finish_operation": FINISH, "suspend": SUSPEND, "do_not_start_unless_it_fits": FITS}
_WORK = {"resume": RESUME, "repeat": REPEAT, "scrap": SCRAP}
_DURING = {"operation": 0, "setup": 1, "start_up": 2, "processing": 3}


def compile_program(plant: schema.Plant, run: Run) -> Program:
    """Compile `plant` for `run`.

    Raises `ComplaintError` with every complaint, each with its path in the plant file.
    """
    return _Compiler(plant, run).program()


def to_nanoseconds(seconds: float) -> int:
    """Whole nanoseconds, rounded half to even and cut off at `LONGEST`."""
    return round(min(seconds * SECOND, LONGEST))


def source(name: str, distribution: Distribution) -> Source:
    """A source of draws from `distribution`, addressed by `name`."""
    kind, p0, p1, p2, table = compile_distribution(distribution)
    return Source(name, kind, p0, p1, p2, table, mean(kind, p0, p1, p2, table))


def _optional(name: str, distribution: Distribution | None) -> Source | None:
    return None if distribution is None else source(name, distribution)


def weekly(calendar: schema.Calendar) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Opening and closing times in ns since Monday 00:00, sorted and merged; both empty when always open."""
    spans = sorted(span for opening in calendar.open for span in _spans(opening))
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    while len(merged) > 1 and merged[-1][1] >= WEEK + merged[0][0]:  # joined across the end of the week
        merged[-1][1] = max(merged[-1][1], WEEK + merged.pop(0)[1])
    if merged[0][1] - merged[0][0] >= WEEK:
        return (), ()
    return tuple(s for s, _ in merged), tuple(e for _, e in merged)


def days_of(text: str) -> list[int]:
    """Numbers of the weekdays that `Mon-Fri`, `Sat`, `Mon,Wed` or `daily` names; Monday is 0."""
    if text.strip() == "daily":
        return list(range(7))
    days: list[int] = []
    for part in text.split(","):
        ends = [DAYS.index(name.strip()) for name in part.split("-")]
        first, last = ends[0], ends[-1]
        days += [d % 7 for d in range(first, (last if last >= first else last + 7) + 1)]
    return sorted(set(days))


def _spans(opening: schema.Opening) -> list[tuple[int, int]]:
    start, end = _clock(opening.from_), _clock(opening.to)
    if end <= start:
        end += DAY
    return [(day * DAY + start, day * DAY + end) for day in days_of(opening.days)]


def _clock(text: str) -> int:
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE


def _since_monday(start: datetime) -> int:
    seconds = ((start.weekday() * 24 + start.hour) * 60 + start.minute) * 60 + start.second
    return seconds * SECOND + start.microsecond * 1000


class _Compiler:
    """Numbers everything, then builds each table; collects complaints on the way."""

    def __init__(self, plant: schema.Plant, run: Run) -> None:
        self.plant, self.run = plant, run
        self.complaints: list[Complaint] = [*checks.complaints(plant), *unknown_inputs(plant)]
        self.placed = layout.place_units(plant)
        self.units_of: dict[str, list[int]] = {name: [] for name in plant.equipment}
        for number, placed in enumerate(self.placed):
            self.units_of[placed.equipment].append(number)
        self.calendar_numbers = {name: i for i, name in enumerate(plant.calendars)}
        self.people_numbers = {name: i for i, name in enumerate(plant.people)}
        self.storage_numbers = {name: i for i, name in enumerate(plant.storage)}
        self.container_numbers = {name: i for i, name in enumerate(plant.containers)}
        self.recipe_numbers = {name: i for i, name in enumerate(plant.recipes)}
        names = [(r, o) for r, recipe in plant.recipes.items() for o in recipe.operations]
        self.operation_numbers = {pair: i for i, pair in enumerate(names)}
        self.cleaning_numbers = {
            name: len(names) + i
            for i, name in enumerate(n for n, c in plant.containers.items() if c.cleaning is not None)
        }
        self.attributes: dict[str, None] = {}

    def program(self) -> Program:
        plant = self.plant
        calendars = tuple(
            Calendar(name, *weekly(c), _AT_CLOSE[c.at_close]) for name, c in plant.calendars.items()
        )
        operations = tuple(
            self.operation(r, i, o)
            for r, recipe in plant.recipes.items()
            for i, o in enumerate(recipe.operations)
        ) + tuple(self.cleaning(name) for name in self.cleaning_numbers)
        units = tuple(self.unit(i, operations) for i in range(len(self.placed)))
        orders = tuple(self.order(i, line) for i, line in enumerate(plant.orders))
        endless = any(line.times < 0 for line in orders)
        horizon = None if self.run.horizon is None else to_nanoseconds(self.run.horizon)
        if horizon is None and endless:
            horizon = DEFAULT_HORIZON
        if self.complaints:
            raise ComplaintError(list(dict.fromkeys(self.complaints)))
        return Program(
            plant=plant.plant,
            units=units,
            operations=operations,
            recipes=tuple(self.recipe(name) for name in plant.recipes),
            storages=tuple(
                Pool(name, NONE if s.capacity is None else s.capacity) for name, s in plant.storage.items()
            ),
            people=tuple(
                Pool(name, p.count, self.calendar_number(p.calendar)) for name, p in plant.people.items()
            ),
            containers=tuple(
                Pool(name, c.count, cleaning=self.cleaning_numbers.get(name, NONE))
                for name, c in plant.containers.items()
            ),
            calendars=calendars,
            orders=orders,
            travel=self.travel(),
            attributes=tuple(self.attributes),
            week_offset=_since_monday(self.run.start),
            horizon=horizon,
            terminating=(self.run.kind or ("steady" if endless else "terminating")) == "terminating",
        )

    def calendar_number(self, name: str | None) -> int:
        """A calendar's number; one that is always open is none."""
        if name is None or not weekly(self.plant.calendars[name])[0]:
            return NONE
        return self.calendar_numbers[name]

    def travel(self) -> Integers:
        """Moving times between units and storages, handling included; 0 where nothing is moved."""
        transport = self.plant.transport
        places = len(self.placed) + len(self.plant.storage)
        if transport is None:
            return np.zeros((places, places), dtype=np.int64)
        metres = np.asarray(layout.distances(self.plant), dtype=np.float64)
        with np.errstate(over="ignore"):
            seconds = np.where(metres > 0, metres / transport.speed + transport.handling, 0.0)
        nanoseconds: Integers = np.rint(np.minimum(seconds * SECOND, LONGEST)).astype(np.int64)
        return nanoseconds

    def recipe(self, name: str) -> Recipe:
        recipe = self.plant.recipes[name]
        first = self.operation_numbers[(name, next(iter(recipe.operations)))]
        in_kg = recipe.batch.unit == "kg"
        return Recipe(
            name=name,
            first=first,
            quantity=round(recipe.batch.amount * (MILLIGRAMS if in_kg else 1)),
            unit_of_quantity="mg" if in_kg else "pieces",
            piece_mg=0.0 if recipe.piece is None else recipe.piece * MILLIGRAMS,
        )

    def needs(self, needs: tuple[schema.Need, ...]) -> tuple[Needs, Needs, Needs, Needs]:
        """Needs for the whole operation, set-up, start-up and processing; equal pools are added up."""
        counts: list[dict[int, int]] = [{}, {}, {}, {}]
        for need in needs:
            pool = self.people_numbers[need.people]
            stretch = counts[_DURING[need.during]]
            stretch[pool] = stretch.get(pool, 0) + need.count
        whole, setup, start_up, processing = (Needs(tuple(sorted(c.items()))) for c in counts)
        return whole, setup, start_up, processing

    def operation(self, recipe_name: str, position: int, name: str) -> Operation:
        recipe = self.plant.recipes[recipe_name]
        op = recipe.operations[name]
        path: Path = ("recipes", recipe_name, "operations", position, name)
        address = f"{recipe_name}/{name}"
        names = list(recipe.operations)
        units = tuple(u for e in op.on for u in self.units_of[e])
        takes = _optional(f"{address}/takes", op.takes)
        setup = _optional(f"{address}/setup", op.setup)
        start_up = {u: s for u in units if (s := self.start_up(u, address)) is not None}
        physics, seconds = None, 0.0 if takes is None else takes.mean
        if op.physics is not None:
            physics, seconds, complaints = compile_physics(
                self.plant, recipe_name, name, path, self.placed, units
            )
            self.complaints += complaints
            if physics is not None:
                self.attributes |= dict.fromkeys(
                    [*(q.name for q in physics.model.attributes), "physics_status"]
                )
        if start_up and any(s.stops is not None for s in start_up.values()):
            self.attributes["start_up_stops"] = None
        if any(self.placed[u].equipment in self.failing() for u in units):
            self.attributes["stops"] = None
        before = max((s.takes.mean for s in start_up.values()), default=0.0) + (setup.mean if setup else 0.0)
        dirty = next(iter(op.return_.values()), None)
        return Operation(
            name=address,
            recipe=self.recipe_numbers[recipe_name],
            next=NONE
            if position + 1 == len(names)
            else self.operation_numbers[(recipe_name, names[position + 1])],
            units=units,
            storage=self.storage(op.wait_in),
            takes=takes,
            nominal=to_nanoseconds(before + seconds),
            physics=physics,
            setup=setup,
            start_up=start_up,
            needs=self.needs(op.needs),
            take=NONE if op.take is None else self.container_numbers[op.take],
            give_back=self.container_numbers[next(iter(op.return_))] if op.return_ else NONE,
            give_back_dirty=dirty == "dirty",
            scrap=op.scrap,
            rework=0.0 if op.rework is None else op.rework.probability,
            rework_to=NONE if op.rework is None else self.operation_numbers[(recipe_name, op.rework.to)],
            rework_limit=NO_LIMIT if op.rework is None or op.rework.limit is None else op.rework.limit,
            yields=_optional(f"{address}/yields", op.yields),
        )

    def failing(self) -> set[str]:
        """Names of the equipment that can fail."""
        return {name for name, e in self.plant.equipment.items() if e.failures}

    def storage(self, wait_in: str | None) -> int:
        if wait_in is None:
            return NONE
        if wait_in == "none":
            return NO_STORAGE
        return self.storage_numbers[wait_in]

    def start_up(self, unit: int, address: str) -> StartUp | None:
        """A unit's start-up, addressed by the operation, so that a lot's draws stay its own."""
        start_up = self.plant.equipment[self.placed[unit].equipment].start_up
        if start_up is None:
            return None
        return StartUp(
            takes=source(f"{address}/start_up", start_up.takes),
            waste=_optional(f"{address}/start_up/waste", start_up.waste),
            waste_in_pieces=start_up.waste is not None and start_up.waste.unit == "pieces",
            stops=_optional(f"{address}/start_up/stops", start_up.stops),
        )

    def cleaning(self, container: str) -> Operation:
        cleaning = self.plant.containers[container].cleaning
        assert cleaning is not None
        takes = source(f"containers/{container}/cleaning", cleaning.takes)
        return Operation(
            name=f"containers/{container}",
            recipe=NONE,
            next=NONE,
            units=tuple(u for e in cleaning.on for u in self.units_of[e]),
            storage=NONE,
            takes=takes,
            nominal=to_nanoseconds(takes.mean),
            physics=None,
            setup=None,
            start_up={},
            needs=self.needs(cleaning.needs),
            take=NONE,
            give_back=NONE,
            give_back_dirty=False,
            scrap=0.0,
            rework=0.0,
            rework_to=NONE,
            rework_limit=NO_LIMIT,
            yields=None,
            cleans=self.container_numbers[container],
        )

    def unit(self, number: int, operations: tuple[Operation, ...]) -> Unit:
        placed = self.placed[number]
        equipment = self.plant.equipment[placed.equipment]
        served = tuple(i for i, op in enumerate(operations) if number in op.units)
        modes = tuple(self.failure(placed.name, f) for f in equipment.failures)
        return Unit(
            name=placed.name,
            calendar=self.calendar_number(equipment.calendar),
            dispatching=FIFO if equipment.dispatching == "fifo" else PRIORITY,
            blocking_before=equipment.blocking == "before_service",
            failures=modes,
            operations=served,
            parameters={name: q.mean for name, q in equipment.parameters.items()},
        )

    def failure(self, unit: str, failure: schema.Failure) -> FailureMode:
        needs = self.needs(failure.needs)
        crew = {pool: n for stretch in needs for pool, n in stretch.people}
        address = f"{unit}/{failure.name}"
        return FailureMode(
            name=failure.name,
            clock=RUNNING if failure.clock == "running" else CALENDAR,
            between=source(f"{address}/between", failure.between),
            repair=source(f"{address}/repair", failure.repair),
            work=_WORK[failure.work],
            finished_part_may_leave=failure.finished_part_may_leave,
            rate=failure.rate,
            rate_between_lots=_optional(f"{address}/rate", failure.rate_between_lots),
            waste=_optional(f"{address}/waste", failure.waste),
            waste_in_pieces=failure.waste is not None and failure.waste.unit == "pieces",
            needs=Needs(tuple(sorted(crew.items()))),
        )

    def order(self, index: int, line: schema.Order) -> OrderLine:
        endless = NONE if line.every is not None else 1
        return OrderLine(
            recipe=self.recipe_numbers[line.recipe],
            lots=line.batches,
            every=_optional(f"orders/{index}/every", line.every),
            first=_optional(f"orders/{index}/first", line.first),
            times=endless if line.times is None else line.times,
            priority=line.priority,
            lost_when_full=line.when_full == "lost",
        )
