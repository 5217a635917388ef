"""Utilities: water for injection, clean steam, chilled water, power, and what work draws of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from twin.plant.shorthand import AnyQuantity, Model, as_pydantic
from twin.plant.units import WrongValueError

AMOUNTS = {"m3/s": "m3", "kg/s": "kg", "W": "J"}
"""For each kind of rate what it amounts to."""
_RATE = "Write for example `500 L/h`, `80 kg/h` or `12 kW`."
_AMOUNT = "Write for example `200 L`, `30 kg` or `5 kWh`."


def _one_of(units: tuple[str, ...], noun: str, hint: str) -> Callable[[AnyQuantity], AnyQuantity]:
    def check(value: AnyQuantity) -> AnyQuantity:
        if value.kind != "constant" or value.unit not in units:
            raise as_pydantic(WrongValueError(f"must be one {noun}", hint))
        if value.mean < 0:
            raise as_pydantic(WrongValueError("must not be negative", hint))
        return value

    return check


def _positive(value: AnyQuantity) -> AnyQuantity:
    if value.mean <= 0:
        raise as_pydantic(WrongValueError("must be more than zero"))
    return value


_rate = _one_of(tuple(AMOUNTS), "volume flow, mass flow or power", _RATE)
_amount = _one_of(tuple(AMOUNTS.values()), "volume, mass or energy", _AMOUNT)
Draw = Annotated[AnyQuantity, AfterValidator(_rate), AfterValidator(_positive)]
Drawn = Annotated[AnyQuantity, AfterValidator(_amount), AfterValidator(_positive)]
Content = Annotated[AnyQuantity, AfterValidator(_amount)]


class UtilityStorage(Model):
    """The storage of a utility, such as the tank of a loop: generation fills it, draws empty it."""

    volume: Drawn = Field(description="What it holds; a mass or an energy where the utility is one.")
    generation: Draw = Field(
        description="The rate at which it is filled while it is not full; drawn directly when it is empty."
    )
    start: Content | None = Field(default=None, description="What it holds at the start; none: all.")


class Utility(Model):
    """Something that work draws at rate and of which there is only so much at once."""

    capacity: Draw = Field(
        description="The most that can be drawn at once: a volume flow, a mass flow or a power."
    )
    when_short: Literal["wait", "slow_down"] = Field(
        default="wait",
        description="`wait`: work starts when its whole rate is free; `slow_down`: it starts, and all that "
        "draw share what there is in proportion to their rates and take longer.",
    )
    storage: UtilityStorage | None = Field(default=None, description="None: there is only the capacity.")


class Use(Model):
    """What a piece of work draws of a utility: `rate` or `amount`.

    A quantity alone is the one or the other by its unit.
    """

    rate: Draw | None = Field(default=None, description="Drawn all the time at full speed.")
    amount: Drawn | None = Field(
        default=None, description="Drawn evenly over processing, or over the phase, whatever its length."
    )
    during: Literal["operation", "setup", "start_up", "load", "processing", "unload"] = Field(
        default="processing",
        description="As for people; an amount is drawn during processing. In a phase, cleaning or "
        "maintenance: all the time.",
    )

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, Use) or (isinstance(value, Mapping) and not {"value", "kind"} & set(value)):
            return value
        unit = AnyQuantity.model_validate(value, context={"in_a_file": True}).unit
        return {"amount" if unit in AMOUNTS.values() else "rate": value}
