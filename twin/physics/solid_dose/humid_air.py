"""Humid air at one pressure: saturation, enthalpy and the temperature of adiabatic saturation.

Drying and coating both evaporate water into a stream of warm air. Constants stand here once; temperatures
are kelvin outside and Celsius only where an equation was fitted in it.
"""

from __future__ import annotations

from typing import Any

from twin.physics.backend import namespace
from twin.physics.numerics.roots import bisect

CELSIUS = 273.15  # K
AIR_HEAT = 1006.0  # J/(kg K), dry air
VAPOUR_HEAT = 1860.0  # J/(kg K), steam at low pressure
WATER_HEAT = 4186.0  # J/(kg K), liquid
EVAPORATION_HEAT = 2.501e6  # J/kg, at 0 °C
ATMOSPHERE = 101325.0  # Pa
MOLAR_MASS_RATIO = 0.62198  # water over dry air
DRY_AIR_CONSTANT = 287.05  # J/(kg K)
HALVINGS = 60  # of some 100 K: to the last bit


def buck_saturation_pressure(temperature: Any) -> Any:
    """Return the saturation pressure of water vapour over liquid water, in Pa.

    `temperature` in K, shape (n,) or a number; holds from 0 to 100 °C. With t in °C,
    p = 611.21 exp((18.678 - t/234.5) t/(257.14 + t)).

    A. L. Buck, "New equations for computing vapor pressure and enhancement factor", Journal of Applied
    Meteorology 20 (1981) 1527-1532, with the coefficients of Buck Research's manual of 1996.

    >>> round(float(buck_saturation_pressure(40.0 + 273.15)), 4)
    7382.3596
    """
    xp = namespace(temperature)
    t = xp.asarray(temperature) - CELSIUS
    return 611.21 * xp.exp((18.678 - t / 234.5) * (t / (257.14 + t)))


def saturation_humidity(temperature: Any) -> Any:
    """Return kg of water per kg of dry air at saturation and 101325 Pa; `temperature` in K, shape (n,).

    >>> round(float(saturation_humidity(26.50519 + 273.15)), 7)
    0.0220177
    """
    pressure = buck_saturation_pressure(temperature)
    return MOLAR_MASS_RATIO * pressure / (ATMOSPHERE - pressure)


def vapour_pressure(humidity: Any) -> Any:
    """Return the partial pressure of water vapour in Pa in air of `humidity` kg/kg, at 101325 Pa."""
    return humidity * ATMOSPHERE / (MOLAR_MASS_RATIO + humidity)


def enthalpy(temperature: Any, humidity: Any) -> Any:
    """Return J per kg of dry air, from dry air and liquid water at 0 °C.

    `temperature` in K, `humidity` in kg per kg of dry air; shape (n,) or numbers.

    >>> round(enthalpy(60.0 + 273.15, 0.008), 1)
    81260.8
    """
    t = temperature - CELSIUS
    return AIR_HEAT * t + humidity * (EVAPORATION_HEAT + VAPOUR_HEAT * t)


def temperature_of(enthalpy_given: Any, humidity: Any) -> Any:
    """Return the temperature in K at which air of `humidity` has that enthalpy in J per kg of dry air.

    >>> round(temperature_of(81260.8, 0.008) - 273.15, 6)
    60.0
    """
    heat = AIR_HEAT + VAPOUR_HEAT * humidity
    return CELSIUS + (enthalpy_given - EVAPORATION_HEAT * humidity) / heat


def adiabatic_saturation_temperature(temperature: Any, humidity: Any) -> Any:
    """Return the temperature in K to which air cools that takes up water of that temperature to saturation.

    For water in air it is the wet-bulb temperature within tenths of a kelvin. `temperature` in K, from 0 °C
    to below boiling, and `humidity` in kg per kg of dry air; shape (n,). Air that is saturated already keeps
    its temperature; air so dry and cold that it would freeze the water gives 0 °C.

    >>> import numpy as np
    >>> wet = adiabatic_saturation_temperature(np.asarray([333.15]), np.asarray([0.008]))
    >>> round(float(wet[0]) - 273.15, 5)
    26.50519
    """
    xp = namespace(temperature, humidity)
    arriving = enthalpy(temperature, humidity)

    def missing(wet: Any) -> Any:
        saturated = saturation_humidity(wet)
        water = (saturated - humidity) * WATER_HEAT * (wet - CELSIUS)
        return enthalpy(wet, saturated) - arriving - water

    return bisect(missing, xp.full_like(temperature, CELSIUS), temperature, HALVINGS)


def air_density(temperature: Any) -> Any:
    """Return the density of dry air in kg/m3 at 101325 Pa; `temperature` in K.

    >>> round(air_density(293.15), 4)
    1.2041
    """
    return ATMOSPHERE / (DRY_AIR_CONSTANT * temperature)


def sutherland_viscosity(temperature: Any) -> Any:
    """Return the viscosity of air in Pa s, 1.458e-6 T**1.5/(T + 110.4); `temperature` in K, 170 to 1900 K.

    U.S. Standard Atmosphere 1976 (NOAA, NASA and U.S. Air Force), equation 51.

    >>> round(float(sutherland_viscosity(288.15)) * 1e5, 4)
    1.7894
    """
    xp = namespace(temperature)
    return 1.458e-6 * temperature * xp.sqrt(xp.asarray(temperature)) / (temperature + 110.4)
