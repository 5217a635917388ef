"""A biologics plant: harvests that physics grows, clarifies, inactivates and filters, lot by lot."""

from __future__ import annotations

import pytest

from tests.engine.plants import attribute_of, operation, plant, quantities_of
from twin import physics
from twin.engine.compile import compile_program
from twin.physics.contract import OK
from twin.plant.scenario import Run
from twin.plant.units import canonical, show

TRAIN = (
    operation("expand", "incubator", None, physics="seed_train"),
    operation("grow", "bioreactor", None, physics="fed_batch_culture", settings={"culture_duration": "14 d"}),
    operation("spin", "centrifuge", None, physics="disc_stack_centrifugation"),
    operation("filter", "depth_filter", None, physics="depth_filtration"),
)
PLANT = {name: {} for name in ("incubator", "bioreactor", "centrifuge", "depth_filter")}


def test_lots_go_from_the_vial_to_the_filtrate_and_keep_their_product():
    what = plant(PLANT, *TRAIN, lots=2, batch="1500 kg")
    titre = [value for value in attribute_of(what, "titre") if value is not None]
    recovered = [value for value in attribute_of(what, "product_recovered") if value is not None]
    milligrams = {name: good for name, _, good, _ in quantities_of(what)}
    for lot in (0, 1):
        broth, _, filtrate = titre[3 * lot : 3 * lot + 3]
        made = 1500.0 * broth / 1000.0
        left = 1e-6 * milligrams["filter"] * filtrate / 1000.0
        assert 3.0 < made < 7.0
        assert left == pytest.approx(made * recovered[2 * lot] * recovered[2 * lot + 1], rel=1e-6)
    assert set(attribute_of(what, "physics_status")) == {OK}


def test_a_train_from_the_vial_to_the_drug_substance():
    what = plant(
        {**PLANT, "column": {}, "tank": {}, "skid": {}},
        *TRAIN,
        operation("capture", "column", None, physics="protein_a_chromatography"),
        operation("hold", "tank", None, physics="viral_inactivation"),
        operation("exchange", "skid", None, physics="ultrafiltration_diafiltration"),
        batch="1500 kg",
    )
    titre = attribute_of(what, "titre")
    broth, substance = titre[1], titre[-1]
    pool = attribute_of(what, "pool_volume")
    kept = 1.0
    for name in ("lost_in_load", "lost_in_wash", "lost_in_elution", "left_on_column"):
        kept -= attribute_of(what, name)[4]
    recovered = [value for value in attribute_of(what, "product_recovered") if value is not None]
    captured = 1.5 * broth * recovered[0] * recovered[1] * kept
    assert pool[4] * titre[4] == pytest.approx(captured, rel=1e-6)
    made = 1.5 * broth
    assert 0.6 * made < pool[-1] * substance < 0.95 * made
    assert attribute_of(what, "product_mass")[-1] == pytest.approx(pool[-1] * substance, rel=1e-12)
    assert set(attribute_of(what, "physics_status")) == {OK}


def test_a_pool_is_inactivated_and_filtered():
    pool = {"pool_volume": "300 L", "inactivation_energy": "50 kJ/mol"}
    what = plant(
        {"tank": {}, "skid": {"parameters": {"area": "5 m2"}}},
        operation("hold", "tank", None, physics="viral_inactivation", settings={"hold_temperature": "22 °C"}),
        operation("filter", "skid", None, physics="ultrafiltration_diafiltration"),
        recipe={"material": pool},
        batch="300 kg",
    )
    assert attribute_of(what, "log_reduction")[0] > 5.2
    assert attribute_of(what, "buffer_left")[1] == pytest.approx(9.118820e-4, rel=1e-6)


BIOLOGICS = [
    "seed_train",
    "fed_batch_culture",
    "disc_stack_centrifugation",
    "depth_filtration",
    "viral_inactivation",
    "ultrafiltration_diafiltration",
]


@pytest.mark.parametrize("name", BIOLOGICS)
def test_all_that_a_model_takes_can_be_written_in_a_plant_file(name):
    model = physics.models()[name]

    def written(fields):
        return {
            field.name: show(field.default, canonical(field.unit))
            for field in fields
            if field.default is not None
        }

    pool = {"pool_volume": "300 L"} if "pool_volume" in {q.name for q in model.material} else {}
    what = plant(
        {"unit": {"parameters": written(model.equipment)}},
        operation("work", "unit", None, physics=name, settings=written(model.settings)),
        recipe={"material": written(model.material) | pool},
        batch="1000 kg",
    )
    assert compile_program(what, Run()) is not None
