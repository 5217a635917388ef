"""The words of an optimisation: what is read, and what is refused on its line."""

import jsonschema
import pytest

from tests.plant.sample import GOOD, SCENARIO
from twin.plant.document import Document
from twin.plant.errors import InputError
from twin.plant.json_schema import scenario_schema
from twin.plant.load import load_scenario

PRESS = "recipes.tablet.operations.press.takes"
SETTINGS = f"{{people.operator.count: [1, 2, 3], {PRESS}: «}}"
WORDS = f"{{settings: {SETTINGS}, goals: [{{measure: throughput, aim: maximise}}]¶}}"
RANGE = "{from: 1 h, to: 2 h}"


@pytest.fixture
def optimise(tmp_path, monkeypatch):
    (tmp_path / "plant.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def load(words):
        (tmp_path / "s.yaml").write_text(f"{SCENARIO}optimise: {words}\n", encoding="utf-8")
        return load_scenario("s.yaml")

    return load


def test_an_optimisation_is_read_with_its_defaults(optimise):
    asked = optimise(WORDS.replace("«", RANGE).replace("¶", "")).scenario.optimise
    assert list(asked.settings) == ["people.operator.count", PRESS]
    assert (asked.trials, asked.replications, asked.most, asked.confirm) == (50, 5, 40, 30)


def test_a_point_leaves_the_optimisation_out(optimise):
    study = optimise(WORDS.replace("«", RANGE).replace("¶", ""))
    point = study.at({"people.operator.count": 3})
    assert point.scenario.optimise is None
    assert point.base.plant.people["operator"].count == 3


def test_as_many_fresh_replications_as_show_a_quantile_are_enough(optimise):
    limit = ", confirm: 59, constraints: [{measure: yield, quantile: 0.95, at_most: 1}]"
    (constraint,) = optimise(WORDS.replace("«", RANGE).replace("¶", limit)).scenario.optimise.constraints
    assert (constraint.quantile, constraint.at_most) == (0.95, 1)


MISTAKES = [
    ("{from: 2 h, to: 1 h}", "", "which is not above it"),
    ("{from: 1 kg, to: 2 kg}", "", "time"),
    ("{from: 1 h}", "", "lacks the key `to`"),
    ("[]", "", "is empty"),
    (RANGE, ", goal: []", "has an unknown key, `goal`"),
    (RANGE, ", constraints: [{measure: yield}]", "says neither `at_least` nor `at_most`"),
    (RANGE, ", constraints: [{measure: yield, at_least: 0.9, at_most: 0.5}]", "lies below `at_least`"),
    (RANGE, ", constraints: [{measure: yield, at_least: 1 h, at_most: 5 kg}]", "limits of different kinds"),
    (RANGE, ", constraints: [{measure: yield, at_least: 1, probability: 0.4}]", "must be greater than 0.5"),
    (RANGE, ", constraints: [{measure: yield, at_least: soon}]", "`soon` is not"),
    (RANGE, ", constraints: [{measure: yield, quantile: 0.9, below: 1, at_least: 0.5}]", "beside `quantile`"),
    (RANGE, ", constraints: [{measure: yield, quantile: 1, at_least: 0.5}]", "must be less than 1"),
    (RANGE, ", constraints: [{measure: yield, above: 0.9, at_least: 1 h}]", "a probability lies between"),
    (RANGE, ", constraints: [{measure: yield, above: 0.9, at_most: 1}]", "a probability lies between"),
    (RANGE, ", constraints: [{measure: yield, above: 0.9, at_least: 0.95}]", "is 30, too few to show"),
    (RANGE, ", confirm: 58, constraints: [{measure: yield, quantile: 0.95, at_most: 1}]", "is 58, too few"),
    (RANGE, ", replications: 100", "is 40, and every point has 100 at first"),
    (RANGE, ", confirm: 1", "must be at least 2"),
    (RANGE, ", trials: 0", "must be at least 1"),
]


@pytest.mark.parametrize(("axis", "more", "message"), MISTAKES, ids=[f"{m[0]}{m[1]}" for m in MISTAKES])
def test_a_mistake_is_told_on_its_line(optimise, axis, more, message):
    with pytest.raises(InputError) as caught:
        optimise(WORDS.replace("«", axis).replace("¶", more))
    found = [problem for problem in caught.value.problems if message in problem.message]
    assert found, [problem.message for problem in caught.value.problems]
    assert {problem.line for problem in found} == {SCENARIO.count("\n") + 1}


def test_a_setting_that_is_not_there_and_a_goal_twice_are_told(optimise):
    words = "{settings: {people.operater.count: [1]}, goals: [{measure: throughput, aim: maximise}]}"
    with pytest.raises(InputError, match="names `operater`, which is not there"):
        optimise(words)
    twice = "{measure: throughput, aim: maximise}, {measure: throughput, aim: minimise}"
    with pytest.raises(InputError, match="which is a goal already"):
        optimise(f"{{settings: {{people.operator.count: [1, 2]}}, goals: [{twice}]}}")


def test_the_schema_knows_an_optimisation():
    words = WORDS.replace("«", RANGE).replace(
        "¶", ", constraints: [{measure: lead_time_p95, at_most: 3 days}]"
    )
    data = Document(f"{SCENARIO}optimise: {words}\n", "s").data
    jsonschema.validate(data, scenario_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "optimise": {"settings": {}}}, scenario_schema())
