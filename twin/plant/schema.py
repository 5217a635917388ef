"""The words of the plant language, as frozen models in SI units.

A plant file says what the plant *is*. These models hold it after checking: every quantity is a float in SI,
every short form is expanded, every default filled in. Rules between parts of a file (a recipe naming
equipment that is not there) are in `consistency.py`; positions in the file are in `document.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from twin.plant.shorthand import (
    AnyQuantity,
    CountDistribution,
    DimensionlessDistribution,
    Duration,
    DurationDistribution,
    FractionDistribution,
    LotSize,
    Mass,
    Model,
    Number,
    Point,
    Speed,
    TrueOrFalse,
    Volume,
    WasteDistribution,
    Whole,
    as_pydantic,
    in_a_file,
)
from twin.plant.units import WrongValueError
from twin.plant.weeks import weekdays

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AtClose = Literal["finish_operation", "suspend", "do_not_start_unless_it_fits"]
MOST_OF_ONE = 1_000_000_000  # the greatest whole number of a plant
Probability = Annotated[Number, Field(ge=0, le=1)]


def _days(text: str) -> str:
    try:
        weekdays(text)
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None
    return text


def _operations(value: Any, info: ValidationInfo) -> Any:
    """The file's list of one-key mappings as one mapping, in order."""
    if isinstance(value, Mapping) and not in_a_file(info):
        return value
    hint = "Write `- name: {on: [unit], takes: 1 h}`."
    if not isinstance(value, list):
        raise as_pydantic(WrongValueError("must be a list of operations", hint))
    found: dict[Any, Any] = {}
    for index, item in enumerate(value):
        if not isinstance(item, Mapping) or len(item) != 1:
            raise as_pydantic(
                WrongValueError("must be a mapping with one key, the operation's name", hint, path=(index,))
            )
        ((name, operation),) = item.items()
        if name in found:
            message = f"has the name of an earlier operation, `{name}`"
            raise as_pydantic(WrongValueError(message, "Give each operation its own name.", path=(index,)))
        found[name] = operation
    return found


class Area(Model):
    """A room or zone of the floor (ISA-95 area)."""

    outline: Annotated[tuple[Point, ...], Field(min_length=3)] = Field(
        description="Corners in metres, in order."
    )
    grade: Literal["A", "B", "C", "D", "E", "unclassified"] = Field(
        default="unclassified", description="Cleanroom grade (EU GMP Annex 1)."
    )


class Layout(Model):
    """The floor: areas, and the aisles that transport follows."""

    areas: dict[Name, Area] = Field(default_factory=dict, description="Rooms and zones by name.")
    aisles: tuple[Annotated[tuple[Point, ...], Field(min_length=2)], ...] = Field(
        default=(), description="Polylines in metres; they join where they touch or cross."
    )


class Opening(Model):
    """A weekly opening: `{days: Mon-Fri, from: "06:00", to: "22:00"}`; past midnight where `to` ≤ `from`."""

    days: Annotated[str, AfterValidator(_days)] = Field(
        description="`Mon-Fri`, `Sat`, `Mon,Wed,Fri` or `daily`."
    )
    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Clock time, `HH:MM`.")
    to: str = Field(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="Clock time; `24:00` is midnight."
    )


class Calendar(Model):
    """When something works, in the local time of the plant, week by week."""

    open: Annotated[tuple[Opening, ...], Field(min_length=1)] = Field(description="Weekly openings.")
    at_close: AtClose = Field(
        default="finish_operation",
        description="What happens to work in hand at closing time.",
    )


class People(Model):
    """A pool of people who do the same work (ISA-95 personnel class)."""

    count: Annotated[Whole, Field(ge=0, le=10_000)] = Field(description="People present while on shift.")
    calendar: Name | None = Field(default=None, description="None: always present.")


class Need(Model):
    """People that a piece of work claims.

    Short forms are `operator` and `2 operator`; in full `{people: operator, count: 2, during: setup}`.
    """

    people: Name = Field(description="The pool of people.")
    count: Annotated[Whole, Field(ge=1)] = Field(default=1, description="How many of them at once.")
    during: Literal["operation", "setup", "start_up", "processing"] = Field(
        default="operation",
        description="`operation`: from the start of set-up to the end of processing.",
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"\s*(?:(\d{1,6})\s+)?([a-z][a-z0-9_]*)\s*", value)
        if match is None:
            message = f"must name people, and `{value[:60]}` does not"
            raise as_pydantic(WrongValueError(message, "Write `operator` or `2 operator`."))
        return {"people": match[2], "count": int(match[1] or 1)}


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
        description="What becomes of processing that it interrupts; set-up and start-up always resume.",
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


class Equipment(Model):
    """A unit (ISA-88) or several identical ones that stand side by side."""

    class_: Name = Field(
        default="workplace", alias="class", description="Equipment class: geometry and defaults."
    )
    count: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=1,
        description="Identical units: the first keeps the name, the others are `name_2`, `name_3`, …",
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
    dispatching: Literal["priority", "fifo"] = Field(
        default="priority",
        description="Which waiting lot goes first: the lowest priority number, then the longest waiting; "
        "or only that.",
    )
    blocking: Literal["after_service", "before_service"] = Field(
        default="after_service",
        description="`before_service`: an operation starts only when its lot already has a place to go to.",
    )
    start_up: StartUp | None = Field(default=None, description="Before each lot, after set-up.")
    failures: tuple[Failure, ...] = Field(default=(), description="Ways in which the unit stops.")
    parameters: dict[Name, AnyQuantity] = Field(
        default_factory=dict, description="What the physics of this unit needs to know of it."
    )


