"""Transport: which transporter comes, how long a move takes, and when a lock lets it through."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

NOBODY = -1


def nearest(idle: Sequence[bool], approach: Sequence[int]) -> int:
    """Number of the idle transporter with the shortest `approach` in ns, the first of equals; -1: none."""
    best = NOBODY
    for i in range(len(idle)):
        if idle[i] and (best == NOBODY or approach[i] < approach[best]):
            best = i
    return best


def trips(quantity: int, capacity: int) -> int:
    """Trips that a lot takes, both in mg; a capacity of 0 takes any lot at once."""
    if capacity <= 0 or quantity <= capacity:
        return 1
    return (quantity + capacity - 1) // capacity


def drive_through(
    departs: int,
    drive: int,
    shares: Sequence[float],
    locks: Sequence[int],
    takes: Sequence[int],
    first: Sequence[int],
    free_from: MutableSequence[int],
) -> int:
    """When a way that begins at `departs` is over, its airlocks passed; the locks are taken for it.

    `drive` is the time without locks; before the i-th lock of the way, `locks[i]`, lies `shares[i]` of it.
    `takes` is the time to pass each lock of the plant; its chambers are `free_from[first[n]:first[n + 1]]`,
    since when each is free. All times in ns.
    """
    late = 0
    for i in range(len(shares)):
        arrives = departs + round(drive * shares[i]) + late
        lock = locks[i]
        chamber = first[lock]
        for other in range(first[lock] + 1, first[lock + 1]):
            if max(free_from[other], arrives) < max(free_from[chamber], arrives):
                chamber = other
        out = max(free_from[chamber], arrives) + takes[lock]
        free_from[chamber] = out
        late += out - arrives
    return departs + drive + late
