"""From a stored sweep to what matters in it, on the command line and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute
from twin.experiment.figures.sensitivity import indices_figure, screening_figure
from twin.experiment.figures.theme import table_of
from twin.experiment.query.stored import find_sweep
from twin.experiment.sensitivity.of_sweep import sensitivity_of

PAGE = Path(__file__).parents[3] / "docs" / "sensitivity.md"
PLANT = """\
twin: 1
plant: Two machines whose times are known
equipment: {one: {}, two: {}}
storage: {between: {capacity: 100}}
recipes:
  part:
    operations:
      - a: {on: [one], takes: 2 min}
      - b: {on: [two], takes: uniform(low=30 s, high=90 s), wait_in: between}
orders: [{recipe: part, batches: 20}]
"""
SWEEP = """\
twin: 1
scenario: Known
base: known.yaml
run: {replications: 4, seed: 3}
outputs: {measures: [makespan, throughput, lead_time_mean]}
sweep:
  method: «
  axes:
    recipes.part.operations.a.takes: {from: 2 min, to: 4 min}
    storage.between.capacity: {from: 50, to: 60, integer: true}
    equipment.two.speed: {from: 1, to: 1.2}
"""
LONGEST = "recipes.part.operations.a.takes"  # twenty parts: 40 min more over its range


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    (folder / "known.yaml").write_text(PLANT, encoding="utf-8")
    words = {
        "morris": "morris\n  trajectories: 6",
        "sobol": "sobol\n  points: 8",
        "pairs": "sobol\n  points: 8\n  second_order: true",
        "lhs": "lhs\n  points: 30",
        "grid": "grid",
    }
    for name, word in words.items():
        text = SWEEP.replace("«", word)
        if name == "grid":
            text = re.sub(r"\{from: (\S+ ?\S*), to: [^}]*\}", r"[\1]", text)
        (folder / f"{name}.yaml").write_text(text.replace("Known", name), encoding="utf-8")
        flags = ["--engine", "simpy", "--workers", "1", "--quiet", "--workspace", str(folder / "workspace")]
        assert execute(["sweep", str(folder / f"{name}.yaml"), "--out", str(folder / name), *flags]) == 0
    return folder


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(name: str, *arguments: str | Path) -> tuple[int, str, str]:
        flags = [*map(str, arguments), "--workspace", str(folder / "workspace")]
        code = execute(["results", "sensitivity", str(folder / name), *flags])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def found(folder: Path, name: str, measure: str = "makespan") -> Any:
    stored = find_sweep(folder / name)
    assert stored is not None
    return sensitivity_of(stored, measure)


def test_a_screening_finds_the_operation_that_takes_longest(folder: Path) -> None:
    screening = found(folder, "morris").screening
    takes, capacity, speed = screening.factors
    assert takes.mu == pytest.approx(20 * 120, rel=0.02)  # s: twenty parts, two minutes each
    assert takes.matters
    assert (capacity.mu_star, capacity.matters) == (0.0, False)
    assert speed.mu < 0
    assert found(folder, "morris").axes[0] == LONGEST


@pytest.mark.parametrize("name", ["sobol", "pairs"])
def test_indices_say_that_it_explains_all(folder: Path, name: str) -> None:
    takes, capacity, _ = found(folder, name).indices.factors
    assert takes.total == pytest.approx(1.0, abs=0.15)
    assert takes.total_low < 1.0 < takes.total_high
    assert capacity.total == pytest.approx(0.0, abs=1e-9)


def test_a_metamodel_of_a_latin_hypercube_says_the_same(folder: Path) -> None:
    whole = found(folder, "lhs")
    assert whole.metamodel.q2 > 0.99
    assert whole.indices.factors[0].total == pytest.approx(1.0, abs=0.02)


def test_the_command_prints_tables_and_one_object(cli: Any, folder: Path) -> None:
    _, text, _ = cli("morris", "--measure", "makespan")
    assert re.search(r"takes +\d", text)
    assert "6 trajectories, 4 replications" in text
    _, text, _ = cli("lhs", "--measure", "makespan")
    assert "Metamodel of 30 points: Q²" in text
    code, out, _ = cli("sobol", "--measure", "makespan", "--json", "--html", folder / "s.html")
    assert code == 0
    assert json.loads(out)["indices"]["factors"][0]["factor"] == "takes"
    page = (folder / "s.html").read_text(encoding="utf-8")
    assert all(element in page for element in ("<svg", "<table"))
    assert "<script" not in page


def test_what_cannot_be_told_is_refused_by_name(cli: Any) -> None:
    code, _, err = cli("grid", "--measure", "makespan")
    assert code == 2
    assert "The sweep is by `grid`" in err
    code, _, err = cli("morris", "--measure", "makespam")
    assert code == 2
    assert "`makespan`" in err
    code, _, err = cli("nothing")
    assert code == 2


def test_figures_carry_their_numbers(folder: Path) -> None:
    screening = found(folder, "morris").screening
    table = table_of(screening_figure(screening, unit="s"))
    assert [row[0] for row in table.rows] == [each.factor for each in screening.ranked]
    assert table.rows[0][-1] == "yes"
    indices = found(folder, "sobol").indices
    table = table_of(indices_figure(indices, template="dark"))
    assert table.columns[:2] == ("factor", "first")
    assert len(table.rows) == 3


def test_the_example_of_the_page_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "screening.yaml").write_text(example, encoding="utf-8")
    where = ["--workspace", str(tmp_path)]
    assert execute(["sweep", str(tmp_path / "screening.yaml"), "--engine", "simpy", "--json", *where]) == 0
    sweep = json.loads(capsys.readouterr().out)["id"]
    assert execute(["results", "sensitivity", sweep, "--measure", "makespan", "--json", *where]) == 0
    factors = json.loads(capsys.readouterr().out)["screening"]["factors"]
    matters = {each["factor"]: each["matters"] for each in factors}
    assert matters == {"capacity": True, "speed": True, "count": False}
