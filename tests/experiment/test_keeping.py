"""What a run keeps of its replications: records, or the sums of measures; either gives the same measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import twin
from tests.experiment.conftest import PLANT, STEADY
from twin.cli import execute
from twin.experiment import chunk_measures, keeping, store
from twin.experiment.figures import FIGURES
from twin.experiment.results import Result
from twin.experiment.store import RunFolder, read_chunk, read_parquet
from twin.experiment.sums import SPECS
from twin.experiment.sums_table import from_table, to_table
from twin.experiment.tables import export_tables
from twin.plant.errors import InputError

COSTS = """\
costs:
  currency: EUR
  capital: {press: 60 EUR/h}
"""


def run(path: Path, workspace: Path, **options: Any) -> Result:
    return twin.run(path, workspace=workspace, workers=1, **options)


def test_a_folded_run_measures_what_a_recorded_one_does(folder: Path, workspace: Path) -> None:
    full = run(folder / "cell.yaml", workspace, replications=12, record="full")
    folded = run(folder / "cell.yaml", workspace, replications=12, record="folded")
    assert folded.values == full.values
    assert folded.measures.equals(full.measures)
    assert folded.manifest["record"] == "folded"
    assert full.manifest["record"] == "full"
    assert folded.id != full.id


@pytest.mark.parametrize("record", ["full", "folded"])
def test_measures_do_not_depend_on_how_many_replications_are_measured_at_once(
    folder: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, record: str
) -> None:
    result = run(folder / "cell.yaml", workspace, replications=12, record=record)
    assert len(list(result.chunks())) > 3
    whole = result.compute_measures()
    for at_once in (1, 5):
        monkeypatch.setattr(chunk_measures, "AT_ONCE", at_once)
        assert result.compute_measures().equals(whole)


def test_sums_that_are_at_hand_are_those_in_their_file(
    folder: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "AT_HAND", 5)
    monkeypatch.setattr(store, "_recent", {})
    result = run(folder / "cell.yaml", workspace, replications=12, record="folded")
    known = store._recent
    assert 0 < sum(len(sums.replications) for sums in known.values()) <= 5
    for chunk in result.chunks():
        read = from_table(read_parquet(chunk.folder / "sums.parquet"))
        for sums in (known.get(chunk.hashes["sums"], read), chunk.sums()):
            assert sums.names == read.names
            for name in SPECS:
                np.testing.assert_array_equal(getattr(sums, name), getattr(read, name))
                assert getattr(sums, name).dtype == getattr(read, name).dtype


def test_folded_chunks_are_found_again_and_never_taken_for_records(folder: Path, workspace: Path) -> None:
    first = run(folder / "cell.yaml", workspace, replications=4, record="folded")
    more = run(folder / "cell.yaml", workspace, replications=8, record="folded")
    full = run(folder / "cell.yaml", workspace, replications=4, record="full")
    identities = [[entry["identity"] for entry in r.manifest["chunks"]] for r in (first, more, full)]
    assert identities[1][:2] == identities[0]
    assert not {*identities[0]} & {*identities[2]}
    assert {path.name for path in (first.path / "chunks" / "1-2").iterdir()} == {"chunk.json", "sums.parquet"}


def test_what_costs_more_needs_no_new_replications(folder: Path, workspace: Path) -> None:
    (folder / "paid.yaml").write_text(PLANT + COSTS, encoding="utf-8")
    cheap = run(folder / "cell.yaml", workspace, replications=4, record="folded")
    paid = run(folder / "paid.yaml", workspace, replications=4, record="folded")
    same = [[entry["identity"] for entry in r.manifest["chunks"]] for r in (cheap, paid)]
    assert same[0] == same[1]
    hours = {r: value / 3600 for r, value in paid.values["makespan"].items()}
    assert paid.values["cost.total"] == pytest.approx({r: 60 * h for r, h in hours.items()})


def test_equal_folded_runs_have_equal_bytes(folder: Path, workspace: Path, tmp_path: Path) -> None:
    one = run(folder / "cell.yaml", workspace, replications=4, record="folded")
    other = run(folder / "cell.yaml", tmp_path / "elsewhere", replications=4, record="folded")
    assert one.id == other.id
    assert one.manifest["content"] == other.manifest["content"]


def test_sums_survive_their_table(folder: Path, workspace: Path) -> None:
    result = run(folder / "cell.yaml", workspace, replications=3, record="folded")
    sums = next(result.chunks()).sums()
    again = from_table(to_table(sums))
    assert again.names == sums.names
    for name in SPECS:
        assert np.array_equal(getattr(again, name), getattr(sums, name), equal_nan=name.startswith("tank_"))


def test_of_many_large_replications_the_first_two_keep_their_record(
    folder: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEW", 5)
    whole = run(folder / "cell.yaml", workspace, replications=12)
    monkeypatch.setattr(keeping, "MOST_ROWS", 100)
    result = run(folder / "cell.yaml", workspace / "other", replications=12)
    assert whole.record_is_whole
    assert result.id == whole.id
    assert result.kept_replications == [1, 2]
    assert result.values == whole.values
    assert len(result.replication("states", 2)) > 0
    for name in ("gantt", "throughput", "lead_times", "states", "bottleneck"):
        FIGURES[name](result)
    exported = {path.name: path for path in export_tables(result, folder / "tables", "parquet")}
    assert set(pq.read_table(exported["lots.parquet"])["replication"].to_pylist()) == {1, 2}
    assert len(set(pq.read_table(exported["replication_measures.parquet"])["replication"].to_pylist())) == 12


def test_what_needs_a_record_says_how_to_get_it(folder: Path, workspace: Path) -> None:
    result = run(folder / "cell.yaml", workspace, replications=3, record="folded")
    for ask in (
        lambda: result.states,
        lambda: result.replication("lots", 1),
        lambda: FIGURES["gantt"](result),
        lambda: FIGURES["wip"](result),
    ):
        with pytest.raises(InputError) as refused:
            ask()
        assert "kept no record" in refused.value.problems[0].message
        assert "record: full" in refused.value.problems[0].hint
    names = {path.name for path in export_tables(result, folder / "tables", "csv")}
    assert names == {"measures.csv", "replication_measures.csv"}


def test_a_chunk_without_its_sums_is_no_chunk(folder: Path, workspace: Path) -> None:
    result = run(folder / "cell.yaml", workspace, replications=2, record="folded")
    place = RunFolder(result.path).chunk_folder(1, 2)
    (place / "sums.parquet").unlink()
    assert read_chunk(place) is None


def test_a_steady_run_is_folded_from_its_warm_up_on(folder: Path, workspace: Path) -> None:
    (folder / "steady.yaml").write_text(STEADY, encoding="utf-8")
    how = {"run.horizon": "6 days", "run.warm_up": "1 day"}
    full = run(folder / "steady.yaml", workspace, set=how, replications=4, record="full")
    folded = run(folder / "steady.yaml", workspace, set=how, replications=4, record="folded")
    assert folded.values == full.values
    later = run(
        folder / "steady.yaml",
        workspace,
        set={**how, "run.warm_up": "2 days"},
        replications=4,
        record="folded",
    )
    assert later.values["throughput"] != folded.values["throughput"]


def test_replications_stop_at_a_precision_when_folded_too(folder: Path, workspace: Path) -> None:
    how = {"run.precision": 0.2}
    full = run(folder / "cell.yaml", workspace, set=how, replications=60, record="full")
    folded = run(folder / "cell.yaml", workspace, set=how, replications=60, record="folded")
    assert len(full.replications) < 60
    assert folded.values == full.values


def test_a_warm_up_that_is_to_be_found_cannot_be_folded(folder: Path, workspace: Path) -> None:
    (folder / "steady.yaml").write_text(
        "scenario: For ever\nbase: endless.yaml\nrun:\n  horizon: 6 days\n  record: folded\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        run(folder / "steady.yaml", workspace)
    problem = refused.value.problems[0]
    assert (Path(problem.file).name, problem.line) == ("steady.yaml", 5)
    assert "MSER-5" in problem.message
    assert "run.warm_up" in problem.hint
    auto = run(folder / "endless.yaml", workspace, set={"run.horizon": "6 days"}, replications=2)
    assert auto.record_is_whole


def test_an_unknown_way_to_keep_is_refused(folder: Path, workspace: Path) -> None:
    with pytest.raises(InputError, match="way to keep"):
        run(folder / "cell.yaml", workspace, record="some")


def test_the_command_line_folds(folder: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def cli(*arguments: str) -> tuple[int, str, str]:
        code = execute([*arguments, "--workspace", str(workspace)])
        told = capsys.readouterr()
        return code, told.out, told.err

    flags = [str(folder / "cell.yaml"), "--replications", "3", "--record", "folded"]
    assert "every replication was folded" in cli("run", *flags)[1]
    run_id = json.loads(cli("run", *flags, "--json")[1])["run"]
    code, _, complaint = cli("export", run_id, "--usd", str(folder / "stage"))
    assert code == 2
    assert "kept no record" in complaint
    assert cli("run", *flags[:-1], "most")[0] == 2
