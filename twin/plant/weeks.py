"""Days and clock times of a weekly calendar, read from their short forms."""

from __future__ import annotations

import re

from twin.plant.units import WrongValueError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_PART = re.compile(rf"({'|'.join(DAYS)})(?:\s*-\s*({'|'.join(DAYS)}))?")


def weekdays(text: str) -> tuple[int, ...]:
    """Days of the week, Monday 0, in ascending order. Raises `WrongValueError`.

    >>> weekdays("Mon-Wed, Sat"), weekdays("Sat-Mon")
    ((0, 1, 2, 5), (0, 5, 6))
    """
    if text.strip() == "daily":
        return tuple(range(7))
    found: set[int] = set()
    offset = 0
    for piece in text.split(","):
        match = _PART.fullmatch(piece.strip())
        if match is None:
            hint = "Write `Mon-Fri`, `Sat`, `Mon,Wed,Fri` or `daily`."
            raise WrongValueError(f"has a day that cannot be read: `{piece.strip()[:40]}`", hint, offset)
        first = DAYS.index(match[1])
        last = DAYS.index(match[2]) if match[2] else first
        found |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        offset += len(piece) + 1
    return tuple(sorted(found))


def seconds_of_day(text: str) -> int:
    """Seconds after midnight of a clock time `HH:MM`; `24:00` is 86400.

    >>> seconds_of_day("06:30")
    23400
    """
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60
