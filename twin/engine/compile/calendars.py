"""Weekly calendars as sorted changes in nanoseconds."""

from __future__ import annotations

from twin.engine.compile.context import DAY, Context
from twin.engine.program import FINISH, FITS, NONE, SUSPEND, Calendar
from twin.engine.record import SECOND
from twin.engine.rules.calendars import WEEK
from twin.plant import schema
from twin.plant.weeks import seconds_of_day, weekdays

AT_CLOSE = {"finish_operation": FINISH, "suspend": SUSPEND, "do_not_start_unless_it_fits": FITS}


def calendar(name: str, words: schema.Calendar) -> Calendar:
    """A calendar of the program."""
    return Calendar(name, *weekly(words), AT_CLOSE[words.at_close])


def weekly(calendar: schema.Calendar) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Opening and closing times in ns since Monday 00:00, sorted and merged; both empty when always open."""
    spans = sorted(span for opening in calendar.open for span in _spans(opening))
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    while len(merged) > 1 and merged[-1][1] >= WEEK + merged[0][0]:  # joined across the end of the week
        merged[-1][1] = max(merged[-1][1], WEEK + merged.pop(0)[1])
    if merged[0][1] - merged[0][0] >= WEEK:
        return (), ()
    return tuple(s for s, _ in merged), tuple(e for _, e in merged)


def _spans(opening: schema.Opening) -> list[tuple[int, int]]:
    start, end = (seconds_of_day(text) * SECOND for text in (opening.from_, opening.to))
    if end <= start:
        end += DAY
    return [(day * DAY + start, day * DAY + end) for day in weekdays(opening.days)]


def calendar_number(at: Context, name: str | None) -> int:
    """A calendar's number; one that is always open is none."""
    if name is None or not weekly(at.plant.calendars[name])[0]:
        return NONE
    return at.calendar_numbers[name]
