"""Opening hours at run time: the questions of `rules.calendars`, asked of a program's calendars now."""

from __future__ import annotations

from twin.engine.program import Program
from twin.engine.rules import calendars
from twin.engine.rules.calendars import FITS, NEVER, begins_break, is_open, work_fits


def calendar_open(program: Program, number: int, now: int) -> bool:
    """Whether a calendar of the program is open `now` ns after the start of the run."""
    c = program.calendars[number]
    return is_open(c.opens, c.closes, c.cycle, c.shut, c.again, program.week_offset + now)


def time_to_close(program: Program, number: int, now: int) -> int:
    """Time in ns until a calendar closes; 0 where it is closed."""
    c = program.calendars[number]
    return calendars.time_to_close(c.opens, c.closes, c.cycle, c.shut, c.again, program.week_offset + now)


def time_to_turn(program: Program, number: int, now: int) -> int:
    """Time in ns until a calendar closes or opens; `NEVER` where it stays as it is."""
    c = program.calendars[number]
    time = program.week_offset + now
    left = time_to_close(program, number, now)
    return left or calendars.time_to_open(c.opens, c.closes, c.cycle, c.shut, c.again, time)


def rule_at_closing(program: Program, number: int, now: int) -> int:
    """What happens to work in hand at the closing that takes place now."""
    c = program.calendars[number]
    rest = begins_break(c.closes, c.rests, c.cycle, c.shut, program.week_offset + now)
    return c.at_break if rest else c.at_close


def fits(program: Program, number: int, now: int, work: int) -> bool:
    """Whether `work` ns may be started now on this calendar."""
    c = program.calendars[number]
    if FITS not in (c.at_close, c.at_break):
        return True
    time = program.week_offset + now
    return work_fits(c.opens, c.closes, c.rests, c.cycle, c.shut, c.again, c.at_close, c.at_break, time, work)


def longest_closed(program: Program) -> int:
    """Time in ns within which every calendar has opened and closed, whatever the closed dates."""
    return max(
        (
            (2 + len(c.shut)) * c.cycle + sum(b - a for a, b in zip(c.shut, c.again, strict=True))
            for c in program.calendars
        ),
        default=0,
    )


__all__ = [
    "NEVER",
    "calendar_open",
    "fits",
    "longest_closed",
    "rule_at_closing",
    "time_to_close",
    "time_to_turn",
]
