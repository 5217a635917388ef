"""A state file: what is known of the real plant at the start of a run, written by hand.

Whatever it does not say is as at the start of any run. `experiment/starting.py` reads one; the rules between
it and its plant stand in `engine/compile/situation.py`, which knows units and operations by number.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from twin.plant.schema import Name
from twin.plant.shorthand import Duration, LocalTime, LotSize, Model, Moment, Whole


class StandingLot(Model):
    """Lots that are inside: waiting for an operation, or in work at one."""

    recipe: Name = Field(description="Of an order line of the plant; the first such line is taken as theirs.")
    waits_for: Name | None = Field(
        default=None, description="The operation that is next. One of `waits_for` and `in_work` is given."
    )
    in_work: Name | None = Field(default=None, description="The operation that a unit is at.")
    on: Name | None = Field(
        default=None,
        description="`in_work`: the unit. `waits_for`: the unit on which the lot still stands, done with the "
        "operation before; none: it stands in the storage where it waits.",
    )
    phase: Name | None = Field(default=None, description="`in_work`: the phase in hand; none: the last.")
    remaining: Duration | None = Field(
        default=None, description="`in_work`, required: processing time left, of the phase in hand."
    )
    count: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=1, description="Equal lots that wait; one where a unit is named."
    )
    waiting: Duration = Field(
        default=0.0, description="`waits_for`: so long already; for its turn, hold times and shelf life."
    )
    quantity: LotSize | None = Field(default=None, description="None: the batch of the recipe.")
    priority: Whole | None = Field(default=None, description="None: that of the order line.")
    due: Moment | None = Field(default=None, description="After the start of the run, or a date.")


class StandingUnit(Model):
    """What is known of a unit."""

    last_product: Name | None = Field(
        default=None, description="None: as the plant says. Units without cleaning or set-up do not ask."
    )
    down: Duration | None = Field(default=None, description="It is being repaired, for so long yet.")
    failure: Name | None = Field(default=None, description="What it is down by; none: the first of its own.")


class StandingContainers(Model):
    """What is known of a kind of container; those in use follow from the lots."""

    dirty: Annotated[Whole, Field(ge=0)] = Field(default=0, description="Waiting to be cleaned.")


class StateFile(Model):
    """A state file, from which a run starts by `run.from`."""

    twin: Literal[1] = Field(default=1, description="Version of the language.")
    state: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="Its title.")
    of: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None,
        description="The plant or scenario against which `twin check` checks this file: `twin:NAME`, or a "
        "path relative to this file. A run takes its own plant.",
    )
    time: LocalTime | None = Field(
        default=None, description="Of what date and time it is; given, it must be `run.start`."
    )
    lots: tuple[StandingLot, ...] = Field(default=(), description="What is inside, beside the orders.")
    units: dict[Name, StandingUnit] = Field(default_factory=dict, description="By the unit's name.")
    containers: dict[Name, StandingContainers] = Field(
        default_factory=dict, description="By the name of the kind."
    )
    materials: dict[Name, LotSize] = Field(
        default_factory=dict, description="What is in stock; as the plant says where it is not named."
    )
