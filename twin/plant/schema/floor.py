"""The floor: areas, aisles, and how lots move along them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.plant.schema.names import Name
from twin.plant.shorthand import Duration, Mass, Model, Point, Speed, Whole


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


class Battery(Model):
    """A battery that driving empties; it is charged at home."""

    lasts: Duration = Field(gt=0, description="Time of carrying and driving after which it goes to charge.")
    charge: Duration = Field(description="Time to charge.")


class Fleet(Model):
    """Transporters of one kind: pallet trucks, tugs, AGVs. Each carries one lot at a time."""

    count: Annotated[Whole, Field(ge=1, le=1000)] = Field(description="How many there are.")
    speed: Speed = Field(description="Along the aisles, laden or empty.")
    load: Duration = Field(default=0.0, description="Time to pick a lot up.")
    unload: Duration = Field(default=0.0, description="Time to set it down.")
    capacity: Mass | None = Field(
        default=None, description="Of one trip; a heavier lot takes several. None: any lot in one trip."
    )
    at: Point | None = Field(
        default=None, description="Where they start and charge, in metres; none: where they are needed first."
    )
    battery: Battery | None = Field(default=None, description="None: they drive for ever.")


class Airlock(Model):
    """A lock between two areas, whose doors open one after the other."""

    between: tuple[Name, Name] = Field(description="Two areas; `outside` is all that is no area.")
    takes: Duration = Field(description="Time to pass, doors and interlock included.")
    capacity: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=1, description="Moves inside at once; locks are given in the order in which moves begin."
    )


class Transport(Model):
    """How lots move along the aisles when a unit claims them or a storage place takes them."""

    speed: Speed = Field(description="Along the aisles, where there are no `fleets`.")
    handling: Duration = Field(
        default=0.0, description="Loading and unloading, together, for each move without `fleets`."
    )
    fleets: dict[Name, Fleet] = Field(
        default_factory=dict,
        description="Transporters by kind; with them, each move waits for a free one. The nearest comes, of "
        "equally near ones that of the fleet first by name.",
    )
    airlocks: dict[Name, Airlock] = Field(
        default_factory=dict, description="Locks by name, passed on every way from one area to the other."
    )
