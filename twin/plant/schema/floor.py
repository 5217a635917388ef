"""The floor: areas, aisles, and how lots move along them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.plant.schema.names import Name
from twin.plant.shorthand import Duration, Model, Point, Speed


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


class Transport(Model):
    """How lots move along the aisles when a unit claims them or a storage place takes them."""

    speed: Speed = Field(description="Along the aisles.")
    handling: Duration = Field(default=0.0, description="Loading and unloading, together, for each move.")
