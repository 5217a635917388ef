"""What a line did in each replication, in sums of whole numbers, without a record.

They are what throughput, utilisation, shares of states, mean lead time and mean work in process are made of.
`totals_of` takes them from a record: the reference for the others, and the way of the rare replication that
the recursion leaves to the SimPy engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from twin.engine.lines import folding, through
from twin.engine.lines.passage import LOST, Passage
from twin.engine.lines.recursion import BEGUN, BLOCKED, FINISHED, PRODUCING, QUEUED, SUMS, WAITED, WORKED
from twin.engine.lines.shape import Line
from twin.engine.program import NONE, Program
from twin.engine.record import Record

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LineTotals:
    """Sums from 0 to the end of each replication: shape (r,) or, by operation, (r, o). Times in ns."""

    end: Integers  # when the replication ended
    released: Integers  # lots
    lost: Integers  # lots that found no place
    left: Integers  # lots that have left the plant, done
    lead_time: Integers  # from release to leaving, over these
    inside: Integers  # ∫ work in process dt
    producing: Integers  # of the operation's unit, with its lots
    blocked: Integers  # of the operation's unit, with its lots or before them
    queued: Integers  # ∫ lots that wait for the operation dt, lost ones apart
    waited: Integers  # from coming to starting, over the visits that began
    worked: Integers  # from starting to finishing, over the visits that were finished
    begun: Integers  # visits
    finished: Integers  # visits

    def of_units(self, by_operation: Integers, program: Program) -> Integers:
        """Sums by unit, shape (r, units), of one of the tables by operation."""
        sums = np.zeros((len(by_operation), len(program.units)), dtype=np.int64)
        for number, operation in enumerate(program.operations):
            sums[:, operation.units[0]] += by_operation[:, number]
        return sums

    def starved(self, program: Program) -> Integers:
        """Time in ns in which each unit had nothing to do, shape (r, units)."""
        busy = self.of_units(self.producing + self.blocked, program)
        return np.asarray(self.end[:, None] - busy, dtype=np.int64)


_ROWS = {
    "producing": PRODUCING,
    "blocked": BLOCKED,
    "queued": QUEUED,
    "waited": WAITED,
    "worked": WORKED,
    "begun": BEGUN,
    "finished": FINISHED,
}


def together(parts: Sequence[LineTotals]) -> LineTotals:
    """The replications of several totals, one after the other."""
    return LineTotals(
        **{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(LineTotals)}
    )


def folded(line: Line, until: int, sums: Integers, totals: Integers) -> LineTotals:
    """What `folding.fold` has summed up: `sums` (r, SUMS, units) of the one segment, `totals` (r, WHOLE)."""
    program = line.program
    operations = list(line.segments[0].operations[0])
    tables = {name: np.zeros((len(sums), len(program.operations)), dtype=np.int64) for name in _ROWS}
    for name, row in _ROWS.items():
        tables[name][:, operations] = sums[:, row]
    end = totals[:, folding.END] if program.horizon is None else np.full(len(sums), until, dtype=np.int64)
    return LineTotals(
        end=end,
        released=totals[:, folding.RELEASED],
        lost=np.zeros(len(sums), dtype=np.int64),
        left=totals[:, folding.LEFT],
        lead_time=totals[:, folding.LEAD],
        inside=totals[:, folding.INSIDE],
        **tables,
    )


def totals_of_passage(passage: Passage) -> LineTotals:
    """The totals of one replication from its times."""
    program, end = passage.tables.program, passage.end
    tables = np.zeros((SUMS, len(program.operations)), dtype=np.int64)
    for stage in passage.stages:
        segment = stage.tables.segment
        sums = np.zeros((len(segment.recipes), SUMS, len(segment.units)), dtype=np.int64)
        through.fold_times(end, stage.come, stage.recipe, stage.entered != LOST, stage.moments, sums)
        for row, operations in enumerate(segment.operations):
            tables[:, list(operations)] += sums[row]
    gone = (passage.out <= end) & ~passage.lost
    stayed = np.where(passage.lost, 0, np.minimum(passage.out, end) - passage.released)
    return LineTotals(
        end=_one(end),
        released=_one(len(passage.released)),
        lost=_one(int(passage.lost.sum())),
        left=_one(int(gone.sum())),
        lead_time=_one(int(stayed[gone].sum())),
        inside=_one(int(stayed.sum())),
        **{name: tables[row][None] for name, row in _ROWS.items()},
    )


def totals_of(line: Line, record: Record) -> LineTotals:
    """The totals of one replication from its record."""
    program = line.program
    (end,) = record.horizon.values()
    tables = {name: np.zeros((1, len(program.operations)), dtype=np.int64) for name in _ROWS}
    _add_states(line, record, tables)
    columns = ["lot", "recipe", "operation", "arrived", "started", "finished", "left", "outcome"]
    number = {operation.name: k for k, operation in enumerate(program.operations)}
    last = {program.operations[o].name for s in line.segments for row in s.operations for o in row}
    last = {name for name in last if program.operations[number[name]].next == NONE}
    released, out, lost = dict[int, int](), dict[int, int](), set[int]()
    for visit in record.lots.select(columns).to_pylist():
        name = f"{visit['recipe']}/{visit['operation']}"
        released.setdefault(visit["lot"], visit["arrived"])
        if visit["outcome"] == "lost":
            lost.add(visit["lot"])
            continue
        _add_visit(visit, (0, number[name]), end, tables)
        if name in last and visit["left"] is not None:
            out[visit["lot"]] = visit["left"]
    lead_time = sum(out[lot] - released[lot] for lot in out)
    inside = sum(out.get(lot, end) - time for lot, time in released.items() if lot not in lost)
    return LineTotals(
        _one(end),
        _one(len(released)),
        _one(len(lost)),
        _one(len(out)),
        _one(lead_time),
        _one(inside),
        **tables,
    )


def _add_visit(visit: dict[str, Any], at: tuple[int, int], end: int, tables: dict[str, Integers]) -> None:
    """Add what a visit says of waiting and work."""
    arrived, started, finished = visit["arrived"], visit["started"], visit["finished"]
    tables["queued"][at] += (end if started is None else started) - arrived
    if started is not None:
        tables["waited"][at] += started - arrived
        tables["begun"][at] += 1
    if finished is not None:
        tables["worked"][at] += finished - started
        tables["finished"][at] += 1


def _add_states(line: Line, record: Record, tables: dict[str, Integers]) -> None:
    """Add the time for which units produce and are blocked; a unit that blocks before service has one
    operation.
    """
    number = {operation.name: k for k, operation in enumerate(line.program.operations)}
    only = {
        line.program.units[unit].name: segment.operations[0][place]
        for segment in line.segments
        for place, unit in enumerate(segment.units)
    }
    for row in record.states.select(["unit", "state", "start", "end", "operation"]).to_pylist():
        if row["state"] in ("producing", "blocked"):
            name = row["operation"]
            at = (0, only[row["unit"]] if name is None else number[name])
            tables[row["state"]][at] += row["end"] - row["start"]


def _one(value: int) -> Integers:
    return np.array([value], dtype=np.int64)
