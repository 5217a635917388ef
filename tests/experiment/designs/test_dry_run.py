"""`twin sweep --dry-run` says what would run and what it would cost; what is over the limits is not begun."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute
from twin.experiment.prepare import prepare
from twin.experiment.sweeps import pilot
from twin.experiment.sweeps.pilot import Cost, estimate
from twin.experiment.sweeps.plan import plan_sweep

MANY = """\
scenario: Many presses
base: cell.yaml
run: {replications: 3}
sweep:
  axes:
    recipes.tablet.operations.press.takes: {from: 5 min, to: 20 min, steps: 40}
    equipment.mixer_b: [{}]
"""


@pytest.fixture
def dry(folder: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Exit code, standard output and error of a dry run of a scenario in the folder."""
    (folder / "many.yaml").write_text(MANY, encoding="utf-8")

    def run(name: str, *more: str) -> tuple[int, str, str]:
        code = execute(["sweep", str(folder / name), "--dry-run", "--workspace", str(workspace), *more])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_runs_of_the_table_are_those_that_would_be_run(dry: Any, folder: Path) -> None:
    code, out, _ = dry("sweep.yaml", "--json")
    plan = json.loads(out)
    assert (code, plan["points"], plan["replications"], plan["left_out"]) == (0, 2, 8, 0)
    for row in plan["dry_run"]:
        alone = prepare(folder / "sweep.yaml", {**row["changes"], "sweep": None})
        assert (row["run"], row["replications"], row["engine"]) == (alone.id, 4, "simpy")


def test_a_dry_run_writes_nothing(dry: Any, workspace: Path) -> None:
    assert dry("sweep.yaml")[0] == 0
    assert not workspace.exists()


def test_the_estimate_is_the_pilots_seconds_times_the_replications(dry: Any) -> None:
    plan = json.loads(dry("many.yaml", "--json", "--replications", "5")[1])
    assert plan["replications"] == 200
    assert plan["hours"] == pytest.approx(plan["seconds_per_replication"] * 200 / 3600)
    assert plan["dry_run"][0]["seconds"] == pytest.approx(plan["seconds_per_replication"] * 5)


def test_of_a_long_table_the_first_and_last_rows_are_shown(dry: Any) -> None:
    plan = json.loads(dry("many.yaml", "--json")[1])
    assert [row["number"] for row in plan["dry_run"]] == [*range(1, 21), *range(36, 41)]
    assert plan["left_out"] == 15
    table = dry("many.yaml")[1]
    assert "…" in table
    assert "40 points, 120 replications" in table


def test_a_shard_is_counted_for_itself(dry: Any) -> None:
    plan = json.loads(dry("many.yaml", "--json", "--shard", "2/3")[1])
    assert plan["points"] == 13
    assert [row["number"] for row in plan["dry_run"]][:2] == [2, 5]


def test_a_point_that_cannot_run_says_why_in_its_row(dry: Any, folder: Path) -> None:
    text = MANY.replace("equipment.mixer_b: [{}]", "run.warm_up: [0 s]").replace(
        "run: {", "run: {kind: steady, "
    )
    (folder / "many.yaml").write_text(text, encoding="utf-8")
    code, out, _ = dry("many.yaml", "--json")
    plan = json.loads(out)
    assert code == 0
    assert all("horizon" in row["error"] for row in plan["dry_run"])
    assert plan["hours"] is None
    assert "Point 1" in plan["note"]


def test_more_hours_than_the_limit_are_refused_with_a_limit_that_is_enough(dry: Any, folder: Path) -> None:
    code, _, said = dry("many.yaml", "--set", "limits.hours=1e-9")
    assert code == 2
    assert "more than the limit of 1e-09" in said
    enough = said.split("limits: {hours: ")[1].split("}")[0]
    assert dry("many.yaml", "--set", f"limits.hours={float(enough) * 3}")[0] == 0


