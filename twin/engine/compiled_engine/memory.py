"""The arrays of one replication, `s` and `f`: how long they are, where each table stands, and what it begins
with.

A replication takes `Room`: for so many lots at once, entries of its agenda, and rows not yet emptied. Where
one of these turns out too small, the driver begins the replication anew with more; all else is as large as it
can ever be.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from twin.engine.codes import DOWN, STARVED
from twin.engine.compiled_engine import (
    flows_image,
    materials_image,
    parts_image,
    transport_image,
    upkeep_memory,
)
from twin.engine.compiled_engine.agenda import WIDTH
from twin.engine.compiled_engine.conveyors import LONG_AGO
from twin.engine.compiled_engine.image import Image
from twin.engine.compiled_engine.image_quality import kept_columns, most_operations
from twin.engine.compiled_engine.tables import (
    ahead,
    calendar,
    check,
    claim,
    container,
    desk,
    early,
    head,
    inquiry,
    line,
    loop,
    lot,
    mode,
    order,
    pool,
    remark,
    shift,
    source,
    storage,
    unit,
)
from twin.engine.compiled_engine.upkeep_image import modes_of
from twin.engine.program import NONE, PROCESSING, Program
from twin.engine.rows import BOOK_COLUMNS, LEVEL_COLUMNS, LOT_COLUMNS, STATE_COLUMNS


@dataclass(frozen=True)
class Room:
    """How much a replication has room for."""

    lots: int = 64
    entries: int = 256
    rows: int = 1024  # of each kind
    lot_rows: int = 256  # of visits, and of lots released
    foreseen: int = 256  # lots whose physics is computed ahead

    def doubled(self) -> Room:
        """Twice as much of everything."""
        return Room(*(2 * size for size in astuple(self)))


@dataclass(frozen=True)
class Layout:
    """What a replication begins with, but for its draws: the first numbers of its arrays, and how long these
    are. What comes behind is written before it is read.
    """

    image: Image
    room: Room
    integers: npt.NDArray[np.int64]
    reals: npt.NDArray[np.float64]
    size: int
    reals_size: int

    @property
    def bytes(self) -> int:
        """Memory of one replication."""
        return 8 * (self.size + self.reals_size)

    def memory(self, count: int, spare: Memory | None = None) -> Memory:
        """The arrays of so many replications, to be laid out: parts of what is to spare where that is large
        enough, because fresh pages take longer than much else that a point of a sweep costs.
        """
        if spare is not None:
            s, f = spare.s.reshape(-1), spare.f.reshape(-1)
            if len(s) >= count * self.size and len(f) >= count * self.reals_size:
                own = s[: count * self.size], f[: count * self.reals_size]
                return Memory(own[0].reshape(count, -1), own[1].reshape(count, -1))
        return Memory(_in_lines(count, self.size), _in_lines(count, self.reals_size).view(np.float64))

    def lay_out(self, memory: Memory) -> None:
        """Have replications begin in their arrays."""
        memory.s[:, : len(self.integers)] = self.integers
        memory.f[:, : len(self.reals)] = self.reals


class Memory(NamedTuple):
    """Arrays of replications, shapes (replications, numbers)."""

    s: npt.NDArray[np.int64]
    f: npt.NDArray[np.float64]


LINE = 8  # numbers in a line of the processor's cache


def _in_lines(count: int, size: int) -> npt.NDArray[np.int64]:
    """Room for so many arrays of a size, one after another, that begins with a line of the cache."""
    room = np.empty(count * size + LINE, dtype=np.int64)
    first = -(room.ctypes.data // room.itemsize) % LINE
    return room[first : first + count * size].reshape(count, size)


def _whole_lines(size: int) -> int:
    """A number of numbers, or somewhat more, that whole lines of the cache hold."""
    return -(-size // LINE) * LINE


class _Plan:
    """Places handed out one after another."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.places: dict[int, int] = {}

    def table(self, slot: int, rows: int, width: int = 1) -> None:
        """Keep rows, whose place goes to `slot` of the head; those of whole lines of the cache in such."""
        if width % LINE == 0:
            self.size = _whole_lines(self.size)
        self.places[slot] = self.size
        self.size += rows * width


