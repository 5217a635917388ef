"""State files are checked as plants and scenarios are: whole, with the place of every mistake."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute
from twin.experiment.check import check_file, check_state
from twin.plant.document import Document
from twin.plant.errors import InputError

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

PLANT = """\
twin: 1
plant: Two machines
equipment: {mill: {}, press: {}}
recipes:
  part:
    operations:
      - mill: {on: [mill], takes: 2 h}
      - press: {on: [press], takes: 2 h}
orders: [{recipe: part}]
"""

WRONG = """\
twin: 1
state: Wrong in four ways
of: plant.yaml
time: 2026-01-05 06:00
lots:
  - {recipe: part, waits_for: pres}
  - {recipe: part, waits_for: press, cuont: 2}
  - {recipe: part, waits_for: press, count: none}
units:
  oven: {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plant.yaml").write_text(PLANT, encoding="utf-8")
    return tmp_path


def test_the_page_shows_a_state_that_fits_its_plant() -> None:
    page = (EXAMPLES.parent / "snapshots.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = EXAMPLES / "states" / "monday.yaml"
    document = Document(block, str(path))
    assert check_state(document, str(path), EXAMPLES).name == "Monday morning"


def written(folder: Path, text: str) -> str:
    path = folder / "state.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def places(source: str) -> list[tuple[str, int, int]]:
    """File, line and column of each complaint."""
    with pytest.raises(InputError) as caught:
        check_file(source)
    return [(Path(p.file).name, p.line, p.column) for p in caught.value.problems]


@pytest.mark.parametrize("path", sorted((EXAMPLES / "states").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_example_fits_its_plant(path: Path) -> None:
    found = check_file(str(path), EXAMPLES)
    assert (found.kind, found.note) == ("state", "")


def test_everything_that_is_wrong_with_a_state_file_is_told_at_once(folder: Path) -> None:
    assert places(written(folder, WRONG)) == [
        ("state.yaml", 6, 31),
        ("state.yaml", 7, 38),
        ("state.yaml", 8, 45),
        ("state.yaml", 10, 3),
    ]


def test_a_state_file_that_names_no_plant_is_checked_by_its_words_alone(folder: Path) -> None:
    nowhere = WRONG.replace("of: plant.yaml\n", "")
    assert len(places(written(folder, nowhere))) == 2
    found = check_file(written(folder, "twin: 1\nstate: Empty\n"))
    assert (found.kind, found.name) == ("state", "Empty")
    assert found.note == "It names no plant (`of`) to be checked against."


def test_mistakes_of_the_plant_are_told_with_those_of_the_state(folder: Path) -> None:
    (folder / "plant.yaml").write_text(PLANT.replace("takes: 2 h", "takes: soon"), encoding="utf-8")
    found = places(written(folder, WRONG))
    assert {file for file, _, _ in found} == {"plant.yaml", "state.yaml"}


@pytest.mark.parametrize("name", ["../../plant.yaml", "gone.yaml"])
def test_the_plant_of_a_state_lies_beside_it_or_in_the_workspace(folder: Path, name: str) -> None:
    assert places(written(folder, WRONG.replace("plant.yaml", name)))[0] == ("state.yaml", 3, 5)


def test_the_time_of_a_state_is_that_of_the_scenario_that_it_names(folder: Path) -> None:
    scenario = "twin: 1\nscenario: Later\nbase: plant.yaml\nrun: {start: 2026-02-02 06:00}\n"
    (folder / "later.yaml").write_text(scenario, encoding="utf-8")
    text = "twin: 1\nstate: Empty\nof: later.yaml\ntime: 2026-01-05 06:00\n"
    assert places(written(folder, text)) == [("state.yaml", 4, 7)]
    assert check_file(written(folder, text.replace("2026-01-05", "2026-02-02"))).kind == "state"
    assert check_file(written(folder, text.replace("later", "plant"))).kind == "state"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    return execute(["check", *arguments]), capsys.readouterr().out


def test_the_command_line_says_what_a_file_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(folder, "twin: 1\nstate: Empty\nof: plant.yaml\n")
    assert call(capsys, source) == (0, f"{source}: the state is well formed.\n")
    code, out = call(capsys, source, "--json")
    found: Any = json.loads(out)
    assert (code, found) == (0, {"files": [{"file": source, "kind": "state", "name": "Empty"}]})
    code, out = call(capsys, written(folder, WRONG), "--json")
    assert (code, [error["line"] for error in json.loads(out)["errors"]]) == (2, [6, 7, 8, 10])


def test_a_state_cannot_be_run_by_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", written(folder, "twin: 1\nstate: Empty\n"), "--quiet"]) == 2
    assert "is a state, not a plant or scenario" in capsys.readouterr().err


def test_what_only_experiments_know_is_told_with_all_else_that_is_wrong(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(
        "twin: 1\nscenario: Wrong in six ways\nbase: plant.yaml\n"
        "run: {from: gone.json, precision: {measure: thruput, relative: 5 %}, sed: 1}\n"
        "outputs: {measures: [throughput, leed_time_mean]}\n"
        "optimise:\n"
        "  settings: {equipment.mil.speed: [1, 2]}\n"
        "  goals: [{measure: thruput, aim: maximise}]\n"
        "  constraints: [{measure: lead_time_mean, at_most: 3 kg}, {measure: wip_mean, at_most: 2 parsec}]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        check_file(str(folder / "scenario.yaml"))
    assert [(p.line, p.column, p.message.rpartition(", ")[2]) for p in caught.value.problems] == [
        (4, 13, "which is not there."),
        (4, 45, "which is no measure."),
        (4, 70, "`sed`."),
        (5, 34, "Item 2 of `measures` of `outputs` names no measure: `leed_time_mean`."),
        (7, 14, "which is not there."),
        (8, 21, "which is no measure."),
        (9, 52, "and `lead_time_mean` is a time."),
        (9, 90, "`parsec`."),
    ]


def test_goals_and_limits_that_mean_nothing_are_told_before_a_search(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(
        "twin: 1\nscenario: S\nbase: plant.yaml\n"
        "optimise:\n"
        "  settings: {equipment.mill.speed: [1, 2]}\n"
        "  goals: [{measure: thruput, aim: maximise}]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="names `thruput`, which is no measure"):
        check_file(str(folder / "scenario.yaml"))
