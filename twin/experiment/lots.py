"""The record's `lots` as arrays: visits, sorted so that each lot's visits follow one another. Read by the
measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from twin.engine.record import OUTCOMES, SECOND
from twin.experiment.arrays import (
    NEVER,
    Integers,
    Mask,
    Reals,
    Windows,
    codes,
    integers,
    ordering,
    reals,
)

DONE, REWORK, SCRAPPED, LOST, OPEN, REJECTED, EXPIRED, SPLIT, MERGED = range(len(OUTCOMES))
FAILED = ("rework", "scrapped", "rejected", "expired")  # outcomes of visits that went wrong


@dataclass(frozen=True)
class Visits:
    """Visits of lots to operations, sorted by replication, lot and time; every array has shape (visits,).

    Times are in ns, `NEVER` where it has not happened; quantities in mg or pieces, 0 where unknown.
    `first` and `last` index each lot's first and last visit, shape (lots,). `operation_names` are
    `recipe/operation`.
    """

    place: Integers
    lot: Integers
    operation: Integers
    unit: Integers
    visit: Integers
    due: Integers
    arrived: Integers
    started: Integers
    finished: Integers
    left: Integers
    outcome: Integers
    in_pieces: Mask
    quantity_in: Integers
    good: Integers
    scrapped: Integers
    attributes: Mapping[str, Reals]
    first: Integers
    last: Integers
    operation_names: tuple[str, ...]

    def reworked(self) -> Mask:
        """Whether a lot came back to any operation, shape (lots,)."""
        again = np.concatenate([[0], np.cumsum(self.visit > 0)])
        return np.asarray(again[self.last + 1] > again[self.first])

    def completed(self, windows: Windows) -> Mask:
        """Visits that finished inside the window."""
        ended = (self.outcome != OPEN) & (self.outcome != LOST)
        return np.asarray(ended & (self.finished != NEVER) & windows.holds(self.place, self.finished))


def read_lots(
    lots: pa.Table,
    windows: Windows,
    operations: Sequence[str],
    units: Sequence[str],
    attributes: Sequence[str],
) -> Visits:
    """Read `lots` of the record. An attribute that this table does not have is NaN throughout."""
    place = windows.place(lots)
    lot, arrived, left = integers(lots, "lot"), integers(lots, "arrived"), integers(lots, "left")
    order = ordering(place, lot, arrived, left)
    place, lot = place[order], lot[order]
    change = np.flatnonzero((place[1:] != place[:-1]) | (lot[1:] != lot[:-1])) + 1
    first = np.concatenate([[0], change]) if len(lot) else np.empty(0)
    last = np.concatenate([change - 1, [len(lot) - 1]]) if len(lot) else np.empty(0)
    nothing = np.full(len(lot), np.nan)
    known = set(lots.column_names)
    return Visits(
        place=place,
        lot=lot,
        operation=_operation_codes(lots, operations)[order],
        unit=codes(lots, "unit", units)[order],
        visit=integers(lots, "visit", 0)[order],
        due=integers(lots, "due")[order] if "due" in known else np.full(len(lot), NEVER),
        arrived=arrived[order],
        started=integers(lots, "started")[order],
        finished=integers(lots, "finished")[order],
        left=left[order],
        outcome=codes(lots, "outcome", OUTCOMES)[order],
        in_pieces=codes(lots, "unit_of_quantity", ("pieces",))[order] == 0,
        quantity_in=integers(lots, "quantity_in", 0)[order],
        good=integers(lots, "good", 0)[order],
        scrapped=integers(lots, "scrapped", 0)[order],
        attributes={
            a: reals(lots, f"attribute.{a}")[order] if f"attribute.{a}" in known else nothing
            for a in attributes
        },
        first=first.astype(np.int64),
        last=last.astype(np.int64),
        operation_names=tuple(operations),
    )


def _operation_codes(lots: pa.Table, operations: Sequence[str]) -> Integers:
    """Position of each visit's `recipe/operation` in `operations`, −1 where it has none."""
    pairs = [name.split("/", 1) for name in operations]
    recipes = sorted({recipe for recipe, _ in pairs})
    steps = sorted({step for _, step in pairs})
    table = np.full((len(recipes) + 1, len(steps) + 1), -1, dtype=np.int64)
    for k, (recipe, step) in enumerate(pairs):
        table[recipes.index(recipe), steps.index(step)] = k
    return np.asarray(table[codes(lots, "recipe", recipes), codes(lots, "operation", steps)])


def lead_times_of(lots: pa.Table, windows: dict[int, tuple[int, int]]) -> Reals:
    """Lead times in s of the good lots that left in the window, shape (lots,)."""
    window = Windows.of(windows)
    visits = read_lots(lots, window, (), (), ())
    out = visits.left[visits.last]
    good = (visits.outcome[visits.last] == DONE) & (out != NEVER)
    good &= window.holds(visits.place[visits.last], out)
    return np.asarray((out - visits.arrived[visits.first])[good] / SECOND, dtype=np.float64)


def attribute_of_lots(lots: pa.Table, column: str, windows: dict[int, tuple[int, int]]) -> Reals:
    """An attribute of each lot that has it, as its last visit that finished in the window says, shape
    (lots,). `column` is its name in the record, `attribute.NAME`.
    """
    window = Windows.of(windows)
    name = column.removeprefix("attribute.")
    visits = read_lots(lots, window, (), (), (name,))
    values = visits.attributes[name]
    known = np.flatnonzero(visits.completed(window) & ~np.isnan(values))
    number = np.searchsorted(visits.first, known, side="right")  # of the lot that a visit is of
    last = np.append(number[1:] != number[:-1], True) if len(known) else np.zeros(0, dtype=bool)
    return np.asarray(values[known[last]], dtype=np.float64)
