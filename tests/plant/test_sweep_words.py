"""The words of a sweep: axes by choices and by ranges, designs with what they need, and what is refused."""

import time

import pytest

from tests.plant.sample import GOOD, SCENARIO
from twin.plant import axes
from twin.plant.document import Document
from twin.plant.errors import InputError
from twin.plant.json_schema import scenario_schema
from twin.plant.load import load_scenario
from twin.plant.scenario import Axis
from twin.plant.sweep_rules import count_points

PRESS = "recipes.tablet.operations.press.takes"
PEOPLE = "people.operator.count"
BOTH = f"{PEOPLE}: [1, 2], {PRESS}: {{from: 1 h, to: 2 h}}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "plant.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sweep(folder):
    def load(words, more=""):
        (folder / "s.yaml").write_text(f"{SCENARIO}sweep: {words}\n{more}", encoding="utf-8")
        return load_scenario("s.yaml").scenario.sweep

    return load


def axis_of(**words):
    return Axis.model_validate(words)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ({"from": "2 min", "to": "10 min", "steps": 5}, ("2 min", "4 min", "6 min", "8 min", "10 min")),
        ({"from": "30 min", "to": "2 h", "steps": 3, "scale": "log"}, ("30 min", "1 h", "2 h")),
        ({"from": 1, "to": 1000, "steps": 4, "scale": "log"}, (1, 10, 100, 1000)),
        ({"from": 0.1, "to": 0.3, "steps": 3}, (0.1, 0.2, 0.3)),
        ({"from": 3, "to": 6, "integer": True}, (3, 4, 5, 6)),
        ({"from": 1, "to": 16, "integer": True, "steps": 5, "scale": "log"}, (1, 2, 4, 8, 16)),
        ({"from": "80 %", "to": 1, "steps": 2}, (0.8, 1)),
        ({"from": "20 °C", "to": "30 °C", "steps": 3}, ("293.15 K", "298.15 K", "303.15 K")),
        ({"from": "30 EUR/h", "to": "50 EUR/h", "steps": 3}, ("30 EUR/h", "40 EUR/h", "50 EUR/h")),
        ({"from": {"value": 1, "unit": "h"}, "to": "3 h", "steps": 2}, ("1 h", "3 h")),
        ({"values": ["a", ["b", "c"]]}, ("a", ["b", "c"])),
    ],
)
def test_the_values_of_an_axis(words, values):
    assert axes.steps_of(axis_of(**words)) == values
    assert axes.count(axis_of(**words)) == len(values)


def test_a_whole_range_is_met_in_equal_parts():
    axis = axis_of(**{"from": 1, "to": 3, "integer": True})
    taken = [axes.value_at(axis, (k + 0.5) / 300) for k in range(300)]
    assert {value: taken.count(value) for value in (1, 2, 3)} == {1: 100, 2: 100, 3: 100}


def test_both_ends_of_a_range_are_exact():
    axis = axis_of(**{"from": "0.1 h", "to": "0.7 h", "scale": "log"})
    assert (axes.value_at(axis, 0.0), axes.value_at(axis, 1.0)) == ("6 min", "42 min")


@pytest.mark.parametrize(
    ("words", "points"),
    [
        (f"{{axes: {{{PEOPLE}: [1, 2, 3], {PRESS}: {{from: 1 h, to: 2 h, steps: 4}}}}}}", 12),
        (f"{{method: zip, axes: {{{PEOPLE}: [1, 2, 3], {PRESS}: {{from: 1 h, to: 2 h, steps: 3}}}}}}", 3),
        (f"{{method: lhs, points: 7, axes: {{{BOTH}}}}}", 7),
        (f"{{method: sobol, points: 8, axes: {{{BOTH}}}}}", 32),
        (f"{{method: sobol, points: 8, second_order: true, axes: {{{BOTH}}}}}", 48),
        (f"{{method: morris, trajectories: 5, axes: {{{BOTH}}}}}", 15),
    ],
)
def test_points_are_counted_without_being_made(sweep, words, points):
    assert count_points(sweep(words)) == points


