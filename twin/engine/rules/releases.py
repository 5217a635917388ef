"""When waiting lots are let into the plant, and how many at once."""

from __future__ import annotations


def lots_to_let_in(waiting: int, inside: int, limit: int) -> int:
    """Lots to let in now so that no more than `limit` are inside; `inside` may exceed it by hot lots."""
    return max(0, min(waiting, limit - inside))


def has_card(inside: int, limit: int) -> bool:
    """Whether a kanban loop with `limit` cards has one free while `inside` are with lots."""
    return inside < limit


def campaign_lots(waiting: int, size: int, minimum: int, more_will_come: bool) -> int:
    """Lots of a campaign of a product of which `waiting` wait, 0 where it does not begin yet.

    `size` is the most lots of a campaign, 0 for no limit; `minimum` is waived once no more will come.
    """
    if waiting < minimum and more_will_come:
        return 0
    return waiting if size == 0 else min(waiting, size)


def time_until_release(now: int, due: int, before: int) -> int:
    """Time in ns until a lot that has come in is let in, `before` its due date or else at once."""
    return max(0, due - before - now)


def comes_next(
    priority: int,
    value: int,
    lot: int,
    other_priority: int,
    other_value: int,
    other_lot: int,
) -> bool:
    """Whether a waiting lot, or the first of a product, comes before another.

    By priority, then by the value of the rule's sequence (time of coming in or due date in ns, or change-over
    in ns), then by number.
    """
    if priority != other_priority:
        return priority < other_priority
    if value != other_value:
        return value < other_value
    return lot < other_lot
