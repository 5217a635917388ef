"""Room for what is kept of replications side by side: none at first, and more where one of them needs it.

Called by `folds.py`. All of them get more when one does, so that their arrays stay one.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from twin.engine.record import STATES
from twin.engine.rows import NOT_DUE
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lot_places, lots_kept, sketch, units
from twin.experiment.folding.bottlenecks import may_be_bottlenecks
from twin.experiment.folding.exact import REAL_LIMBS
from twin.experiment.folding.tables import Tables
from twin.experiment.lots import FAILED

NONE = -1
EXACT = 8192  # lead times that are kept; more are counted in a sketch
ROOM = 64  # lots and lead times at first
STRETCHES = 2048  # of activity
CAUSES = 512  # a power of two: places for causes at first


def _zeros(*shape: int) -> Integers:
    return np.zeros(shape, dtype=np.int64)


def _none(*shape: int) -> Integers:
    return np.full(shape, NONE, dtype=np.int64)


class Spare:
    """Arrays for stretches of activity and their periods, left by replications that have all ended to those
    that begin: to fill fresh ones takes longer, most of all while they are still to grow.
    """

    def __init__(self) -> None:
        self._left: deque[tuple[Integers, Integers]] = deque()

    def leave(self, of: units.Units) -> units.Units:
        """What is kept of units, without these."""
        self._left.append((of.stretches, of.lengths))
        return of._replace(stretches=of.stretches[:0], lengths=of.lengths[:0])

    def take(self, count: int) -> tuple[Integers, Integers]:
        """Arrays for `count` replications, with any numbers in them."""
        with suppress(IndexError):  # nothing left
            stretches, lengths = self._left.pop()
            if len(stretches) >= count:
                return stretches[:count], lengths[:count]
        return np.empty((count, STRETCHES, 4), dtype=np.int64), np.empty((count, STRETCHES), dtype=np.int64)


def no_units(tables: Tables, count: int, spare: Spare | None = None) -> units.Units:
    """Of `count` replications."""
    own = len(tables.units)
    stretches, lengths = (spare or Spare()).take(count)
    return units.Units(
        name=tables.unit,
        takes_part=np.array(["/" not in name for name in tables.units], dtype=np.int64),
        cause_key=_none(CAUSES),
        causes=_zeros(1),
        times=_none(count, own, len(STATES)),
        cause_time=_none(count, CAUSES),
        at=_none(count, own),
        open_stretch=_none(count, own),
        open_period=_none(count, own),
        stretches=stretches,
        lengths=lengths,
        used=_zeros(count, 2),
    )


def no_lots(tables: Tables, causes: int, count: int) -> lots_kept.Lots:
    """Of `count` replications."""
    units_, operations = len(tables.units), len(tables.operations)
    return lots_kept.Lots(
        unit=tables.unit,
        operation=tables.operation,
        recipe=tables.recipe,
        pieces=tables.pieces,
        last=tables.last.copy(),  # `lots.fold_due` changes it
        planned=tables.planned,
        place=_none(count, 2 * ROOM),
        live=_zeros(count, ROOM, lots_kept.LIVE_COLUMNS),
        free=_zeros(count, ROOM),
        used=_zeros(count, lots_kept.USED_COLUMNS),
        due=_zeros(count, 0),
        leads=_zeros(count, ROOM),
        sketch=_zeros(count, 0),
        whole=_zeros(count, len(lots_kept.WHOLE)),
        times=_zeros(count, len(lots_kept.TIMES), 2),
        by_operation=_zeros(count, operations, len(lots_kept.BY_OPERATION) + 2),
        waited=_zeros(count, operations, 2),
        worked=_zeros(count, operations, 2),
        queued=_zeros(count, operations, 2),
        still_from=_zeros(count, operations, 2),
        failed_operations=_zeros(count, operations, len(FAILED), 2),
        failed_units=_zeros(count, units_, len(FAILED), 2),
        by_unit=_zeros(count, units_, 2),
        planned_times=_zeros(count, units_, 2),
        attribute_known=_zeros(count, len(tables.attributes)),
        by_recipe=_zeros(count, len(tables.recipes), 3),
        held=_zeros(count, causes),
        reals=_zeros(count, 1 + units_ + len(tables.attributes) + operations, REAL_LIMBS + 1),
    )


def no_levels(tables: Tables, entities: tuple[str, ...], count: int) -> levels.Levels:
    """Of `count` replications."""
    own, tanks = len(entities), len(tables.tanks)
    tank_of = _none(own)
    for k, tank in enumerate(tables.tanks):
        if f"tank/{tank}" in entities:
            tank_of[entities.index(f"tank/{tank}")] = k
    numbers = _zeros(count, tanks, 4)
    numbers[..., : levels.FULL] = tables.tank_limits
    contents = np.zeros((count, tanks, 3))
    contents[..., levels.LEAST], contents[..., levels.MOST] = np.inf, -np.inf
    known = _zeros(count, own, levels.COLUMNS)
    known[..., levels.PEAK] = np.iinfo(np.int64).min
    return levels.Levels(
        tank_of=tank_of,
        entities=known,
        rate=np.zeros((count, own)),
        tanks=numbers,
        tank_contents=contents,
        used=_zeros(count, len(tables.materials)),
        occurs=_zeros(count, len(tables.materials)),
    )


def _doubled(array: NDArray[np.int64]) -> Integers:
    """An array with twice the rows of each replication, the new ones any."""
    doubled = np.empty((len(array), 2 * array.shape[1], *array.shape[2:]), dtype=np.int64)
    doubled[:, : array.shape[1]] = array
    return doubled


def more_units(of: units.Units, place: int) -> units.Units:
    """With more room for causes, or for the stretches and periods of a replication, whichever is short."""
    if 2 * of.causes[0] > len(of.cause_key):
        of = _spread(of)
    if of.used[place, 0] == of.stretches.shape[1] or of.used[place, 1] == of.lengths.shape[1]:
        _prune(of, place)
    if 2 * of.used[place, 0] > of.stretches.shape[1]:
        of = of._replace(stretches=_doubled(of.stretches))
    if 2 * of.used[place, 1] > of.lengths.shape[1]:
        of = of._replace(lengths=_doubled(of.lengths))
    return of


def _spread(of: units.Units) -> units.Units:
    """With twice as many places for causes."""
    keys, times = _none(2 * len(of.cause_key)), _none(len(of.times), 2 * len(of.cause_key))
    for k in np.flatnonzero(of.cause_key != NONE).tolist():
        place = units.place_of(int(of.cause_key[k]), keys)
        keys[place], times[:, place] = of.cause_key[k], of.cause_time[:, k]
    return of._replace(cause_key=keys, cause_time=times)


def _prune(of: units.Units, place: int) -> None:
    """Drop the stretches of periods that are over and can be no bottleneck any more."""
    used, open_period, open_stretch = of.used[place], of.open_period[place], of.open_stretch[place]
    stretches, lengths = of.stretches[place, : used[0]], of.lengths[place, : used[1]]
    longest = _none(len(lengths))
    may_be_bottlenecks(stretches, lengths, of.at.shape[1], longest)
    keep = longest.astype(np.bool_)
    keep[open_period[open_period != NONE]] = True
    kept = keep[stretches[:, 1]]
    number, moved = np.cumsum(keep) - 1, np.cumsum(kept) - 1
    for open_ones, now in ((open_period, number), (open_stretch, moved)):
        known = open_ones != NONE
        open_ones[known] = now[open_ones[known]]
    rest = stretches[kept]
    rest[:, 1] = number[rest[:, 1]]
    of.stretches[place, : len(rest)] = rest
    of.lengths[place, : int(keep.sum())] = lengths[keep]
    used[:] = len(rest), int(keep.sum())


def more_lots(of: lots_kept.Lots) -> lots_kept.Lots:
    """With more room for lots or lead times, whichever is short."""
    used = of.used
    if np.any((used[:, lots_kept.PLACES] == of.live.shape[1]) & (used[:, lots_kept.FREE] == 0)):
        place = _none(len(used), 2 * of.place.shape[1])
        of = of._replace(live=_doubled(of.live), free=_doubled(of.free), place=place)
        lot_places.place_lots(of)
    return more_lead_times(of)


def more_lead_times(of: lots_kept.Lots) -> lots_kept.Lots:
    """With more room for lead times; a replication with too many has them counted in a sketch instead."""
    full = (of.used[:, lots_kept.LEADS] == of.leads.shape[1]) & (of.used[:, lots_kept.SKETCHED] == 0)
    if not full.any():
        return of
    if of.leads.shape[1] < EXACT:
        return of._replace(leads=_doubled(of.leads))
    if not of.sketch.shape[1]:
        of = of._replace(sketch=_zeros(len(full), sketch.SKETCH_BUCKETS))
    for place in np.flatnonzero(full).tolist():
        sketch.count_leads(of.leads[place], of.sketch[place])
        of.used[place, lots_kept.SKETCHED] = 1
    return of


def more_due(of: lots_kept.Lots, lots_released: int) -> lots_kept.Lots:
    """With room for the due dates of so many lots."""
    due = np.full((len(of.due), lots_released), NOT_DUE)
    due[:, : of.due.shape[1]] = of.due
    return of._replace(due=due)
