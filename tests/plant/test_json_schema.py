"""The JSON Schemas accept what the loader accepts, in short and mapping form, and refuse plain mistakes."""

import copy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.plant.sample import GOOD, SCENARIO
from twin.plant import shipped
from twin.plant.distributions import expand
from twin.plant.document import Document, read_document
from twin.plant.json_schema import plant_schema, scenario_schema, state_schema

PLANT = Draft202012Validator(plant_schema())
SCENARIOS = Draft202012Validator(scenario_schema())
STATES = Draft202012Validator(state_schema())
STATE_FILES = sorted((Path(__file__).parents[2] / "docs" / "examples" / "states").glob("*.yaml"))


def data_of(name):
    return read_document(shipped.find(f"twin:{name}"), name).data


def test_the_schemas_are_schemas():
    Draft202012Validator.check_schema(plant_schema())
    Draft202012Validator.check_schema(scenario_schema())
    Draft202012Validator.check_schema(state_schema())


@pytest.mark.parametrize("path", STATE_FILES, ids=[path.stem for path in STATE_FILES])
def test_state_files_are_accepted(path):
    data = read_document(path, path.name).data
    assert [error.message for error in STATES.iter_errors(data)] == []
    assert not STATES.is_valid({**data, "lost": []})
    assert not STATES.is_valid({key: value for key, value in data.items() if key != "state"})


@pytest.mark.parametrize("name", shipped.plants())
def test_shipped_plants_are_accepted(name):
    assert [error.message for error in PLANT.iter_errors(data_of(name))] == []


@pytest.mark.parametrize("name", shipped.scenarios())
def test_shipped_scenarios_are_accepted(name):
    assert [error.message for error in SCENARIOS.iter_errors(data_of(name))] == []


def test_the_samples_are_accepted():
    assert PLANT.is_valid(Document(GOOD, "f").data)
    assert SCENARIOS.is_valid(Document(SCENARIO, "f").data)


def test_mapping_forms_are_accepted():
    data = copy.deepcopy(Document(GOOD, "f").data)
    press = data["equipment"]["press"]
    press["failures"][0]["between"] = expand(press["failures"][0]["between"])
    press["start_up"] = {"takes": {"value": 38, "unit": "min"}, "waste": "uniform(low=1 kg, high=2 kg)"}
    data["recipes"]["tablet"]["operations"][0]["mix"]["needs"] = [{"people": "operator", "count": 2}]
    data["recipes"]["tablet"]["batch"] = {"value": 240, "unit": "kg"}
    assert [error.message for error in PLANT.iter_errors(data)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("storage:", "stroage:"),
        ("clock: running", "clock: runing"),
        ("  buffer: {capacity", "  Buffer: {capacity"),
        ("on: [press], takes", "on: [], takes"),
        ("takes: 2 h", "takes: soon"),
        ("takes: 2 h", 'takes: "lognormel(mean=2 h)"'),
        ("takes: 2 h", "takes: {distribution: exponential, cv: 2}"),
        ("batches: 8", 'batches: "8"'),
        ("at: [12, 5]", "at: [12]"),
        ("twin: 1", "twin: 2"),
        ("orders:\n  - {recipe: tablet, batches: 8}", "orders: []"),
    ],
)
def test_plain_mistakes_are_refused(old, new):
    assert GOOD.count(old) == 1
    assert not PLANT.is_valid(Document(GOOD.replace(old, new), "f").data)
