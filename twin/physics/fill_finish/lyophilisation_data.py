"""Constants of ice and published sets of freeze-drying parameters, turned from their printed units into SI.

The field prints centimetres, hours, Torr, grams and calories; here is the one place where they are converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TORR = 101325.0 / 760.0  # Pa
CALORIE = 4.184  # J, thermochemical
HOUR = 3600.0  # s
CENTIMETRE = 1e-2  # m
GRAM = 1e-3  # kg
MILLILITRE = 1e-6  # m3
ZERO_CELSIUS = 273.15  # K

# m/s: a pressure difference in Torr over a flux in g/(cm2 h)
RESISTANCE = CENTIMETRE**2 * HOUR * TORR / GRAM
# W/(m2 K)
HEAT_TRANSFER = CALORIE / CENTIMETRE**2

# G. Shivkumar, P. S. Kazarin, A. D. Strongrich, A. A. Alexeenko, "LyoPRONTO: an open-source lyophilization
# process optimization tool", AAPS PharmSciTech 20 (2019), doi 10.1208/s12249-019-1532-7.
VAPOUR_FACTOR = 2.698e10 * TORR  # Pa
VAPOUR_TEMPERATURE = 6144.96  # K: ice's vapour pressure is VAPOUR_FACTOR exp(-VAPOUR_TEMPERATURE / T)
SUBLIMATION_HEAT = 678.0 * CALORIE / GRAM  # J/kg
ICE_CONDUCTIVITY = 0.0059 * CALORIE / CENTIMETRE  # W/(m K)
ICE_DENSITY = 0.918 * GRAM / MILLILITRE  # kg/m3
WATER_DENSITY = 1.0 * GRAM / MILLILITRE  # kg/m3, of the water in the solution

FUSION_HEAT = 333.5e3  # J/kg, of ice at 0 C
GAS_CONSTANT = 8.314462618  # J/(mol K)

# The vial, the product and the cycle that LyoPRONTO comes with, under the names of `primary_drying.VIAL`.
LYOPRONTO_EXAMPLE: Mapping[str, float] = MappingProxyType(
    {
        "shelf_start": ZERO_CELSIUS - 35.0,
        "shelf_hold": ZERO_CELSIUS + 20.0,
        "ramp_rate": 1.0 / 60.0,
        "chamber_pressure": 0.15 * TORR,
        "fill_volume": 2.0 * MILLILITRE,
        "solute_concentration": 0.05 * GRAM / MILLILITRE,
        "solute_density": 1.5 * GRAM / MILLILITRE,
        "vial_area": 3.80 * CENTIMETRE**2,
        "product_area": 3.14 * CENTIMETRE**2,
        "resistance_start": 1.4 * RESISTANCE,
        "resistance_slope": 16.0 * RESISTANCE / CENTIMETRE,
        "resistance_bend": 0.0,
        "heat_contact": 2.75e-4 * HEAT_TRANSFER,
        "heat_gas": 8.93e-4 * HEAT_TRANSFER / TORR,
        "heat_saturation": 0.46 / TORR,
    }
)
