"""Collects a replication's rows as whole numbers and turns them into the record's Arrow tables.

An engine appends a few numbers and goes on; names, nulls and order are made once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from twin.engine.columns import column, texts
from twin.engine.merging import merged, turn_by_name
from twin.engine.program import NONE, Program
from twin.engine.record import (
    GENEALOGY_SCHEMA,
    LEVELS_SCHEMA,
    LOTS_SCHEMA,
    OUTCOMES,
    SECOND,
    STATES,
    STATES_SCHEMA,
    Record,
)
from twin.engine.rows import GENEALOGY_COLUMNS, LEVEL_COLUMNS, NOT_DUE, STATE_COLUMNS, Rows
from twin.engine.rules.parts import ROOT

NULL = -1
NEVER = 2**62

Table = npt.NDArray[np.int64]
Row = tuple[int, ...]


class Recorder:
    """Rows of one replication. Names are numbered: units, operations and orders as in the program."""

    def __init__(self, program: Program, replication: int) -> None:
        self.program, self.replication = program, replication
        self.states: list[Row] = []  # unit, state, start, end, lot, operation, cause
        # lot, operation, visit, unit, arrived, started, finished, left, outcome, in, scrapped
        self.lots: list[Row] = []
        self.orders: list[int] = []  # the order line of each lot
        self.due: dict[int, int] = {}  # ns, by lot
        self.begins = 0  # ns; of a run that goes on from a snapshot, the time of that
        self.cut_from = NEVER  # the first row of `states` that the horizon closed
        self.levels: list[Row] = []  # entity, time, level
        self.level_rates: dict[int, float] = {}  # per s, by row of `levels`; 0 where none is said
        self.genealogy: list[Row] = []  # time, operation, material, delivered, parent, child, quantity
        self.attributes: dict[str, dict[int, float]] = {name: {} for name in program.attributes}
        self.sinks: dict[str, dict[int, int]] = {"sampled": {}} if program.quality.sampled else {}
        if any(o.transfer_to >= 0 or any(mg > 0 for _, mg in o.tanks) for o in program.operations):
            self.sinks["tanks"] = {}
        self.reasons: dict[int, int] = {}  # cause by row of `lots`
        self.remarks: dict[int, tuple[int, int]] = {}  # cause and ns exceeded, by unit, of the visit in hand
        self._causes: dict[str, int] = {}
        self._entities: dict[str, int] = {}

    def cause(self, name: str) -> int:
        """The number of a cause."""
        return self._causes.setdefault(name, len(self._causes))

    def entity(self, name: str) -> int:
        """The number of a counted entity."""
        return self._entities.setdefault(name, len(self._entities))

    def changing_level(self, entity: int, time: int, level: int, rate: float) -> None:
        """Note a level that changes at `rate` per s from `time` on."""
        self.level_rates[len(self.levels)] = rate
        self.levels.append((entity, time, level))

    def remark(self, unit: int, cause: int, exceeded: int) -> None:
        """Note why the visit in hand on a unit ends as it does, for its row; `NULL`: the next row of all.

        `exceeded` is the time in ns by which a hold time was passed, or `NULL`.
        """
        self.remarks[unit] = (cause, exceeded)

    def write_remark(self, unit: int) -> None:
        """Write what was noted of a unit's visit to the row that comes next."""
        remark = self.remarks.pop(unit, None)
        if remark is None:
            return
        row = len(self.lots)
        self.reasons[row] = remark[0]
        if remark[1] != NULL:
            self.attributes["hold_exceeded"][row] = remark[1] / SECOND

    def causes(self) -> list[tuple[str, int]]:
        """Names of the causes with their numbers."""
        return list(self._causes.items())

    def memory(self) -> dict[str, object]:
        """What later rows still need of all that was recorded, such as the numbers of names."""
        return {name: value for name, value in vars(self).items() if name not in _OF_ROWS}

    def forget(self, begins: int) -> None:
        """Begin anew at `begins` ns without a row."""
        self.begins = begins
        for rows in (self.states, self.lots, self.levels, self.genealogy):
            rows.clear()
        for values in (self.level_rates, *self.attributes.values()):
            values.clear()
        for numbers in (self.reasons, *self.sinks.values()):
            numbers.clear()

    def record(self, end: int) -> Record:
        """The tables of a replication that ended at `end` ns."""
        return Record(
            states=self._states_table(),
            lots=self._lots_table(),
            levels=self._levels_table(),
            genealogy=self._genealogy_table(),
            horizon={self.replication: end},
        )

    def block(self) -> Rows:
        """All rows so far as one block, in the order in which they came."""
        count = len(self.lots)
        reasons = np.full(count, NULL, dtype=np.int64)
        if self.program.quality.decides:
            reasons[list(self.reasons)] = list(self.reasons.values())
        attributes = np.full((count, len(self.attributes)), np.nan)
        for k, values in enumerate(self.attributes.values()):
            attributes[list(values), k] = list(values.values())
        rates = np.zeros(len(self.levels))
        rates[list(self.level_rates)] = list(self.level_rates.values())
        due = np.full(len(self.orders), NOT_DUE)
        due[list(self.due)] = list(self.due.values())
        return Rows(
            states=_rows(self.states, STATE_COLUMNS),
            lots=np.column_stack([_rows(self.lots, 11), reasons, self._taken(count)]),
            attributes=attributes,
            levels=_rows(self.levels, LEVEL_COLUMNS),
            rates=rates,
            due=due,
            genealogy=_rows(self.genealogy, GENEALOGY_COLUMNS),
        )

    def entities(self) -> list[str]:
        """Names of the counted entities, by number."""
        return list(self._entities)

    def _states_table(self) -> pa.Table:
        rows, cut = self._states_of_units()
        in_order = np.argsort(rows[:, 0], kind="stable")  # a unit's rows came in order
        unit, state, start, stop, lot, operation, cause = rows[in_order].T
        return pa.table(
            [
                self._replications(len(rows)),
                _names(unit, self.program.unit_names),
                _names(state, STATES),
                column(start),
                column(stop),
                _nullable(lot),
                _names(operation, [o.name for o in self.program.operations]),
                _sorted_names(cause, self._causes),
                column(cut[in_order]),
            ],
            schema=STATES_SCHEMA,
        )

    def _states_of_units(self) -> tuple[Table, npt.NDArray[np.bool_]]:
        """The rows of `states`, those of the parts of a unit as one, and which ones the horizon cut."""
        cut = np.arange(len(self.states)) >= self.cut_from
        first_of = {i: u.part_of for i, u in enumerate(self.program.units) if u.part_of != NONE}
        if not first_of:
            return _rows(self.states, 7), cut
        parts: dict[int, list[Row]] = {first: [] for first in first_of.values()}
        turn = turn_by_name(list(self._causes))
        rows = []
        for row in self.states:
            first = first_of.get(row[0], row[0])
            if first in parts:
                parts[first].append((*row[:2], max(row[2], self.begins), *row[3:]))
            else:
                rows.append(row)
        cut = cut[[i for i, row in enumerate(self.states) if first_of.get(row[0], row[0]) not in parts]]
        for first, of_parts in parts.items():
            whole = merged(of_parts, first, turn)
            rows += whole
            cut = np.append(cut, [self.cut_from != NEVER and row is whole[-1] for row in whole])
        return _rows(rows, 7), cut.astype(np.bool_)

    def _lots_table(self) -> pa.Table:
        rows = _rows(self.lots, 11)
        in_order = np.argsort(rows[:, 0], kind="stable")  # a lot's rows came in order
        lot, operation, visit, unit, arrived, started, finished, left, outcome, into, scrapped = rows[
            in_order
        ].T
        operations, recipes = self.program.operations, self.program.recipes
        recipe = np.array([o.recipe for o in operations], dtype=np.int64)[operation]
        in_pieces = np.array([r.unit_of_quantity == "pieces" for r in recipes], dtype=np.int64)
        columns = [
            self._replications(len(rows)),
            column(lot),
            column(np.array(self.orders, dtype=np.int32)[lot & ROOT]),
            self._due(lot & ROOT),
            _names(recipe, [r.name for r in recipes]),
            _names(operation, [o.name.rpartition("/")[2] for o in operations]),
            column(visit.astype(np.int16)),
            _names(unit, self.program.unit_names),
            column(arrived),
            _nullable(started),
            _nullable(finished),
            _nullable(left),
            _names(outcome, OUTCOMES),
            _names(in_pieces[recipe], ("mg", "pieces")),
            column(into),
            column(into - scrapped, mask=finished == NULL),
            column(scrapped - self._taken(len(rows))[in_order]),
            column(left == NULL),
        ]
        table = pa.table(columns, schema=LOTS_SCHEMA)
        table = self._with_quality(table, in_order)
        for name, values in self.attributes.items():
            given = np.full(len(rows), np.nan)
            given[list(values)] = list(values.values())
            given = given[in_order]
            table = table.append_column(f"attribute.{name}", column(given, mask=np.isnan(given)))
        return table

    def _taken(self, rows: int) -> Table:
        """What each row gives to the named sinks; the engine counts it with what is lost."""
        taken = np.zeros(rows, dtype=np.int64)
        for sink in self.sinks.values():
            for row, quantity in sink.items():
                taken[row] += quantity
        return taken

    def _with_quality(self, table: pa.Table, in_order: Table) -> pa.Table:
        """The table with a cause where lots have one, and with a column for each named sink."""
        if self.program.quality.decides:
            causes = np.full(len(in_order), NULL, dtype=np.int64)
            causes[list(self.reasons)] = list(self.reasons.values())
            table = table.append_column("cause", _sorted_names(causes[in_order], self._causes))
        for name, sink in self.sinks.items():
            taken = np.zeros(len(in_order), dtype=np.int64)
            taken[list(sink)] = list(sink.values())
            table = table.append_column(f"sink.{name}", column(taken[in_order]))
        return table

    def _due(self, lot: Table) -> pa.Array:
        due = np.full(len(self.orders), NEVER)
        due[list(self.due)] = list(self.due.values())
        return column(due[lot & ROOT], mask=due[lot & ROOT] == NEVER)

    def _levels_table(self) -> pa.Table:
        rows = _rows(self.levels, 3)
        rates = np.zeros(len(rows))
        rates[list(self.level_rates)] = list(self.level_rates.values())
        rows[:, 0] = _in_order_of_names(self._entities)[rows[:, 0]]
        in_order = np.argsort(rows[:, 0], kind="stable")  # times already rise within an entity
        rows, rates = rows[in_order], rates[in_order]
        entity, time, _ = rows.T
        superseded = (entity[1:] == entity[:-1]) & (time[1:] == time[:-1])
        last = np.append(~superseded, True)[: len(rows)]
        entity, time, level = rows[last].T
        return pa.table(
            [
                self._replications(len(level)),
                _names(entity, sorted(self._entities)),
                column(time),
                column(level),
                column(rates[last]),
            ],
            schema=LEVELS_SCHEMA,
        )

    def _genealogy_table(self) -> pa.Table:
        rows = _rows(self.genealogy, 7)
        time, operation, material, delivered, parent, child, quantity = rows.T
        materials, recipes = self.program.materials, self.program.recipes
        # A made amount counts in the unit of the lot that takes it, a material's in its own.
        of_material = [m.unit_of_quantity == "pieces" for m in materials]
        of_operation = [recipes[o.recipe].unit_of_quantity == "pieces" for o in self.program.operations]
        in_pieces = np.where(
            material == NULL,
            np.array(of_operation, dtype=np.int64)[operation],
            np.array([*of_material, False], dtype=np.int64)[material],
        )
        return pa.table(
            [
                self._replications(len(rows)),
                column(time),
                _names(operation, [o.name for o in self.program.operations]),
                _names(material, [m.name for m in materials]),
                _nullable(delivered),
                _nullable(parent),
                column(child),
                _names(in_pieces, ("mg", "pieces")),
                column(quantity),
            ],
            schema=GENEALOGY_SCHEMA,
        )

    def _replications(self, count: int) -> pa.Array:
        return column(np.full(count, self.replication, dtype=np.int32))


