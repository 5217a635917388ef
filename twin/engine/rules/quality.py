"""Quality: which lots are sampled, and which values and times are within their limits."""

from __future__ import annotations

from twin.engine.rules.tanks import moved


def is_sampled(count: int, every: int, draw: float, fraction: float) -> bool:
    """Whether the lot that comes as number `count` (from 0) is sampled: each `every`-th, or by chance.

    `every` is 0 where chance decides: the draw is uniform on (0, 1) and `fraction` the probability.
    """
    if every > 0:
        return count % every == 0
    return draw < fraction


def within(value: float, low: float, high: float) -> bool:
    """Whether a value lies in its limits, which are good themselves; one that is not a number does not."""
    return low <= value <= high


def too_late(since: int, now: int, longest: int) -> bool:
    """Whether a start at `now` ns comes too late: a lot that may wait 72 h is too late at 72 h."""
    return now - since >= longest


def is_bad(draw: float, fails: float) -> bool:
    """Whether an in-process check is bad: the draw is uniform on (0, 1), `fails` the probability."""
    return draw < fails


def worked_at_check(processing: int, quantity: int, amount: int, number: int) -> int:
    """Processing in ns after which `number` times `amount` of a lot are through, which goes through evenly.

    All of `processing` where the lot holds no more than that: nothing falls due at its very end.
    """
    if number * amount >= quantity:
        return processing
    return moved(processing, number * amount, quantity)
