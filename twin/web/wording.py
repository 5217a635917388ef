"""Numbers as a plant engineer reads them: three significant digits in a fitting unit.

Pure functions of SI values; the cards, tables and plan of the app use them and nothing else formats a number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

DIGITS = 3
MINUS = "−"

# SI unit → (unit shown, factor), from the largest; the largest in which the value is at least 1 is taken.
SCALES: dict[str, tuple[tuple[str, float], ...]] = {
    "s": (("d", 1 / 86_400), ("h", 1 / 3600), ("min", 1 / 60), ("s", 1.0)),
    "1/s": (("lots/h", 3600.0), ("lots/d", 86_400.0), ("lots/week", 604_800.0)),
    "kg": (("t", 1e-3), ("kg", 1.0), ("g", 1e3)),
    "pieces": (("million", 1e-6), ("thousand", 1e-3), ("pieces", 1.0)),
    "1": (("%", 100.0),),
    "J": (("MWh", 1 / 3.6e9), ("kWh", 1 / 3.6e6), ("J", 1.0)),
    "W": (("MW", 1e-6), ("kW", 1e-3), ("W", 1.0)),
    "m3": (("m³", 1.0), ("l", 1e3)),
    "m3/s": (("m³/h", 3600.0), ("l/h", 3.6e6)),
    "kg/s": (("t/h", 3.6), ("kg/h", 3600.0)),
}

# Measures of unit `1` that are no share.
COUNTS = re.compile(
    r"(container|storage|attribute)\..*|.*\.stops_mean|people\..*\.busy_\w+|(.*\.)?hold_time_violations"
    r"|(.*\.)?deviations|little_ratio"
)


@dataclass(frozen=True)
class Shown:
    """A mean and its interval as text in one unit; `low` and `high` are empty where there is no interval.

    `reach` is half the interval's width, empty where it is zero; it stands in where both bounds read alike.
    """

    mean: str
    low: str
    high: str
    unit: str
    reach: str

    @property
    def interval(self) -> str:
        """The interval in words, or why there is none."""
        if not self.low:
            return "one replication, no interval"
        if self.low != self.high:
            return f"{self.low} to {self.high}"
        return f"± {self.reach}" if self.reach else "in every replication"


def significant(value: float, reference: float | None = None) -> str:
    """Return `value` with as many decimals as give `reference` (default: itself) three significant digits."""
    if math.isnan(value):
        return "–"
    size = abs(value if reference is None else reference)
    if size == 0:
        return "0" if value == 0 else significant(value)
    decimals = DIGITS - 1 - math.floor(math.log10(size))
    rounded = round(value, decimals)
    text = f"{rounded:,.{max(decimals, 0)}f}".replace(",", "\u2009")
    return text.replace("-", MINUS) if rounded != 0 else text.lstrip("-")


def scale(unit: str, value: float) -> tuple[str, float]:
    """Return the unit to show an SI `value` in, and the factor to it."""
    steps = SCALES.get(unit)
    whole, per, each = unit.partition("/")
    if steps is None and per and whole in SCALES:
        shown, factor = scale(whole, value)
        return f"{shown}/{each}", factor
    if steps is None:
        return unit, 1.0
    for shown, factor in steps:
        if abs(value) * factor >= 1:
            return shown, factor
    return steps[-1]


def interval(mean: float, low: float, high: float, unit: str) -> Shown:
    """Return a mean and its interval, both in the unit that fits the mean, with the mean's decimals."""
    shown, factor = scale(unit, mean)
    bounded = not (math.isnan(low) or math.isnan(high))
    reference = mean * factor
    texts = [significant(bound * factor, reference) if bounded else "" for bound in (low, high)]
    reach = significant((high - low) / 2 * factor) if bounded and high > low else ""
    return Shown(significant(reference), texts[0], texts[1], "" if shown == "1" else shown, reach)


def signed(value: float, factor: float = 1.0) -> str:
    """Return a difference with its sign."""
    text = significant(value * factor)
    return f"+{text}" if value > 0 else text


def ratio_unit(name: str, unit: str) -> str:
    """Return `1` only for shares, which read as per cent; counts, means of them and L/(λW) have no unit."""
    return "" if unit == "1" and COUNTS.fullmatch(name) else unit
