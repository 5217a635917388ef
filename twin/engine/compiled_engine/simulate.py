"""Replications of the compiled engine side by side: memory, the kernel, and the rows that it writes.

`run` takes some from their start to their end in one thread; `simulate` gives the record of one, as the SimPy
engine's does. What that engine raises, where a plant is stuck, is left to it to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.compiled_engine import blocks
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Memory, Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.recorder import NULL, Recorder
from twin.engine.rows import AT, BOOK, BOOK_COLUMNS, CUT, NOT_DUE, Rows, Stores, Takes
from twin.physics.backend import Device, select

LOW_WORD = 0xFFFFFFFF

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Ends: TypeAlias = list[tuple[int, int]]  # numbers of replications, and when each ended in ns

# Where the head of a replication says what `Stores.at` does, column by column.
_AT = (
    *(head.STATES, head.STATES_N, head.LOTS, head.LOTS_N, head.LEVELS, head.LEVELS_N, head.BOOK, head.BOOK_N),
    *(head.GENEALOGY, head.GENEALOGY_N, head.RATES, head.RATES_N),
    *(head.ROW_ATTRIBUTES_AT, head.LEVEL_RATES_AT, head.CUT_FROM),
)
_BEGINS, _COUNTS, _BEGINS_REALS = list(range(0, 12, 2)), list(range(1, 12, 2)), [12, 13]
_COUNT_SLOTS = [_AT[column] for column in _COUNTS]
_ROOMS = (
    head.STATES_ROOM,
    head.LOTS_ROOM,
    head.LEVELS_ROOM,
    head.BOOK_ROOM,
    head.GENEALOGY_ROOM,
    head.LEVELS_ROOM,
)
# Kinds of rows that go together: what is booked, and what lots are made of, is known before lots are; rates
# are those of levels.
_TOGETHER = np.array(
    [[a == b or {a, b} <= {1, 3, 4} or {a, b} <= {2, 5} for b in range(6)] for a in range(6)]
)


class CannotGoOnError(Exception):
    """A replication is stuck, time stands still, or physics gives no duration; the SimPy engine says why."""


class Ended(NamedTuple):
    """How it stands with replications that ran side by side."""

    status: list[int]  # by place, of `head`: `DONE` where all is well
    ends: Ends  # of those that have ended and were not told of before


class Watch:
    """By which one thread has another one that runs replications tell which have ended, or stop."""

    def __init__(self, tell: Callable[[Ends], None] | None = None) -> None:
        self.at = np.zeros(AT + 1, dtype=np.int64)  # where rows are, and whether the kernel is to return
        self.ends: Ends = []  # not told yet
        self._tell, self._over = tell, False

    def ask(self) -> None:
        """Have the thread that runs leave the kernel at the next rows, tell what has ended, and go on."""
        self.at[blocks.STOP] = 1

    def stop(self) -> None:
        """Have it return at once, with replications that have not ended; for good."""
        self._over = True
        self.ask()

    def goes_on(self) -> bool:
        """Whether the thread that runs is to go on, which tells here what has ended."""
        if self.ends and self._tell is not None:
            self._tell(self.taken())
        self.at[blocks.STOP] = 0
        return not self._over  # in this order: who stops after this look sets the number once more

    def taken(self) -> Ends:
        """What has ended and was not told yet."""
        ends, self.ends = self.ends, []
        return ends


def run(
    begun: Layout,
    memory: Memory,
    asking: Asking,
    seed: int,
    numbers: Integers,
    taken: Takes,
    watch: Watch | None = None,
) -> Ended:
    """Run the replications of these numbers side by side, in memory for as many; `taken` takes their rows.

    Another thread may stop them by their `watch`; their status stays `ROWS_FULL`. A status is `TOO_SMALL`
    where a replication has to begin anew with more room, `STUCK` also where physics gives one of its visits
    no duration.
    """
    of, s, f = begun.image, memory.s.reshape(-1), memory.f.reshape(-1)
    p, q = of.integers, of.reals
    begun.lay_out(memory)
    blocks.begin(p, q, s, seed & LOW_WORD, seed >> 32, numbers)
    status = np.full(len(numbers), head.ROWS_FULL)
    ran = np.arange(len(numbers))
    watch = Watch() if watch is None else watch
    taker = taken.taker(_columns(of), len(of.row_attributes))
    address, context = (0, 0) if taker is None else taker
    while len(ran) and watch.goes_on():
        blocks.run(p, q, s, f, status, watch.at, address, context)
        full, done = status[ran] == head.ROWS_FULL, status[ran] == head.DONE
        stopped = ran[full | done]
        if taker is None:
            hand_over(of, memory, stopped, status[stopped] == head.DONE, taken)
        else:  # only where it lacks room there are rows left, and then it has begun with all of them
            left = stopped[memory.s[stopped[:, None], _COUNT_SLOTS].any(axis=1)]
            hand_over(of, memory, left, np.ones(len(left), dtype=np.bool_), taken)
        ended = ran[done]
        if len(ended):
            ends = memory.s[ended, head.NOW].tolist()
            taken.end(ended.tolist(), ends)
            watch.ends += zip(numbers[ended].tolist(), ends, strict=True)
        ran = ran[full]
        waiting = np.flatnonzero(status == head.PHYSICS)
        if not len(ran) and len(waiting):
            status[waiting] = head.ROWS_FULL
            status[asking.answer(memory, numbers, waiting)] = head.STUCK
            ran = waiting[status[waiting] == head.ROWS_FULL]
    return Ended(status.tolist(), watch.taken())


def simulate(program: Program, seed: int, replication: int = 0, device: Device = "cpu") -> Record:
    """Run one replication (numbered from 0), and return its record; physics is computed on `device`.

    Raises `CannotGoOnError` where the SimPy engine would raise a `SimulationError`.
    """
    of = image(program)
    asking, keeps = Asking(of, Broker(program, seed, select(device))), Keeps(of)
    begun, status = layout(of, Room()), head.TOO_SMALL
    while status == head.TOO_SMALL:
        taken = keeps.begin([replication], of.causes, of.entities)
        ended = run(begun, begun.memory(1), asking, seed, np.array([replication]), taken)
        begun, status = layout(of, begun.room.doubled()), ended.status[0]
    if status != head.DONE:
        raise CannotGoOnError
    return keeps.records[replication]


def hand_over(of: Image, memory: Memory, places: Integers, ended: Mask, taken: Takes) -> None:
    """Hand over the rows in the stores of some replications that are half full, all where one has `ended`;
    they are empty then.
    """
    if not len(places):
        return
    at = memory.s[places[:, None], _AT]
    counts, rooms = at[:, _COUNTS], memory.s[places[:, None], _ROOMS]
    ready = ended[:, None] | (2 * counts > rooms)
    ready |= (ready[:, None] & _TOGETHER).any(axis=2)
    at[:, _COUNTS] = np.where(ready, counts, 0)
    at[:, _BEGINS] += places[:, None] * memory.s.shape[1]
    at[:, _BEGINS_REALS] += places[:, None] * memory.f.shape[1]
    flat = memory.s.reshape(-1), memory.f.reshape(-1)
    taken.rows(Stores(places, *flat, at, _columns(of), len(of.row_attributes)))
    memory.s[places[:, None], _COUNT_SLOTS] = np.where(ready, 0, counts)


def _columns(of: Image) -> Integers:
    """Where the program's attributes stand in a row of a lot."""
    return np.array(of.attribute_columns, dtype=np.int64)


