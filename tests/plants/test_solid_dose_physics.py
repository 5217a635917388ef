"""The solid-dose building with computed operations: what it makes, and what follows from what."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.engine.compile import compile_program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate
from twin.plant.changes import diff
from twin.plant.load import LoadedScenario, load_scenario

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "scenarios" / "solid_dose_physics.yaml"
WEEK = 7 * 86_400.0  # s
COMPUTED = ["granulate", "dry", "mill", "blend", "compress", "coat", "dissolve"]
RECORDED = {"tablet_20mg": 52.1, "tablet_10mg": 50.4, "tablet_40mg": 90.4}  # N, laboratory data
Rows = list[dict[str, Any]]


@cache
def loaded(changes: tuple[tuple[str, object], ...] = ()) -> LoadedScenario:
    return load_scenario(FILE, dict(changes))


@cache
def fortnight() -> Record:
    """The first replication of the scenario's first two weeks."""
    scenario = loaded()
    run = scenario.scenario.run.model_copy(update={"horizon": 2 * WEEK})
    return simulate(compile_program(scenario.base.plant, run), run.seed)


@cache
def campaign(changes: tuple[tuple[str, object], ...] = ()) -> Record:
    """Five batches of 20 mg in an empty building, with changes."""
    orders = ("orders", [{"recipe": "tablet_20mg", "batches": 5}])
    scenario = load_scenario(FILE, dict([orders, *changes]))
    run = scenario.scenario.run.model_copy(update={"horizon": None})
    return simulate(compile_program(scenario.base.plant, run), run.seed)


def finished(record: Record, operation: str, recipe: str = "") -> Rows:
    """The finished visits of an operation."""
    return [
        row
        for row in record.lots.to_pylist()
        if row["operation"] == operation and row["finished"] is not None and recipe in ("", row["recipe"])
    ]


def rows(operation: str, recipe: str = "") -> Rows:
    """The finished visits of an operation in the fortnight."""
    return finished(fortnight(), operation, recipe)


def with_setting(operation: str, **settings: object) -> Record:
    """The campaign with other settings of an operation."""
    path = f"recipes.tablet_20mg.operations.{operation}.settings"
    return campaign(tuple((f"{path}.{name}", value) for name, value in settings.items()))


def with_material(**material: object) -> Record:
    """The campaign with other raw material."""
    return campaign(tuple((f"recipes.tablet_20mg.material.{n}", value) for n, value in material.items()))


def mean(visits: Rows, attribute: str) -> float:
    return float(np.mean([row[f"attribute.{attribute}"] for row in visits]))


def hours(visits: Rows) -> float:
    """Mean time from start to end of the visits of whole lots."""
    return float(np.mean([(row["finished"] - row["started"]) / 3.6e12 for row in visits]))


def test_it_is_the_building_with_other_physics_and_one_operation_more() -> None:
    base = load_scenario(ROOT / "scenarios" / "solid_dose_baseline.yaml").base.plant
    plant = loaded().base.plant
    parts = {path.split(".")[0] for path, _, _ in diff(base, plant)}
    assert parts == {"equipment", "recipes"}
    words = {path.split(".")[4] for path, _, _ in diff(base, plant) if ".operations." in path}
    here = {path.split(".")[3] for path, _, _ in diff(base, plant) if ".operations." in path}
    assert here == {"granulate", "dry", "mill", "compress", "coat", "dissolve"}
    assert {"physics", "settings", "takes", "load", "unload", "specification"} <= words
    added = {
        p.split(".")[1] for p, before, _ in diff(base, plant) if before is None and p.startswith("equip")
    }
    assert added == {
        "granulator_1",
        "granulator_2",
        "dryer_1",
        "dryer_2",
        "mill_1",
        "mill_2",
        "dissolution_bath",
    }


def test_every_operation_but_weighing_packing_and_release_is_computed() -> None:
    for recipe in loaded().base.plant.recipes.values():
        assert [name for name, words in recipe.operations.items() if words.physics] == COMPUTED


def test_operations_nominally_take_what_the_plant_says_they_take() -> None:
    """The dryer's time goes with the batch's mass, where the plant has one time for all strengths."""
    base = load_scenario(ROOT / "scenarios" / "solid_dose_baseline.yaml").base.plant
    run = loaded().scenario.run
    drawn = {op.name: op.nominal for op in compile_program(base, run).operations}
    computed = {op.name: op.nominal for op in compile_program(loaded().base.plant, run).operations}
    ratio = {name: computed[name] / drawn[name] for name in drawn if name.startswith("tablet_")}
    assert ratio.pop("tablet_40mg/dry") == pytest.approx(1.15, abs=0.01)
    assert ratio.pop("tablet_40mg/mill") == pytest.approx(1.22, abs=0.01)
    assert all(value == pytest.approx(1.0, abs=0.01) for value in ratio.values())


