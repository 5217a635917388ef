"""Primary drying of vials: limits in closed form, balances, what SciPy says, and which way things go."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from twin.physics import models
from twin.physics.fill_finish.lyophilisation_data import (
    HOUR,
    ICE_CONDUCTIVITY,
    LYOPRONTO_EXAMPLE,
    SUBLIMATION_HEAT,
    VAPOUR_FACTOR,
    VAPOUR_TEMPERATURE,
)
from twin.physics.fill_finish.primary_drying import (
    PRIMARY_DRYING,
    course,
    fixed_front_duration,
    frozen_layer,
    ice_vapour_pressure,
    kernel_inputs,
    primary_drying,
    primary_drying_array_form,
    unresisted_duration,
    vial_heat_transfer,
)
from twin.physics.kernels.launch import on_cpu


def vial(**changes):
    return {**LYOPRONTO_EXAMPLE, **changes}


def many_vials(lots=200):
    """Vials over all that freeze-drying knows: thin to thick, soft to tight, slow and fast ramps."""
    draws = np.random.default_rng(1985)

    def between(low, high):
        return np.exp(draws.uniform(math.log(low), math.log(high), lots))

    return vial(
        shelf_start=draws.uniform(223.0, 240.0, lots),
        shelf_hold=draws.uniform(245.0, 313.0, lots),
        ramp_rate=between(0.1 / 60.0, 2.0 / 60.0),
        chamber_pressure=between(3.0, 30.0),
        fill_volume=between(1e-9, 6e-6),
        resistance_start=between(1e3, 5e5),
        resistance_slope=between(1e6, 3e8),
        resistance_bend=draws.uniform(0.0, 500.0, lots),
        heat_contact=between(3.0, 30.0),
    )


def drying_by_scipy(given):
    """Return one vial's drying time in s by the equations as printed, a bracketed root and SciPy's DOP853."""
    shelf_start, hold, rate, pressure, layer, ice, start, slope, bend, heat, heat_slope = given[:11]
    balance = VAPOUR_TEMPERATURE / math.log(VAPOUR_FACTOR / pressure)

    def growth(time, state):
        shelf = min(shelf_start + rate * time, hold)
        if shelf <= balance:
            return [0.0]
        dried = min(max(state[0], 0.0), layer)
        resistance = start + slope * dried / (1.0 + bend * dried)

        def surplus(temperature):
            flux = (VAPOUR_FACTOR * math.exp(-VAPOUR_TEMPERATURE / temperature) - pressure) / resistance
            return flux * (heat - heat_slope * dried) - (shelf - temperature)

        front = brentq(surplus, balance - 1.0, shelf + 1.0, xtol=1e-13, rtol=1e-15)
        return [(shelf - front) / (heat - heat_slope * dried) / ice]

    def dry(time, state):
        return state[0] - layer

    dry.terminal = True
    ramp_end = (hold - shelf_start) / rate
    begin = max(0.0, (balance - shelf_start) / rate)
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-11 * layer, "events": dry}
    first = solve_ivp(growth, (begin, ramp_end), [0.0], **options)
    if first.t_events[0].size:
        return first.t_events[0][0]
    second = solve_ivp(growth, (ramp_end, ramp_end + 1e8), first.y[:, -1], **options)
    return second.t_events[0][0]


def test_drying_times_are_those_of_scipy_at_tight_tolerance():
    vials = many_vials(30)
    inputs = kernel_inputs(vials)
    by_scipy = np.array([drying_by_scipy(inputs[:, k]) for k in range(30)])
    assert primary_drying(vials, ramp_steps=64).duration == pytest.approx(by_scipy, rel=1e-7)
    assert primary_drying(vials).duration == pytest.approx(by_scipy, rel=2e-5)


def test_the_kernel_gives_what_the_array_form_gives():
    inputs = kernel_inputs(many_vials())
    # Newton's steps end at rounding in one and one step before it in the other.
    np.testing.assert_allclose(
        on_cpu(PRIMARY_DRYING, (16,), inputs), primary_drying_array_form(inputs, 16), rtol=2e-9
    )


def vials_over_all_ranges(lots=20_000):
    model, draws = models()["lyophilisation"], np.random.default_rng(5)
    fields = {field.name: field for field in (*model.material, *model.settings, *model.equipment)}

    def over(name, least=0.0):
        low, high = max(fields[name].low, least), fields[name].high
        return np.exp(draws.uniform(math.log(low), math.log(high), lots))

    start, hold = over("freezing_shelf_temperature"), over("primary_shelf_temperature")
    area = over("vial_area")
    thickness = np.exp(draws.uniform(math.log(1e-4), math.log(0.045), lots))
    return {
        **{name: over(name) for name in ("chamber_pressure", "solute_concentration", "solute_density")},
        **{name: over(name) for name in ("resistance_start", "heat_contact")},
        "resistance_slope": over("resistance_slope", 1e3),
        "resistance_bend": over("resistance_bend", 1e-1),
        "heat_gas": over("heat_gas", 1e-3),
        "heat_saturation": over("heat_saturation", 1e-5),
        "vial_area": area,
        "product_area": area,
        "fill_volume": area * thickness,
        "shelf_start": start,
        "shelf_hold": np.maximum(start, hold),
        "ramp_rate": over("primary_ramp_rate"),
    }


def test_eight_steps_do_over_all_ranges():
    vials = vials_over_all_ranges()
    dried, fine = primary_drying(vials), primary_drying(vials, ramp_steps=256)
    assert not np.any(np.isnan(np.stack(dried)))
    dries = np.isfinite(fine.duration) & (fine.sublimation_temperature < 273.16)
    assert np.mean(dries) > 0.8
    errors = np.abs(dried.duration[dries] / fine.duration[dries] - 1.0)
    assert np.quantile(errors, 0.99) < 1e-5
    assert np.max(errors) < 0.01
    resistance = vials["resistance_start"] + vials["resistance_slope"] * kernel_inputs(vials)[4] / (
        1.0 + vials["resistance_bend"] * kernel_inputs(vials)[4]
    )
    vapour = (ice_vapour_pressure(dried.sublimation_temperature) - vials["chamber_pressure"]) / resistance
    well_apart = dries & (np.abs(vapour * resistance) > 1e-2)  # in Pa; nearer, rounding shows
    np.testing.assert_allclose(vapour[well_apart], dried.flux[well_apart], rtol=1e-6)


def test_a_vial_dries_the_same_in_any_company_to_the_bit():
    inputs = kernel_inputs(vials_over_all_ranges(333))
    whole = on_cpu(PRIMARY_DRYING, (8,), inputs)
    early, never = whole[3] >= inputs[4], np.isinf(whole[0])
    assert 20 < np.sum(early) < 200
    assert 5 < np.sum(never) < 100
    order = np.random.default_rng(3).permutation(333)
    assert on_cpu(PRIMARY_DRYING, (8,), inputs[:, order]).tobytes() == whole[:, order].tobytes()
    alone = [on_cpu(PRIMARY_DRYING, (8,), inputs[:, [k]]) for k in range(333)]
    assert np.concatenate(alone, axis=1).tobytes() == whole.tobytes()


def test_time_steps_over_the_ramp_are_of_fourth_order():
    def hours(steps):
        return float(primary_drying(vial(ramp_rate=0.3 / 60.0), ramp_steps=steps).duration[0]) / HOUR

    exact = hours(512)
    errors = [abs(hours(steps) - exact) for steps in (2, 4, 8)]
    orders = [math.log2(coarse / fine) for coarse, fine in itertools.pairwise(errors)]
    assert min(orders) > 3.6


def test_ice_is_all_the_water_that_was_filled_in():
    layer, ice = frozen_layer(2e-6, 50.0, 1500.0, 3.14e-4)
    assert layer * ice * 3.14e-4 == pytest.approx(1000.0 * (2e-6 - 2e-6 * 50.0 / 1500.0), rel=1e-14)


def test_as_much_ice_sublimes_as_the_dried_layer_held_by_as_much_heat_as_it_takes():
    # Flux and heat over time, from the course of drying, against the ice that was in the layer.
    ice, whole = kernel_inputs(LYOPRONTO_EXAMPLE)[5, 0], kernel_inputs(LYOPRONTO_EXAMPLE)[4, 0]
    ramp, end = 55.0 * 60.0, 6.0 * HOUR
    nodes, weights = np.polynomial.legendre.leggauss(40)
    balance = VAPOUR_TEMPERATURE / math.log(VAPOUR_FACTOR / LYOPRONTO_EXAMPLE["chamber_pressure"])
    begin = max(0.0, (balance - LYOPRONTO_EXAMPLE["shelf_start"]) * 60.0)
    times = np.concatenate(
        [begin + (ramp - begin) * (nodes + 1.0) / 2.0, ramp + (end - ramp) * (nodes + 1.0) / 2.0, [end]]
    )
    weights = np.concatenate([weights * (ramp - begin) / 2.0, weights * (end - ramp) / 2.0, [0.0]])
    now = course(LYOPRONTO_EXAMPLE, times, steps=400)
    assert weights @ now.flux == pytest.approx(now.layer[-1] * ice, rel=1e-10)
    transfer = vial_heat_transfer(
        *(LYOPRONTO_EXAMPLE[name] for name in ("heat_contact", "heat_gas", "heat_saturation")),
        LYOPRONTO_EXAMPLE["chamber_pressure"],
    )
    shelf = np.minimum(238.15 + times / 60.0, 293.15)
    areas = LYOPRONTO_EXAMPLE["vial_area"] / LYOPRONTO_EXAMPLE["product_area"]
    heat = transfer * areas * (shelf - now.bottom_temperature)
    np.testing.assert_allclose(heat, SUBLIMATION_HEAT * now.flux, rtol=1e-10)
    through_ice = ICE_CONDUCTIVITY * (now.bottom_temperature - now.front_temperature) / (whole - now.layer)
    np.testing.assert_allclose(through_ice, SUBLIMATION_HEAT * now.flux, rtol=1e-8)
    resistance = LYOPRONTO_EXAMPLE["resistance_start"] + LYOPRONTO_EXAMPLE["resistance_slope"] * now.layer
    vapour = ice_vapour_pressure(now.front_temperature) - LYOPRONTO_EXAMPLE["chamber_pressure"]
    np.testing.assert_allclose(vapour / resistance, now.flux, rtol=1e-10)


def test_without_resistance_heat_alone_limits():
    held = vial(shelf_start=263.15, shelf_hold=263.15, resistance_start=0.0, resistance_slope=0.0)
    inputs = kernel_inputs(held)[:, 0]
    transfer = vial_heat_transfer(
        held["heat_contact"], held["heat_gas"], held["heat_saturation"], held["chamber_pressure"]
    )
    expected = unresisted_duration(
        inputs[4],
        inputs[5],
        transfer * held["vial_area"] / held["product_area"],
        263.15,
        held["chamber_pressure"],
    )
    assert primary_drying(held).duration == pytest.approx([expected], rel=1e-12)


def test_heat_in_plenty_holds_the_front_at_the_shelf():
    held = vial(
        shelf_start=240.15, shelf_hold=240.15, chamber_pressure=13.0, fill_volume=1e-9, heat_contact=1e9
    )
    layer, ice = kernel_inputs(held)[4:6, 0]
    expected = fixed_front_duration(
        layer, ice, held["resistance_start"], held["resistance_slope"], 240.15, 13.0
    )
    assert primary_drying(held).duration == pytest.approx([expected], rel=1e-3)


def test_a_thin_cake_dries_while_the_shelf_still_warms():
    fills = np.geomspace(1e-12, 1.7e-7, 12)
    early = primary_drying(vial(fill_volume=fills))
    assert np.all(early.duration < 55.0 * 60.0)
    assert np.all(np.diff(early.duration) > 0.0)
    fine = primary_drying(vial(fill_volume=fills), ramp_steps=256)
    assert early.duration == pytest.approx(fine.duration, rel=1e-6)
    assert early.layer_after_ramp == pytest.approx(kernel_inputs(vial(fill_volume=fills))[4])


def test_drying_time_has_no_step_where_it_ends_with_the_ramp():
    fills = 1.73e-7 * (1.0 + np.linspace(-0.1, 0.1, 401))
    durations = primary_drying(vial(fill_volume=fills)).duration
    assert durations[0] < 55.0 * 60.0 < durations[-1]
    rises = np.diff(durations)
    assert np.max(np.abs(np.diff(rises))) < 0.01 * np.mean(rises)


def test_a_shelf_colder_than_ice_in_balance_with_the_chamber_dries_nothing():
    dried = primary_drying(vial(shelf_hold=np.array([238.0, 245.0]), chamber_pressure=25.0))
    assert list(np.isinf(dried.duration)) == [True, False]
    assert dried.flux[0] == 0.0


def test_just_warm_enough_dries_slowly():
    balance = VAPOUR_TEMPERATURE / math.log(VAPOUR_FACTOR / 20.0)
    dried = primary_drying(
        vial(shelf_start=230.0, shelf_hold=balance + np.array([1e-3, 2e-3]), chamber_pressure=20.0)
    )
    assert dried.duration[0] / dried.duration[1] == pytest.approx(2.0, rel=1e-3)


positive = st.floats(0.0, 1.0)


@settings(max_examples=40)
@given(st.tuples(*[positive] * 6), st.floats(0.01, 0.3))
def test_which_way_drying_goes(place, more):
    pressure, hold, fill, resistance, slope, rate = place
    here = vial(
        chamber_pressure=3.0 + 20.0 * pressure,
        shelf_hold=250.0 + 50.0 * hold,
        fill_volume=2e-7 + 5e-6 * fill,
        resistance_start=1e3 + 2e5 * resistance,
        resistance_slope=1e6 + 2e8 * slope,
        ramp_rate=(0.1 + rate) / 60.0,
    )
    changes = {
        "hotter": {"shelf_hold": here["shelf_hold"] + 20.0 * more},
        "thicker": {"fill_volume": here["fill_volume"] * (1.0 + more)},
        "tighter": {"resistance_slope": here["resistance_slope"] * (1.0 + more)},
        "more heat": {"heat_contact": here["heat_contact"] * (1.0 + more)},
    }
    before = primary_drying(here)
    after = {name: primary_drying({**here, **change}) for name, change in changes.items()}
    faster = {name: float(now.duration[0]) < float(before.duration[0]) for name, now in after.items()}
    if float(before.duration[0]) * here["ramp_rate"] <= here["shelf_hold"] - here["shelf_start"]:
        assert after["hotter"].duration == pytest.approx(
            before.duration, rel=1e-4
        )  # dry before the shelf is as hot
        after["hotter"] = primary_drying({**here, "shelf_start": here["shelf_start"] + 20.0 * more})
        faster["hotter"] = float(after["hotter"].duration[0]) < float(before.duration[0])
    warmer = {
        name: float(now.sublimation_temperature[0]) > float(before.sublimation_temperature[0])
        for name, now in after.items()
    }
    assert faster == {"hotter": True, "thicker": False, "tighter": False, "more heat": True}
    assert warmer["hotter"]
    assert warmer["tighter"]
    assert warmer["more heat"]


def test_the_front_warms_from_start_to_end():
    end = float(primary_drying(LYOPRONTO_EXAMPLE).duration[0])
    temperature = course(LYOPRONTO_EXAMPLE, np.linspace(0.0, end * (1 - 1e-9), 60)).front_temperature
    assert np.all(np.diff(temperature) > 0.0)
