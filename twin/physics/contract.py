"""What a unit operation is: named inputs with units and validity ranges, and one pure array function.

An engine calls `UnitOperation.evaluate(material, settings, equipment)` with arrays over n lots (shape (n,),
float64, SI) under the names that the three field lists give, and gets an `Outcome`. A lot outside the
validity range is never an exception: its status says so and the caller decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Array = Any  # an array of any Array-API namespace
Inputs = Mapping[str, Array]

OK = 0
OUT_OF_RANGE = 1


@dataclass(frozen=True)
class Quantity:
    """An input or attribute: SI `unit` (`1` for none), the range the model holds in, a default or none."""

    name: str
    unit: str
    meaning: str
    low: float = float("-inf")
    high: float = float("inf")
    default: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What comes out, lot by lot: arrays of shape (n,).

    `duration` in s; `yield_` the good fraction of what went in; `attributes` by name in SI;
    `status` int8, `OK` or `OUT_OF_RANGE`. A lot out of range has what the equations give there: an
    extrapolation, which need be neither finite nor positive. A lot in range has finite numbers only.
    """

    duration: Array
    yield_: Array
    attributes: Mapping[str, Array]
    status: Array


@dataclass(frozen=True)
class UnitOperation:
    """A model of a unit operation. `material` may name `batch_mass` (kg), which the engine supplies."""

    name: str
    material: tuple[Quantity, ...]
    settings: tuple[Quantity, ...]
    equipment: tuple[Quantity, ...]
    attributes: tuple[Quantity, ...]
    evaluate: Callable[[Inputs, Inputs, Inputs], Outcome]
    gives: Literal["duration"] = "duration"