def layout(image: Image, room: Room) -> Layout:
    """Lay out the arrays of a replication as they are before it begins."""
    program, p = image.program, image.integers
    plan = _Plan(head.REPLICATION)
    width = _whole_lines(lot.VISITS + most_operations(program) + kept_columns(program))
    stretches = PROCESSING + 2 + max((len(o.phases) for o in program.operations), default=0)
    machines = int(p[head.MACHINES])
    belts = any(each.conveyor for each in program.storages)
    foreseen = room.foreseen if image.ahead else 0
    for slot, rows, columns in (
        (head.UNIT_NOW, machines, unit.NOW),
        (head.STORAGE_NOW, len(program.storages), storage.NOW),
        (head.LINE_NOW, len(program.operations), line.NOW),
        (head.WAITING, len(program.operations), 1),
        (head.SOURCE_NOW, len(image.sources), source.NOW),
        (head.ORDER_NOW, len(program.orders), order.NOW),
        (head.MODE_NOW, int(p[head.MODES]), mode.NOW),
        (head.POOL_NOW, len(program.people), pool.NOW),
        (head.SHIFT_NOW, int(p[head.SHIFTS]), shift.NOW),
        (head.CONTAINER_NOW, len(program.containers), container.NOW),
        (head.CALENDAR_NOW, len(program.calendars), calendar.NOW),
        (head.CLAIM_NOW, most_claims(program), claim.NOW),
        (head.INQUIRY_NOW, len(program.quality.inquiries), inquiry.NOW),
        (head.REMARK_NOW, machines + 1, remark.NOW),
        (head.CHECK_NOW, len(program.units), check.NOW),
        (head.LOOP_NOW, len(program.loops), loop.NOW),
        (head.DESK_NOW, len(program.releases), desk.NOW),
        (head.PRODUCTS_SEEN, int(p[head.PRODUCTS_N]), 2),
        *upkeep_memory.tables(image),
        (head.DURATIONS, machines, stretches),
        (head.PERSONS, sum(s.count for each in program.people for s in each.shifts), 1),
        (head.SCRATCH, scratch(image), 1),
        *((slot, machines, 1) for slot in (head.TOUCHED, head.FINISHED, head.SHORT, head.OVERTIME)),
        *((slot, machines, 1) for slot in (head.TIRED, head.REQUESTS)),
        (head.PLACES_LIST, len(program.storages), 1),
        *transport_image.places(image.integers),
        *flows_image.places(program),
        *parts_image.places(program),
        *materials_image.places(program, room.entries),
        (head.AHEAD_MARKS, foreseen, ahead.MARKS),
        (head.EARLY_NOW, room.lots if image.early else 0, early.NOW),
        (head.LOT_NOW, room.lots, width),
        (head.BELT_NEXT, room.lots if belts else 0, 1),
        (head.BELT_DUE, room.lots if belts else 0, 1),
        *parts_image.places_of_lots(program, room.lots, room.rows),
        (head.AGENDA, room.entries, WIDTH),
        (head.DUE, room.entries, WIDTH),
        (head.STATES, room.rows, STATE_COLUMNS),
        (head.LOTS, room.lot_rows, LOT_COLUMNS),
        (head.LEVELS, room.rows, LEVEL_COLUMNS),
        (head.BOOK, room.lot_rows, BOOK_COLUMNS),
        (head.RATES, room.rows if program.stations else 0, 1),
    ):
        plan.table(slot, rows, columns)
    reals = _Plan(0)
    attributes = len(image.attributes)
    reals.table(head.SPEEDS_AT, machines)
    reals.table(head.RATES_AT, int(p[head.MODES]))
    reals.table(head.PER_SECOND_AT, machines if program.stations else 0)
    reals.table(head.GOOD_AT, machines if program.stations else 0)
    reals.table(head.ANSWERS_AT, machines, 2 + attributes)
    reals.table(head.ATTRIBUTES_AT, room.lots, attributes)
    reals.table(head.ROW_ATTRIBUTES_AT, room.lot_rows, len(image.row_attributes))
    reals.table(head.LEVEL_RATES_AT, room.rows if program.stations else 0)
    reals.table(head.AHEAD_AT, foreseen, int(p[head.AHEAD_WIDTH]))
    reals.table(head.EARLY_AT, room.lots if image.early else 0, early.COLUMNS + 2 * attributes)
    s = np.zeros(plan.places[head.LOT_NOW], dtype=np.int64)
    for slot, place in (plan.places | reals.places).items():
        s[slot] = place
    s[head.STRETCHES], s[head.LOT_WIDTH], s[head.LOT_ROOM] = stretches, width, room.lots
    s[head.AHEAD_LOTS] = foreseen
    s[head.AGENDA_ROOM] = room.entries
    s[head.STATES_ROOM] = s[head.LEVELS_ROOM] = room.rows
    s[head.LOTS_ROOM] = s[head.BOOK_ROOM] = room.lot_rows
    s[head.LOT_FREE] = s[head.IMPATIENT] = NONE
    _fill(image, s)
    units = (*program.units, *program.stations)
    f = np.array([*(u.speed for u in units), *(m.rate for u in units for m in modes_of(program, u))])
    return Layout(image, room, s, f, _whole_lines(plan.size), max(_whole_lines(reals.size), 1))


