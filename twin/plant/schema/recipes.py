"""Master recipes (ISA-88) and their operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from twin.plant.schema.names import MOST_OF_ONE, Name, Probability
from twin.plant.schema.people import Need
from twin.plant.schema.quality import HoldTime, InProcess, Sample, ShelfLife, Specified
from twin.plant.schema.tanks import SomeBulk
from twin.plant.schema.utilities import Use
from twin.plant.shorthand import (
    AnyQuantity,
    Duration,
    DurationDistribution,
    FractionDistribution,
    LotSize,
    Mass,
    Model,
    TrueOrFalse,
    Whole,
    as_pydantic,
    in_a_file,
)
from twin.plant.units import WrongValueError


def _in_order(what: str, hint: str) -> Callable[[Any, ValidationInfo], Any]:
    """A parser of the file's list of one-key mappings as one mapping, in order."""

    def parsed(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping) and not in_a_file(info):
            return value
        if not isinstance(value, list):
            raise as_pydantic(WrongValueError(f"must be a list of {what}s", hint))
        found: dict[Any, Any] = {}
        for index, item in enumerate(value):
            if not isinstance(item, Mapping) or len(item) != 1:
                message = f"must be a mapping with one key, the {what}'s name"
                raise as_pydantic(WrongValueError(message, hint, path=(index,)))
            ((name, words),) = item.items()
            if name in found:
                message = f"has the name of an earlier {what}, `{name}`"
                raise as_pydantic(WrongValueError(message, f"Give each {what} its own name.", path=(index,)))
            found[name] = words
        return found

    return parsed


_operations = _in_order("operation", "Write `- name: {on: [unit], takes: 1 h}`.")
_phases = _in_order("phase", "Write `- charge: {takes: 20 min}`.")


class Phase(Model):
    """A phase of an operation (ISA-88): a stretch of processing with its own duration and people."""

    takes: DurationDistribution = Field(description="Time that the phase takes.")
    needs: tuple[Need, ...] = Field(
        default=(), description="People who work on the phase, besides those of the operation."
    )
    uses: dict[Name, Use] = Field(
        default_factory=dict,
        description="Utilities that it draws besides those of the operation, by name.",
    )


class Rework(Model):
    """Sending a lot back after an operation."""

    probability: Probability = Field(description="That a lot goes back.")
    to: Name = Field(description="The operation to return to; this one or an earlier one of the recipe.")
    limit: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None,
        description="Visits of this operation after which a failing lot is scrapped; none: no limit.",
    )


