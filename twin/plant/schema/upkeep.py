"""Upkeep of equipment: change-over, cleaning, hold limits, maintenance and wear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.plant.schema.names import MOST_OF_ONE, Name, Probability
from twin.plant.schema.people import Need
from twin.plant.schema.utilities import Use
from twin.plant.shorthand import Duration, DurationDistribution, Model, Number, Whole

Batches = Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)]
Span = Annotated[Duration, Field(gt=0)]
OTHER = "other"  # the row or column of a matrix for every other product


class Changeover(Model):
    """Setting a unit up for another product; how long it takes depends on both.

    It is done before the lot is taken, in state `setup` with cause `changeover`. A pair is looked up in
    `matrix` as from and to, then as from and `other`, then as `other` and to, then in `default`; a pair
    that is nowhere is an error.
    """

    by: Literal["product", "family"] = Field(
        default="product", description="What the names in `matrix` are, and what must differ."
    )
    matrix: dict[Name, dict[Name, DurationDistribution]] = Field(
        default_factory=dict, description="From: to: time, as `{a: {b: 2 h, other: 1 h}}`."
    )
    default: DurationDistribution | None = Field(
        default=None, description="For every pair that is not in `matrix`."
    )
    same: DurationDistribution | None = Field(
        default=None, description="Between two lots of the same product or family; none: no time."
    )
    needs: tuple[Need, ...] = Field(default=(), description="People who set the unit up.")


class Cleaning(Model):
    """A cleaning of a unit: when it falls due and how long it takes.

    It falls due by whichever of its triggers comes first. What is due is done as soon as the unit is free,
    open and up: the highest level first, which also counts as every cleaning of its level and below.
    """

    name: Name = Field(default="cleaning", description="Its name in results and dotted paths.")
    level: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=1, description="A cleaning counts as every other of its level and below."
    )
    takes: DurationDistribution | None = Field(
        default=None, description="How long it takes; default: the time of a `between_…`."
    )
    between_products: DurationDistribution | None = Field(
        default=None, description="Before a lot of another product than the last; its time then."
    )
    between_families: DurationDistribution | None = Field(
        default=None, description="Before a lot of another product family than the last; its time then."
    )
    batches: Batches | None = Field(default=None, description="After so many lots since the last.")
    running: Span | None = Field(
        default=None, description="After so much producing time since the last; once the lot has left."
    )
    every: Span | None = Field(
        default=None, description="So long after the end of the last, whether lots wait or not."
    )
    idle: Span | None = Field(
        default=None,
        description="Before a lot, where the unit has stood so long since its last use or cleaning.",
    )
    needs: tuple[Need, ...] = Field(default=(), description="People who clean.")
    uses: dict[Name, Use] = Field(default_factory=dict, description="Utilities that it draws, by name.")


class UnitHold(Model):
    """A limit on how long a unit may stand dirty, or clean. A time alone is `limit`."""

    limit: Span = Field(description="How long it may stand; at the limit it is no longer clean.")
    then: Literal["clean", "count"] = Field(
        default="clean",
        description="`clean`: it is cleaned; `count`: the violation is counted, as it is where a cleaning "
        "came too late.",
    )
    cleaning: Name | None = Field(
        default=None, description="The cleaning that is then done; default: the first of the lowest level."
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        return time_alone(value)


class Maintenance(Model):
    """Preventive maintenance of a unit.

    It falls due by whichever of its triggers comes first, and is done as soon as the unit is free, open and
    up, before any cleaning. Its clocks start anew at its end.
    """

    name: Name = Field(default="maintenance", description="Its name in results and dotted paths.")
    takes: DurationDistribution = Field(description="How long it takes.")
    every: Span | None = Field(default=None, description="So long after the end of the last.")
    running: Span | None = Field(
        default=None, description="After so much producing time since the last; once the lot has left."
    )
    batches: Batches | None = Field(default=None, description="After so many lots since the last.")
    opportunity: Span | None = Field(
        default=None,
        description="How long before it is due by `every` or `running` it is done already where the unit "
        "stops for a cleaning, a change-over or other maintenance, and together with a repair where its "
        "people are free.",
    )
    renews: tuple[Name, ...] = Field(
        default=(), description="Failures whose clocks start anew at its end, as after a repair."
    )
    with_repair_of: tuple[Name, ...] = Field(
        default=(), description="Failures whose repair counts as this maintenance too."
    )
    restores: Probability = Field(default=0.0, description="The part of the wear that it takes away.")
    needs: tuple[Need, ...] = Field(default=(), description="People who do it.")
    uses: dict[Name, Use] = Field(default_factory=dict, description="Utilities that it draws, by name.")


class Wear(Model):
    """How the condition of a unit degrades with use; the condition at its start holds for a whole visit."""

    per: Span | None = Field(default=None, description="The producing time that wears it so much.")
    batches: Batches | None = Field(default=None, description="The lots that wear it so much, instead.")
    speed: Annotated[Number, Field(ge=-1, le=0)] = Field(
        default=0.0, description="What is added to its speed, a part of that when new: `-2 %`."
    )
    least: Annotated[Number, Field(gt=0, le=1)] = Field(
        default=0.1, description="The speed below which it does not fall, a part of that when new."
    )
    failure_rate: Annotated[Number, Field(ge=0, le=1000)] = Field(
        default=0.0, description="What is added to the rate of failures by the clock `running`: `10 %`."
    )


def time_alone(value: Any) -> Any:
    """A hold given as a time is its limit."""
    is_mapping = isinstance(value, Mapping)
    return value if is_mapping and not {"value", "unit"} & set(value) else {"limit": value}


def as_list(value: Any) -> Any:
    """A list of one may be written as its only item."""
    return [value] if isinstance(value, Mapping) else value
