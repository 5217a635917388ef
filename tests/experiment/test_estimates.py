"""One number of a run at a time: probabilities, shares of lots, rates and quantiles, and the command."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from tests.experiment.records import lots, visit
from twin import cli as command_line
from twin.engine.record import SECOND
from twin.experiment import estimates
from twin.experiment.executors import Serial
from twin.experiment.lots import attribute_of_lots
from twin.experiment.results import Result
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import stream_sweep
from twin.plant.errors import InputError


@pytest.fixture
def run(folder: Path, workspace: Path) -> Result:
    """The cell, twenty replications."""
    return twin.run(folder / "cell.yaml", replications=20, engine="simpy", workers=1, workspace=workspace)


def test_the_probability_of_a_late_end_is_a_share_of_the_replications(run: Result) -> None:
    values = list(run.values["makespan"].values())
    stated = estimates.probability(run, "makespan", "above", float(np.median(values)), 0.95)
    assert stated.interval.mean == 0.5
    assert "10 of 20 replications, Wilson" in stated.method
    exact = estimates.probability(run, "makespan", "below", 0.0, 0.95, exact=True)
    assert (exact.interval.mean, exact.interval.low) == (0.0, 0.0)
    assert exact.interval.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_the_share_of_late_lots_counts_lots_and_varies_by_replication(run: Result) -> None:
    times = estimates.values_of_lots(run, "lead_time")
    for r, mine in times.items():
        assert mine.mean() == pytest.approx(run.values["lead_time_mean"][r])
    together = np.concatenate(list(times.values()))
    stated = estimates.share_of_lots(run, "lead_time", "above", 7200.0, 0.9)
    assert stated.interval.mean == pytest.approx((together > 7200).mean())
    assert stated.interval.n == 20
    assert f"of {len(together)} good lots" in stated.method


def test_a_rate_is_of_counts_only(run: Result) -> None:
    stated = estimates.rate(run, "lots_finished", 0.95)
    seconds = sum(end - start for start, end in run.windows.values()) / 1e9
    assert stated.interval.mean == pytest.approx(12 * 20 / seconds)
    with pytest.raises(InputError, match="does not count"):
        estimates.rate(run, "makespan", 0.95)
    with pytest.raises(InputError, match="no values of a measure"):
        estimates.mean(run, "speed", 0.95)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["makespan"], "mean of makespan"),
        (["makespan", "--quantile", "0.5"], "50 % quantile of makespan"),
        (["makespan", "--above", "3 h"], "probability that makespan of a replication is above 3 h"),
        (["lead_time", "--above", "2 h"], "share of lots with a lead time above 2 h"),
        (["lots_finished", "--rate"], "rate of lots_finished"),
        (["makespan", "--controls"], "mean of makespan"),
        (["makespan", "--quantile", "0.99"], "99 % quantile of makespan"),
    ],
)
def test_the_command_states_what_and_how(
    run: Result, workspace: Path, words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*more: str) -> Any:
        return command_line.execute(["estimate", run.id, *words, *more, "--workspace", str(workspace)])

    assert command("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["what"] == what
    assert found["method"]
    assert found["ci"] is not None
    assert command() == 0
    assert what in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["makespan", "--above", "3 h", "--rate"],
        ["makespan", "--above", "late"],
        ["makespan", "--quantile", "1.5"],
        ["speed"],
    ],
)
def test_what_cannot_be_stated_is_refused(
    run: Result, workspace: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.execute(["estimate", run.id, *words, "--workspace", str(workspace)]) == 2
    assert capsys.readouterr().err


SWEEP = """\
scenario: How fast must the press be?
base: cell.yaml
run: {replications: 12, seed: 5}
sweep: {axes: {recipes.tablet.operations.press.takes: [exponential(mean=12 min), exponential(mean=24 min)]}}
outputs: {measures: [lots_finished, makespan]}
"""


@pytest.fixture
def sweep(folder: Path, workspace: Path) -> str:
    """The id of a sweep whose points end at other times, and that keeps two measures."""
    (folder / "speeds.yaml").write_text(SWEEP, encoding="utf-8")
    plan = plan_sweep(folder / "speeds.yaml", engine="simpy")
    list(stream_sweep(plan, workspace=workspace, executor=Serial()))
    return plan.id


@pytest.mark.parametrize(
    "words",
    [
        ["makespan"],
        ["makespan", "--quantile", "0.5"],
        ["makespan", "--above", "3 h"],
        ["makespan", "--below", "4 h", "--exact"],
        ["lots_finished", "--rate"],
    ],
)
def test_points_of_a_sweep_state_what_their_runs_do(
    sweep: str, folder: Path, workspace: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def stated(reference: str) -> dict[str, Any]:
        arguments = ["estimate", reference, *words, "--json", "--workspace", str(workspace)]
        assert command_line.execute(arguments) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    points = stated(sweep)["points"]
    for number, mean in ((1, 12), (2, 24)):
        changes = {"sweep": None, "recipes.tablet.operations.press.takes": f"exponential(mean={mean} min)"}
        run = twin.run(folder / "speeds.yaml", set=changes, engine="simpy", workspace=workspace / "alone")
        point = points[number - 1]
        assert (point["point"], point["run"]) == (number, run.id)
        assert stated(f"{sweep}:{number}") == {k: v for k, v in point.items() if k not in ("point", "label")}
        arguments = ["estimate", run.id, *words, "--json", "--workspace", str(workspace / "alone")]
        assert command_line.execute(arguments) == 0
        alone = json.loads(capsys.readouterr().out)
        assert {key: point[key] for key in alone} == alone


def test_a_table_of_points_says_how_it_was_had(
    sweep: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--workspace", str(workspace)]
    assert command_line.execute(["estimate", sweep, "makespan", "--quantile", "0.9", *place]) == 0
    out = capsys.readouterr().out
    assert "Each interval holds by itself. Point 1 by order statistics of 12 replications" in out
    assert "Point 1, 2: More replications are needed to bound it on both sides." in out


@pytest.mark.parametrize("words", [["makespan", "--controls"], ["lead_time", "--above", "1 h"]])
def test_a_point_of_a_sweep_says_that_it_has_no_record(
    sweep: str, workspace: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for reference in (sweep, f"{sweep}:1"):
        assert command_line.execute(["estimate", reference, *words, "--workspace", str(workspace)]) == 2
        assert "no record" in capsys.readouterr().err


def estimated(capsys: pytest.CaptureFixture[str], workspace: Path, *words: str) -> tuple[int, Any]:
    """Exit code of `twin estimate`, and what it printed as JSON."""
    code = command_line.execute(["estimate", *words, "--json", "--workspace", str(workspace)])
    said = capsys.readouterr()
    return code, json.loads(said.out)


def test_shares_of_lots_of_a_point_are_those_of_its_own_run_and_it_is_said_how_to_have_it(
    sweep: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = ("lead_time", "--above", "2 h")
    code, refused = estimated(capsys, workspace, sweep, *late)
    (said,) = refused["errors"]
    assert (code, said["file"]) == (2, sweep)
    assert "Point 1, 2 of the sweep has measures, and no record" in said["message"]
    everything, one = re.findall(r"`twin ([^`]*)`", said["hint"])
    code, refused = estimated(capsys, workspace, f"{sweep}:1", *late)
    assert one in refused["errors"][0]["hint"]
    for command in (one, everything):
        assert command_line.execute([*shlex.split(command), "--quiet", "--engine", "simpy"]) == 0
    (recorded,) = {folder.name for folder in (workspace / "sweeps").iterdir()} - {sweep}
    code, alone = estimated(capsys, workspace, f"{sweep}:1", *late)
    points = estimated(capsys, workspace, recorded, *late)[1]["points"]
    assert alone["estimate"] == points[0]["estimate"] < points[1]["estimate"]
    assert alone["method"] == points[0]["method"]
    assert "12 replications" in points[0]["method"]
    assert estimated(capsys, workspace, recorded, "makespan", "--controls")[1]["points"][0]["controls"] == []


def test_a_sweep_that_stands_by_itself_has_its_points_runs_in_the_workspace(
    folder: Path, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "speeds.yaml").write_text(SWEEP, encoding="utf-8")
    own = tmp_path / "by_itself"
    list(stream_sweep(plan_sweep(folder / "speeds.yaml", engine="simpy"), out=own, workspace=workspace))
    late = (f"{own}:2", "lead_time", "--above", "2 h")
    assert estimated(capsys, workspace, *late)[0] == 2
    changes = {"sweep": None, "recipes.tablet.operations.press.takes": "exponential(mean=24 min)"}
    twin.run(folder / "speeds.yaml", set=changes, engine="simpy", workspace=workspace)
    assert estimated(capsys, workspace, *late)[0] == 0


def test_the_share_of_lots_with_an_attribute_takes_each_lot_as_its_last_finished_visit_says() -> None:
    table = lots(
        visit(1, "test", 0, 1, 2, assay=0.7, outcome="rework"),
        visit(1, "test", 2, 3, 4, number=1, assay=0.9),
        visit(1, "pack", 4, 5, 6),
        visit(2, "test", 0, 2, 3, assay=0.75, outcome="rejected"),
        visit(3, "test", 5, 6, 20, assay=0.1),
        visit(4, "test", 7),
        attributes=["assay"],
    )
    found = attribute_of_lots(table, "attribute.assay", {1: (0, 10 * SECOND)})
    assert found.tolist() == [0.9, 0.75]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["lead_time"], "of single lots"),
        (["lead_time", "--above", "5 kg"], "must be a time"),
        (["lots_finished", "--above", "5 s"], "must be a number of lots"),
        (["attribute.assay", "--below", "80 %"], "No lot has"),
        (["makespam", "--above", "5 h"], "Did you mean `makespan`"),
    ],
)
def test_shares_and_thresholds_that_mean_nothing_are_told(
    run: Result, workspace: Path, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, refused = estimated(capsys, workspace, run.id, *words)
    assert code == 2
    assert complaint in f"{refused['errors'][0]['message']} {refused['errors'][0]['hint']}"
