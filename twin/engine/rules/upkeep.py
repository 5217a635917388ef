"""When a unit is cleaned or maintained: triggers, changes of product, hold limits; and how it wears.

Times and limits are whole nanoseconds; a limit of 0 never falls due.
"""

from __future__ import annotations

NONE = -1


def is_due(
    batches: int, batch_limit: int, running: int, running_limit: int, elapsed: int, elapsed_limit: int
) -> bool:
    """Whether a chore is due by lots, by producing time or by time since it was last done."""
    return (
        (batch_limit > 0 and batches >= batch_limit)
        or (running_limit > 0 and running >= running_limit)
        or (elapsed_limit > 0 and elapsed >= elapsed_limit)
    )


def is_changed(last: int, following: int, cleaned: int, level: int) -> bool:
    """Whether a unit must be cleaned at `level` between two products or families.

    `last` is -1 where it is unknown; `cleaned` is the highest level of cleaning since the last use.
    """
    return last != NONE and last != following and cleaned < level


def must_clean_in_time(since_use: int, limit: int) -> bool:
    """Whether a dirty unit has to be cleaned now, so that the limit is kept."""
    return since_use >= limit


def was_cleaned_too_late(since_use: int, limit: int) -> bool:
    """Whether a cleaning that begins now is later than it may be; at the limit it is not."""
    return since_use > limit


def is_clean_no_longer(since_cleaning: int, limit: int) -> bool:
    """Whether what was cleaned has stood for so long that it counts as clean no longer."""
    return since_cleaning >= limit


def worn_speed(worn: int, per: int, change: float, least: float) -> float:
    """The speed of a unit, a part of that when new, after `worn` ns or lots of which `per` add `change`."""
    return max(least, 1.0 + change * (float(worn) / float(per)))


def worn_failure_rate(worn: int, per: int, change: float) -> float:
    """The factor on the rate of failures after `worn` ns or lots of which `per` add `change`."""
    return 1.0 + change * (float(worn) / float(per))


def wear_left(worn: int, restored: float) -> int:
    """What is left of the wear, in ns or lots, where the part `restored` of it is taken away."""
    return round(worn * (1.0 - restored))