TIME = f"{{axes: {{{PRESS}: «}}}}"
COUNT = f"{{axes: {{{PEOPLE}: «}}}}"
MISTAKES = [
    (TIME, "{from: 2 h, to: 1 h, steps: 3}", "goes from `2 h` to `1 h`, which is not above it"),
    (TIME, "{from: 1 h, to: 1 h, steps: 3}", "goes from `1 h` to `1 h`, which is not above it"),
    (TIME, "{from: 1 h, to: 2 kg, steps: 3}", "which are of different kinds"),
    (TIME, "{from: 1, to: 2, steps: 3}", "needs the unit of a time"),
    (TIME, "{from: 0 h, to: 2 h, steps: 3, scale: log}", "begins at `0 h`, which is not above zero"),
    (TIME, "{from: -1 h, to: 2 h, steps: 3}", "must not be negative"),
    (TIME, "{from: 1 h, to: 2 h}", "lacks the key `steps`"),
    (TIME, "{from: 1 h, steps: 3}", "lacks the key `to`"),
    (TIME, "{steps: 3}", "lacks the key `from`"),
    (TIME, "{from: 1 h, to: 2 h, steps: 1}", "must be at least 2"),
    (TIME, "{from: 1 h, to: 2 h, steps: 1e12}", "must be at most 1,000,000"),
    (TIME, "{from: 1 h, to: 2 h, steps: 2.5}", "must be a whole number"),
    (TIME, "{from: 1 h, to: 2 h, step: 3}", "has an unknown key, `step`"),
    (TIME, "{from: .nan, to: 2 h, steps: 3}", "must be a number with a unit, and `.nan` is not"),
    (TIME, "{from: [1 h], to: 2 h, steps: 3}", "must be a number or a quantity, and a list is not"),
    (TIME, "{from: 1 h, to: soon, steps: 3}", "must be a number with a unit, and `soon` is not"),
    (TIME, "{values: [1 h], steps: 3}", "is given for an axis that lists its values"),
    (TIME, "[[[1 h]]]", "a list"),
    (TIME, "{values: []}", "is empty"),
    (TIME, "3 h", "must be a mapping"),
    (COUNT, "{from: 1, to: 2.5, integer: true}", "is of whole numbers, and `2.5` is none"),
    (COUNT, "{from: 1 min, to: 2 min, integer: true}", "is of whole numbers, and `1 min` has a unit"),
    (COUNT, "{from: 1, to: 3, integer: true, steps: 4}", "takes 4 steps, and there are 3 whole numbers"),
    (COUNT, "{from: 1, to: 9, integer: true, steps: 8, scale: log}", "different whole numbers"),
    (COUNT, "{from: 1, to: 4, steps: 3}", "must be a whole number, and `2.5` is not"),
    (COUNT, "{from: 1, to: 1e400, integer: true}", "must be a finite number"),
    (COUNT, "{from: 1, to: 1e30, integer: true}", "is of whole numbers"),
    (COUNT, "{from: 1, to: 4, steps: 3, integer: yes}", "`true` or `false`"),
    ("{axes: {nobody.count: [1]}}", "", "names `nobody`, which is not there"),
    ("{axes: {}}", "", "is empty"),
    ("{method: grit, axes: {run.seed: [1]}}", "", "must be one of"),
    ("{method: lhs, axes: {run.seed: [1]}}", "", "lacks the key `points`, which `lhs` needs"),
    ("{method: morris, axes: {run.seed: [1]}}", "", "lacks the key `trajectories`"),
    (
        "{method: sobol, points: 100, axes: {run.seed: [1]}}",
        "",
        "must be a power of two for `sobol`, and `100`",
    ),
    ("{method: morris, trajectories: 4, levels: 5, axes: {run.seed: [1]}}", "", "must be an even number"),
    ("{points: 4, axes: {run.seed: [1]}}", "", "is a word of `lhs` and `sobol`, and the method is `grid`"),
    ("{seed: 4, axes: {run.seed: [1]}}", "", "is a word of `lhs` and `sobol` and `morris`"),
    (
        f"{{method: lhs, points: 4, axes: {{{PRESS}: {{from: 1 h, to: 2 h, steps: 3}}}}}}",
        "",
        "is given, and `lhs` chooses the values",
    ),
]


@pytest.mark.parametrize(("words", "axis", "message"), MISTAKES, ids=[f"{m[1] or m[0]}" for m in MISTAKES])
def test_a_mistake_in_a_sweep_is_told_on_its_line(sweep, words, axis, message):
    with pytest.raises(InputError) as caught:
        sweep(words.replace("«", axis))
    found = [problem for problem in caught.value.problems if message in problem.message]
    assert found, [problem.message for problem in caught.value.problems]
    assert {problem.line for problem in found} == {SCENARIO.count("\n") + 1}


def test_mistakes_of_several_axes_and_of_the_changes_are_told_at_once(folder):
    text = SCENARIO.replace("press.takes: 1 h", "press.takes: 1 kg")
    text += f"sweep:\n  axes:\n    {PEOPLE}: [1, x]\n"
    text += "    storage.buffer.capacity: {from: 0, to: 3, integer: true}\n"
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario("s.yaml")
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert places == [
        (6, 44),
        (12, 32),
        (13, 37),
    ]


def test_values_that_belong_together_are_tried_together(sweep):
    words = (
        "{method: zip, axes: {storage.extra: [{capacity: 2}, {capacity: 3}], storage.extra.capacity: [4, 5]}}"
    )
    assert sweep(words).method == "zip"