class Keeps:
    """Takes the rows of replications of a program, and makes their records, by number."""

    def __init__(self, of: Image) -> None:
        self._of = of
        self.records: dict[int, Record] = {}

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> Kept:
        """Replications begin side by side."""
        return Kept(self._of, replications, self.records)


class Kept:
    """Keeps the rows of replications until they have ended, and puts their records among others."""

    def __init__(self, of: Image, numbers: Sequence[int], records: dict[int, Record]) -> None:
        self._of, self._numbers, self._records = of, numbers, records
        self._rows: list[list[Rows]] = [[] for _ in numbers]
        self._orders: list[list[Integers]] = [[] for _ in numbers]  # of the lots released
        self._cut_from = [0] * len(numbers)  # the first state that the end has closed

    def rows(self, stores: Stores) -> None:
        """Keep rows."""
        for k, place in enumerate(stores.places.tolist()):
            states = sum(len(rows.states) for rows in self._rows[place])
            self._cut_from[place] = states + int(stores.at[k, CUT])
            self._rows[place].append(stores.rows(k))
            self._orders[place].append(stores.table(k, BOOK, BOOK_COLUMNS)[:, 0].copy())

    def taker(self, columns: Integers, width: int) -> None:
        """None: rows are kept as they come."""

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        """Make the records of replications that have ended."""
        for place, horizon in zip(places, horizons, strict=True):
            self._records[self._numbers[place]] = self._record(place, horizon)

    def _record(self, place: int, end: int) -> Record:
        """The record of a replication that has ended, and whose rows are no longer kept."""
        of, recorder = self._of, Recorder(self._of.program, self._numbers[place])
        for name in of.causes:
            recorder.cause(name)
        for name in of.entities:
            recorder.entity(name)
        if of.program.horizon is not None:
            recorder.cut_from = self._cut_from[place]
        blocks, self._rows[place] = self._rows[place], []
        recorder.orders = np.concatenate(self._orders[place]).tolist()
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
        return recorder.record(end)


def _sparse(values: npt.NDArray[Any], there: npt.NDArray[np.bool_]) -> dict[int, Any]:
    """The values that are there, by row."""
    where = np.flatnonzero(there)
    return dict(zip(where.tolist(), values[where].tolist(), strict=True))
