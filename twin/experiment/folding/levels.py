"""Folds rows of `levels`: integrals, peaks and rises by entity, contents of tanks. And rows of `genealogy`:
bought material used up.

Compiled; called by `taking.py` with rows of one replication. A level counts when the next row of its
entity comes, or the replication ends; a row of the same time supersedes it.
"""

from __future__ import annotations

from typing import NamedTuple

from twin.engine.record import SECOND
from twin.experiment.arrays import Integers, Reals
from twin.experiment.folding.compiling import entry
from twin.physics.kernels.compiled import inlined

ENTITY, TIME, LEVEL = 0, 1, 2  # columns of `levels`
NONE = -1
LIMB = 31  # bits; ∫ level dt = a + b · 2³¹ + c · 2⁶²
_MASK = (1 << LIMB) - 1
# Columns of `Levels.entities`, from `LIMBS` on the limbs of an integral: what a row is counted into lies
# side by side.
AT, NOW, BEFORE, ROWS, PEAK, RISE, CHANGES, LIMBS = range(8)
COLUMNS = LIMBS + 3
CONTENT, LEAST, MOST = 0, 1, 2  # columns of `Levels.tank_contents`
VOLUME, HEEL, FULL, EMPTY = 0, 1, 2, 3  # columns of `Levels.tanks`


class Levels(NamedTuple):
    """What is kept of e entities and t tanks of m replications side by side, and of their materials.

    `tank_of` (e,): the tank whose content an entity is, or -1. By replication, first axis m: `entities` (e,
    10): time in ns and level of the last row, the level before, how many rows there were, peak and rises,
    whether the last row has a rate, and limbs of ∫ level dt in ns; `rate` (e,), per s, where it has.
    `tanks` (t, 4): volume and heel in mg, times in ns at them. `tank_contents` (t, 3): ∫ content dt in
    mg·ns, least and most in mg. `used` and `occurs` (materials,): bought, and rows.
    """

    tank_of: Integers
    entities: Integers
    rate: Reals
    tanks: Integers
    tank_contents: Reals
    used: Integers
    occurs: Integers


@inlined
def one(of: Levels, place: int) -> Levels:
    """What is kept of one replication: without the axis of the replications."""
    return Levels(
        of.tank_of,
        of.entities[place],
        of.rate[place],
        of.tanks[place],
        of.tank_contents[place],
        of.used[place],
        of.occurs[place],
    )


@inlined
def fold(rows: Integers, changing: Integers, rates: Reals, start: int, end: int, of: Levels) -> None:
    """Fold rows of levels, of which those numbered `changing` have a rate."""
    next_rate = 0
    for i in range(len(rows)):
        entity, time, level = rows[i, ENTITY], rows[i, TIME], rows[i, LEVEL]
        mine = of.entities[entity]
        if mine[ROWS] == 0:
            mine[BEFORE] = level  # what a replication begins with has not risen in it
        elif mine[AT] != time:
            _count(entity, mine, time, start, end, of)
            mine[BEFORE] = mine[NOW]
        mine[ROWS] += 1
        mine[AT] = time
        mine[NOW] = level
        mine[CHANGES] = 0
        if next_rate < len(changing) and changing[next_rate] == i:
            mine[CHANGES] = 1
            of.rate[entity] = rates[next_rate]
            next_rate += 1


@entry
def finish_levels(places: Integers, start: int, ends: Integers, of: Levels) -> None:
    """Count the last level of every entity up to the end of each replication's window."""
    for k in range(len(places)):
        mine = one(of, places[k])
        for entity in range(len(mine.entities)):
            if mine.entities[entity, ROWS] > 0:
                _count(entity, mine.entities[entity], ends[k], start, ends[k], mine)


@inlined
def _count(entity: int, mine: Integers, until: int, start: int, end: int, of: Levels) -> None:
    """Count the current level of an entity, whose row is `mine`, which lasts until a time."""
    since, level = mine[AT], mine[NOW]
    if (since > start or since == start == 0) and since <= end:
        mine[RISE] += level - mine[BEFORE]
    first, last = max(since, start), min(until, end)
    if last <= first:
        return
    _add_product(level, last - first, mine)
    mine[PEAK] = max(mine[PEAK], level)
    tank = of.tank_of[entity]
    if tank == NONE:
        return
    rate = of.rate[entity] if mine[CHANGES] else 0.0
    contents, numbers = of.tank_contents[tank], of.tanks[tank]
    before = level + rate * ((first - since) / SECOND)
    after = level + rate * ((last - since) / SECOND)
    contents[CONTENT] += (before + after) / 2 * (last - first)
    contents[LEAST] = min(contents[LEAST], before, after)
    contents[MOST] = max(contents[MOST], before, after)
    if rate == 0.0 and level >= numbers[VOLUME]:
        numbers[FULL] += last - first
    if rate == 0.0 and level <= numbers[HEEL]:
        numbers[EMPTY] += last - first


@inlined
def _add_product(level: int, time: int, mine: Integers) -> None:
    """Add level · time to the sum in limbs of an entity."""
    high, low = level >> LIMB, level & _MASK
    time_high, time_low = time >> LIMB, time & _MASK
    product, first, second = low * time_low, high * time_low, low * time_high
    mine[LIMBS] += product & _MASK
    mine[LIMBS + 1] += (product >> LIMB) + (first & _MASK) + (second & _MASK)
    mine[LIMBS + 2] += (first >> LIMB) + (second >> LIMB) + high * time_high


@inlined
def fold_used(rows: Integers, start: int, end: int, of: Levels) -> None:
    """Sum the quantities of bought materials that lots took in the window, by material; note which occur."""
    for i in range(len(rows)):
        time, material, delivered, quantity = rows[i, 0], rows[i, 2], rows[i, 3], rows[i, 6]
        if material == NONE:
            continue
        of.occurs[material] += 1
        if delivered != NONE and (time > start or time == start == 0) and time <= end:
            of.used[material] += quantity
