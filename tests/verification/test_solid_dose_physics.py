"""The solid-dose numbers of drying, compression, lubrication and coating that must come out, to the digit."""

import math

import numpy as np
import pytest

from twin.physics import models
from twin.physics.contract import OK
from twin.physics.solid_dose.blending import kushner_moore_factor, lubrication_extent
from twin.physics.solid_dose.film_coating import mann_coating_variation, spraying_time
from twin.physics.solid_dose.fluid_bed_drying import (
    constant_rate_time,
    falling_rate_time,
    gab_moisture,
)
from twin.physics.solid_dose.humid_air import (
    adiabatic_saturation_temperature,
    buck_saturation_pressure,
    saturation_humidity,
)
from twin.physics.solid_dose.tablet_compression import (
    diametral_crushing_force,
    flat_tablet_thickness,
    heckel_solid_fraction,
    ryshkewitch_duckworth_tensile_strength,
)

pytestmark = pytest.mark.verification

MEGAPASCAL = 1e6
MILLIGRAM = 1e-6
MILLIMETRE = 1e-3


@pytest.mark.parametrize(
    ("pressure", "solid_fraction"), [(50, 0.63212056), (100, 0.77686984), (200, 0.91791500)]
)
def test_heckel(pressure, solid_fraction):
    given = heckel_solid_fraction(pressure * MEGAPASCAL, 0.01 / MEGAPASCAL, 0.5)
    assert given == pytest.approx(solid_fraction, abs=0.5e-8)


def test_a_tablet_of_200_mg_and_8_mm_pressed_at_150_mpa():
    solid_fraction = heckel_solid_fraction(150 * MEGAPASCAL, 0.01 / MEGAPASCAL, 0.5)
    thickness = flat_tablet_thickness(200 * MILLIGRAM, 8 * MILLIMETRE, 1500 * solid_fraction)
    strength = ryshkewitch_duckworth_tensile_strength(solid_fraction, 10 * MEGAPASCAL, 8)
    assert thickness / MILLIMETRE == pytest.approx(3.067758, abs=0.5e-6)
    assert strength / MEGAPASCAL == pytest.approx(3.386859, abs=0.5e-6)
    assert diametral_crushing_force(strength, 8 * MILLIMETRE, thickness) == pytest.approx(
        130.5654, abs=0.5e-4
    )


def test_the_same_tablet_from_the_unit_operation():
    outcome = models()["tablet_compression"].evaluate(
        {
            "batch_mass": 200.0,
            "heckel_slope": 0.01 / MEGAPASCAL,
            "heckel_intercept": 0.5,
            "true_density": 1500.0,
            "strength_without_pores": 10 * MEGAPASCAL,
            "bonding_capacity": 8.0,
        },
        {
            "tablet_mass": 200 * MILLIGRAM,
            "tablet_rate": 100e3 / 3600,
            "compression_pressure": 150 * MEGAPASCAL,
        },
        {"punch_diameter": 8 * MILLIMETRE},
    )
    assert outcome.attributes["thickness"] / MILLIMETRE == pytest.approx([3.067758], abs=0.5e-6)
    assert outcome.attributes["tensile_strength"] / MEGAPASCAL == pytest.approx([3.386859], abs=0.5e-6)
    assert outcome.attributes["hardness"] == pytest.approx([130.5654], abs=0.5e-4)
    assert outcome.duration == pytest.approx([10 * 3600.0])
    assert outcome.status == [OK]


def test_lubrication():
    assert kushner_moore_factor(500.0, 0.005, 0.6) == pytest.approx(0.44925100, abs=0.5e-8)


def test_lubrication_from_the_unit_operation_in_metres():
    volume, fill = 1.0, 0.5
    revolutions = 50.0 / float(lubrication_extent(volume, 1 - fill, 1.0))
    outcome = models()["blending"].evaluate(
        {"batch_mass": 250.0, "bulk_density": 500.0, "lubricant_sensitivity": 0.6, "lubrication_rate": 0.05},
        {"lubrication_revolutions": revolutions, "blending_revolutions": 0.0, "rotation_speed": 0.2},
        {"blender_volume": volume},
    )
    assert outcome.attributes["lubrication_factor"] == pytest.approx([0.44925100], abs=0.5e-8)
    assert outcome.duration == pytest.approx([revolutions / 0.2])


