"""How often lots travel from one place to another, counted in a run's record.

A lot goes from the unit of one visit to the unit of the next; where it was not claimed at once and its
operation says where lots wait, it goes by way of that storage. Trips of containers without lots, of people
and of a load that needs several trips are not in the record of lots and not counted. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import pyarrow as pa

from twin.plant.control import master
from twin.plant.layout import STORAGE
from twin.plant.schema import Plant

Flow = Mapping[tuple[str, str], float]

_COLUMNS = ["replication", "lot", "recipe", "operation", "unit", "arrived", "started"]


def trips(plant: Plant, lots: pa.Table) -> dict[tuple[str, str], float]:
    """Trips between places (unit names, `storage/NAME`), mean over the replications in the table.

    Args:
        plant: that was run.
        lots: the record's table of one or more replications.
    """
    ordered = lots.select(_COLUMNS).sort_by(
        [("replication", "ascending"), ("lot", "ascending"), ("arrived", "ascending")]
    )
    found: Counter[tuple[str, str]] = Counter()
    replications = set()
    of: tuple[int, int] | None = None
    places: list[str] = []
    for row in ordered.to_pylist():
        replications.add(row["replication"])
        if (row["replication"], row["lot"]) != of:
            found.update(_steps(places))
            of, places = (row["replication"], row["lot"]), []
        places += _places(plant, row)
    found.update(_steps(places))
    return {pair: count / len(replications) for pair, count in sorted(found.items())}


def _places(plant: Plant, row: Mapping[str, Any]) -> list[str]:
    """Where a visit took the lot: to the storage in which it waited, and to the unit that claimed it."""
    operation = plant.recipes[master(row["recipe"])].operations[row["operation"]]
    waited = row["started"] is None or row["started"] > row["arrived"]
    stored = waited and operation.wait_in in plant.storage
    storage = [f"{STORAGE}{operation.wait_in}"] if stored else []
    return storage + ([row["unit"]] if row["started"] is not None else [])


def _steps(places: Iterable[str]) -> list[tuple[str, str]]:
    return [(a, b) for a, b in pairwise(places) if a != b]
