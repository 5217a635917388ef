"""Which unit holds the plant up, by the shifting-bottleneck (active period) method. Pure; for `counting`.

A unit is *active* while it is the unit itself that keeps lots waiting: it works, is set up, cleaned,
maintained or down. It is *inactive* while it waits for something else: starved, blocked, or waiting for
people, containers, transport and so on. The momentary bottleneck at an instant is the unit that has the
longest active period among those active then. While the active period of a bottleneck overlaps with that of
the bottleneck before or after it, the bottleneck shifts, and all of them are shifting bottlenecks; else it is
the sole one.

What the method leaves open is settled so:

- An active period counts whole, also what of it lies outside the window; shares are of the window.
- `off_shift` is neither: closing time does not end an active period that goes on right after it, the closed
  time does not add to its length, and no unit is a bottleneck while it is off shift. So where a whole plant
  works two shifts, what counts is as if the nights were cut out.
- Units whose active periods are equally long at an instant are bottlenecks together, all of them shifting.
- While no unit is active there is no bottleneck.
- The stations of a flow section, `SECTION/STATION`, take no part by themselves: the section does.

Source: Roser, Nakano, Tanaka, Shifting bottleneck detection, WSC 2002; the same, A practical bottleneck
detection method, WSC 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from twin.experiment.arrays import Integers, Mask, Windows, codes, integers

ACTIVE = ("producing", "loading", "unloading", "setup", "start_up", "cleaning", "maintenance", "down")
PAUSED = ("off_shift",)


@dataclass(frozen=True)
class Stretches:
    """Uninterrupted stretches of activity of one unit, in order: start and end in ns, and the active period,
    from 1, that each belongs to; `length` in ns by number of the period, 0 for number 0.
    """

    start: Integers
    end: Integers
    period: Integers
    length: Integers


def bottleneck_times(states: pa.Table, windows: Windows, units: Sequence[str]) -> tuple[Integers, Integers]:
    """Time in ns inside the window that each unit is the sole bottleneck, and a shifting one; shapes (r,
    units).
    """
    place, unit = windows.place(states), codes(states, "unit", units)
    active, paused = (codes(states, "state", names) >= 0 for names in (ACTIVE, PAUSED))
    start, end = integers(states, "start"), integers(states, "end")
    kept = np.flatnonzero((unit >= 0) & (active | paused))
    kept = kept[np.lexsort((start[kept], unit[kept], place[kept]))]
    group = place[kept] * len(units) + unit[kept]
    bounds = np.searchsorted(group, np.arange(len(windows.replications) * len(units) + 1))
    alone = np.zeros((len(windows.replications), len(units)), dtype=np.int64)
    shifting = np.zeros_like(alone)
    for r in range(len(windows.replications)):
        rows = [kept[bounds[k] : bounds[k + 1]] for k in range(r * len(units), (r + 1) * len(units))]
        found = [stretches(start[mine], end[mine], active[mine]) for mine in rows]
        window = (int(windows.start[r]), int(windows.end[r]))
        alone[r], shifting[r] = momentary_bottlenecks(found, *window)
    return alone, shifting


def stretches(start: Integers, end: Integers, active: Mask) -> Stretches:
    """Join the intervals of one unit, in order, that follow each other without a gap.

    Intervals that are not active are pauses: they part stretches, not periods.
    """
    if not active.any():
        nothing = np.empty(0, dtype=np.int64)
        return Stretches(nothing, nothing, nothing, np.zeros(1, dtype=np.int64))
    apart = np.append(True, start[1:] != end[:-1])
    group = np.cumsum(apart)[active]
    opens = np.append(True, apart[1:] | ~active[:-1])[active]
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(opens)) - 1
    begins, ends = start[active][first], end[active][last]
    _, period = np.unique(group[first], return_inverse=True)
    length = np.zeros(int(period[-1]) + 2, dtype=np.int64)
    np.add.at(length, period + 1, ends - begins)
    return Stretches(begins, ends, period.astype(np.int64) + 1, length)


def momentary_bottlenecks(units: Sequence[Stretches], begin: int, end: int) -> tuple[Integers, Integers]:
    """Time in ns between `begin` and `end` that each unit is the sole and a shifting bottleneck, shape
    (units,).

    Time is cut wherever a stretch begins or ends. Between two cuts the units with the longest active period
    are the momentary bottlenecks; the cuts between which they are the same form a run. A unit is a bottleneck
    of such a piece if it is a momentary one, or its active period is one of the run's before or after and
    goes on here.
    """
    edges = [part for unit in units for part in (unit.start, unit.end)]
    cuts = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *edges]))
    count = len(cuts) - 1
    if count < 1:
        return np.zeros(len(units), dtype=np.int64), np.zeros(len(units), dtype=np.int64)
    longest = np.zeros(count, dtype=np.int64)
    for unit in units:
        np.maximum(longest, unit.length[_periods(unit, cuts)], out=longest)
    changes = np.zeros(count, dtype=np.bool_)
    for unit in units:
        momentary = _momentary(unit, _periods(unit, cuts), longest)
        changes[1:] |= momentary[1:] != momentary[:-1]
    run = np.cumsum(changes)
    first = np.concatenate([[0], np.flatnonzero(changes), [count]])
    before, after = np.maximum(first[run] - 1, 0), np.minimum(first[run + 1], count - 1)
    inside = np.maximum(np.minimum(cuts[1:], end) - np.maximum(cuts[:-1], begin), 0)
    members = np.zeros(count, dtype=np.int64)
    for unit in units:
        members += _takes_part(unit, cuts, longest, before, after)
    alone, shifting = np.zeros(len(units), dtype=np.int64), np.zeros(len(units), dtype=np.int64)
    for u, unit in enumerate(units):
        mine = _takes_part(unit, cuts, longest, before, after)
        alone[u] = inside[mine & (members == 1)].sum()
        shifting[u] = inside[mine & (members > 1)].sum()
    return alone, shifting


def _periods(unit: Stretches, cuts: Integers) -> Integers:
    """Number of the active period of a unit in each piece of time, 0 where it is not active."""
    steps = np.zeros(len(cuts), dtype=np.int64)
    np.add.at(steps, np.searchsorted(cuts, unit.start), unit.period)
    np.add.at(steps, np.searchsorted(cuts, unit.end), -unit.period)
    return np.cumsum(steps)[:-1]


def _momentary(unit: Stretches, periods: Integers, longest: Integers) -> Integers:
    """The active period of a unit where it is a momentary bottleneck, else 0."""
    return np.where(unit.length[periods] == longest, periods, 0)


def _takes_part(
    unit: Stretches, cuts: Integers, longest: Integers, before: Integers, after: Integers
) -> Mask:
    """Where a unit is the momentary bottleneck, or its period is the one of the run before or after."""
    periods = _periods(unit, cuts)
    momentary = _momentary(unit, periods, longest)
    same = (momentary == periods) | (momentary[before] == periods) | (momentary[after] == periods)
    return np.asarray(same & (periods > 0))