class Storage(Model):
    """A place where lots wait between operations."""

    capacity: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="In lots; none: unlimited."
    )
    at: Point | None = Field(default=None, description="Its place, in metres.")


class ContainerCleaning(Model):
    """How a dirty container becomes clean again."""

    takes: DurationDistribution = Field(description="Time to clean one container.")
    on: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Equipment that cleans.")
    needs: tuple[Need, ...] = Field(default=(), description="People who clean.")


class Container(Model):
    """A kind of container that carries a lot from unit to unit, such as an IBC."""

    count: Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        description="Containers in the plant, clean at first."
    )
    volume: Volume | None = Field(default=None, description="Of one container.")
    cleaning: ContainerCleaning | None = Field(
        default=None, description="None: a dirty container is clean again at once."
    )


class Transport(Model):
    """How lots move along the aisles when a unit claims them or a storage place takes them."""

    speed: Speed = Field(description="Along the aisles.")
    handling: Duration = Field(default=0.0, description="Loading and unloading, together, for each move.")


class Rework(Model):
    """Sending a lot back after an operation."""

    probability: Probability = Field(description="That a lot goes back.")
    to: Name = Field(description="The operation to return to; this one or an earlier one of the recipe.")
    limit: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None,
        description="Visits of this operation after which a failing lot is scrapped; none: no limit.",
    )


class Operation(Model):
    """An operation of a recipe (ISA-88): exactly one of `takes` and `physics` decides how long it lasts."""

    on: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Equipment, preferred first.")
    takes: DurationDistribution | None = Field(default=None, description="Processing time of a lot.")
    physics: Name | None = Field(
        default=None, description="The unit-operation model that gives duration and quality."
    )
    settings: dict[Name, AnyQuantity] = Field(
        default_factory=dict,
        description="Settings of the physics: quantities, or distributions drawn once per lot.",
    )
    setup: DurationDistribution | None = Field(
        default=None, description="Time before processing, for each lot."
    )
    needs: tuple[Need, ...] = Field(default=(), description="People who work on it.")
    take: Name | None = Field(
        default=None, description="A kind of container that the lot takes, clean, and keeps."
    )
    return_: dict[Name, Literal["clean", "dirty"]] = Field(
        default_factory=dict, alias="return", description="The container that the lot gives back at the end."
    )
    wait_in: Name | None = Field(
        default=None,
        description="The storage in which lots wait for this operation, or `none`; default: unlimited room.",
    )
    rework: Rework | None = Field(default=None, description="Sending lots back at the end.")
    scrap: Probability = Field(
        default=0.0, description="Probability that the whole lot is scrapped at the end."
    )
    yields: FractionDistribution | None = Field(default=None, description="Good fraction of what goes in.")


class Recipe(Model):
    """A master recipe (ISA-88): what is made of one batch, operation by operation."""

    batch: LotSize = Field(
        default=LotSize(amount=1.0, unit="pieces"), description="Lot size: `240 kg` or `5000 pieces`."
    )
    piece: Mass | None = Field(
        default=None, description="Mass of one piece, such as a tablet, where lots are in kg."
    )
    material: dict[Name, AnyQuantity] = Field(
        default_factory=dict, description="Attributes of the raw material, drawn once per lot."
    )
    operations: Annotated[dict[Name, Operation], Field(min_length=1), BeforeValidator(_operations)] = Field(
        description="In order; in the file a list of one-key mappings `- name: {…}`."
    )


class Order(Model):
    """A line of the order book. Order counts: earlier lines release first at one instant."""

    recipe: Name = Field(description="What is made.")
    batches: Annotated[Whole, Field(ge=1, le=10_000_000)] = Field(
        default=1, description="Lots at each release."
    )
    every: DurationDistribution | None = Field(
        default=None, description="Time between releases; none: one release."
    )
    first: DurationDistribution | None = Field(
        default=None,
        description="Time of the first release; default: at once, or one `every` when that is random.",
    )
    times: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Number of releases; default: endless with `every`, else one."
    )
    priority: Annotated[Whole, Field(ge=-MOST_OF_ONE, le=MOST_OF_ONE)] = Field(
        default=0, description="Lower goes first."
    )
    when_full: Literal["wait", "lost"] = Field(
        default="wait",
        description="What a released lot does that finds no place: wait outside, or leave for good.",
    )


class Plant(Model):
    """A plant file."""

    twin: Literal[1] = Field(description="Version of the language.")
    plant: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="Its title.")
    layout: Layout = Field(default_factory=Layout, description="The floor.")
    calendars: dict[Name, Calendar] = Field(default_factory=dict, description="By name.")
    people: dict[Name, People] = Field(default_factory=dict, description="Pools of people by name.")
    equipment: Annotated[dict[Name, Equipment], Field(min_length=1)] = Field(
        description="By name; order counts."
    )
    storage: dict[Name, Storage] = Field(default_factory=dict, description="By name.")
    containers: dict[Name, Container] = Field(default_factory=dict, description="Kinds of container by name.")
    transport: Transport | None = Field(default=None, description="None: moves take no time.")
    recipes: Annotated[dict[Name, Recipe], Field(min_length=1)] = Field(description="By name.")
    orders: Annotated[tuple[Order, ...], Field(min_length=1)] = Field(
        description="The order book; order counts."
    )
