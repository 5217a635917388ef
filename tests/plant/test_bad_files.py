"""Every way of getting a plant wrong is told at its line and column, in a sentence about its subject.

The mistakes stand in bad_files.yaml; limits and files that cannot be read are here.
"""

from pathlib import Path

import pytest
import yaml

from tests.plant.sample import GOOD, MARK, SCENARIO, marked, spoiled
from twin.plant.errors import InputError
from twin.plant.load import load, load_plant, load_scenario

CASES = yaml.safe_load(Path(__file__).with_name("bad_files.yaml").read_text(encoding="utf-8"))


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=[case["cause"] for case in cases])


def written(folder, text, name="bad.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def problems_of(path, read=load_plant):
    with pytest.raises(InputError) as caught:
        read(path)
    return caught.value.problems


def assert_told(problems, place, words):
    assert [problem.message[: len(words)] for problem in problems] == [words]
    if place is not None:
        assert (problems[0].line, problems[0].column) == place


@of(CASES["plants"])
def test_a_wrong_plant_is_told_where_and_what(tmp_path, case):
    text, line, column = spoiled(GOOD, case["replace"], case["by"])
    place = (line, column) if MARK in case["by"] else None
    assert_told(problems_of(written(tmp_path, text)), place, case["says"])


@of(CASES["texts"])
def test_what_is_not_yaml_is_told_where_and_why(tmp_path, case):
    text, line, column = marked(case["text"])
    assert_told(problems_of(written(tmp_path, text)), (line, column), case["says"])


def test_no_two_bad_files_have_the_same_cause():
    causes = [case["cause"] for case in CASES["plants"] + CASES["texts"]]
    assert len(set(causes)) == len(causes) >= 40
    marks = [case for case in CASES["plants"] + CASES["texts"] if MARK in case.get("by", case.get("text"))]
    assert len(marks) >= 80  # asserted with line and column


def test_the_sample_itself_is_right(tmp_path):
    assert load_plant(written(tmp_path, GOOD)).plant.plant == "Small"


def test_all_mistakes_of_a_file_are_listed_in_order(tmp_path):
    text = GOOD.replace("speed: 1 m/s", "speed: 1 kg").replace("on: [press]", "on: [pres]")
    text = text.replace("clock: running", "clock: runing").replace("at: [12, 5]", "at: [5, 5]")
    found = [(p.line, p.message.split(" of ")[0]) for p in problems_of(written(tmp_path, text))]
    assert found == [(15, "`at`"), (18, "`clock`"), (23, "`speed`"), (29, "Item 1")]


def test_what_a_refused_part_would_have_caused_is_not_told_again(tmp_path):
    text = GOOD.replace("  operator: {count: 2, calendar: day}", "  operator: {count: two, calendar: day}")
    assert [p.message for p in problems_of(written(tmp_path, text))] == [
        "`count` of people `operator` must be a whole number, and `two` is not."
    ]


def test_ten_thousand_nested_brackets_are_refused_at_the_limit(tmp_path):
    [problem] = problems_of(written(tmp_path, "twin: 1\nplant: " + "[" * 10_000 + "\n"))
    assert (problem.line, problem.column) == (2, 71)
    assert problem.message == "The nesting is deeper than 64 levels."


def test_ten_thousand_nested_mappings_are_refused_at_the_limit(tmp_path):
    nested = "\n".join(" " * depth + "a:" for depth in range(1_000))
    [problem] = problems_of(written(tmp_path, nested))
    assert problem.line == 64
    assert problem.message == "The nesting is deeper than 64 levels."


def test_a_billion_laughs_are_refused_by_their_anchors(tmp_path):
    laughs = ["twin: 1", "a: &a [lol, lol]"]
    laughs += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    problems = problems_of(written(tmp_path, "\n".join(laughs)))
    assert [p.message for p in problems] == [f"The anchor `&{name}` is refused." for name in "abcdefghi"]
    assert [(p.line, p.column) for p in problems] == [(line, 4) for line in range(2, 11)]


def test_an_alias_of_nothing_is_refused(tmp_path):
    [problem] = problems_of(written(tmp_path, "twin: 1\nplant: *a\n"))
    assert (problem.line, problem.column, problem.message) == (2, 8, "The alias `*a` is refused.")


def test_more_than_a_hundred_thousand_values_are_refused(tmp_path):
    [problem] = problems_of(written(tmp_path, "twin: 1\na: [" + "1," * 100_000 + "]\n"))
    assert problem.message == "The file has more than 100,000 values."
    assert problem.line == 2


def test_a_file_of_a_hundred_megabytes_is_refused_without_being_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)  # sparse
    [problem] = problems_of(path)
    assert (problem.line, problem.message) == (0, "The file is larger than 2 MB.")


def test_more_units_than_a_plant_may_have_are_refused_before_they_are_placed(tmp_path):
    text = GOOD.replace("storage:", "".join(f"  u{i}: {{count: 1000}}\n" for i in range(11)) + "storage:")
    [problem] = problems_of(written(tmp_path, text))
    assert problem.message == "`equipment` makes 11,002 units, more than 10,000."


