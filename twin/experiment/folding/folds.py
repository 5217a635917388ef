"""Replications side by side being folded, in one thread: their sums so far, with more room where needed.

An engine hands their rows over; `totals.py` makes the sums of those that have ended. Nothing here is shared
with other replications.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.engine.merging import turn_by_name
from twin.engine.rows import BOOK, GENEALOGY, NOT_DUE, STATE_COLUMNS, STATES, Stores
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lots, room, units
from twin.experiment.folding.bottlenecks import all_bottleneck_times
from twin.experiment.folding.parts import merged_rows
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
    ) -> None:
        self.tables, self.entities, self.causes = tables, tuple(entities), tuple(causes)
        self.numbers, self.start, self.begins = tuple(numbers), start, begins
        self._turn = np.array(turn_by_name(causes), dtype=np.int64)
        self._given_end, self._end = end, NOT_DUE if end is None else end
        count = len(numbers)
        self.units = room.no_units(tables, count)
        self.lots = room.no_lots(tables, len(causes), count)
        self.levels = room.no_levels(tables, self.entities, count)
        # What the end of a replication tells: when it was, times as bottlenecks, and sums of reals.
        self.ends = np.zeros(count, dtype=np.int64)
        self.alone, self.shifting = (np.zeros((count, len(tables.units)), dtype=np.int64) for _ in range(2))
        self.reals = np.zeros((count, self.lots.reals.shape[1]))
        wholes = [int(whole) for whole in np.unique(tables.whole) if whole != NONE]
        nothing = np.empty((0, STATE_COLUMNS), dtype=np.int64)
        self._pending = {(place, whole): nothing for place in range(count) for whole in wholes}

    def fold(self, stores: Stores) -> None:
        """Fold the next rows of replications."""
        self._note_due(stores)
        if self._pending:
            for k, place in enumerate(stores.places.tolist()):
                self._fold_parts(stores.table(k, STATES, STATE_COLUMNS), place)
        else:
            self._fold_states(stores)
        if stores.at[:, GENEALOGY + 1].any():
            done = np.zeros(len(stores.places), dtype=np.int64)
            while lots.fold_made(stores.whole, stores.at, stores.places, done, self.lots) < len(done):
                self.lots = room.more_lots(self.lots)
        self._fold_lots(stores)
        levels.fold_levels(
            stores.whole, stores.reals, stores.at, stores.places, self.start, self._end, self.levels
        )

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
        while lots.finish_lots(ended, ends, done, self.lots, self._window(())) < len(ended):
            self.lots = room.more_lead_times(self.lots)
        levels.finish_levels(ended, self.start, ends, self.levels)
        of = self.units
        all_bottleneck_times(
            ended, of.stretches, of.lengths, of.used, self.start, ends, self.alone, self.shifting
        )
        lots.round_reals(ended, self.lots.reals, self.reals)

    def _window(self, columns: Sequence[int]) -> lots.Window:
        """The window, and where special attributes stand; `columns` are those of the program's attributes."""
        known = dict(zip(self.tables.attributes, columns, strict=False))
        return lots.Window(self.start, self._end, *(known.get(name, NONE) for name in _SPECIAL))

    def _note_due(self, stores: Stores) -> None:
        last = lots.fold_due(stores.whole, stores.at, stores.places, self.lots)
        if last >= self.lots.due.shape[1]:
            self.lots = room.more_due(self.lots, 2 * (last + 1))
            lots.fold_due(stores.whole, stores.at, stores.places, self.lots)
        if last != NONE and self._given_end is None:  # only the end tells whether a lot is due by then
            self.lots = self.lots._replace(last=np.full_like(self.lots.last, NONE))
        self.lots.used[stores.places, lots.RELEASED] += stores.at[:, BOOK + 1]

    def _fold_states(self, stores: Stores) -> None:
        done = np.zeros(len(stores.places), dtype=np.int64)
        while True:
            k = units.fold_states(
                stores.whole, stores.at, stores.places, done, self.start, self._end, self.units
            )
            if k == len(done):
                return
            self.units = room.more_units(self.units, int(stores.places[k]))

    def _fold_lots(self, stores: Stores) -> None:
        done = np.zeros(len(stores.places), dtype=np.int64)
        window = self._window(stores.columns.tolist())
        while True:
            k = lots.fold_lots(*stores[1:3], stores.at, stores.places, *stores[4:], done, self.lots, window)
            if k == len(done):
                return
            self.lots = room.more_lots(self.lots)

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
        self._fold_rows(merged_rows(mine, part, first, until, self._turn), place)
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