class Split(Model):
    """Dividing a lot into parts that go on as lots of their own; `into` or `each` says how many.

    A whole number alone is `into`.
    """

    into: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(default=None, description="Equal parts.")
    each: LotSize | None = Field(
        default=None, description="Size of a part, such as a pallet; the last one has the rest."
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        return {"into": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Transfer(Model):
    """How a lot goes on to the next operation: portion by portion, while the rest of it is worked on.

    One of the two says how large portions are. `whole` alone is no transfer by portions.
    """

    portions: Annotated[Whole, Field(ge=2, le=1000)] | None = Field(
        default=None, description="Equal portions of each lot."
    )
    portion: LotSize | None = Field(
        default=None, description="Size of a portion, such as a container's; the last one has the rest."
    )


def _unless_whole(value: Any) -> Any:
    return None if value == "whole" else value


class Together(Model):
    """A batch operation: a unit takes several lots at once, which share one visit and one duration.

    It starts with `max` lots, or with at least `min` as soon as the one that waits longest has waited `wait`.
    """

    max: Annotated[Whole, Field(ge=2, le=1000)] = Field(description="The most lots at once.")
    min: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=1, description="Fewer than these never start."
    )
    wait: Duration = Field(default=0.0, description="How long it waits for more than `min` lots to come.")


class Operation(Model):
    """An operation of a recipe (ISA-88): exactly one of `takes`, `phases` and `physics` decides how long it
    lasts.

    On a flow section its stations do; `physics` may give the rate of one of them.
    """

    on: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Equipment, preferred first.")
    takes: DurationDistribution | None = Field(default=None, description="Processing time of a lot.")
    phases: Annotated[dict[Name, Phase], BeforeValidator(_phases)] = Field(
        default_factory=dict,
        description="Instead of `takes`: stretches of processing one after the other; in the file a list of "
        "one-key mappings `- name: {…}`.",
    )
    physics: Name | None = Field(
        default=None,
        description="The unit-operation model that gives duration and quality; on a flow section, the rate "
        "at which it would do the lot.",
    )
    settings: dict[Name, AnyQuantity] = Field(
        default_factory=dict,
        description="Settings of the physics: quantities, or distributions drawn once per lot.",
    )
    solve: Literal["full", "emulated"] | None = Field(
        default=None,
        description="How physics is computed: `full`, the default, solves it for each lot; `emulated` "
        "predicts what it would give, and solves it for lots that the prediction is not made for.",
    )
    setup: DurationDistribution | None = Field(
        default=None, description="Time before processing, for each lot."
    )
    load: DurationDistribution | None = Field(
        default=None, description="Time to put the lot onto the unit; default: the equipment's."
    )
    unload: DurationDistribution | None = Field(
        default=None, description="Time to take the lot off the unit; default: the equipment's."
    )
    unit_procedure: Name | None = Field(
        default=None,
        description="Operations that follow each other under one name are a unit procedure: the lot keeps "
        "its unit between them.",
    )
    together: Together | None = Field(
        default=None, description="Makes it a batch operation on several lots at once; none: lot by lot."
    )
    needs: tuple[Need, ...] = Field(default=(), description="People who work on it.")
    uses: dict[Name, Use] = Field(
        default_factory=dict, description="Utilities that it draws, by name: `{wfi: 500 L/h}`."
    )
    draws: dict[Name, SomeBulk] = Field(
        default_factory=dict,
        description="What flows out of tanks, evenly over processing, by tank: `{buffer: 200 L}`.",
    )
    fills: dict[Name, SomeBulk] = Field(
        default_factory=dict,
        description="What flows out of the lot into tanks, evenly over processing, by tank.",
    )
    transfer_to: Name | None = Field(
        default=None, description="The tank that the whole lot flows into; it ends there."
    )
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
    bill: dict[Name, LotSize] = Field(
        default_factory=dict,
        description="Materials that a lot uses up, taken from stock when the operation starts.",
    )
    transfer: Annotated[Transfer | None, BeforeValidator(_unless_whole)] = Field(
        default=None,
        description="`whole`, or portions, each of which goes on as a part of the lot as soon as it is done.",
    )
    split: Split | None = Field(
        default=None, description="At the end the lot is divided; it leaves when there is room for all parts."
    )
    merge: TrueOrFalse = Field(
        default=False,
        description="Parts of a lot wait for each other and become that lot again when the operation starts.",
    )
    pack: LotSize | None = Field(
        default=None,
        description="Content of a pack, `30 pieces`: packs are counted, and what fills none is scrapped.",
    )
    rework: Rework | None = Field(default=None, description="Sending lots back at the end.")
    scrap: Probability = Field(
        default=0.0, description="Probability that the whole lot is scrapped at the end."
    )
    yields: FractionDistribution | None = Field(default=None, description="Good fraction of what goes in.")
    sampling: dict[Name, Sample] = Field(
        default_factory=dict, description="Samples of lots that go on, by name; names are the recipe's."
    )
    in_process: InProcess | None = Field(
        default=None, description="In-process control: checks at intervals of the time at work."
    )
    needs_release: tuple[Name, ...] = Field(
        default=(), description="Samples of earlier operations whose results a lot must have to start."
    )
    hold: Literal["quarantine"] | None = Field(
        default=None, description="`quarantine`: the lot stays where it waits while it is worked on."
    )
    specification: dict[Name, Specified] = Field(
        default_factory=dict, description="Limits of attributes that physics computes, by attribute."
    )
    max_wait_before: HoldTime | None = Field(
        default=None, description="From the end of the operation before, or release, to the start of this."
    )
    shelf_life: ShelfLife | None = Field(
        default=None, description="From the end of this operation to the start of a later one."
    )


class Recipe(Model):
    """A master recipe (ISA-88): what is made of one batch, operation by operation."""

    batch: LotSize = Field(
        default=LotSize(amount=1.0, unit="pieces"), description="Lot size: `240 kg` or `5000 pieces`."
    )
    product: Name | None = Field(
        default=None,
        description="What it makes; several recipes may make one product. Default: its own name.",
    )
    family: Name | None = Field(
        default=None, description="The family of its product; default: the product alone."
    )
    piece: Mass | None = Field(
        default=None, description="Mass of one piece, such as a tablet, where lots are in kg."
    )
    material: dict[Name, AnyQuantity] = Field(
        default_factory=dict, description="Attributes of the raw material, drawn once per lot."
    )
    makes: Name | None = Field(
        default=None, description="The material that a finished lot becomes; none: it leaves the plant."
    )
    operations: Annotated[dict[Name, Operation], Field(min_length=1), BeforeValidator(_operations)] = Field(
        description="In order; in the file a list of one-key mappings `- name: {…}`."
    )
