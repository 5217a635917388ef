"""Numbers as people read them: units of the shop floor, three significant digits, an interval beside
each mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

HOUR, DAY = 3600.0, 86400.0


def display_unit(unit: str, value: float) -> tuple[float, str]:
    """A factor from SI and a label that suit a value of this size.

    >>> display_unit("s", 8.72 * 3600)
    (0.0002777777777777778, 'h')
    >>> display_unit("1/s", 2 / 3600)
    (3600.0, 'per h')
    >>> display_unit("J/lot", 137e6)[1]
    'kWh/lot'
    """
    size = abs(value)
    if unit == "s":
        for limit, label in ((4 * DAY, "d"), (HOUR, "h"), (60.0, "min")):
            if size >= limit:
                return 1 / {"d": DAY, "h": HOUR, "min": 60.0}[label], label
        return 1.0, "s"
    if unit == "J" or unit.startswith("J/"):
        for limit, label in ((3.6e9, "MWh"), (3.6e5, "kWh")):
            if size >= limit:
                return 1 / {"MWh": 3.6e9, "kWh": 3.6e6}[label], label + unit[1:]
    if unit == "1/s":
        for limit, factor, label in ((1.0, 1.0, "per s"), (1 / HOUR, HOUR, "per h")):
            if size >= limit:
                return factor, label
        return DAY, "per d"
    return 1.0, "" if unit == "1" else unit


def three_digits(value: float) -> str:
    """A number to three significant digits, never in powers of ten below a million.

    >>> [three_digits(v) for v in (8.71666, 1234.5, 0.000123, 0.0)]
    ['8.72', '1230', '0.000123', '0']
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    if abs(rounded) >= 1e6 or abs(rounded) < 1e-4:
        return f"{rounded:.2e}"
    return f"{rounded:.{max(2 - math.floor(math.log10(abs(rounded))), 0)}f}"


def largest_of(numbers: Iterable[float | None]) -> float | None:
    """The size of the largest of numbers in a column; None where there are none.

    >>> largest_of([-3.0, None, 2.0]), largest_of([None])
    (3.0, None)
    """
    return max((abs(number) for number in numbers if number is not None), default=None)


def with_interval(
    mean: float | None, low: float | None, high: float | None, unit: str, size: float | None = None
) -> tuple[str, str, str]:
    """Mean, interval and unit as texts, all in the unit that suits the mean, or a number of the `size` given,
    which numbers that stand in a column share; a dash for what there is not.

    >>> with_interval(3000.0, None, None, "s"), with_interval(3000.0, None, None, "s", 4000.0)
    (('50.0', '–', 'min'), ('0.833', '–', 'h'))
    """
    if mean is None:
        return "–", "–", "" if unit == "1" else unit
    largest = max(abs(v) for v in (mean, low, high) if v is not None)
    factor, label = display_unit(unit, largest if size is None else size)
    interval = "–"
    if low is not None and high is not None:
        interval = f"{three_digits(low * factor)} … {three_digits(high * factor)}"
    return three_digits(mean * factor), interval, label
