"""Film coating in a perforated pan: how long spraying takes, and how evenly the tablets are coated.

Spraying ends when the coat has its mass. Evenness is a renewal process: a tablet passes the spray now and
then and gathers a little at each pass. Left out: warming up and drying afterwards (the operation's set-up),
the heat and water balance of the exhaust, evenness over one tablet's surface, twins and picking.

A lot is out of range where tablets pass the spray fewer than 30 times, where the batch is heavier than the
pan holds, outside a coat of 0.1 to 50 % of the cores, 1 to 50 % solids, an efficiency of 0.3 to 1, and
outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation


def spraying_time(coat_mass: Any, spray_rate: Any, solids_fraction: Any, efficiency: Any) -> Any:
    """Return how long in s to spray for a coat: its mass over what sticks a second, m / (w x eta).

    `coat_mass` of dry coat on the batch in kg, `spray_rate` w of suspension in kg/s, `solids_fraction` x of
    the suspension, `efficiency` eta the fraction of solids that lands on tablets; shape (n,) or numbers.

    >>> round(spraying_time(300 * 0.03, 0.25 / 60, 0.18, 0.95) / 60, 6)
    210.526316
    """
    return coat_mass / (spray_rate * solids_fraction * efficiency)


def mann_coating_variation(passes: Any, pass_variation: Any, cycle_variation: Any) -> Any:
    """Return the coefficient of variation of coat mass, tablet to tablet, sqrt((CVx**2 + CVc**2) / n).

    `passes` n through the spray on average, `pass_variation` CVx of the mass gathered in one pass and
    `cycle_variation` CVc of the time between passes; shape (n,) or numbers. The limit of a renewal process
    for many passes: holds from some 30 on, where tablets mix freely (no dead zones).

    U. Mann, "Analysis of spray-coating and granulation in fluidized beds", Industrial & Engineering Chemistry
    Process Design and Development 22 (1983) 288-292.

    >>> round(float(mann_coating_variation(400.0, 0.5, 1.0)), 10)
    0.0559016994
    """
    xp = namespace(passes, pass_variation, cycle_variation)
    return xp.sqrt(xp.asarray((pass_variation * pass_variation + cycle_variation * cycle_variation) / passes))


def _equations(given: Mapping[str, Array]) -> Answer:
    coat = given["batch_mass"] * given["coating_fraction"]
    duration = spraying_time(coat, given["spray_rate"], given["solids_fraction"], given["coating_efficiency"])
    passes = duration * given["pan_speed"] / given["turns_between_passes"]
    sprayed = given["spray_rate"] * duration
    attributes = {
        "coating_variation": mann_coating_variation(
            passes, given["pass_variation"], given["cycle_variation"]
        ),
        "coating_mass": coat,
        "coating_passes": passes,
        "suspension_sprayed": sprayed,
        "water_evaporated": sprayed * (1.0 - given["solids_fraction"]),
    }
    holds = (passes >= 30.0) & (given["batch_mass"] <= given["pan_capacity"])
    return Answer(duration, 0.0 * duration + 1.0, attributes, holds)


FILM_COATING = unit_operation(
    "film_coating",
    material=(Quantity("batch_mass", "kg", "mass of the tablet cores", low=1e-3, high=1e5),),
    settings=(
        Quantity("coating_fraction", "1", "dry coat over mass of cores", 1e-3, 0.5, default=0.03),
        Quantity("spray_rate", "kg/s", "suspension sprayed a second, all guns", 1e-6, 0.1, default=0.25 / 60),
        Quantity("solids_fraction", "1", "solids in the suspension", 0.01, 0.5, default=0.18),
        Quantity("pan_speed", "1/s", "turns of the pan a second", 0.01, 0.5, default=0.1),
    ),
    equipment=(
        Quantity("pan_capacity", "kg", "the most the pan holds", 1e-3, 1e5, default=350.0),
        Quantity(
            "coating_efficiency", "1", "fraction of solids that lands on tablets", 0.3, 1.0, default=0.95
        ),
        Quantity(
            "turns_between_passes", "1", "mean turns of the pan between two passes", 0.1, 100.0, default=3.0
        ),
        Quantity(
            "pass_variation", "1", "coefficient of variation of mass a pass, CVx", 0.0, 5.0, default=0.5
        ),
        Quantity(
            "cycle_variation",
            "1",
            "coefficient of variation of time between passes, CVc",
            0.0,
            5.0,
            default=1.0,
        ),
    ),
    attributes=(
        Quantity("coating_variation", "1", "coefficient of variation of coat mass, tablet to tablet"),
        Quantity("coating_mass", "kg", "dry coat on the batch"),
        Quantity(
            "coating_passes",
            "1",
            "mean passes of a tablet through the spray; the model holds from 30 on",
            30.0,
        ),
        Quantity("suspension_sprayed", "kg", "suspension used"),
        Quantity("water_evaporated", "kg", "water that left with the exhaust air"),
    ),
    equations=_equations,
)
