"""Replications side by side being folded, in one thread: their sums so far, with more room where needed.

An engine hands their rows over; `totals.py` makes the sums of those that have ended. Nothing here is shared
with other replications.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.engine.merging import turn_by_name
from twin.engine.rows import BOOK, NOT_DUE, STATE_COLUMNS, STATES, Stores
from twin.engine.takers import Taker
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lots, room, taking, units
from twin.experiment.folding.bottlenecks import all_bottleneck_times
from twin.experiment.folding.exact import round_reals
from twin.experiment.folding.lots_kept import RELEASED, Window
from twin.experiment.folding.parts import merge_rows
from twin.experiment.folding.tables import Tables
from twin.physics.emulation.emulator import EMULATED

NONE = -1
_SPECIAL = ("hold_exceeded", "stops", "physics_status", EMULATED)


class Folds:
    """Sums of replications over the window from `start` to `end` ns; none: to the end of each."""

    def __init__(
        self,
        tables: Tables,
        numbers: Sequence[int],
        entities: Sequence[str],
        causes: Sequence[str],
        start: int,
        end: int | None,
        begins: int,
        spare: room.Spare,
    ) -> None:
        self.tables, self.entities, self.causes = tables, tuple(entities), tuple(causes)
        self.numbers, self.start, self.begins = tuple(numbers), start, begins
        self._turn = np.array(turn_by_name(causes), dtype=np.int64)
        self._given_end, self._end = end, NOT_DUE if end is None else end
        count = len(numbers)
        self._spare, self._under_way = spare, count
        self.units = room.no_units(tables, count, spare)
        self.lots = room.no_lots(tables, len(causes), count)
        self.levels = room.no_levels(tables, self.entities, count)
        # What the end of a replication tells: when it was, times as bottlenecks, and sums of reals.
        self.ends = np.zeros(count, dtype=np.int64)
        self.alone, self.shifting = (np.zeros((count, len(tables.units)), dtype=np.int64) for _ in range(2))
        self.reals = np.zeros((count, self.lots.reals.shape[1]))
        wholes = [int(whole) for whole in np.unique(tables.whole) if whole != NONE]
        nothing = np.empty((0, STATE_COLUMNS), dtype=np.int64)
        self._done = np.zeros((count, taking.DONE_COLUMNS), dtype=np.int64)
        self._columns, self._width = np.empty(0, dtype=np.int64), NONE
        self._context = taking.no_context()
        self._pending = {(place, whole): nothing for place in range(count) for whole in wholes}

    def fold(self, stores: Stores) -> None:
        """Fold the next rows of replications."""
        if self._pending:
            for k, place in enumerate(stores.places.tolist()):
                rows = stores.table(k, STATES, STATE_COLUMNS)
                self._fold_parts(rows, place)
                self._done[place, taking.STATES_DONE] = len(rows)
        self._take_columns(stores.columns, stores.width)
        k = taking.fold(self._context, stores, 0, self._kept())
        while k < len(stores.places):
            self._make_room(int(stores.places[k]), int(stores.at[k, BOOK + 1]))
            k = taking.fold(self._context, stores, k, self._kept())

    def taker(self, columns: Integers, width: int) -> Taker | None:
        """What folds rows in compiled code, as long as there is room; none where that is not all there is to
        do.
        """
        address = taking.address()
        if self._pending or not address:
            return None
        self._take_columns(columns, width)
        return Taker(address, self._context.ctypes.data)

    def finish(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        """Fold what only the end of replications tells; their windows end there where no end was given."""
        ended = np.array(places, dtype=np.int64)
        horizon_of = dict(zip(places, horizons, strict=True))
        for place, whole in self._pending:
            if place in horizon_of:
                self._merge_parts(place, whole, horizon_of[place])
        ends = np.array(horizons, dtype=np.int64)
        if self._given_end is not None:
            ends[:] = self._given_end
        self.ends[ended] = ends
        done = np.zeros_like(ended)
        while lots.finish_lots(ended, ends, done, self.lots, self._kept().window) < len(ended):
            self.lots = room.more_lead_times(self.lots)
            taking.keep(self._kept(), self._context)
        levels.finish_levels(ended, self.start, ends, self.levels)
        of = self.units
        all_bottleneck_times(
            ended, of.stretches, of.lengths, of.used, self.start, ends, self.alone, self.shifting
        )
        round_reals(ended, self.lots.reals, self.reals)
        self._under_way -= len(ended)
        if not self._under_way:
            self.units = self._spare.leave(of)
            taking.keep(self._kept(), self._context)

    def _take_columns(self, columns: Integers, width: int) -> None:
        """The program's attributes stand in these columns of a row of so many numbers."""
        if self._width != width or not np.array_equal(self._columns, columns):
            self._columns, self._width = columns, width
            taking.keep(self._kept(), self._context)

    def _kept(self) -> taking.Kept:
        """All that is kept of the replications, as compiled code has it."""
        known = dict(zip(self.tables.attributes, self._columns.tolist(), strict=False))
        window = Window(self.start, self._end, *(known.get(name, NONE) for name in _SPECIAL))
        of = self.units, self.lots, self.levels
        return taking.Kept(*of, window, self._done, self._columns, self._width)

    def _make_room(self, place: int, released: int) -> None:
        """Make room for the next rows of a replication, of which so many say what was released."""
        self.units = room.more_units(self.units, place)
        self.lots = room.more_lots(self.lots)
        known = int(self.lots.used[place, RELEASED]) + released
        if not self._done[place, taking.BOOK_DONE] and known > self.lots.due.shape[1]:
            self.lots = room.more_due(self.lots, 2 * known)
        taking.keep(self._kept(), self._context)

    def _fold_parts(self, rows: Integers, place: int) -> None:
        """Fold rows of states of one replication, those of the parts of a unit merged."""
        whole = self.tables.whole[rows[:, units.UNIT]]
        for mine, first in self._pending:
            if mine == place:
                known = self._pending[place, first]
                self._pending[place, first] = np.concatenate([known, rows[whole == first]])
                self._merge_parts(place, first, None)
        self._fold_rows(np.ascontiguousarray(rows[whole == NONE]), place)

    def _merge_parts(self, place: int, first: int, end: int | None) -> None:
        """Fold the rows of a unit as a whole up to the time to which all of its parts are known."""
        rows, part = self._pending[place, first], self.tables.part
        known = np.full(int(part[self.tables.whole == first].max()) + 1, -1)
        np.maximum.at(known, part[rows[:, units.UNIT]], rows[:, units.END])
        until = int(known.min()) if end is None else end
        here = rows[:, units.START] < until
        if not here.any():
            return
        mine = rows[here]
        mine = mine[np.argsort(mine[:, units.START], kind="stable")]
        mine[:, units.START] = np.maximum(mine[:, units.START], self.begins)
        merged = np.empty_like(mine)
        count = merge_rows(mine, part, first, until, self._turn, merged)
        self._fold_rows(merged[:count], place)
        rest = rows[rows[:, units.END] > until]
        rest[:, units.START] = np.maximum(rest[:, units.START], until)
        self._pending[place, first] = rest

    def _fold_rows(self, rows: Integers, place: int) -> None:
        done = 0
        while True:
            done = units.fold_rows(rows, place, done, self.start, self._end, self.units)
            if done == len(rows):
                return
            self.units = room.more_units(self.units, place)
            taking.keep(self._kept(), self._context)
