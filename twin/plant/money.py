"""Prices: an amount of a currency per time, energy, mass, piece or volume, such as `45 EUR/h`.

A currency is three capital letters (ISO 4217) and no unit: it has no factor to another one. The schema keeps
a price as the text that was checked; who computes with it reads it in SI by `parse_price`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from twin.plant.shorthand import as_pydantic, mismatch
from twin.plant.units import NUMBER, PIECES, WrongValueError, parse_any

Per = Literal["time", "energy", "amount", "anything"]

_PATTERN = re.compile(rf"\s*(?P<number>{NUMBER})\s*(?P<currency>[A-Z]{{3}})\s*/\s*(?P<per>\S.*?)\s*")
_EXPECTED: dict[Per, tuple[tuple[str, ...], str, str]] = {
    "time": (("s",), "a price per time", "`45 EUR/h`"),
    "energy": (("J",), "a price of energy", "`0.18 EUR/kWh`"),
    "amount": (("kg", "pieces"), "a price per mass or piece", "`12 EUR/kg` or `0.4 EUR/piece`"),
    "anything": ((), "a price", "`6 EUR/m3`"),
}
_LONGEST = 100  # characters


@dataclass(frozen=True)
class Price:
    """An amount of `currency` for one SI unit `per`: `s`, `J`, `kg`, `pieces`, `m3` or another."""

    amount: float
    currency: str
    per: str


def parse_price(text: str, per: Per = "anything") -> Price:
    """Read `text` as a price; raises `WrongValueError` where it is none, negative, or of something else.

    >>> parse_price("45 EUR/h", "time")
    Price(amount=0.0125, currency='EUR', per='s')
    >>> parse_price("0.4 EUR/piece", "amount").per
    'pieces'
    """
    units, noun, examples = _EXPECTED[per]
    hint = f"Write for example {examples}; a currency is three capital letters."
    match = _PATTERN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        shown = text.strip() if len(text) <= 60 else text[:57].strip() + "…"
        raise WrongValueError(f"must be {noun}, and `{shown}` is not", hint)
    number, unit = match["number"], match["per"]
    if unit in PIECES:
        amount, of = float(number), "pieces"
    else:
        try:
            amount, of = parse_any(f"{number}/{unit}").value, _of(parse_any(f"1 {unit}").unit)
        except WrongValueError as wrong:
            raise WrongValueError(wrong.predicate, wrong.hint, match.start("per")) from None
    if units and of not in units:
        raise WrongValueError(f"must be {noun}, and `{text.strip()}` is not", hint, match.start("per"))
    if amount < 0:
        raise WrongValueError("must not be negative")
    return Price(amount, match["currency"], of)


def _of(unit: str) -> str:
    if unit == "1":
        raise WrongValueError("has a unit that cannot be read: it is of nothing", "Such as `EUR/kg`.")
    return unit


def _price(per: Per) -> BeforeValidator:
    def check(value: Any) -> str:
        if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
            value = f"{value['value']} {value['unit']}"
        try:
            if not isinstance(value, str):
                raise WrongValueError(
                    mismatch(_EXPECTED[per][1], value), f"Write for example {_EXPECTED[per][2]}."
                )
            parse_price(value, per)
        except WrongValueError as wrong:
            raise as_pydantic(wrong) from None
        return value.strip()

    return BeforeValidator(check)


_SCHEMA = WithJsonSchema({"x-form": "QuantityForm"})

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
TimePrice = Annotated[str, _price("time"), _SCHEMA]
EnergyPrice = Annotated[str, _price("energy"), _SCHEMA]
AmountPrice = Annotated[str, _price("amount"), _SCHEMA]
AnyPrice = Annotated[str, _price("anything"), _SCHEMA]
