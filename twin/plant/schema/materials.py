"""Materials: what recipes use up and make, in lots of their own with an age."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.plant.schema.names import MOST_OF_ONE
from twin.plant.shorthand import Duration, DurationDistribution, LotSize, Model, Whole


class Supply(Model):
    """Deliveries by the clock."""

    every: DurationDistribution = Field(description="Time between deliveries.")
    first: DurationDistribution | None = Field(
        default=None, description="Time of the first delivery; default: one `every`."
    )
    lots: Annotated[Whole, Field(ge=1, le=10_000)] = Field(default=1, description="Lots of each delivery.")
    times: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Number of deliveries; none: endless."
    )


class Reorder(Model):
    """Deliveries by the stock."""

    below: LotSize = Field(description="Order when stock and what is on order fall below this.")
    lots: Annotated[Whole, Field(ge=1, le=10_000)] = Field(default=1, description="Lots of each order.")
    lead_time: DurationDistribution = Field(description="Time from the order to the delivery.")


class Material(Model):
    """A material in stock (ISA-95 material definition): bought, or made by a recipe that says `makes`.

    Lots are used in the order in which they expire, then in that of their arrival.
    """

    lot: LotSize = Field(description="Size of a delivered lot; also says whether stock is in kg or pieces.")
    stock: Annotated[Whole, Field(ge=0, le=100_000)] = Field(
        default=0, description="Lots in stock at the start, new."
    )
    supply: Supply | None = Field(default=None, description="Deliveries by the clock.")
    reorder: Reorder | None = Field(default=None, description="Deliveries by the stock.")
    shelf_life: Duration | None = Field(
        default=None, description="From arrival to expiry; an expired lot is thrown away. None: for ever."
    )
