"""Freezing, desorption and whole loads of vials: against SciPy, within limits, and out of range."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.fill_finish.freezing import cooling_time, freezing, solidification_time
from twin.physics.fill_finish.lyophilisation import drawn_load
from twin.physics.fill_finish.lyophilisation_data import FUSION_HEAT
from twin.physics.fill_finish.secondary_drying import desorption_rate, ramp_desorption, residual_moisture

LYOPHILISATION = models()["lyophilisation"]
DEFAULTS = {
    field.name: field.default
    for field in (*LYOPHILISATION.material, *LYOPHILISATION.settings, *LYOPHILISATION.equipment)
}


def test_cooling_follows_the_lumped_equation_through_ramp_and_hold():
    draws = np.random.default_rng(8)
    lots = 200
    start = draws.uniform(260.0, 300.0, lots)
    shelf = start - draws.uniform(0.0, 40.0, lots) * (draws.random(lots) < 0.5)
    rate, constant = 10.0 ** draws.uniform(-3.5, 0.0, lots), 10.0 ** draws.uniform(1.0, 4.0, lots)
    final = shelf - draws.uniform(0.0, 60.0, lots)
    wanted = final + draws.uniform(0.01, 1.0, lots) * (start - final)
    times = cooling_time(start, shelf, rate, final, constant, wanted)
    for k in range(0, lots, 10):
        options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-9}
        ramp = min((shelf[k] - final[k]) / rate[k], times[k])

        def body(time, state, k=k):
            return [(max(shelf[k] - rate[k] * time, final[k]) - state[0]) / constant[k]]

        state = solve_ivp(body, (0.0, ramp), [start[k]], **options).y[:, -1]
        state = solve_ivp(body, (ramp, times[k]), state, **options).y[:, -1]
        assert state[0] == pytest.approx(wanted[k], abs=1e-6)


def test_what_must_not_get_colder_than_the_shelf_never_does():
    assert cooling_time(293.0, 293.0, 0.01, 233.0, 500.0, np.array([233.0, 220.0])).tolist() == [math.inf] * 2
    assert cooling_time(250.0, 250.0, 0.01, 233.0, 500.0, 255.0) == 0.0


def test_solidification_takes_out_the_heat_whether_in_the_ramp_or_after():
    shelf, rate, final, conductance = 262.0, 0.01, 228.15, 0.0144
    heats = np.array([50.0, 645.0, 2000.0])
    times = solidification_time(heats, conductance, 272.65, shelf, rate, final)
    ramp = (shelf - final) / rate
    assert times[0] < ramp < times[2]
    for heat, time in zip(heats, times, strict=True):
        span = np.linspace(0.0, time, 200001)
        drawn = conductance * np.trapezoid(272.65 - np.maximum(shelf - rate * span, final), span)
        assert drawn == pytest.approx(heat, rel=1e-8)


def test_a_supercooled_vial_freezes_a_part_at_once():
    frozen = freezing(
        loading_temperature=278.15,
        shelf_final=228.15,
        cooling_rate=0.01,
        nucleation_temperature=np.array([272.65, 257.65]),
        freezing_temperature=272.65,
        solution_mass=2e-3,
        water_mass=1.9e-3,
        conductance=0.0144,
        liquid_heat_capacity=4000.0,
        frozen_heat_capacity=2000.0,
        closeness=1.0,
    )
    assert frozen.ice_at_nucleation[0] == 0.0
    assert frozen.ice_at_nucleation[1] == pytest.approx(2e-3 * 4000.0 * 15.0 / (1.9e-3 * FUSION_HEAT))
    assert np.all(frozen.nucleation < frozen.frozen)
    assert np.all(frozen.frozen < frozen.duration)
    assert frozen.nucleation[0] < frozen.nucleation[1]


def test_desorption_over_a_ramp_and_a_hold_is_that_of_scipy():
    initial, equilibrium, rate, energy = 0.2, 0.005, 1e-4, 6e4
    ramp = (298.15 - 253.15) / (0.1 / 60.0)

    def lost(time, state):
        temperature = min(253.15 + 0.1 / 60.0 * time, 298.15)
        return [-float(desorption_rate(rate, energy, temperature)) * (state[0] - equilibrium)]

    options = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-14}
    state = solve_ivp(lost, (0.0, ramp), [initial], **options).y[:, -1]
    state = solve_ivp(lost, (ramp, ramp + 7200.0), state, **options).y[:, -1]
    desorbed = ramp_desorption(rate, energy, 253.15, 298.15, 0.1 / 60.0) + 7200.0 * rate
    assert residual_moisture(initial, equilibrium, desorbed) == pytest.approx(state[0], rel=1e-9)


def test_endless_desorption_leaves_the_moisture_of_equilibrium():
    assert residual_moisture(0.2, 0.01, math.inf) == 0.01


def evaluate(**changes):
    where = {}
    for group, fields in (
        ("material", LYOPHILISATION.material),
        ("settings", LYOPHILISATION.settings),
        ("equipment", LYOPHILISATION.equipment),
    ):
        names = {field.name for field in fields}
        where[group] = {name: value for name, value in changes.items() if name in names}
    where["material"].setdefault("batch_mass", 200.0)
    return LYOPHILISATION.evaluate(where["material"], where["settings"], where["equipment"])


def test_the_edge_is_dry_before_the_centre_and_the_slow_vial_last():
    attributes = evaluate().attributes
    edge, centre, slow = (
        float(attributes[name][0])
        for name in ("primary_drying_time_edge", "primary_drying_time_centre", "primary_drying_time")
    )
    assert edge < centre < slow


def test_without_spread_the_load_is_one_vial():
    outcome = evaluate(
        edge_heat_factor=1.0, heat_variation=0.0, resistance_variation=0.0, nucleation_spread=0.0
    )
    attributes = outcome.attributes
    assert attributes["primary_drying_time"] == attributes["primary_drying_time_edge"]
    assert attributes["residual_moisture"] == attributes["residual_moisture_edge"]
    assert outcome.yield_ == 1.0


def test_the_cycle_takes_as_long_as_its_phases():
    outcome = evaluate(primary_drying_margin=0.25)
    phases = outcome.attributes
    assert outcome.duration == pytest.approx(
        phases["freezing_time"]
        + DEFAULTS["evacuation_time"]
        + 1.25 * phases["primary_drying_time"]
        + phases["secondary_drying_time"]
    )


def test_a_warm_shelf_collapses_the_edge_first():
    shelf = np.linspace(240.0, 274.0, 35)
    outcome = evaluate(
        primary_shelf_temperature=shelf,
        edge_fraction=0.25,
        heat_variation=0.01,
        resistance_variation=0.01,
        nucleation_spread=0.2,
    )
    assert np.all(np.diff(outcome.attributes["collapse_margin"]) < 0.0)
    assert np.all(np.diff(outcome.yield_) <= 0.0)
    assert outcome.yield_[0] > 0.999
    assert outcome.yield_[-1] < 0.001
    assert np.any(np.abs(outcome.yield_ - 0.75) < 0.05)  # all edge vials lost, all others good


def test_colder_nucleation_dries_more_slowly():
    times = evaluate(nucleation_temperature=np.array([266.0, 260.0])).attributes["primary_drying_time_centre"]
    assert times[0] < times[1]


@pytest.mark.parametrize(
    "change",
    [
        {"batch_mass": 400.0},  # 200 thousand vials on shelves for 160 thousand
        {"nucleation_temperature": 240.0, "freezing_shelf_temperature": 238.0},  # a slow vial at 234 K
        {"primary_shelf_temperature": 229.0, "chamber_pressure": 20.0},  # no ice sublimes
        {"primary_shelf_temperature": 333.0, "chamber_pressure": 100.0, "resistance_start": 1e6},  # ice melts
        {"primary_shelf_temperature": 225.0},  # below the freezing shelf
        {"secondary_shelf_temperature": 253.15, "primary_shelf_temperature": 260.0},
        {"fill_volume": 2e-5, "vial_capacity": 1e6},  # a cake 7 cm thick
        {"fill_volume": 1e-7, "product_area": 1.1e-3, "batch_mass": 10.0},  # a film of ice
        {"freezing_temperature": 260.0},  # above which the vials would nucleate
        {"equilibrium_moisture": 0.2, "bound_moisture": 0.1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_out_of_range_where_the_model_does_not_hold(change):
    assert evaluate().status == OK
    assert evaluate(**change).status == OUT_OF_RANGE


def drawn(lots=4000, **changes):
    """Return a load of drawn vials with the spreads of the defaults."""
    draws = np.random.default_rng(4)
    vials = {**DEFAULTS, "nucleation_temperature": draws.normal(263.15, 2.0, lots), **changes}
    edge = draws.random(lots) < 0.15
    return drawn_load(vials, edge, draws.normal(1.0, 0.05, lots), draws.normal(1.0, 0.05, lots))


def test_a_load_of_drawn_vials_lies_within_its_four_representatives():
    load, four = drawn(), evaluate()
    assert load.status == OK
    assert set(load.attributes) == set(four.attributes)
    for name in ("primary_drying_time", "freezing_time", "residual_moisture"):
        assert load.attributes[name] < four.attributes[name] * 1.01, name
    assert load.attributes["collapse_margin"] > four.attributes["collapse_margin"] - 0.1
    for name in ("primary_drying_time_centre", "primary_drying_time_edge", "residual_moisture_edge"):
        assert load.attributes[name] == pytest.approx(four.attributes[name], rel=0.15), name
    assert load.duration < four.duration


def test_a_load_of_drawn_vials_loses_those_that_collapse():
    shelf = 258.15
    some = drawn(primary_shelf_temperature=shelf).yield_
    assert 0.0 < some < 1.0
    assert some == pytest.approx(evaluate(primary_shelf_temperature=shelf).yield_, abs=0.1)


def test_a_drawn_vial_that_never_nucleates_puts_its_load_out_of_range():
    assert drawn(nucleation_temperature=np.linspace(220.0, 263.0, 4000)).status == OUT_OF_RANGE
