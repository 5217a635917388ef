"""Sterilisation in place: how long a vessel takes to heat up, hold and cool, and how lethal that is.

The vessel is one lump of metal and contents with steam condensing on it; lethality adds up while it heats,
holds and cools. Left out: air that is not driven out, cold spots (give the coldest point's heat transfer),
condensate, and the pressure test before. Closed forms but for the lethality of heating up, which is a fixed
quadrature.

A lot is out of range where steam is not at least 0.2 K hotter than the hold, where the vessel starts above
it, and outside the other ranges of the inputs at the end of this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from twin.physics.backend import namespace
from twin.physics.contract import Array, Quantity
from twin.physics.evaluation import Answer, unit_operation
from twin.physics.numerics.quadrature import gauss_legendre

REFERENCE = 121.1 + 273.15  # K: 250 °F, where F0 counts minutes as they are
LATENT_HEAT = 2.2e6  # J/kg, of steam at some 120 to 130 °C, to 1 %
DECADES = 8.0  # of lethality below the end that count
PANELS, NODES = 4, 8


def ramp_lethality(start: Any, end: Any, rate: Any, z: Any) -> Any:
    """Return F0 in s gathered while the temperature moves in a straight line.

    The integral of 10**((T - 121.1 °C)/z) over time: z/(r ln 10) (10**((T1 - Tr)/z) - 10**((T0 - Tr)/z)).
    `start` T0 and `end` T1 in K, `rate` r in K/s with the sign of T1 - T0, `z` in K; shape (n,) or numbers.

    C. O. Ball, F. C. W. Olson, Sterilization in Food Technology, McGraw-Hill (1957).

    >>> round(float(ramp_lethality(100 + 273.15, 121.1 + 273.15, 2 / 60, 10.0)) / 60, 8)
    2.15461642
    """
    xp = namespace(start, end, rate, z)
    per_kelvin = math.log(10.0) / z
    hot = xp.exp(xp.asarray((end - REFERENCE) * per_kelvin))
    cold = xp.exp(xp.asarray((start - REFERENCE) * per_kelvin))
    return (hot - cold) / (rate * per_kelvin)


def hold_lethality(temperature: Any, duration: Any, z: Any) -> Any:
    """Return F0 in s gathered in `duration` s at a constant `temperature` in K; source as `ramp_lethality`.

    >>> round(float(hold_lethality(131.1 + 273.15, 60.0, 10.0)), 6)
    600.0
    """
    xp = namespace(temperature, duration, z)
    return duration * xp.exp(xp.asarray((temperature - REFERENCE) * math.log(10.0) / z))


def heating_time(time_constant: Any, steam: Any, start: Any, end: Any) -> Any:
    """Return how long in s a lump takes to warm from `start` to `end` K in steam.

    tau ln((Ts - T0)/(Ts - T1)): `time_constant` tau in s, heat capacity over heat transfer; `steam` Ts in K;
    shape (n,) or numbers.

    >>> round(float(heating_time(600.0, 398.15, 298.15, 394.25)), 2)
    1946.52
    """
    xp = namespace(time_constant, steam, start, end)
    return time_constant * xp.log(xp.asarray((steam - start) / (steam - end)))


def heating_lethality(time_constant: Any, steam: Any, start: Any, end: Any, z: Any) -> Any:
    """Return F0 in s gathered while a lump warms in steam from `start` to `end` K.

    The integral of tau 10**((T - 121.1 °C)/z)/(Ts - T) over T, by Gauss's rule on four panels of the last
    eight decades; arguments as in `heating_time` and `ramp_lethality`. To 2e-6 of itself where steam is
    0.2 K hotter than the end and z is 5 K or more.

    >>> tau, long_ago = 600.0, 293.15
    >>> round(float(heating_lethality(tau, 398.15, long_ago, 394.25, 10.0)), 4)
    384.5335
    """
    xp = namespace(time_constant, steam, start, end, z)
    # Over s = ln((Ts - T)/(Ts - T1)) the pole at Ts is gone: dt = tau ds.
    first = xp.maximum(xp.asarray(start), xp.asarray(end - DECADES * z))
    reach = xp.log(xp.asarray((steam - first) / (steam - end)))
    per_kelvin = math.log(10.0) / z

    def lethal_rate(s: Any) -> Any:
        return xp.exp((steam - (steam - end) * xp.exp(s) - REFERENCE) * per_kelvin)

    return time_constant * gauss_legendre(lethal_rate, 0.0 * reach, reach, PANELS, NODES)


def _equations(given: Mapping[str, Array]) -> Answer:
    steam, hold, start = given["steam_temperature"], given["hold_temperature"], given["start_temperature"]
    heat_capacity = given["metal_mass"] * given["metal_heat"] + given["liquid_mass"] * given["liquid_heat"]
    time_constant = heat_capacity / given["heat_transfer"]
    heating = heating_time(time_constant, steam, start, hold)
    cooling = (hold - given["end_temperature"]) / given["cooling_rate"]
    heating_f0 = heating_lethality(time_constant, steam, start, hold, given["z_value"])
    holding_f0 = hold_lethality(hold, given["hold_time"], given["z_value"])
    cooling_f0 = ramp_lethality(hold, given["end_temperature"], -given["cooling_rate"], given["z_value"])
    lethality = heating_f0 + holding_f0 + cooling_f0
    condensed = heat_capacity * (hold - start) / LATENT_HEAT
    attributes = {
        "f0": lethality,
        "f0_heating": heating_f0,
        "f0_hold": holding_f0,
        "f0_cooling": cooling_f0,
        "spore_log_reduction": lethality / given["d_value"],
        "heating_time": heating,
        "cooling_time": cooling,
        "steam_used": condensed + given["steam_bleed"] * given["hold_time"],
    }
    holds = (steam - hold >= 0.2) & (start < hold) & (given["end_temperature"] < hold)
    return Answer(heating + given["hold_time"] + cooling, 0.0 * heating + 1.0, attributes, holds)


STEAM_STERILISATION = unit_operation(
    "steam_sterilisation",
    material=(
        Quantity("d_value", "s", "time at 121.1 °C that leaves a tenth of spores", 1.0, 1e4, default=90.0),
        Quantity("z_value", "K", "temperature rise that makes D a tenth", 5.0, 20.0, default=10.0),
        Quantity("liquid_mass", "kg", "mass of what the vessel holds", 0.0, 1e5, default=0.0),
        Quantity("liquid_heat", "J/(kg K)", "heat capacity of what it holds", 500.0, 6000.0, default=4186.0),
    ),
    settings=(
        Quantity("steam_temperature", "K", "temperature of the steam", 383.15, 423.15, default=398.15),
        Quantity("hold_temperature", "K", "temperature of the hold", 373.15, 413.15, default=394.25),
        Quantity("hold_time", "s", "time at that temperature", 0.0, 1e5, default=1200.0),
        Quantity("start_temperature", "K", "temperature before steam", 273.15, 393.15, default=298.15),
        Quantity("end_temperature", "K", "temperature at which cooling ends", 283.15, 393.15, default=313.15),
        Quantity("cooling_rate", "K/s", "kelvin a second while cooling", 1e-4, 10.0, default=2.0 / 60.0),
    ),
    equipment=(
        Quantity("metal_mass", "kg", "mass of vessel and pipes", 0.1, 1e6, default=1500.0),
        Quantity("metal_heat", "J/(kg K)", "heat capacity of the metal", 200.0, 1000.0, default=500.0),
        Quantity("heat_transfer", "W/K", "heat from steam a kelvin, coldest point", 1.0, 1e7, default=1500.0),
        Quantity("steam_bleed", "kg/s", "steam bled from traps during the hold", 0.0, 10.0, default=0.005),
    ),
    attributes=(
        Quantity("f0", "s", "lethality as time at 121.1 °C"),
        Quantity("f0_heating", "s", "of it while heating"),
        Quantity("f0_hold", "s", "of it during the hold"),
        Quantity("f0_cooling", "s", "of it while cooling"),
        Quantity("spore_log_reduction", "1", "decimal reductions of spores, F0 over D"),
        Quantity("heating_time", "s", "time from the start to the hold"),
        Quantity("cooling_time", "s", "time from the hold to the end"),
        Quantity("steam_used", "kg", "steam condensed and bled"),
    ),
    equations=_equations,
)
