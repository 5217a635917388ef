"""The types of the language's values: each short form with its one parser, as pydantic types.

`6 h`, `lognormal(mean=38 min, cv=0.8)`, `2 operator` and their mapping forms all become the same frozen
values in SI. Parsing itself is in `units.py` and `distributions.py`; the models that use these types are in
`schema/` and `scenario.py`. A plain number where a unit is needed is an error in a file (`IN_A_FILE` as
validation context) and SI elsewhere, so that a dumped model can be read back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from twin.plant.distributions import SI_UNITS, Parameters, parse_distribution, show_distribution
from twin.plant.units import Dimension, WrongValueError, parse_any, parse_quantity

Kind = Literal[
    "constant",
    "uniform",
    "triangular",
    "exponential",
    "normal",
    "lognormal",
    "weibull",
    "gamma",
    "poisson",
    "discrete",
]
IN_A_FILE = {"in_a_file": True}
MOST_IN_A_LOT = 1_000_000_000  # kg or pieces; counted in whole milligrams or pieces


class Model(BaseModel):
    """Base of every model of the language: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Distribution(Model):
    """A random quantity: `lognormal(mean=38 min, cv=0.8)`; a plain quantity is `constant`."""

    kind: Kind
    parameters: dict[str, float] = Field(description="In SI.")
    values: tuple[float, ...] = Field(default=(), description="`discrete` only.")
    weights: tuple[float, ...] = Field(default=(), description="`discrete` only; sum 1.")
    unit: str = Field(default="1", description="SI unit of the values, `1` where there is none.")

    @property
    def mean(self) -> float:
        """Expected value, in `unit`; of `normal` before it is cut off at zero."""
        p = self.parameters
        match self.kind:
            case "constant":
                return p["value"]
            case "uniform":
                return (p["low"] + p["high"]) / 2
            case "triangular":
                return (p["low"] + p["mode"] + p["high"]) / 3
            case "weibull":
                return p["scale"] * math.gamma(1 + 1 / p["shape"])
            case "discrete":
                return math.fsum(v * w for v, w in zip(self.values, self.weights, strict=True))
            case _:
                return p["mean"]

    @property
    def text(self) -> str:
        """The short form, from which the same distribution is read."""
        return show_distribution(Parameters(self.kind, self.parameters, self.values, self.weights, self.unit))


class AnyQuantity(Distribution):
    """A quantity of any dimension, or a distribution of one: the consumer checks `unit`."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any, info: ValidationInfo) -> Any:
        return _parsed(value, info, "other")


class WasteDistribution(Distribution):
    """An amount lost, `unit` "kg" or "pieces"."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any, info: ValidationInfo) -> Any:
        data = _parsed(value, info, "other")
        if not isinstance(data, dict) or "unit" not in data:
            return data
        if data["unit"] not in ("kg", "pieces"):
            raise as_pydantic(
                WrongValueError("must be a mass or a number of pieces", "Write `3 kg` or `500 pieces`.")
            )
        if any(p < 0 for p in (*data["parameters"].values(), *data["values"])):
            raise as_pydantic(WrongValueError("must not be negative"))
        return data


class LotSize(Model):
    """Size of a lot: kilograms or pieces."""

    amount: Annotated[float, Field(gt=0)]
    unit: Literal["kg", "pieces"]

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = repr(value)
        if not isinstance(value, str):
            return _value_and_unit(value, "amount")
        try:
            quantity = parse_any(value)
        except WrongValueError as wrong:
            raise as_pydantic(wrong) from None
        if quantity.unit not in ("kg", "pieces"):
            message = f"must be a mass or a number of pieces, and `{value.strip()}` is neither"
            raise as_pydantic(WrongValueError(message, "Write `240 kg` or `5000 pieces`."))
        if quantity.unit == "pieces" and not quantity.value.is_integer():
            raise as_pydantic(WrongValueError(f"must be whole pieces, and `{value.strip()}` is not"))
        if quantity.value <= 0:
            raise as_pydantic(WrongValueError(f"must be positive, and `{value.strip()}` is not"))
        if quantity.value > MOST_IN_A_LOT:
            raise as_pydantic(WrongValueError(f"must be at most {MOST_IN_A_LOT:,} {quantity.unit}"))
        return {"amount": quantity.value, "unit": quantity.unit}


