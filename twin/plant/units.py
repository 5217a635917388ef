"""Quantities with units: text in, SI floats out.

A strict pattern and a closed table; no unit library ever sees a user's text. Temperatures in °C are absolute
and become K; a difference is written in K. Nothing here knows the schema: `shorthand.py` calls this for every
quantity of a file, `changes.py` and the forms call `show` for the way back.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Dimension = Literal[
    "time",
    "length",
    "mass",
    "volume",
    "speed",
    "pressure",
    "power",
    "temperature",
    "count",
    "dimensionless",
    "other",
]

Exponents = tuple[int, int, int, int, int]  # of kg, m, s, K, mol

_BASE = ("kg", "m", "s", "K", "mol")
_NONE: Exponents = (0, 0, 0, 0, 0)
_MASS: Exponents = (1, 0, 0, 0, 0)
_LENGTH: Exponents = (0, 1, 0, 0, 0)
_TIME: Exponents = (0, 0, 1, 0, 0)
_TEMPERATURE: Exponents = (0, 0, 0, 1, 0)
_AMOUNT: Exponents = (0, 0, 0, 0, 1)
_VOLUME: Exponents = (0, 3, 0, 0, 0)
_PRESSURE: Exponents = (1, -1, -2, 0, 0)
_FORCE: Exponents = (1, 1, -2, 0, 0)
_ENERGY: Exponents = (1, 2, -2, 0, 0)
_POWER: Exponents = (1, 2, -3, 0, 0)
_FREQUENCY: Exponents = (0, 0, -1, 0, 0)

PIECES = ("pieces", "piece", "tablets", "tablet", "parts", "part", "vials", "vial")

# Symbol: (factor to SI, exponents).
_SYMBOLS: dict[str, tuple[float, Exponents]] = {
    "ns": (1e-9, _TIME),
    "us": (1e-6, _TIME),
    "µs": (1e-6, _TIME),
    "ms": (1e-3, _TIME),
    **dict.fromkeys(("s", "second", "seconds"), (1.0, _TIME)),
    **dict.fromkeys(("min", "minute", "minutes"), (60.0, _TIME)),
    **dict.fromkeys(("h", "hour", "hours"), (3600.0, _TIME)),
    **dict.fromkeys(("d", "day", "days"), (86400.0, _TIME)),
    **dict.fromkeys(("week", "weeks"), (604800.0, _TIME)),
    "um": (1e-6, _LENGTH),
    "µm": (1e-6, _LENGTH),
    "mm": (1e-3, _LENGTH),
    "cm": (1e-2, _LENGTH),
    "m": (1.0, _LENGTH),
    "km": (1e3, _LENGTH),
    "ug": (1e-9, _MASS),
    "µg": (1e-9, _MASS),
    "mg": (1e-6, _MASS),
    "g": (1e-3, _MASS),
    "kg": (1.0, _MASS),
    "t": (1e3, _MASS),
    "uL": (1e-9, _VOLUME),
    "µL": (1e-9, _VOLUME),
    **dict.fromkeys(("mL", "ml"), (1e-6, _VOLUME)),
    **dict.fromkeys(("L", "l"), (1e-3, _VOLUME)),
    "Pa": (1.0, _PRESSURE),
    "kPa": (1e3, _PRESSURE),
    "MPa": (1e6, _PRESSURE),
    "GPa": (1e9, _PRESSURE),
    "mbar": (1e2, _PRESSURE),
    "bar": (1e5, _PRESSURE),
    "N": (1.0, _FORCE),
    "kN": (1e3, _FORCE),
    "J": (1.0, _ENERGY),
    "kJ": (1e3, _ENERGY),
    "MJ": (1e6, _ENERGY),
    "kWh": (3.6e6, _ENERGY),
    "W": (1.0, _POWER),
    "kW": (1e3, _POWER),
    "K": (1.0, _TEMPERATURE),
    "mol": (1.0, _AMOUNT),
    "mmol": (1e-3, _AMOUNT),
    "Hz": (1.0, _FREQUENCY),
    "rpm": (1 / 60, _FREQUENCY),
    "%": (0.01, _NONE),
    **dict.fromkeys(PIECES, (1.0, _NONE)),
}

_CELSIUS = ("°C", "degC")

# How SI units of a given kind are written; other kinds are spelled out from base units.
_WRITTEN: dict[Exponents, str] = {
    _PRESSURE: "Pa",
    (-1, 1, 2, 0, 0): "1/Pa",
    (1, -1, -1, 0, 0): "Pa*s",
    _FORCE: "N",
    _ENERGY: "J",
    _POWER: "W",
    (0, 2, -2, 0, 0): "J/kg",
    (0, 2, -2, -1, 0): "J/(kg*K)",
    (1, 0, -3, -1, 0): "W/(m2*K)",
    (1, 1, -3, -1, 0): "W/(m*K)",
    (1, 0, -2, 0, 0): "N/m",
}

_EXPECTED: dict[Dimension, tuple[Exponents, str, str]] = {
    "time": (_TIME, "a time", "`6 h`, `38 min`, `7 days`"),
    "length": (_LENGTH, "a length", "`2.5 m`, `8 mm`"),
    "mass": (_MASS, "a mass", "`240 kg`, `250 mg`"),
    "volume": (_VOLUME, "a volume", "`1.2 m3`, `500 L`"),
    "speed": ((0, 1, -1, 0, 0), "a speed", "`1 m/s`"),
    "pressure": (_PRESSURE, "a pressure", "`150 MPa`"),
    "power": (_POWER, "a power", "`12 kW`"),
    "temperature": (_TEMPERATURE, "a temperature", "`25 °C`, or `5 K` for a difference"),
    "count": (_NONE, "a count", "`12`"),
    "dimensionless": (_NONE, "a number without unit", "`0.8`, `80 %`"),
}

REMEMBERED = 4_096  # texts whose reading is kept: the points of a sweep repeat almost all of a plant

NUMBER = r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?"
_FACTOR = r"[A-Za-zµ%°]{1,10}(?:\^?-?\d|[²³])?"
_GROUP = rf"{_FACTOR}(?:[*·]{_FACTOR}|[*·]?\s{_FACTOR}){{0,5}}"
_UNIT = rf"(?:1|{_GROUP})?(?:/(?:{_GROUP}|\({_GROUP}\))){{0,4}}"
_QUANTITY_PATTERN = re.compile(rf"\s*(?P<number>{NUMBER})\s*(?P<unit>{_UNIT})\s*")
_UNIT_PATTERN = re.compile(_UNIT)
_FACTOR_PATTERN = re.compile(r"(?P<symbol>[A-Za-zµ%°]+)(?:\^?(?P<exponent>-?\d)|(?P<small>[²³]))?")
_START_PATTERN = re.compile(rf"\s*(?:{NUMBER})?\s*")


class WrongValueError(ValueError):
    """What is wrong with a value, as the rest of a sentence whose subject the caller knows.

    `offset` counts characters inside the scalar; `path` leads to the part of a mapping that is meant.
    """

    def __init__(
        self,
        predicate: str,
        hint: str = "",
        offset: int = 0,
        path: tuple[str | int, ...] = (),
        at_key: bool = False,
    ) -> None:
        super().__init__(predicate)
        self.predicate = predicate
        self.hint = hint
        self.offset = offset
        self.path = path
        self.at_key = at_key


@dataclass(frozen=True)
class Quantity:
    """A value in SI, and the SI unit (`1` where there is none, `pieces` for pieces)."""

    value: float
    unit: str


@lru_cache(maxsize=REMEMBERED)
def parse_quantity(text: str, dimension: Dimension) -> float:
    """Read `text`, a number with a unit of `dimension`, and return its value in SI.

    Raises `WrongValueError` where the text is no quantity, or its unit is missing, unknown or of another
    dimension.

    >>> parse_quantity("38 min", "time")
    2280.0
    >>> parse_quantity("25 °C", "temperature")
    298.15
    """
    quantity = parse_any(text)
    if dimension == "other":
        return quantity.value
    exponents, noun, examples = _EXPECTED[dimension]
    if exponents_of(quantity.unit) == exponents and (quantity.unit != "pieces" or dimension == "count"):
        return quantity.value
    at, hint = _unit_offset(text), f"Write for example {examples}."
    if quantity.unit == "1" and at >= len(text.rstrip()):
        raise WrongValueError(f"needs the unit of {noun}, and `{text.strip()}` has none", hint)
    raise WrongValueError(f"must be {noun}, and `{text.strip()}` is not", hint, at)


@lru_cache(maxsize=REMEMBERED)
def parse_any(text: str) -> Quantity:
    """Read `text`, a number with any unit or none. Raises `WrongValueError`.

    >>> parse_any("150 MPa")
    Quantity(value=150000000.0, unit='Pa')
    >>> parse_any("160000/h").unit
    '1/s'
    """
    match = _QUANTITY_PATTERN.fullmatch(text[:200]) if len(text) <= 200 else None
    if match is None:
        raise _not_a_quantity(text)
    number, unit = float(match["number"]), match["unit"]
    if unit in _CELSIUS:
        value, written = number + 273.15, "K"
        if value < 0:
            raise WrongValueError(
                f"is below absolute zero: `{text.strip()}`", "The lowest temperature is -273.15 °C."
            )
    elif unit in PIECES:
        value, written = number, "pieces"
    else:
        factor, exponents = _parse_unit(unit, match.start("unit"))
        value, written = _scaled(number, factor), _write(exponents)
    if not math.isfinite(value):
        raise WrongValueError(f"is too large: `{text.strip()}`", "Write a finite number.")
    return Quantity(value, written)


def canonical(unit: str) -> str:
    """The one way in which twin writes the SI unit of the same kind as `unit`.

    Raises `WrongValueError` where `unit` is not a unit.

    >>> canonical("1/MPa"), canonical("g/cm^3"), canonical("1")
    ('1/Pa', 'kg/m3', '1')
    """
    if unit in PIECES:
        return "pieces"
    if unit in _CELSIUS:
        return "K"
    return _write(exponents_of(unit))


def exponents_of(unit: str) -> Exponents:
    """Exponents of kg, m, s, K and mol in `unit`. Raises `WrongValueError` where it is not a unit."""
    if _UNIT_PATTERN.fullmatch(unit) is None:
        raise WrongValueError(
            f"has a unit that cannot be read: `{unit}`", "Write units like `kg/m3` or `W/(m2*K)`."
        )
    return _parse_unit(unit, 0)[1]


def same_kind(a: str, b: str) -> bool:
    """Do two units measure the same kind of thing? `Pa` and `MPa` do, `1` and `pieces` do too."""
    return exponents_of(a) == exponents_of(b)


def symbols() -> dict[str, tuple[str, ...]]:
    """Every symbol that twin reads, by the SI unit of its kind."""
    found: dict[str, list[str]] = {}
    for symbol, (_, exponents) in _SYMBOLS.items():
        found.setdefault("pieces" if symbol in PIECES else _write(exponents), []).append(symbol)
    found["K"] += _CELSIUS
    return {unit: tuple(names) for unit, names in found.items()}


def show(value: float, unit: str) -> str:
    """Write an SI `value` with an SI `unit` so that reading it gives the same float back.

    Times are written in the largest of `h`, `min` and `s` that is exact.

    >>> show(2280.0, "s"), show(1.5e8, "Pa"), show(0.8, "1")
    ('38 min', '150 MPa', '0.8')
    """
    if unit == "1":
        return _number(value)
    for larger in _LARGER.get(unit, ()):
        scaled = value / _SYMBOLS[larger][0]
        text = f"{_number(scaled)} {larger}"
        if value and abs(scaled) >= 1 and len(_number(scaled)) <= 8 and parse_any(text).value == value:
            return text
    separator = "" if unit.startswith("1/") else " "
    return f"{_number(value)}{separator}{unit.removeprefix('1')}"


_LARGER = {"s": ("week", "d", "h", "min"), "Pa": ("MPa", "kPa")}


def _number(value: float) -> str:
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _scaled(number: float, factor: float) -> float:
    """`number`·`factor`, rounded once: a factor below one is exact as a divisor."""
    if 0 < factor < 1 and (divisor := round(1 / factor)) * factor == 1:
        return number / divisor
    return number * factor


def _parse_unit(unit: str, at: int) -> tuple[float, Exponents]:
    factor = 1.0
    exponents = [0, 0, 0, 0, 0]
    for match in _FACTOR_PATTERN.finditer(unit):
        symbol = match["symbol"]
        if symbol not in _SYMBOLS:
            raise _unknown_unit(symbol, at + match.start())
        power = {"²": 2, "³": 3}.get(match["small"] or "", int(match["exponent"] or 1))
        if "/" in unit[: match.start()]:
            power = -power
        scale, kind = _SYMBOLS[symbol]
        factor *= scale**power
        exponents = [e + power * k for e, k in zip(exponents, kind, strict=True)]
    kg, m, s, kelvin, mol = exponents
    return factor, (kg, m, s, kelvin, mol)


def _write(exponents: Exponents) -> str:
    if exponents in _WRITTEN:
        return _WRITTEN[exponents]
    above = [_power(n, e) for n, e in zip(_BASE, exponents, strict=True) if e > 0]
    below = [_power(n, -e) for n, e in zip(_BASE, exponents, strict=True) if e < 0]
    over = "*".join(above) or "1"
    if not below:
        return over
    return f"{over}/{below[0]}" if len(below) == 1 else f"{over}/({'*'.join(below)})"


def _power(symbol: str, exponent: int) -> str:
    return symbol if exponent == 1 else f"{symbol}{exponent}"


def _unit_offset(text: str) -> int:
    match = _START_PATTERN.match(text)
    return match.end() if match else 0


def _not_a_quantity(text: str) -> WrongValueError:
    shown = text.strip() if len(text) <= 60 else text[:57].strip() + "…"
    no_quantity = f"must be a number with a unit, and `{shown}` is not"
    offset = _unit_offset(text)
    rest = text[offset:].strip()[:40]
    if offset == 0 or not text[:offset].strip():
        return WrongValueError(no_quantity, "Write for example `6 h` or `240 kg`.")
    if re.match(r"[.\d]", rest):
        return WrongValueError(no_quantity, "Write for example `6 h`.", offset)
    return WrongValueError(
        f"has a unit that cannot be read: `{rest}`", "Write for example `6 h` or `1.2 m3`.", offset
    )


def _unknown_unit(symbol: str, at: int) -> WrongValueError:
    if symbol in _CELSIUS:
        return WrongValueError(
            "has °C inside a compound unit, where only differences make sense", "Write K.", at
        )
    near = [s for s in _SYMBOLS if s.lower() == symbol.lower()]
    near += difflib.get_close_matches(symbol, [*_SYMBOLS, *_CELSIUS], n=1, cutoff=0.5)
    hint = f"Did you mean `{near[0]}`?" if near else "The units are listed in docs/language.md."
    return WrongValueError(f"has an unknown unit, `{symbol}`", hint, at)
