"""A scenario's `compare`: what it names is run alike, paired with it, printed and reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import twin
from twin.cli import execute
from twin.experiment import chunks
from twin.experiment.compared_scenarios import FILE, kept
from twin.experiment.query.stored import find_sweep
from twin.experiment.report import html_of

ASKS = "compare: [plain.yaml]\n"
PLAIN = "scenario: As it is\nbase: cell.yaml\nrun: {replications: 3, seed: 9}\n"
SWEEP_PRESS = """\
scenario: How fast must the press be?
base: cell.yaml
run: {replications: 4, seed: 5}
sweep:
  axes:
    recipes.tablet.operations.press.takes: [exponential(mean=8 min), exponential(mean=30 min)]
compare: [plain.yaml]
"""


@pytest.fixture
def asking(folder: Path) -> Path:
    """A folder with a scenario that asks for a comparison with `plain.yaml`."""
    (folder / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    with (folder / "slower.yaml").open("a", encoding="utf-8") as file:
        file.write(ASKS)
    (folder / "press.yaml").write_text(SWEEP_PRESS, encoding="utf-8")
    return folder


@pytest.fixture
def cli(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in the workspace by the SimPy engine: exit code, stdout, stderr."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = execute([*map(str, arguments), "--engine", "simpy", "--workspace", str(workspace)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_run_is_paired_with_what_its_scenario_names(cli: Any, asking: Path, workspace: Path) -> None:
    code, out, _ = cli("run", asking / "slower.yaml", "--json")
    found = json.loads(out)
    (compared,) = found["compared"]
    row = next(row for row in compared["comparisons"] if row["measure"] == "makespan")
    plain = twin.run(asking / "cell.yaml", replications=6, seed=1, workspace=workspace)
    mine = twin.open_result(found["run"], workspace)
    expected = twin.compare(plain, mine, measures=["makespan"]).rows[0]
    assert (code, row["run"], row["against"]) == (0, found["run"], compared["baseline"])
    assert (row["paired"], row["n"]) == (True, 6)
    assert row["difference"] == pytest.approx(expected.difference)


def test_people_read_the_differences_below_the_run(cli: Any, asking: Path) -> None:
    _, out, _ = cli("run", asking / "slower.yaml")
    assert "slower (" in out
    assert ") − plain (" in out


def test_alone_it_compares_with_nothing(cli: Any, asking: Path, workspace: Path) -> None:
    _, out, _ = cli("run", asking / "slower.yaml", "--json", "--alone")
    assert "compared" not in json.loads(out)
    assert len(list((workspace / "runs").glob("*/manifest.json"))) == 1


def test_each_point_of_a_sweep_is_paired_with_it(cli: Any, asking: Path, workspace: Path) -> None:
    _, out, _ = cli("sweep", asking / "press.yaml", "--json")
    found = json.loads(out)
    (compared,) = found["compared"]
    slow = found["points"][1]["run"]
    rows = {row["measure"]: row for row in compared["comparisons"] if row["run"] == slow}
    assert rows["lead_time_mean"]["verdict"] == "worse"
    assert {row["paired"] for row in rows.values()} == {True}
    assert {row["n"] for row in rows.values()} == {4}
    assert len(kept(workspace / "sweeps" / found["id"])) == 1


def test_a_sweep_prints_a_line_for_each_point(cli: Any, asking: Path) -> None:
    _, out, _ = cli("sweep", asking / "press.yaml")
    assert "less plain (" in out
    assert "hold together at 95 %: 6 differences" in out


def test_what_is_wrong_with_it_is_told_before_anything_runs(cli: Any, asking: Path, workspace: Path) -> None:
    (asking / "plain.yaml").write_text(PLAIN + "set: {equipment.pres.speed: 2}\n", encoding="utf-8")
    code, _, err = cli("run", asking / "slower.yaml")
    assert code == 2
    assert "plain.yaml" in err
    assert "`press`" in err
    assert not workspace.exists()


def test_a_dry_run_names_it(cli: Any, asking: Path) -> None:
    rows = json.loads(cli("run", asking / "slower.yaml", "--dry-run", "--json")[1])["dry_run"]
    assert [row["scenario"] for row in rows] == ["slower", "plain"]
    assert [row["replications"] for row in rows] == [6, 6]
    plan = json.loads(cli("sweep", asking / "press.yaml", "--dry-run", "--json")[1])
    assert [each["scenario"] for each in plan["compared"]] == ["plain"]


def test_it_is_run_over_the_same_horizon(cli: Any, asking: Path, workspace: Path) -> None:
    (asking / "plain.yaml").write_text(PLAIN.replace("seed: 9", "horizon: 3 h"), encoding="utf-8")
    words = ("--set", "run.horizon=4 h", "--set", "run.start=2026-01-06 06:00")
    found = json.loads(cli("run", asking / "slower.yaml", *words, "--json")[1])
    plain = twin.open_result(found["compared"][0]["baseline"], workspace)
    assert (plain.manifest["horizon_s"], plain.start.day) == (4 * 3600, 6)
    assert plain.manifest["seed"] == 1


def test_a_compared_scenario_that_gets_stuck_leaves_the_run_usable(
    cli: Any, asking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = chunks.simulate_all

    def stuck(engine: str, program: Any, *others: Any, **named: Any) -> Any:
        if len(program.units) == 3:
            raise chunks.SimulationError("the plant is stuck at 0 s")
        return before(engine, program, *others, **named)

    monkeypatch.setattr(chunks, "simulate_all", stuck)
    (asking / "plain.yaml").write_text(PLAIN + "set: {equipment.idle: {}}\n", encoding="utf-8")
    code, out, _ = cli("run", asking / "slower.yaml", "--json", "--workers", "1")
    found = json.loads(out)
    assert (code, found["replications"], found["compared"]) == (3, 6, [])
    assert found["notes"] == ["Not compared with plain, which could not be run: the plant is stuck at 0 s"]


def test_reports_hold_the_comparison(cli: Any, asking: Path, workspace: Path) -> None:
    run = twin.open_result(json.loads(cli("run", asking / "slower.yaml", "--json")[1])["run"], workspace)
    sweep = find_sweep(json.loads(cli("sweep", asking / "press.yaml", "--json")[1])["id"], workspace)
    assert sweep is not None
    page = html_of([run], [sweep], workspace=workspace)
    assert page.count("ompared as the scenario asks") == 4  # two sections and their lines in the contents
    assert "Less As it is" in page
    assert "lead_time_mean: of 2 points" in page


def test_a_report_names_the_run_that_is_gone(cli: Any, asking: Path, workspace: Path) -> None:
    found = json.loads(cli("run", asking / "slower.yaml", "--json")[1])
    run = twin.open_result(found["run"], workspace)
    page = html_of([run], workspace=workspace / "elsewhere")
    assert f"The run {found['compared'][0]['baseline']} of plain is not in the workspace" in page
    (run.path / FILE).write_text("{", encoding="utf-8")
    assert "as the scenario asks" not in html_of([run], workspace=workspace)
