"""Plants and scenarios as the rest of twin gets them: shipped, changed by dotted path, swept, compared."""

import pytest

from tests.plant.sample import GOOD, SCENARIO
from twin.experiment.designs import points_of
from twin.plant import shipped
from twin.plant.changes import diff, value_from_text
from twin.plant.errors import Complaint, InputError
from twin.plant.load import LoadedPlant, LoadedScenario, load, load_plant, load_scenario, load_study
from twin.plant.schema import Plant
from twin.plant.sentences import render, render_all

PRESS = "equipment.press"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "plant.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", shipped.plants())
def test_every_shipped_plant_is_right(name):
    loaded = load(f"twin:{name}")
    assert isinstance(loaded, LoadedPlant)
    assert loaded.name == name


@pytest.mark.parametrize("name", shipped.scenarios())
def test_every_shipped_scenario_is_right_at_all_its_points(name):
    loaded = load(f"twin:{name}")
    assert isinstance(loaded, LoadedScenario)
    assert loaded.scenario.question
    for point in points_of(loaded.scenario.sweep) if loaded.scenario.sweep else ():
        assert loaded.at(point.changes).scenario.sweep is None


def test_a_checked_plant_is_written_and_read_again(folder):
    plant = load_plant("plant.yaml").plant
    assert Plant.model_validate(plant.model_dump()) == plant
    assert Plant.model_validate_json(plant.model_dump_json(by_alias=True)) == plant


def test_quantities_of_a_plant_are_si(folder):
    plant = load_plant("plant.yaml").plant
    press = plant.equipment["press"]
    assert press.start_up.takes.parameters == {"value": 2280.0}
    assert press.failures[0].between.mean == pytest.approx(98 * 60)
    assert plant.containers["ibc"].volume == 1.2
    assert plant.recipes["tablet"].operations["mix"].needs[0].people == "operator"


def failure(plant):
    return plant.equipment["press"].failures[0]


def operation(plant, name):
    return plant.recipes["tablet"].operations[name]


OPERATIONS = "recipes.tablet.operations"
CHANGES = [
    (f"{PRESS}.failures.failure.rate", "2", lambda p: failure(p).rate == 2),
    (f"{PRESS}.failures.0.between.shape", "0.7", lambda p: failure(p).between.parameters["shape"] == 0.7),
    (f"{PRESS}.start_up.waste", "3 kg", lambda p: p.equipment["press"].start_up.waste.unit == "kg"),
    (
        f"{PRESS}.start_up",
        "gamma(mean=1 h, cv=1)",
        lambda p: p.equipment["press"].start_up.takes.mean == 3600,
    ),
    (f"{PRESS}.at.0", "15", lambda p: p.equipment["press"].at == (15, 5)),
    ("equipment.mixer_b", "{at: [4, 8]}", lambda p: list(p.equipment) == ["mixer", "press", "mixer_b"]),
    (f"{OPERATIONS}.press.on", "[press, mixer]", lambda p: operation(p, "press").on == ("press", "mixer")),
    (
        f"{OPERATIONS}.inspect",
        "{after: mix, on: [mixer], takes: 1 h}",
        lambda p: list(p.recipes["tablet"].operations) == ["mix", "inspect", "press"],
    ),
    (f"{OPERATIONS}.mix.needs.0.count", "2", lambda p: operation(p, "mix").needs[0].count == 2),
    ("transport.handling", "5 min", lambda p: p.transport.handling == 300),
    ("layout.areas.hall.grade", "D", lambda p: p.layout.areas["hall"].grade == "D"),
    ("orders.0.batches", 3, lambda p: p.orders[0].batches == 3),
    ("plant", "Other", lambda p: p.plant == "Other"),
]


@pytest.mark.parametrize(("path", "value", "holds"), CHANGES, ids=[change[0] for change in CHANGES])
def test_a_change_by_dotted_path(folder, path, value, holds):
    assert holds(load_plant("plant.yaml", {path: value}).plant)