def test_no_lot_leaves_a_models_range() -> None:
    found = [row["attribute.physics_status"] for row in fortnight().lots.to_pylist()]
    assert {value for value in found if value is not None} == {0}


def test_what_goes_in_comes_out_or_is_named() -> None:
    by_lot: dict[int, Rows] = defaultdict(list)
    for row in fortnight().lots.to_pylist():
        if row["finished"] is not None:
            assert row["quantity_in"] == row["good"] + row["scrapped"] + (row["sink.sampled"] or 0)
        by_lot[row["lot"]].append(row)
    for visits in by_lot.values():
        for before, after in pairwise(visits):
            assert after["quantity_in"] == before["good"]


def test_water_sprayed_in_is_dried_off_or_stays() -> None:
    """Over dry mass: what the granules bring, less what the dryer takes, is what is left in them."""
    water = {row["lot"]: row["attribute.moisture"] for row in rows("granulate")}
    assert all(0.24 < moisture < 0.28 for moisture in water.values())
    for row in rows("dry"):  # in order of time: what is dried again brings what the first visit left
        arrived, left = water[row["lot"]], row["attribute.moisture"]
        taken = row["quantity_in"] * 1e-6 * (arrived - left)
        assert row["attribute.water_evaporated"] == pytest.approx(taken, rel=1e-9, abs=1e-9)
        assert 0.015 < left < 0.026
        water[row["lot"]] = left


def test_attributes_travel_from_operation_to_operation() -> None:
    """Each visit's result is that of its model on what the lot brought from the ones before."""
    by_lot: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for operation in COMPUTED:
        for row in rows(operation, "tablet_20mg"):
            by_lot[row["lot"]][operation] = row
    whole = [visits for visits in by_lot.values() if len(visits) == len(COMPUTED)]
    assert len(whole) > 10
    for visits in whole:
        bed = visits["granulate"]["attribute.bulk_density"]
        blended, pressed = visits["blend"], visits["compress"]
        fill = blended["quantity_in"] * 1e-6 / (bed * 0.8)
        assert blended["attribute.fill_fraction"] == pytest.approx(fill, rel=1e-12)
        content = np.hypot(blended["attribute.blend_variation"], 0.0129)
        assert pressed["attribute.content_variation"] == pytest.approx(content, rel=1e-12)
        face = np.pi * 4e-3**2
        weight = pressed["attribute.fill_depth"] * bed * face  # of a die filled with that bed
        assert 216e-6 < weight < 238e-6
        assert visits["mill"]["attribute.d50"] < visits["granulate"]["attribute.d50"]


def test_attributes_are_what_such_products_have() -> None:
    ranges = {
        ("granulate", "d50"): (300e-6, 800e-6),
        ("granulate", "granule_porosity"): (0.15, 0.35),
        ("granulate", "pore_saturation"): (0.8, 1.3),
        ("granulate", "fill_fraction"): (0.4, 0.7),
        ("dry", "bed_temperature"): (299.0, 333.15),
        ("dry", "fluidisation_number"): (3.0, 30.0),
        ("mill", "oversize_fraction"): (0.0, 0.01),
        ("mill", "fines"): (0.05, 0.3),
        ("blend", "lubrication_factor"): (0.4, 0.7),
        ("compress", "porosity"): (0.05, 0.25),
        ("compress", "acceptance_value"): (0.0, 15.0),
        ("coat", "exhaust_relative_humidity"): (0.1, 0.3),
        ("coat", "coating_variation"): (0.03, 0.08),
        ("dissolve", "dissolved_30_min"): (0.8, 1.0),
    }
    for (operation, attribute), (low, high) in ranges.items():
        found = [row[f"attribute.{attribute}"] for row in rows(operation)]
        assert found
        assert low <= min(found) <= max(found) <= high, (operation, attribute)


def test_cores_are_as_hard_as_the_recorded_ones_and_differ_as_much() -> None:
    for recipe, newtons in RECORDED.items():
        hard = [row["attribute.hardness"] for row in rows("compress", recipe)]
        assert np.mean(hard) == pytest.approx(newtons, rel=0.04)
        assert 0.03 < np.std(hard, ddof=1) / np.mean(hard) < 0.16


