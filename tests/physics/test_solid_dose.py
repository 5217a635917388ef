"""How the solid-dose unit operations behave: what an engineer who turns one knob expects to see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.numerics.special import erfc, normal_below
from twin.physics.solid_dose.blending import (
    blend_content_variation,
    dispersed_share,
    kushner_moore_factor,
    lacey_random_variance,
)
from twin.physics.solid_dose.film_coating import exhaust_temperature, mann_coating_variation
from twin.physics.solid_dose.humid_air import WATER_HEAT, enthalpy
from twin.physics.solid_dose.tablet_compression import (
    acceptance_value,
    heckel_solid_fraction,
    kawakita_volume_reduction,
    rejected_by_weight,
    ryshkewitch_duckworth_tensile_strength,
    slope_at_speed,
)

BATCH = {"batch_mass": 240.0}
TABLET = {"tablet_mass": 250e-6, "tablet_rate": 100_000 / 3600}


def blend(material=BATCH, settings=None, equipment=None):
    return models()["blending"].evaluate(material, settings or {}, equipment or {})


def press(material=BATCH, settings=TABLET, equipment=None):
    return models()["tablet_compression"].evaluate(material, settings, equipment or {})


def coat(material=BATCH, settings=None, equipment=None):
    return models()["film_coating"].evaluate(material, settings or {}, equipment or {})


def test_error_function_against_scipy():
    x = np.concatenate([np.linspace(0, 26, 5001), np.logspace(-12, 0, 100)])
    np.testing.assert_allclose(erfc(x), special.erfc(x), rtol=3e-15)
    assert list(erfc(np.asarray([0.0, 30.0, np.inf]))) == [1.0, 0.0, 0.0]


def test_normal_probability_against_scipy():
    z = np.linspace(-8, 8, 1001)
    np.testing.assert_allclose(normal_below(z), special.ndtr(z), rtol=5e-14)


def test_a_batch_takes_its_tablets_over_the_rate():
    outcome = press(settings=TABLET | {"tablet_rate": np.asarray([100_000 / 3600, 120_000 / 3600])})
    assert list(outcome.attributes["tablets"]) == [960_000, 960_000]
    assert outcome.duration / 3600 == pytest.approx([9.6, 8.0])


def test_blending_and_pressing_in_a_row_weaken_the_tablet_by_lubrication():
    turns = {"lubrication_revolutions": np.asarray([0.0, 20.0, 100.0])}
    blended = blend(settings=turns).attributes
    pressed = press(
        material=BATCH | {name: blended[name] for name in ("lubrication_factor", "blend_variation")}
    )
    hardness = pressed.attributes["hardness"]
    assert hardness[0] > hardness[1] > hardness[2] > 0.4 * hardness[0]
    assert hardness / hardness[0] == pytest.approx(blended["lubrication_factor"])


def test_twice_the_speed_halves_dwell_time_and_nothing_else_of_the_tablet():
    slow, fast = press(), press(settings=TABLET | {"tablet_rate": 200_000 / 3600})
    for name in ("hardness", "thickness", "weight_rejects", "acceptance_value"):
        assert slow.attributes[name] == fast.attributes[name]
    assert slow.attributes["dwell_time"] == pytest.approx(2 * fast.attributes["dwell_time"])


def test_rejects_are_the_tails_of_the_normal_distribution():
    expected = stats.norm.cdf(-0.05, 0.01, 0.02) + stats.norm.sf(0.05, 0.01, 0.02)
    assert rejected_by_weight(0.01, 0.02, 0.05) == pytest.approx(expected, rel=1e-12)
    outcome = press(settings=TABLET | {"weight_error": 0.01}, equipment={"weight_variation": 0.02})
    assert outcome.yield_ == pytest.approx([1 - expected])


def test_no_weight_variation_at_all_rejects_nothing_or_everything():
    with np.errstate(divide="ignore"):
        none, all_ = rejected_by_weight(np.asarray([0.0, 0.1]), np.asarray([0.0, 0.0]), 0.05)
    assert (none, all_) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("mean", "deviation", "value"),
    [
        (1.0, 0.05, 12.0),
        (0.985, 0.0, 0.0),
        (1.015, 0.0, 0.0),
        (0.95, 0.0, 3.5),
        (1.059, 5.0 / 105.9, 4.4 + 12.0),  # the example of the USP's questions and answers: 16.4
    ],
)
def test_acceptance_value_of_usp_905(mean, deviation, value):
    assert acceptance_value(mean, deviation) == pytest.approx(value)


def test_a_press_cannot_be_asked_for_more_than_it_can_do():
    rates = np.asarray([99_000, 101_000]) / 3600
    outcome = press(
        settings=TABLET | {"tablet_rate": rates}, equipment={"greatest_tablet_rate": 100_000 / 3600}
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE]


def test_compression_force_is_pressure_on_the_punch():
    outcome = press(settings=TABLET | {"compression_pressure": 150e6}, equipment={"punch_diameter": 6e-3})
    assert outcome.attributes["compression_force"] == pytest.approx([150e6 * np.pi * 9e-6])


def test_an_overfilled_and_an_underfilled_blender_are_out_of_range():
    outcome = blend(material={"batch_mass": np.asarray([110.0, 240.0, 520.0, 700.0])})
    assert list(outcome.status) == [OUT_OF_RANGE, OK, OUT_OF_RANGE, OUT_OF_RANGE]
    assert outcome.attributes["fill_fraction"] == pytest.approx(np.asarray([110, 240, 520, 700]) / 600)


def test_blending_takes_all_turns_at_the_speed_set():
    turns = {"blending_revolutions": 180.0, "lubrication_revolutions": 60.0, "rotation_speed": 0.2}
    assert blend(settings=turns).duration == [1200.0]


def test_a_fuller_blender_lubricates_less():
    factor = blend(material={"batch_mass": np.asarray([150.0, 300.0, 450.0])}).attributes[
        "lubrication_factor"
    ]
    assert factor[0] < factor[1] < factor[2]


def test_mixing_starts_separate_and_ends_random():
    separate = blend_content_variation(0.05, 1e6, 0.05, 0.0)
    endless = blend_content_variation(0.05, 1e6, 0.05, 1e5)
    assert separate == pytest.approx(np.sqrt(0.95 / 0.05))
    assert endless == pytest.approx(np.sqrt(lacey_random_variance(0.05, 1e6)) / 0.05)


def test_coat_and_water_are_what_was_sprayed_less_what_missed():
    outcome = coat(equipment={"coating_efficiency": 0.95})
    sprayed = outcome.attributes["suspension_sprayed"]
    solids = sprayed - outcome.attributes["water_evaporated"]
    assert outcome.attributes["coating_mass"] == pytest.approx(0.95 * solids, rel=1e-14)
    assert outcome.attributes["coating_mass"] == pytest.approx(0.03 * 240)


def test_a_faster_pan_coats_more_evenly_in_the_same_time():
    outcome = coat(settings={"pan_speed": np.asarray([0.05, 0.1, 0.2])})
    assert outcome.duration[0] == outcome.duration[1] == outcome.duration[2]
    assert outcome.attributes["coating_variation"][0] == pytest.approx(
        2 * outcome.attributes["coating_variation"][2]
    )


def test_too_few_passes_or_too_full_a_pan_are_out_of_range():
    outcome = coat(
        material={"batch_mass": np.asarray([240.0, 240.0, 400.0])},
        settings={"coating_fraction": np.asarray([0.03, 0.001, 0.03])},
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE]


@given(pressure=st.floats(5e7, 2.9e8), more=st.floats(1e5, 1e7))
def test_more_pressure_presses_denser_and_stronger(pressure, more):
    thin, dense = heckel_solid_fraction(np.asarray([pressure, pressure + more]), 1e-8, 0.5)
    weak, strong = ryshkewitch_duckworth_tensile_strength(np.asarray([thin, dense]), 1e7, 8.0)
    assert 0 < thin < dense < 1
    assert 0 < weak < strong < 1e7


@given(extent=st.floats(0, 1e3), rate=st.floats(0, 1), sensitivity=st.floats(0, 1))
def test_lubrication_leaves_between_all_and_what_is_insensitive(extent, rate, sensitivity):
    assert 1 - sensitivity <= kushner_moore_factor(extent, rate, sensitivity) <= 1 + 1e-15


@given(passes=st.floats(30, 1e5), times=st.floats(1.01, 100))
def test_more_passes_coat_more_evenly(passes, times):
    assert mann_coating_variation(passes * times, 0.5, 1.0) < mann_coating_variation(passes, 0.5, 1.0)


@given(variation=st.floats(0.001, 0.1), error=st.floats(-0.05, 0.05), limit=st.floats(0.01, 0.2))
def test_rejects_are_a_fraction_and_fall_with_a_wider_limit(variation, error, limit):
    narrow = rejected_by_weight(error, variation, limit)
    wide = rejected_by_weight(error, variation, 1.1 * limit)
    assert 0 <= wide <= narrow <= 1


def test_a_pan_that_evaporates_nothing_and_loses_no_heat_leaves_its_air_as_it_was():
    warm = exhaust_temperature(333.15, 0.008, 1.0, 0.0, 293.15, 0.0, 293.15)
    assert warm == pytest.approx(333.15, abs=1e-10)
    assert exhaust_temperature(333.15, 0.008, 1.0, 0.0, 293.15, 1e12, 293.15) == pytest.approx(293.15)


def test_a_pan_s_heat_is_in_its_exhaust_or_in_the_room():
    outcome = coat(settings={"spray_rate": np.asarray([0.002, 0.004, 0.006])})
    exhaust = outcome.attributes["exhaust_temperature"]
    water = np.asarray([0.002, 0.004, 0.006]) * 0.82
    brought = enthalpy(333.15, 0.008) + water * WATER_HEAT * 20.0
    taken = enthalpy(exhaust, 0.008 + water) + 100.0 * (exhaust - 293.15)
    np.testing.assert_allclose(brought, taken, rtol=1e-13)


def test_more_spray_cools_and_wets_the_exhaust_until_the_air_is_full():
    rates = np.asarray([0.002, 0.004, 0.006, 0.012, 0.03])
    outcome = coat(settings={"spray_rate": rates, "coating_fraction": 0.4})
    assert np.all(np.diff(outcome.attributes["exhaust_temperature"]) < 0)
    assert np.all(np.diff(outcome.attributes["exhaust_relative_humidity"][:4]) > 0)
    assert list(outcome.status) == [OK, OK, OK, OK, OUT_OF_RANGE]


def test_porosity_is_what_is_not_solid():
    outcome = press().attributes
    assert outcome["porosity"] + outcome["solid_fraction"] == pytest.approx(1.0, abs=1e-15)


def test_a_powder_insensitive_to_speed_is_pressed_alike_at_any_rate():
    rates = TABLET | {"tablet_rate": np.asarray([20.0, 200.0])}
    insensitive = press(settings=rates).attributes["hardness"]
    assert insensitive[0] == insensitive[1]
    plastic = press(BATCH | {"speed_sensitivity": 0.1}, rates).attributes
    assert plastic["hardness"][0] > plastic["hardness"][1]
    assert plastic["dwell_time"][0] == pytest.approx(10 * plastic["dwell_time"][1])


def test_a_decade_shorter_raises_the_yield_pressure_by_the_sensitivity():
    yielding = 1.0 / slope_at_speed(8e-9, 0.12, np.asarray([10e-3, 1e-3, 0.1e-3]), 10e-3)
    np.testing.assert_allclose(np.diff(yielding), 0.12 / 8e-9)


def test_under_the_punch_the_powder_is_as_kawakita_s_two_limits_have_it():
    soft = kawakita_volume_reduction(1.0, 0.6, 1e-7)
    assert soft == pytest.approx(0.6 * 1e-7, rel=1e-6)
    assert kawakita_volume_reduction(1e15, 0.6, 1e-7) == pytest.approx(0.6, rel=1e-6)
    outcome = press(settings=TABLET | {"compression_pressure": np.asarray([5e7, 1e8, 2e8])}).attributes
    assert np.all(np.diff(outcome["thickness_in_die"]) < 0)
    assert outcome["fill_depth"] == pytest.approx(4 * 250e-6 / (np.pi * 64e-6 * 500.0))


def test_what_lay_side_by_side_spreads_as_a_diffusion_between_closed_ends():
    cells, length, dispersion, turns = 200, 1.0, 4e-4, 120.0
    content = np.where(np.arange(cells) < cells // 2, 1.0, 0.0)
    width = length / cells
    step = 0.25 * width**2 / dispersion
    for _ in range(round(turns / step)):
        flow = np.diff(content) * dispersion / width
        content = content + step / width * (np.append(flow, 0.0) - np.insert(flow, 0, 0.0))
    assert dispersed_share(dispersion, length, turns) == pytest.approx(np.var(content) / 0.25, rel=2e-3)


def test_powders_charged_side_by_side_take_longer_to_mix():
    turns = {"blending_revolutions": np.asarray([50.0, 100.0, 200.0, 400.0])}
    on_top = blend(settings=turns).attributes["blend_variation"]
    beside = blend(settings=turns | {"axial_layering": 1.0}).attributes["blend_variation"]
    assert np.all(beside > on_top)
    assert np.all(np.diff(beside) < 0)
    assert dispersed_share(5e-4, 1.1, 0.0) == 1.0
