"""High-shear granulation: what an engineer expects of water, time and binder, and that nothing is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.physics import models
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.physics.kernels.balance_inputs import sizes_of
from twin.physics.kernels.launch import run
from twin.physics.kernels.population_balance import granulation_kernel
from twin.physics.numerics.population_balance import spanning, volume
from twin.physics.numerics.size_distribution import sphere_volume, volume_at, volume_shares
from twin.physics.solid_dose import high_shear_granulation as operation
from twin.physics.solid_dose.granule_growth import (
    SECTIONS,
    Bed,
    by_arrays,
    coalescing_share,
    critical_stokes_number,
    film_saturation,
    granulation_inputs,
    viscous_stokes_number,
    wet_share,
)

MODEL = models()["high_shear_granulation"]
GROUP = {
    field.name: group
    for group, fields in enumerate((MODEL.material, MODEL.settings, MODEL.equipment))
    for field in fields
}


def granulate(**given):
    """Granulate lots of 200 kg with what is given."""
    groups = [{"batch_mass": 200.0}, {}, {}]
    for name, value in given.items():
        groups[GROUP[name]][name] = np.asarray(value, dtype=float)
    return MODEL.evaluate(*groups)


def bed(lots=1, **given):
    values = {
        "spray_time": 250.0,
        "massing_time": 200.0,
        "liquid_before": 0.02,
        "liquid_after": 0.28,
        "meeting_rate": 0.012,
        "inertia": 2e4,
        "restitution": 0.3,
        "asperity": 1e-6,
        "absorbed": 0.04,
        "density_ratio": 1.5,
        "critical_saturation": 0.75,
        "saturation_spread": 0.1,
        "consolidation_rate": 2e-3,
        "least_porosity": 0.2,
        "porosity": 0.5,
    }
    return Bed(**{name: np.broadcast_to(value, (lots,)) for name, value in (values | given).items()})


def by_kernel(lots, state, steps, sections=SECTIONS):
    inputs = granulation_inputs(sections, lots, state)
    return run(granulation_kernel(sections.count), sizes_of(sections, steps), inputs)


def test_mass_and_water_that_go_in_come_out():
    outcome = granulate(
        moisture=[0.0, 0.03, 0.1], liquid_to_solid=[0.1, 0.25, 0.2], binder_fraction=[0.0, 0.1, 0.3]
    )
    given = outcome.attributes
    went_in = 200.0 * (1 + np.array([0.1, 0.25, 0.2]))
    assert given["wet_mass"] + given["wall_residue"] == pytest.approx(went_in, rel=1e-12)
    assert given["wet_mass"] == pytest.approx(outcome.yield_ * went_in, rel=1e-12)
    water = given["moisture"] / (1 + given["moisture"]) * went_in
    dry = np.array([0.0, 0.03, 0.1]) / (1 + np.array([0.0, 0.03, 0.1])) * 200.0
    sprayed = given["liquid_added"] * (1 - np.array([0.0, 0.1, 0.3]))
    assert water == pytest.approx(dry + sprayed, rel=1e-12)


def test_solids_stay_while_granules_grow():
    start = operation.powder(np.array([60e-6, 150e-6]), np.array([0.5, 0.9]))
    state = by_kernel(bed(2, meeting_rate=[0.012, 0.05]), start, 100)
    assert volume(SECTIONS, start) == pytest.approx([1.0, 1.0], abs=1e-14)
    assert volume(SECTIONS, state) == pytest.approx([1.0, 1.0], abs=1e-10)


def test_duration_is_that_of_the_three_stages():
    outcome = granulate(liquid_to_solid=0.3, spray_rate=0.2, dry_mixing_time=100.0, wet_massing_time=50.0)
    assert outcome.duration == pytest.approx([100.0 + 300.0 + 50.0], rel=1e-14)


def test_without_water_powder_stays_powder():
    outcome = granulate(
        liquid_to_solid=0.02, moisture=0.0, liquid_absorbed=0.1, primary_d50=80e-6, primary_spread=0.4
    )
    assert outcome.attributes["d50"] == pytest.approx([80e-6], rel=0.01)
    spread = np.log(outcome.attributes["d90"] / outcome.attributes["d50"]) / 1.2815516
    assert spread == pytest.approx([0.4], rel=0.03)


def test_porosity_falls_exponentially_with_turns_as_iveson_has_it():
    outcome = granulate(
        impeller_speed=[1.0, 2.0, 4.0],
        liquid_to_solid=0.2,
        spray_rate=0.2,
        wet_massing_time=200.0,
        binder_viscosity=0.05,
        nuclei_porosity=0.5,
        least_porosity=0.2,
        consolidation_rate=1e-3,
        stiffening_viscosity=0.1,
    )
    turns = np.array([1.0, 2.0, 4.0]) * 400.0
    expected = 0.2 + 0.3 * np.exp(-1e-3 * turns / 1.5)
    assert outcome.attributes["granule_porosity"] == pytest.approx(expected, rel=1e-9)
    assert outcome.attributes["granule_density"] == pytest.approx(1500 * (1 - expected), rel=1e-9)


def test_endless_massing_leaves_the_least_porosity_and_none_leaves_that_of_nuclei():
    outcome = granulate(consolidation_rate=[0.0, 0.02], impeller_speed=5.0, liquid_to_solid=0.1)
    assert outcome.attributes["granule_porosity"] == pytest.approx([0.5, 0.2], rel=1e-6)


def coarser(first, second):
    """The second lot has a larger median and upper end."""
    assert second["d50"] > first["d50"]
    assert second["d90"] >= first["d90"] * (1 - 1e-6)


def fewer_fines(first, second):
    assert second["d10"] > first["d10"]
    assert second["fines"] < first["fines"]


SOME = {
    "liquid_to_solid": st.floats(0.18, 0.24),
    "wet_massing_time": st.floats(60.0, 300.0),
    "impeller_speed": st.floats(1.2, 2.5),
    "binder_viscosity": st.floats(0.01, 0.1),
    "primary_d50": st.floats(40e-6, 150e-6),
}


def one_more(lot, name, more):
    """Two lots, the second with more of one thing."""
    return {key: [value, value + more if key == name else value] for key, value in lot.items()}


def both(lot, name, more):
    outcome = granulate(**one_more(lot, name, more))
    assert list(outcome.status) == [OK, OK]
    lots = [{name: values[i] for name, values in outcome.attributes.items()} for i in (0, 1)]
    coarser(*lots)
    return lots


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), more=st.floats(0.005, 0.03))
def test_more_water_granulates_coarser(lot, more):
    drier, wetter = both(lot, "liquid_to_solid", more)
    fewer_fines(drier, wetter)


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), more=st.floats(10.0, 300.0))
def test_longer_wet_massing_granulates_coarser_and_denser(lot, more):
    shorter, longer = both(lot, "wet_massing_time", more)
    fewer_fines(shorter, longer)
    assert longer["granule_porosity"] < shorter["granule_porosity"]
    assert longer["bulk_density"] > shorter["bulk_density"]


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), more=st.floats(0.01, 0.1))
def test_a_more_viscous_binder_sticks_better_where_granules_are_equally_dense(lot, more):
    both(
        lot | {"consolidation_rate": 0.0, "liquid_absorbed": 0.0, "nuclei_porosity": 0.4},
        "binder_viscosity",
        more,
    )


@settings(max_examples=15)
@given(lot=st.fixed_dictionaries(SOME), more=st.floats(0.01, 0.5))
def test_a_more_viscous_binder_leaves_granules_more_porous(lot, more):
    porosity = granulate(**one_more(lot, "binder_viscosity", more)).attributes["granule_porosity"]
    assert porosity[1] > porosity[0]


def test_harder_collisions_hold_granules_smaller():
    sizes = granulate(
        collision_velocity=[0.02, 0.05, 0.1, 0.2], liquid_to_solid=0.28, wet_massing_time=300.0
    ).attributes["d90"]
    assert np.all(np.diff(sizes) < 0)


def test_solid_that_drinks_the_binder_granulates_finer():
    sizes = granulate(liquid_absorbed=[0.0, 0.05, 0.1]).attributes["d50"]
    assert np.all(np.diff(sizes) < 0)


def test_equal_granules_have_ennis_stokes_number_and_large_ones_rebound():
    density, radius, velocity, viscosity = 1300.0, 150e-6, 0.2, 0.03
    stokes = viscous_stokes_number(density, 2 * radius, 2 * radius, velocity, viscosity)
    assert stokes == pytest.approx(8 * density * radius * velocity / (9 * viscosity), rel=1e-14)
    critical = critical_stokes_number(np.asarray(5e-6), 1e-6, 0.4)
    share = coalescing_share(stokes * np.logspace(-3, 3, 7), critical)
    assert np.all(np.diff(share) < 0)
    assert share[[0, -1]] == pytest.approx([1.0, 0.0], abs=1e-6)


def test_velocities_vary_as_much_as_those_of_random_motion_in_a_plane():
    # The share that sticks is the share of velocities below the critical one: a distribution function.
    ratio = np.linspace(0, 300, 600_001)
    faster = 1 - 1 / (1 + np.divide(1.0, ratio, where=ratio > 0, out=np.full_like(ratio, np.inf)) ** 4)
    mean = np.trapezoid(faster, ratio)
    square = np.trapezoid(2 * ratio * faster, ratio)
    assert np.sqrt(square / mean**2 - 1) == pytest.approx(np.sqrt(4 / np.pi - 1), rel=1e-4)


def test_liquid_on_the_surface_is_what_the_spread_of_saturations_has_beyond_the_critical_one():
    # Integrated over the logistic law of granules' own saturations.
    own = np.linspace(-3, 4, 400_001)
    for saturation in (0.5, 0.75, 1.0):
        chance = 1 / (4 * 0.1 * np.cosh((own - saturation) / 0.2) ** 2)
        wet = own > 0.75
        share = np.trapezoid(np.where(wet, chance, 0.0), own)
        beyond = np.trapezoid(np.where(wet, chance * (own - 0.75), 0.0), own)
        assert wet_share(np.asarray(saturation), 0.75, 0.1) == pytest.approx(share, rel=1e-4)
        assert film_saturation(np.asarray(saturation), 0.75, 0.1) == pytest.approx(beyond / share, rel=1e-4)


def test_kernel_and_array_form_agree_lot_by_lot_to_rounding():
    draws = np.random.default_rng(4)
    lots = 5
    different = bed(lots)
    different = Bed(
        **{name: value * draws.uniform(0.8, 1.2, lots) for name, value in vars(different).items()}
    )
    start = operation.powder(draws.uniform(40e-6, 120e-6, lots), draws.uniform(0.3, 0.8, lots))
    # They add in different orders, and compiled exponentials may round otherwise.
    np.testing.assert_allclose(
        by_kernel(different, start, 25), by_arrays(SECTIONS, different, start, 25), rtol=1e-9, atol=1e-12
    )


def test_more_steps_than_the_operation_takes_change_nothing_that_counts():
    start = operation.powder(np.array([60e-6, 60e-6]), np.array([0.5, 0.5]))
    lots = bed(2, meeting_rate=[0.012, 0.05])

    def median(steps):
        return volume_at(SECTIONS, volume_shares(SECTIONS, by_kernel(lots, start, steps)), 0.5)

    assert median(operation.STEPS) == pytest.approx(median(8 * operation.STEPS), rel=1e-5)


def test_forty_eight_sections_give_the_median_size_to_a_few_per_cent():
    fine = spanning(sphere_volume(4e-6), sphere_volume(6e-3), 192)
    medians = []
    for sections in (SECTIONS, fine):
        kept, operation.SECTIONS = operation.SECTIONS, sections
        try:
            start = operation.powder(np.array([60e-6]), np.array([0.5]))
        finally:
            operation.SECTIONS = kept
        shares = volume_shares(sections, by_kernel(bed(), start, 60, sections))
        medians.append(np.cbrt(volume_at(sections, shares, 0.5)))
    assert medians[0] == pytest.approx(medians[1], rel=0.03)


def test_a_paste_an_overfull_bowl_or_granules_beyond_the_grid_are_out_of_range():
    outcome = granulate(
        batch_mass=[200.0, 200.0, 500.0, 60.0, 200.0, 200.0],
        liquid_to_solid=[0.28, 0.5, 0.28, 0.28, 0.28, 0.28],
        wet_massing_time=[180.0, 180.0, 180.0, 180.0, 1000.0, 180.0],
        coalescence_factor=[2e-3, 2e-3, 2e-3, 2e-3, 4e-3, 2e-3],
        collision_velocity=[0.05, 0.05, 0.05, 0.05, 0.001, 0.05],
        nuclei_porosity=[0.5, 0.5, 0.5, 0.5, 0.5, 0.3],
        least_porosity=[0.2, 0.2, 0.2, 0.2, 0.25, 0.35],
    )
    assert list(outcome.status) == [OK] + 5 * [OUT_OF_RANGE]


def test_granules_that_meet_too_often_for_the_time_steps_are_out_of_range():
    outcome = granulate(
        coalescence_factor=[2e-3, 5e-3], impeller_speed=5.0, liquid_to_solid=0.1, spray_rate=0.04
    )
    assert list(outcome.status) == [OK, OUT_OF_RANGE]


def test_granules_can_be_dried_and_then_blended():
    granulated = granulate().attributes
    dryer, blender = models()["fluid_bed_drying"], models()["blending"]
    names = {field.name for field in dryer.material} & set(granulated)
    assert {"moisture", "d50", "granule_density"} <= names
    arriving = {name: granulated[name] for name in names}
    dried = dryer.evaluate({"batch_mass": 200.0, **arriving}, {}, {})
    assert list(dried.status) == [OK]
    blended = blender.evaluate({"batch_mass": 200.0, "bulk_density": granulated["bulk_density"]}, {}, {})
    assert list(blended.status) == [OK]
