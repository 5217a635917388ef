"""`twin optimise`: what it prints, what it computes once, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute
from twin.commands import optimise as command

SCENARIO = """\
twin: 1
scenario: Room between two machines
base: plant.yaml
set: {orders.0.batches: 40}
run: {replications: 3, seed: 3}
optimise:
  settings:
    storage.buffer.capacity: {from: 1, to: 4, integer: true}
  goals: [{measure: makespan, aim: minimise}]
  constraints: [{measure: storage.buffer.mean, at_most: «}]
  trials: 10
  replications: 3
  most: 6
  confirm: 5
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    plant = Path(__file__).parents[2] / "plant_models" / "two_machines.yaml"
    (tmp_path / "plant.yaml").write_text(plant.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path / "room.yaml"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = execute(
            [*map(str, arguments), "--engine", "simpy", "--workspace", str(tmp_path / "workspace")]
        )
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_best_setting_is_announced_with_fresh_replications(cli: Any, scenario: Path) -> None:
    scenario.write_text(SCENARIO.replace("«", "10"), encoding="utf-8")
    code, out, _ = cli("optimise", scenario, "--json")
    assert code == 0
    found = json.loads(out)
    winner = found["announced"][0]
    assert (found["whole_space"], found["tried"]) == (True, 4)
    assert winner["replications"] == 5
    assert winner["measures"]["makespan"]["n"] == 5
    assert set(winner) >= {"changes", "gain", "optimism", "probabilities", "search_said"}
    assert winner["gain"]["makespan"]["mean"] > 0  # more room than the one place there is
    assert cli("optimise", scenario, "--json")[1] == out
    _, text, _ = cli("optimise", scenario)
    assert "Better than the plant as it is by" in text
    assert "5 fresh replications" in text


def test_the_page_of_an_answer_holds_what_is_told_and_loads_nothing(
    cli: Any, scenario: Path, tmp_path: Path
) -> None:
    text = SCENARIO.replace("«", "100").replace("Room between", "=Room <b>between</b>")
    scenario.write_text(text, encoding="utf-8")
    code, out, _ = cli("optimise", scenario, "--html", tmp_path / "answer.html", "--seed", "4")
    page = (tmp_path / "answer.html").read_text(encoding="utf-8")
    assert code == 0
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "=Room &lt;b&gt;between&lt;/b&gt;" in page
    (row,) = [line for line in out.splitlines() if line.lstrip().startswith("*")]
    found = re.search(r"\* +(\d) +(\S+ \([^)]+\) \S+)", row)
    assert found is not None
    assert f"<strong>storage.buffer.capacity = {found[1]}</strong>" in page
    assert f"makespan: {found[2]}" in page
    assert "storage.buffer.mean at most 100, shown with a probability of 0.95" in page
    assert f"twin optimise {scenario} --seed 4" in page


def test_where_nothing_keeps_the_constraints_it_fails(cli: Any, scenario: Path) -> None:
    scenario.write_text(SCENARIO.replace("«", "0.001"), encoding="utf-8")
    code, out, _ = cli("optimise", scenario)
    assert code == 1
    assert "keep the constraints" in out


def test_a_dry_run_counts_and_computes_nothing(cli: Any, scenario: Path, tmp_path: Path) -> None:
    scenario.write_text(SCENARIO.replace("«", "10"), encoding="utf-8")
    code, out, _ = cli("optimise", scenario, "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["replications_at_first"] == 12
    assert not (tmp_path / "workspace" / "evaluations").exists()


def test_a_scenario_that_asks_nothing_is_refused_with_its_line(cli: Any, scenario: Path) -> None:
    text = SCENARIO.replace("«", "10")
    scenario.write_text(text[: text.index("optimise:")], encoding="utf-8")
    code, _, err = cli("optimise", scenario)
    assert code == 2
    assert "There is no `optimise` in it" in err
    scenario.write_text(text.replace("makespan", "makespam"), encoding="utf-8")
    code, out, _ = cli("optimise", scenario, "--json")
    problem = json.loads(out)["errors"][0]
    assert (code, problem["line"]) == (2, 9)
    assert "makespan" in problem["hint"]


def test_an_interrupt_keeps_what_is_finished(
    cli: Any, scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.write_text(SCENARIO.replace("«", "10"), encoding="utf-8")
    told = command._Stage.tell
    stages = []

    def interrupt(stage: Any, progress: Any) -> None:
        stages.append(progress.stage)
        if len(stages) == 1:
            raise KeyboardInterrupt
        told(stage, progress)

    with monkeypatch.context() as patch:
        patch.setattr(command._Stage, "tell", interrupt)
        assert cli("optimise", scenario, "--json")[0] == 130
    kept = list((tmp_path / "workspace" / "evaluations").rglob("*.arrow"))
    assert kept
    code, out, _ = cli("optimise", scenario, "--json")
    assert code == 0
    assert set(kept) <= set((tmp_path / "workspace" / "evaluations").rglob("*.arrow"))
    assert json.loads(out)["tried"] == 4


def test_the_example_of_the_page_runs(cli: Any, tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "optimisation.md"
    example = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "room.yaml").write_text(example, encoding="utf-8")
    code, out, _ = cli("optimise", tmp_path / "room.yaml", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["tried"] == 16
    winner = found["announced"][0]
    assert winner["measures"]["storage.buffer.mean"]["mean"] < 2
    assert winner["gain"]["makespan"]["ci"][0] > 0
