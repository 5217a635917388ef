"""Scenarios based on scenarios: changes in order, words inherited, complaints where they were written."""

import pytest

from tests.plant.sample import GOOD
from twin.plant.errors import InputError
from twin.plant.load import load_scenario

BASE = """\
twin: 1
scenario: As it is
question: What do we have today?
assumptions: [Nobody is ill., Power never fails.]
base: plant.yaml
set:
  people.operator.count: 2
  recipes.tablet.operations.press.takes: 3 h
run: {horizon: 4 weeks, warm_up: 1 week, seed: 7}
limits: {points: 50}
"""
MIDDLE = """\
twin: 1
scenario: A faster press
assumptions: [Power never fails., The press is bought.]
base: as_it_is.yaml
set: {recipes.tablet.operations.press.takes: 1 h}
run: {seed: 8}
sweep: {axes: {people.operator.count: [1, 2]}}
"""
OWN = """\
twin: 1
scenario: A faster press, checked
base: faster.yaml
set: {recipes.tablet.operations.press.takes.distribution: constant}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in (("plant", GOOD), ("as_it_is", BASE), ("faster", MIDDLE), ("own", OWN)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(name):
    with pytest.raises(InputError) as caught:
        load_scenario(name)
    return caught.value.problems


def test_changes_are_made_from_the_plant_upwards(folder):
    plant = load_scenario("faster.yaml").base.plant
    assert plant.people["operator"].count == 2
    assert plant.recipes["tablet"].operations["press"].takes.mean == 3600


def test_each_word_of_how_it_is_run_is_inherited_by_itself(folder):
    run = load_scenario("own.yaml").scenario.run
    assert (run.horizon, run.warm_up, run.seed) == (4 * 604_800, 604_800, 8)


def test_a_sweep_is_inherited_as_a_whole_and_can_be_taken_away(folder):
    assert load_scenario("own.yaml").scenario.sweep.axes["people.operator.count"].values == (1, 2)
    (folder / "own.yaml").write_text(OWN + "sweep: ~\n", encoding="utf-8")
    assert load_scenario("own.yaml").scenario.sweep is None


def test_a_sweep_of_its_own_takes_the_place_of_the_inherited_one(folder):
    (folder / "own.yaml").write_text(OWN + "sweep: {axes: {run.seed: [1]}}\n", encoding="utf-8")
    assert list(load_scenario("own.yaml").scenario.sweep.axes) == ["run.seed"]


def test_a_limit_that_the_base_set_holds_and_can_be_raised(folder):
    many = "sweep: {axes: {run.seed: {from: 1, to: 51, integer: true}}}\n"
    (folder / "own.yaml").write_text(OWN + many, encoding="utf-8")
    [problem] = problems_of("own.yaml")
    assert (problem.file, problem.line) == ("own.yaml", 5)
    assert "51 points, more than the limit of 50" in problem.message
    (folder / "own.yaml").write_text(OWN + many + "limits: {points: 51}\n", encoding="utf-8")
    assert load_scenario("own.yaml").scenario.limits.points == 51


def test_assumptions_add_up_and_the_question_is_each_scenarios_own(folder):
    scenario = load_scenario("faster.yaml").scenario
    assert scenario.assumptions == ("Nobody is ill.", "Power never fails.", "The press is bought.")
    assert scenario.question == ""


def test_the_caller_has_the_last_word(folder):
    loaded = load_scenario("own.yaml", {"run.seed": 9, "people.operator.count": 5})
    assert loaded.scenario.run.seed == 9
    assert loaded.base.plant.people["operator"].count == 5
    assert loaded.at({"people.operator.count": 1}).base.plant.people["operator"].count == 1


def test_what_a_later_change_writes_over_is_not_listed_as_changed(folder):
    own = OWN.replace(
        "press.takes.distribution: constant", "press: {on: [press], takes: 5 h, return: {ibc: dirty}}"
    )
    (folder / "own.yaml").write_text(own, encoding="utf-8")
    changed = load_scenario("own.yaml").scenario.set
    assert list(changed) == ["people.operator.count", "recipes.tablet.operations.press"]


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        ("as_it_is", "seed: 7", "seed: -7", 9, "`seed` of `run` must be at least 0"),
        ("as_it_is", "press.takes: 3 h", "pres.takes: 3 h", 8, "names `pres`, which is not there"),
        ("as_it_is", "count: 2", "count: 2 kg", 7, "must be a whole number"),
        ("as_it_is", "limits:", "limit:", 10, "has an unknown key, `limit`"),
        ("faster", "seed: 8", "warm_up: 5 weeks", 6, "is not shorter than the horizon"),
        ("faster", "[1, 2]", "[1, -2]", 7, "must be at least"),
        (
            "faster",
            "base: as_it_is.yaml",
            "base: as_it_was.yaml",
            4,
            "names `as_it_was.yaml`, which cannot be",
        ),
    ],
)
def test_what_is_wrong_in_a_base_is_told_there(folder, name, old, new, line, words):
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    problems = problems_of("own.yaml")
    assert [(p.file, p.line) for p in problems if words in p.message] == [(f"{name}.yaml", line)]


def test_a_value_that_a_later_scenario_mends_in_the_base_is_still_told(folder):
    (folder / "as_it_is.yaml").write_text(BASE.replace("seed: 7", "seed: -7"), encoding="utf-8")
    assert [problem.file for problem in problems_of("faster.yaml")] == ["as_it_is.yaml"]


def test_mistakes_of_all_files_are_told_at_once(folder):
    for name, old, new in (
        ("plant", "speed: 1 m/s", "speed: 1 kg"),
        ("as_it_is", "seed: 7", "seed: -7"),
        ("faster", "seed: 8", "level: 7"),
        ("own", "scenario: A", "scenaro: B\nscenario: A"),
    ):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    files = [problem.file for problem in problems_of("own.yaml")]
    assert sorted(files) == ["as_it_is.yaml", "faster.yaml", "own.yaml", "plant.yaml"]


def test_scenarios_that_are_based_on_each_other_are_named(folder):
    (folder / "as_it_is.yaml").write_text(BASE.replace("plant.yaml", "own.yaml"), encoding="utf-8")
    [problem] = problems_of("own.yaml")
    assert (problem.file, problem.line) == ("as_it_is.yaml", 5)
    assert "own.yaml → faster.yaml → as_it_is.yaml → own.yaml" in problem.message


def test_a_scenario_based_on_itself_is_refused(folder):
    (folder / "own.yaml").write_text(OWN.replace("faster.yaml", "own.yaml"), encoding="utf-8")
    [problem] = problems_of("own.yaml")
    assert "own.yaml → own.yaml" in problem.message


def test_a_chain_without_end_is_refused(folder):
    for number in range(30):
        text = OWN.replace("faster.yaml", f"s{number + 1}.yaml")
        (folder / f"s{number}.yaml").write_text(text, encoding="utf-8")
    [problem] = problems_of("s0.yaml")
    assert (problem.file, problem.message) == (
        "s19.yaml",
        "`base` is the 20th scenario of a chain, and no plant.",
    )


def test_a_base_may_be_shipped_and_a_shipped_one_stays_shipped(folder):
    (folder / "own.yaml").write_text(
        "twin: 1\nscenario: Mine\nbase: twin:tablet_line_faster_press\nsweep: ~\n", encoding="utf-8"
    )
    assert load_scenario("own.yaml").base.name == "tablet_line"
    assert load_scenario("own.yaml").scenario.run.seed == 20260105


def test_a_base_may_not_lead_out_of_the_folder_of_the_file_that_names_it(folder):
    (folder / "inner").mkdir()
    inner = folder / "inner" / "s.yaml"
    inner.write_text(OWN.replace("faster.yaml", "../faster.yaml"), encoding="utf-8")
    assert load_scenario(inner, workspace=folder).scenario.run.seed == 8
    with pytest.raises(InputError, match="leads outside"):
        load_scenario(inner, workspace=folder / "inner")


def test_a_state_to_start_from_lies_beside_the_scenario_that_names_it(folder):
    (folder / "inner").mkdir()
    below = BASE.replace("plant.yaml", "../plant.yaml").replace("seed: 7", "seed: 7, from: kept.yaml")
    (folder / "inner" / "base.yaml").write_text(below, encoding="utf-8")
    (folder / "own.yaml").write_text(OWN.replace("faster.yaml", "inner/base.yaml"), encoding="utf-8")
    loaded = load_scenario("own.yaml", workspace=folder)
    assert loaded.source_of(("run", "from")) == "inner/base.yaml"
    assert loaded.source_of(("run", "record")) == "inner/base.yaml"


@pytest.mark.parametrize(
    ("written", "line", "message"),
    [
        ("[faster.yaml, slower.yaml]", 5, "names `slower.yaml`, which is not there"),
        ("[twin:solid_dose_limti]", 5, "names `twin:solid_dose_limti`, which is not there"),
        ("[../elsewhere.yaml]", 5, "leads outside the folders"),
        ('["\\0.yaml"]', 5, "leads outside the folders"),
        ("[3]", 5, "must be text"),
    ],
)
def test_scenarios_to_be_compared_with_are_there(folder, written, line, message):
    (folder / "own.yaml").write_text(f"{OWN}compare: {written}\n", encoding="utf-8")
    found = [(problem.line, problem.message) for problem in problems_of("own.yaml")]
    assert [at for at, said in found if message in said] == [line]


def test_a_scenario_may_be_compared_with_its_base_and_a_shipped_one(folder):
    (folder / "own.yaml").write_text(
        f"{OWN}compare: [faster.yaml, twin:solid_dose_limit]\n", encoding="utf-8"
    )
    assert load_scenario("own.yaml").scenario.compare == ("faster.yaml", "twin:solid_dose_limit")


def test_what_a_base_says_twice_is_told_with_all_else_that_is_wrong(folder):
    (folder / "plant.yaml").write_text(GOOD + "transport: {speed: 2 m/s}\n", encoding="utf-8")
    twice = BASE.replace("question:", "run: {seed: 2}\nquestion:").replace("4 weeks", "4 kg")
    (folder / "as_it_is.yaml").write_text(twice, encoding="utf-8")
    (folder / "own.yaml").write_text(OWN + "run: {sed: 1}\n", encoding="utf-8")
    assert [(p.file, p.line, p.message) for p in problems_of("own.yaml")] == [
        ("as_it_is.yaml", 10, "The key `run` stands here for the second time."),
        ("own.yaml", 5, "`run` has an unknown key, `sed`."),
        ("plant.yaml", 32, "The key `transport` stands here for the second time."),
    ]