def test_a_new_operation_behind_one_that_is_not_there_is_refused(folder):
    with pytest.raises(InputError) as caught:
        load_plant("plant.yaml", {f"{OPERATIONS}.inspect": "{after: mixx, on: [mixer], takes: 1 h}"})
    [problem] = caught.value.problems
    assert problem.message == f"The path `{OPERATIONS}.inspect` names `mixx`, which is not there."
    assert problem.hint == "Did you mean `mix`?"


def test_what_is_wrong_with_a_new_operation_is_told_at_the_change(folder):
    with pytest.raises(InputError) as caught:
        load_plant("plant.yaml", {f"{OPERATIONS}.inspect": "{after: mix, on: [mixer], takes: 1 kg}"})
    [problem] = caught.value.problems
    assert problem.file == f"--set {OPERATIONS}.inspect"
    assert "operation `inspect`" in problem.message


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        (f"{PRESS}.falures.0.rate", "names `falures`, which is not there.", "Did you mean `failures`?"),
        (f"{PRESS}.failures.jam.rate", "names `jam`, which is not there.", "There is `failure`."),
        (f"{PRESS}.failures.0.between.shap", "names `shap`, which is not there.", "Did you mean `shape`?"),
        (f"{OPERATIONS}.pres.takes", "names `pres`, which is not there.", "Did you mean `press`?"),
        ("people.operator.count.most", "leads nowhere: there is nothing inside to be called `most`.", ""),
        ("orders.4.batches", "names `4`, which is not there.", "There is `0`."),
    ],
)
def test_a_path_that_is_not_there_is_told_with_a_suggestion(folder, path, message, hint):
    with pytest.raises(InputError) as caught:
        load_plant("plant.yaml", {path: "1"})
    [problem] = caught.value.problems
    assert problem.file == f"--set {path}"
    assert (problem.message, problem.hint) == (f"The path `{path}` {message}", hint)


def test_a_wrong_value_is_told_at_the_change_that_wrote_it(folder):
    with pytest.raises(InputError) as caught:
        load_plant(
            "plant.yaml", {"recipes.tablet.operations.mix.takes": "1 kg", "people.operator.count": "["}
        )
    [problem] = caught.value.problems
    assert problem.file == "--set people.operator.count"
    with pytest.raises(InputError) as caught:
        load_plant("plant.yaml", {"recipes.tablet.operations.mix.takes": "1 kg"})
    [problem] = caught.value.problems
    assert (problem.file, problem.column) == ("--set recipes.tablet.operations.mix.takes", 3)


def test_a_later_complaint_about_a_changed_part_points_at_the_change(folder):
    loaded = load_scenario("scenario.yaml")
    path = ("recipes", "tablet", "operations", 1, "press", "takes")
    problem = loaded.base.problem(Complaint(path, "Too short."))
    assert (problem.file, problem.line, problem.column) == ("scenario.yaml", 6, 42)
    problem = loaded.base.problem(Complaint(("orders", 0, "batches"), "Too many."))
    assert (problem.file, problem.line, problem.column) == ("plant.yaml", 31, 31)


def test_a_scenario_changes_its_plant_and_the_caller_both(folder):
    loaded = load_scenario("scenario.yaml", {"run.seed": 7, "people.operator.count": 5})
    assert loaded.scenario.run.seed == 7
    assert loaded.scenario.run.warm_up == 604_800
    assert loaded.base.plant.people["operator"].count == 5
    assert loaded.base.plant.recipes["tablet"].operations["press"].takes.mean == 3600


def test_a_plant_is_the_scenario_that_changes_nothing(folder):
    study = load_study("plant.yaml", {"run.horizon": "2 days", "orders.0.batches": 2})
    assert (study.name, study.scenario.scenario, study.scenario.run.horizon) == ("plant", "Small", 172_800)
    assert study.base.plant.orders[0].batches == 2


def test_a_base_in_the_workspace_may_lie_beside_the_scenarios_folder(folder):
    (folder / "scenarios").mkdir()
    inside = folder / "scenarios" / "s.yaml"
    inside.write_text(SCENARIO.replace("plant.yaml", "../plant.yaml"), encoding="utf-8")
    assert load_scenario(inside, workspace=folder).base.plant.plant == "Small"
    with pytest.raises(InputError, match="leads outside"):
        load_scenario(inside, workspace=folder / "scenarios")


