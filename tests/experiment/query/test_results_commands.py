"""`twin results` on runs and sweeps: what it lists, shows, sums up, and what it says of damage."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.experiment.query.made_sweeps import make_sweep

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sweep(workspace: Path) -> str:
    points = [{"people.operator.count": n, "rule": r} for n, r in itertools.product((2, 3), ("fifo", "spt"))]
    make_sweep(
        workspace,
        points,
        3,
        lambda p, r: {"throughput": p["people.operator.count"] / 3600 + r / 36000, "wip_mean": 5.0},
    )
    return "5eed5eed5eed5eed"


@pytest.fixture
def runs(cli: Cli, folder: Path) -> list[str]:
    """A run of the cell and one of its slower press."""
    return [
        str(json.loads(cli("run", folder / name, "--replications", "3", "--json")[1])["run"])
        for name in ("cell.yaml", "slower.yaml")
    ]


def test_runs_are_found_by_plant_scenario_time_and_measure(cli: Cli, runs: list[str], sweep: str) -> None:
    def listed(*arguments: str) -> list[str]:
        code, out, _ = cli("results", "list", *arguments, "--json")
        assert code == 0
        return [line["run"] for line in json.loads(out)["runs"]]

    cell, slower = runs
    assert listed() == [slower, cell]
    assert listed("--scenario", "slow*") == [slower]
    assert listed("--plant", "c?ll", "--limit", "1") == [slower]
    assert listed("--since", "1 h") == [slower, cell]
    assert listed("--since", "2100-01-01") == []
    makespans = {
        run: json.loads(cli("results", "show", run, "--json")[1])["measures"]["makespan"]["mean"]
        for run in runs
    }
    middle = sum(makespans.values()) / 2
    assert listed("--where", f"makespan > {middle} s") == [slower]
    assert listed("--where", f"makespan > {middle} s", "--where", "wip_mean < 0") == []
    assert listed("--where", "unit.press.utilisation > 0.01", "--sort", "makespan") == [cell, slower]
    (line,) = json.loads(cli("results", "list", "--json")[1])["sweeps"]
    assert (line["sweep"], line["points"], line["replications"]) == (sweep, 4, 3)


def test_points_of_a_sweep_are_listed_shown_and_summed_up(cli: Cli, sweep: str) -> None:
    code, out, _ = cli(
        "results", "list", sweep[:5], "--where", "rule = spt", "--sort", "-throughput", "--json"
    )
    found = json.loads(out)
    assert (code, found["total"], [p["point"] for p in found["points"]]) == (0, 2, [4, 2])
    measure = found["points"][0]["measures"]["throughput"]
    assert (measure["n"], measure["unit"]) == (3, "1/s")
    assert measure["mean"] == pytest.approx(3.2 / 3600)
    assert "3.20" in cli("results", "show", f"{sweep}:4")[1]
    assert "people.operator.count" in cli("results", "show", sweep)[1]
    _, out, _ = cli("results", "summary", sweep, "--by", "people.operator.count", "--json")
    levels = json.loads(out)["levels"]
    assert [(x["values"], x["points"], x["n"]) for x in levels if x["measure"] == "throughput"] == [
        ({"people.operator.count": 2}, 2, 3),
        ({"people.operator.count": 3}, 2, 3),
    ]
    assert "2.20 per h" in cli("results", "list", sweep)[1]


def test_what_is_not_there_is_told(cli: Cli, sweep: str) -> None:
    assert cli("results", "list", "nothing")[0] == 2
    assert cli("results", "show", f"{sweep}:9")[0] == 2
    assert cli("results", "summary", sweep, "--by", "people.operator.cuont")[2].count("Did you mean") == 1
    assert cli("results", "list", "--since", "yesterday")[0] == 2
    assert cli("results", "list", "--where", "makespan")[0] == 2


def test_damage_is_named_mended_and_then_gone(cli: Cli, runs: list[str], workspace: Path) -> None:
    assert cli("results", "verify")[:2] == (0, "2 looked at, 0 damaged.\n")
    file = workspace / "runs" / runs[0] / "chunks" / "1-2" / "lots.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    code, out, err = cli("results", "verify", runs[0])
    assert (code, out) == (1, "1 looked at, 1 damaged.\n")
    assert f"{file}: This file is damaged" in err
    assert cli("results", "show", runs[0], "--all")[0] == 0  # measures are kept apart and are sound
    code, out, _ = cli("results", "verify", "--repair", "--json")
    (damaged,) = json.loads(out)["damaged"]
    assert (code, damaged["repaired"], damaged["id"]) == (0, True, runs[0])
    assert cli("results", "verify")[0] == 0


def test_a_damaged_sweep_is_named(cli: Cli, sweep: str, workspace: Path) -> None:
    file = workspace / "sweeps" / sweep / "results" / "00001.parquet"
    file.write_bytes(file.read_bytes() + b"x")
    code, _, err = cli("results", "verify", sweep)
    assert (code, "00001.parquet: This file is damaged" in err) == (1, True)
    code, _, err = cli("results", "list", sweep)
    assert (code, "00001.parquet" in err) == (2, True)
