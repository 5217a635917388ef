"""Which waiting lot goes first.

Under `PRIORITY` and `FIFO` a line of lots can be kept in order; the other rules give each lot a whole number,
and the lowest goes first (`goes_before_by_value`). Hot lots go before all others under every rule.
"""

from __future__ import annotations

from twin.engine.rules.calendars import NEVER

PRIORITY = 0
FIFO = 1
SPT = 2
EDD = 3
CRITICAL_RATIO = 4
LEAST_SETUP = 5
OWN = 6  # and above: rules that packages add

HOT = 2**40  # taken off the priority of a hot lot
MILLIONTHS = 1_000_000


def goes_first(
    rule: int,
    priority: int,
    ready: int,
    preference: int,
    lot: int,
    other_priority: int,
    other_ready: int,
    other_preference: int,
    other_lot: int,
) -> bool:
    """Whether a lot goes before another by `rule`, then the unit's preference, then the lot's number.

    `ready` is the time in ns at which a lot began to wait; `preference` is the unit's rank in the
    operation's list.
    """
    if rule == PRIORITY and priority != other_priority:
        return priority < other_priority
    if ready != other_ready:
        return ready < other_ready
    if preference != other_preference:
        return preference < other_preference
    return lot < other_lot


def is_hot(priority: int) -> bool:
    """Whether a lot of this priority goes before all that are not hot."""
    return priority < -HOT // 2


def critical_ratio(now: int, due: int, remaining: int) -> int:
    """Time to the due date over the nominal time still to be worked, in millionths; never where nothing is
    due.

    All in ns. Work that remains is counted in whole milliseconds, at least one.
    """
    if due == NEVER:
        return NEVER
    return (due - now) // max(remaining // MILLIONTHS, 1)


def dispatching_value(
    rule: int, now: int, ready: int, due: int, processing: int, remaining: int, changeover: int
) -> int:
    """What `rule` goes by: of two lots the one with the lower value goes first. All in ns.

    Args:
        rule: one of the constants above, `PRIORITY` excepted.
        now: time.
        ready: when the lot began to wait.
        due: when it is due, `NEVER` where it is not.
        processing: nominal time of its operation on the unit.
        remaining: nominal time of this and all operations after it.
        changeover: nominal time to clean and set up the unit for it.
    """
    if rule == SPT:
        return processing
    if rule == EDD:
        return due
    if rule == CRITICAL_RATIO:
        return critical_ratio(now, due, remaining)
    if rule == LEAST_SETUP:
        return changeover
    return ready


def goes_before_by_value(
    hot: bool,
    value: int,
    priority: int,
    ready: int,
    preference: int,
    lot: int,
    other_hot: bool,
    other_value: int,
    other_priority: int,
    other_ready: int,
    other_preference: int,
    other_lot: int,
) -> bool:
    """Whether a lot goes before another: hot ones first, then by a rule's value, then by priority, time of
    waiting, the unit's preference and number.
    """
    if hot != other_hot:
        return hot
    if value != other_value:
        return value < other_value
    if priority != other_priority:
        return priority < other_priority
    if ready != other_ready:
        return ready < other_ready
    if preference != other_preference:
        return preference < other_preference
    return lot < other_lot
