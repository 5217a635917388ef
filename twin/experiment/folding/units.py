"""Folds rows of `states`: times by unit, state and cause, and the stretches of activity of each unit.

Compiled; called by `taking.py` with rows of one replication. Stretches and active periods are those
of `active_periods.py`; `bottlenecks.py` makes shares of them when a replication ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twin.engine.record import STATES
from twin.experiment.active_periods import ACTIVE, PAUSED
from twin.experiment.arrays import Integers
from twin.experiment.folding.compiling import entry
from twin.physics.kernels.compiled import inlined

UNIT, STATE, START, END, CAUSE = 0, 1, 2, 3, 6  # columns of `states`
NONE = -1
_COUNTS = np.array([2 if s in ACTIVE else 1 if s in PAUSED else 0 for s in STATES], dtype=np.int64)
_STATES = len(STATES)
_SPREAD = np.int64(0x9E3779B97F4A7C1)  # odd: keys that follow each other fall far apart


class Units(NamedTuple):
    """What is kept of the units of m replications side by side; u units, k places for causes.

    `name` (all units): the number by which a unit is counted. `takes_part` (u,): 1 where a unit can be a
    bottleneck. `cause_key` (k,): (unit · states + state) · 2³² + cause, or none; `causes` (1,): how many
    there are. By replication, first axis m: `times` (u, states) and `cause_time` (k,) in
    ns, none where there was no row. `at` (u,): end of its last active or paused row;
    `open_stretch` (u,): the stretch that a row may go on with, `open_period` (u,) likewise; none: -1.
    `stretches` (s, 4): unit, period, start, end. `lengths` (p,): of active periods, in ns. `used` (2,):
    stretches and periods in use.
    """

    name: Integers
    takes_part: Integers
    cause_key: Integers
    causes: Integers
    times: Integers
    cause_time: Integers
    at: Integers
    open_stretch: Integers
    open_period: Integers
    stretches: Integers
    lengths: Integers
    used: Integers


@inlined
def one(of: Units, place: int) -> Units:
    """What is kept of one replication: without the axis of the replications."""
    return Units(
        of.name,
        of.takes_part,
        of.cause_key,
        of.causes,
        of.times[place],
        of.cause_time[place],
        of.at[place],
        of.open_stretch[place],
        of.open_period[place],
        of.stretches[place],
        of.lengths[place],
        of.used[place],
    )


@entry
def fold_rows(rows: Integers, place: int, done: int, start: int, end: int, of: Units) -> int:
    """Fold rows of one replication, those before `done` are folded; returns how many then are."""
    return int(fold(rows, done, start, end, one(of, place)))


@inlined
def fold(rows: Integers, done: int, start: int, end: int, of: Units) -> int:
    """Fold rows from `done` on over the window [start, end); returns how many are folded, fewer than all
    where `of` is full.
    """
    half = len(of.cause_key) // 2
    for i in range(done, len(rows)):
        if of.causes[0] > half or of.used[0] == len(of.stretches) or of.used[1] == len(of.lengths):
            return i
        unit, state = of.name[rows[i, UNIT]], rows[i, STATE]
        begins, ends = rows[i, START], rows[i, END]
        inside = max(min(ends, end) - max(begins, start), 0)
        of.times[unit, state] = max(of.times[unit, state], 0) + inside
        if rows[i, CAUSE] != NONE:
            key = ((unit * _STATES + state) << 32) + rows[i, CAUSE]
            place = place_of(key, of.cause_key)
            if of.cause_key[place] == NONE:
                of.cause_key[place] = key
                of.causes[0] += 1
            of.cause_time[place] = max(of.cause_time[place], 0) + inside
        if of.takes_part[unit] and _COUNTS[state] > 0:
            _count_activity(unit, begins, ends, _COUNTS[state] == 2, of)
    return len(rows)


@entry
def place_of(key: int, keys: Integers) -> int:
    """Where a key stands among others, or belongs."""
    last = len(keys) - 1
    k = ((key * _SPREAD) >> 20) & last
    while keys[k] != key and keys[k] != NONE:
        k = (k + 1) & last
    return int(k)


@inlined
def _count_activity(unit: int, begins: int, ends: int, active: bool, of: Units) -> None:
    """A row of a unit that is active, or paused: a pause ends a stretch, and only a gap ends a period."""
    if begins != of.at[unit]:
        of.open_period[unit] = NONE
        of.open_stretch[unit] = NONE
    of.at[unit] = ends
    if not active:
        of.open_stretch[unit] = NONE
        return
    if of.open_period[unit] == NONE:
        of.open_period[unit] = of.used[1]
        of.lengths[of.used[1]] = 0
        of.used[1] += 1
    of.lengths[of.open_period[unit]] += ends - begins
    stretch = of.open_stretch[unit]
    if stretch == NONE:
        stretch = of.used[0]
        of.used[0] += 1
        of.open_stretch[unit] = stretch
        of.stretches[stretch, 0] = unit
        of.stretches[stretch, 1] = of.open_period[unit]
        of.stretches[stretch, 2] = begins
    of.stretches[stretch, 3] = ends