def test_more_aisle_points_than_a_floor_may_have_are_refused(tmp_path):
    aisles = ", ".join(f"[[{i}, 0], [{i}, 9]]" for i in range(501))
    [problem] = problems_of(written(tmp_path, GOOD.replace("[[[1, 2], [19, 2]]]", f"[{aisles}]")))
    assert (problem.line, problem.column) == (6, 3)
    assert problem.message == "`aisles` have 1,002 points, more than 1,000."


def test_a_thousand_problems_of_one_sort_are_enough(tmp_path):
    problems = problems_of(written(tmp_path, GOOD + "".join(f"key_{i}: 1\n" for i in range(5_000))))
    assert len(problems) == 1_000


def test_a_missing_file_is_told_with_the_one_that_is_there(tmp_path):
    written(tmp_path, GOOD, "tablets.yaml")
    [problem] = problems_of(tmp_path / "tablet.yaml")
    assert problem.line == 0
    assert problem.message == f"The file `{tmp_path / 'tablet.yaml'}` is not there."
    assert problem.hint == "Did you mean `tablets.yaml`?"


def test_a_folder_is_no_file(tmp_path):
    [problem] = problems_of(tmp_path)
    assert "cannot be read" in problem.message


def test_a_shipped_plant_that_is_not_there():
    [problem] = problems_of("twin:two_machine")
    assert problem.hint == "Did you mean `twin:two_machines`?"


def test_a_path_cannot_hide_in_the_name_of_a_shipped_plant():
    [problem] = problems_of("twin:../pyproject")
    assert problem.message == "Nothing of the name `twin:../pyproject` is shipped."


def test_latin_1_is_told_at_its_first_character(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("twin: 1\nplant: Säule\n".encode("latin-1"))
    [problem] = problems_of(path)
    assert (problem.line, problem.column, problem.message) == (2, 9, "The file is not UTF-8 text.")


def test_a_scenario_is_no_plant_and_a_plant_no_scenario(tmp_path):
    plant, scenario = written(tmp_path, GOOD, "plant.yaml"), written(tmp_path, SCENARIO, "scenario.yaml")
    [problem] = problems_of(scenario)
    assert (problem.line, problem.message) == (2, "The file is a scenario, not a plant.")
    [problem] = problems_of(plant, load_scenario)
    assert (problem.line, problem.message) == (2, "The file is a plant, not a scenario.")


SCENARIOS = [
    ("base not there", "plant.yaml", "«plants.yaml", "`base` names `plants.yaml`, which cannot be read."),
    ("base outside", "plant.yaml", "«../../plant.yaml", "`base` leads outside the folders"),
    ("base absolute", "plant.yaml", "«/etc/hostname", "`base` leads outside the folders"),
    ("base not shipped", "plant.yaml", "«twin:tablet_lin", "`base` names `twin:tablet_lin`"),
    (
        "path not there",
        "  recipes.tablet.operations.press",
        "  «recipes.tablet.operations.pres",
        "The path `rec",
    ),
    ("changed value", "takes: 1 h", "takes: «-1 h", "`takes` of operation `press` of recipe `tablet` must n"),
    ("horizon", "4 weeks", "4 «kg", "`horizon` of `run` must be a time, and `4 kg` is not."),
    (
        "warm-up longer than the run",
        "1 week",
        "«5 weeks",
        "`warm_up` of `run` is not shorter than the horizon.",
    ),
    (
        "warm-up of a terminating run",
        "1 week",
        "«1 day\n  kind: terminating",
        "`warm_up` of `run` is given for",
    ),
    (
        "start with a zone",
        "1 week",
        "1 day\n  start: «2026-01-05T06:00Z",
        "`start` of `run` must be a local date",
    ),
    ("level", "1 week", "1 day\n  level: «95", "`level` of `run` must be less than 1, and `95` is not."),
    ("unknown key", "question:", "«qestion:", "The file has an unknown key, `qestion`."),
    (
        "axes of unequal length",
        "run:",
        "sweep:\n  method: zip\n  «axes: {people.operator.count: [1, 2], storage.buffer.capacity: [1]}\nrun:",
        "`axes` of `sweep` must have equally many values for `zip`: `people.operator.count` 2, "
        "`storage.buffer.capacity` 1.",
    ),
    (
        "value of an axis",
        "run:",
        "sweep:\n  axes:\n    storage.buffer.capacity: [1, «0]\nrun:",
        "`capacity` of storage `buffer` must be at least 1, and `0` is not.",
    ),
    (
        "axis not there",
        "run:",
        "sweep:\n  axes:\n    «storage.bufer.capacity: [1, 2]\nrun:",
        "The path `storage.bufer.capacity` names `bufer`, which is not there.",
    ),
    (
        "axis without values",
        "run:",
        "sweep:\n  axes:\n    «people.operator.count: []\nrun:",
        "Axis `people.operator",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), [c[1:] for c in SCENARIOS], ids=[c[0] for c in SCENARIOS])
def test_a_wrong_scenario_is_told_where_and_what(tmp_path, monkeypatch, old, new, words):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, GOOD, "plant.yaml")
    text, line, column = spoiled(SCENARIO, old, new)
    problems = problems_of(written(tmp_path, text, "scenario.yaml"), load)
    assert_told(problems, (line, column), words)
    assert problems[0].file.endswith("scenario.yaml")
