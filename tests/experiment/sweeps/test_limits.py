"""A sweep that is gone on with is held against its limits as they are by then, for what is left of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.sweeps.conftest import MIX, PRESS, drained, kept, scenario, swept
from twin.experiment.executors import Serial
from twin.experiment.store import workspace_at
from twin.experiment.sweeps import pilot
from twin.experiment.sweeps.folder import folder_for
from twin.experiment.sweeps.left import there_in
from twin.experiment.sweeps.plan import SweepPlan, plan_sweep
from twin.experiment.sweeps.running import stream_sweep
from twin.experiment.sweeps.shards import stream_shard
from twin.plant.errors import InputError

AXES = f"{MIX}: [8 min, 10 min, 12 min, 14 min], {PRESS}: [9 min, 11 min]"
HOURS = 10.0  # that the sweep takes in all: 8 points of 5 replications of a quarter of an hour
FINISHED = 25  # replications after which it is interrupted


@pytest.fixture(autouse=True)
def a_replication_takes_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "_timed", lambda *_: 900.0)


def planned(folder: Path, hours: float, **words: Any) -> SweepPlan:
    """The sweep with a limit of so many hours."""
    path = scenario(folder, AXES, more=f"limits: {{hours: {hours:g}}}\n", **words)
    return plan_sweep(path, engine="simpy")


def interrupted(folder: Path, workspace: Path) -> None:
    """Have the sweep begun under a limit that suffices, and stop it."""
    steps = stream_sweep(planned(folder, HOURS), workspace=workspace, executor=Serial())
    next(step for step in steps if step.done >= FINISHED)
    steps.close()


def computed(plan: SweepPlan, workspace: Path) -> int:
    """Replications that the sweep's folder has."""
    place = workspace_at(workspace)
    return there_in(plan, folder_for(plan, place, None, resume=True), place).of(plan)


def test_what_is_left_is_held_against_a_limit_that_was_lowered(tmp_path: Path) -> None:
    interrupted(tmp_path, tmp_path / "w")
    there = computed(planned(tmp_path, HOURS), tmp_path / "w")
    assert FINISHED <= there < 40
    left = (40 - there) / 4
    with pytest.raises(InputError) as refused:
        drained(planned(tmp_path, left - 0.1), workspace=tmp_path / "w")
    said = refused.value.problems[0]
    assert f"8 points of 40 replications together, of which {there} are computed, take" in said.message
    assert f"about {left:.3g} hours of computing" in said.message
    assert (said.line, "limits: {hours: " in said.hint) == (5, True)


def test_what_is_computed_already_does_not_count(tmp_path: Path) -> None:
    interrupted(tmp_path, tmp_path / "w")
    left = (40 - computed(planned(tmp_path, HOURS), tmp_path / "w")) / 4
    whole = drained(planned(tmp_path, left), workspace=tmp_path / "w")
    assert kept(whole) == kept(drained(planned(tmp_path, HOURS), workspace=tmp_path / "other"))


def test_a_limit_that_was_too_low_is_raised_and_the_sweep_begun(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"about 10 hours of computing"):
        drained(planned(tmp_path, HOURS - 0.1), workspace=tmp_path / "w")
    assert not (tmp_path / "w" / "sweeps").exists()
    drained(planned(tmp_path, HOURS), workspace=tmp_path / "w")


def test_a_finished_sweep_is_opened_whatever_its_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = drained(planned(tmp_path, HOURS), workspace=tmp_path / "w")
    monkeypatch.delattr(pilot, "_timed")  # nothing is tried
    assert drained(planned(tmp_path, 0.001), workspace=tmp_path / "w") == folder


def test_fewer_replications_than_points_may_have_are_refused_at_any_time(tmp_path: Path) -> None:
    interrupted(tmp_path, tmp_path / "w")
    path = scenario(tmp_path, AXES, more="limits: {replications: 39}\n")
    with pytest.raises(InputError, match="40 together, more than the limit of 39"):
        swept(path, tmp_path / "w")


def test_points_that_have_their_precision_are_no_longer_counted(tmp_path: Path) -> None:
    run = "{replications: 40, precision: {measure: throughput, relative: 90 %}}"
    plan = planned(tmp_path, 1000, run=run)
    drained(plan, workspace=tmp_path / "w")
    assert computed(plan, tmp_path / "w") == plan.replications == 320


def test_each_shard_is_held_against_the_limit_of_the_whole_sweep(tmp_path: Path) -> None:
    def shard(number: int, hours: float) -> int:
        steps = stream_shard(
            planned(tmp_path, hours).part(f"{number}/2"), workspace=tmp_path / "w", executor=Serial()
        )
        return max(step.done for step in steps)

    with pytest.raises(InputError, match=r"8 points of 40 replications together take about 10 hours"):
        shard(1, HOURS - 0.1)
    assert shard(1, HOURS) == 20
    with pytest.raises(InputError, match=r"of which 20 are computed, take about 5 hours"):
        shard(2, HOURS / 2 - 0.1)
    assert shard(2, HOURS / 2) == 20


def test_a_dry_run_says_what_is_computed_already(tmp_path: Path, cli: Any) -> None:
    interrupted(tmp_path, tmp_path / "workspace")
    there = computed(planned(tmp_path, HOURS), tmp_path / "workspace")
    path = str(tmp_path / "sweep.yaml")
    plan = json.loads(cli("sweep", path, "--dry-run", "--json", "--engine", "simpy")[1])
    assert (plan["replications"], plan["computed"]) == (40, there)
    assert plan["hours"] == pytest.approx((40 - there) / 4)
    assert sum(row["seconds"] for row in plan["dry_run"]) == pytest.approx(3600 * plan["hours"])
    assert (
        f"40 replications ({there} computed already)"
        in cli("sweep", path, "--dry-run", "--engine", "simpy")[1]
    )
    assert cli("sweep", path, "--dry-run", "--set", f"limits.hours={(40 - there) / 4 - 0.1}")[0] == 2
