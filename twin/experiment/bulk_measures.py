"""Measures of what the record counts beside lots and states: tanks, fleets, and limits that were passed.

Pure, called by `measures`; what a plant does not have costs nothing.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from twin.engine.record import SECOND
from twin.experiment.arrays import (
    Integers,
    Reals,
    Windows,
    changing_steps,
    counts,
    exact_sums,
    integers,
    level_steps,
    ratios,
    sums,
)

MILLIGRAMS = 1_000_000  # per kg
DOING = ("loaded", "empty", "charging")
HOLDS = ("max_wait_before", "shelf_life")


def fleet_measures(levels: pa.Table, windows: Windows, entities: tuple[str, ...]) -> dict[str, Reals]:
    """Shares of the time of all transporters of a fleet, by what they do; arrays of shape (r,).

    Driving, loading and unloading with a lot is `loaded`, driving without one `empty`; the four shares add
    up to 1.
    """
    columns: dict[str, Reals] = {}
    for fleet in _named(entities, "transport", "count"):
        whats = ("count", "busy", *DOING)
        names = [f"transport/{fleet}/{what}" for what in whats]
        group, level, start, end = level_steps(levels, windows, names)
        inside = windows.overlap(group // len(names), start, end)
        size = len(windows.replications) * len(names)
        totals = exact_sums(group, inside, size, weights=level)
        of = {what: totals[k :: len(names)] for k, what in enumerate(whats)}
        for what in DOING:
            columns[f"fleet.{fleet}.{what}"] = ratios(of[what], of["count"])
        idle = [all_ - busy for all_, busy in zip(of["count"], of["busy"], strict=True)]
        columns[f"fleet.{fleet}.idle"] = ratios(idle, of["count"])
    return columns


def tank_measures(levels: pa.Table, windows: Windows, entities: tuple[str, ...]) -> dict[str, Reals]:
    """Content of each tank in kg (mean, least, most), and the shares of the window in which it stands at its
    volume or at its heel; arrays of shape (r,).
    """
    columns: dict[str, Reals] = {}
    for tank in _named(entities, "tank", "volume"):
        name = f"tank/{tank}"
        place, level, rate, start, end = changing_steps(levels, windows, (name,))
        first, last = np.maximum(start, windows.start[place]), np.minimum(end, windows.end[place])
        inside = last > first
        place, level, rate = place[inside], level[inside], rate[inside]
        start, first, last = start[inside], first[inside], last[inside]
        before = level + rate * ((first - start) / SECOND)
        after = level + rate * ((last - start) / SECOND)
        n, length = len(windows.replications), windows.length.astype(np.float64)
        mean = np.bincount(place, (before + after) / 2 * (last - first), n) / length
        least, most = np.full(n, np.inf), np.full(n, -np.inf)
        for ends in (before, after):
            np.minimum.at(least, place, ends)
            np.maximum.at(most, place, ends)
        still = rate == 0
        full = still & (level >= _constant(levels, windows, f"{name}/volume")[place])
        empty = still & (level <= _constant(levels, windows, f"{name}/heel")[place])
        columns |= {
            f"tank.{tank}.mean": mean / MILLIGRAMS,
            f"tank.{tank}.min": np.where(np.isinf(least), np.nan, least) / MILLIGRAMS,
            f"tank.{tank}.max": np.where(np.isinf(most), np.nan, most) / MILLIGRAMS,
            f"tank.{tank}.full": sums(place[full], (last - first)[full], n) / length,
            f"tank.{tank}.empty": sums(place[empty], (last - first)[empty], n) / length,
        }
    return columns


def _constant(levels: pa.Table, windows: Windows, entity: str) -> Integers:
    """The level of what never changes, in each replication."""
    place, level, _, _ = level_steps(levels, windows, (entity,))
    found = np.zeros(len(windows.replications), dtype=np.int64)
    found[place] = level
    return found


def violation_measures(levels: pa.Table, windows: Windows, entities: tuple[str, ...]) -> dict[str, Reals]:
    """How often a unit, a kind of container or a tank passed a limit of its own inside the window."""
    columns: dict[str, Reals] = {}
    for entity in entities:
        if entity.endswith("_violations"):
            place, level, time, _ = level_steps(levels, windows, (entity,))
            rise = np.diff(level, prepend=0)
            rise[np.diff(place, prepend=-1) != 0] = 0  # with what a replication begins has not happened in it
            new = windows.holds(place, time)
            total = sums(place[new], rise[new], len(windows.replications))
            columns[entity.replace("/", ".")] = total.astype(np.float64)
    return columns


def hold_time_measures(lots: pa.Table, windows: Windows) -> dict[str, Reals]:
    """Hold times of lots that passed inside the window, by the word that set them; a lot counts when it has
    left.
    """
    n = len(windows.replications)
    if "cause" not in lots.column_names or "attribute.hold_exceeded" not in lots.column_names:
        return {f"hold_time_violations.{word}": np.zeros(n) for word in HOLDS}
    passed = lots.filter(
        pc.and_(pc.is_valid(lots.column("attribute.hold_exceeded")), pc.is_valid(lots.column("left")))
    )
    place, left = windows.place(passed), integers(passed, "left")
    causes = pc.cast(passed.column("cause"), pa.string()).to_pylist()
    inside = windows.holds(place, left)
    return {
        f"hold_time_violations.{word}": counts(
            place[inside & np.array([(cause or "").startswith(word) for cause in causes], dtype=np.bool_)], n
        ).astype(np.float64)
        for word in HOLDS
    }


def _named(entities: tuple[str, ...], kind: str, what: str) -> list[str]:
    """Names of the things of a kind that say `what` of themselves."""
    parts = [entity.split("/") for entity in entities]
    return [part[1] for part in parts if len(part) == 3 and (part[0], part[2]) == (kind, what)]