def test_a_base_may_not_leave_by_a_link(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "plant.yaml"
    secret.write_text(GOOD, encoding="utf-8")
    (folder / "link.yaml").symlink_to(secret)
    (folder / "s.yaml").write_text(SCENARIO.replace("plant.yaml", "link.yaml"), encoding="utf-8")
    with pytest.raises(InputError, match="leads outside"):
        load_scenario("s.yaml")


SWEEP = "sweep:\n  method: {}\n  axes: {{people.operator.count: [1, 2], run.seed: [3, 4]}}\n"


@pytest.mark.parametrize(
    ("method", "pairs"), [("grid", [(1, 3), (1, 4), (2, 3), (2, 4)]), ("zip", [(1, 3), (2, 4)])]
)
def test_the_points_of_a_sweep(folder, method, pairs):
    (folder / "s.yaml").write_text(SCENARIO + SWEEP.format(method), encoding="utf-8")
    loaded = load_scenario("s.yaml")
    points = list(points_of(loaded.scenario.sweep))
    assert [tuple(point.changes.values()) for point in points] == pairs
    assert points[0].label == "count=1, seed=3"
    last = loaded.at(points[-1].changes)
    assert (last.base.plant.people["operator"].count, last.scenario.run.seed) == (2, 4)


def test_a_sweep_of_a_million_points_is_refused(folder):
    axes = ", ".join(f"{path}: [{', '.join(['1'] * 101)}]" for path in ("people.operator.count", "run.seed"))
    (folder / "s.yaml").write_text(f"{SCENARIO}sweep: {{axes: {{{axes}}}}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="has 10,201 points, more than the limit of 10,000"):
        load_scenario("s.yaml")


def test_the_difference_of_two_plants_is_told_by_path(folder):
    before = load_plant("plant.yaml").plant
    after = load_plant(
        "plant.yaml", {"orders.0.batches": 3, f"{PRESS}.start_up": "1 h", "storage.b": "{}"}
    ).plant
    assert (
        diff(before, after)
        == [
            ("equipment.press.start_up.takes", "38 min", "1 h"),
            ("orders.0.batches", 8, 3),
            ("storage.b.capacity", None, None),
        ][:2]
    )
    assert diff(before, before) == []


def test_values_given_as_text_are_yaml():
    assert [value_from_text(text) for text in ("3", "NO", "[a, 1]", "lognormal(mean=1 h, cv=2)", "")] == [
        3,
        "NO",
        ["a", 1],
        "lognormal(mean=1 h, cv=2)",
        None,
    ]


def test_a_problem_is_shown_with_a_caret(folder):
    bad = GOOD.replace("speed: 1 m/s", "speed: 1 kg")
    (folder / "bad.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plant("bad.yaml")
    assert render(caught.value.problems[0], bad).splitlines() == [
        "bad.yaml:23:22: `speed` of `transport` must be a speed, and `1 kg` is not.",
        "    transport: {speed: 1 kg}",
        "                         ^",
        "    Write for example `1 m/s`.",
    ]


def test_the_first_twenty_problems_are_shown_in_full(folder):
    lines = "".join(f"  s{number}: {{capacity: 0}}\n" for number in range(25))
    (folder / "bad.yaml").write_text(GOOD.replace("storage:\n", "storage:\n" + lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_plant("bad.yaml")
    shown = render_all(caught.value.problems, {})
    assert len(caught.value.problems) == 25
    assert shown.count("must be at least 1") == 20
    assert shown.endswith("and 5 more problems.")


def test_a_scenario_and_its_plant_are_wrong_at_once(folder):
    (folder / "plant.yaml").write_text(GOOD.replace("calendar: day}", "calendar: dya}"), encoding="utf-8")
    (folder / "scenario.yaml").write_text(SCENARIO + "\nwarmup: 3 h\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_scenario("scenario.yaml")
    assert {problem.file for problem in error.value.problems} == {"plant.yaml", "scenario.yaml"}