def scratch(image: Image) -> int:
    """How many numbers `planning` notes: of places, of resources, and of both together."""
    places = int(image.integers[head.MOST_PLACES]) + 1
    resources = len(image.program.people) + len(image.program.units)
    return 4 * places + 3 * resources + places * resources


def most_claims(program: Program) -> int:
    """How many claims there can be at once: on people whole or in part, and on units."""
    people = sum(s.count for each in program.people for s in each.shifts)
    least = min((d.share for d in program.demands), default=1000)
    return people * (1000 // least) + len(program.units) + 1


def _fill(image: Image, s: npt.NDArray[np.int64]) -> None:
    """What tables begin with where that is not 0."""
    program, p = image.program, image.integers
    machines = _rows(s, head.UNIT_NOW, int(p[head.MACHINES]), unit.NOW)
    machines[:, _NOTHING] = NONE
    machines[:, unit.STATE], machines[:, unit.DOWN_STATE], machines[:, unit.OPEN] = STARVED, DOWN, 1
    machines[:, unit.UNLOAD], machines[:, unit.LAST] = PROCESSING + 1, PROCESSING
    _rows(s, head.CHECK_NOW, len(program.units), check.NOW)[:, check.CREW] = NONE
    _rows(s, head.DESK_NOW, len(program.releases), desk.NOW)[:, [desk.WAITING, desk.WAITING_END]] = NONE
    storages = _rows(s, head.STORAGE_NOW, len(program.storages), storage.NOW)
    storages[:, [storage.QUEUE, storage.QUEUE_END, storage.FRONT, storage.BACK]] = NONE
    storages[:, storage.LAST_ENTERED] = LONG_AGO
    lines = _rows(s, head.LINE_NOW, len(program.operations), line.NOW)
    lines[:, [line.HEAD, line.TAIL, line.TURN, line.TURN_END]] = NONE
    modes = _rows(s, head.MODE_NOW, int(p[head.MODES]), mode.NOW)
    modes[:, [mode.FAILS_AT, mode.CREW, mode.WAITS_SINCE]] = NONE
    modes[:, mode.SHOWN] = DOWN
    upkeep_memory.fill(image, s)
    containers = _rows(s, head.CONTAINER_NOW, len(program.containers), container.NOW)
    containers[:, container.CLEAN] = [kind.count for kind in program.containers]
    transport_image.fill(program, s)
    flows_image.fill(program, p, s)
    parts_image.fill(program, s, int(s[head.STATES_ROOM]))
    materials_image.fill(program, s, int(s[head.AGENDA_ROOM]))
    _rows(s, head.AHEAD_MARKS, int(s[head.AHEAD_LOTS]), ahead.MARKS)[:, ahead.NUMBER] = NONE
    early_rows = int(s[head.LOT_ROOM]) if image.early else 0
    _rows(s, head.EARLY_NOW, early_rows, early.NOW)[:, early.NUMBER] = NONE
    claims = _rows(s, head.CLAIM_NOW, most_claims(program), claim.NOW)
    claims[:, claim.NEXT] = [*range(1, len(claims)), NONE]


# What a machine has none of when a replication begins.
_NOTHING = [
    *(unit.ROW_LOT, unit.ROW_OPERATION, unit.CAUSE_NOW, unit.DOWN_CAUSE, unit.LOT, unit.OPERATION),
    *(unit.FINISHED, unit.CREW, unit.RESERVED, unit.REWORK_TO, unit.CLIENT),
]


def _rows(s: npt.NDArray[np.int64], slot: int, count: int, width: int) -> npt.NDArray[np.int64]:
    """The rows of a table, shape (count, width)."""
    first = int(s[slot])
    return s[first : first + count * width].reshape(count, width)
