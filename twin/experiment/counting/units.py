"""Times of units by state and cause, and as bottlenecks. Pure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from twin.engine.record import STATES
from twin.experiment.active_periods import bottleneck_times
from twin.experiment.arrays import Integers, Windows, codes, integers, sums
from twin.experiment.counting.lots import Counted
from twin.experiment.names import Names


def count_units(states: pa.Table, windows: Windows, names: Names) -> Counted:
    """What is counted by unit; the stations of flow sections, `SECTION/STATION`, are no bottlenecks."""
    alone, shifting = bottleneck_times(states, windows, [name for name in names.units if "/" not in name])
    takes_part = [k for k, name in enumerate(names.units) if "/" not in name]
    sole = np.zeros((len(windows.replications), len(names.units)), dtype=np.int64)
    shifts = np.zeros_like(sole)
    sole[:, takes_part], shifts[:, takes_part] = alone, shifting
    return {
        "state_times": state_times(states, windows, names.units),
        "cause_times": _cause_times(states, windows, names.causes),
        "bottleneck_sole": sole,
        "bottleneck_shifting": shifts,
    }


def state_times(states: pa.Table, windows: Windows, units: tuple[str, ...]) -> Integers:
    """Time in ns that each unit spends in each state of `STATES` inside the window, shape (r, units,
    states).
    """
    place, unit, state = windows.place(states), codes(states, "unit", units), codes(states, "state", STATES)
    keep = (unit >= 0) & (state >= 0)
    group = ((place * len(units) + unit) * len(STATES) + state)[keep]
    shape = (len(windows.replications), len(units), len(STATES))
    inside = windows.overlap(place, integers(states, "start"), integers(states, "end"))[keep]
    return sums(group, inside, int(np.prod(shape))).reshape(shape)


def _cause_times(states: pa.Table, windows: Windows, causes: tuple[tuple[str, str, str], ...]) -> Integers:
    """Time in ns inside the window that a unit spends in a state for a cause, shape (r, causes)."""
    count = len(windows.replications)
    if not causes:
        return np.zeros((count, 0), dtype=np.int64)
    units, kinds, reasons = (sorted({cause[k] for cause in causes}) for k in range(3))
    place = windows.place(states)
    unit, kind, reason = (
        codes(states, column, names)
        for column, names in (("unit", units), ("state", kinds), ("cause", reasons))
    )
    number = {cause: k for k, cause in enumerate(causes)}
    lookup = np.array(
        [number.get((u, s, c), -1) for u in units for s in kinds for c in reasons], dtype=np.int64
    )
    known = np.flatnonzero((unit >= 0) & (kind >= 0) & (reason >= 0))
    column = lookup[((unit * len(kinds) + kind) * len(reasons) + reason)[known]]
    known, column = known[column >= 0], column[column >= 0]
    start, end = integers(states, "start")[known], integers(states, "end")[known]
    inside = windows.overlap(place[known], start, end)
    return sums(place[known] * len(causes) + column, inside, count * len(causes)).reshape(count, -1)