def test_wetter_granules_dry_longer_and_are_coarser() -> None:
    wet, plain = (
        with_setting("granulate", liquid_to_solid=0.26),
        with_setting("granulate", liquid_to_solid=0.24),
    )
    assert mean(finished(wet, "granulate"), "d50") > 1.03 * mean(finished(plain, "granulate"), "d50")
    times = [mean(finished(record, "dry"), "constant_rate_time") for record in (wet, plain)]
    waters = [mean(finished(record, "granulate"), "moisture") - 0.1 for record in (wet, plain)]
    assert times[0] / times[1] == pytest.approx(
        waters[0] / waters[1], rel=1e-3
    )  # above the critical moisture
    assert hours(finished(wet, "dry")) > hours(finished(plain, "dry")) + 0.1
    falling = [mean(finished(record, "dry"), "falling_rate_time") for record in (wet, plain)]
    assert falling[0] == pytest.approx(falling[1], rel=1e-9)


def test_tablets_pressed_harder_are_stronger_and_dissolve_slower() -> None:
    hard, plain = with_setting("compress", compression_pressure="160 MPa"), campaign()
    assert mean(finished(hard, "compress"), "hardness") > 1.3 * 52.1
    slow, fast = finished(hard, "dissolve"), finished(plain, "dissolve")
    assert mean(slow, "dissolved_15_min") < mean(fast, "dissolved_15_min") - 0.02
    assert mean(slow, "dissolution_t50") > mean(fast, "dissolution_t50") + 30.0


def test_batches_of_a_drug_too_coarse_to_dissolve_are_rejected() -> None:
    coarse = with_material(drug_d10="27.6 um", drug_d50="100 um", drug_d90="363 um")
    found = finished(coarse, "dissolve")
    assert len(found) == 5
    assert {(row["outcome"], row["cause"]) for row in found} == {("rejected", "dissolved_30_min")}
    assert finished(coarse, "pack") == []
    assert {row["outcome"] for row in finished(campaign(), "dissolve")} == {"done"}


def test_what_is_too_wet_is_dried_again_in_the_same_dryer() -> None:
    """The sensor stops the dryer anywhere about the limit of 2.4 %; each visit draws anew."""
    visits: dict[int, Rows] = defaultdict(list)
    for row in finished(with_setting("dry", end_moisture="uniform(low=2.2 %, high=2.6 %)"), "dry"):
        visits[row["lot"]].append(row)
    again = [pair for rows in visits.values() for pair in pairwise(rows)]
    assert again
    for wet, dried in again:
        assert (wet["outcome"], wet["cause"]) == ("rework", "moisture")
        assert wet["attribute.moisture"] > 0.024
        assert dried["unit"] == wet["unit"]
        assert dried["attribute.moisture"] <= wet["attribute.moisture"]
        water = dried["quantity_in"] * 1e-6 * (wet["attribute.moisture"] - dried["attribute.moisture"])
        assert dried["attribute.water_evaporated"] == pytest.approx(water, abs=1e-9)
        assert dried["attribute.d50"] == wet["attribute.d50"]  # drying breaks no granules


def test_cores_out_of_their_limits_are_reviewed_before_they_are_coated() -> None:
    weak = with_material(strength_without_pores="6 MPa")
    pressed = {row["lot"]: row for row in finished(weak, "compress")}
    assert all(row["attribute.hardness"] < 42 for row in pressed.values())
    coated = finished(weak, "coat")
    assert coated
    for row in coated:
        assert row["started"] - pressed[row["lot"]]["finished"] >= 2 * 3_600 * 10**9  # review takes two hours
    assert {row["outcome"] for row in finished(weak, "coat")} == {"done"}


def test_drier_air_shortens_drying_and_changes_no_granules() -> None:
    drier, plain = with_setting("dry", air_humidity=0.004), campaign()
    assert hours(finished(drier, "dry")) < hours(finished(plain, "dry")) - 0.1
    sizes = [[row["attribute.d50"] for row in finished(r, "granulate")] for r in (drier, plain)]
    assert sizes[0] == sizes[1]


def test_the_page_gives_the_origin_of_every_number_that_the_scenario_sets() -> None:
    page = (ROOT / "docs" / "plants" / "solid_dose_physics.md").read_text(encoding="utf-8")
    plant, base = loaded().base.plant, load_scenario(FILE.with_name("solid_dose_baseline.yaml")).base.plant
    named = {name for recipe in plant.recipes.values() for name in recipe.material}
    for name, recipe in plant.recipes.items():
        for operation, words in recipe.operations.items():
            before = base.recipes[name].operations.get(operation)
            known = before.settings if before else {}
            named |= {setting for setting in words.settings if setting not in known}
            named |= set(words.specification)
    named |= {p for e in ("granulator_1", "dryer_1", "mill_1") for p in plant.equipment[e].parameters}
    assert sorted(name for name in named if f"`{name}`" not in page) == []
