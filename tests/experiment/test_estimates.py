"""One number of a run at a time: probabilities, shares of lots, rates and quantiles, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from twin import cli as command_line
from twin.experiment import estimates
from twin.experiment.results import Result
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
    times = estimates.lead_times_by_replication(run)
    for r, mine in times.items():
        assert mine.mean() == pytest.approx(run.values["lead_time_mean"][r])
    together = np.concatenate(list(times.values()))
    stated = estimates.share_of_lots(run, "above", 7200.0, 0.9)
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


@pytest.mark.parametrize("words", [["--rate"], ["--controls"]])
def test_a_point_of_a_sweep_says_that_it_has_no_record(
    folder: Path, workspace: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--workspace", str(workspace)]
    assert (
        command_line.execute(["sweep", str(folder / "sweep.yaml"), "--json", "--workers", "1", *place]) == 0
    )
    point = json.loads(capsys.readouterr().out)["id"] + ":1"
    assert command_line.execute(["estimate", point, "makespan", "--quantile", "0.5", *place]) == 0
    capsys.readouterr()
    assert command_line.execute(["estimate", point, "lots_finished", *words, *place]) == 2
    assert "no record" in capsys.readouterr().err
