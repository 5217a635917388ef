"""Cleaning and sterilisation in place: rinses as stirred tanks, all soil somewhere, lethality added up."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.fill_finish.cleaning_in_place import left_in_system, removal_rate, rinsed
from twin.physics.fill_finish.steam_sterilisation import (
    heating_lethality,
    heating_time,
    hold_lethality,
    ramp_lethality,
)


def clean(material=None, at=None, circuit=None):
    return models()["cleaning_in_place"].evaluate(material or {}, at or {}, circuit or {})


def sterilise(material=None, at=None, vessel=None):
    return models()["steam_sterilisation"].evaluate(material or {}, at or {}, vessel or {})


@pytest.mark.parametrize("tanks", [1, 2, 3, 7, 20])
def test_a_rinse_is_stirred_tanks_in_series(tanks):
    def slope(_, held):
        return tanks * (np.concatenate([[0.0], held[:-1]]) - held)

    path = solve_ivp(slope, (0, 2.5), np.ones(tanks), rtol=1e-11, atol=1e-13)
    assert rinsed(2.5, float(tanks)) == pytest.approx(path.y[-1, -1], rel=1e-8)
    assert left_in_system(2.5, float(tanks)) == pytest.approx(np.mean(path.y[:, -1]), rel=1e-8)


def test_no_water_rinses_nothing():
    tanks = np.asarray([1.0, 5.0, 20.0])
    assert rinsed(0.0 * tanks, tanks).tolist() == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(left_in_system(0.0 * tanks, tanks), 1.0, rtol=1e-14)


def test_what_leaves_a_circuit_is_what_it_lost():
    left = quad(lambda v: float(rinsed(v, 4.0)), 0.0, 3.0, epsabs=1e-12)[0]
    assert left == pytest.approx(1.0 - float(left_in_system(3.0, 4.0)), rel=1e-10)


def test_all_soil_is_left_or_goes_to_the_drain():
    soil = np.asarray([0.1, 1.0, 10.0])
    outcome = clean({"soil_mass": soil})
    np.testing.assert_allclose(
        outcome.attributes["residue"] + outcome.attributes["soil_to_drain"], soil, rtol=1e-14
    )
    assert np.all(outcome.attributes["residue"] >= outcome.attributes["adhering_residue"])


def test_without_washing_what_sticks_stays_and_without_rinsing_all_stays():
    unwashed = clean({"soil_mass": 1.0, "loose_fraction": 0.7}, {"caustic_time": 0.0, "acid_time": 0.0})
    assert unwashed.attributes["adhering_residue"] == pytest.approx([0.3])
    dry = {"prerinse_volumes": 0.0, "rinse_volumes": 0.0, "final_rinse_volumes": 0.0}
    unrinsed = clean({"soil_mass": 1.0}, dry, {"drained": 0.0})
    assert unrinsed.attributes["residue"] == pytest.approx([1.0])
    assert unrinsed.attributes["detergent_residue"] == pytest.approx([10.0])


def test_the_time_is_that_of_its_parts():
    outcome = clean()
    parts = outcome.attributes["rinsing_time"] + outcome.attributes["heating_time"] + 1200 + 600 + 4 * 120
    assert outcome.duration == pytest.approx(parts)
    assert outcome.attributes["heating_time"] == pytest.approx([2 * 1000 * 4186 * 0.4 * 55 / 1.2e5])


def test_each_wash_takes_water_and_heat_and_one_that_is_left_out_none():
    both, caustic, neither = (
        clean({}, {"caustic_time": first, "acid_time": second}).attributes
        for first, second in ((1200.0, 600.0), (1200.0, 0.0), (0.0, 0.0))
    )
    assert both["heat_used"] == 2 * caustic["heat_used"]
    assert neither["heat_used"] == neither["heating_time"] == 0.0
    assert both["water_used"] - caustic["water_used"] == pytest.approx([400.0])
    assert caustic["water_used"] - neither["water_used"] == pytest.approx([400.0])


def test_pipes_flowed_through_too_slowly_are_out_of_range():
    flow = np.asarray([1.9, 2.0, 7.8, 7.9]) * 1e-3
    outcome = clean(at={"flow": flow})
    assert list(outcome.status) == [OUT_OF_RANGE, OK, OK, OUT_OF_RANGE]


@settings(max_examples=30)
@given(
    hotter=st.floats(0.5, 15.0),
    longer=st.floats(10.0, 600.0),
    volumes=st.floats(0.1, 3.0),
    faster=st.floats(1.05, 2.0),
)
def test_hotter_longer_faster_and_more_water_clean_better(hotter, longer, volumes, faster):
    base = {"wash_temperature": 340.0, "caustic_time": 400.0, "final_rinse_volumes": 3.0, "flow": 3e-3}

    def residue(**changes):
        return float(clean(at=base | changes).attributes["residue"][0])

    assert residue(wash_temperature=340.0 + hotter) < residue()
    assert residue(caustic_time=400.0 + longer) < residue()
    assert residue(final_rinse_volumes=3.0 + volumes) < residue()
    assert residue(flow=3e-3 * faster) < residue()


def test_the_rate_doubles_with_the_temperature_that_arrhenius_says():
    ten = float(removal_rate(0.01, 5e4, 353.15, 1.5, 0.8) / removal_rate(0.01, 5e4, 343.15, 1.5, 0.8))
    assert ten == pytest.approx(math.exp(5e4 / 8.314462618 * (1 / 343.15 - 1 / 353.15)), rel=1e-12)


@settings(max_examples=60)
@given(
    margin=st.floats(0.2, 30.0),
    hold=st.floats(380.0, 410.0),
    z=st.floats(5.0, 15.0),
    start=st.floats(280.0, 370.0),
)
def test_lethality_of_heating_up_is_the_integral_over_time(margin, hold, z, start):
    steam, tau = hold + margin, 500.0

    def rate(time):
        temperature = steam - (steam - start) * math.exp(-time / tau)
        return 10 ** ((temperature - 394.25) / z)

    end = float(heating_time(tau, steam, start, hold))
    expected = quad(rate, max(0.0, end - 8 * tau), end, epsrel=1e-11, limit=400)[0]
    if end > 8 * tau:
        expected += quad(rate, 0.0, end - 8 * tau, epsrel=1e-9, limit=400)[0]
    given_f0 = float(heating_lethality(np.asarray([tau]), steam, start, hold, z)[0])
    assert given_f0 == pytest.approx(expected, rel=2e-6)


def test_a_slow_heating_up_ends_as_a_ramp():
    # Far below the steam's temperature a lump warms nearly in a straight line.
    lump = heating_lethality(np.asarray([1e6]), 10_000.0 + 394.25, 374.25, 394.25, 10.0)
    assert lump == pytest.approx(ramp_lethality(374.25, 394.25, 10_000.0 / 1e6, 10.0), rel=2e-3)


def test_lethality_adds_up_and_each_ten_kelvin_count_ten_times():
    outcome = sterilise()
    parts = [outcome.attributes[f"f0_{part}"] for part in ("heating", "hold", "cooling")]
    assert outcome.attributes["f0"] == pytest.approx(sum(parts), rel=1e-14)
    assert hold_lethality(404.25, 60.0, 10.0) == pytest.approx(600.0)
    assert outcome.attributes["spore_log_reduction"] == pytest.approx(outcome.attributes["f0"] / 90.0)


def test_steam_hardly_hotter_than_the_hold_is_out_of_range():
    outcome = sterilise(at={"steam_temperature": 394.25 + np.asarray([0.1, 0.3, 5.0])})
    assert list(outcome.status) == [OUT_OF_RANGE, OK, OK]
    assert outcome.attributes["heating_time"][1] > outcome.attributes["heating_time"][2]


@settings(max_examples=30)
@given(hold=st.floats(385.0, 394.0), warmer=st.floats(0.1, 3.0), mass=st.floats(100.0, 5000.0))
def test_a_warmer_or_longer_hold_kills_more_and_a_heavier_vessel_takes_longer(hold, warmer, mass):
    at = {"hold_temperature": hold}
    base = sterilise(at=at, vessel={"metal_mass": mass})
    warm = sterilise(at={"hold_temperature": hold + warmer}, vessel={"metal_mass": mass})
    longer = sterilise(at=at | {"hold_time": 1500.0}, vessel={"metal_mass": mass})
    heavy = sterilise(at=at, vessel={"metal_mass": 1.1 * mass})
    assert warm.attributes["f0"] > base.attributes["f0"]
    assert longer.attributes["f0"] - base.attributes["f0"] == pytest.approx(
        hold_lethality(hold, 300.0, 10.0), rel=1e-6
    )
    assert heavy.duration > base.duration