# Attributes of a recorder that say something of its rows, or of no replication.
_OF_ROWS = frozenset(
    {
        "attributes",
        "cut_from",
        "genealogy",
        "level_rates",
        "levels",
        "lots",
        "program",
        "reasons",
        "replication",
        "sinks",
        "states",
    }
)


def _rows(rows: list[Row] | Table, width: int) -> Table:
    if isinstance(rows, np.ndarray):  # of the compiled engine
        return rows
    flat = np.fromiter(chain.from_iterable(rows), np.int64, count=len(rows) * width)
    return flat.reshape(-1, width)


def _nullable(values: Table) -> pa.Array:
    return column(values, mask=values == NULL)


def _sorted_names(numbers: Table, known: dict[str, int]) -> pa.DictionaryArray:
    """Names by number, those that occur in their own order: in which one they were numbered shows nowhere."""
    used = np.unique(numbers[numbers != NULL])
    names = list(known)
    there = {names[number]: number for number in used.tolist()}
    place = np.full(len(known) + 1, NULL, dtype=np.int64)
    place[[there[name] for name in sorted(there)]] = np.arange(len(there))
    return _names(place[numbers], sorted(there))


def _in_order_of_names(known: dict[str, int]) -> Table:
    """The place of each name, by its number, among all in their own order."""
    place = np.zeros(len(known), dtype=np.int64)
    place[[known[name] for name in sorted(known)]] = np.arange(len(known))
    return place


def _names(numbers: Table, names: Sequence[str]) -> pa.DictionaryArray:
    """Names by number; `NULL` is null. The dictionary is the same for every replication of a program."""
    unique = list(dict.fromkeys(names))
    if len(unique) < len(names):
        numbers = np.array([*(unique.index(name) for name in names), NULL], dtype=np.int64)[numbers]
    indices = column(numbers.astype(np.int32), mask=numbers == NULL)
    return pa.DictionaryArray.from_arrays(indices, texts(unique))
