"""From a folded replication to the sums that all measures are made of. Pure; called by `folder.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.engine.record import OCCASIONAL, STATES
from twin.experiment.arrays import Integers
from twin.experiment.folding import levels, lots
from twin.experiment.folding.bottlenecks import bottleneck_times
from twin.experiment.folding.lots import BY_OPERATION, NOT_FINITE, REAL_LIMB, REAL_ONE, SKETCH_BITS
from twin.experiment.folding.replication import EXACT, NONE, Replication
from twin.experiment.lots import FAILED
from twin.experiment.names import Names
from twin.experiment.sums import HOLDS, PERCENT, Sums, empty_sums

Totals = dict[str, NDArray[Any]]
LOW_WORD = (1 << 32) - 1


def sums_of_fold(replication: int, fold: Replication, causes: Sequence[str]) -> Sums:
    """The sums of a replication that was folded to its end, over the names that occurred in it."""
    keys = _cause_keys(fold, causes)
    failed = _failed(fold)
    tables = fold.tables
    names = Names(
        units=_sorted(tables.units, fold.units.rows.sum(axis=1)),
        operations=_sorted(tables.operations, fold.lots.by_operation[:, len(BY_OPERATION)]),
        entities=_sorted(fold.entities, fold.levels.current[:, levels.ROWS]),
        attributes=tuple(sorted(tables.attributes)),
        causes=tuple(sorted(keys)),
        occasional=tuple(s for s in _sorted(STATES, fold.units.rows.sum(axis=0)) if s in OCCASIONAL),
        failed=tuple(sorted(failed)),
        materials=_sorted(tables.materials, fold.material_rows),
    )
    found = empty_sums(np.array([replication], dtype=np.int64), names)
    for part in (_of_lots, _of_visits, _of_units, _of_levels, _of_materials):
        for name, values in part(fold, names).items():
            found[name][0] = values
    found["cause_times"][0] = [keys[name] for name in names.causes]
    found["failed"][0] = [failed[name] for name in names.failed]
    found["exceeded_by"][0] = _held(fold, causes)
    return Sums(np.array([replication], dtype=np.int64), names, **found)


def quantile(sketch: Integers, rank: int) -> int:
    """The middle of the bucket that holds the value of a rank, from 1, among those counted."""
    index = int(np.searchsorted(np.cumsum(sketch), rank))
    shift = max((index >> (SKETCH_BITS - 1)) - 1, 0)
    return ((index - (shift << (SKETCH_BITS - 1))) << shift) + ((1 << shift) >> 1)


def real(limbs: Integers) -> float:
    """A sum in fixed point, rounded once."""
    odd = int(limbs[NOT_FINITE])
    if odd:
        return {1: np.inf, 2: -np.inf}.get(odd, np.nan)
    filled = np.flatnonzero(limbs[:NOT_FINITE]).tolist()
    total = sum(int(limbs[k]) << (REAL_LIMB * k) for k in filled)
    return total / (1 << REAL_ONE)


def _reals(limbs: Integers) -> list[float]:
    return [real(row) for row in limbs]


def _times(limbs: Integers) -> NDArray[Any]:
    """Sums in limbs of `lots.LIMB` bits, on the last axis, as Python's integers."""
    found = np.empty(limbs.shape[:-1], dtype=object)
    found[...] = 0
    for k in range(limbs.shape[-1]):
        found += limbs[..., k].astype(object) << (lots.LIMB * k)
    return found


def _sorted(names: Sequence[str], occurs: Integers) -> tuple[str, ...]:
    """Names that occur, sorted."""
    return tuple(sorted(name for name, times in zip(names, occurs, strict=True) if times))


def _places(known: Sequence[str], names: Sequence[str]) -> list[int]:
    number = {name: k for k, name in enumerate(known)}
    return [number[name] for name in names]


