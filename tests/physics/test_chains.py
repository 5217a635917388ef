"""Fifty lots from powder to dissolved tablet, and fifty from the vial of cells to inspected vials of drug.

What one unit operation gives is what the next takes, by name; masses are carried as a plant would carry them.
"""

import numpy as np
import pytest

from twin.physics import models
from twin.physics.contract import OK

LOTS = 50
ALL = models()
SOLID_DOSE = (
    "high_shear_granulation",
    "fluid_bed_drying",
    "milling",
    "blending",
    "tablet_compression",
    "film_coating",
    "dissolution",
)
BIOLOGICS = (
    "seed_train",
    "fed_batch_culture",
    "disc_stack_centrifugation",
    "depth_filtration",
    "protein_a_chromatography",
    "viral_inactivation",
    "ultrafiltration_diafiltration",
    "vial_filling",
    "lyophilisation",
    "visual_inspection",
)
HANDED_ON = {  # by the operation that takes it: the names that an earlier one must give
    "fluid_bed_drying": {"moisture", "d50", "granule_density"},
    "milling": {"d10", "d50", "d90"},
    "blending": {"bulk_density"},
    "tablet_compression": {"bulk_density", "lubrication_factor", "blend_variation"},
    "dissolution": {"porosity"},
    "fed_batch_culture": {"inoculation_density", "inoculum_viability"},
    "disc_stack_centrifugation": {"titre", "solids_fraction", "debris_fraction"},
    "depth_filtration": {"titre", "solids_fraction", "turbidity"},
    "protein_a_chromatography": {"titre"},
    "viral_inactivation": {"titre", "pool_volume"},
    "ultrafiltration_diafiltration": {"titre", "pool_volume"},
    "visual_inspection": {"vials"},
}


def spread(mean, variation, draws):
    return mean * (1.0 + variation * draws.uniform(-1.0, 1.0, LOTS))


def evaluate(name, known, **settings):
    """The outcome of an operation on what is known of the lots, with these settings and equipment."""
    model = ALL[name]
    material = {field.name: known[field.name] for field in model.material if field.name in known}
    by_setting = {field.name for field in model.settings}
    outcome = model.evaluate(
        material,
        {key: value for key, value in settings.items() if key in by_setting},
        {key: value for key, value in settings.items() if key not in by_setting},
    )
    assert np.all(outcome.status == OK), name
    assert np.all(outcome.duration > 0.0), name
    known.update(outcome.attributes)
    return outcome


def tablets(liquid=0.22, sensitivity=0.0, turns=60.0):
    """Outcomes by operation of 50 lots of 300 kg of powder, and what was known of them in the end."""
    draws = np.random.default_rng(17)
    known = {
        "batch_mass": spread(300.0, 0.02, draws),
        "primary_d50": spread(60e-6, 0.05, draws),
        "lag_sensitivity": sensitivity,
    }
    start = known["batch_mass"]
    out = {"high_shear_granulation": evaluate("high_shear_granulation", known, liquid_to_solid=liquid)}
    dry = start * (1.0 - 0.02) * out["high_shear_granulation"].yield_
    known["batch_mass"] = dry
    out["fluid_bed_drying"] = evaluate("fluid_bed_drying", known, end_moisture=0.025, bowl_diameter=1.2)
    known["batch_mass"] = dry * (1.0 + known["moisture"])
    known["feed_d50"] = known["d50"]
    out["milling"] = evaluate("milling", known, throughput=0.1)
    known["batch_mass"] = known["milled_mass"]
    out["blending"] = evaluate("blending", known, lubrication_revolutions=turns, blender_volume=1.1)
    out["tablet_compression"] = evaluate("tablet_compression", known, tablet_mass=200e-6, tablet_rate=70.0)
    known["batch_mass"] = known["batch_mass"] * out["tablet_compression"].yield_
    out["film_coating"] = evaluate("film_coating", known)
    out["dissolution"] = evaluate("dissolution", known)
    return out, known


def drug_product(volume=1500.0):
    """Outcomes by operation of 50 lots of a culture of so many kilograms."""
    draws = np.random.default_rng(19)
    known = {"batch_mass": spread(volume, 0.02, draws), "growth_rate": spread(0.039 / 3600, 0.05, draws)}
    out = {name: evaluate(name, known) for name in BIOLOGICS[:2]}
    made = known["titre"] * known["harvest_volume"]
    for name in ("disc_stack_centrifugation", "depth_filtration"):
        out[name] = evaluate(name, known, area=60.0, flush_throughput=0.006)
        known["batch_mass"] = known["batch_mass"] * out[name].yield_
    out["protein_a_chromatography"] = evaluate("protein_a_chromatography", known)
    out["viral_inactivation"] = evaluate("viral_inactivation", known)
    out["ultrafiltration_diafiltration"] = evaluate("ultrafiltration_diafiltration", known)
    known["batch_mass"] = known["pool_volume"] * 1000.0
    known["solute_concentration"] = known["titre"]
    out["vial_filling"] = evaluate("vial_filling", known)
    known["batch_mass"] = known["filled_mass"]
    out["lyophilisation"] = evaluate("lyophilisation", known, fill_volume=2.15e-6)
    out["visual_inspection"] = evaluate("visual_inspection", known)
    return out, known, made


@pytest.fixture(scope="module")
def pressed():
    return tablets()