def problems_of(folder, words, more=""):
    """Line, column, message and hint of everything that is wrong with a sweep and other words."""
    (folder / "s.yaml").write_text(f"{SCENARIO}{more}sweep:\n  axes:\n{words}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario("s.yaml")
    return {(p.line, p.column, p.message.rstrip("."), p.hint) for p in caught.value.problems}


def test_a_path_that_is_nowhere_is_told_once_beside_the_other_errors(folder):
    first = SCENARIO.count("\n") + 3
    found = problems_of(
        folder,
        "    people.operatr.count: [1, 2, 3]\n"  # nowhere, and told once
        f"    {PRESS}: {{from: 2 h, to: 1 h, steps: 3}}\n"  # an error of the axis
        "    run.replicatons: [2, 3]\n"  # nowhere in the run
        "    people.operator.count: [2, two]\n",  # a value that does not fit
    )
    assert {(line - first, column) for line, column, _, _ in found} == {(0, 5), (1, 60), (2, 5), (3, 32)}
    hints = {message: hint for _, _, message, hint in found if message.startswith("The path")}
    assert hints == {
        "The path `people.operatr.count` names `operatr`, which is not there": "Did you mean `operator`?",
        "The path `run.replicatons` names `replicatons`, which is not there": "Did you mean `replications`?",
    }


def test_axes_are_tried_although_other_words_are_wrong(folder):
    found = problems_of(
        folder, "    people.operatr.count: [1]\n    storage.buffer.capacity: [0]\n", "limits: {point: 1}\n"
    )
    told = " ".join(message for _, _, message, _ in found)
    assert all(word in told for word in ("`point`", "`operatr`", "must be at least 1, and `0` is not"))


def test_a_setting_that_is_nowhere_is_told_beside_a_wrong_goal(folder):
    settings = "  settings: {people.operator.conut: [2, 3]}\n"
    words = f"optimise:\n{settings}  goals: [{{measure: throughput, aim: up}}]\n"
    (folder / "s.yaml").write_text(SCENARIO + words, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario("s.yaml")
    told = {p.hint for p in caught.value.problems if "conut" in p.message}
    assert (len(caught.value.problems), told) == (2, {"Did you mean `count`?"})


def test_a_grid_of_a_million_points_is_refused_at_once(sweep):
    fine = "{from: 1 h, to: 2 h, steps: 1000}"
    began = time.process_time()
    with pytest.raises(InputError, match="has 1,000,000 points, more than the limit of 10,000") as caught:
        sweep(f"{{axes: {{{PRESS}: {fine}, recipes.tablet.operations.mix.takes: {fine}}}}}")
    assert "limits: {points: 1000000, replications: 10000000}" in caught.value.problems[0].hint
    assert time.process_time() - began < 5


def test_a_number_of_points_that_no_memory_holds_is_refused(sweep):
    with pytest.raises(InputError, match="has 1,000,000,000,000 points") as caught:
        sweep("{axes: {run.seed: {from: 1, to: 1e12, integer: true}}}")
    assert caught.value.problems[0].hint == "Try fewer values: no limit is above 1,000,000."


def test_a_sweep_over_both_limits_is_told_both_at_once(sweep):
    with pytest.raises(InputError, match=r"3 points, more .* 2, and 3 points of 10 .* limit of 29") as caught:
        sweep(f"{{axes: {{{PEOPLE}: [1, 2, 3]}}}}", "limits: {points: 2, replications: 29}\n")
    assert "`limits: {points: 3, replications: 30}`" in caught.value.problems[0].hint


def test_replications_count_towards_the_limits(sweep):
    words = f"{{axes: {{{PEOPLE}: [1, 2, 3]}}}}"
    with pytest.raises(InputError, match="10 replications, 30 together, more than the limit of 29"):
        sweep(words, "limits: {replications: 29}\n")
    assert sweep(words, "limits: {replications: 30}\n") is not None


def test_both_forms_of_an_axis_mean_the_same(sweep):
    short, long = (
        sweep(f"{{axes: {{{PEOPLE}: [1, 2]}}}}"),
        sweep(f"{{axes: {{{PEOPLE}: {{values: [1, 2]}}}}}}"),
    )
    assert short.axes[PEOPLE].values == long.axes[PEOPLE].values


@pytest.mark.parametrize("axis", ["[1]", "{values: [1]}", "{from: 1 h, to: 2 h, steps: 3, scale: log}"])
def test_editors_know_both_forms(axis):
    jsonschema = pytest.importorskip("jsonschema")
    data = Document(f"{SCENARIO}sweep: {{axes: {{a: {axis}}}}}\n", "s").data
    assert jsonschema.Draft202012Validator(scenario_schema()).is_valid(data)
    spoiled = Document(f"{SCENARIO}sweep: {{axes: {{a: {{form: 1}}}}}}\n", "s").data
    assert not jsonschema.Draft202012Validator(scenario_schema()).is_valid(spoiled)
