"""Short forms of the language: quantities, distributions and needs, each with one parser and one mapping form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of every model of the language: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Dimension = Literal[
    "time", "length", "mass", "volume", "speed", "pressure", "temperature", "count", "dimensionless", "other"
]
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


class Distribution(Model):
    """A random quantity: `lognormal(mean=38 min, cv=0.8)`; a plain quantity is `constant`."""

    kind: Kind
    parameters: dict[str, float] = Field(description="In SI.")
    values: tuple[float, ...] = Field(default=(), description="`discrete` only.")
    weights: tuple[float, ...] = Field(default=(), description="`discrete` only; sum 1.")
    unit: str = Field(default="1", description="SI unit of the values, `1` where there is none.")


class LotSize(Model):
    """Size of a lot: kilograms or pieces."""

    amount: float
    unit: Literal["kg", "pieces"]


class AnyQuantity(Distribution):
    """A quantity of any dimension, or a distribution of one: the consumer checks `unit`."""


Duration = Annotated[float, Field(ge=0)]
Length = float
Mass = float
Speed = float
Volume = float
Point = tuple[float, float]
DurationDistribution = Distribution
CountDistribution = Distribution
DimensionlessDistribution = Distribution
FractionDistribution = Distribution


class WasteDistribution(Distribution):
    """An amount lost, `unit` "kg" or "pieces"."""


Parsed = Any
