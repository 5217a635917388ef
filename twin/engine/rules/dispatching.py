"""Which waiting lot goes first."""

from __future__ import annotations

PRIORITY = 0
FIFO = 1


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
