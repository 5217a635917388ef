"""Quality: samples for the laboratory, release, specifications, hold times and shelf life.

Words of an operation; `quality.py` of the plant package has the rules between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from twin.plant.schema.names import MOST_OF_ONE, Name, Probability
from twin.plant.schema.people import Need
from twin.plant.shorthand import (
    AnyQuantity,
    Duration,
    DurationDistribution,
    LotSize,
    Model,
    TrueOrFalse,
    WasteDistribution,
    Whole,
    as_pydantic,
)
from twin.plant.units import WrongValueError

WhenLate = Literal["scrap", "rework", "flag"]
_HINT = "Write for example `30 min` or `5000 pieces`."


def _time_or_amount(value: AnyQuantity) -> AnyQuantity:
    if value.kind != "constant" or value.unit not in ("s", "kg", "pieces"):
        raise as_pydantic(WrongValueError("must be one time, mass or number of pieces", _HINT))
    if value.mean <= 0:
        raise as_pydantic(WrongValueError("must be more than zero", _HINT))
    return value


TimeOrAmount = Annotated[AnyQuantity, AfterValidator(_time_or_amount)]
Limit = Annotated[Duration, Field(gt=0)]


class LabTest(Model):
    """A test in the laboratory: a job of its own for instruments and people."""

    on: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Equipment that tests.")
    takes: DurationDistribution = Field(description="Time to test one sample.")
    needs: tuple[Need, ...] = Field(default=(), description="People who test.")
    fails: Probability = Field(
        default=0.0, description="That the result is bad: the lot is rejected where it needs the result."
    )


class Sample(Model):
    """A sampling plan: which lots are sampled at the end of the operation, and how samples are tested."""

    every: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="The first lot and then each such one, in the order of finishing."
    )
    fraction: Probability | None = Field(
        default=None, description="Each lot with this probability; beside neither, every lot."
    )
    quantity: LotSize | None = Field(default=None, description="Taken out of the lot; none: nothing.")
    test: LabTest = Field(description="What the laboratory does with the sample.")


class InProcess(Model):
    """Checks while the operation goes on."""

    every: TimeOrAmount = Field(
        description="Time at work, halts left out, after which a check falls due, or `5000 pieces`."
    )
    takes: DurationDistribution = Field(description="Time of a check.")
    needs: tuple[Need, ...] = Field(default=(), description="People who check; they adjust as well.")
    stops: TrueOrFalse = Field(
        default=False,
        description="The unit halts until the check is done, its people free meanwhile; else it runs on.",
    )
    fails: Probability = Field(default=0.0, description="That the check is bad: the unit is adjusted.")
    adjusting: DurationDistribution | None = Field(
        default=None, description="How long the unit stops to be adjusted; required with `fails`."
    )
    waste: WasteDistribution | None = Field(default=None, description="Lost of the lot by a bad check.")


class Specified(Model):
    """Limits of one attribute that physics computed, and what becomes of a lot outside them."""

    min: AnyQuantity | None = Field(default=None, description="The least that is good; none: any.")
    max: AnyQuantity | None = Field(default=None, description="The most that is good; none: any.")
    otherwise: Literal["reject", "rework", "hold"] = Field(
        default="reject",
        description="`reject`: out; `rework`: back; `hold`: on, but held until it is reviewed.",
    )
    to: Name | None = Field(default=None, description="Where rework goes; none: this operation again.")
    limit: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Visits of this operation after which a lot to rework is rejected."
    )
    review: LabTest | None = Field(default=None, description="How a lot on hold is reviewed.")


class HoldTime(Model):
    """How long a lot may wait, and what becomes of one that waits longer.

    A time alone is `limit`.
    """

    limit: Limit = Field(description="A start at this very time is too late.")
    when_late: WhenLate = Field(
        default="scrap", description="`scrap`: out as expired; `rework`: back; `flag`: on, and counted."
    )
    to: Name | None = Field(default=None, description="Where rework goes; an operation up to this one.")

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, HoldTime) or (isinstance(value, Mapping) and "value" not in value):
            return value
        return {"limit": value}


class ShelfLife(HoldTime):
    """How long after this operation a later one must have started.

    A time alone is `limit`.
    """

    until: Name | None = Field(
        default=None, description="The operation that must have started; none: the last of the recipe."
    )