def test_a_sweep_over_its_hours_is_not_begun(folder: Path, workspace: Path, dry: Any) -> None:
    (folder / "many.yaml").write_text(MANY + "limits: {hours: 1e-9}\n", encoding="utf-8")
    assert execute(["sweep", str(folder / "many.yaml"), "--workspace", str(workspace), "--quiet"]) == 2
    assert not (workspace / "sweeps").exists()


def test_a_grid_of_a_million_points_is_refused_at_once_by_every_command(folder: Path, dry: Any) -> None:
    grid = MANY.replace("steps: 40", "steps: 1000000").replace("[{}]", "[{}, {}]")
    (folder / "many.yaml").write_text(grid, encoding="utf-8")
    began = time.process_time()
    code, _, said = dry("many.yaml")
    assert (code, execute(["check", str(folder / "many.yaml")])) == (2, 2)
    assert "2,000,000 points, more than the limit of 10,000" in said
    assert time.process_time() - began < 10


def test_the_cost_adds_up() -> None:
    assert Cost(points=10, replications=7_200, seconds=2.0).hours == 4.0
    assert Cost(points=10, replications=7_200, seconds=None).hours is None
    assert Cost(points=10, replications=7_200, seconds=2.0, beside=((10, 3_600.0),)).hours == 5.0


COMPARING = """\
scenario: Two presses, compared
base: cell.yaml
run: {replications: 8}
sweep: {axes: {recipes.tablet.operations.press.takes: [exponential(mean=8 min), exponential(mean=16 min)]}}
compare: [slower.yaml, sweep.yaml]
"""


def test_runs_to_compare_with_count_in_the_table_and_in_the_cost(dry: Any, folder: Path) -> None:
    (folder / "comparing.yaml").write_text(COMPARING, encoding="utf-8")
    plan = json.loads(dry("comparing.yaml", "--json")[1])
    assert [(each["scenario"], each["replications"]) for each in plan["compared"]] == [
        ("slower", 8),
        ("sweep", 8),
    ]
    beside = sum(each["seconds"] for each in plan["compared"])
    assert plan["replications"] == 16
    assert plan["hours"] == pytest.approx((16 * plan["seconds_per_replication"] + beside) / 3600)
    table = dry("comparing.yaml")[1]
    assert "to compare: slower" in table
    assert "2 points, 16 replications; to compare with 2 runs, 16 replications" in table
    assert "to compare" not in dry("comparing.yaml", "--alone")[1]


def test_runs_to_compare_with_count_towards_the_limits(dry: Any, folder: Path, workspace: Path) -> None:
    path = folder / "comparing.yaml"
    path.write_text(COMPARING + "limits: {replications: 31}\n", encoding="utf-8")
    place = ["--workspace", str(workspace), "--engine", "simpy", "--quiet"]
    for more in ((), ("--dry-run",)):
        assert execute(["sweep", str(path), *place, *more]) == 2
    assert not (workspace / "sweeps").exists()
    said = dry("comparing.yaml")[2]
    assert "2 points of 16 replications together, and 2 runs to compare with of 16 are 32" in said
    assert "limits: {replications: 32}" in said
    assert dry("comparing.yaml", "--alone")[0] == 0
    assert dry("comparing.yaml", "--set", "limits.replications=32")[0] == 0


def test_what_is_compiled_on_first_use_is_no_part_of_the_cost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([90.0, 12.0, 0.5, *[0.5] * 10])
    monkeypatch.setattr(pilot, "_timed", lambda *_: next(times))
    assert estimate(plan_sweep(folder / "sweep.yaml")).seconds == 0.5


def test_a_longer_plant_costs_more(folder: Path) -> None:
    short, long = (
        estimate(plan_sweep(folder / "sweep.yaml", {"orders.0.batches": batches}), trials=1)
        for batches in (5, 2_000)
    )
    assert short.seconds is not None
    assert long.seconds is not None
    assert long.seconds > 5 * short.seconds
