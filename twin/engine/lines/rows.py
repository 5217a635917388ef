"""From the times of a line to its rows, those that the SimPy engine writes, and to the record.

`rows_of` gives one block of rows for whatever takes rows, `record_of` the tables. Neither looks at
`Passage.at_once`: a replication in which rounds of an instant may matter is the SimPy engine's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twin.engine.lines.passage import LOST, Passage, Stage
from twin.engine.lines.recursion import LIMITED
from twin.engine.program import Program
from twin.engine.record import OUTCOMES, STATES, Record
from twin.engine.recorder import NEVER, NULL, Recorder
from twin.engine.rows import NOT_DUE, Rows

Integers = npt.NDArray[np.int64]

_PRODUCING, _BLOCKED, _STARVED = (STATES.index(s) for s in ("producing", "blocked", "starved"))
_DONE, _LOST, _OPEN = (OUTCOMES.index(s) for s in ("done", "lost", "open"))


def causes_of(program: Program) -> list[str]:
    """Names of the causes of blocking by number: of all storages."""
    return [storage.name for storage in program.storages]


def entities_of(program: Program) -> list[str]:
    """Names of the counted entities by number: all storages, and the lots in the plant."""
    return [*(f"storage/{storage.name}" for storage in program.storages), "wip"]


def rows_of(passage: Passage) -> Rows:
    """All rows of a replication; causes and entities are numbered as in `causes_of` and `entities_of`."""
    lots = _visits_of(passage)
    return Rows(
        states=np.concatenate(_states(passage)),
        lots=np.column_stack([lots, np.full(len(lots), NULL), np.zeros(len(lots), dtype=np.int64)]),
        levels=_levels(passage),
        due=_due(passage),
    )


def record_of(passage: Passage) -> Record:
    """The record of a replication."""
    program = passage.tables.program
    recorder = Recorder(program, passage.replication)
    for name in causes_of(program):
        recorder.cause(name)
    for name in entities_of(program):
        recorder.entity(name)
    recorder.orders = passage.order.tolist()
    recorder.due = {lot: due for lot, due in enumerate(_due(passage).tolist()) if due != NOT_DUE}
    closed, cut = _states(passage)
    if program.horizon is not None:
        recorder.cut_from = len(closed)
    # A recorder takes rows as arrays as well, though it is not said to.
    rows: Any = recorder
    rows.states = np.concatenate([closed, cut])
    rows.lots = _visits_of(passage)
    rows.levels = _levels(passage)
    return recorder.record(passage.end)


def _due(passage: Passage) -> Integers:
    """When each lot is due, in ns."""
    due = np.full(len(passage.order), NOT_DUE, dtype=np.int64)
    for number, line in enumerate(passage.tables.program.orders):
        if line.due is not None:
            mine = passage.order == number
            due[mine] = line.due + (0 if line.due_is_a_date else passage.released[mine])
    return due


def _states(passage: Passage) -> tuple[Integers, Integers]:
    """Rows of `states` that came to an end, and those that the end of the replication closes."""
    end = passage.end
    idle = set(range(len(passage.tables.program.units)))
    rows: list[Integers] = []
    for stage in passage.stages:
        for place, unit in enumerate(stage.tables.segment.units):
            rows.append(_unit_rows(stage, place, unit))
            idle.remove(unit)
    rows += [np.array([[u, _STARVED, 0, NEVER, NULL, NULL, NULL]], dtype=np.int64) for u in sorted(idle)]
    made = np.concatenate(rows)
    cut = made[:, 3] > end
    made[:, 2:4] = np.minimum(made[:, 2:4], end)
    some = made[:, 3] > made[:, 2]
    return made[some & ~cut], made[some & cut]


def _unit_rows(stage: Stage, place: int, unit: int) -> Integers:
    """Rows of one unit in order, those without a length among them, and the last one without an end."""
    passed = stage.entered != LOST
    lots, recipe = stage.lots[passed], stage.recipe[passed]
    there, started, finished, left = stage.moments[:, passed, place]
    segment = stage.tables.segment
    operation = np.array([row[place] for row in segment.operations], dtype=np.int64)[recipe]
    behind = np.array([_cause(stage, row, place) for row in range(len(segment.recipes))])[recipe]
    since = np.concatenate([[0], left])
    rows = np.full((4 * len(lots) + 1, 7), NULL, dtype=np.int64)
    rows[:, 0] = unit
    rows[-1, 1:4] = _STARVED, since[-1], NEVER
    parts = (
        (_STARVED, since[:-1], there),
        (_BLOCKED, there, started),
        (_PRODUCING, started, finished),
        (_BLOCKED, finished, left),
    )
    for part, (state, begins, ends) in enumerate(parts):
        mine = rows[part:-1:4]
        mine[:, 1], mine[:, 2], mine[:, 3] = state, begins, ends
        if part >= 2:  # with the lot
            mine[:, 4], mine[:, 5] = lots, operation
        if state == _BLOCKED:
            mine[:, 6] = behind
    return rows


def _cause(stage: Stage, row: int, place: int) -> int:
    """The cause of waiting for a place behind a unit: the limited storage, or none."""
    limited = stage.tables.room[row, place + 1] == LIMITED
    return stage.tables.segment.storages[row][place + 1] if limited else NULL


def _visits_of(passage: Passage) -> Integers:
    """Rows of `lots`: a visit of each lot to each operation that it has come to."""
    program, end = passage.tables.program, passage.end
    quantity = np.array([program.recipes[line.recipe].quantity for line in program.orders], dtype=np.int64)
    rows = []
    for stage in passage.stages:
        arrived = stage.come
        there = arrived <= end
        for place, unit in enumerate(stage.tables.segment.units):
            rows.append(_visits(stage, place, unit, arrived, end)[there])
            arrived = stage.moments[3, :, place]
            there = there & (arrived <= end) & (stage.entered != LOST)
    made = np.concatenate(rows)
    made[:, 9] = quantity[passage.order[made[:, 0]]]
    return made


def _visits(stage: Stage, place: int, unit: int, arrived: Integers, end: int) -> Integers:
    """The row of each lot's visit to a unit, as far as it has come at `end`."""
    _, started, finished, left = stage.moments[:, :, place]
    operation = np.array([row[place] for row in stage.tables.segment.operations], dtype=np.int64)
    lost = stage.entered == LOST
    rows = np.zeros((len(stage.lots), 11), dtype=np.int64)
    rows[:, 0], rows[:, 1] = stage.lots, operation[stage.recipe]
    rows[:, 3] = np.where(started <= end, unit, NULL)
    rows[:, 4] = arrived
    for column, moment in ((5, started), (6, finished), (7, left)):
        rows[:, column] = np.where(moment <= end, moment, NULL)
    rows[:, 8] = np.where(finished <= end, _DONE, _OPEN)
    rows[lost, 7], rows[lost, 8] = arrived[lost], _LOST
    return rows


