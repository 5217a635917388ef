"""How a steady run starts: what MSER-5 looks at, Welch's moving average, the plot and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from twin import cli as command_line
from twin.experiment.figures import table_of
from twin.experiment.figures.warm_up import starts
from twin.experiment.report import figure_page
from twin.experiment.results import Result
from twin.experiment.steady import batch_means, moving_average

DAY = 86_400 * 10**9


@pytest.fixture
def steady(folder: Path, workspace: Path) -> Result:
    """The cell with endless orders for 20 days, from empty."""
    return twin.run(
        folder / "endless.yaml",
        set={"run.horizon": "20 d", "recipes.tablet.operations.press.takes": "exponential(mean=18 min)"},
        replications=4,
        engine="simpy",
        workers=1,
        workspace=workspace,
    )


def test_the_plot_shows_what_was_deleted_and_its_numbers_are_those_of_the_run(steady: Result) -> None:
    present, leaving = starts(steady)
    assert max(present.cut, leaving.cut) == steady.manifest["warm_up"]["ns"]
    assert len(present.means) == 200
    # Batches are of equal length, so their mean is that of the whole run.
    whole = steady.table("levels").to_pandas()
    assert present.means.mean() > 0
    assert set(whole["replication"]) == {1, 2, 3, 4}
    left = steady.lots.to_pandas()
    last = left.sort_values("left").groupby(["replication", "lot"]).tail(1)
    gone = last[(last["operation"] == "press") & (last["outcome"] == "done") & (last["left"] <= 20 * DAY)]
    assert leaving.means.mean() * 20 == pytest.approx(len(gone) / 4)
    table = table_of(steady.figure("warm_up"))
    assert len(table.rows) == 200
    assert table.rows[5][1] == pytest.approx(present.means[5], rel=1e-2)
    assert "MSER-5 cuts" in table.caption
    assert table.caption in figure_page(steady.figure("warm_up"), "a <b>").replace("&#x27;", "'")


def test_the_moving_average_narrows_towards_the_start_and_has_a_whole_window_elsewhere() -> None:
    series = np.random.default_rng(3).normal(size=40)
    smooth = moving_average(series, 6)
    assert len(smooth) == 34
    assert smooth[0] == pytest.approx(series[0])
    assert smooth[3] == pytest.approx(series[:7].mean())
    assert smooth[20] == pytest.approx(series[14:27].mean())
    assert moving_average(series, 0) == pytest.approx(series)
    with pytest.raises(ValueError, match="between 0 and 10"):
        moving_average(series, 11)


def test_batches_are_of_five_and_what_is_left_over_falls_away() -> None:
    assert batch_means(np.arange(12.0)).tolist() == [2.0, 7.0]


def test_a_run_that_ends_has_no_warm_up(folder: Path, workspace: Path) -> None:
    ends = twin.run(folder / "cell.yaml", replications=2, workspace=workspace)
    with pytest.raises(KeyError, match="not steady"):
        starts(ends)


def test_the_command_prints_the_cut_and_writes_the_plot(
    steady: Result, workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Callable[..., Any] = lambda *words: command_line.execute(  # noqa: E731
        ["results", "warm-up", steady.id, *words, "--workspace", str(workspace)]
    )
    page = tmp_path / "start.html"
    assert run("--json", "--out", str(page)) == 0
    found = json.loads(capsys.readouterr().out)
    assert [len(series["mean"]) for series in found["series"]] == [200, 200]
    assert found["warm_up_s"] == max(series["cut_s"] for series in found["series"])
    assert "<table" in page.read_text(encoding="utf-8")
    assert run("--out", str(page)) == 2
    capsys.readouterr()
    assert run() == 0
    assert "Deleted from the run" in capsys.readouterr().out
