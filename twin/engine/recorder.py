"""Collects a replication's rows as whole numbers and turns them into the record's Arrow tables.

Rows go into flat arrays of int64: an engine appends a few numbers and goes on; names, nulls and order are
made once, at the end.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from twin.engine.program import Program
from twin.engine.record import LEVELS_SCHEMA, LOTS_SCHEMA, OUTCOMES, STATES, STATES_SCHEMA, Record

NULL = -1

Table = npt.NDArray[np.int64]


class Recorder:
    """Rows of one replication. Names are numbered: units, operations and orders as in the program."""

    def __init__(self, program: Program, replication: int) -> None:
        self.program, self.replication = program, replication
        self.states = array("q")  # unit, state, start, end, lot, operation, cause
        self.lots = array(
            "q"
        )  # lot, order, operation, visit, unit, arrived, started, finished, left, outcome, in, good, scrapped
        self.levels = array("q")  # entity, time, level
        self.attributes: dict[str, dict[int, float]] = {name: {} for name in program.attributes}
        self._causes: dict[str, int] = {}
        self._entities: dict[str, int] = {}

    def cause(self, name: str) -> int:
        """The number of a cause."""
        return self._causes.setdefault(name, len(self._causes))

    def entity(self, name: str) -> int:
        """The number of a counted entity."""
        return self._entities.setdefault(name, len(self._entities))

    def causes(self) -> list[tuple[str, int]]:
        """Names of the causes with their numbers."""
        return list(self._causes.items())

    def record(self, end: int) -> Record:
        """The tables of a replication that ended at `end` ns."""
        return Record(
            states=self._states_table(end),
            lots=self._lots_table(),
            levels=self._levels_table(),
            horizon={self.replication: end},
        )

    def _states_table(self, end: int) -> pa.Table:
        rows = _rows(self.states, 7)
        rows = rows[np.lexsort((rows[:, 2], rows[:, 0]))]
        unit, state, start, stop, lot, operation, cause = rows.T
        ends_here = stop == end
        last = np.append(unit[1:] != unit[:-1], True)[: len(unit)]
        return pa.table(
            [
                self._replications(len(rows)),
                _names(unit, self.program.unit_names),
                _names(state, STATES),
                pa.array(start),
                pa.array(stop),
                _nullable(lot),
                _names(operation, [o.name for o in self.program.operations]),
                _names(cause, list(self._causes)),
                pa.array(ends_here & last),
            ],
            schema=STATES_SCHEMA,
        )

    def _lots_table(self) -> pa.Table:
        rows = _rows(self.lots, 13)
        order_of_rows = np.lexsort((rows[:, 3], rows[:, 5], rows[:, 0]))
        rows = rows[order_of_rows]
        (
            lot,
            order,
            operation,
            visit,
            unit,
            arrived,
            started,
            finished,
            left,
            outcome,
            into,
            good,
            scrapped,
        ) = rows.T
        operations, recipes = self.program.operations, self.program.recipes
        recipe = np.array([o.recipe for o in operations], dtype=np.int64)[operation]
        units = [("mg", "pieces").index(r.unit_of_quantity) for r in recipes]
        columns = [
            self._replications(len(rows)),
            pa.array(lot),
            pa.array(order.astype(np.int32)),
            _names(recipe, [r.name for r in recipes]),
            _names(operation, [o.name.rpartition("/")[2] for o in operations]),
            pa.array(visit.astype(np.int16)),
            _names(unit, self.program.unit_names),
            pa.array(arrived),
            _nullable(started),
            _nullable(finished),
            _nullable(left),
            _names(outcome, OUTCOMES),
            _names(np.array(units, dtype=np.int64)[recipe], ("mg", "pieces")),
            pa.array(into),
            _nullable(good),
            pa.array(scrapped),
            pa.array(left == NULL),
        ]
        table = pa.table(columns, schema=LOTS_SCHEMA)
        for name, values in self.attributes.items():
            column = np.full(len(rows), np.nan)
            column[list(values)] = list(values.values())
            column = column[order_of_rows]
            table = table.append_column(f"attribute.{name}", pa.array(column, mask=np.isnan(column)))
        return table

    def _levels_table(self) -> pa.Table:
        rows = _rows(self.levels, 3)
        rows = rows[np.argsort(rows[:, 0], kind="stable")]  # times already rise within an entity
        entity, time, _ = rows.T
        superseded = (entity[1:] == entity[:-1]) & (time[1:] == time[:-1])
        rows = rows[np.append(~superseded, True)[: len(rows)]]
        entity, time, level = rows.T
        return pa.table(
            [
                self._replications(len(rows)),
                _names(entity, list(self._entities)),
                pa.array(time),
                pa.array(level),
                pa.array(np.zeros(len(rows))),
            ],
            schema=LEVELS_SCHEMA,
        )

    def _replications(self, count: int) -> pa.Array:
        return pa.array(np.full(count, self.replication, dtype=np.int32))


def _rows(flat: array[int], width: int) -> Table:
    return np.frombuffer(flat, dtype=np.int64).reshape(-1, width) if flat else np.empty((0, width), np.int64)


def _nullable(values: Table) -> pa.Array:
    return pa.array(values, mask=values == NULL)


def _names(numbers: Table, names: Sequence[str]) -> pa.DictionaryArray:
    """Names by number; `NULL` is null. The dictionary is the same for every replication of a program."""
    indices = pa.array(numbers.astype(np.int32), mask=numbers == NULL)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
