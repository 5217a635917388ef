"""Measures of counted things: work in process, people, containers, storages, fleets, tanks, and limits that
were passed. Pure, called by `measures`; what a plant does not have costs nothing.
"""

from __future__ import annotations

import numpy as np

from twin.engine.record import SECOND
from twin.experiment.arrays import Integers, Reals, Windows, ratios
from twin.experiment.lot_measures import MILLIGRAMS
from twin.experiment.names import named
from twin.experiment.sums import NONE, Sums

Columns = dict[str, Reals]
MICRO_HOURS = 1_000_000 * 3600 * SECOND  # millionths per hour, times ns, in one unit
DOING = ("loaded", "empty", "charging")


def level_integrals(sums: Sums, entity: str) -> list[int]:
    """∫ level dt of one entity inside each window, in ns; 0 where the entity does not occur."""
    k = sums.index("entities", entity)
    return [0] * len(sums.replications) if k is None else sums.integrals[:, k].tolist()


def level_measures(sums: Sums, windows: Windows) -> Columns:
    """Time-weighted means of the counted levels, the peaks of people and containers, and what is
    drawn of utilities.

    The time integral of a level is a whole number, divided once. `people.NAME.utilisation` is
    ∫ busy dt / ∫ present dt. A peak is the highest level that lasts for any time inside the window.
    """
    length = windows.length.tolist()
    columns: Columns = {}
    for k, name in enumerate(sums.names.entities):
        integral, peak = sums.integrals[:, k].tolist(), _peak(sums.peaks[:, k])
        kind, *rest = name.split("/")
        if name == "wip":
            columns["wip_mean"] = ratios(integral, length)
        elif kind == "storage":
            columns[f"storage.{rest[0]}.mean"] = ratios(integral, length)
            columns[f"storage.{rest[0]}.peak"] = peak
        elif kind == "loop":
            columns[f"loop.{rest[0]}.in_use_mean"] = ratios(integral, length)
            columns[f"loop.{rest[0]}.in_use_peak"] = peak
        elif kind == "container" and rest[1] == "in_use":
            columns[f"container.{rest[0]}.in_use_mean"] = ratios(integral, length)
            columns[f"container.{rest[0]}.in_use_peak"] = peak
        elif kind == "people" and rest[1] == "busy":
            present = level_integrals(sums, f"people/{rest[0]}/present")
            columns[f"people.{rest[0]}.utilisation"] = ratios(integral, present)
            columns[f"people.{rest[0]}.busy_mean"] = ratios(integral, length)
            columns[f"people.{rest[0]}.busy_peak"] = peak
        elif kind == "utility" and rest[1] == "rate":
            capacity = level_integrals(sums, f"utility/{rest[0]}/capacity")
            columns |= _utility(rest[0], integral, capacity, peak, length)
    return columns


def _peak(level: Integers) -> Reals:
    return np.where(level == NONE, np.nan, level.astype(np.float64))


def _utility(name: str, drawn: list[int], capacity: list[int], peak: Reals, length: list[int]) -> Columns:
    """What is drawn of a utility, whose rates are in millionths of its SI unit per hour."""
    consumed = ratios(drawn, [MICRO_HOURS] * len(drawn))
    return {
        f"utility.{name}.consumed": consumed,
        f"utility.{name}.mean": ratios(drawn, [ns * MICRO_HOURS // SECOND for ns in length]),
        f"utility.{name}.peak": peak / (MICRO_HOURS / SECOND),
        f"utility.{name}.utilisation": ratios(drawn, capacity),
    }


def little_ratio(sums: Sums) -> Columns:
    """L/(λW), Little's law as a check: 1 in the long run of a steady plant, exactly 1 from empty to empty.

    L is the mean work in process, λ the rate at which lots leave, good or not, and W the mean of their times
    inside, without that in which their parts are inside in their place; lots that were lost never came in. So
    it is ∫ work in process dt over the sum of these times, a quotient of integers.
    """
    return {"little_ratio": ratios(level_integrals(sums, "wip"), sums.inside.tolist())}


def fleet_measures(sums: Sums) -> Columns:
    """Shares of the time of all transporters of a fleet, by what they do; arrays of shape (r,).

    Driving, loading and unloading with a lot is `loaded`, driving without one `empty`; the four shares add
    up to 1.
    """
    columns: Columns = {}
    for fleet in named(sums.names.entities, "transport", "count"):
        whats = ("count", "busy", *DOING)
        of = {what: level_integrals(sums, f"transport/{fleet}/{what}") for what in whats}
        for what in DOING:
            columns[f"fleet.{fleet}.{what}"] = ratios(of[what], of["count"])
        idle = [all_ - busy for all_, busy in zip(of["count"], of["busy"], strict=True)]
        columns[f"fleet.{fleet}.idle"] = ratios(idle, of["count"])
    return columns


def tank_measures(sums: Sums, windows: Windows) -> Columns:
    """Content of each tank in kg (mean, least, most), and the shares of the window in which it stands at its
    volume or at its heel; arrays of shape (r,).
    """
    columns: Columns = {}
    length = windows.length.astype(np.float64)
    for k, tank in enumerate(sums.names.tanks):
        columns |= {
            f"tank.{tank}.mean": sums.tank_content[:, k] / length / MILLIGRAMS,
            f"tank.{tank}.min": sums.tank_least[:, k] / MILLIGRAMS,
            f"tank.{tank}.max": sums.tank_most[:, k] / MILLIGRAMS,
            f"tank.{tank}.full": sums.tank_full[:, k] / length,
            f"tank.{tank}.empty": sums.tank_empty[:, k] / length,
        }
    return columns


def violation_measures(sums: Sums) -> Columns:
    """How often a unit, a kind of container or a tank passed a limit of its own inside the window."""
    return {
        entity.replace("/", "."): sums.rises[:, k].astype(np.float64)
        for k, entity in enumerate(sums.names.entities)
        if entity.endswith("_violations")
    }
