"""Points of a sweep are made from each other, and are what they would be if each were made alone."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.experiment.conftest import PLANT
from tests.experiment.sweeps.conftest import scenario
from twin.experiment.identity import digest, plant_data, plant_digest
from twin.experiment.prepare import settle
from twin.experiment.sweeps.variants import Variants
from twin.plant.axes import ends
from twin.plant.errors import InputError
from twin.plant.load import LoadedScenario, load_plant, load_study
from twin.plant.scenario import Axis

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
MODELS = sorted((ROOT / "plant_models").rglob("*.yaml"))


def plain(value: Any) -> Any:
    """All that a value says, down to the bits of its numbers and the order of its mappings."""
    if is_dataclass(value):
        return type(value).__name__, [(f.name, plain(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict):
        return [(key, plain(part)) for key, part in value.items()]
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if callable(value) else (type(value), repr(value))


def axes_of(study: LoadedScenario) -> dict[str, Axis]:
    searched = study.scenario.optimise.settings if study.scenario.optimise else {}
    return {**(study.scenario.sweep.axes if study.scenario.sweep else {}), **searched}


def alone(source: Path) -> LoadedScenario:
    return load_study(source, {"sweep": None, "optimise": None})


@pytest.mark.parametrize("source", SCENARIOS, ids=lambda path: path.stem)
def test_a_point_is_what_it_would_be_alone_for_every_axis(source: Path) -> None:
    axes = axes_of(load_study(source))
    variants = Variants(alone(source))
    for dotted, axis in axes.items():
        value = ends(axis)[-1][1]
        made = variants.at({dotted: value}).settled
        new = settle(load_study(source, {"sweep": None, "optimise": None, dotted: value}), "auto", "cpu")
        assert made.plant == new.plant
        assert plain(made.program) == plain(new.program)
        assert (made.id, made.choice) == (new.id, new.choice)


def test_a_point_takes_over_what_it_does_not_change(tmp_path: Path) -> None:
    study = load_study(scenario(tmp_path, "equipment.press.speed: [1, 2]"))
    point = study.at({"equipment.press.speed": 2})
    assert point.base.plant.equipment["press"].speed == 2
    assert point.base.plant.equipment["press"] is not study.base.plant.equipment["press"]
    assert point.base.plant.recipes["tablet"] is study.base.plant.recipes["tablet"]


def test_a_number_is_not_taken_for_a_truth_value(tmp_path: Path) -> None:
    study = load_study(scenario(tmp_path, "equipment.press.speed: [1, 2]"))
    study.at({"equipment.press.count": 1})
    with pytest.raises(InputError):
        study.at({"equipment.press.count": True})


def test_a_value_that_its_owner_changes_later_is_read_anew(tmp_path: Path) -> None:
    variants = Variants(load_study(scenario(tmp_path, "equipment.press.speed: [1, 2]")))
    orders: list[dict[str, object]] = [{"recipe": "tablet", "batches": 2}]
    assert len(variants.at({"orders": orders}).settled.plant.orders) == 1
    orders.append({"recipe": "tablet", "batches": 3})
    assert len(variants.at({"orders": orders}).settled.plant.orders) == 2


@pytest.mark.parametrize("source", MODELS, ids=lambda path: path.stem)
def test_the_digest_of_a_plant_is_that_of_its_data(source: Path) -> None:
    plant = load_plant(source).plant
    assert plant_digest(plant) == digest(plant_data(plant))


def test_the_digest_holds_for_parts_that_are_called_as_chapters_are(tmp_path: Path) -> None:
    text = PLANT.replace("press", "stations")
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    plant = load_plant(file).plant
    assert plant_digest(plant) == digest(plant_data(plant))
