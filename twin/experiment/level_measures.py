"""Measures of counted things from the record's `levels`: work in process, people, containers, storages. Pure,
called by `measures`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from twin.engine.record import SECOND
from twin.experiment.arrays import NEVER, Integers, Reals, Windows, exact_sums, level_steps, ratios
from twin.experiment.lots import LOST, Visits


def level_measures(levels: pa.Table, windows: Windows, entities: tuple[str, ...]) -> dict[str, Reals]:
    """Time-weighted means of the counted levels, the peaks of people and containers, and what is
    drawn of utilities.

    The time integral of a level is a whole number, divided once. `people.NAME.utilisation` is
    ∫ busy dt / ∫ present dt. A peak is the highest level that lasts for any time inside the window.
    """
    of, peaks = _integrals_and_peaks(levels, windows, entities)
    length = windows.length.tolist()
    columns: dict[str, Reals] = {}
    for name, integral in of.items():
        kind, *rest = name.split("/")
        if name == "wip":
            columns["wip_mean"] = ratios(integral, length)
        elif kind == "storage":
            columns[f"storage.{rest[0]}.mean"] = ratios(integral, length)
            columns[f"storage.{rest[0]}.peak"] = peaks[name]
        elif kind == "loop":
            columns[f"loop.{rest[0]}.in_use_mean"] = ratios(integral, length)
            columns[f"loop.{rest[0]}.in_use_peak"] = peaks[name]
        elif kind == "container" and rest[1] == "in_use":
            columns[f"container.{rest[0]}.in_use_mean"] = ratios(integral, length)
            columns[f"container.{rest[0]}.in_use_peak"] = peaks[name]
        elif kind == "people" and rest[1] == "busy":
            columns[f"people.{rest[0]}.utilisation"] = ratios(integral, of[f"people/{rest[0]}/present"])
            columns[f"people.{rest[0]}.busy_mean"] = ratios(integral, length)
            columns[f"people.{rest[0]}.busy_peak"] = peaks[name]
        elif kind == "utility" and rest[1] == "rate":
            columns |= _utility(rest[0], integral, of[f"utility/{rest[0]}/capacity"], peaks[name], length)
    return columns


def _utility(
    name: str, drawn: list[int], capacity: list[int], peak: Reals, length: list[int]
) -> dict[str, Reals]:
    """What is drawn of a utility, whose rates are in millionths of its SI unit per hour."""
    consumed = ratios(drawn, [MICRO_HOURS] * len(drawn))
    return {
        f"utility.{name}.consumed": consumed,
        f"utility.{name}.mean": ratios(drawn, [ns * MICRO_HOURS // SECOND for ns in length]),
        f"utility.{name}.peak": peak / (MICRO_HOURS / SECOND),
        f"utility.{name}.utilisation": ratios(drawn, capacity),
    }


MICRO_HOURS = 1_000_000 * 3600 * SECOND  # millionths per hour, times ns, in one unit


def level_integrals(levels: pa.Table, windows: Windows, entity: str) -> list[int]:
    """∫ level dt of one entity inside each window, in ns; 0 where the entity does not occur."""
    return _integrals_and_peaks(levels, windows, (entity,))[0][entity]


def _integrals_and_peaks(
    levels: pa.Table, windows: Windows, entities: tuple[str, ...]
) -> tuple[dict[str, list[int]], dict[str, Reals]]:
    """∫ level dt in ns and the highest level inside the window, by entity; lists and arrays of shape (r,)."""
    group, level, start, end = level_steps(levels, windows, entities)
    count, size = len(entities), len(windows.replications) * len(entities)
    inside = windows.overlap(group // max(count, 1), start, end)
    integrals = _weighted_sums(group, inside, level, size)
    highest = np.full(size, _LOWEST, dtype=np.int64)
    np.maximum.at(highest, group[inside > 0], level[inside > 0])
    peaks = np.where(highest == _LOWEST, np.nan, highest.astype(np.float64))
    return (
        {name: integrals[k::count] for k, name in enumerate(entities)},
        {name: peaks[k::count] for k, name in enumerate(entities)},
    )


def _weighted_sums(group: Integers, times: Integers, level: Integers, size: int) -> list[int]:
    """∫ level dt by group; large levels in parts, whose products with times stay far from overflow."""
    total = [0] * size
    scale = 0
    while scale == 0 or np.any(level >> scale):
        part = (level >> scale) & _PART
        sums = exact_sums(group, times, size, weights=part)
        total = [a + (b << scale) for a, b in zip(total, sums, strict=True)]
        scale += _PART.bit_length()
    return total


_PART = (1 << 24) - 1
_LOWEST = np.iinfo(np.int64).min


def little_ratio(visits: Visits, levels: pa.Table, windows: Windows) -> dict[str, Reals]:
    """L/(λW), Little's law as a check: 1 in the long run of a steady plant, exactly 1 from empty to empty.

    L is the mean work in process, λ the rate at which lots leave, good or not, and W the mean of their times
    inside, without that in which their parts are inside in their place; lots that were lost never came in. So
    it is ∫ work in process dt over the sum of these times, a quotient of integers.
    """
    place, out = visits.place[visits.first], visits.left[visits.last]
    gone = (out != NEVER) & windows.holds(place, out) & (visits.outcome[visits.last] != LOST)
    inside: Integers = np.add.reduceat(visits.left - visits.arrived, visits.first)[gone]
    total = exact_sums(place[gone], inside, len(windows.replications))
    return {"little_ratio": ratios(level_integrals(levels, windows, "wip"), total)}
