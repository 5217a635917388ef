"""Results that are odd: names like formulas, points without values, an unfinished or damaged sweep."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from twin.experiment.query.stored import find_sweep

ODD = """\
scenario: "@SUM(A1), \\"quoted\\", <b>ü</b> → 料"
question: '=HYPERLINK("x")'
base: cell.yaml
run: {replications: 3}
sweep:
  axes:
    recipes.tablet.operations.press.takes: [exponential(mean=8 min), 1 h]
    run.horizon: [1 s, 1 day]
"""


@pytest.fixture
def odd(folder: Path) -> Path:
    """A scenario with odd texts, of which half of the points end before a lot is through."""
    (folder / "odd.yaml").write_text(ODD, encoding="utf-8")
    return folder / "odd.yaml"


def test_points_without_values_are_shown_reported_and_exported(cli: Any, odd: Path, tmp_path: Path) -> None:
    sweep = json.loads(cli("sweep", odd, "--engine", "simpy", "--json")[1])["id"]
    page, sheet, tables = tmp_path / "o.html", tmp_path / "o.xlsx", tmp_path / "csv"
    assert cli("report", sweep, "--html", page)[0] == 0
    assert "<b>ü</b>" not in page.read_text(encoding="utf-8")
    assert cli("results", "export", sweep, "--out", sheet)[0] == 0
    cells = [cell for row in openpyxl.load_workbook(sheet)["inputs"].iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") and cell.data_type == "s" for cell in cells)
    assert cli("results", "export", sweep, "--out", tables, "--format", "csv")[0] == 0
    with (tables / "inputs.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(file) for cell in row)
    summary = cli("results", "summary", sweep, "--by", "run.horizon", "--measure", "lead_time_mean")[1]
    assert "– s" not in summary
    assert "No points to show." in cli("results", "list", sweep, "--where", "throughput > 1e9")[1]


def test_an_unfinished_sweep_is_shown_as_far_as_it_goes(cli: Any, odd: Path, workspace: Path) -> None:
    assert cli("sweep", odd, "--engine", "simpy", "--shard", "1/2")[0] == 0
    code, out, _ = cli("sweep", odd, "--engine", "simpy", "--merge")
    (folder,) = (workspace / "sweeps").iterdir()
    sweep = find_sweep(folder)
    assert sweep is not None
    assert (code, sweep.finished_points) == (3, [1, 3])
    assert "2 of 4 points of the sweep are not computed yet." in out
    for words in (("report", sweep.id, "--html", folder / "u.html"), ("results", "list", sweep.id)):
        assert cli(*words)[0] == 0
    code, _, err = cli("compare", f"{sweep.id}:1", f"{sweep.id}:2")
    assert (code, "This point of the sweep is not computed yet." in err) == (2, True)


def test_a_damaged_sweep_is_named_and_the_others_are_listed(cli: Any, folder: Path, workspace: Path) -> None:
    run = json.loads(cli("run", folder / "cell.yaml", "--replications", "1", "--json")[1])["run"]
    broken = workspace / "sweeps" / "0123456789abcdef" / "sweep.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{", encoding="utf-8")
    code, out, _ = cli("results", "list", "--json")
    found = json.loads(out)
    assert (code, [line["run"] for line in found["runs"]]) == (0, [run])
    assert len(found["damaged"]) == 1
    assert str(broken) in found["damaged"][0]
    assert cli("report", "0123456789abcdef", "--html", folder / "d.html")[0] == 2
    assert not (folder / "d.html").exists()


def test_one_replication_is_reported_without_intervals(cli: Any, folder: Path) -> None:
    words = ("run", folder / "cell.yaml", "--replications", "1", "--engine", "simpy", "--json")
    found = json.loads(cli(*words)[1])
    assert {measure["ci"] for measure in found["measures"].values()} == {None}
    assert cli("report", found["run"], "--html", folder / "one.html", "--title", "=<b>1")[0] == 0
    assert "=&lt;b&gt;1" in (folder / "one.html").read_text(encoding="utf-8")
