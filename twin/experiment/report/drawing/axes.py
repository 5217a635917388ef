"""Axes of a drawn figure: where a value stands, and which values are marked, for numbers, dates and names."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

HOUR, DAY = 3600.0, 86400.0
STEPS_OF_DATES = tuple(HOUR * h for h in (1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 2184, 8760))
EPOCH = datetime(1970, 1, 1)
MARKS = 6  # about so many on an axis


@dataclass(frozen=True)
class Axis:
    """Places of values between two pixels. `names` are those of a category axis, in order, else empty."""

    kind: str
    low: float
    high: float
    start: float
    end: float
    names: tuple[str, ...] = ()
    suffix: str = ""
    whole: bool = False  # whether there are only whole numbers on it

    def at(self, value: object) -> float:
        """The pixel of a value."""
        number = self.names.index(str(value)) + 0.5 if self.kind == "category" else number_of(value)
        share = (number - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def band(self) -> float:
        """Pixels of one name."""
        return abs(self.end - self.start) / max(len(self.names), 1)

    def marks(self, most: int = MARKS) -> list[tuple[float, str]]:
        """Pixels and labels of the values that are marked."""
        if self.kind == "category":
            return [(self.at(name), html.unescape(name)) for name in self.names]
        if self.kind == "date":
            return [
                (self.at(when), _date_label(when, step)) for when, step in _dates(self.low, self.high, most)
            ]
        found = ticks(self.low, self.high, most)
        shown = [(value, label) for value, label in found if not self.whole or value == round(value)]
        return [(self.at(value), label + self.suffix) for value, label in shown]


def axis_of(
    values: Iterable[object], layout: Mapping[str, Any], start: float, end: float, *, with_zero: bool = False
) -> Axis:
    """The axis that holds these values, as a figure's layout wants it."""
    listed = list(values)
    suffix = str(layout.get("ticksuffix") or "")
    if layout.get("autorange") == "reversed":
        start, end = end, start
    if kind_of(listed, layout) == "category":
        wanted = [str(name) for name in layout.get("categoryarray") or ()]
        found = dict.fromkeys(map(str, listed))
        names = [name for name in wanted if name in found] + [name for name in found if name not in wanted]
        return Axis("category", 0.0, float(max(len(names), 1)), start, end, tuple(names))
    kind = kind_of(listed, layout)
    given = layout.get("range")
    numbers = [n for n in map(number_of, given or listed) if math.isfinite(n)]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if not given:
        low, high = _widened(low, high, layout.get("rangemode") == "tozero" or with_zero, kind)
    if low == high:
        low, high = low - 0.5, high + 0.5
    whole = kind == "number" and all(n == round(n) for n in numbers)
    return Axis(kind, low, high, start, end, suffix=suffix, whole=whole)


def kind_of(values: Sequence[object], layout: Mapping[str, Any]) -> str:
    """`date`, `category` or `number`."""
    if layout.get("type") == "date":
        return "date"
    return "category" if any(isinstance(value, str) for value in values) else "number"


def number_of(value: object) -> float:
    """A value as a number; a date in seconds since 1970."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - EPOCH).total_seconds()
    return math.nan if value is None else float(value)  # type: ignore[arg-type]  # numbers of any library


def ticks(low: float, high: float, most: int = MARKS) -> list[tuple[float, str]]:
    """Round values from low to high, about `most` of them, with labels of equal digits.

    >>> ticks(0.0, 1.0, 5)
    [(0.0, '0'), (0.2, '0.2'), (0.4, '0.4'), (0.6, '0.6'), (0.8, '0.8'), (1.0, '1')]
    """
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    values = [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(value, _number_label(value)) for value in values]


def _number_label(value: float) -> str:
    if value == 0:
        return "0"
    return (
        f"{value:,.10g}".rstrip("0").rstrip(".")
        if abs(value) < 1
        else f"{value:,.6g}"
        if abs(value) < 1e6
        else f"{value:.3g}"
    )


def _widened(low: float, high: float, to_zero: bool, kind: str) -> tuple[float, float]:
    if to_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.0 if kind == "date" else 0.05 * (high - low)
    return (low if to_zero and low == 0 else low - room), (high if to_zero and high == 0 else high + room)


def _dates(low: float, high: float, most: int) -> list[tuple[datetime, float]]:
    step = next((s for s in STEPS_OF_DATES if (high - low) / s <= most), STEPS_OF_DATES[-1])
    first = math.ceil(low / step)
    return [(EPOCH + timedelta(seconds=k * step), step) for k in range(first, math.floor(high / step) + 1)]


def _date_label(when: datetime, step: float) -> str:
    if step < DAY and (when.hour or when.minute):
        return f"{when:%H:%M}"
    return f"{when.day} {when:%b}" if step < 2184 * HOUR else f"{when:%b %Y}"
