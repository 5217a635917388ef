"""Shards of a sweep: what each writes, and that together they are the sweep, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.sweeps.conftest import MIX, drained, kept, scenario, swept
from twin.cli import execute
from twin.experiment.executors import Serial
from twin.experiment.results import open_result
from twin.experiment.sweeps.folder import SweepFolder
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.shards import ShardReport, merge, reports, stream_shard
from twin.plant.errors import InputError

SEVEN = f"{MIX}: {{from: 5 min, to: 35 min, steps: 7}}"


def shard(source: Path, which: str, **options: Any) -> tuple[Path, ShardReport]:
    steps = stream_shard(plan_sweep(source, engine="simpy", shard=which), **options)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            folder, report = end.value
            return folder.path, report


def merged(source: Path, **options: Any) -> Path:
    return merge(plan_sweep(source, engine="simpy"), **options).path


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("run", ["{replications: 5}", "{replications: 60, precision: 20 %}"])
def test_three_shards_merged_are_the_sweep_byte_for_byte(tmp_path: Path, run: str) -> None:
    source = scenario(tmp_path, SEVEN, run)
    for which in ("3/3", "1/3", "2/3"):
        shard(source, which, workspace=tmp_path / "shared")
    folder = merged(source, workspace=tmp_path / "shared")
    assert kept(folder) == kept(swept(source, tmp_path / "alone"))
    assert (manifest(folder)["unfinished"], manifest(folder)["failed"]) == (0, [])


def test_merging_computes_nothing(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    source = scenario(tmp_path, SEVEN)
    for which in ("1/2", "2/2"):
        shard(source, which, workspace=tmp_path)
    assert len(computed) == 7 * 5
    merged(source, workspace=tmp_path)
    assert len(computed) == 7 * 5


def test_a_shard_writes_slices_and_its_report_and_no_database(tmp_path: Path) -> None:
    source = scenario(tmp_path, SEVEN)
    folder, report = shard(source, "2/3", workspace=tmp_path / "shared")
    files = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert files == {"inputs", "slices", "shards"}
    assert not list((tmp_path / "shared").rglob("*.sqlite*"))
    assert list(report.points) == [2, 5]
    assert report.replications == 10
    assert [each.shard for each in reports(SweepFolder(folder))] == ["2/3"]


def test_shards_of_one_folder_leave_each_others_files(tmp_path: Path) -> None:
    source, out = scenario(tmp_path, SEVEN), tmp_path / "out"
    first, _ = shard(source, "1/2", workspace=tmp_path / "a", out=out)
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    shard(source, "2/2", workspace=tmp_path / "b", out=out)
    assert all(path.read_bytes() == data for path, data in before.items())
    assert kept(merged(source, workspace=tmp_path / "a", out=out)) == kept(swept(source, tmp_path / "alone"))


def test_a_shard_that_is_missing_is_named_and_computed_by_the_next_call(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    source = scenario(tmp_path, SEVEN)
    for which in ("1/3", "2/3"):
        shard(source, which, workspace=tmp_path)
    folder = merged(source, workspace=tmp_path)
    assert manifest(folder)["unfinished"] == 2
    assert open_result(f"{folder}:1").replications == [1, 2, 3, 4, 5]
    computed.clear()
    drained(plan_sweep(source, engine="simpy"), workspace=tmp_path)
    assert len(computed) == 2 * 5
    assert kept(folder) == kept(swept(source, tmp_path / "alone"))


def test_a_shard_that_was_killed_is_gone_on_with(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    source = scenario(tmp_path, SEVEN)
    plan = plan_sweep(source, engine="simpy", shard="1/2")
    steps = stream_shard(plan, workspace=tmp_path, executor=Serial())
    for step in steps:
        if step.done >= 8:
            break
    steps.close()
    done = len(computed)
    shard(source, "1/2", workspace=tmp_path)
    assert 8 <= done < 4 * 5
    assert len(computed) - 4 * 5 <= 1  # of the task of two that was under way


def test_what_fails_in_a_shard_is_named_by_the_merge(tmp_path: Path) -> None:
    steady = "{kind: steady, warm_up: 1 h, horizon: 10 h, replications: 2}"
    source = scenario(tmp_path, "run.warm_up: [1 h, 5 h], run.horizon: [2 h, 10 h]", steady)
    failed = [set(shard(source, which, workspace=tmp_path)[1].failed) for which in ("1/2", "2/2")]
    assert failed == [{3}, set()]
    told = manifest(merged(source, workspace=tmp_path))
    [point] = told["failed"]
    assert (point["point"], told["unfinished"]) == (3, 0)
    assert "not shorter than the horizon" in point["error"]


def test_points_that_are_whole_runs_are_left_to_the_last_call(tmp_path: Path) -> None:
    source = scenario(tmp_path, SEVEN, "{replications: 2, record: full}")
    for which in ("1/2", "2/2"):
        _, report = shard(source, which, workspace=tmp_path)
        assert len(report.left) == len(range(int(which[0]), 8, 2))
        assert report.replications == 0
    assert manifest(merged(source, workspace=tmp_path))["unfinished"] == 7
    assert manifest(drained(plan_sweep(source, engine="simpy"), workspace=tmp_path))["unfinished"] == 0


def test_a_report_that_is_damaged_is_passed_over(tmp_path: Path) -> None:
    source = scenario(tmp_path, SEVEN)
    for which in ("1/2", "2/2"):
        folder, _ = shard(source, which, workspace=tmp_path)
    (folder / "shards" / "000001-of-000002.json").write_text("{half", encoding="utf-8")
    assert kept(merged(source, workspace=tmp_path)) == kept(swept(source, tmp_path / "alone"))


def test_there_must_be_something_to_merge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Nothing of this sweep lies here"):
        merged(scenario(tmp_path, SEVEN), workspace=tmp_path)


def test_shards_and_their_merge_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, place = str(scenario(tmp_path, SEVEN)), ["--workspace", str(tmp_path)]
    assert execute(["sweep", source, "--shard", "1/2", "--json", *place]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["shard"], said["points"], said["replications"], said["failed"]) == ("1/2", 4, 20, [])
    assert execute(["sweep", source, "--merge", "--quiet", *place]) == 3
    assert execute(["sweep", source, "--merge", *place]) == 3
    assert (
        "3 of 7 points of the sweep are not computed yet.\nThey are of shard 2/2.\n"
        in capsys.readouterr().out
    )
    assert execute(["sweep", source, "--merge", "--json", *place]) == 3
    assert json.loads(capsys.readouterr().out)["missing_shards"] == ["2/2"]
    assert execute(["sweep", source, "--shard", "2/2", *place]) == 0
    assert "--merge" in capsys.readouterr().out
    assert execute(["sweep", source, "--merge", "--json", *place]) == 0
    assert len(json.loads(capsys.readouterr().out)["points"]) == 7


@pytest.mark.parametrize(
    "flags",
    [
        ["--shard", "1/2", "--merge"],
        ["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"],
        ["--scheduler", "tcp://127.0.0.1:1", "--shard", "1/2"],
        ["--shard", "3/2"],
        ["--shard", "0/2"],
        ["--shard", "a/b"],
    ],
)
def test_flags_that_say_different_things_are_refused(tmp_path: Path, flags: list[str]) -> None:
    assert execute(["sweep", str(scenario(tmp_path, SEVEN)), *flags, "--workspace", str(tmp_path)]) == 2
