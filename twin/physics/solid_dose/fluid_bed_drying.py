"""Fluid-bed drying of granules: how long until they are dry enough, and how warm they get.

Air leaves a well-mixed bed saturated while the granules are wetter than the critical moisture, and the bed
stays at the temperature of adiabatic saturation; below, the rate falls in a straight line to nothing at the
equilibrium moisture that the sorption isotherm has for the inlet air, and the bed warms up towards it. All
steps have closed forms. Heat to the walls, attrition, agglomeration and the spread of moisture over size are
left out; air that passes in bubbles is the contact efficiency.

A lot is out of range where the air cannot lift the bed, where the end moisture lies at or below equilibrium
or equilibrium at or above the critical moisture, where the air is saturated, and outside the other ranges of
the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.solid_dose.humid_air import (
    AIR_HEAT,
    CELSIUS,
    VAPOUR_HEAT,
    WATER_HEAT,
    adiabatic_saturation_temperature,
    air_density,
    buck_saturation_pressure,
    enthalpy,
    saturation_humidity,
    sutherland_viscosity,
    temperature_of,
    vapour_pressure,
)

GRAVITY = 9.80665  # m/s2


def gab_moisture(water_activity: Any, monolayer: Any, guggenheim: Any, multilayer: Any) -> Any:
    """Return the equilibrium moisture of a solid, kg per kg dry, by Guggenheim, Anderson and de Boer.

    X = Xm C K a / ((1 - K a)(1 - K a + C K a)), with `water_activity` a, `monolayer` Xm in kg/kg,
    `guggenheim` C and `multilayer` K; shape (n,) or numbers. Holds to an activity of some 0.9.

    C. van den Berg, S. Bruin, "Water activity and its estimation in food systems: theoretical aspects", in
    L. B. Rockland, G. F. Stewart (eds.), Water Activity: Influences on Food Quality, Academic Press (1981)
    1-61.

    >>> round(gab_moisture(0.3, 0.02, 10.0, 0.8), 8)
    0.01998668
    """
    wet = multilayer * water_activity
    return monolayer * guggenheim * wet / ((1.0 - wet) * (1.0 - wet + guggenheim * wet))


def constant_rate_time(dry_mass: Any, moisture: Any, until: Any, rate: Any) -> Any:
    """Return how long in s drying at a constant rate takes, m (X0 - X)/R, 0 where it is dry enough already.

    `dry_mass` m in kg, `moisture` X0 and `until` X in kg per kg dry, `rate` R in kg of water a second; shape
    (n,) or numbers.

    >>> round(float(constant_rate_time(100.0, 0.30, 0.10, 0.01401774899)), 2)
    1426.76
    """
    xp = namespace(dry_mass, moisture, until, rate)
    return xp.clip(xp.asarray(dry_mass * (moisture - until) / rate), 0.0, None)


def falling_rate_time(
    dry_mass: Any, moisture: Any, until: Any, rate: Any, critical: Any, equilibrium: Any
) -> Any:
    """Return how long in s drying takes while its rate falls in a straight line from `critical` on.

    The rate is R (X - Xe)/(Xc - Xe), so that t = m (Xc - Xe)/R ln((X0 - Xe)/(X - Xe)); from `critical` Xc
    where `moisture` X0 is above it, and 0 where `until` X is above either. `equilibrium` Xe below X; the
    rest as in `constant_rate_time`. Straight: van Meel's characteristic curve with exponent 1.

    D. A. van Meel, "Adiabatic convection batch drying with recirculation of air", Chemical Engineering
    Science 9 (1958) 36-44.

    >>> round(float(falling_rate_time(100.0, 0.10, 0.02, 0.01401774899, 0.10, 0.008)), 2)
    1336.83
    """
    xp = namespace(dry_mass, moisture, until, rate, critical, equilibrium)
    start = xp.minimum(xp.asarray(moisture), xp.asarray(critical)) - equilibrium
    ratio = xp.clip(start / (until - equilibrium), 1.0, None)
    return dry_mass * (critical - equilibrium) / rate * xp.log(ratio)


def wen_yu_fluidisation_velocity(diameter: Any, solid_density: Any, temperature: Any) -> Any:
    """Return the lowest superficial velocity of air in m/s that lifts a bed of particles.

    Re = sqrt(33.7**2 + 0.0408 Ar) - 33.7, with the Archimedes number Ar = d**3 rho (rho_s - rho) g/mu**2.
    `diameter` d in m, `solid_density` of a granule with its pores in kg/m3, `temperature` of the air in K;
    shape (n,) or numbers. Spread of the data about the correlation: some 30 %.

    C. Y. Wen, Y. H. Yu, "A generalized method for predicting the minimum fluidization velocity", AIChE
    Journal 12 (1966) 610-612.

    >>> round(float(wen_yu_fluidisation_velocity(500e-6, 1200.0, 333.15)), 4)
    0.0861
    """
    xp = namespace(diameter, solid_density, temperature)
    density, viscosity = air_density(temperature), sutherland_viscosity(temperature)
    archimedes = diameter**3 * density * (solid_density - density) * GRAVITY / (viscosity * viscosity)
    reynolds = xp.sqrt(xp.asarray(33.7**2 + 0.0408 * archimedes)) - 33.7
    return reynolds * viscosity / (diameter * density)


def warming_time(heat_capacity: Any, air_flow: Any, humidity: Any, inlet: Any, start: Any, end: Any) -> Any:
    """Return how long in s a bed takes from `start` to `end` in K where it only warms, 0 where it need not.

    All of the air leaves with the bed's temperature: t = C/(G c) ln((Tin - T0)/(Tin - T1)). `heat_capacity` C
    of the bed in J/K, `air_flow` G in kg of dry air a second, its `humidity` and `inlet` temperature Tin in
    K; shape (n,) or numbers.

    >>> round(float(warming_time(2e5, 1.0, 0.008, 333.15, 293.15, 299.65)), 2)
    34.74
    """
    xp = namespace(heat_capacity, air_flow, humidity, inlet, start, end)
    heat = AIR_HEAT + VAPOUR_HEAT * humidity
    ratio = xp.clip(xp.asarray((inlet - start) / (inlet - end)), 1.0, None)
    return heat_capacity / (air_flow * heat) * xp.log(ratio)


def _equations(given: Mapping[str, Array]) -> Answer:
    xp = namespace(given["batch_mass"])
    mass, arriving, until = given["batch_mass"], given["moisture"], given["end_moisture"]
    air, humidity, inlet = given["air_flow"], given["air_humidity"], given["inlet_temperature"]
    wet_bulb = adiabatic_saturation_temperature(inlet, humidity)
    rate = given["contact_efficiency"] * air * (saturation_humidity(wet_bulb) - humidity)
    activity = vapour_pressure(humidity) / buck_saturation_pressure(inlet)
    equilibrium = gab_moisture(
        activity, given["gab_monolayer"], given["gab_guggenheim"], given["gab_multilayer"]
    )
    critical = given["critical_moisture"]
    left = xp.minimum(arriving, until)
    falling = xp.clip((left - equilibrium) / (critical - equilibrium), 0.0, 1.0)
    taken_up = falling * (saturation_humidity(wet_bulb) - humidity)  # by the air that meets granules
    warm_water = taken_up * WATER_HEAT * (wet_bulb - CELSIUS)
    bed = temperature_of(enthalpy(inlet, humidity) + warm_water, humidity + taken_up)
    capacity = mass * (given["solid_heat"] + arriving * WATER_HEAT)
    warming = warming_time(capacity, air, humidity, inlet, given["start_temperature"], wet_bulb)
    constant = constant_rate_time(mass, arriving, xp.maximum(critical, left), rate)
    slower = falling_rate_time(mass, arriving, left, rate, critical, equilibrium)
    velocity = 4.0 * air / (math.pi * air_density(inlet) * given["bowl_diameter"] * given["bowl_diameter"])
    lifted = velocity / wen_yu_fluidisation_velocity(given["d50"], given["granule_density"], inlet)
    attributes = {
        "moisture": left,
        "bed_temperature": bed,
        "wet_bulb_temperature": wet_bulb,
        "drying_rate": rate,
        "equilibrium_moisture": equilibrium,
        "constant_rate_time": constant,
        "falling_rate_time": slower,
        "water_evaporated": mass * (arriving - left),
        "exhaust_humidity": humidity + given["contact_efficiency"] * taken_up,
        "fluidisation_number": lifted,
    }
    dries = (rate > 0.0) & (activity < 0.9) & (equilibrium < critical) & (left > equilibrium)
    kept = 1.0 - given["filter_loss"]
    return Answer(warming + constant + slower, kept, attributes, dries & (lifted >= 1.0))


FLUID_BED_DRYING = unit_operation(
    "fluid_bed_drying",
    material=(
        Quantity("batch_mass", "kg", "mass of the granules, dry", low=1e-3, high=1e5),
        Quantity("moisture", "1", "water over dry mass at the start", 0.0, 1.0, default=0.3),
        Quantity(
            "critical_moisture", "1", "moisture at which the rate begins to fall", 1e-3, 0.5, default=0.1
        ),
        Quantity("gab_monolayer", "1", "moisture of a monolayer, GAB's Xm", 1e-4, 0.2, default=0.02),
        Quantity("gab_guggenheim", "1", "GAB's C", 1e-2, 200.0, default=10.0),
        Quantity("gab_multilayer", "1", "GAB's K", 0.1, 1.0, default=0.8),
        Quantity("solid_heat", "J/(kg K)", "heat capacity of the dry solid", 500.0, 3000.0, default=1250.0),
        Quantity("d50", "m", "median size of the granules", 2e-5, 5e-3, default=400e-6),
        Quantity(
            "granule_density", "kg/m3", "density of a granule with its pores", 300.0, 3000.0, default=1200.0
        ),
    ),
    settings=(
        Quantity("inlet_temperature", "K", "temperature of the inlet air", 293.15, 373.15, default=333.15),
        Quantity("air_humidity", "1", "water over dry air at the inlet", 1e-4, 0.03, default=0.008),
        Quantity("air_flow", "kg/s", "dry air a second", 1e-4, 20.0, default=1.0),
        Quantity("end_moisture", "1", "water over dry mass at which drying ends", 1e-4, 0.5, default=0.02),
        Quantity("start_temperature", "K", "temperature of the wet granules", 273.15, 343.15, default=293.15),
    ),
    equipment=(
        Quantity("bowl_diameter", "m", "diameter of the distributor plate", 0.05, 4.0, default=1.2),
        Quantity("contact_efficiency", "1", "share of the air that leaves saturated", 0.3, 1.0, default=1.0),
        Quantity("filter_loss", "1", "fraction of the granules lost to the filters", 0.0, 0.2, default=0.0),
    ),
    attributes=(
        Quantity("moisture", "1", "water over dry mass at the end"),
        Quantity("bed_temperature", "K", "temperature of the bed at the end"),
        Quantity("wet_bulb_temperature", "K", "temperature of the bed while the rate is constant"),
        Quantity("drying_rate", "kg/s", "water evaporated a second while the rate is constant"),
        Quantity("equilibrium_moisture", "1", "moisture that would be left after infinite time"),
        Quantity("constant_rate_time", "s", "time above the critical moisture"),
        Quantity("falling_rate_time", "s", "time below it"),
        Quantity("water_evaporated", "kg", "water that left with the exhaust air"),
        Quantity("exhaust_humidity", "1", "water over dry air in the exhaust at the end"),
        Quantity("fluidisation_number", "1", "air velocity over the lowest that lifts the bed", low=1.0),
    ),
    equations=_equations,
)
