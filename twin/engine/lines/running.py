"""Runs replications of a line in threads: `simulate_line` for their records, `line_into` for whatever takes
their rows, `fold_line` for their totals.

All give what the SimPy engine gives, exactly. The rare replication in which something drawn takes no time
at all, so that rounds of one instant may decide, is run by the SimPy engine itself; `left_to_reference` says
which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from twin.engine.lines import folding
from twin.engine.lines.passage import expected_lots, more_lots, pass_line
from twin.engine.lines.recursion import ROOM, SUMS
from twin.engine.lines.rows import causes_of, entities_of, record_of, rows_of
from twin.engine.lines.shape import Line, line_of
from twin.engine.lines.tables import LineTables, compile_line, words
from twin.engine.lines.totals import LineTotals, folded, together, totals_of, totals_of_passage
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import TakesRows, hand_over
from twin.engine.simpy_engine import simulate
from twin.engine.simpy_engine.side_by_side import simulate_into
from twin.physics.kernels.compiled import number_of_threads

AT_ONCE = 16  # replications a thread folds in one call

_Result = TypeVar("_Result")


class NotALineError(ValueError):
    """The program is no line; the message is the sentence of `line_of`."""


def simulate_line(
    program: Program, seed: int, replications: Sequence[int], threads: int | None = None
) -> list[Record]:
    """Run replications of a line, and return their records, equal to those of the SimPy engine.

    In `threads` at a time, as many as Numba would take where none is given. Raises `NotALineError` where
    `program` is no line.
    """
    tables = compile_line(_line(program))

    def one(replication: int) -> Record:
        passage = pass_line(tables, seed, replication)
        return simulate(program, seed, replication) if passage.at_once else record_of(passage)

    return _in_threads(one, replications, threads)


def fold_line(
    program: Program, seed: int, replications: Sequence[int], threads: int | None = None
) -> LineTotals:
    """Run replications of a line, and return what they sum up to, without a record of any.

    In `threads` at a time, as many as Numba would take where none is given. Raises `NotALineError` where
    `program` is no line.
    """
    tables = compile_line(_line(program))
    if tables.line.serial:
        parts = [replications[k : k + AT_ONCE] for k in range(0, len(replications), AT_ONCE)]
        return together(_in_threads(lambda part: _fold(tables, seed, part), parts, threads))
    return together(_in_threads(lambda r: _totals(tables, seed, r), replications, threads))


def line_into(
    takes: TakesRows, program: Program, seed: int, replications: Sequence[int], threads: int | None = None
) -> Iterator[tuple[int, int]]:
    """`simulate_line`, with the rows handed to what `takes` them; yields each number with its end in ns.

    The recursion runs in `threads` at a time, `takes` hears of one replication after the other.
    """
    tables = compile_line(_line(program))
    workers = threads or number_of_threads()
    for begin in range(0, len(replications), workers):
        part = replications[begin : begin + workers]
        for passage in _in_threads(lambda r: pass_line(tables, seed, r), part, workers):
            if passage.at_once:
                yield from simulate_into(takes, program, seed, [passage.replication])
                continue
            names = causes_of(program), entities_of(program)
            hand_over(takes, passage.replication, *names, rows_of(passage), passage.end)
            yield passage.replication, passage.end


def left_to_reference(program: Program, seed: int, replications: Sequence[int]) -> list[int]:
    """The replications whose records `simulate_line` has the SimPy engine make."""
    tables = compile_line(_line(program))
    return [r for r in replications if pass_line(tables, seed, r).at_once]


def _line(program: Program) -> Line:
    line = line_of(program)
    if isinstance(line, str):
        raise NotALineError(line)
    return line


def _totals(tables: LineTables, seed: int, replication: int) -> LineTotals:
    """The totals of one replication of any line."""
    passage = pass_line(tables, seed, replication)
    if not passage.at_once:
        return totals_of_passage(passage)
    return totals_of(tables.line, simulate(tables.program, seed, replication))


def _fold(tables: LineTables, seed: int, replications: Sequence[int]) -> LineTotals:
    """The totals of replications of a serial line, in which rounds of an instant change no time."""
    (segment,), draws = tables.segments, tables.draws
    room = segment.room[0].copy()
    room[0] = ROOM  # nobody waits for a place but lots from outside
    most = expected_lots(tables)
    while True:
        sums = np.zeros((len(replications), SUMS, len(segment.before)), dtype=np.int64)
        totals = np.zeros((len(replications), folding.WHOLE), dtype=np.int64)
        lots = folding.fold(
            words(seed),
            np.array(replications, dtype=np.int64),
            tables.until,
            tables.orders,
            draws.hashes,
            draws.sources,
            draws.parameters,
            draws.table,
            segment.takes[0],
            segment.before,
            room,
            segment.storage[0],
            segment.first,
            most,
            sums,
            totals,
        )
        if lots == 0:
            return folded(tables.line, tables.until, sums, totals)
        most = more_lots(lots)


def _in_threads(work: Callable[..., _Result], parts: Sequence[object], threads: int | None) -> list[_Result]:
    """What `work` makes of each part, in order."""
    workers = min(threads or number_of_threads(), len(parts))
    if workers <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, parts))
