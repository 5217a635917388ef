"""Equipment: units, how they start up and how they fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from twin.plant.schema.flows import Rate, Room
from twin.plant.schema.names import MOST_OF_ONE, Name
from twin.plant.schema.people import Need
from twin.plant.schema.upkeep import Changeover, Cleaning, Maintenance, UnitHold, Wear, as_list
from twin.plant.shorthand import (
    AnyQuantity,
    CountDistribution,
    DimensionlessDistribution,
    DurationDistribution,
    Model,
    Number,
    Point,
    TrueOrFalse,
    WasteDistribution,
    Whole,
)


class Failure(Model):
    """One way in which a unit stops (SEMI E10 unscheduled down time)."""

    name: Name = Field(default="failure", description="Its name in results and dotted paths.")
    clock: Literal["running", "calendar"] = Field(
        description="`running`: counts only while the unit is producing, and keeps its count from lot to "
        "lot; "
        "`calendar`: counts always, and restarts at repair."
    )
    between: DurationDistribution = Field(description="Time on the clock from repair to the next failure.")
    repair: DurationDistribution = Field(description="Time to repair.")
    work: Literal["resume", "repeat", "scrap"] = Field(
        default="resume",
        description="What becomes of processing that it interrupts; set-up and start-up always resume. "
        "A unit that work on a flow section needs does not `repeat`.",
    )
    finished_part_may_leave: TrueOrFalse = Field(
        default=False, description="May a finished lot leave the unit while it is down?"
    )
    rate: Annotated[Number, Field(ge=0, le=1000)] = Field(
        default=1.0, description="Multiplies the rate of failures; for what-ifs."
    )
    rate_between_lots: DimensionlessDistribution | None = Field(
        default=None,
        description="A factor on the rate, drawn once per lot: some lots run badly. Clock `running` only.",
    )
    waste: WasteDistribution | None = Field(
        default=None, description="Lost from the lot in hand at each failure."
    )
    needs: tuple[Need, ...] = Field(
        default=(), description="People who repair; the unit waits for them, down."
    )


class StartUp(Model):
    """Bringing a unit up to production for a lot, apart from stops in production.

    A distribution alone is `takes`.
    """

    takes: DurationDistribution = Field(description="Time from set-up to production.")
    waste: WasteDistribution | None = Field(default=None, description="Lost while starting up.")
    stops: CountDistribution | None = Field(
        default=None, description="Stops counted during start-up; their time lies inside `takes`."
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        is_mapping = isinstance(value, Mapping)
        return value if is_mapping and not {"distribution", "value"} & set(value) else {"takes": value}


class Station(Model):
    """A station of a flow section: it runs at its rate unless it stops, starves or is blocked."""

    rate: Rate | None = Field(
        default=None,
        description="`400/min` or `60 kg/h`, or a distribution drawn once per lot. Left out at the one "
        "station whose rate the operation's physics gives.",
    )
    pieces_each: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] = Field(
        default=1,
        description="Pieces of the lot in each piece that the station counts: tablets in a blister.",
    )
    buffer_after: Room | None = Field(
        default=None,
        description="Room before the next station: pieces as this station counts them, a mass, or a time at "
        "this station's rate. None: the stations are coupled. Not after the last station.",
    )
    rejects: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=0.0, description="Fraction of what the station processes that it throws out."
    )
    start_up: StartUp | None = Field(
        default=None, description="For each lot, from the moment at which the section starts on it."
    )
    failures: tuple[Failure, ...] = Field(
        default=(), description="Ways in which the station stops; `work: resume` alone."
    )


class FlowSection(Model):
    """A line that a lot flows through at rate: in at the first station, out at the last, in file order."""

    stations: Annotated[dict[Name, Station], Field(min_length=1)] = Field(
        description="By name, in the order in which the lot passes them; order counts."
    )


class Equipment(Model):
    """A unit (ISA-88) or several identical ones that stand side by side."""

    class_: Name = Field(
        default="workplace", alias="class", description="Equipment class: geometry and defaults."
    )
    count: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=1,
        description="Identical units: the first keeps the name, the others are `name_2`, `name_3`, …",
    )
    capacity: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=1,
        description="Lots that one unit works on at once, each on its own, such as in an incubator.",
    )
    at: Point | None = Field(default=None, description="Centre of the first unit's footprint, in metres.")
    size: Point | None = Field(
        default=None, description="Footprint along x and y before turning; default: the class's."
    )
    rotation: Annotated[Number, Field(ge=0, lt=360)] = Field(
        default=0.0, description="Degrees anticlockwise."
    )
    pitch: Point | None = Field(
        default=None, description="Step to the next identical unit; default: along y, 1 m clear."
    )
    calendar: Name | None = Field(default=None, description="None: always open.")
    dispatching: Name = Field(
        default="priority",
        description="Which waiting lot goes first: `priority`, the lowest priority number, then the longest "
        "waiting; `fifo`, only that; `spt`, the shortest nominal time on this unit; `edd`, the earliest due "
        "date; `critical_ratio`, the least time to the due date over nominal time still to be worked; "
        "`least_setup`, the shortest nominal change-over; or the name of a rule that a package adds. Ties of "
        "the last five are broken as under `priority`.",
    )
    blocking: Literal["after_service", "before_service"] = Field(
        default="after_service",
        description="`before_service`: an operation starts only when its lot already has a place to go to.",
    )
    speed: Annotated[Number, Field(ge=1e-3, le=1e3)] = Field(
        default=1.0,
        description="Processing on it takes its time divided by this, and flows at rates times this; for "
        "what-ifs and unequal units.",
    )
    start_up: StartUp | None = Field(default=None, description="Before each lot, after set-up.")
    load: DurationDistribution | None = Field(
        default=None,
        description="Time to put a lot onto the unit, after start-up, where its operation says no other.",
    )
    unload: DurationDistribution | None = Field(
        default=None,
        description="Time to take a lot off the unit, after processing, where its operation says no other.",
    )
    failures: tuple[Failure, ...] = Field(default=(), description="Ways in which the unit stops.")
    changeover: Changeover | None = Field(
        default=None, description="Setting it up for another product; none: no time."
    )
    cleaning: Annotated[tuple[Cleaning, ...], BeforeValidator(as_list)] = Field(
        default=(), description="Its cleanings; a single one may stand without a list."
    )
    dirty_hold: UnitHold | None = Field(
        default=None, description="How long it may stand from the end of use to the start of cleaning."
    )
    clean_hold: UnitHold | None = Field(
        default=None, description="How long it may stand from the end of cleaning to the next use."
    )
    maintenance: Annotated[tuple[Maintenance, ...], BeforeValidator(as_list)] = Field(
        default=(), description="Its preventive maintenance; a single one may stand without a list."
    )
    wear: Wear | None = Field(default=None, description="How its condition degrades; none: it does not.")
    last_product: Name | None = Field(
        default=None,
        description="What it made before the run; none: unknown, and the first lot needs neither change-over "
        "nor cleaning for another product.",
    )
    flow: FlowSection | None = Field(
        default=None,
        description="Makes it a flow section: a line that lots flow through at rate, station by station. Its "
        "operations have no `takes`.",
    )
    parameters: dict[Name, AnyQuantity] = Field(
        default_factory=dict, description="What the physics of this unit needs to know of it."
    )
