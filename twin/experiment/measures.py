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

from twin.engine.record import GENEALOGY_SCHEMA, OCCASIONAL
from twin.experiment.active_periods import bottleneck_measures
from twin.experiment.arrays import Reals, Windows, distinct
from twin.experiment.bulk_measures import (
    fleet_measures,
    hold_time_measures,
    tank_measures,
    violation_measures,
)
from twin.experiment.charges import Charges
from twin.experiment.cost_measures import Tables, cost_measures
from twin.experiment.level_measures import level_measures, little_ratio
from twin.experiment.lot_measures import lot_measures, outcome_measures, visit_measures
from twin.experiment.lots import FAILED, read_lots
from twin.experiment.state_measures import (
    cause_measures,
    effectiveness_measures,
    state_measures,
    state_times,
)

Columns = dict[str, Reals]

MEASURES_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("measure", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Names:
    """What the measures range over, each sorted: units, `recipe/operation`, entities of `levels`, lot
    attributes, unit, state and cause of the states that have one, those of the states that only some
    plants know, and the operations and units at which visits failed: `operation` or `unit`, name, outcome.
    """

    units: tuple[str, ...]
    operations: tuple[str, ...]
    entities: tuple[str, ...]
    attributes: tuple[str, ...]
    causes: tuple[tuple[str, str, str], ...] = ()
    occasional: tuple[str, ...] = ()
    failed: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of(cls, states: pa.Table, lots: pa.Table, levels: pa.Table) -> Names:
        """The names that occur in one record."""
        return cls(
            distinct(states, "unit"),
            operations_of(lots),
            distinct(levels, "entity"),
            attributes_of(lots.column_names),
            causes_of(states),
            occasional_of(states),
            failed_of(lots),
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
                for field in cls.__dataclass_fields__
            )
        )


def operations_of(lots: pa.Table) -> tuple[str, ...]:
    """Every `recipe/operation` that occurs, sorted; needs these two columns only."""
    pairs = lots.select(["recipe", "operation"]).group_by(["recipe", "operation"]).aggregate([]).to_pylist()
    return tuple(sorted(f"{row['recipe']}/{row['operation']}" for row in pairs if row["operation"]))


def causes_of(states: pa.Table) -> tuple[tuple[str, str, str], ...]:
    """Every unit, state and cause that occur together, sorted; needs these three columns only."""
    columns = ["unit", "state", "cause"]
    found = states.select(columns).group_by(columns).aggregate([]).to_pylist()
    return tuple(sorted((row["unit"], row["state"], row["cause"]) for row in found if row["cause"]))


def failed_of(lots: pa.Table) -> tuple[tuple[str, str, str], ...]:
    """Every operation and unit with an outcome of `FAILED` that occurs there, sorted; needs the columns
    `recipe`, `operation`, `unit` and `outcome` only.
    """
    columns = ["recipe", "operation", "unit", "outcome"]
    rows = lots.select(columns).group_by(columns).aggregate([]).to_pylist()
    failed = [row for row in rows if row["outcome"] in FAILED and row["operation"]]
    found = {("operation", f"{row['recipe']}/{row['operation']}", row["outcome"]) for row in failed}
    return tuple(sorted(found | {("unit", row["unit"], row["outcome"]) for row in failed if row["unit"]}))


def occasional_of(states: pa.Table) -> tuple[str, ...]:
    """States of `OCCASIONAL` that occur, sorted; needs the column `state` only."""
    return tuple(name for name in distinct(states, "state") if name in OCCASIONAL)


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
    genealogy: pa.Table | None = None,
    charges: Charges | None = None,
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
        genealogy: the record's `genealogy`; without it no material counts as used.
        charges: what the plant says of costs and footprint; without them there are none.

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
        **little_ratio(visits, levels, window),
        **state_measures(times, window, names.units, names.occasional),
        **cause_measures(states, window, names.causes),
        **bottleneck_measures(states, window, names.units),
        **effectiveness_measures(visits.made(window, len(names.units), planned or {}), times, names.units),
        **visit_measures(visits, window),
        **outcome_measures(visits, window, names.failed, names.units),
        **fleet_measures(levels, window, names.entities),
        **tank_measures(levels, window, names.entities),
        **violation_measures(levels, window, names.entities),
    }
    if "hold_exceeded" in names.attributes:
        columns |= hold_time_measures(lots, window)
    if charges is not None:
        stock = GENEALOGY_SCHEMA.empty_table() if genealogy is None else genealogy
        tables = Tables(visits, levels, stock, times, names.units, window)
        columns |= cost_measures(charges, tables, columns)
    return _long(columns, window)


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
