"""Counts the sums of all measures from the tables of a whole record. Pure; called by `measures`.

The same sums come from `folding/` where rows are not kept; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from twin.experiment.arrays import Windows
from twin.experiment.counting.levels import count_levels
from twin.experiment.counting.lots import count_lots
from twin.experiment.counting.materials import count_materials
from twin.experiment.counting.units import count_units
from twin.experiment.counting.visits import count_visits
from twin.experiment.lots import read_lots
from twin.experiment.names import Names
from twin.experiment.sums import Sums, empty_sums

__all__ = ["sums_of_record"]


def sums_of_record(
    states: pa.Table,
    lots: pa.Table,
    levels: pa.Table,
    genealogy: pa.Table,
    windows: Windows,
    names: Names,
    planned: Mapping[str, float],
) -> Sums:
    """The sums of every replication of `windows`.

    Args:
        states: the record's `states`.
        lots: the record's `lots`.
        levels: the record's `levels`.
        genealogy: the record's `genealogy`.
        windows: what is measured of each replication.
        names: what to range over.
        planned: `recipe/operation` → planned run time of one lot in s.

    Raises:
        ValueError: the tables hold a replication without a window.
    """
    visits = read_lots(lots, windows, names.operations, names.units, names.attributes)
    counted = {
        **count_lots(visits, windows),
        **count_visits(visits, lots, windows, names, planned),
        **count_units(states, windows, names),
        **count_levels(levels, windows, names),
        **count_materials(visits, genealogy, windows, names),
    }
    return Sums(windows.replications, names, **{**empty_sums(windows.replications, names), **counted})
