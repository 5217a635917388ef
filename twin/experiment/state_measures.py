"""Measures of units: shares of the window by state, by cause and as bottlenecks, utilisation, and the
measures of ISO 22400. Pure, called by `measures`.
"""

from __future__ import annotations

import numpy as np

from twin.engine.record import OCCASIONAL, STATES
from twin.experiment.arrays import Integers, Reals, Windows
from twin.experiment.sums import Sums

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


def state_measures(sums: Sums, windows: Windows) -> Columns:
    """Utilisation and the share of the window in each state, for each unit; of the states that only some
    plants know, those that occur.
    """
    columns: Columns = {}
    times, length = sums.state_times, windows.length[:, None]
    worked = times[:, :, [STATES.index(state) for state in WORKED]].sum(axis=2)
    utilisation = _quotient(worked, length - times[:, :, STATES.index("off_shift")])
    shares = _quotient(times, length[:, None])
    known = [(s, n) for s, n in enumerate(STATES) if n not in OCCASIONAL or n in sums.names.occasional]
    for u, unit in enumerate(sums.names.units):
        columns[f"unit.{unit}.utilisation"] = utilisation[:, u]
        for s, state in known:
            columns[f"unit.{unit}.state.{state}"] = shares[:, u, s]
    return columns


def effectiveness_measures(sums: Sums) -> Columns:
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
    """
    columns: Columns = {}
    planned = np.where(sums.unplanned > 0, np.nan, sums.planned.astype(np.float64))
    producing = sums.state_times[:, :, STATES.index("producing")]
    busy = sums.state_times.sum(axis=2) - sums.state_times[:, :, STATES.index("off_shift")]
    availability = _quotient(producing, busy)
    effectiveness = _quotient(planned, producing)
    quality = _quotient(sums.good, sums.produced)
    oee = availability * effectiveness * quality
    for u, unit in enumerate(sums.names.units):
        columns[f"unit.{unit}.availability"] = availability[:, u]
        columns[f"unit.{unit}.effectiveness"] = effectiveness[:, u]
        columns[f"unit.{unit}.quality_ratio"] = quality[:, u]
        columns[f"unit.{unit}.oee"] = oee[:, u]
    return columns


def bottleneck_measures(sums: Sums, windows: Windows) -> Columns:
    """For each unit the share of the window in which it is the bottleneck: in all, alone, and shifting.

    The stations of a flow section, `SECTION/STATION`, take no part by themselves.
    """
    columns: Columns = {}
    alone, shifting = sums.bottleneck_sole, sums.bottleneck_shifting
    shares = [_quotient(times, windows.length[:, None]) for times in (alone + shifting, alone, shifting)]
    for u, unit in enumerate(sums.names.units):
        if "/" not in unit:
            for word, share in zip(("", "_sole", "_shifting"), shares, strict=True):
                columns[f"unit.{unit}.bottleneck{word}"] = share[:, u]
    return columns


def cause_measures(sums: Sums, windows: Windows) -> Columns:
    """Share of the window that a unit spends in a state for a cause, for each unit, state and cause that
    occur together.
    """
    shares = _quotient(sums.cause_times, windows.length[:, None])
    return {f"unit.{u}.cause.{s}.{c}": shares[:, k] for k, (u, s, c) in enumerate(sums.names.causes)}


def _quotient(numerator: Integers | Reals, denominator: Integers | Reals) -> Reals:
    """Quotient as floats, element by element, NaN where the denominator is 0."""
    bottom = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(numerator / bottom, dtype=np.float64)
