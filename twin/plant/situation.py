"""A state file: what is known of the real plant at the start of a run, written by hand.

Whatever it does not say is as at the start of any run. `experiment/starting.py` reads one; the rules between
it and its plant stand in `engine/compile/situation.py`, which knows units and operations by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from twin.plant.schema import Name
from twin.plant.schema.tanks import Bulk
from twin.plant.schema.utilities import Content
from twin.plant.shorthand import (
    AnyQuantity,
    Duration,
    LocalTime,
    LotSize,
    Model,
    Moment,
    Whole,
    as_pydantic,
)
from twin.plant.units import WrongValueError


def _amount(value: AnyQuantity) -> AnyQuantity:
    if value.kind != "constant" or value.unit not in ("kg", "pieces"):
        raise as_pydantic(WrongValueError("must be a mass or a number of pieces", "Write `40 kg` or `0 kg`."))
    if value.mean < 0 or (value.unit == "pieces" and not value.mean.is_integer()):
        raise as_pydantic(WrongValueError("must be whole pieces or a mass, and not negative"))
    return value


Amount = Annotated[AnyQuantity, AfterValidator(_amount)]
Count = Annotated[Whole, Field(ge=0)]


class StandingSample(Model):
    """A sample or review of a lot whose result is not there yet."""

    on: Name | None = Field(default=None, description="The unit that is at it; none: it waits for one.")
    remaining: Duration | None = Field(default=None, description="With `on`, required: time left.")
    waiting: Duration = Field(default=0.0, description="Without `on`: so long already, for its turn.")


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
        default=None,
        description="`in_work`, required: processing time left, of the phase in hand. On a flow section "
        "`passed` stands in its place.",
    )
    passed: dict[Name, Amount] = Field(
        default_factory=dict,
        description="`in_work` on a flow section, required: how much of the lot has left each station, "
        "counted as it entered the section, rejects included; what lies between is in the buffers.",
    )
    starting_up: dict[Name, Duration] = Field(
        default_factory=dict,
        description="`in_work` on a flow section: start-up left at a station; the others have started.",
    )
    count: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=1,
        description="Equal lots that wait, or that are one batch of an operation with `together`; one where "
        "another unit is named.",
    )
    waiting: Duration = Field(
        default=0.0, description="`waits_for`: so long already; for its turn, hold times and shelf life."
    )
    ended: dict[Name, Duration] = Field(
        default_factory=dict,
        description="How long ago operations ended, for a shelf life that counts from there; one that is not "
        "named: as long ago as the lot has been `waiting`.",
    )
    samples: dict[Name, StandingSample] = Field(
        default_factory=dict, description="Results of the laboratory that are not there yet, by sample."
    )
    quantity: LotSize | None = Field(default=None, description="None: the batch of the recipe.")
    priority: Whole | None = Field(default=None, description="None: that of the order line.")
    due: Moment | None = Field(default=None, description="After the start of the run, or a date.")


class Since(Model):
    """What a unit has done since a cleaning or maintenance was last done; what brings it about again."""

    lots: Count = Field(default=0, description="Lots that have left it.")
    running: Duration = Field(default=0.0, description="Time of producing.")
    time: Duration = Field(default=0.0, description="Time by the clock.")


class StandingStation(Model):
    """What is known of a station of a flow section."""

    down: Duration = Field(description="It is being repaired, for so long yet.")
    failure: Name | None = Field(default=None, description="What it is down by; none: the first of its own.")


class StandingUnit(Model):
    """What is known of a unit."""

    last_product: Name | None = Field(
        default=None, description="None: as the plant says. Units without cleaning or set-up do not ask."
    )
    cleaned: Name | None = Field(
        default=None,
        description="The cleaning that it has had since it was last used; none: it is dirty, if a last "
        "product is known.",
    )
    cleaned_for: Duration = Field(default=0.0, description="With `cleaned`: that was so long ago.")
    unused: Duration = Field(
        default=0.0,
        description="Its last lot left so long ago; for dirty holds and cleaning after idle time.",
    )
    set_up: Name | None = Field(
        default=None, description="The product for which it has been set up since it was last used."
    )
    since: dict[Name, Since] = Field(
        default_factory=dict,
        description="By cleaning or maintenance: what it has done since; one that is not named is just done.",
    )
    worn_lots: Count = Field(default=0, description="Lots since it was new, where `wear` counts lots.")
    worn_running: Duration = Field(
        default=0.0, description="Time of producing since it was new, where `wear` counts that."
    )
    doing: Name | None = Field(
        default=None,
        description="The cleaning or maintenance that it is at, or the kind of container that it cleans.",
    )
    remaining: Duration | None = Field(default=None, description="With `doing`, required: time left.")
    down: Duration | None = Field(default=None, description="It is being repaired, for so long yet.")
    failure: Name | None = Field(default=None, description="What it is down by; none: the first of its own.")
    stations: dict[Name, StandingStation] = Field(
        default_factory=dict, description="Stations of a flow section that are down; the others are up."
    )


class StandingContainers(Model):
    """What is known of a kind of container; those in use follow from the lots."""

    dirty: Count = Field(default=0, description="Waiting to be cleaned.")
    dirty_for: Duration = Field(default=0.0, description="So long already; for their dirty hold.")
    clean_for: Duration = Field(
        default=0.0, description="The clean ones were cleaned so long ago; for their clean hold."
    )


class StandingStock(Model):
    """What is in stock of a material. An amount alone is `stock`."""

    stock: Amount = Field(description="In stock.")
    age: Duration = Field(default=0.0, description="It came so long ago; for its shelf life.")

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        is_mapping = isinstance(value, Mapping)
        return value if is_mapping and not {"value", "unit"} & set(value) else {"stock": value}


class StandingTank(Model):
    """What is known of a tank."""

    level: Bulk | None = Field(default=None, description="What it holds; none: as the plant says.")
    held: Duration = Field(default=0.0, description="It has held that for so long; for its `hold`.")


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
    materials: dict[Name, StandingStock] = Field(
        default_factory=dict, description="What is in stock; as the plant says where it is not named."
    )
    tanks: dict[Name, StandingTank] = Field(
        default_factory=dict, description="By the tank's name; as the plant says where it is not named."
    )
    utilities: dict[Name, Content] = Field(
        default_factory=dict,
        description="What storages of utilities hold; as the plant says where it is not named.",
    )
