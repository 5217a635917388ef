"""From the record's tables and a window to one value for each replication and measure.

Pure functions of the record; no engine computes a measure on the side. Times and levels are summed as
integers and divided once, so a time-weighted mean is the correctly rounded quotient. A measure that a
replication cannot give (the mean lead time of no lot) is null there. `catalogue.py` lists the names,
`statistics.py` turns replications into intervals, `results.py` calls both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from twin.engine.record import SECOND, STATES
from twin.experiment.arrays import (
    Integers,
    Reals,
    Windows,
    codes,
    distinct,
    exact_sums,
    level_steps,
    ratios,
    sums,
)
from twin.experiment.lot_measures import lot_measures, visit_measures
from twin.experiment.lots import read_lots

Columns = dict[str, Reals]

MEASURES_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("measure", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float64()),
    ]
)

# SEMI E10 basic states of the record's states. Engineering time does not occur in a simulated plant.
E10 = {
    "producing": "productive",
    "setup": "scheduled_down",
    "start_up": "scheduled_down",
    "cleaning": "scheduled_down",
    "blocked": "standby",
    "starved": "standby",
    "waiting_people": "standby",
    "waiting_container": "standby",
    "waiting_transport": "standby",
    "down": "unscheduled_down",
    "off_shift": "non_scheduled",
}


@dataclass(frozen=True)
class Names:
    """What the measures range over, each sorted: units, `recipe/operation`, entities of `levels`, lot
    attributes.
    """

    units: tuple[str, ...]
    operations: tuple[str, ...]
    entities: tuple[str, ...]
    attributes: tuple[str, ...]

    @classmethod
    def of(cls, states: pa.Table, lots: pa.Table, levels: pa.Table) -> Names:
        """The names that occur in one record."""
        return cls(
            distinct(states, "unit"),
            operations_of(lots),
            distinct(levels, "entity"),
            attributes_of(lots.column_names),
        )

    @classmethod
    def union(cls, names: Iterable[Names]) -> Names:
        """The names that occur in any of several records, so that measures do not depend on how they are
        cut.
        """
        parts = list(names)
        return cls(
            *(
                tuple(sorted({name for part in parts for name in getattr(part, field)}))
                for field in ("units", "operations", "entities", "attributes")
            )
        )


def operations_of(lots: pa.Table) -> tuple[str, ...]:
    """Every `recipe/operation` that occurs, sorted; needs these two columns only."""
    pairs = lots.select(["recipe", "operation"]).group_by(["recipe", "operation"]).aggregate([]).to_pylist()
    return tuple(sorted(f"{row['recipe']}/{row['operation']}" for row in pairs if row["operation"]))


def attributes_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Names of the lot attributes among the columns of `lots`, sorted."""
    return tuple(sorted(c.removeprefix("attribute.") for c in columns if c.startswith("attribute.")))


def measure(
    states: pa.Table,
    lots: pa.Table,
    levels: pa.Table,
    windows: Mapping[int, tuple[int, int]],
    *,
    names: Names | None = None,
    planned: Mapping[str, float] | None = None,
) -> pa.Table:
    """Compute every measure for every replication of `windows`.

    Args:
        states: the record's `states`.
        lots: the record's `lots`.
        levels: the record's `levels`.
        windows: replication number → (start, end) in ns.
        names: what to range over; default: what occurs in these tables.
        planned: `recipe/operation` → planned run time of one lot in s; without it a unit has no effectiveness
            and no OEE.

    Returns:
        `MEASURES_SCHEMA`, sorted by replication, then by measure in the order computed. Null: no value.

    Raises:
        ValueError: a window ends before it starts, or the tables hold a replication without a window.
    """
    window = Windows.of(windows)
    names = names or Names.of(states, lots, levels)
    visits = read_lots(lots, window, names.operations, names.units, names.attributes)
    times = state_times(states, window, names.units)
    columns = {
        **lot_measures(visits, window),
        **level_measures(levels, window, names.entities),
        **state_measures(times, window, names.units),
        **effectiveness_measures(visits.made(window, len(names.units), planned or {}), times, names.units),
        **visit_measures(visits, window),
    }
    return _long(columns, window)


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


def state_measures(times: Integers, windows: Windows, units: tuple[str, ...]) -> Columns:
    """Utilisation and the share of the window in each state, for each unit."""
    columns: Columns = {}
    for u, unit in enumerate(units):
        open_time = windows.length - times[:, u, STATES.index("off_shift")]
        worked = sum(times[:, u, STATES.index(s)] for s in ("producing", "setup", "start_up", "cleaning"))
        columns[f"unit.{unit}.utilisation"] = _quotient(worked, open_time)
        for s, state in enumerate(STATES):
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


def level_measures(levels: pa.Table, windows: Windows, entities: tuple[str, ...]) -> Columns:
    """Time-weighted means of the counted levels; the time integral is a whole number, divided once.

    `people.NAME.utilisation` is ∫ busy dt / ∫ present dt.
    """
    group, level, start, end = level_steps(levels, windows, entities)
    size = len(windows.replications) * len(entities)
    inside = windows.overlap(group // max(len(entities), 1), start, end)
    integrals = exact_sums(group, inside, size, weights=level)
    of = {name: integrals[k :: len(entities)] for k, name in enumerate(entities)}
    length = windows.length.tolist()
    columns: Columns = {}
    for name, integral in of.items():
        kind, *rest = name.split("/")
        if name == "wip":
            columns["wip_mean"] = ratios(integral, length)
        elif kind == "storage":
            columns[f"storage.{rest[0]}.mean"] = ratios(integral, length)
        elif kind == "container" and rest[1] == "in_use":
            columns[f"container.{rest[0]}.in_use_mean"] = ratios(integral, length)
        elif kind == "people" and rest[1] == "busy":
            columns[f"people.{rest[0]}.utilisation"] = ratios(integral, of[f"people/{rest[0]}/present"])
    return columns


def _quotient(numerator: Integers | Reals | int, denominator: Integers | Reals) -> Reals:
    """Quotient as floats, NaN where the denominator is 0."""
    bottom = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(numerator / bottom, dtype=np.float64)


def _long(columns: Columns, windows: Windows) -> pa.Table:
    """Columns of shape (r,) as one long table."""
    names, count = list(columns), len(windows.replications)
    values = np.array([columns[name] for name in names]).T.ravel()
    measure_code = np.tile(np.arange(len(names), dtype=np.int32), count)
    return pa.table(
        [
            pa.array(np.repeat(windows.replications, len(names)), pa.int32()),
            pa.DictionaryArray.from_arrays(pa.array(measure_code), pa.array(names, pa.string())),
            pa.array(values, mask=np.isnan(values)),
        ],
        schema=MEASURES_SCHEMA,
    )
