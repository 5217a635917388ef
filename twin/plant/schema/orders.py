"""The order book."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from twin.plant.schema.names import MOST_OF_ONE, Name
from twin.plant.shorthand import DurationDistribution, Model, Whole


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
