"""Replications of the compiled engine: memory, the kernel, and the rows that it writes.

`simulate` gives the record of one, as the SimPy engine's `simulate` does; what that engine raises, where a
plant is stuck, is left to it to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.engine import rows
from twin.engine.broker import Broker
from twin.engine.compiled_engine import instant, physics
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.physics import CannotGoOnError as CannotGoOnError
from twin.engine.compiled_engine.rows import BOOK_COLUMNS, LEVEL_COLUMNS, LOT_COLUMNS, STATE_COLUMNS
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.recorder import NULL, Recorder
from twin.engine.rows import TakesRows
from twin.physics.backend import Device, select

LOW_WORD = 0xFFFFFFFF
NO_LOTS = np.empty(0, dtype=np.int64)

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


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
    rates: tuple[Integers, Reals]  # which rows of levels change, and at what rate per s


class Replication:
    """A replication between its start and its end: it goes on until it ends or waits for physics."""

    def __init__(
        self, begun: Layout, seed: int, number: int, broker: Broker, takes: TakesRows | None = None
    ) -> None:
        self.begun, self.seed, self.number, self.broker, self.takes = begun, seed, number, broker, takes
        self.status = head.DONE
        self._begin()

    def _begin(self) -> None:
        self.s, self.f = self.begun.memory()
        self.begun.lay_out(self.s, self.f)
        p, q = self.begun.image.integers, self.begun.image.reals
        instant.begin(p, q, self.s, self.seed & LOW_WORD, self.seed >> 32, self.number)
        self.rows: list[Rows] = []  # none where they are handed on
        self._books: list[Integers] = []
        if self.takes is not None:
            self.takes.begin(self.number, self.begun.image.causes, self.begun.image.entities)
        self.ended = False
        self.end = self.cut_from = 0  # ns; the first state that the end has closed
        self._states = 0

    def go_on(self) -> None:
        """Run to the end or until physics is asked; begin anew with more room where there is too little."""
        p, q = self.begun.image.integers, self.begun.image.reals
        while True:
            self.status = instant.run(p, q, self.s, self.f)
            if self.status == head.TOO_SMALL:
                self.begun = layout(self.begun.image, self.begun.room.doubled())
                self._begin()
                continue
            if self.status == head.PHYSICS:
                return
            self.cut_from = self._states + int(self.s[head.CUT_FROM])
            self._keep(take_rows(self.begun.image, self.s, self.f))
            if self.status != head.ROWS_FULL:
                self.ended = True
                self.end = int(self.s[head.NOW])
                if self.takes is not None and self.status == head.DONE:
                    self.takes.end(self.number, self.end)
                return

    def _keep(self, block: Rows) -> None:
        """Keep a block of rows, or hand it on."""
        self._states += len(block.states)
        self._books.append(block.book)
        if self.takes is None:
            self.rows.append(block)
        else:
            self.takes.rows(self.number, handed_on(self.begun.image, block))

    def complain(self) -> None:
        """Raise `CannotGoOnError` where it has ended before its time."""
        if self.status != head.DONE:
            raise CannotGoOnError

    def asking(self) -> Asking:
        """What physics sees of it."""
        return Asking(self.number, self.s, self.f, self.recipes())

    def recipes(self) -> Integers:
        """The recipes of the lots that were released, by number."""
        orders = self.begun.image.program.orders
        kept = [book[:, 0] for book in self._books]
        first = int(self.s[head.BOOK])
        now = self.s[first : first + int(self.s[head.BOOK_N]) * BOOK_COLUMNS : BOOK_COLUMNS]
        recipes = np.array([order.recipe for order in orders], dtype=np.int64)
        released: Integers = recipes[np.concatenate([*kept, now])]
        return released

    def gives_up(self) -> None:
        """Physics gives one of its visits no duration."""
        self.ended, self.status = True, head.PHYSICS


def simulate(program: Program, seed: int, replication: int = 0, device: Device = "cpu") -> Record:
    """Run one replication (numbered from 0), and return its record; physics is computed on `device`.

    Raises `CannotGoOnError` where the SimPy engine would raise a `SimulationError`.
    """
    of = image(program)
    broker = Broker(program, seed, select(device))
    one = Replication(layout(of, Room()), seed, replication, broker)
    one.go_on()
    while not one.ended:
        if physics.answer(of, broker, [one.asking()], NO_LOTS):
            one.gives_up()
        else:
            one.go_on()
    one.complain()
    return record(of, replication, one.rows, one.end, one.cut_from)


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
        _taken_rates(s, f),
    )
    for slot in (head.STATES_N, head.LOTS_N, head.LEVELS_N, head.BOOK_N, head.RATES_N):
        s[slot] = 0
    return found


def handed_on(of: Image, block: Rows) -> rows.Rows:
    """A block as every engine writes it, with the attributes in the order of the program."""
    names = of.program.attributes
    attributes = np.full((len(block.lots), len(names)), np.nan)
    for column, name in enumerate(of.row_attributes):
        attributes[:, names.index(name)] = block.attributes[:, column]
    due = np.where(block.book[:, 1] == 1, block.book[:, 2], rows.NOT_DUE)
    return rows.Rows(block.states, block.lots, attributes, block.levels, due=due)


def _taken(s: Integers, slot: int, columns: int) -> Integers:
    first, count = int(s[slot]), int(s[slot + 1])
    return s[first : first + count * columns].reshape(count, columns).copy()


def _taken_rates(s: Integers, f: Reals) -> tuple[Integers, Reals]:
    first, count = int(s[head.LEVEL_RATES_AT]), int(s[head.RATES_N])
    return _taken(s, head.RATES, 1)[:, 0], f[first : first + count].copy()


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
        rows, rates = block.rates
        recorder.level_rates |= dict(zip((len(recorder.levels) + rows).tolist(), rates.tolist(), strict=True))
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
        sampled = block.lots[:, 12]
        for row in np.flatnonzero(sampled).tolist():
            recorder.sinks["sampled"][first + row] = int(sampled[row])
    return recorder.record(end)
