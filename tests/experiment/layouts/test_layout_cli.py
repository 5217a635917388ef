"""`twin layout`: the scenario it writes, the proof it prints, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.layouts.test_improve import PLANT
from twin.cli import execute
from twin.experiment.figures.layout import layout_figure
from twin.experiment.figures.theme import table_of
from twin.plant.load import load_plant, load_scenario


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "row.yaml").write_text(PLANT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = execute(["layout", *map(str, arguments), "--workspace", str(folder / "workspace")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_layout_is_written_and_proven_against_the_present_one(cli: Any, folder: Path) -> None:
    arguments = ("--replications", "2", "--measure", "makespan", "--set", "transport.speed=0.1 m/s")
    plan = folder / "plan.html"
    code, out, _ = cli(
        folder / "row.yaml", "--out", folder / "better.yaml", "--html", plan, "--json", *arguments
    )
    assert code == 0
    found = json.loads(out)
    assert found["work_after_m"] < found["work_before_m"]
    proof = found["proof"]["comparisons"][0]
    assert (proof["measure"], proof["verdict"], proof["paired"]) == ("makespan", "better", True)
    written = load_scenario(folder / "better.yaml").base.plant
    assert written.transport is not None
    assert written.transport.speed == pytest.approx(0.1)
    for name, at in found["moved"].items():
        assert written.equipment[name].at == pytest.approx(at)
    assert "plotly" in plan.read_text(encoding="utf-8").lower()


def test_nothing_is_written_over(cli: Any, folder: Path) -> None:
    code, _, err = cli(folder / "row.yaml", "--out", folder / "row.yaml")
    assert (code, (folder / "row.yaml").read_text(encoding="utf-8")) == (2, PLANT)
    assert "is there already" in err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--method", "magic"), "There is no method `magic`"),
        (("--near", "one:two"), "A rule is written A:B:METRES"),
        (("--near", "one:six:3"), "called `six`"),
        (("--move", "two", "--move", "thre"), "Did you mean `three`"),
        (("--move", "press*"), "No equipment with a place is called `press*`"),
    ],
)
def test_wrong_flags_are_refused(cli: Any, folder: Path, flags: tuple[str, ...], message: str) -> None:
    code, _, err = cli(folder / "row.yaml", "--out", folder / "new.yaml", "--replications", "1", *flags)
    assert code == 2
    assert message in err
    assert not (folder / "new.yaml").exists()


def test_the_plan_tells_what_moved_in_its_table(folder: Path) -> None:
    before = load_plant(folder / "row.yaml").plant
    after = load_plant(folder / "row.yaml", {"equipment.one.at": [30, 6], "equipment.four.at": [4, 6]}).plant
    figure = layout_figure(before, after, {("one", "five"): 9.0, ("five", "one"): 1.0, ("two", "three"): 2.0})
    table = table_of(figure)
    assert [row[0] for row in table.rows] == ["one", "four"]
    assert table.rows[0][1:] == (4.0, 6.0, 30.0, 6.0, 26.0, 10.0)
    assert {trace.name for trace in figure.data} >= {"areas", "aisles", "trips", "present place", "new place"}


def test_the_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[3] / "docs" / "layout_optimisation.md"
    line = re.findall(r"```sh\n(.*?)\n```", page.read_text(encoding="utf-8"), re.DOTALL)[0]
    words = shlex.split(line.replace("--replications 5", "--replications 1"))
    monkeypatch.chdir(tmp_path)
    assert execute([*words[1:], "--engine", "simpy", "--workspace", str(tmp_path)]) == 0
    assert load_scenario(tmp_path / "shorter_ways.yaml").base.plant
    assert (tmp_path / "plan.html").exists()
