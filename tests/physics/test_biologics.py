"""How seed train, clarification, viral inactivation and ultrafiltration behave, and what they conserve."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from twin.physics import models
from twin.physics.biologics.depth_filtration import blocked_resistance
from twin.physics.biologics.disc_stack_centrifugation import carried_over
from twin.physics.biologics.ultrafiltration_diafiltration import flux_at, gel_flux
from twin.physics.contract import OK, OUT_OF_RANGE

HOUR = 3600.0
LITRES_AN_HOUR = 1e-3 / HOUR


def run(name, material=None, settings=None, equipment=None):
    """Return the outcome of 1500 kg of harvest, or of a pool of 300 L."""
    model = models()[name]
    lot = {"batch_mass": 1500.0, "pool_volume": 0.3}
    lot = {field.name: lot[field.name] for field in model.material if field.name in lot}
    return model.evaluate(lot | (material or {}), settings or {}, equipment or {})


# Seed train


def test_a_train_takes_its_lags_and_its_doublings():
    plain = {"growth_rate": math.log(2) / (20 * HOUR), "seed_death_rate": 0.0, "vial_cells": 1e7}
    easy = {"thaw_recovery": 1.0, "passage_recovery": 1.0, "thaw_lag": 10 * HOUR, "passage_lag": 5 * HOUR}
    cells = 1.5 * 0.75 * 3e11
    outcome = run("seed_train", plain, {"passage_work": 0.0}, easy)
    doublings = math.log2(cells / 1e7)
    assert outcome.attributes["passages"] == [math.ceil(math.log10(cells / 1e7))]
    assert outcome.attributes["doublings"] == pytest.approx([doublings])
    passages = outcome.attributes["passages"][0]
    assert outcome.duration / HOUR == pytest.approx([10 + 5 * passages + 20 * doublings])


def test_a_train_passage_by_passage_ends_where_the_closed_form_says():
    outcome = run("seed_train", settings={"passage_density": 2e12})
    material = models()["seed_train"].material
    rates = {field.name: field.default for field in material}
    net, cells, time = rates["growth_rate"] - rates["seed_death_rate"], 2e7 * 0.85, 24 * HOUR
    wanted = 1.5 * 0.75 * 3e11
    for _ in range(int(outcome.attributes["passages"][0])):
        cells *= 0.98
        fold = min(2e12 / 3e11, wanted / cells)
        cells, time = cells * fold, time + 4 * HOUR + 2 * HOUR + math.log(fold) / net
    assert cells == pytest.approx(wanted)
    # Losses are regrown at the end here, and in the middle there: the sum of the growth is the same.
    assert outcome.duration[0] == pytest.approx(time, rel=0.02)


def test_cells_too_old_are_out_of_range():
    outcome = run("seed_train", settings={"most_doublings": np.asarray([14.0, 15.0])})
    assert list(outcome.status) == [OUT_OF_RANGE, OK]


@given(slow=st.floats(0.02, 0.035), faster=st.floats(1.01, 1.5))
def test_cells_that_grow_faster_are_ready_sooner(slow, faster):
    rates = np.asarray([slow, slow * faster]) / HOUR
    duration = run("seed_train", {"growth_rate": rates}).duration
    assert duration[1] < duration[0]


# Disc-stack centrifuge


def test_what_goes_over_is_the_integral_over_the_sizes():
    for cut, median, spread in [(2e-6, 15e-6, 0.2), (5e-6, 3e-6, 0.6), (1e-6, 1e-6, 1.0)]:
        sizes = stats.lognorm(spread, scale=median)

        def missed(d, sizes=sizes, cut=cut):
            return sizes.pdf(d) * (1 - (d / cut) ** 2)

        expected = integrate.quad(missed, 0, cut, epsabs=1e-13, epsrel=1e-12, limit=200)[0]
        assert carried_over(cut, median, spread) == pytest.approx(expected, rel=1e-8, abs=1e-13)


def test_solids_product_and_liquid_balance_over_the_centrifuge():
    outcome = run("disc_stack_centrifugation", {"titre": 3.0})
    out, centrate, settings = outcome.attributes, 1.5 * outcome.yield_, models()["disc_stack_centrifugation"]
    ejected = {field.name: field.default for field in (*settings.settings, *settings.equipment)}
    solids = centrate * out["solids_fraction"] + out["sediment_volume"] * ejected["sediment_solids"]
    assert solids == pytest.approx([1.5 * 0.03], rel=1e-12)
    liquid_lost = out["sediment_volume"] * 0.4 + out["ejections"] * ejected["ejected_liquid"]
    liquid = centrate * (1 - out["solids_fraction"]) + liquid_lost
    assert liquid == pytest.approx([1.5 * 0.97], rel=1e-12)
    product = centrate * out["titre"] + liquid_lost * 3.0 / 0.97
    assert product == pytest.approx([1.5 * 3.0], rel=1e-12)


def test_twice_the_flow_leaves_more_in_the_liquid_in_half_the_time():
    outcome = run(
        "disc_stack_centrifugation", settings={"feed_flow": np.asarray([500.0, 1000.0]) * LITRES_AN_HOUR}
    )
    assert outcome.attributes["turbidity"][1] > outcome.attributes["turbidity"][0]
    assert outcome.duration[1] < 0.6 * outcome.duration[0]


def test_a_stack_of_ample_area_catches_all():
    ample = {"outer_radius": 0.2, "sigma_efficiency": 1.0}
    slow = {"feed_flow": 3e-5}
    outcome = run("disc_stack_centrifugation", {"debris_size": 2e-5, "debris_spread": 0.1}, slow, ample)
    assert outcome.status == [OK]
    assert outcome.attributes["solids_fraction"] == pytest.approx([0.0], abs=1e-12)


@given(gentle=st.floats(0, 0.3), rougher=st.floats(0.01, 0.5))
def test_broken_cells_go_over(gentle, rougher):
    breakage = np.asarray([gentle, gentle + rougher])
    turbidity = run("disc_stack_centrifugation", equipment={"shear_breakage": breakage}).attributes[
        "turbidity"
    ]
    assert turbidity[1] > turbidity[0]


# Depth filter

CLEAN = {
    "complete_blocking": 0.0,
    "intermediate_blocking": 0.0,
    "cake_blocking": 0.0,
    "medium_resistance": 3e11,
    "area": 10.0,
}
NO_RINSE = {"rinse_throughput": 0.0, "flush_throughput": 0.0}
AT_PRESSURE = NO_RINSE | {"flux": 1.0, "greatest_pressure": 1e5, "lowest_flux": 1e-7}
START = 1e5 / (1e-3 * 3e11)  # m/s through the clean filter at 1 bar


@pytest.mark.parametrize(
    ("law", "time"),
    [
        ("complete_blocking", lambda v, k, j: -math.log(1 - k * v) / (k * j)),
        ("intermediate_blocking", lambda v, k, j: (math.exp(k * v) - 1) / (k * j)),
        ("cake_blocking", lambda v, k, j: v / j + k * v * v / (2 * j)),
    ],
)
def test_time_at_constant_pressure_is_that_of_hermias_laws(law, time):
    outcome = run("depth_filtration", settings=AT_PRESSURE, equipment=CLEAN | {law: 4.0})
    assert outcome.status == [OK]
    assert outcome.duration == pytest.approx([time(0.15, 4.0, START)], rel=1e-10)


@pytest.mark.parametrize(
    ("law", "pressure"),
    [
        ("complete_blocking", lambda v, k: 1 / (1 - k * v)),
        ("intermediate_blocking", lambda v, k: math.exp(k * v)),
        ("cake_blocking", lambda v, k: 1 + k * v),
    ],
)
def test_pressure_at_constant_flux_is_that_of_hermias_laws(law, pressure):
    flux = 0.1 / HOUR
    steady = NO_RINSE | {"flux": flux, "greatest_pressure": 1e7}
    outcome = run("depth_filtration", settings=steady, equipment=CLEAN | {law: 4.0})
    assert outcome.duration == pytest.approx([0.15 / flux], rel=1e-12)
    clean = 1e-3 * 3e11 * flux
    assert outcome.attributes["last_pressure"] == pytest.approx([clean * pressure(0.15, 4.0)], rel=1e-12)


def test_a_filter_without_blocking_keeps_its_flux_for_ever():
    outcome = run("depth_filtration", settings=NO_RINSE, equipment=CLEAN)
    assert outcome.attributes["last_flux"] == pytest.approx([0.15 / HOUR], rel=1e-15)
    assert outcome.attributes["capacity"] == pytest.approx([10.0])


def test_a_lot_larger_than_the_capacity_is_out_of_range_and_the_required_area_would_do():
    small = run("depth_filtration", equipment={"area": 1.0})
    assert small.status == [OUT_OF_RANGE]
    area = small.attributes["required_area"]
    assert run("depth_filtration", equipment={"area": 1.001 * area}).status == [OK]
    assert run("depth_filtration", equipment={"area": 0.999 * area}).status == [OUT_OF_RANGE]


def test_product_in_filtrate_hold_up_and_medium_is_what_came():
    outcome = run("depth_filtration", {"titre": 3.0}, {"flush_throughput": np.asarray([0.0, 0.005, 0.02])})
    stuck = 20 * 0.006 * np.exp(-np.asarray([0.0, 0.005, 0.02]) / 0.006) * 3.0
    passed = 1.5 * outcome.yield_ * outcome.attributes["titre"]
    assert passed + stuck + 20 * 0.002 == pytest.approx(1.5 * 3.0, rel=1e-12)
    assert np.all(np.diff(outcome.attributes["product_recovered"]) > 0)


@given(turbidity=st.floats(10, 150), more=st.floats(1.01, 1.5))
def test_a_murkier_feed_takes_more_area(turbidity, more):
    area = run("depth_filtration", {"turbidity": np.asarray([turbidity, turbidity * more])}).attributes[
        "required_area"
    ]
    assert area[1] > area[0]


@given(throughput=st.floats(0, 0.15), more=st.floats(1e-4, 0.05))
def test_resistance_grows_with_throughput(throughput, more):
    laws = (3.0, 4.0, 5.0)
    assert blocked_resistance(throughput, *laws) < blocked_resistance(throughput + more, *laws)


# Viral inactivation


def test_no_time_inactivates_nothing_and_twice_the_time_twice_the_logarithm():
    held = run("viral_inactivation", settings={"hold_duration": np.asarray([1800.0, 3600.0])})
    assert held.attributes["log_reduction"][1] == pytest.approx(2 * held.attributes["log_reduction"][0])


def test_product_is_monomer_aggregate_and_what_stayed_behind():
    outcome = run("viral_inactivation", {"titre": 9.9, "aggregate_fraction": 0.01})
    out = outcome.attributes
    monomer = out["pool_volume"] * out["titre"]
    aggregate = monomer * out["aggregate_fraction"] / (1 - out["aggregate_fraction"])
    behind = 0.005 * 0.3 * 9.9 / 0.99
    assert monomer + aggregate + behind == pytest.approx([0.3 * 9.9 / 0.99], rel=1e-12)
    assert monomer == pytest.approx(outcome.yield_ * 0.3 * 9.9, rel=1e-12)


def test_duration_is_titration_and_hold():
    outcome = run("viral_inactivation", equipment={"titrant_flow": 1e-5, "mixing_time": 300.0})
    assert outcome.duration == pytest.approx([3600 + 2 * (0.05 * 0.3 / 1e-5 + 300)])


def test_outside_the_ph_and_temperature_of_the_rates_is_out_of_range():
    held = {"hold_ph": np.asarray([3.6, 4.1, 3.6]), "hold_temperature": np.asarray([293.15, 293.15, 278.15])}
    assert list(run("viral_inactivation", settings=held).status) == [OK, OUT_OF_RANGE, OUT_OF_RANGE]


@given(
    ph=st.floats(3.05, 4.0), lower=st.floats(0.01, 0.05), cold=st.floats(284, 300), warmer=st.floats(0.1, 3)
)
def test_more_acid_and_warmth_inactivate_more_and_aggregate_more(ph, lower, cold, warmer):
    held = {
        "hold_ph": np.asarray([ph, ph - lower, ph]),
        "hold_temperature": np.asarray([cold, cold, cold + warmer]),
    }
    out = run("viral_inactivation", settings=held).attributes
    assert out["log_reduction"][0] < min(out["log_reduction"][1:])
    assert out["monomer_kept"][0] > max(out["monomer_kept"][1:])


# Ultra- and diafiltration

NO_OSMOSIS = {"osmotic_first": 0.0, "osmotic_second": 0.0, "osmotic_third": 0.0}
POOL = {"pool_volume": 0.3, "titre": 8.0}


def defaults(name):
    model = models()[name]
    fields = (*model.material, *model.settings, *model.equipment)
    return {field.name: np.asarray([field.default]) for field in fields if field.default is not None}


def test_flux_balances_pressure_with_resistance_and_osmosis():
    plant = defaults("ultrafiltration_diafiltration")
    value = {name: float(values[0]) for name, values in plant.items()}
    for concentration in (1.0, 8.0, 50.0, 80.0, 150.0):

        def balance(flux, concentration=concentration):
            wall = concentration * math.exp(flux / value["mass_transfer"])
            osmotic = 16.5 * wall + 0.25 * wall**2 + 0.005 * wall**3
            return (
                value["transmembrane_pressure"]
                - value["viscosity"] * value["membrane_resistance"] * flux
                - osmotic
            )

        limit = float(gel_flux(concentration, value["mass_transfer"], value["gel_concentration"]))
        expected = limit if balance(limit) >= 0 else optimize.brentq(balance, 0, limit, xtol=1e-18)
        assert flux_at(np.asarray([concentration]), plant) == pytest.approx([expected], rel=1e-10)


def test_time_is_the_integral_of_volume_over_flux():
    outcome = run("ultrafiltration_diafiltration", settings={"flush_volume": 0.0})
    plant = defaults("ultrafiltration_diafiltration")

    def slowness(volume):
        return 1 / (10.0 * float(flux_at(np.asarray([0.3 * 8.0 / volume]), plant)[0]))

    middle, end = 0.3 * 8 / 50, 0.3 * 8 / 80
    first = integrate.quad(slowness, middle, 0.3, epsrel=1e-12, limit=500)[0]
    last = integrate.quad(slowness, end, middle, epsrel=1e-10)[0]
    assert outcome.duration == pytest.approx([first + 7 * middle * slowness(middle) + last], rel=1e-8)


@pytest.mark.parametrize("final", [50.0, 180.0, 217.0])
def test_time_up_to_the_gel_is_the_exponential_integral(final):
    settings = {"diafiltration_concentration": 8.0, "diafiltration_volumes": 0.0, "flush_volume": 0.0}
    outcome = run(
        "ultrafiltration_diafiltration",
        NO_OSMOSIS,
        settings | {"final_concentration": final},
        {"membrane_resistance": 0.0, "area": 10.0},
    )
    # With L = ln(Cg/C), the integral of dC / (C**2 ln(Cg/C)) is that of exp(L) / (Cg L) dL.
    between = special.expi(math.log(220 / 8)) - special.expi(math.log(220 / final))
    expected = 0.3 * 8 / (10 * 0.025 / HOUR) * between / 220
    assert outcome.duration == pytest.approx([expected], rel=1e-8)


def test_sieving_loses_what_the_closed_forms_say():
    outcome = run(
        "ultrafiltration_diafiltration",
        settings={"diafiltration_volumes": 5.0, "final_concentration": 50.0},
        equipment={"sieving": 0.01},
    )
    exchanged = 0.3 * (8 / 50) ** (1 / 0.99)
    after = 50 * exchanged * math.exp(-0.05)
    retentate = exchanged * (math.exp(-0.05)) ** (1 / 0.99)
    assert outcome.attributes["lost_through_membrane"] == pytest.approx([1 - retentate * 50 / 2.4], rel=1e-12)
    assert after > retentate * 50


def test_product_in_pool_permeate_and_system_is_what_came():
    out = run("ultrafiltration_diafiltration", equipment={"sieving": 0.005}).attributes
    lost = (out["lost_through_membrane"] + out["lost_in_hold_up"]) * 2.4
    assert out["pool_volume"] * out["titre"] + lost == pytest.approx([2.4], rel=1e-12)


def test_volume_in_is_volume_out():
    outcome = run("ultrafiltration_diafiltration")
    out = outcome.attributes
    came = 0.3 + out["buffer_volume"]
    left_in_system = 2e-3
    assert out["pool_volume"] + out["permeate_volume"] + left_in_system == pytest.approx(came, rel=1e-12)


def test_diafiltration_under_a_gel_is_fastest_at_its_optimum():
    concentrations = np.linspace(30, 150, 241)
    settings = {
        "diafiltration_concentration": concentrations,
        "final_concentration": 160.0,
        "diafiltration_volumes": 30.0,
    }
    slow = run("ultrafiltration_diafiltration", NO_OSMOSIS, settings, {"membrane_resistance": 0.0})
    none = run(
        "ultrafiltration_diafiltration",
        NO_OSMOSIS,
        settings | {"diafiltration_volumes": 0.0},
        {"membrane_resistance": 0.0},
    )
    fastest = concentrations[np.argmin(slow.duration - none.duration)]
    assert fastest == pytest.approx(slow.attributes["optimum_diafiltration_concentration"][0], abs=0.5)


def test_a_product_denser_than_the_gel_or_thinner_than_it_came_is_out_of_range():
    final = {"final_concentration": np.asarray([80.0, 219.0, 221.0, 40.0])}
    outcome = run("ultrafiltration_diafiltration", NO_OSMOSIS, final)
    assert list(outcome.status) == [OK, OK, OUT_OF_RANGE, OUT_OF_RANGE]


def test_osmotic_pressure_above_the_transmembrane_pressure_is_out_of_range():
    outcome = run(
        "ultrafiltration_diafiltration",
        settings={"final_concentration": 200.0, "transmembrane_pressure": np.asarray([3e4, 2e5])},
    )
    assert list(outcome.status) == [OUT_OF_RANGE, OK]


@given(area=st.floats(2, 50), larger=st.floats(1.01, 3))
def test_more_area_is_faster(area, larger):
    duration = run(
        "ultrafiltration_diafiltration", equipment={"area": np.asarray([area, area * larger])}
    ).duration
    assert duration[1] < duration[0]


# The train


def test_a_harvest_goes_from_the_vial_to_the_pool_and_no_product_is_made_on_the_way():
    seed = run("seed_train").attributes
    culture = run(
        "fed_batch_culture", {name: seed[name] for name in ("inoculation_density", "inoculum_viability")}
    )
    assert culture.status == [OK]
    broth = culture.attributes
    passed = {name: broth[name] for name in ("titre", "solids_fraction", "debris_fraction")}
    centrate = run("disc_stack_centrifugation", passed)
    assert centrate.status == [OK]
    mass = 1500.0 * centrate.yield_
    passed = {name: centrate.attributes[name] for name in ("titre", "solids_fraction", "turbidity")}
    filtrate = run("depth_filtration", passed | {"batch_mass": mass})
    assert filtrate.status == [OK]
    mass = mass * filtrate.yield_
    product = mass / 1000.0 * filtrate.attributes["titre"]
    recovered = centrate.attributes["product_recovered"] * filtrate.attributes["product_recovered"]
    assert product == pytest.approx(1.5 * broth["titre"] * recovered, rel=1e-12)
