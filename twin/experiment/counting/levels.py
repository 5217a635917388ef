"""Sums over what the record counts beside lots and states: integrals, peaks and rises of levels, contents of
tanks. Pure.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from twin.engine.record import SECOND
from twin.experiment.arrays import (
    Integers,
    Windows,
    changing_steps,
    exact_sums,
    level_steps,
    sums,
)
from twin.experiment.counting.lots import Counted, wide
from twin.experiment.names import Names
from twin.experiment.sums import NONE

_PART = (1 << 24) - 1


def count_levels(levels: pa.Table, windows: Windows, names: Names) -> Counted:
    """What is counted by entity, and by tank."""
    n, count = len(windows.replications), len(names.entities)
    shape, size = (n, count), n * count
    group, level, start, end = level_steps(levels, windows, names.entities)
    inside = windows.overlap(group // max(count, 1), start, end)
    highest = np.full(size, NONE)
    np.maximum.at(highest, group[inside > 0], level[inside > 0])
    rise = np.diff(level, prepend=0)
    rise[np.diff(group, prepend=-1) != 0] = 0  # with what a replication begins has not happened in it
    new = windows.holds(group // max(count, 1), start)
    return {
        "integrals": wide(_weighted_sums(group, inside, level, size)).reshape(shape),
        "peaks": highest.reshape(shape),
        "rises": sums(group[new], rise[new], size).reshape(shape),
        **_tanks(levels, windows, names.tanks),
    }


def _weighted_sums(group: Integers, times: Integers, level: Integers, size: int) -> list[int]:
    """∫ level dt by group; large levels in parts, whose products with times stay far from overflow."""
    total = [0] * size
    scale = 0
    while scale == 0 or np.any(level >> scale):
        part = (level >> scale) & _PART
        found = exact_sums(group, times, size, weights=part)
        total = [a + (b << scale) for a, b in zip(total, found, strict=True)]
        scale += _PART.bit_length()
    return total


def _tanks(levels: pa.Table, windows: Windows, tanks: tuple[str, ...]) -> Counted:
    """∫ content dt of each tank, its least and most, and its times at its volume and at its heel."""
    n = len(windows.replications)
    found = [_tank(levels, windows, tank) for tank in tanks]
    return {
        name: np.stack([column[name] for column in found], axis=1)
        for name in ("tank_content", "tank_least", "tank_most", "tank_full", "tank_empty")
        if found and n
    }


def _tank(levels: pa.Table, windows: Windows, tank: str) -> Counted:
    name, n = f"tank/{tank}", len(windows.replications)
    place, level, rate, start, end = changing_steps(levels, windows, (name,))
    first, last = np.maximum(start, windows.start[place]), np.minimum(end, windows.end[place])
    inside = last > first
    place, level, rate = place[inside], level[inside], rate[inside]
    start, first, last = start[inside], first[inside], last[inside]
    before = level + rate * ((first - start) / SECOND)
    after = level + rate * ((last - start) / SECOND)
    least, most = np.full(n, np.inf), np.full(n, -np.inf)
    for ends in (before, after):
        np.minimum.at(least, place, ends)
        np.maximum.at(most, place, ends)
    still = rate == 0
    full = still & (level >= _constant(levels, windows, f"{name}/volume")[place])
    empty = still & (level <= _constant(levels, windows, f"{name}/heel")[place])
    return {
        "tank_content": np.bincount(place, (before + after) / 2 * (last - first), n).astype(np.float64),
        "tank_least": np.where(np.isinf(least), np.nan, least),
        "tank_most": np.where(np.isinf(most), np.nan, most),
        "tank_full": sums(place[full], (last - first)[full], n),
        "tank_empty": sums(place[empty], (last - first)[empty], n),
    }


def _constant(levels: pa.Table, windows: Windows, entity: str) -> Integers:
    """The level of what never changes, in each replication."""
    place, level, _, _ = level_steps(levels, windows, (entity,))
    found = np.zeros(len(windows.replications), dtype=np.int64)
    found[place] = level
    return found
