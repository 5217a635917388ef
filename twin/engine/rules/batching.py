"""Batch operations: how many of the waiting lots a unit takes at once, and whether it waits for more."""

from __future__ import annotations


def lots_at_once(waiting: int, least: int, most: int, waited: int, patience: int) -> int:
    """Lots to start with now; 0 while the unit waits for more.

    Args:
        waiting: lots that could start.
        least: fewer than these never start.
        most: the most at once.
        waited: how long the longest waiting of them has waited in ns.
        patience: how long a unit waits for more than `least` in ns.
    """
    if waiting >= most:
        return most
    if waiting >= least and waited >= patience:
        return waiting
    return 0