def _value_and_unit(value: Any, amount: str) -> Any:
    if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
        return {amount: value["value"], "unit": value["unit"]}
    return value


def as_pydantic(wrong: WrongValueError) -> PydanticCustomError:
    """The same complaint in the form that pydantic carries to its list of errors."""
    context = {
        "predicate": wrong.predicate,
        "hint": wrong.hint,
        "offset": wrong.offset,
        "path": wrong.path,
        "at_key": wrong.at_key,
    }
    return PydanticCustomError("twin", "{predicate}", context)


def in_a_file(info: ValidationInfo) -> bool:
    """Does the value come from a file, where a plain number has no unit?"""
    return isinstance(info.context, dict) and bool(info.context.get("in_a_file"))


def _parsed(value: Any, info: ValidationInfo, dimension: Dimension) -> Any:
    """`value` in any form as the fields of a `Distribution`."""
    if isinstance(value, Distribution):
        return value.model_dump()
    if isinstance(value, dict) and "kind" in value and not in_a_file(info):
        return value
    try:
        found = parse_distribution(
            value, dimension, None if in_a_file(info) else SI_UNITS.get(dimension, "1")
        )
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None
    return {
        "kind": found.kind,
        "parameters": found.parameters,
        "values": found.values,
        "weights": found.weights,
        "unit": found.unit,
    }


Validator = Callable[[Any, ValidationInfo], Any]


def _distribution_of(dimension: Dimension) -> Validator:
    def parse(value: Any, info: ValidationInfo) -> Any:
        return _parsed(value, info, dimension)

    return parse


def _fraction(value: Any, info: ValidationInfo) -> Any:
    data = _parsed(value, info, "dimensionless")
    bounded = (data["parameters"].get(key, 0.0) for key in ("value", "low", "mode", "high"))
    if any(not 0 <= number <= 1 for number in (*bounded, *data.get("values", ()))):
        raise as_pydantic(WrongValueError("must lie between 0 and 1", "Write for example `0.98` or `98 %`."))
    return data


def _quantity_of(dimension: Dimension) -> Validator:
    def parse(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not in_a_file(info):
            return value
        try:
            found = parse_distribution(value, dimension)
        except WrongValueError as wrong:
            raise as_pydantic(wrong) from None
        if found.kind != "constant":
            message = f"must be one quantity, and `{value}` is a distribution"
            raise as_pydantic(WrongValueError(message, "Write for example `6 h`."))
        return found.parameters["value"]

    return parse


def _metres(value: Any) -> Any:
    """A coordinate: a plain number is metres."""
    if not isinstance(value, str):
        return _plain_number(value)
    try:
        return parse_quantity(value, "length")
    except WrongValueError as wrong:
        raise as_pydantic(wrong) from None


def _plain_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise as_pydantic(WrongValueError(mismatch("a number", value)))
    if isinstance(value, str):
        try:
            return parse_quantity(value, "dimensionless")
        except WrongValueError as wrong:
            raise as_pydantic(wrong) from None
    return value


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise as_pydantic(WrongValueError(mismatch("a whole number", value)))
    return int(value)


def _true_or_false(value: Any) -> Any:
    if not isinstance(value, bool):
        raise as_pydantic(WrongValueError(mismatch("`true` or `false`", value)))
    return value


def _local_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        message = mismatch("a local date and time", value)
        raise as_pydantic(WrongValueError(message, "Write `2026-01-05 06:00`."))
    return found


def _moment(value: Any, info: ValidationInfo) -> Any:
    """A time after something, in s, or a local date and time; text that begins as a date is one."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\s*\d{4}-", value)):
        return _local_time(value.strip() if isinstance(value, str) else value)
    seconds = _quantity_of("time")(value, info)
    if seconds < 0:
        raise as_pydantic(WrongValueError("must not be negative"))
    return seconds


def _first_instant(value: Any) -> Any:
    """A local date and time; a date alone is its beginning."""
    return _date_or_time(value, days=0)


def _last_instant(value: Any) -> Any:
    """A local date and time; a date alone is its end, the next midnight."""
    return _date_or_time(value, days=1)


def _date_or_time(value: Any, days: int) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        message = mismatch("a date, or a local date and time", value)
        raise as_pydantic(WrongValueError(message, "Write `2026-12-25` or `2026-12-24 14:00`."))
    alone = len(value.strip()) <= len("2026-12-25")
    return found + timedelta(days=days) if alone else found


def mismatch(expected: str, value: object) -> str:
    """The predicate for a `value` that is not what is expected."""
    if value is None:
        return f"is left blank, and must be {expected}"
    return f"must be {expected}, and {describe(value)} is not"


def describe(value: object) -> str:
    """A value in a sentence: short, in backticks, mappings and lists by their kind."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value is None:
        return "nothing"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


_QUANTITY_SCHEMA: dict[str, Any] = {"x-form": "QuantityForm"}
_RANDOM_SCHEMA: dict[str, Any] = {"x-form": "RandomForm"}  # `json_schema.py` puts the forms in
_NUMBER_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[-+.\d]"}]
}