def _cause_keys(fold: Replication, causes: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Time in ns by unit, state and cause."""
    of = fold.units
    here = of.cause_key != NONE
    found = {}
    for key, time in zip(of.cause_key[here].tolist(), of.cause_time[here].tolist(), strict=True):
        unit, state = divmod(key >> 32, len(STATES))
        found[fold.tables.units[unit], STATES[state], causes[key & LOW_WORD]] = time
    return found


def _failed(fold: Replication) -> dict[tuple[str, str, str], int]:
    """Visits that failed in the window, by operation or unit and outcome, where any did at any time."""
    found = {}
    for kind, names, counted in (
        ("operation", fold.tables.operations, fold.lots.failed_operations),
        ("unit", fold.tables.units, fold.lots.failed_units),
    ):
        for place, k in np.argwhere(counted[..., 1]).tolist():
            found[kind, names[place], FAILED[k]] = int(counted[place, k, 0])
    return found


def _held(fold: Replication, causes: Sequence[str]) -> list[int]:
    """Hold times that passed, by the word that set them."""
    held = list(zip(causes, fold.lots.held.tolist(), strict=True))
    return [sum(count for cause, count in held if cause.startswith(word)) for word in HOLDS]


def _of_lots(fold: Replication, names: Names) -> Totals:
    of = fold.lots
    quantiles, sketched = _lead_quantiles(fold)
    return {
        **{name: of.whole[k] for k, name in enumerate(lots.WHOLE)},
        **{name: _times(of.times)[k] for k, name in enumerate(lots.TIMES)},
        "yields": np.float64(real(of.reals[0])),
        "lead_quantiles": quantiles,
        "sketched": np.int64(sketched),
    }


def _lead_quantiles(fold: Replication) -> tuple[Any, bool]:
    """The ⌈qn⌉-th smallest lead times, and whether they are from a sketch."""
    of = fold.lots
    count = int(of.whole[lots.WHOLE.index("finished")])
    if count == 0:
        return np.full(len(PERCENT), np.iinfo(np.int64).min), False
    ranks = [-(-count * percent // 100) for percent in PERCENT]
    if len(of.sketch):
        return [quantile(of.sketch, rank) for rank in ranks], True
    assert count <= EXACT
    ordered = np.sort(of.leads[:count])
    return [ordered[rank - 1] for rank in ranks], False


def _of_visits(fold: Replication, names: Names) -> Totals:
    of, tables = fold.lots, fold.tables
    mine = _places(tables.operations, names.operations)
    mine_too = _places(tables.attributes, names.attributes)
    before = 1 + len(tables.units)
    behind = before + len(tables.attributes)
    still = of.by_operation[:, len(BY_OPERATION) + 1].astype(object) * fold.end - _times(of.still_from)
    return {
        **{name: of.by_operation[mine, k] for k, name in enumerate(BY_OPERATION)},
        "waited": _times(of.waited)[mine],
        "worked": _times(of.worked)[mine],
        "queued": (_times(of.queued) + still)[mine],
        "stops": np.array(_reals(of.reals[behind:][mine])),
        "attribute_known": of.attribute_known[mine_too],
        "attribute_sum": np.array(_reals(of.reals[before:behind][mine_too])),
    }


def _of_units(fold: Replication, names: Names) -> Totals:
    of, tables = fold.units, fold.tables
    mine = _places(tables.units, names.units)
    stretches, lengths = of.stretches[: of.used[1]], of.lengths[: of.used[2]]
    sole, shifting = bottleneck_times(stretches, lengths, len(tables.units), fold.start, fold.end)
    return {
        "state_times": of.times[mine],
        "bottleneck_sole": sole[mine],
        "bottleneck_shifting": shifting[mine],
        "planned": _times(fold.lots.planned_times)[mine],
        "produced": fold.lots.by_unit[mine, 0],
        "unplanned": fold.lots.by_unit[mine, 1],
        "good": np.array(_reals(fold.lots.reals[1 : 1 + len(tables.units)][mine])),
    }


def _of_levels(fold: Replication, names: Names) -> Totals:
    of = fold.levels
    mine = _places(fold.entities, names.entities)
    tanks = _places(fold.tables.tanks, names.tanks)
    contents = np.where(np.isinf(of.tank_contents), np.nan, of.tank_contents)
    return {
        "integrals": _times(of.integrals)[mine],
        "peaks": of.peaks[mine],
        "rises": of.rises[mine],
        "tank_content": contents[tanks, levels.CONTENT],
        "tank_least": contents[tanks, levels.LEAST],
        "tank_most": contents[tanks, levels.MOST],
        "tank_full": of.tanks[tanks, levels.FULL],
        "tank_empty": of.tanks[tanks, levels.EMPTY],
    }


def _of_materials(fold: Replication, names: Names) -> Totals:
    tables = fold.tables
    mine, recipes = _places(tables.materials, names.materials), _places(tables.recipes, names.recipes)
    pieces = np.zeros(len(tables.recipes), dtype=np.int64)
    pieces[tables.recipe] |= tables.pieces
    used = np.array([tables.materials_in_pieces[k] for k in mine], dtype=np.int64)
    return {
        "used": fold.used[mine],
        "used_in_pieces": used,
        "recipe_released": fold.lots.by_recipe[recipes, 0],
        "recipe_scrapped": fold.lots.by_recipe[recipes, 1],
        "recipe_in_pieces": pieces[recipes],
    }
