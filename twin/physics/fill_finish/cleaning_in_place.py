"""Cleaning in place of a vessel and its pipes: how long the circuit takes and what it leaves behind.

Pre-rinse, caustic wash, rinse, acid wash and final rinse, one after another. Detergent takes soil off at a
rate in proportion to what is left, faster when hotter and when it flows faster; each rinse washes what is
dissolved out of the circuit as from equal stirred tanks in series. Left out: soil that no detergent loosens,
dead legs (more tanks in series are fewer of them), foam, drying and the return of water to earlier steps.

A lot is out of range where the flow falls short of 1 m/s or passes 4 m/s in the pipes, where detergent
cannot reach its temperature, and outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation

GAS_CONSTANT = 8.314462618  # J/(mol K)
REFERENCE_TEMPERATURE = 343.15  # K: 70 °C
REFERENCE_VELOCITY = 1.5  # m/s, the usual least velocity in pipes
WATER_HEAT = 4186.0  # J/(kg K)
WATER_DENSITY = 1000.0  # kg/m3
MOST_TANKS = 20
CHANGES = 4.0  # between five steps


def rinsed(volumes: Any, tanks: Any) -> Any:
    """Return the concentration that leaves equal stirred tanks in series, over the one that stood in all.

    exp(-x) times the sum of x**k/k! for k below N, with x = N `volumes`: `volumes` of clear water in volumes
    of the whole system, `tanks` N, a whole number from 1 to 20; shape (n,) or numbers.

    O. Levenspiel, Chemical Reaction Engineering, third edition, Wiley (1999), chapter 14.

    >>> round(float(rinsed(3.0, 3.0)), 10)
    0.0062321951
    """
    xp = namespace(volumes, tanks)
    x = xp.asarray(volumes * tanks)
    term = xp.exp(-x)
    total = 0.0 * x
    for k in range(MOST_TANKS):
        total = total + xp.where(xp.asarray(k < tanks), term, 0.0 * term)
        term = term * x / (k + 1.0)
    return total


def left_in_system(volumes: Any, tanks: Any) -> Any:
    """Return what stays in the whole system, over what was in it: the mean of the tanks.

    The j-th of N tanks keeps `rinsed` with j terms at x = N `volumes`; the arguments as there.

    >>> round(float(left_in_system(3.0, 3.0)), 10)
    0.002529901
    """
    xp = namespace(volumes, tanks)
    x = xp.asarray(volumes * tanks)
    term = xp.exp(-x)
    total = 0.0 * x
    for k in range(MOST_TANKS):
        share = xp.asarray((tanks - k) / tanks)
        total = total + xp.where(share > 0.0, share * term, 0.0 * term)
        term = term * x / (k + 1.0)
    return total


def removal_rate(
    reference_rate: Any, activation_energy: Any, temperature: Any, velocity: Any, velocity_exponent: Any
) -> Any:
    """Return the rate in 1/s at which detergent takes soil off.

    k0 exp(-E/R (1/T - 1/343.15)) (u/1.5)**a: `reference_rate` k0 in 1/s at 70 °C and 1.5 m/s,
    `activation_energy` E in J/mol, `temperature` T in K, `velocity` u in m/s, `velocity_exponent` a; shape
    (n,) or numbers. First order in what is left, Arrhenius's law in temperature and a power of velocity are
    how soils that dissolve are usually described; the constants belong to a soil and must be measured on it.

    >>> round(float(removal_rate(0.005, 0.0, 353.15, 3.0, 1.0)), 6)
    0.01
    """
    xp = namespace(reference_rate, activation_energy, temperature, velocity, velocity_exponent)
    hotter = 1.0 / REFERENCE_TEMPERATURE - 1.0 / xp.asarray(temperature)
    warm = xp.exp(activation_energy / GAS_CONSTANT * hotter)
    return reference_rate * warm * xp.exp(velocity_exponent * xp.log(velocity / REFERENCE_VELOCITY))


def _washes(given: Mapping[str, Array]) -> Array:
    """Return how many of the two washes are run, (n,): one of no time takes neither water nor heat."""
    xp = namespace(given["caustic_time"])
    times = (given["caustic_time"], given["acid_time"])
    caustic, acid = (xp.astype(time > 0.0, xp.float64) for time in times)
    return caustic + acid


class _Soil(NamedTuple):
    """What a circuit leaves behind, kg, and the share of its wash that is in the last water."""

    adhering: Array
    dissolved: Array
    wash_left: Array


def _left_behind(given: Mapping[str, Array], velocity: Array) -> _Soil:
    xp = namespace(velocity)
    tanks = given["tanks_in_series"]

    def loosening(rate: str, time: str) -> Array:
        energy, temperature = given["activation_energy"], given["wash_temperature"]
        speed = removal_rate(given[rate], energy, temperature, velocity, given["velocity_exponent"])
        return xp.exp(-speed * given[time])

    kept = 1.0 - given["drained"]  # of what was dissolved, when the circuit is emptied before a rinse
    after_rinse = kept * left_in_system(given["rinse_volumes"], tanks)
    after_final = kept * left_in_system(given["final_rinse_volumes"], tanks)
    loose = given["soil_mass"] * given["loose_fraction"] * left_in_system(given["prerinse_volumes"], tanks)
    stuck = given["soil_mass"] * (1.0 - given["loose_fraction"])
    after_caustic = stuck * loosening("caustic_rate", "caustic_time")
    adhering = after_caustic * loosening("acid_rate", "acid_time")
    dissolved = (loose + stuck - after_caustic) * after_rinse
    return _Soil(adhering, (dissolved + after_caustic - adhering) * after_final, after_rinse * after_final)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["soil_mass"])
    flow, volume = given["flow"], given["circuit_volume"]
    velocity = 4.0 * flow / (math.pi * given["pipe_diameter"] * given["pipe_diameter"])
    soil = _left_behind(given, velocity)
    residue = soil.adhering + soil.dissolved
    rinses = given["prerinse_volumes"] + given["rinse_volumes"] + given["final_rinse_volumes"]
    caustic, acid = given["caustic_time"], given["acid_time"]
    washes = xp.astype(caustic > 0.0, xp.float64) + xp.astype(acid > 0.0, xp.float64)
    warmer = given["wash_temperature"] - given["water_temperature"]
    heat = washes * WATER_DENSITY * WATER_HEAT * volume * xp.clip(warmer, 0.0, None)
    rinsing, heating = rinses * volume / flow, heat / given["heater_power"]
    attributes = {
        "residue": residue,
        "residue_per_area": residue / given["surface"],
        "adhering_residue": soil.adhering,
        "soil_to_drain": given["soil_mass"] - residue,
        "detergent_residue": given["detergent_concentration"] * soil.wash_left,
        "velocity": velocity,
        "water_used": WATER_DENSITY * volume * (rinses + washes),
        "detergent_used": given["detergent_concentration"] * volume,
        "heat_used": heat,
        "rinsing_time": rinsing,
        "heating_time": heating,
    }
    duration = rinsing + heating + caustic + acid + given["change_time"] * CHANGES
    holds = (velocity >= 1.0) & (velocity <= 4.0) & (warmer >= 0.0)
    return Answer(duration, 0.0 * duration + 1.0, attributes, holds)


CLEANING_IN_PLACE = unit_operation(
    "cleaning_in_place",
    material=(
        Quantity("soil_mass", "kg", "soil on the surfaces", 0.0, 1e3, default=0.5),
        Quantity("loose_fraction", "1", "share of the soil that water alone takes up", 0.0, 1.0, default=0.8),
        Quantity(
            "caustic_rate",
            "1/s",
            "rate at which caustic takes soil off, at 70 °C",
            0.0,
            1.0,
            default=0.01,
        ),
        Quantity("acid_rate", "1/s", "the same of acid", 0.0, 1.0, default=0.002),
        Quantity("activation_energy", "J/mol", "of taking soil off", 0.0, 2e5, default=4e4),
        Quantity("velocity_exponent", "1", "power of velocity in that rate", 0.0, 3.0, default=0.8),
    ),
    settings=(
        Quantity("flow", "m3/s", "flow through the circuit", 1e-5, 0.1, default=3.5e-3),
        Quantity("prerinse_volumes", "1", "circuit volumes of water before washing", 0.0, 50.0, default=2.0),
        Quantity("caustic_time", "s", "time with caustic going round", 0.0, 1e5, default=1200.0),
        Quantity("rinse_volumes", "1", "circuit volumes of water after caustic", 0.0, 50.0, default=3.0),
        Quantity("acid_time", "s", "time with acid going round", 0.0, 1e5, default=600.0),
        Quantity("final_rinse_volumes", "1", "circuit volumes of water at the end", 0.0, 50.0, default=4.0),
        Quantity("wash_temperature", "K", "temperature of both washes", 283.15, 368.15, default=348.15),
        Quantity("water_temperature", "K", "temperature of the water", 278.15, 363.15, default=293.15),
        Quantity("detergent_concentration", "kg/m3", "caustic in the wash", 0.0, 100.0, default=10.0),
    ),
    equipment=(
        Quantity("circuit_volume", "m3", "volume of vessel's film, pipes and tank", 1e-3, 100.0, default=0.4),
        Quantity("surface", "m2", "surface that is cleaned", 1e-2, 1e4, default=30.0),
        Quantity("pipe_diameter", "m", "inner diameter of the pipes", 5e-3, 0.3, default=0.05),
        Quantity("tanks_in_series", "1", "equal stirred tanks that it mixes like", 1.0, 20.0, default=3.0),
        Quantity("drained", "1", "share that drains before a rinse", 0.0, 0.999, default=0.9),
        Quantity("heater_power", "W", "heat into the wash", 1e3, 1e7, default=1.2e5),
        Quantity("change_time", "s", "draining and switching between two steps", 0.0, 3600.0, default=120.0),
    ),
    attributes=(
        Quantity("residue", "kg", "soil left, adhering and dissolved"),
        Quantity("residue_per_area", "kg/m2", "the same over the surface"),
        Quantity("adhering_residue", "kg", "of it what still adheres"),
        Quantity("soil_to_drain", "kg", "soil carried off"),
        Quantity("detergent_residue", "kg/m3", "caustic left in the last water"),
        Quantity("velocity", "m/s", "velocity in the pipes; the model holds from 1 to 4", 1.0, 4.0),
        Quantity("water_used", "kg", "water of all rinses and washes"),
        Quantity("detergent_used", "kg", "caustic of one wash"),
        Quantity("heat_used", "J", "heat into the washes"),
        Quantity("rinsing_time", "s", "time of all rinses"),
        Quantity("heating_time", "s", "time in which the washes warm up"),
    ),
    equations=_equations,
)
