"""Units and how they fail."""

from __future__ import annotations

from twin.engine import dispatching
from twin.engine.compile.calendars import calendar_number
from twin.engine.compile.context import Context, optional, source
from twin.engine.compile.needs import merged_needs
from twin.engine.program import (
    CALENDAR,
    NONE,
    REPEAT,
    RESUME,
    RUNNING,
    SCRAP,
    FailureMode,
    Operation,
    StartUp,
    Unit,
)
from twin.engine.upkeep import Upkeep
from twin.plant import schema

WORK = {"resume": RESUME, "repeat": REPEAT, "scrap": SCRAP}


def unit(
    at: Context,
    number: int,
    operations: tuple[Operation, ...],
    upkeep: Upkeep | None,
    stations: tuple[int, ...],
) -> Unit:
    """A unit, with its stations and the operations that it serves; its tasks are no part of them."""
    placed = at.placed[number]
    equipment = at.plant.equipment[placed.equipment]
    served = tuple(i for i, op in enumerate(operations) if number in op.units)
    first = number
    while first and at.placed[first - 1] is placed:
        first -= 1
    modes = tuple(failure(at, placed.name, f) for f in equipment.failures) if first == number else ()
    return Unit(
        name=placed.name,
        calendar=calendar_number(at, equipment.calendar),
        dispatching=dispatching.number(equipment.dispatching, at.dispatching_rules),
        blocking_before=equipment.blocking == "before_service",
        failures=modes,
        operations=served,
        tasks=() if upkeep is None else upkeep.tasks,
        upkeep=upkeep,
        parameters={name: q.mean for name, q in equipment.parameters.items()},
        part_of=NONE if first == number else first,
        speed=equipment.speed,
        stations=stations,
    )


def failure(at: Context, unit: str, failure: schema.Failure) -> FailureMode:
    """A failure mode of a unit, its draws addressed by the names of both."""
    address = f"{unit}/{failure.name}"
    return FailureMode(
        name=failure.name,
        clock=RUNNING if failure.clock == "running" else CALENDAR,
        between=source(f"{address}/between", failure.between),
        repair=source(f"{address}/repair", failure.repair),
        work=WORK[failure.work],
        finished_part_may_leave=failure.finished_part_may_leave,
        rate=failure.rate,
        rate_between_lots=optional(f"{address}/rate", failure.rate_between_lots),
        waste=optional(f"{address}/waste", failure.waste),
        waste_in_pieces=failure.waste is not None and failure.waste.unit == "pieces",
        needs=merged_needs(at, failure.needs),
    )


def start_up_source(start_up: schema.StartUp, address: str) -> StartUp:
    """A start-up whose draws are addressed by `address`."""
    return StartUp(
        takes=source(f"{address}/start_up", start_up.takes),
        waste=optional(f"{address}/start_up/waste", start_up.waste),
        waste_in_pieces=start_up.waste is not None and start_up.waste.unit == "pieces",
        stops=optional(f"{address}/start_up/stops", start_up.stops),
    )
