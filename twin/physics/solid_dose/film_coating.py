"""Film coating in a perforated pan: how long spraying takes, how even the coat is and how wet the air.

Spraying ends when the coat has its mass. Evenness is a renewal process: a tablet passes the spray now and
then and gathers a little at each pass. All water of the suspension leaves with the exhaust, whose heat
balance gives the temperature of exhaust and bed. Left out: warming up and drying afterwards (the operation's
set-up), evenness over one tablet's surface, twins and picking, solids that dry before they land.

A lot is out of range where tablets pass the spray fewer than 30 times, where the batch is heavier than the
pan holds, where the air cannot take up the water, outside a coat of 0.1 to 50 % of the cores, 1 to 50 %
solids, an efficiency of 0.3 to 1, and outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.solid_dose.humid_air import (
    AIR_HEAT,
    CELSIUS,
    EVAPORATION_HEAT,
    VAPOUR_HEAT,
    WATER_HEAT,
    buck_saturation_pressure,
    enthalpy,
    vapour_pressure,
)

FEWEST_PASSES = 30.0  # from which on the renewal process is near its limit


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


def exhaust_temperature(
    inlet: Any, humidity: Any, air_flow: Any, water: Any, spray_temperature: Any, heat_loss: Any, room: Any
) -> Any:
    """Return the temperature in K at which air leaves a pan, from the balance of heat while spraying.

    G h(Tin, Y) + w cw (Ts - 0 °C) = G h(T, Y + w/G) + UA (T - Troom): `inlet` Tin in K, `humidity` Y in kg
    per kg of dry air, `air_flow` G in kg of dry air a second, `water` w in kg/s, all of which evaporates, of
    `spray_temperature` Ts in K, `heat_loss` UA in W/K to a `room` in K; shape (n,) or numbers. The solids'
    heat is left out: they are a few per cent of the water's.

    >>> round(exhaust_temperature(333.15, 0.008, 1.0, 0.0034, 293.15, 0.0, 293.15) - 273.15, 3)
    51.63
    """
    leaving = humidity + water / air_flow
    brought = air_flow * enthalpy(inlet, humidity) + water * WATER_HEAT * (spray_temperature - CELSIUS)
    lost = heat_loss * (room - CELSIUS)
    capacity = air_flow * (AIR_HEAT + VAPOUR_HEAT * leaving) + heat_loss
    return CELSIUS + (brought + lost - air_flow * EVAPORATION_HEAT * leaving) / capacity


def coated(given: Mapping[str, Array]) -> Answer:
    """Return what spraying gives by the inputs' names; `holds` says all but how often tablets pass."""
    coat = given["batch_mass"] * given["coating_fraction"]
    duration = spraying_time(coat, given["spray_rate"], given["solids_fraction"], given["coating_efficiency"])
    passes = duration * given["pan_speed"] / given["turns_between_passes"]
    sprayed = given["spray_rate"] * duration
    water = given["spray_rate"] * (1.0 - given["solids_fraction"])
    exhaust = exhaust_temperature(
        given["inlet_temperature"],
        given["air_humidity"],
        given["air_flow"],
        water,
        given["spray_temperature"],
        given["heat_loss"],
        given["room_temperature"],
    )
    leaving = given["air_humidity"] + water / given["air_flow"]
    relative = vapour_pressure(leaving) / buck_saturation_pressure(exhaust)
    attributes = {
        "coating_variation": mann_coating_variation(
            passes, given["pass_variation"], given["cycle_variation"]
        ),
        "coating_mass": coat,
        "coating_passes": passes,
        "suspension_sprayed": sprayed,
        "water_evaporated": water * duration,
        "exhaust_temperature": exhaust,
        "exhaust_relative_humidity": relative,
    }
    dry = (exhaust > CELSIUS) & (relative < 1.0)
    holds = (given["batch_mass"] <= given["pan_capacity"]) & dry
    return Answer(duration, 0.0 * duration + 1.0, attributes, holds)


def _equations(given: Mapping[str, Array]) -> Answer:
    answer = coated(given)
    often = answer.attributes["coating_passes"] >= FEWEST_PASSES
    return answer._replace(holds=answer.holds & often)


FILM_COATING = unit_operation(
    "film_coating",
    material=(Quantity("batch_mass", "kg", "mass of the tablet cores", low=1e-3, high=1e5),),
    settings=(
        Quantity("coating_fraction", "1", "dry coat over mass of cores", 1e-3, 0.5, default=0.03),
        Quantity("spray_rate", "kg/s", "suspension sprayed a second, all guns", 1e-6, 0.1, default=0.25 / 60),
        Quantity("solids_fraction", "1", "solids in the suspension", 0.01, 0.5, default=0.18),
        Quantity("pan_speed", "1/s", "turns of the pan a second", 0.01, 0.5, default=0.1),
        Quantity("inlet_temperature", "K", "temperature of the inlet air", 293.15, 373.15, default=333.15),
        Quantity("air_humidity", "1", "water over dry air at the inlet", 1e-4, 0.03, default=0.008),
        Quantity("air_flow", "kg/s", "dry air a second", 1e-4, 20.0, default=1.0),
        Quantity("spray_temperature", "K", "temperature of the suspension", 278.15, 353.15, default=293.15),
    ),
    equipment=(
        Quantity("pan_capacity", "kg", "the most the pan holds", 1e-3, 1e5, default=350.0),
        Quantity(
            "coating_efficiency", "1", "fraction of solids that lands on tablets", 0.3, 1.0, default=0.95
        ),
        Quantity("heat_loss", "W/K", "heat lost to the room a kelvin", 0.0, 1e4, default=100.0),
        Quantity("room_temperature", "K", "temperature of the room", 283.15, 313.15, default=293.15),
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
        Quantity("exhaust_temperature", "K", "temperature of the exhaust air and about that of the bed"),
        Quantity("exhaust_relative_humidity", "1", "water in the exhaust over saturation", 0.0, 1.0),
    ),
    equations=_equations,
)
