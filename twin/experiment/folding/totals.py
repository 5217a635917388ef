"""From folded replications to the sums that all measures are made of. Pure; called by `folder.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.engine.record import OCCASIONAL, STATES
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lots_kept
from twin.experiment.folding.folds import NONE, Folds
from twin.experiment.folding.lots_kept import BY_OPERATION
from twin.experiment.folding.sketch import SKETCH_BITS
from twin.experiment.lots import FAILED
from twin.experiment.names import Names
from twin.experiment.sums import DTYPES, HOLDS, PERCENT, SPECS, Sums

Totals = dict[str, NDArray[Any]]
Triple = tuple[str, str, str]
Here = Integers | slice  # places of replications among those side by side
LOW_WORD = (1 << 32) - 1
NEVER = np.iinfo(np.int64).max


def sums_of_folds(folds: Folds, places: Sequence[int]) -> Sums:
    """The sums of replications that were folded to their end, over the names that occurred in them."""
    here = _here(places)
    keys, failed, tables = _cause_columns(folds, here), _failed_columns(folds, here), folds.tables
    was_in = np.any(folds.units.times[here] != NONE, axis=0)
    names = Names(
        units=_sorted(tables.units, was_in.any(axis=1)),
        operations=_sorted(tables.operations, _visits(folds, here).sum(axis=0)),
        entities=_sorted(folds.entities, folds.levels.entities[here, :, levels.ROWS].sum(axis=0)),
        attributes=tuple(sorted(tables.attributes)),
        causes=tuple(sorted(keys)),
        occasional=tuple(s for s in _sorted(STATES, was_in.any(axis=0)) if s in OCCASIONAL),
        failed=tuple(sorted(failed)),
        materials=_sorted(tables.materials, folds.levels.occurs[here].sum(axis=0)),
    )
    replications = np.array([folds.numbers[place] for place in places], dtype=np.int64)
    found: Totals = {
        "cause_times": np.maximum(folds.units.cause_time[here][:, [keys[c] for c in names.causes]], 0),
        "failed": _side_by_side([failed[what] for what in names.failed], len(places)),
        "exceeded_by": _side_by_side([_passed(folds, here, word) for word in HOLDS], len(places)),
    }
    for part in (_of_lots, _of_visits, _of_units, _of_levels, _of_materials):
        found |= part(folds, here, names)
    # Copies, so that a few numbers do not keep all that was folded in memory.
    columns = {name: np.array(found[name], dtype=DTYPES[spec.kind]) for name, spec in SPECS.items()}
    return Sums(replications, names, **columns)


def quantile(sketch: Integers, rank: int) -> int:
    """The middle of the bucket that holds the value of a rank, from 1, among those counted."""
    index = int(np.searchsorted(np.cumsum(sketch), rank))
    shift = max((index >> (SKETCH_BITS - 1)) - 1, 0)
    return ((index - (shift << (SKETCH_BITS - 1))) << shift) + ((1 << shift) >> 1)


def _here(places: Sequence[int]) -> Here:
    """What picks these places out of all: without copies where they follow each other."""
    first, last = places[0], places[-1]
    if list(places) == list(range(first, last + 1)):
        return slice(first, last + 1)
    return np.array(places, dtype=np.int64)


def _side_by_side(columns: Sequence[Integers], count: int) -> Integers:
    """Columns of shape (count,) as one array, of which there may be none."""
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0), dtype=np.int64)


def _passed(folds: Folds, here: Here, word: str) -> Integers:
    """Hold times that passed by the word that set them, shape (r,)."""
    mine = [k for k, cause in enumerate(folds.causes) if cause.startswith(word)]
    return np.asarray(folds.lots.held[here][:, mine].sum(axis=1))


def _times(limbs: Integers) -> NDArray[Any]:
    """Sums in limbs of `lots_kept.LIMB` bits, on the last axis, as Python's integers."""
    small = np.array([62, lots_kept.LIMB - 1])
    if not limbs[..., 2:].any() and not (np.abs(limbs[..., :2]) >> small).any():
        return np.asarray((limbs[..., 1] << lots_kept.LIMB) + limbs[..., 0]).astype(object)  # fits 64 bits
    found = np.empty(limbs.shape[:-1], dtype=object)
    found[...] = 0
    for k in range(limbs.shape[-1]):
        found += limbs[..., k].astype(object) << (lots_kept.LIMB * k)
    return found


def _sorted(names: Sequence[str], occurs: NDArray[Any]) -> tuple[str, ...]:
    """Names that occur, sorted."""
    return tuple(sorted(name for name, times in zip(names, occurs.tolist(), strict=True) if times))


def _places(known: Sequence[str], names: Sequence[str]) -> list[int]:
    number = {name: k for k, name in enumerate(known)}
    return [number[name] for name in names]


def _visits(folds: Folds, here: Here) -> Integers:
    """Visits to each operation, shape (r, operations)."""
    return folds.lots.by_operation[here, :, len(BY_OPERATION)]


def _cause_columns(folds: Folds, here: Here) -> dict[Triple, int]:
    """Columns of `Units.cause_time` by unit, state and cause, of those that occurred."""
    of, found = folds.units, {}
    for column in np.flatnonzero(np.any(of.cause_time[here] != NONE, axis=0)).tolist():
        key = int(of.cause_key[column])
        unit, state = divmod(key >> 32, len(STATES))
        found[folds.tables.units[unit], STATES[state], folds.causes[key & LOW_WORD]] = column
    return found


