"""Measures of units from the record's `states`: shares of the window by state and cause, utilisation, and the
measures of ISO 22400. Pure, called by `measures`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from twin.engine.record import OCCASIONAL, SECOND, STATES
from twin.experiment.arrays import Integers, Reals, Windows, codes, sums

Columns = dict[str, Reals]

# SEMI E10 basic states of the record's states. Engineering time does not occur in a simulated plant. Loading
# and unloading belong to regular production in SEMI E10, so they are productive; ISO 22400 counts them as
# busy but not as production, so they are no part of the actual production time below. Waiting for another
# unit, for a release or for a shared utility is standby: the unit could work, but not alone. A utility that
# fails would be downtime of the facility in SEMI E10; the record's cause tells which utility it was.
E10 = {
    "producing": "productive",
    "loading": "productive",
    "unloading": "productive",
    "setup": "scheduled_down",
    "start_up": "scheduled_down",
    "cleaning": "scheduled_down",
    "maintenance": "scheduled_down",
    "blocked": "standby",
    "starved": "standby",
    "waiting_people": "standby",
    "waiting_container": "standby",
    "waiting_transport": "standby",
    "waiting_utility": "standby",
    "waiting_quality": "standby",
    "waiting_unit": "standby",
    "down": "unscheduled_down",
    "off_shift": "non_scheduled",
}

WORKED = ("producing", "loading", "unloading", "setup", "start_up", "cleaning")  # counts as utilised


def state_times(states: pa.Table, windows: Windows, units: tuple[str, ...]) -> Integers:
    """Time in ns that each unit spends in each state of `STATES` inside the window, shape (r, units,
    states).
    """
    place, unit, state = windows.place(states), codes(states, "unit", units), codes(states, "state", STATES)
    start = np.asarray(states.column("start").to_numpy(), dtype=np.int64)
    end = np.asarray(states.column("end").to_numpy(), dtype=np.int64)
    keep = (unit >= 0) & (state >= 0)
    group = ((place * len(units) + unit) * len(STATES) + state)[keep]
    shape = (len(windows.replications), len(units), len(STATES))
    inside = windows.overlap(place, start, end)[keep]
    return sums(group, inside, int(np.prod(shape))).reshape(shape)


def state_measures(
    times: Integers, windows: Windows, units: tuple[str, ...], occasional: tuple[str, ...] = ()
) -> Columns:
    """Utilisation and the share of the window in each state, for each unit; of the states that only some
    plants know, those in `occasional`.
    """
    columns: Columns = {}
    for u, unit in enumerate(units):
        open_time = windows.length - times[:, u, STATES.index("off_shift")]
        worked = sum(times[:, u, STATES.index(s)] for s in WORKED)
        columns[f"unit.{unit}.utilisation"] = _quotient(worked, open_time)
        for s, state in enumerate(STATES):
            if state not in OCCASIONAL or state in occasional:
                columns[f"unit.{unit}.state.{state}"] = _quotient(times[:, u, s], windows.length)
    return columns


def effectiveness_measures(
    made: tuple[Reals, Reals, Reals], times: Integers, units: tuple[str, ...]
) -> Columns:
    """ISO 22400-2 availability, effectiveness, quality ratio and OEE index of each unit.

    How the record's states map to the standard's times, an item being one lot's visit:

    - planned busy time PBT: the window without `off_shift`;
    - actual production time APT: `producing`;
    - produced quantity PQ: visits finished in the window; good quantity GQ: of each its good fraction, 0
      where it went to rework or was scrapped;
    - planned run time per item PRI: the recipe's planned duration of the operation.

    availability = APT / PBT, effectiveness = PRI · PQ / APT, quality ratio = GQ / PQ,
    OEE index = availability · effectiveness · quality ratio.

    So blocking, starving and waiting lower the availability, as the standard has it: its downtimes are all
    times of the plan that are not production. Over a short window effectiveness may exceed 1, where a lot
    that was begun before it finishes inside.

    Args:
        made: PRI · PQ in s, PQ and GQ, each of shape (r, units); NaN in the first where a planned time is
            unknown.
        times: from `state_times`.
        units: names of the units.
    """
    planned, produced, good = made
    columns: Columns = {}
    for u, unit in enumerate(units):
        producing = times[:, u, STATES.index("producing")]
        busy = times[:, u].sum(axis=1) - times[:, u, STATES.index("off_shift")]
        availability = _quotient(producing, busy)
        effectiveness = _quotient(planned[:, u] * SECOND, producing)
        quality = _quotient(good[:, u], produced[:, u])
        columns[f"unit.{unit}.availability"] = availability
        columns[f"unit.{unit}.effectiveness"] = effectiveness
        columns[f"unit.{unit}.quality_ratio"] = quality
        columns[f"unit.{unit}.oee"] = availability * effectiveness * quality
    return columns


def cause_measures(states: pa.Table, windows: Windows, causes: tuple[tuple[str, str, str], ...]) -> Columns:
    """Share of the window that a unit spends in a state for a cause, for each unit, state and cause given."""
    if not causes:
        return {}
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
    start = np.asarray(states.column("start").to_numpy(), dtype=np.int64)[known]
    end = np.asarray(states.column("end").to_numpy(), dtype=np.int64)[known]
    inside = windows.overlap(place[known], start, end)
    count = len(windows.replications)
    times = sums(place[known] * len(causes) + column, inside, count * len(causes)).reshape(count, -1)
    return {
        f"unit.{u}.cause.{s}.{c}": _quotient(times[:, k], windows.length)
        for k, (u, s, c) in enumerate(causes)
    }


def _quotient(numerator: Integers | Reals | int, denominator: Integers | Reals) -> Reals:
    """Quotient as floats, NaN where the denominator is 0."""
    bottom = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(numerator / bottom, dtype=np.float64)
