"""Opening hours: weekly patterns as sorted change times, and the three questions an engine asks of them.

A calendar is two arrays over one week, `opens` and `closes` (ns since Monday 00:00, sorted, merged, none
touching its neighbour; a stretch that crosses the end of the week ends past it). Times are ns since Monday
00:00 of the week in which the run starts. Plain loops over arrays, so that a compiled engine can call them.
"""

from __future__ import annotations

from collections.abc import Sequence

WEEK = 7 * 24 * 3600 * 1_000_000_000  # ns

NEVER = 2**62  # ns; later than any horizon


def is_open(opens: Sequence[int], closes: Sequence[int], time: int) -> bool:
    """Whether the calendar is open at `time` (open at the instant of opening, closed at that of closing)."""
    return time_to_close(opens, closes, time) > 0


def time_to_close(opens: Sequence[int], closes: Sequence[int], time: int) -> int:
    """Time from `time` to the next closing in ns; 0 where the calendar is closed."""
    within = time % WEEK
    for i in range(len(opens)):
        if opens[i] <= within < closes[i]:
            return closes[i] - within
        if closes[i] > WEEK and within < closes[i] - WEEK:
            return closes[i] - WEEK - within
    return 0


def time_to_open(opens: Sequence[int], closes: Sequence[int], time: int) -> int:
    """Time from `time` to the next opening in ns, for a calendar that is closed at `time`."""
    within = time % WEEK
    for i in range(len(opens)):
        if opens[i] > within:
            return opens[i] - within
    return opens[0] + WEEK - within
