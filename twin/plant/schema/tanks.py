"""Tanks: bulk that operations fill and draw at rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from twin.plant.schema.names import Name
from twin.plant.schema.upkeep import Span
from twin.plant.schema.utilities import Use
from twin.plant.shorthand import AnyQuantity, Model, as_pydantic
from twin.plant.units import WrongValueError

MOST = 1e9  # kg or m3
_HINT = "Write for example `2 m3` or `500 kg`."


def _bulk(value: AnyQuantity) -> AnyQuantity:
    if value.kind != "constant" or value.unit not in ("m3", "kg"):
        raise as_pydantic(WrongValueError("must be one volume or mass", _HINT))
    if not 0 <= value.mean <= MOST:
        raise as_pydantic(WrongValueError("must not be negative, nor more than 1e9", _HINT))
    return value


def _some(value: AnyQuantity) -> AnyQuantity:
    if value.mean <= 0:
        raise as_pydantic(WrongValueError("must be more than zero", _HINT))
    return value


def _density(value: AnyQuantity) -> AnyQuantity:
    if value.kind != "constant" or value.unit != "kg/m3" or value.mean <= 0:
        raise as_pydantic(WrongValueError("must be one density", "Write for example `1.05 kg/L`."))
    return value


Bulk = Annotated[AnyQuantity, AfterValidator(_bulk)]
SomeBulk = Annotated[AnyQuantity, AfterValidator(_bulk), AfterValidator(_some)]
Density = Annotated[AnyQuantity, AfterValidator(_density)]


class TankHold(Model):
    """How long a tank may hold what it holds. A time alone is `limit`."""

    limit: Span = Field(description="From the first inflow above the heel.")
    then: Literal["count", "discard"] = Field(
        default="count",
        description="The violation is counted; `discard`: also everything is thrown away as soon as no work "
        "under way draws or fills, and none starts before.",
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        is_mapping = isinstance(value, Mapping)
        return value if is_mapping and not {"value", "unit"} & set(value) else {"limit": value}


class Tank(Model):
    """A tank of one material, well mixed; operations say `fills`, `draws` and `transfer_to`."""

    material: Name = Field(description="What it holds, kept in kg.")
    volume: SomeBulk = Field(description="The most that it holds: a volume or a mass.")
    heel: Bulk | None = Field(default=None, description="What cannot be drawn; none: nothing.")
    start: Bulk | None = Field(default=None, description="What it holds at the start; none: nothing.")
    density: Density | None = Field(
        default=None, description="Turns volumes of this tank into masses; none: that of water, 1 kg/L."
    )
    hold: TankHold | None = Field(default=None, description="None: for ever.")
    agitation: dict[Name, Use] = Field(
        default_factory=dict,
        description="Utilities that it draws while it holds anything: `{power: 3 kW}`; they are set aside.",
    )