@pytest.fixture(scope="module")
def filled():
    return drug_product()


@pytest.mark.parametrize("chain", [SOLID_DOSE, BIOLOGICS], ids=["solid dose", "biologics"])
def test_what_is_handed_on_has_one_name_one_unit_and_room_in_the_range(chain):
    given = {}
    for name in chain:
        taken = {field.name: field for field in ALL[name].material}
        assert HANDED_ON.get(name, set()) <= given.keys() & taken.keys(), name
        for field in HANDED_ON.get(name, set()):
            assert taken[field].unit == given[field].unit, (name, field)
        given |= {field.name: field for field in ALL[name].attributes}


def test_tablets_are_what_an_engineer_expects(pressed):
    out, known = pressed
    assert np.all(out["high_shear_granulation"].attributes["d50"] > 1.5 * known["primary_d50"])
    assert np.all(known["d50"] < known["feed_d50"])  # milled
    assert known["moisture"] == pytest.approx(0.025)
    assert np.all((known["hardness"] > 40.0) & (known["hardness"] < 300.0))
    assert np.all(out["dissolution"].attributes["dissolved_45_min"] > 0.75)
    hours = sum(float(outcome.duration.mean()) for outcome in out.values()) / 3600
    assert 8.0 < hours < 60.0


def test_what_went_in_as_powder_comes_out_as_tablets_and_known_losses(pressed):
    out, known = pressed
    kept = np.ones(LOTS)
    for name in ("high_shear_granulation", "fluid_bed_drying", "milling", "tablet_compression"):
        kept = kept * out[name].yield_
    assert np.all((kept > 0.95) & (kept < 1.0))
    good = known["tablets"] * 200e-6 * out["tablet_compression"].yield_
    assert good == pytest.approx(known["batch_mass"], rel=1e-12)


def test_a_wetter_granulation_is_coarser_and_dries_longer(pressed):
    dry, wet = pressed[0], tablets(liquid=0.25)[0]
    name = "high_shear_granulation"
    assert np.all(wet[name].attributes["d50"] > dry[name].attributes["d50"])
    assert np.all(wet["fluid_bed_drying"].duration > dry["fluid_bed_drying"].duration)


def test_longer_lubrication_makes_softer_tablets(pressed):
    assert np.all(tablets(turns=200.0)[1]["hardness"] < pressed[1]["hardness"])


def test_denser_tablets_dissolve_later_only_where_the_lag_is_sensitive_to_porosity(pressed):
    assert np.all(pressed[1]["porosity"] < 0.15)  # at which the lag was measured
    halfway = tablets(sensitivity=10.0)[1]["dissolution_t50"]
    assert np.all(halfway > pressed[1]["dissolution_t50"])


def test_a_set_weight_above_the_target_presses_fewer_and_thicker_tablets():
    blend = {"batch_mass": np.asarray([200.0, 200.0])}
    outcome = ALL["tablet_compression"].evaluate(
        blend, {"tablet_mass": 200e-6, "tablet_rate": 50.0, "weight_error": np.asarray([0.0, 0.04])}, {}
    )
    right, heavy = outcome.attributes["tablets"]
    assert heavy * 1.04 * 200e-6 == pytest.approx(200.0, rel=1e-12)
    assert right == pytest.approx(1e6)
    assert outcome.duration[1] < outcome.duration[0]
    assert outcome.attributes["thickness"][1] == pytest.approx(1.04 * outcome.attributes["thickness"][0])


def test_antibody_is_carried_from_the_culture_to_the_vials_and_only_lost(filled):
    out, known, made = filled
    held = made
    for name in ("disc_stack_centrifugation", "depth_filtration"):
        held = held * out[name].attributes["product_recovered"]
    for name in ("protein_a_chromatography", "viral_inactivation", "ultrafiltration_diafiltration"):
        held = held * out[name].yield_
        carried = out[name].attributes["titre"] * out[name].attributes["pool_volume"]
        assert carried == pytest.approx(held, rel=1e-9), name
    assert np.all((held / made > 0.6) & (held / made < 1.0))
    assert np.all(known["filled_mass"] < known["pool_volume"] * 1000.0)


def test_drug_product_is_what_an_engineer_expects(filled):
    out, known, _ = filled
    culture = out["fed_batch_culture"].attributes
    assert np.all((culture["titre"] > 0.5) & (culture["titre"] < 10.0))
    assert np.all(out["disc_stack_centrifugation"].attributes["solids_removed"] > 0.9)
    assert np.all(out["viral_inactivation"].attributes["log_reduction"] > 4.0)
    assert np.all(out["lyophilisation"].attributes["residual_moisture"] < 0.05)
    assert out["lyophilisation"].attributes["vials"] == pytest.approx(
        out["vial_filling"].attributes["vials"], rel=0.01
    )
    assert np.all(known["vials"] <= out["lyophilisation"].attributes["vials"])
    days = sum(float(outcome.duration.mean()) for outcome in out.values()) / 86400
    assert 15.0 < days < 60.0


def test_twice_the_culture_makes_twice_the_product_at_the_same_titre(filled):
    out, _, made = drug_product(750.0)
    assert 2.0 * made == pytest.approx(filled[2], rel=1e-9)
    name = "fed_batch_culture"
    assert out[name].attributes["titre"] == pytest.approx(filled[0][name].attributes["titre"], rel=1e-12)
