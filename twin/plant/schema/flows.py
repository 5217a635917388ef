"""Rates of stations and room between them, for flow sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from twin.plant.shorthand import AnyQuantity, as_pydantic
from twin.plant.units import WrongValueError


def _rate(value: AnyQuantity) -> AnyQuantity:
    """A rate of pieces or of mass, above zero wherever that can be seen."""
    hint = "Write for example `400/min` or `60 kg/h`."
    if value.unit not in ("1/s", "kg/s"):
        raise as_pydantic(WrongValueError("must be pieces or a mass per time", hint))
    if value.kind == "constant" and value.parameters["value"] <= 0:
        raise as_pydantic(WrongValueError("must be more than zero", hint))
    return value


def _room(value: AnyQuantity) -> AnyQuantity:
    """How much a buffer holds."""
    hint = "Write for example `2000 pieces`, `5 kg` or `30 s`."
    if value.kind != "constant" or value.unit not in ("pieces", "kg", "s"):
        raise as_pydantic(WrongValueError("must be a number of pieces, a mass or a time", hint))
    if value.parameters["value"] < 0:
        raise as_pydantic(WrongValueError("must not be negative", hint))
    return value


Rate = Annotated[AnyQuantity, AfterValidator(_rate)]
Room = Annotated[AnyQuantity, AfterValidator(_room)]
