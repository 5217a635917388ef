"""Opening hours as sorted changes in nanoseconds: openings joined, breaks cut out, closed dates in line.

Pure interval arithmetic from the words of a calendar; `compile/calendars.py` and `checks.py` call it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from twin.engine.record import SECOND
from twin.engine.rules.calendars import WEEK
from twin.plant import schema
from twin.plant.remembered import remembered
from twin.plant.weeks import seconds_of_day, weekdays

DAY = WEEK // 7
Span = tuple[int, int]


@dataclass(frozen=True)
class Openings:
    """The stretches of one cycle, as in `rules.calendars`; none where it is `always` open."""

    spans: tuple[Span, ...]
    rests: tuple[int, ...]
    cycle: int
    always: bool


@remembered(most=1_000)
def openings(words: schema.Calendar, monday: datetime) -> Openings:
    """The openings of a calendar in ns since `monday`, whose week is the first of the run."""
    cycle = round(words.cycle / (WEEK // SECOND)) * WEEK
    offset = 0 if words.cycle_from is None else _since(monday, monday_before(words.cycle_from)) % cycle
    spans = _merged(_spans(words.open, cycle, offset), cycle)
    pauses = _merged(_spans(words.breaks, cycle, offset), cycle)
    whole = bool(spans) and spans[0][1] - spans[0][0] >= cycle
    if not pauses:
        return Openings(() if whole else spans, () if whole else (0,) * len(spans), cycle, whole)
    if whole:
        spans = _between(pauses, cycle)
        return Openings(spans, (1,) * len(spans), cycle, always=False)
    parts = [part for span in spans for part in _without(span, pauses, cycle)]
    # A stretch that begins past the end of the cycle is one of its beginning.
    parts = sorted((a % cycle, b - (a - a % cycle), rest) for a, b, rest in parts)
    return Openings(
        tuple((a, b) for a, b, _ in parts), tuple(rest for _, _, rest in parts), cycle, always=False
    )


def closed_dates(words: schema.Calendar, monday: datetime) -> tuple[Span, ...]:
    """The closed dates of a calendar in ns since `monday`, sorted and merged, without those before it."""
    spans = sorted((_since(c.from_, monday), _since(c.to, monday)) for c in words.closed)
    return tuple((start, end) for start, end in _joined(spans) if end > 0)


def monday_before(start: datetime) -> datetime:
    """The Monday 00:00 of the week of `start`."""
    return datetime(start.year, start.month, start.day) - timedelta(days=start.weekday())


def _since(time: datetime, other: datetime) -> int:
    """Whole ns from `other` to `time`."""
    gap = time - other
    return (gap.days * 86_400 + gap.seconds) * SECOND + gap.microseconds * 1000


def _spans(words: Iterable[schema.Opening], cycle: int, offset: int) -> list[Span]:
    """The stretches of openings in the cycle, which has run for `offset` ns when the run's week begins."""
    found = []
    for opening in words:
        start, end = (seconds_of_day(text) * SECOND for text in (opening.from_, opening.to))
        if end <= start:
            end += DAY
        weeks = range(cycle // WEEK) if opening.week is None else (opening.week - 1,)
        for week in weeks:
            for day in weekdays(opening.days):
                begins = (week * WEEK + day * DAY + start - offset) % cycle
                found.append((begins, begins + end - start))
    return sorted(found)


def _joined(spans: Iterable[Span]) -> list[list[int]]:
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _merged(spans: list[Span], cycle: int) -> tuple[Span, ...]:
    """Spans that overlap or touch are one, across the end of the cycle as well."""
    merged = _joined(spans)
    while len(merged) > 1 and merged[-1][1] >= cycle + merged[0][0]:
        merged[-1][1] = max(merged[-1][1], cycle + merged.pop(0)[1])
    return tuple((start, end) for start, end in merged)


def _between(pauses: tuple[Span, ...], cycle: int) -> tuple[Span, ...]:
    """What lies between pauses, where all else is open; nothing where they fill the cycle."""
    following = [*pauses[1:], (pauses[0][0] + cycle, 0)]
    gaps = [(end, start) for (_, end), (start, _) in zip(pauses, following, strict=True) if end < start]
    return tuple(sorted((a % cycle, b - (a - a % cycle)) for a, b in gaps))


def _without(span: Span, pauses: tuple[Span, ...], cycle: int) -> list[tuple[int, int, int]]:
    """What breaks leave of an opening, each with whether a break ends it: (start, end, 0 or 1).

    A break that reaches the end of the opening ends the shift.
    """
    start, end = span
    parts = []
    shifted = sorted((a + turn, b + turn) for a, b in pauses for turn in (-cycle, 0, cycle))
    for a, b in shifted:
        if b <= start or a >= end:
            continue
        if a > start:
            parts.append((start, a, 1 if b < end else 0))
        start = b
    if start < end:
        parts.append((start, end, 0))
    return parts
