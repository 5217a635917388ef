"""Comparing runs: pairs under common random numbers, Welch otherwise and said so, corrections, verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

import twin
from twin.experiment.compare import EQUAL, NOT_SHOWN, TOO_FEW, compare_with_each, verdict_of
from twin.experiment.results import Result
from twin.experiment.with_best import with_best
from twin.plant.errors import InputError

SLOWER = {"recipes.tablet.operations.press.takes": "exponential(mean=16 min)"}


@pytest.fixture
def baseline(folder: Path, workspace: Path) -> Result:
    return twin.run(folder / "cell.yaml", replications=6, workspace=workspace)


def test_a_slower_press_is_worse_and_the_pairs_show_it(
    folder: Path, workspace: Path, baseline: Result
) -> None:
    slower = twin.run(folder / "slower.yaml", workspace=workspace)
    row = twin.compare(baseline, slower, measures=["makespan"]).row(slower.id, "makespan")
    before, after = baseline.values["makespan"], slower.values["makespan"]
    assert row.paired
    assert row.n == 6
    assert row.difference == pytest.approx(sum(after[r] - before[r] for r in before) / 6)
    assert row.verdict == "worse"
    assert row.low is not None
    assert row.low > 0


def test_what_a_change_does_not_touch_stays_equal_pair_by_pair(
    folder: Path, workspace: Path, baseline: Result
) -> None:
    slower = twin.run(folder / "slower.yaml", workspace=workspace)
    name = "operation.tablet.mix.processing_mean"
    row = twin.compare(baseline, slower, measures=[name]).row(slower.id, name)
    assert baseline.values[name] == slower.values[name]
    assert (row.difference, row.verdict) == (0, EQUAL)


def test_other_seeds_are_compared_unpaired_and_it_is_said(
    folder: Path, workspace: Path, baseline: Result
) -> None:
    other = twin.run(folder / "cell.yaml", replications=6, seed=2, workspace=workspace)
    row = twin.compare(baseline, other).row(other.id, "makespan")
    assert not row.paired
    assert row.verdict == NOT_SHOWN


def test_of_other_numbers_of_replications_the_common_ones_are_paired(
    folder: Path, workspace: Path, baseline: Result
) -> None:
    other = twin.run(folder / "slower.yaml", replications=8, workspace=workspace)
    row = twin.compare(baseline, other, measures=["makespan"]).row(other.id, "makespan")
    before, after = baseline.values["makespan"], other.values["makespan"]
    assert (row.paired, row.n, row.left_out) == (True, 6, 2)
    assert row.samples == "paired, 2 without a pair"
    assert row.difference == pytest.approx(sum(after[r] - before[r] for r in range(1, 7)) / 6)


def test_one_common_replication_is_too_few(folder: Path, workspace: Path, baseline: Result) -> None:
    one = twin.run(folder / "slower.yaml", replications=1, workspace=workspace)
    row = twin.compare(baseline, one, measures=["makespan"]).row(one.id, "makespan")
    assert (row.verdict, row.low) == (TOO_FEW, None)


def test_several_baselines_share_the_error(folder: Path, workspace: Path, baseline: Result) -> None:
    slower = twin.run(folder / "slower.yaml", workspace=workspace)
    slowest = twin.run(folder / "cell.yaml", set=SLOWER, replications=6, workspace=workspace)
    first, second = compare_with_each([baseline, slower], [slowest], ["makespan"])
    alone = twin.compare(baseline, slowest, measures=["makespan"]).rows[0]
    both = first.row(slowest.id, "makespan")
    assert (first.family, second.family, second.row(slowest.id, "makespan").reference) == (2, 2, slower.id)
    assert both.difference == alone.difference
    assert (both.high or 0) - (both.low or 0) > (alone.high or 0) - (alone.low or 0)


def test_more_questions_make_wider_intervals(folder: Path, workspace: Path, baseline: Result) -> None:
    slower = twin.run(folder / "slower.yaml", workspace=workspace)

    def width(names: list[str], correction: str = "bonferroni") -> float:
        comparison = twin.compare(baseline, slower, measures=names, correction=correction)  # type: ignore[arg-type]
        row = comparison.row(slower.id, "makespan")
        assert row.low is not None
        assert row.high is not None
        return row.high - row.low

    alone, among = width(["makespan"]), width(["makespan", "unit.*"])
    assert among > alone
    assert width(["makespan", "unit.*"], "none") == alone
    assert alone <= width(["makespan", "unit.*"], "holm") <= among


def test_one_replication_gives_no_verdict(folder: Path, workspace: Path) -> None:
    one = twin.run(folder / "cell.yaml", replications=1, workspace=workspace)
    two = twin.run(folder / "slower.yaml", replications=1, workspace=workspace)
    rows = twin.compare(one, two).rows
    assert {(row.verdict, row.low, row.p) for row in rows} == {(TOO_FEW, None, None)}


def test_several_runs_are_compared_with_the_first(folder: Path, workspace: Path, baseline: Result) -> None:
    others = [
        twin.run(folder / "cell.yaml", set=SLOWER, replications=6, seed=s, workspace=workspace)
        for s in (1, 2)
    ]
    comparison = twin.compare(baseline, *others)
    assert {row.run for row in comparison.rows} == {other.id for other in others}
    assert comparison.table.num_rows == len(comparison.rows)


def test_verdicts_know_which_way_is_better() -> None:
    assert verdict_of("throughput", 1, 2) == "better"
    assert verdict_of("lead_time_mean", 1, 2) == "worse"
    assert verdict_of("unit.press.utilisation", -2, -1) == "lower"
    assert verdict_of("throughput", -1, 2) == NOT_SHOWN


def cells(folder: Path, workspace: Path, *, seeds: tuple[int, ...] = (1, 1, 1)) -> list[Result]:
    """The cell with a press of 12, 16 and 8 min, twelve replications of each."""
    means = ("12 min", "16 min", "8 min")
    path = "recipes.tablet.operations.press.takes"
    return [
        twin.run(
            folder / "cell.yaml",
            set={path: f"exponential(mean={mean})"},
            replications=12,
            seed=seed,
            workspace=workspace,
        )
        for mean, seed in zip(means, seeds, strict=True)
    ]


def test_all_pairs_are_compared_and_paired_samples_take_bonferroni(folder: Path, workspace: Path) -> None:
    one, two, three = cells(folder, workspace)
    comparison = twin.compare(one, two, three, measures=["makespan"], correction="tukey")
    assert [(row.run, row.reference) for row in comparison.rows] == [
        (two.id, one.id),
        (three.id, one.id),
        (three.id, two.id),
    ]
    assert "Bonferroni" in comparison.how
    plain = twin.compare(one, two, three, measures=["makespan"], all_pairs=True)
    assert [(row.low, row.high) for row in comparison.rows] == [
        (pytest.approx(row.low), pytest.approx(row.high)) for row in plain.rows
    ]


def test_independent_runs_take_tukeys_range_and_that_is_narrower(folder: Path, workspace: Path) -> None:
    runs = cells(folder, workspace, seeds=(1, 2, 3))
    tukey = twin.compare(*runs, measures=["makespan"], correction="tukey")
    bonferroni = twin.compare(*runs, measures=["makespan"], all_pairs=True)
    assert "Games" in tukey.how
    values = [list(run.values["makespan"].values()) for run in runs]
    found = stats.tukey_hsd(*values, equal_var=False).confidence_interval(0.95)
    for row, (i, j) in zip(tukey.rows, ((1, 0), (2, 0), (2, 1)), strict=True):
        assert (row.low, row.high) == (
            pytest.approx(found.low[i, j], rel=1e-3),
            pytest.approx(found.high[i, j], rel=1e-3),
        )
    for narrow, wide in zip(tukey.rows, bonferroni.rows, strict=True):
        assert narrow.low is not None
        assert wide.low is not None
        assert narrow.low > wide.low


def test_what_is_not_shown_says_how_many_replications_are_missing(
    folder: Path, workspace: Path, baseline: Result
) -> None:
    slower = twin.run(folder / "slower.yaml", workspace=workspace)
    row = twin.compare(baseline, slower, measures=["makespan"], level=0.9999).rows[0]
    assert row.verdict == NOT_SHOWN
    assert row.needed is not None
    assert row.needed > 6
    assert row.more == row.needed - 6
    shown = twin.compare(baseline, slower, measures=["makespan"]).rows[0]
    assert (shown.verdict, shown.more) == ("worse", 0)


def test_the_best_of_three_presses_is_the_fastest(folder: Path, workspace: Path) -> None:
    runs = cells(folder, workspace)
    found = with_best(twin.compare(*runs, measures=["makespan", "unit.press.utilisation"]))
    assert [(row.measure, row.verdict) for row in found] == [
        ("makespan", "not the best"),
        ("makespan", "not the best"),
        ("makespan", "the best"),
    ]
    # A makespan is better when lower: the best lies below the best of the others.
    assert found[2].high == 0
    assert found[2].low < found[2].difference < 0


def test_an_unknown_measure_is_refused(baseline: Result) -> None:
    with pytest.raises(InputError, match="No measure that both runs have is named `speed`"):
        twin.compare(baseline, baseline, measures=["speed"])
    with pytest.raises(InputError, match="nothing to compare"):
        twin.compare(baseline)
