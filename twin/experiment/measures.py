"""From the record's tables and a window to one value for each replication and measure.

Pure functions of the record, or of the sums that were folded over its rows; no engine computes a measure on
the side. Times and levels are summed as integers and divided once, so a time-weighted mean is the correctly
rounded quotient; sums of reals are rounded once, so the order of the rows does not count. A measure that a
replication cannot give (the mean lead time of no lot) is null there. `catalogue.py` lists the names,
`statistics.py` turns replications into intervals, `results.py` calls both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from twin.engine.columns import column, texts
from twin.engine.record import GENEALOGY_SCHEMA
from twin.experiment.arrays import Reals, Windows
from twin.experiment.charges import Charges
from twin.experiment.cost_measures import cost_measures
from twin.experiment.counting import sums_of_record
from twin.experiment.level_measures import (
    fleet_measures,
    level_measures,
    little_ratio,
    tank_measures,
    violation_measures,
)
from twin.experiment.lot_measures import (
    hold_time_measures,
    lot_measures,
    outcome_measures,
    visit_measures,
)
from twin.experiment.names import Names
from twin.experiment.state_measures import (
    bottleneck_measures,
    cause_measures,
    effectiveness_measures,
    state_measures,
)
from twin.experiment.sums import Sums, together

Columns = dict[str, Reals]

MEASURES_SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("measure", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float64()),
    ]
)


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
    stock = pa.Table.from_batches([], GENEALOGY_SCHEMA) if genealogy is None else genealogy
    names = names or Names.of(states, lots, levels, stock)
    return measures_of(
        sums_of_record(states, lots, levels, stock, window, names, planned or {}), window, charges
    )


def measures_of(sums: Sums, windows: Windows, charges: Charges | None = None) -> pa.Table:
    """Every measure of the replications of `sums`, which were counted over `windows`; as `measure`."""
    return _long(columns_of(sums, windows, charges), windows)


class Counted(NamedTuple):
    """Sums of some replications, the windows that they were counted over, and what the plant charges."""

    sums: Sums
    windows: Windows
    charges: Charges | None = None

    def is_like(self, other: Counted) -> bool:
        """Whether both have the same measures."""
        return (
            self.sums.names == other.sums.names
            and self.sums.decided == other.sums.decided
            and self.windows.from_the_start == other.windows.from_the_start
            and self.charges == other.charges
        )


def columns_of_alike(parts: Sequence[Counted]) -> Iterator[tuple[list[int], Columns]]:
    """`columns_of` parts that are alike, one after the other, with the places of these parts: measured at
    once, because each measure is some calls of NumPy's whatever the number of replications.
    """
    alike: list[list[int]] = []
    for k, part in enumerate(parts):
        found = next((places for places in alike if parts[places[0]].is_like(part)), None)
        if found is None:
            alike.append([k])
        else:
            found.append(k)
    for places in alike:
        sums = together([parts[k].sums for k in places])
        windows = Windows.joined([parts[k].windows for k in places])
        yield places, columns_of(sums, windows, parts[places[0]].charges)


def columns_of(sums: Sums, windows: Windows, charges: Charges | None = None) -> Columns:
    """The same by measure, an array of shape (r,) each, in the order computed; NaN: no value."""
    columns = {
        **lot_measures(sums, windows),
        **level_measures(sums, windows),
        **little_ratio(sums),
        **state_measures(sums, windows),
        **cause_measures(sums, windows),
        **bottleneck_measures(sums, windows),
        **effectiveness_measures(sums),
        **visit_measures(sums, windows),
        **outcome_measures(sums),
        **fleet_measures(sums),
        **tank_measures(sums, windows),
        **violation_measures(sums),
        **hold_time_measures(sums),
    }
    if charges is not None:
        columns |= cost_measures(charges, sums, windows, columns)
    return columns


def _long(columns: Columns, windows: Windows) -> pa.Table:
    """Columns of shape (r,) as one long table."""
    names, count = list(columns), len(windows.replications)
    values = np.array([columns[name] for name in names]).T.ravel()
    measure_code = np.tile(np.arange(len(names), dtype=np.int32), count)
    return pa.table(
        [
            column(np.repeat(windows.replications, len(names)).astype(np.int32)),
            pa.DictionaryArray.from_arrays(column(measure_code), texts(names)),
            column(values, mask=np.isnan(values)),
        ],
        schema=MEASURES_SCHEMA,
    )
