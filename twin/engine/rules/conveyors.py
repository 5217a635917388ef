"""When a lot may step on a conveyor, and when the others come to its end once the first one is taken."""

from __future__ import annotations

from collections.abc import Sequence


def may_enter(now: int, last_entered: int, pitch: int) -> bool:
    """Whether the lot before has gone on by a place; times in ns."""
    return now >= last_entered + pitch


def after_taking(dues: Sequence[int], now: int, stood: int, pitch: int, accumulating: bool) -> list[int]:
    """When the lots that remain come to the end, once the first one is taken at `now`; all in ns.

    A belt that stood still for `stood` makes all of them as late. On an accumulating one each keeps a place
    behind the one in front.
    """
    later = [0] * len(dues)
    front = now
    for i in range(len(dues)):
        later[i] = max(dues[i], front + pitch) if accumulating else dues[i] + stood
        front = later[i]
    return later