def test_coating():
    assert 100 * mann_coating_variation(400, 0.5, 1.0) == pytest.approx(5.59016994, abs=0.5e-8)
    assert spraying_time(300 * 0.03, 0.250 / 60, 0.18, 0.95) / 60 == pytest.approx(210.526316, abs=0.5e-6)


def test_coating_from_the_unit_operation():
    turns = 210.526316 * 60 * 0.1 / 400
    outcome = models()["film_coating"].evaluate(
        {"batch_mass": 300.0},
        {"coating_fraction": 0.03, "spray_rate": 0.250 / 60, "solids_fraction": 0.18, "pan_speed": 0.1},
        {
            "coating_efficiency": 0.95,
            "turns_between_passes": turns,
            "pass_variation": 0.5,
            "cycle_variation": 1.0,
        },
    )
    assert outcome.duration / 60 == pytest.approx([210.526316], abs=0.5e-6)
    assert 100 * outcome.attributes["coating_variation"] == pytest.approx([5.59016994], rel=1e-8)


def test_monte_carlo_of_the_renewal_process_comes_to_the_coating_variation():
    # Passes at gamma-distributed times of unit mean (CVc .6), each gathering gamma-distributed mass (CVx .5).
    draws = np.random.default_rng(1983)
    tablets, length = 4000, 400.0
    times = np.cumsum(draws.gamma(0.6**-2, 0.6**2, (tablets, 600)), axis=1)
    gathered = np.sum(draws.gamma(0.5**-2, 0.5**2, times.shape) * (times <= length), axis=1)
    variation = gathered.std() / gathered.mean()
    assert abs(variation - mann_coating_variation(length, 0.5, 0.6)) < 4 * variation / math.sqrt(2 * tablets)


AIR = np.asarray([60.0 + 273.15])
HUMIDITY = np.asarray([0.008])


def test_the_vapour_pressure_of_water_at_40_degrees():
    assert buck_saturation_pressure(40.0 + 273.15) == pytest.approx(7382.3596, abs=0.5e-4)


def test_fluid_bed_drying_at_a_constant_and_then_a_falling_rate():
    wet_bulb = adiabatic_saturation_temperature(AIR, HUMIDITY)
    rate = saturation_humidity(wet_bulb) - HUMIDITY  # of 1 kg/s of dry air
    assert wet_bulb - 273.15 == pytest.approx([26.50519], abs=0.5e-5)
    assert rate == pytest.approx([0.0140177], abs=0.5e-7)
    constant = constant_rate_time(100.0, 0.30, 0.10, rate)
    falling = falling_rate_time(100.0, 0.30, 0.02, rate, 0.10, 0.008)
    assert constant == pytest.approx([1426.76], abs=0.5e-2)
    assert constant + falling == pytest.approx([2763.59], abs=0.5e-2)


def test_the_same_drying_from_the_unit_operation():
    activity = 0.008 * 101325.0 / (0.62198 + 0.008) / float(buck_saturation_pressure(AIR)[0])
    monolayer = 0.008 / gab_moisture(activity, 1.0, 10.0, 0.8)  # such that the granules end at .008
    outcome = models()["fluid_bed_drying"].evaluate(
        {"batch_mass": 100.0, "moisture": 0.30, "critical_moisture": 0.10, "gab_monolayer": monolayer},
        {"inlet_temperature": AIR, "air_humidity": HUMIDITY, "end_moisture": 0.02},
        {},
    )
    assert list(outcome.status) == [OK]
    both = outcome.attributes["constant_rate_time"] + outcome.attributes["falling_rate_time"]
    assert both == pytest.approx([2763.59], abs=0.5e-2)
