"""Opening hours: the questions of `rules.calendars`, asked of the plant's calendars now."""

from __future__ import annotations

from twin.engine.compiled_engine.compiling import expanded, inner
from twin.engine.compiled_engine.decisions import (
    begins_break,
    is_open,
    time_to_close,
    time_to_open,
    work_fits,
)
from twin.engine.compiled_engine.tables import calendar, head
from twin.engine.compiled_engine.tables.types import Integers
from twin.engine.rules.calendars import FITS, Times

NONE = -1


@expanded
def _opens(p: Integers, c: int) -> Times:
    return p[p[c + calendar.OPENS_AT] : p[c + calendar.OPENS_AT] + p[c + calendar.OPENINGS]]


@expanded
def _closes(p: Integers, c: int) -> Times:
    first = p[c + calendar.OPENS_AT] + p[c + calendar.OPENINGS]
    return p[first : first + p[c + calendar.OPENINGS]]


@expanded
def _rests(p: Integers, c: int) -> Times:
    first = p[c + calendar.OPENS_AT] + 2 * p[c + calendar.OPENINGS]
    return p[first : first + p[c + calendar.OPENINGS]]


@expanded
def _shut(p: Integers, c: int) -> Times:
    return p[p[c + calendar.SHUT_AT] : p[c + calendar.SHUT_AT] + p[c + calendar.SHUTS]]


@expanded
def _again(p: Integers, c: int) -> Times:
    first = p[c + calendar.SHUT_AT] + p[c + calendar.SHUTS]
    return p[first : first + p[c + calendar.SHUTS]]


@inner
def opens(p: Integers, number: int, now: int) -> bool:
    """Whether a calendar is open `now` ns after the start of the run."""
    c = calendar.plan(p, number)
    time = p[head.WEEK_OFFSET] + now
    return is_open(_opens(p, c), _closes(p, c), p[c + calendar.CYCLE], _shut(p, c), _again(p, c), time)


@inner
def closes_in(p: Integers, number: int, now: int) -> int:
    """Time in ns until a calendar closes; 0 where it is closed."""
    c = calendar.plan(p, number)
    time = p[head.WEEK_OFFSET] + now
    return time_to_close(_opens(p, c), _closes(p, c), p[c + calendar.CYCLE], _shut(p, c), _again(p, c), time)


@inner
def turns_in(p: Integers, number: int, now: int) -> int:
    """Time in ns until a calendar closes or opens; `NEVER` where it stays as it is."""
    left = closes_in(p, number, now)
    if left:
        return left
    c = calendar.plan(p, number)
    time = p[head.WEEK_OFFSET] + now
    return time_to_open(_opens(p, c), _closes(p, c), p[c + calendar.CYCLE], _shut(p, c), _again(p, c), time)


@inner
def rule_at_closing(p: Integers, number: int, now: int) -> int:
    """What happens to work in hand at the closing that takes place now."""
    c = calendar.plan(p, number)
    time = p[head.WEEK_OFFSET] + now
    if begins_break(_closes(p, c), _rests(p, c), p[c + calendar.CYCLE], _shut(p, c), time):
        return p[c + calendar.AT_BREAK]
    return p[c + calendar.AT_CLOSE]


@expanded
def fits(p: Integers, number: int, now: int, work: int) -> bool:
    """Whether `work` ns may be started now on this calendar."""
    return not _asks_whether_it_fits(p, number) or _fits(p, number, now, work)


@inner
def _asks_whether_it_fits(p: Integers, number: int) -> bool:
    """Whether a calendar has nothing started before some of its closings that does not fit."""
    c = calendar.plan(p, number)
    return FITS in (p[c + calendar.AT_CLOSE], p[c + calendar.AT_BREAK])


@inner
def _fits(p: Integers, number: int, now: int, work: int) -> bool:
    c = calendar.plan(p, number)
    return work_fits(
        _opens(p, c),
        _closes(p, c),
        _rests(p, c),
        p[c + calendar.CYCLE],
        _shut(p, c),
        _again(p, c),
        p[c + calendar.AT_CLOSE],
        p[c + calendar.AT_BREAK],
        p[head.WEEK_OFFSET] + now,
        work,
    )
