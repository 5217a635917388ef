"""When a lot may step on a conveyor, and when the others come to its end once the first one is taken."""

from __future__ import annotations

from collections.abc import Sequence


def may_enter(now: int, last_entered: int, pitch: int) -> bool:
    """Whether the lot before has gone on by a place; times in ns."""
    return now >= last_entered + pitch


def after_taking(dues: Sequence[int], now: int, stood: int, pitch: int, accumulating: bool) -> list[int]:
    """When the lots that remain come to the end, once the first one is taken at `now`; all in ns.

    A belt that stood still for `stood` makes all of them as late.
    """
    later = [0] * len(dues)
    front = now
    for i in range(len(dues)):
        later[i] = front = due_behind(dues[i], front, stood, pitch, accumulating)
    return later


def due_behind(due: int, front: int, stood: int, pitch: int, accumulating: bool) -> int:
    """When a lot that was `due` comes to the end; on an accumulating belt a place behind the `front`."""
    return max(due, front + pitch) if accumulating else due + stood