def _failed_columns(folds: Folds, here: Here) -> dict[Triple, Integers]:
    """Visits that failed in the window, shape (r,), by operation or unit and outcome, where any did at any
    time.
    """
    found = {}
    for kind, names, counted in (
        ("operation", folds.tables.operations, folds.lots.failed_operations[here]),
        ("unit", folds.tables.units, folds.lots.failed_units[here]),
    ):
        for place, k in np.argwhere(counted[..., 1].any(axis=0)).tolist():
            found[kind, names[place], FAILED[k]] = counted[:, place, k, 0]
    return found


def _of_lots(folds: Folds, here: Here, names: Names) -> Totals:
    of = folds.lots
    times = _times(of.times[here])
    return {
        **{name: of.whole[here, k] for k, name in enumerate(lots_kept.WHOLE)},
        **{name: times[:, k] for k, name in enumerate(lots_kept.TIMES)},
        "yields": folds.reals[here, 0],
        "lead_quantiles": _lead_quantiles(folds, here),
        "sketched": of.used[here, lots_kept.SKETCHED],
    }


def _lead_quantiles(folds: Folds, here: Here) -> Integers:
    """The ⌈qn⌉-th smallest lead times, from a sketch where there is one, shape (r, quantiles)."""
    of = folds.lots
    count = of.whole[here, lots_kept.WHOLE.index("finished")]
    ranks = -(-count[:, None] * np.array(PERCENT) // 100)
    leads = np.where(np.arange(of.leads.shape[1]) < count[:, None], of.leads[here], NEVER)
    found = np.take_along_axis(np.sort(leads, axis=1), np.minimum(ranks, leads.shape[1]) - 1, axis=1)
    found[count == 0] = np.iinfo(np.int64).min
    for k in np.flatnonzero(of.used[here, lots_kept.SKETCHED]).tolist():
        found[k] = [quantile(of.sketch[here][k], rank) for rank in ranks[k].tolist()]
    return found


def _of_visits(folds: Folds, here: Here, names: Names) -> Totals:
    of, tables = folds.lots, folds.tables
    mine = _places(tables.operations, names.operations)
    mine_too = _places(tables.attributes, names.attributes)
    before = 1 + len(tables.units)
    behind = before + len(tables.attributes)
    still = of.by_operation[here, :, len(BY_OPERATION) + 1].astype(object) * folds.ends[here][:, None]
    return {
        **{name: of.by_operation[here, :, k][:, mine] for k, name in enumerate(BY_OPERATION)},
        "waited": _times(of.waited[here][:, mine]),
        "worked": _times(of.worked[here][:, mine]),
        "queued": (_times(of.queued[here]) + still - _times(of.still_from[here]))[:, mine],
        "stops": folds.reals[here, behind:][:, mine],
        "attribute_known": of.attribute_known[here][:, mine_too],
        "attribute_sum": folds.reals[here, before:behind][:, mine_too],
    }


def _of_units(folds: Folds, here: Here, names: Names) -> Totals:
    mine = _places(folds.tables.units, names.units)
    return {
        "state_times": np.maximum(folds.units.times[here][:, mine], 0),
        "bottleneck_sole": folds.alone[here][:, mine],
        "bottleneck_shifting": folds.shifting[here][:, mine],
        "planned": _times(folds.lots.planned_times[here][:, mine]),
        "produced": folds.lots.by_unit[here, :, 0][:, mine],
        "unplanned": folds.lots.by_unit[here, :, 1][:, mine],
        "good": folds.reals[here, 1 : 1 + len(folds.tables.units)][:, mine],
    }


def _of_levels(folds: Folds, here: Here, names: Names) -> Totals:
    of = folds.levels
    mine = _places(folds.entities, names.entities)
    tanks = _places(folds.tables.tanks, names.tanks)
    known = of.entities[here][:, mine]
    contents, times = of.tank_contents[here][:, tanks], of.tanks[here][:, tanks]
    contents = np.where(np.isinf(contents), np.nan, contents)
    return {
        "integrals": _times(known[..., levels.LIMBS :]),
        "peaks": known[..., levels.PEAK],
        "rises": known[..., levels.RISE],
        "tank_content": contents[..., levels.CONTENT],
        "tank_least": contents[..., levels.LEAST],
        "tank_most": contents[..., levels.MOST],
        "tank_full": times[..., levels.FULL],
        "tank_empty": times[..., levels.EMPTY],
    }


def _of_materials(folds: Folds, here: Here, names: Names) -> Totals:
    tables, of = folds.tables, folds.levels
    mine, recipes = _places(tables.materials, names.materials), _places(tables.recipes, names.recipes)
    pieces = np.zeros(len(tables.recipes), dtype=np.int64)
    pieces[tables.recipe] = tables.pieces
    by_recipe = folds.lots.by_recipe[here]
    in_pieces = np.array(tables.materials_in_pieces, dtype=np.int64) * (of.occurs[here] > 0)
    return {
        "used": of.used[here][:, mine],
        "used_in_pieces": in_pieces[:, mine],
        "recipe_released": by_recipe[:, recipes, 0],
        "recipe_scrapped": by_recipe[:, recipes, 1],
        "recipe_in_pieces": (pieces * (by_recipe[..., 2] > 0))[:, recipes],
    }