def _levels(passage: Passage) -> Integers:
    """Rows of `levels`: lots in the plant, and in each storage."""
    program, end = passage.tables.program, passage.end
    out = np.where(passage.lost, passage.released, passage.out)
    stored = [_stored(passage, storage) for storage in range(len(program.storages))]
    counted = [*stored, (passage.released, out)]  # in the order of `entities_of`
    return np.concatenate([_steps(entity, up, down, end) for entity, (up, down) in enumerate(counted)])


def _stored(passage: Passage, storage: int) -> tuple[Integers, Integers]:
    """When lots come into a storage, and when they are taken out."""
    into, out = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for stage in passage.stages:
        passed = stage.entered != LOST
        for row, storages in enumerate(stage.tables.segment.storages):
            mine = passed & (stage.recipe == row)
            for place, number in enumerate(storages):
                if number == storage:
                    arrived = stage.entered if place == 0 else stage.moments[3, :, place - 1]
                    into.append(arrived[mine])
                    out.append(stage.moments[1, mine, place])
    return np.concatenate(into), np.concatenate(out)


def _steps(entity: int, up: Integers, down: Integers, end: int) -> Integers:
    """A level from 0 at time 0 that goes up and down by one at these times, as far as `end`."""
    up, down = np.sort(up[up <= end]), np.sort(down[down <= end])
    times = np.unique(np.concatenate([[0], up, down]))
    level = np.searchsorted(up, times, side="right") - np.searchsorted(down, times, side="right")
    return np.column_stack([np.full(len(times), entity), times, level]).astype(np.int64)
