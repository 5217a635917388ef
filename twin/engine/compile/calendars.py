"""Calendars of the program: opening hours as sorted changes in nanoseconds."""

from __future__ import annotations

from datetime import datetime

from twin.engine.compile.context import Context
from twin.engine.openings import closed_dates, monday_before, openings
from twin.engine.program import NONE, Calendar
from twin.engine.rules.calendars import FINISH, FITS, HAND_OVER, SUSPEND
from twin.plant import schema
from twin.plant.remembered import remembered

AT_CLOSE = {
    "finish_operation": FINISH,
    "suspend": SUSPEND,
    "do_not_start_unless_it_fits": FITS,
    "hand_over": HAND_OVER,
}


@remembered(most=1_000)
def calendar(name: str, words: schema.Calendar, monday: datetime) -> Calendar:
    """A calendar of the program, whose time begins on a Monday."""
    hours, closed = openings(words, monday), closed_dates(words, monday)
    return Calendar(
        name=name,
        opens=tuple(start for start, _ in hours.spans),
        closes=tuple(end for _, end in hours.spans),
        at_close=AT_CLOSE[words.at_close],
        at_break=AT_CLOSE[words.at_break or words.at_close],
        rests=hours.rests,
        cycle=hours.cycle,
        shut=tuple(start for start, _ in closed),
        again=tuple(end for _, end in closed),
    )


def calendar_number(at: Context, name: str | None) -> int:
    """A calendar's number; one that is always open is none."""
    if name is None:
        return NONE
    words = at.plant.calendars[name]
    if not words.closed and openings(words, monday_before(at.run.start)).always:
        return NONE
    return at.calendar_numbers[name]
