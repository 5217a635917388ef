"""A seed train: cells thawed from a vial, grown passage by passage to what inoculates the production vessel.

Each passage is diluted to one density and grows to another, exponentially after a lag, so that the train has
a closed form. A lot's `batch_mass` is what the production culture will harvest; how much of that is
inoculated, and at which density, says how many cells are wanted. The last passage grows only as far as it
must. Left out: what slows growth (food, waste, oxygen, and so how dense a passage may get), drift of
the cells with age, passages that wait for a working day, parallel vessels and what is thrown away.

A lot is out of range where the vial has the cells already, where more than 20 passages would be needed or
more doublings than the cells may have, and outside the ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation

MOST_PASSAGES = 20.0


def doubling_time(growth_rate: Any, death_rate: Any) -> Any:
    """Return the time in s in which viable cells double, ln 2 / (mu - k), rates in 1/s.

    >>> round(doubling_time(0.039, 0.004), 4)
    19.8042
    """
    return math.log(2.0) / (growth_rate - death_rate)


def balanced_viability(growth_rate: Any, death_rate: Any) -> Any:
    """Return the viable fraction in steady exponential growth, where no cell falls apart: 1 - k / mu.

    Dead cells then gather as fast as viable ones: D / X = k / (mu - k).

    >>> round(balanced_viability(0.039, 0.001), 6)
    0.974359
    """
    return 1.0 - death_rate / growth_rate


def passages(fold: Any, split_ratio: Any, recovery: Any) -> Any:
    """Return how many passages multiply viable cells by `fold`, each by `split_ratio` at most.

    `recovery` is the fraction of cells that live through a passage; shape (n,) or numbers above 1, and
    `split_ratio` times `recovery` too.

    >>> float(passages(1000.0, 10.0, 1.0)), float(passages(1001.0, 10.0, 1.0))
    (3.0, 4.0)
    """
    xp = namespace(fold, split_ratio, recovery)
    steps = xp.log(xp.asarray(fold)) / xp.log(xp.asarray(split_ratio * recovery))
    return xp.maximum(xp.ceil(steps - 1e-9), xp.ones_like(steps))


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    volume = given["batch_mass"] / given["density"] * given["inoculated_fraction"]
    wanted = volume * given["target_density"]
    thawed = given["vial_cells"] * given["thaw_recovery"]
    split = given["passage_density"] / given["seeding_density"]
    count = passages(wanted / thawed, split, given["passage_recovery"])
    net = given["growth_rate"] - given["seed_death_rate"]
    growth = xp.log(wanted / thawed) - count * xp.log(given["passage_recovery"])  # e-folds, losses regrown
    duration = given["thaw_lag"] + count * (given["passage_lag"] + given["passage_work"]) + growth / net
    doublings = growth / math.log(2.0)
    grown = wanted / given["passage_recovery"]
    attributes = {
        "inoculation_density": given["target_density"],
        "inoculum_viability": balanced_viability(given["growth_rate"], given["seed_death_rate"]),
        "doubling_time": doubling_time(given["growth_rate"], given["seed_death_rate"]),
        "passages": count,
        "doublings": doublings,
        "inoculum_cells": wanted,
        "last_stage_volume": grown / given["passage_density"],
    }
    holds = (wanted > thawed) & (count <= MOST_PASSAGES) & (doublings <= given["most_doublings"])
    holds = holds & (net > 0.0) & (split * given["passage_recovery"] > 1.0)
    return Answer(duration, 0.0 * duration + 1.0, attributes, holds)


SEED_TRAIN = unit_operation(
    "seed_train",
    material=(
        Quantity("batch_mass", "kg", "mass of the broth that the production culture harvests", 1e-3, 5e4),
        Quantity("density", "kg/m3", "density of the broth", 900.0, 1200.0, default=1000.0),
        Quantity("vial_cells", "1", "viable cells frozen for a train, all vials", 1e5, 1e12, default=2e7),
        Quantity("growth_rate", "1/s", "specific growth rate", 1e-7, 1e-4, default=0.039 / 3600),
        Quantity(
            "seed_death_rate", "1/s", "specific death rate in the train", 0.0, 1e-4, default=0.0005 / 3600
        ),
    ),
    settings=(
        Quantity(
            "target_density", "1/m3", "viable cells in the vessel once inoculated", 1e9, 2e13, default=3e11
        ),
        Quantity(
            "inoculated_fraction", "1", "volume inoculated over volume harvested", 0.1, 1.0, default=0.75
        ),
        Quantity(
            "seeding_density", "1/m3", "viable cells at the start of a passage", 1e10, 1e13, default=3e11
        ),
        Quantity("passage_density", "1/m3", "viable cells at its end", 1e11, 1e14, default=3e12),
        Quantity(
            "passage_work", "s", "work of a passage, cells out of culture", 0.0, 86400.0, default=7200.0
        ),
        Quantity("most_doublings", "1", "doublings that the cells may have", 1.0, 200.0, default=60.0),
    ),
    equipment=(
        Quantity("thaw_recovery", "1", "viable cells after thawing", 0.05, 1.0, default=0.85),
        Quantity("thaw_lag", "s", "lag after thawing", 0.0, 1e6, default=24 * 3600.0),
        Quantity("passage_lag", "s", "lag after each passage", 0.0, 1e6, default=4 * 3600.0),
        Quantity("passage_recovery", "1", "cells that live through a passage", 0.5, 1.0, default=0.98),
    ),
    attributes=(
        Quantity("inoculation_density", "1/m3", "viable cells at the start of the production culture"),
        Quantity("inoculum_viability", "1", "viable fraction of the cells at its start", 0.0, 1.0),
        Quantity("doubling_time", "s", "time in which viable cells double"),
        Quantity("passages", "1", "passages from the vial to the production vessel, that one included"),
        Quantity("doublings", "1", "doublings of the population, losses regrown"),
        Quantity("inoculum_cells", "1", "viable cells that inoculate the production vessel"),
        Quantity("last_stage_volume", "m3", "volume of the last stage at its final density"),
    ),
    equations=_equations,
)
