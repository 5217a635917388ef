"""Fluid-bed drying: what an engineer who turns one knob expects, and what must hold of heat and water."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.solid_dose.fluid_bed_drying import (
    constant_rate_time,
    falling_rate_time,
    gab_moisture,
    warming_time,
    wen_yu_fluidisation_velocity,
)
from twin.physics.solid_dose.humid_air import (
    WATER_HEAT,
    adiabatic_saturation_temperature,
    enthalpy,
    saturation_humidity,
    temperature_of,
)

BATCH = {"batch_mass": 100.0}


def dry(material=BATCH, at=None, equipment=None):
    return models()["fluid_bed_drying"].evaluate(material, at or {}, equipment or {})


def test_water_in_is_water_out():
    arriving = np.asarray([0.15, 0.30, 0.60])
    outcome = dry(BATCH | {"moisture": arriving})
    held = 100.0 * outcome.attributes["moisture"]
    np.testing.assert_allclose(held + outcome.attributes["water_evaporated"], 100.0 * arriving, rtol=1e-14)


def test_air_cools_to_where_it_is_saturated_and_no_heat_is_lost():
    inlet, humidity = np.asarray([313.15, 333.15, 363.15]), np.asarray([0.002, 0.008, 0.02])
    wet = adiabatic_saturation_temperature(inlet, humidity)
    saturated = saturation_humidity(wet)
    water = (saturated - humidity) * WATER_HEAT * (wet - 273.15)
    np.testing.assert_allclose(enthalpy(inlet, humidity) + water, enthalpy(wet, saturated), rtol=1e-13)


def test_saturated_air_keeps_its_temperature_and_dries_nothing():
    inlet = np.asarray([303.15])
    humidity = saturation_humidity(inlet)
    assert adiabatic_saturation_temperature(inlet, humidity) == pytest.approx(303.15, abs=1e-9)
    saturated = dry(at={"inlet_temperature": 303.15, "air_humidity": float(humidity[0])})
    assert list(saturated.status) == [OUT_OF_RANGE]


def test_the_bed_stays_at_the_wet_bulb_above_the_critical_moisture_and_warms_below():
    left = np.asarray([0.15, 0.10, 0.05, 0.02, 0.0075])
    outcome = dry(at={"end_moisture": left})
    bed = outcome.attributes["bed_temperature"]
    assert bed[0] == pytest.approx(outcome.attributes["wet_bulb_temperature"][0], abs=1e-9)
    assert bed[1] == pytest.approx(bed[0], abs=1e-9)
    assert np.all(np.diff(bed[1:]) > 0)
    assert bed[4] == pytest.approx(333.15, abs=0.1)


def test_the_times_are_those_of_the_rate_integrated():
    rate, critical, equilibrium, mass = 0.012, 0.09, 0.011, 140.0

    def slope(_, moisture):
        driving = np.clip((moisture - equilibrium) / (critical - equilibrium), 0.0, 1.0)
        return -rate / mass * driving

    def dry_enough(_, moisture):
        return moisture[0] - 0.015

    dry_enough.terminal = True
    path = solve_ivp(slope, (0, 1e5), [0.25], events=dry_enough, rtol=1e-12, atol=1e-14, max_step=20.0)
    closed = constant_rate_time(mass, 0.25, critical, rate) + falling_rate_time(
        mass, 0.25, 0.015, rate, critical, equilibrium
    )
    assert closed == pytest.approx(path.t_events[0][0], rel=1e-6)


def test_granules_that_arrive_below_the_critical_moisture_dry_at_a_falling_rate_from_there():
    whole = falling_rate_time(100.0, 0.10, 0.02, 0.014, 0.10, 0.008)
    parts = [falling_rate_time(100.0, x, y, 0.014, 0.10, 0.008) for x, y in ((0.10, 0.05), (0.05, 0.02))]
    assert sum(parts) == pytest.approx(whole, rel=1e-14)


def test_granules_that_are_dry_enough_only_warm():
    outcome = dry(BATCH | {"moisture": 0.015})
    assert list(outcome.status) == [OK]
    assert outcome.attributes["moisture"] == pytest.approx([0.015])
    assert outcome.attributes["water_evaporated"] == pytest.approx([0.0])
    assert outcome.duration == pytest.approx(
        [warming_time(100.0 * (1250 + 0.015 * WATER_HEAT), 1.0, 0.008, 333.15, 293.15, 299.65519)], rel=1e-6
    )


def test_no_granule_gets_drier_than_the_air_lets_it():
    equilibrium = float(dry().attributes["equilibrium_moisture"][0])
    just_above, below = equilibrium * (1 + 1e-6), equilibrium * 0.999
    outcome = dry(at={"end_moisture": np.asarray([just_above, below])})
    assert list(outcome.status) == [OK, OUT_OF_RANGE]
    assert outcome.duration[0] > 3 * dry().duration[0]


def test_air_that_passes_in_bubbles_takes_nothing_with_it():
    half = dry(equipment={"contact_efficiency": 0.5})
    whole = dry()
    assert half.attributes["drying_rate"] == pytest.approx(0.5 * whole.attributes["drying_rate"])
    assert half.attributes["bed_temperature"] == pytest.approx(whole.attributes["bed_temperature"])


def test_air_too_slow_to_lift_the_bed_is_out_of_range():
    outcome = dry(equipment={"bowl_diameter": np.asarray([1.2, 3.9])}, at={"air_flow": 0.5})
    assert list(outcome.status) == [OK, OUT_OF_RANGE]
    assert outcome.attributes["fluidisation_number"][1] < 1.0


def test_small_particles_lift_as_in_stokes_flow():
    small = wen_yu_fluidisation_velocity(np.asarray([50e-6, 100e-6]), 1200.0, 300.0)
    assert small[1] / small[0] == pytest.approx(4.0, rel=1e-3)


def test_the_isotherm_is_bet_where_its_k_is_one_and_langmuir_where_it_vanishes():
    activity = np.linspace(0.05, 0.6, 12)
    bet = 0.02 * 10 * activity / ((1 - activity) * (1 + 9 * activity))
    np.testing.assert_allclose(gab_moisture(activity, 0.02, 10.0, 1.0), bet, rtol=1e-14)
    langmuir = 0.02 * 5 * activity / (1 + 5 * activity)
    np.testing.assert_allclose(gab_moisture(activity, 0.02, 5e8, 1e-8), langmuir, rtol=1e-6)


@settings(max_examples=25)
@given(
    warm=st.floats(320.0, 360.0),
    more=st.floats(1.0, 10.0),
    humidity=st.floats(0.003, 0.012),
    flow=st.floats(0.8, 3.0),
    moisture=st.floats(0.05, 0.6),
)
def test_hotter_drier_and_more_air_dry_sooner(warm, more, humidity, flow, moisture):
    material = {"batch_mass": 100.0, "moisture": moisture}
    base = {"inlet_temperature": warm, "air_humidity": humidity, "air_flow": flow, "end_moisture": 0.03}

    def time(**changes):
        outcome = dry(material, base | changes)
        assert list(outcome.status) == [OK]
        return float(outcome.duration[0])

    assert time(inlet_temperature=warm + more) < time()
    assert time(air_humidity=humidity + 0.001) > time()
    assert time(air_flow=flow * 1.1) < time()
    assert time(end_moisture=0.025) > time()


@given(temperature=st.floats(274.0, 372.0), humidity=st.floats(0.0, 0.03))
def test_enthalpy_and_temperature_are_each_others_inverse(temperature, humidity):
    back = temperature_of(enthalpy(temperature, humidity), humidity)
    assert math.isclose(back, temperature, rel_tol=1e-13)
