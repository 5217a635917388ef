"""How many replications may be alive at once: by the memory of one and what the machine has, and by the time
that one takes, because all end at about the same time.

The memory of a replication is estimated from the rows that it has recorded, which are most of it; the bytes
of each kind of row were measured with `tracemalloc`, numbers and what holds them together.
"""

from __future__ import annotations

import os
from pathlib import Path

from twin.engine.simpy_engine.state import State

MOST_ALIVE = 64  # calls of so many times the lots of one gain little by more
SHARE = 0.25  # of the memory that is free, for all that are alive in this process
TOGETHER = 30.0  # s that all that are alive may take, so that something ends now and then
UNKNOWN = 2**30  # bytes taken for free where the system does not say

# bytes
OF_A_STATE = 130
OF_A_LOT = 330
OF_A_LEVEL = 90
OF_AN_ATTRIBUTE = 130
OF_THE_REST = 1_300_000


def bytes_of(state: State) -> int:
    """What a replication holds now, in bytes, within a quarter."""
    recorder = state.recorder
    values = sum(len(values) for values in recorder.attributes.values())
    return (
        OF_THE_REST
        + OF_A_STATE * len(recorder.states)
        + OF_A_LOT * len(recorder.lots)
        + OF_A_LEVEL * (len(recorder.levels) + len(recorder.genealogy))
        + OF_AN_ATTRIBUTE * values
    )


def alive_at_once(each: int, seconds: float = 0.0, free: int | None = None) -> int:
    """How many replications of `each` bytes, of which one takes so many `seconds`, may be alive: from 1 to
    `MOST_ALIVE`; time alone leaves room for four.

    >>> alive_at_once(10_000_000, free=400_000_000), alive_at_once(10_000_000, 5.0, free=400_000_000)
    (10, 6)
    """
    free = free_memory() if free is None else free
    within = MOST_ALIVE if seconds * MOST_ALIVE <= TOGETHER else max(4, int(TOGETHER / seconds))
    return max(1, min(MOST_ALIVE, within, int(SHARE * free) // each))


def free_memory() -> int:
    """Bytes that can be had without swapping, as far as the system says."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:  # not Linux
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):  # Windows has none of it
        return UNKNOWN
