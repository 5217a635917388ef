"""Replications of the compiled engine: memory, the kernel, and the rows that it writes.

`simulate` gives the record of one, as the SimPy engine's `simulate` does; what that engine raises, where a
plant is stuck, is left to it to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.compiled_engine import instant, physics
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Room, layout
from twin.engine.compiled_engine.rows import BOOK_COLUMNS, LEVEL_COLUMNS, LOT_COLUMNS, STATE_COLUMNS
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.recorder import NULL, Recorder
from twin.physics.backend import Device, select

LOW_WORD = 0xFFFFFFFF

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


class CannotGoOnError(Exception):
    """A replication is stuck, or time stands still in it; the SimPy engine says why."""


@dataclass(frozen=True)
class Rows:
    """Rows of a replication, in the order in which they were written; columns as in `rows`.

    `attributes` stand beside `lots`; a quantity that is not there is NaN.
    """

    states: Integers
    lots: Integers
    levels: Integers
    book: Integers
    attributes: Reals


def simulate(program: Program, seed: int, replication: int = 0, device: Device = "cpu") -> Record:
    """Run one replication (numbered from 0), and return its record; physics is computed on `device`.

    Raises `CannotGoOnError` where the SimPy engine would raise a `SimulationError`.
    """
    of = image(program)
    broker = Broker(program, seed, select(device))
    blocks, end, cut_from = run(layout(of, Room()), seed, replication, broker)
    return record(of, replication, blocks, end, cut_from)


def run(begun: Layout, seed: int, replication: int, broker: Broker) -> tuple[list[Rows], int, int]:
    """Run one replication; returns its rows in blocks, its end in ns, and the first state closed by that."""
    while True:
        found = _attempt(begun, seed, replication, broker)
        if found is not None:
            return found
        begun = layout(begun.image, begun.room.doubled())


def _attempt(
    begun: Layout, seed: int, replication: int, broker: Broker
) -> tuple[list[Rows], int, int] | None:
    """Run one replication; none where its memory is too small."""
    p, q = begun.image.integers, begun.image.reals
    s, f = begun.memory()
    begun.lay_out(s, f)
    instant.begin(p, q, s, seed & LOW_WORD, seed >> 32, replication)
    blocks: list[Rows] = []
    states = 0
    while True:
        status = instant.run(p, q, s, f)
        if status == head.TOO_SMALL:
            return None
        if status in (head.STUCK, head.STANDS_STILL):
            raise CannotGoOnError
        if status == head.PHYSICS:
            physics.answer(begun.image, broker, [(replication, s, f)])
            continue
        cut_from = states + int(s[head.CUT_FROM])
        blocks.append(take_rows(begun.image, s, f))
        states += len(blocks[-1].states)
        if status == head.DONE:
            return blocks, int(s[head.NOW]), cut_from


def take_rows(of: Image, s: Integers, f: Reals) -> Rows:
    """Take the rows out of the stores of a replication."""
    columns = len(of.row_attributes)
    count = int(s[head.LOTS_N])
    first = int(s[head.ROW_ATTRIBUTES_AT])
    found = Rows(
        _taken(s, head.STATES, STATE_COLUMNS),
        _taken(s, head.LOTS, LOT_COLUMNS),
        _taken(s, head.LEVELS, LEVEL_COLUMNS),
        _taken(s, head.BOOK, BOOK_COLUMNS),
        f[first : first + count * columns].reshape(count, columns).copy(),
    )
    for slot in (head.STATES_N, head.LOTS_N, head.LEVELS_N, head.BOOK_N):
        s[slot] = 0
    return found


def _taken(s: Integers, slot: int, columns: int) -> Integers:
    first, count = int(s[slot]), int(s[slot + 1])
    return s[first : first + count * columns].reshape(count, columns).copy()


def record(of: Image, replication: int, blocks: Sequence[Rows], end: int, cut_from: int) -> Record:
    """The record of a replication from its rows."""
    recorder = Recorder(of.program, replication)
    for name in of.causes:
        recorder.cause(name)
    for name in of.entities:
        recorder.entity(name)
    if of.program.horizon is not None:
        recorder.cut_from = cut_from
    for block in blocks:
        first = len(recorder.lots)
        recorder.states += map(tuple, block.states.tolist())
        recorder.lots += map(tuple, block.lots[:, :11].tolist())
        recorder.levels += map(tuple, block.levels.tolist())
        for line, has_due, due in block.book.tolist():
            if has_due:
                recorder.due[len(recorder.orders)] = due
            recorder.orders.append(line)
        for column, name in enumerate(of.row_attributes):
            values = block.attributes[:, column]
            there = np.flatnonzero(~np.isnan(values))
            recorder.attributes[name] |= dict(
                zip((first + there).tolist(), values[there].tolist(), strict=True)
            )
        reasons = block.lots[:, 11]
        for row in np.flatnonzero(reasons != NULL).tolist():
            recorder.reasons[first + row] = int(reasons[row])
    return recorder.record(end)
