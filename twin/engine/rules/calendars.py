"""Opening hours: patterns that repeat and closed dates, and the questions that an engine asks of them.

A calendar is two arrays over one cycle of whole weeks, `opens` and `closes` (ns since the Monday 00:00 at
which the run's week begins, sorted, merged, none touching its neighbour; a stretch that crosses the end of
the cycle ends past it; both empty where it is always open), the length `cycle`, and two arrays of closed
dates, `shut` and `again` (ns, sorted, merged, not repeated). `rests` says of each closing whether it begins a
break (1) or ends the shift (0). Times are ns since that Monday. Plain loops over arrays, so that a compiled
engine can call them.
"""

from __future__ import annotations

from collections.abc import Sequence

WEEK = 7 * 24 * 3600 * 1_000_000_000  # ns

NEVER = 2**62  # ns; later than any horizon

FINISH, SUSPEND, FITS, HAND_OVER = range(4)  # what happens to work in hand at a closing

Times = Sequence[int]


def is_open(opens: Times, closes: Times, cycle: int, shut: Times, again: Times, time: int) -> bool:
    """Whether the calendar is open at `time` (open at the instant of opening, closed at that of closing)."""
    return time_to_close(opens, closes, cycle, shut, again, time) > 0


def time_to_close(opens: Times, closes: Times, cycle: int, shut: Times, again: Times, time: int) -> int:
    """Time from `time` to the next closing in ns; 0 where it is closed, `NEVER` where it stays open."""
    if shut_left(shut, again, time) > 0:
        return 0
    left = opening_left(opens, closes, cycle, time)
    for i in range(len(shut)):
        if shut[i] > time:
            return min(left, shut[i] - time)
    return left


def time_to_open(opens: Times, closes: Times, cycle: int, shut: Times, again: Times, time: int) -> int:
    """Time from `time` to the next opening in ns, for a calendar that is closed at `time`."""
    at = time
    while True:  # each turn passes a closed date or comes to an opening
        left = shut_left(shut, again, at)
        if left > 0:
            at += left
        elif opening_left(opens, closes, cycle, at) > 0:
            return at - time
        else:
            at += opening_ahead(opens, cycle, at)


def opening_left(opens: Times, closes: Times, cycle: int, time: int) -> int:
    """Time to the end of the opening around `time`, whatever the closed dates; 0 where there is none."""
    if len(opens) == 0:
        return NEVER
    within = time % cycle
    for i in range(len(opens)):
        if opens[i] <= within < closes[i]:
            return closes[i] - within
        if closes[i] > cycle and within < closes[i] - cycle:
            return closes[i] - cycle - within
    return 0


def opening_ahead(opens: Times, cycle: int, time: int) -> int:
    """Time to the next beginning of an opening after `time`, whatever the closed dates."""
    within = time % cycle
    for i in range(len(opens)):
        if opens[i] > within:
            return opens[i] - within
    return opens[0] + cycle - within


def shut_left(shut: Times, again: Times, time: int) -> int:
    """Time to the end of the closed dates in which `time` lies; 0 where it lies in none."""
    for i in range(len(shut)):
        if shut[i] <= time < again[i]:
            return again[i] - time
    return 0


def begins_break(closes: Times, rests: Times, cycle: int, shut: Times, time: int) -> bool:
    """Whether the closing at `time` begins a break, and not a closed date or the time after a shift."""
    for i in range(len(shut)):
        if shut[i] == time:
            return False
    within = time % cycle
    for i in range(len(closes)):
        if closes[i] % cycle == within:
            return rests[i] == 1
    return False


def work_fits(
    opens: Times,
    closes: Times,
    rests: Times,
    cycle: int,
    shut: Times,
    again: Times,
    at_close: int,
    at_break: int,
    time: int,
    work: int,
) -> bool:
    """Whether `work` ns that begin at `time` meet no closing at which nothing is started unless it fits.

    Work that a break suspends goes on after it; work that is finished through a break counts on in it.
    """
    while True:
        left = time_to_close(opens, closes, cycle, shut, again, time)
        if work <= left:
            return True
        rest = left > 0 and begins_break(closes, rests, cycle, shut, time + left)
        rule = at_break if rest else at_close
        if rule == FITS or not rest:
            return rule != FITS
        time += left
        work -= left
        gap = time_to_open(opens, closes, cycle, shut, again, time)
        if rule == FINISH:
            work -= gap
            if work <= 0:
                return True
        time += gap
