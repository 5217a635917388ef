"""Replications of the compiled engine: memory, the kernel, and the rows that it writes.

`simulate` gives the record of one, as the SimPy engine's `simulate` does; what that engine raises, where a
plant is stuck, is left to it to say.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.compiled_engine import instant, physics
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.physics import CannotGoOnError as CannotGoOnError
from twin.engine.compiled_engine.rows import (
    BOOK_COLUMNS,
    GENEALOGY_COLUMNS,
    LEVEL_COLUMNS,
    LOT_COLUMNS,
    STATE_COLUMNS,
)
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.recorder import NULL, Recorder
from twin.engine.rows import NOT_DUE, Rows, TakesRows
from twin.physics.backend import Device, select

LOW_WORD = 0xFFFFFFFF
NO_LOTS = np.empty(0, dtype=np.int64)

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


class Kept:
    """What is kept of a replication's rows while it runs, and when it has ended."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.blocks: list[Rows] = []
        self.orders: list[Integers] = []  # of the lots released, block by block
        self.end = self.cut_from = 0  # ns; the first state that the end has closed
        self._states = 0

    def take(self, of: Image, s: Integers, f: Reals, keep: bool = True) -> Rows:
        """Empty the stores of rows; returns what was in them."""
        self.end, self.cut_from = int(s[head.NOW]), self._states + int(s[head.CUT_FROM])
        block, orders = take_rows(of, s, f)
        self._states += len(block.states)
        self.orders.append(orders)
        if keep:
            self.blocks.append(block)
        return block


class Replication:
    """A replication between its start and its end: it goes on until it ends or waits for physics.

    Its rows are handed to `takes`, or kept where that is none.
    """

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
        self.kept = Kept(self.number)
        self.ended = False
        if self.takes is not None:
            self.takes.begin(self.number, self.begun.image.causes, self.begun.image.entities)

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
            block = self.kept.take(self.begun.image, self.s, self.f, keep=self.takes is None)
            if self.takes is not None:
                self.takes.rows(self.number, block)
            if self.status != head.ROWS_FULL:
                self.ended = True
                if self.takes is not None and self.status == head.DONE:
                    self.takes.end(self.number, self.kept.end)
                return

    def complain(self) -> None:
        """Raise `CannotGoOnError` where it has ended before its time."""
        if self.status != head.DONE:
            raise CannotGoOnError

    def asking(self) -> Asking:
        """What physics sees of it."""
        return Asking(self.number, self.s, self.f, self.recipes)

    def orders(self) -> Integers:
        """The order lines of the lots that were released, by number."""
        first = int(self.s[head.BOOK])
        now = self.s[first : first + int(self.s[head.BOOK_N]) * BOOK_COLUMNS : BOOK_COLUMNS]
        return np.concatenate([*self.kept.orders, now])

    def recipes(self) -> Integers:
        """The recipes of the lots that were released, by number."""
        orders = self.begun.image.program.orders
        recipes = np.array([order.recipe for order in orders], dtype=np.int64)
        released: Integers = recipes[self.orders()]
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
    return record(of, one.kept)


def take_rows(of: Image, s: Integers, f: Reals) -> tuple[Rows, Integers]:
    """Take the rows out of the stores of a replication, and the order line of each lot released since."""
    columns, count = len(of.row_attributes), int(s[head.LOTS_N])
    first = int(s[head.ROW_ATTRIBUTES_AT])
    attributes = f[first : first + count * columns].reshape(count, columns)
    book = _taken(s, head.BOOK, BOOK_COLUMNS)
    levels = _taken(s, head.LEVELS, LEVEL_COLUMNS)
    found = Rows(
        states=_taken(s, head.STATES, STATE_COLUMNS),
        lots=_taken(s, head.LOTS, LOT_COLUMNS),
        attributes=attributes[:, of.attribute_columns],  # a copy
        levels=levels,
        rates=_rates(s, f, len(levels)),
        due=np.where(book[:, 1] == 1, book[:, 2], NOT_DUE),
        genealogy=_taken(s, head.GENEALOGY, GENEALOGY_COLUMNS),
    )
    for slot in (head.STATES_N, head.LOTS_N, head.LEVELS_N, head.BOOK_N):
        s[slot] = 0
    s[head.GENEALOGY_N] = s[head.RATES_N] = 0
    return found, book[:, 0]


def _taken(s: Integers, slot: int, columns: int) -> Integers:
    first, count = int(s[slot]), int(s[slot + 1])
    return s[first : first + count * columns].reshape(count, columns).copy()


def _rates(s: Integers, f: Reals, levels: int) -> Reals:
    """The rate per s of each row of levels; none where all are 0."""
    count, first = int(s[head.RATES_N]), int(s[head.LEVEL_RATES_AT])
    if not count:
        return np.empty(0)
    rates = np.zeros(levels)
    rates[_taken(s, head.RATES, 1)[:, 0]] = f[first : first + count]
    return rates


def record(of: Image, replication: Kept) -> Record:
    """The record of a replication that has ended and kept its rows."""
    recorder = Recorder(of.program, replication.number)
    for name in of.causes:
        recorder.cause(name)
    for name in of.entities:
        recorder.entity(name)
    if of.program.horizon is not None:
        recorder.cut_from = replication.cut_from
    blocks = replication.blocks
    recorder.orders = np.concatenate(replication.orders).tolist()
    due = np.concatenate([block.due for block in blocks])
    where = np.flatnonzero(due != NOT_DUE)
    recorder.due = dict(zip(where.tolist(), due[where].tolist(), strict=True))
    lots = np.concatenate([block.lots for block in blocks])
    recorder.states = cast(Any, np.concatenate([block.states for block in blocks]))
    recorder.lots = cast(Any, lots[:, :11])
    recorder.levels = cast(Any, np.concatenate([block.levels for block in blocks]))
    recorder.genealogy = cast(Any, np.concatenate([block.genealogy for block in blocks]))
    rates = np.concatenate([b.rates if len(b.rates) else np.zeros(len(b.levels)) for b in blocks])
    recorder.level_rates = _sparse(rates, rates != 0)
    attributes = np.concatenate([block.attributes for block in blocks])
    for column, name in enumerate(of.program.attributes):
        recorder.attributes[name] = _sparse(attributes[:, column], ~np.isnan(attributes[:, column]))
    recorder.reasons = _sparse(lots[:, 11], lots[:, 11] != NULL)
    for name in recorder.sinks:
        recorder.sinks[name] = _sparse(lots[:, 12], lots[:, 12] != 0)
    return recorder.record(replication.end)


def _sparse(values: npt.NDArray[Any], there: npt.NDArray[np.bool_]) -> dict[int, Any]:
    """The values that are there, by row."""
    where = np.flatnonzero(there)
    return dict(zip(where.tolist(), values[where].tolist(), strict=True))
