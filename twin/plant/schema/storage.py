"""Where lots wait, and the containers that carry them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.plant.schema.names import MOST_OF_ONE, Name
from twin.plant.schema.people import Need
from twin.plant.schema.upkeep import Span, time_alone
from twin.plant.schema.utilities import Use
from twin.plant.shorthand import (
    DurationDistribution,
    Length,
    LotSize,
    Model,
    Point,
    Speed,
    TrueOrFalse,
    Volume,
    Whole,
)


class Conveyor(Model):
    """A belt that carries lots, one behind the other, from its start to its end."""

    length: Length = Field(gt=0, description="From start to end.")
    speed: Speed = Field(description="Of the belt.")
    accumulating: TrueOrFalse = Field(
        default=True,
        description="Do lots close up while the first one waits at the end? If not, the belt stands still.",
    )


class Storage(Model):
    """A place where lots wait between operations."""

    capacity: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="In lots; none: unlimited."
    )
    holds: LotSize | None = Field(
        default=None, description="Kilograms or pieces that it holds; none: any. A lot needs room whole."
    )
    conveyor: Conveyor | None = Field(
        default=None, description="The storage is a conveyor; its `capacity` are the places along it."
    )
    at: Point | None = Field(default=None, description="Its place, in metres.")


class ContainerCleaning(Model):
    """How a dirty container becomes clean again."""

    takes: DurationDistribution = Field(description="Time to clean one container.")
    on: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Equipment that cleans.")
    needs: tuple[Need, ...] = Field(default=(), description="People who clean.")
    uses: dict[Name, Use] = Field(default_factory=dict, description="Utilities that it draws, by name.")


class ContainerHold(Model):
    """A limit on how long a container may stand dirty, or clean. A time alone is `limit`."""

    limit: Span = Field(description="How long it may stand; at the limit it is no longer clean.")
    then: Literal["clean", "count"] = Field(
        default="clean",
        description="`clean`: it is cleaned, or cleaned again; `count`: the violation is only counted.",
    )
    takes: DurationDistribution | None = Field(
        default=None, description="How long that cleaning takes; default: as long as any other."
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        return time_alone(value)


class Container(Model):
    """A kind of container that carries a lot from unit to unit, such as an IBC."""

    count: Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        description="Containers in the plant, clean at first."
    )
    volume: Volume | None = Field(default=None, description="Of one container.")
    cleaning: ContainerCleaning | None = Field(
        default=None, description="None: a dirty container is clean again at once."
    )
    dirty_hold: ContainerHold | None = Field(
        default=None,
        description="How long it may stand from its return to the start of cleaning, where it has one.",
    )
    clean_hold: ContainerHold | None = Field(
        default=None,
        description="How long it may stand clean; the one that was cleaned first is taken first. Without "
        "`cleaning` it is cleaned again at once.",
    )
