"""One replication being folded: its sums so far, with more room where they need it.

`folder.py` hands it rows, and asks for the sums when the replication has ended. Nothing here is shared with
other replications, so that each may be folded on a thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.engine.merging import turn_by_name
from twin.engine.record import STATES
from twin.engine.rows import NOT_DUE, Rows
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lots, units
from twin.experiment.folding.bottlenecks import may_be_bottlenecks
from twin.experiment.folding.parts import merged_rows
from twin.experiment.folding.tables import Tables
from twin.experiment.lots import FAILED
from twin.physics.emulation.emulator import EMULATED

NONE = -1
EXACT = 8192  # lead times that are kept; more are counted in a sketch
ROOM = 64  # lots, lead times and stretches at first
_SPECIAL = ("hold_exceeded", "stops", "physics_status", EMULATED)
CAUSES = 64  # a power of two: places for causes at first


class Replication:
    """Sums of one replication over the window from `start` to `end` ns; none: to its end."""

    def __init__(
        self,
        tables: Tables,
        entities: Sequence[str],
        causes: Sequence[str],
        start: int,
        end: int | None,
        begins: int,
    ) -> None:
        self.turn = np.array(turn_by_name(causes), dtype=np.int64)
        self.tables, self.entities = tables, tuple(entities)
        self.start, self.end = start, NOT_DUE if end is None else end
        self.given_end, self.begins = end, begins
        self.units = _no_units(tables)
        self.lots = _no_lots(tables, len(causes))
        self.levels = _no_levels(tables, self.entities)
        self.used = np.zeros(len(tables.materials), dtype=np.int64)
        self.material_rows = np.zeros_like(self.used)
        self.released = 0
        self.pending: dict[int, Integers] = {
            int(whole): np.empty((0, 7), dtype=np.int64) for whole in np.unique(tables.whole) if whole != NONE
        }

    def fold(self, block: Rows) -> None:
        """Fold a block of rows."""
        self._note_due(block.due)
        self._fold_states(block.states)
        if len(block.genealogy):
            levels.fold_used(block.genealogy, self.start, self.end, self.used, self.material_rows)
            self._fold_made(block.genealogy)
        self._fold_lots(block)
        levels.fold_levels(block.levels, block.rates, self.start, self.end, self.levels)

    def finish(self, horizon: int) -> None:
        """Fold what only the end tells; the window ends there where no end was given."""
        for whole in self.pending:
            self._merge_parts(whole, horizon)
        self.end = horizon if self.given_end is None else self.given_end
        done = 0
        while done < self.lots.used[0]:
            done = lots.finish_lots(done, self.lots, self._window())
            if done < self.lots.used[0]:
                self.lots = _more_lead_times(self.lots)
        levels.finish_levels(self.start, self.end, self.levels)

    def _window(self) -> lots.Window:
        names = self.tables.attributes
        columns = (names.index(name) if name in names else NONE for name in _SPECIAL)
        return lots.Window(self.start, self.end, *columns)

    def _note_due(self, due: Integers) -> None:
        first, self.released = self.released, self.released + len(due)
        if np.all(due == NOT_DUE):
            return
        known = self.lots.due
        if self.released > len(known):
            larger = np.full(2 * self.released, NOT_DUE)
            larger[: len(known)] = known
            self.lots = self.lots._replace(due=larger)
        if self.given_end is None:  # only the end tells whether a lot is due by then
            self.lots = self.lots._replace(last=np.full_like(self.lots.last, NONE))
        self.lots.due[first : self.released] = due

    def _fold_states(self, rows: Integers) -> None:
        if self.pending:
            whole = self.tables.whole[rows[:, units.UNIT]]
            for first in self.pending:
                self.pending[first] = np.concatenate([self.pending[first], rows[whole == first]])
                self._merge_parts(first, None)
            rows = rows[whole == NONE]
        self._fold_units(rows)

    def _merge_parts(self, first: int, end: int | None) -> None:
        """Fold the rows of a unit as a whole up to the time to which all of its parts are known."""
        rows, part = self.pending[first], self.tables.part
        known = np.full(int(part[self.tables.whole == first].max()) + 1, -1)
        np.maximum.at(known, part[rows[:, units.UNIT]], rows[:, units.END])
        until = int(known.min()) if end is None else end
        here = rows[:, units.START] < until
        if not here.any():
            return
        mine = rows[here]
        mine = mine[np.argsort(mine[:, units.START], kind="stable")]
        mine[:, units.START] = np.maximum(mine[:, units.START], self.begins)
        self._fold_units(merged_rows(mine, part, first, until, self.turn))
        rest = rows[rows[:, units.END] > until]
        rest[:, units.START] = np.maximum(rest[:, units.START], until)
        self.pending[first] = rest

    def _fold_units(self, rows: Integers) -> None:
        done = 0
        while done < len(rows):
            done += units.fold_units(rows[done:], self.start, self.end, self.units)
            if done < len(rows):
                self.units = _more_units(self.units)

    def _fold_lots(self, block: Rows) -> None:
        done, attributes, window = 0, block.attributes, self._window()
        while done < len(block.lots):
            done += lots.fold_lots(block.lots[done:], attributes[done:], self.lots, window)
            if done < len(block.lots):
                self.lots = _more_lots(self.lots)

    def _fold_made(self, rows: Integers) -> None:
        done = 0
        while done < len(rows):
            done += lots.fold_made(rows[done:], self.lots)
            if done < len(rows):
                self.lots = _more_lots(self.lots)


def _zeros(*shape: int) -> Integers:
    return np.zeros(shape, dtype=np.int64)


def _none(*shape: int) -> Integers:
    return np.full(shape, NONE, dtype=np.int64)


def _no_units(tables: Tables) -> units.Units:
    count = len(tables.units)
    return units.Units(
        name=tables.unit,
        times=_zeros(count, len(STATES)),
        rows=_zeros(count, len(STATES)),
        cause_key=_none(CAUSES),
        cause_time=_zeros(CAUSES),
        takes_part=np.array(["/" not in name for name in tables.units], dtype=np.int64),
        at=_none(count),
        open_stretch=_none(count),
        open_period=_none(count),
        stretches=_zeros(ROOM, 4),
        lengths=_zeros(ROOM),
        used=_zeros(3),
    )


def _no_lots(tables: Tables, causes: int) -> lots.Lots:
    units_, operations = len(tables.units), len(tables.operations)
    return lots.Lots(
        unit=tables.unit,
        operation=tables.operation,
        recipe=tables.recipe,
        pieces=tables.pieces,
        last=tables.last,
        planned=tables.planned,
        place=_none(2 * ROOM),
        live=_zeros(ROOM, lots.LIVE_COLUMNS),
        free=_zeros(ROOM),
        used=_zeros(3),
        due=_zeros(0),
        leads=_zeros(ROOM),
        sketch=_zeros(0),
        whole=_zeros(len(lots.WHOLE)),
        times=_zeros(len(lots.TIMES), 2),
        by_operation=_zeros(operations, len(lots.BY_OPERATION) + 2),
        waited=_zeros(operations, 2),
        worked=_zeros(operations, 2),
        queued=_zeros(operations, 2),
        still_from=_zeros(operations, 2),
        failed_operations=_zeros(operations, len(FAILED), 2),
        failed_units=_zeros(units_, len(FAILED), 2),
        by_unit=_zeros(units_, 2),
        planned_times=_zeros(units_, 2),
        attribute_known=_zeros(len(tables.attributes)),
        by_recipe=_zeros(len(tables.recipes), 3),
        held=_zeros(causes),
        reals=_zeros(1 + units_ + len(tables.attributes) + operations, lots.REAL_LIMBS + 1),
    )


def _no_levels(tables: Tables, entities: tuple[str, ...]) -> levels.Levels:
    count, tanks = len(entities), len(tables.tanks)
    tank_of = _none(count)
    for k, tank in enumerate(tables.tanks):
        if f"tank/{tank}" in entities:
            tank_of[entities.index(f"tank/{tank}")] = k
    numbers = _zeros(tanks, 4)
    numbers[:, : levels.FULL] = tables.tank_limits
    contents = np.zeros((tanks, 3))
    contents[:, levels.LEAST], contents[:, levels.MOST] = np.inf, -np.inf
    return levels.Levels(
        current=_zeros(count, 4),
        rate=np.zeros(count),
        integrals=_zeros(count, 3),
        peaks=np.full(count, np.iinfo(np.int64).min),
        rises=_zeros(count),
        tank_of=tank_of,
        tanks=numbers,
        tank_contents=contents,
    )


def _doubled(array: NDArray[np.int64]) -> Integers:
    """An array with twice the rows, the new ones 0."""
    return np.concatenate([array, np.zeros_like(array)])


def _more_units(of: units.Units) -> units.Units:
    """With more room for causes, stretches or periods, whichever is short."""
    if 2 * of.used[0] > len(of.cause_key):
        of = of._replace(**_spread(of.cause_key, of.cause_time))
    if of.used[1] == len(of.stretches) or of.used[2] == len(of.lengths):
        _prune(of)
    if 2 * of.used[1] > len(of.stretches):
        of = of._replace(stretches=_doubled(of.stretches))
    if 2 * of.used[2] > len(of.lengths):
        of = of._replace(lengths=_doubled(of.lengths))
    return of


def _spread(keys: Integers, times: Integers) -> dict[str, Integers]:
    """Keys and what is counted by them, over twice as many places."""
    larger, counted = _none(2 * len(keys)), _zeros(2 * len(keys))
    for key, time in zip(keys[keys != NONE], times[keys != NONE], strict=True):
        place = units.place_of(key, larger)
        larger[place], counted[place] = key, time
    return {"cause_key": larger, "cause_time": counted}


def _prune(of: units.Units) -> None:
    """Drop the stretches of periods that are over and can be no bottleneck any more."""
    stretches, lengths = of.stretches[: of.used[1]], of.lengths[: of.used[2]]
    keep = may_be_bottlenecks(stretches, lengths, len(of.at)).astype(np.bool_)
    keep[of.open_period[of.open_period != NONE]] = True
    kept = keep[stretches[:, 1]]
    number, place = np.cumsum(keep) - 1, np.cumsum(kept) - 1
    for open_ones, moved in ((of.open_period, number), (of.open_stretch, place)):
        known = open_ones != NONE
        open_ones[known] = moved[open_ones[known]]
    rest = stretches[kept]
    rest[:, 1] = number[rest[:, 1]]
    of.stretches[: len(rest)] = rest
    of.lengths[: int(keep.sum())] = lengths[keep]
    of.used[1:] = len(rest), int(keep.sum())


def _more_lots(of: lots.Lots) -> lots.Lots:
    """With more room for lots or lead times, whichever is short."""
    if of.used[0] == len(of.live) and of.used[1] == 0:
        place = _none(2 * len(of.place))
        of = of._replace(live=_doubled(of.live), free=_doubled(of.free), place=place)
        lots.place_lots(of)
    if of.used[2] == len(of.leads):
        of = _more_lead_times(of)
    return of


def _more_lead_times(of: lots.Lots) -> lots.Lots:
    """With more room for lead times; where too many are kept, they are counted in a sketch instead."""
    if len(of.sketch):
        return of
    if len(of.leads) < EXACT:
        return of._replace(leads=_doubled(of.leads))
    sketch = _zeros(lots.SKETCH_BUCKETS)
    lots.count_leads(of.leads, sketch)
    return of._replace(leads=_zeros(0), sketch=sketch)
