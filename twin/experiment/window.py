"""A window of a run as a user writes it: `0 h/24 h` after the start, or two dates."""

from __future__ import annotations

from datetime import datetime, timedelta

from twin.engine.record import SECOND
from twin.plant.errors import InputError, Problem
from twin.plant.units import WrongValueError, parse_quantity


def parse_window(text: str, start: datetime) -> tuple[int, int]:
    """(from, to) in ns after the run's start.

    Args:
        text: `FROM/TO`, each a duration after the start or a local date and time in ISO 8601.
        start: date and time at 0 ns.

    Raises:
        InputError: it is neither, or does not end after it starts.
    """
    parts = text.split("/")
    if len(parts) != 2:
        raise _wrong(text, "is not two times with a slash between them")
    begin, end = (_time(part.strip(), text, start) for part in parts)
    if not 0 <= begin < end:
        raise _wrong(text, "does not end after it starts")
    return begin, end


def _time(part: str, whole: str, start: datetime) -> int:
    try:
        return (datetime.fromisoformat(part) - start) // timedelta(microseconds=1) * 1000
    except (ValueError, TypeError):  # no date, or one with a time zone
        pass
    try:
        return round(parse_quantity(part, "time") * SECOND)
    except WrongValueError as error:
        raise _wrong(whole, error.predicate) from None


def _wrong(text: str, predicate: str) -> InputError:
    hint = "Write `0 h/24 h`, or `2026-01-05T06:00/2026-01-06T06:00`."
    return InputError([Problem("--window", 0, 0, f"`{text}` {predicate}.", hint)])