Duration = Annotated[
    float, Field(ge=0), BeforeValidator(_quantity_of("time")), WithJsonSchema(_QUANTITY_SCHEMA)
]
Length = Annotated[float, BeforeValidator(_quantity_of("length")), WithJsonSchema(_QUANTITY_SCHEMA)]
Mass = Annotated[float, Field(gt=0), BeforeValidator(_quantity_of("mass")), WithJsonSchema(_QUANTITY_SCHEMA)]
Speed = Annotated[
    float, Field(gt=0), BeforeValidator(_quantity_of("speed")), WithJsonSchema(_QUANTITY_SCHEMA)
]
Volume = Annotated[
    float, Field(gt=0), BeforeValidator(_quantity_of("volume")), WithJsonSchema(_QUANTITY_SCHEMA)
]
Power = Annotated[
    float, Field(ge=0), BeforeValidator(_quantity_of("power")), WithJsonSchema(_QUANTITY_SCHEMA)
]
Coordinate = Annotated[
    float, Field(ge=-1e5, le=1e5), BeforeValidator(_metres), WithJsonSchema(_NUMBER_SCHEMA)
]
Point = tuple[Coordinate, Coordinate]
Number = Annotated[float, BeforeValidator(_plain_number), WithJsonSchema(_NUMBER_SCHEMA)]
Whole = Annotated[int, BeforeValidator(_whole_number), WithJsonSchema({"type": "integer"})]
TrueOrFalse = Annotated[bool, BeforeValidator(_true_or_false), WithJsonSchema({"type": "boolean"})]
Moment = Annotated[
    float | datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\s*\d{4}-"}, _QUANTITY_SCHEMA]}),
]
LocalTime = Annotated[datetime, BeforeValidator(_local_time), WithJsonSchema({"type": "string"})]
FirstInstant = Annotated[datetime, BeforeValidator(_first_instant), WithJsonSchema({"type": "string"})]
LastInstant = Annotated[datetime, BeforeValidator(_last_instant), WithJsonSchema({"type": "string"})]
DurationDistribution = Annotated[
    Distribution, BeforeValidator(_distribution_of("time")), WithJsonSchema(_RANDOM_SCHEMA)
]
CountDistribution = Annotated[
    Distribution, BeforeValidator(_distribution_of("count")), WithJsonSchema(_RANDOM_SCHEMA)
]
DimensionlessDistribution = Annotated[
    Distribution, BeforeValidator(_distribution_of("dimensionless")), WithJsonSchema(_RANDOM_SCHEMA)
]
FractionDistribution = Annotated[Distribution, BeforeValidator(_fraction), WithJsonSchema(_RANDOM_SCHEMA)]
