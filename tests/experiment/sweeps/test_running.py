"""A sweep gives the same files however it came about, and computes nothing that is there."""

from __future__ import annotations

import errno
import json
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import twin
from tests.experiment.sweeps.conftest import MIX, PRESS, drained, kept, scenario, swept
from twin.cli import execute
from twin.experiment import audit, files
from twin.experiment.compare import compare
from twin.experiment.executors import Processes, Serial
from twin.experiment.index import reindex
from twin.experiment.results import open_result
from twin.experiment.store import Workspace
from twin.experiment.sweeps import work
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.point import open_point
from twin.experiment.sweeps.running import stream_sweep
from twin.experiment.sweeps.slices import read_slices
from twin.plant.errors import InputError

TWO_PRESSES = f"{PRESS}: [exponential(mean=8 min), exponential(mean=16 min)]"
FOUR = f"{MIX}: [5 min, 10 min], {TWO_PRESSES}"


def test_each_point_gives_what_its_run_gives(tmp_path: Path) -> None:
    folder = swept(scenario(tmp_path, TWO_PRESSES), tmp_path)
    for number, mean in ((1, 8), (2, 16)):
        point = open_result(f"{folder}:{number}")
        changes = {"sweep": None, PRESS: f"exponential(mean={mean} min)"}
        run = twin.run(tmp_path / "sweep.yaml", set=changes, engine="simpy", workspace=tmp_path / "runs")
        assert point.id == run.id
        for name, values in run.values.items():
            assert point.values.get(name, {}) == values, name
            if values:
                assert point.unit_of(name) == run.unit_of(name)


def test_a_point_among_others_gives_what_it_gives_by_itself(tmp_path: Path) -> None:
    """Points at which lots are scrapped and others are measured with each other, and have other measures."""
    scrap = f"{PRESS.removesuffix('takes')}scrap"
    together = swept(scenario(tmp_path, f"{MIX}: [5 min, 10 min], {scrap}: [0, 0.5]"), tmp_path)
    known = []
    for number, (takes, share) in enumerate(product(("5 min", "10 min"), (0, 0.5)), 1):
        alone = swept(scenario(tmp_path, f"{MIX}: [{takes}], {scrap}: [{share}]"), tmp_path / str(number))
        point = open_result(f"{alone}:1")
        assert open_result(f"{together}:{number}").values == point.values
        known.append(set(point.values))
    assert known[0] == known[2] < known[1] == known[3]


def test_processes_in_any_order_give_the_same_files(tmp_path: Path) -> None:
    source = scenario(tmp_path, FOUR)
    here = swept(source, tmp_path / "a", executor=Serial())
    there = swept(source, tmp_path / "b", executor=Processes(2))
    assert kept(here) == kept(there)
    assert len(kept(here)) == 3


@pytest.mark.parametrize("after", [1, 7, 13, 19])
def test_an_interrupted_sweep_goes_on_where_it_was(
    tmp_path: Path, after: int, computed: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SECONDS", 0.0)
    source = scenario(tmp_path, FOUR)
    whole = kept(swept(source, tmp_path / "undisturbed"))
    computed.clear()
    steps = stream_sweep(plan_sweep(source, engine="simpy"), workspace=tmp_path / "cut", executor=Serial())
    while next(steps).done < after:
        pass
    steps.close()
    (folder,) = (tmp_path / "cut" / "sweeps").iterdir()
    finished = sum(each.rows for slice_ in read_slices(folder)[0] for each in slice_.covered)
    begun = len(computed)
    manifest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    assert manifest["unfinished"] > 0
    assert kept(swept(source, tmp_path / "cut")) == whole
    assert len(computed) == begun + 20 - finished
    assert begun - finished < 2
    assert not list(folder.glob("slices/*"))


def test_what_an_interrupted_sweep_has_finished_can_be_used(tmp_path: Path) -> None:
    steps = stream_sweep(
        plan_sweep(scenario(tmp_path, FOUR), engine="simpy"), workspace=tmp_path, executor=Serial()
    )
    while next(steps).done < 12:
        pass
    steps.close()
    (folder,) = (tmp_path / "sweeps").iterdir()
    assert len(open_result(f"{folder.name}:1", tmp_path).values["makespan"]) == 5
    with pytest.raises(InputError, match="not computed yet"):
        _ = open_result(f"{folder.name}:4", tmp_path).values


def test_a_finished_sweep_computes_nothing(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    source = scenario(tmp_path, FOUR)
    folder = swept(source, tmp_path)
    before = kept(folder)
    computed.clear()
    assert kept(swept(source, tmp_path)) == before
    assert computed == []


def test_another_value_of_an_axis_computes_only_what_is_new(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    swept(scenario(tmp_path, f"{MIX}: [5 min, 10 min]"), tmp_path)
    computed.clear()
    folder = swept(scenario(tmp_path, f"{MIX}: [5 min, 7 min, 10 min]"), tmp_path)
    assert len(computed) == 5
    alone = swept(tmp_path / "sweep.yaml", tmp_path / "alone")
    assert kept(folder) == kept(alone)


def test_more_replications_compute_only_those(tmp_path: Path, computed: list[tuple[int, int]]) -> None:
    source = scenario(tmp_path, TWO_PRESSES)
    swept(source, tmp_path)
    computed.clear()
    more = plan_sweep(source, engine="simpy", replications=8)
    folder = drained(more, workspace=tmp_path)
    assert sorted(computed) == [(1, 6), (1, 6), (1, 7), (1, 7), (1, 8), (1, 8)]
    assert kept(folder) == kept(drained(more, workspace=tmp_path / "alone"))


def test_results_are_shared_after_the_index_is_made_anew(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    swept(scenario(tmp_path, f"{MIX}: [5 min, 10 min]"), tmp_path)
    reindex(Workspace(tmp_path))
    computed.clear()
    swept(scenario(tmp_path, f"{MIX}: [5 min, 7 min]"), tmp_path)
    assert len(computed) == 5


@pytest.mark.parametrize("damage", [b"half", b""])
def test_a_damaged_slice_is_named_and_computed_anew(
    tmp_path: Path, damage: bytes, computed: list[tuple[int, int]]
) -> None:
    source = scenario(tmp_path, FOUR)
    whole = kept(swept(source, tmp_path / "whole"))
    steps = stream_sweep(plan_sweep(source, engine="simpy"), workspace=tmp_path, executor=Serial())
    while next(steps).done < 19:
        pass
    steps.close()
    slices = list(tmp_path.glob("sweeps/*/slices/*"))
    slice_ = max(slices, key=lambda path: path.stat().st_size)
    slice_.write_bytes(damage)
    for name in ("sweep.json", "tasks.parquet"):
        (slice_.parents[1] / name).unlink()
    computed.clear()
    folder = swept(source, tmp_path)
    manifest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    assert manifest["damaged"] == [slice_.name]
    assert 10 < len(computed) <= 20
    assert kept(folder) == whole


def test_a_damaged_file_of_results_is_refused_and_computed_anew(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    source = scenario(tmp_path, FOUR)
    folder = swept(source, tmp_path)
    before = kept(folder)
    (folder / "results" / "00001.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="damaged"):
        _ = open_result(f"{folder}:1").values
    computed.clear()
    assert kept(swept(source, tmp_path)) == before
    assert len(computed) == 20


def test_a_point_that_cannot_run_is_named_and_the_others_are_usable(tmp_path: Path) -> None:
    text = f"{MIX}: [5 min], run.horizon: [1 h, 10 h], run.snapshot_at: [2 h]"
    folder = swept(scenario(tmp_path, text), tmp_path)
    manifest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    (failed,) = manifest["failed"]
    assert (failed["point"], manifest["unfinished"]) == (1, 0)
    assert "after the horizon" in failed["error"]
    assert open_result(f"{folder}:2").values["throughput"]
    with pytest.raises(InputError, match="Point 1 of the sweep failed"):
        _ = open_result(f"{folder}:1").values


def test_points_whose_records_are_wanted_are_runs(tmp_path: Path) -> None:
    folder = swept(scenario(tmp_path, TWO_PRESSES, "{replications: 3, record: full}"), tmp_path)
    point = open_result(f"{folder}:2")
    run = open_result(point.id, tmp_path)
    assert run.has_records
    assert {name: values for name, values in run.values.items() if values} == point.values


def test_a_sweep_says_which_engine_runs_each_point_and_why(tmp_path: Path) -> None:
    source = scenario(tmp_path, f"run.replications: [2, 3], {MIX}: [5 min, 10 min]")
    folder = drained(plan_sweep(source), workspace=tmp_path)
    why = [f"auto: simpy, because {number} replications are not worth compiling" for number in (2, 3)]
    assert json.loads((folder / "sweep.json").read_text())["engines"] == [
        {"engine": "simpy", "note": why[0], "points": [[1, 2]]},
        {"engine": "simpy", "note": why[1], "points": [[3, 4]]},
    ]
    point = open_point(f"{folder.name}:3", Workspace(tmp_path))
    assert point is not None
    assert point.manifest["engine_note"] == why[1]


def test_a_point_has_no_record_and_says_how_to_have_one(tmp_path: Path) -> None:
    folder = swept(scenario(tmp_path, TWO_PRESSES), tmp_path)
    point = open_result(f"{folder}:2")
    with pytest.raises(InputError) as refused:
        _ = point.lots
    assert "twin run" in refused.value.problems[0].hint
    assert "exponential(mean=16 min)" in refused.value.problems[0].hint


def test_points_compare_in_pairs_as_runs_do(tmp_path: Path) -> None:
    folder = swept(scenario(tmp_path, TWO_PRESSES), tmp_path)
    compared = compare(open_result(f"{folder}:1"), open_result(f"{folder}:2"), measures=["makespan"])
    (row,) = compared.rows
    assert (row.paired, row.n) == (True, 5)
    assert row.difference > 0


def test_a_point_stops_at_the_precision_at_which_its_run_does(tmp_path: Path) -> None:
    run = "{replications: 60, precision: 0.08}"
    folder = swept(scenario(tmp_path, TWO_PRESSES, run), tmp_path)
    for number, mean in ((1, 8), (2, 16)):
        changes = {"sweep": None, PRESS: f"exponential(mean={mean} min)"}
        alone = twin.run(tmp_path / "sweep.yaml", set=changes, engine="simpy", workspace=tmp_path / "runs")
        assert open_result(f"{folder}:{number}").replications == alone.replications
        assert len(alone.replications) < 60


def test_only_measures_asked_for_are_kept(tmp_path: Path) -> None:
    text = "outputs: {measures: [throughput, unit.*.oee]}\n"
    folder = swept(scenario(tmp_path, TWO_PRESSES, more=text), tmp_path)
    names = pq.read_schema(folder / "results" / "00001.parquet").names
    of_a_row = ["point", "task", "replication"]
    assert names == [*of_a_row, "throughput", "window", "unit.mixer.oee", "unit.press.oee"]


def test_the_table_shows_measures_that_are_kept_each_in_one_unit(tmp_path: Path, cli: Any) -> None:
    axes = f"{PRESS}: [1 min, 60 min]"
    source = scenario(tmp_path, axes, more="outputs: {measures: [makespan, unit.press.utilisation]}\n")
    code, said, _ = cli("sweep", str(source), "--engine", "simpy")
    assert code == 0
    assert "makespan" in said
    assert "throughput" not in said
    assert [row.count(" h") for row in said.splitlines() if "takes=" in row] == [1, 1]


@pytest.mark.parametrize(
    ("run", "more", "said"),
    [
        ("{replications: 5}", "outputs: {measures: [leed_time_mean]}", "names no measure: `leed_time_mean`"),
        ("{precision: {measure: thruput, relative: 5 %}}", "", "names `thruput`, which is no measure"),
        ("{precision: {measure: unit.prss.oee, relative: 5 %}}", "", "is of `prss`, which is not there"),
    ],
)
def test_names_that_mean_nothing_at_any_point_are_refused_and_nothing_is_written(
    tmp_path: Path, run: str, more: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        plan_sweep(scenario(tmp_path, TWO_PRESSES, run, more), engine="simpy")
    assert execute(["sweep", str(tmp_path / "sweep.yaml"), "--workspace", str(tmp_path / "w")]) == 2
    assert not (tmp_path / "w").exists()


def test_a_sweep_is_one_entry_of_the_audit_trail(tmp_path: Path) -> None:
    folder = swept(scenario(tmp_path, FOUR), tmp_path)
    manifest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    (entry,) = audit.entries(tmp_path)
    assert (entry.what, entry.hash) == ("sweep", manifest["made"]["audit_head"])


def test_a_full_disk_stops_the_sweep_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = scenario(tmp_path, FOUR)

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    steps = stream_sweep(plan_sweep(source, engine="simpy"), workspace=tmp_path, executor=Serial())
    next(steps)
    monkeypatch.setattr(files, "write_bytes", full)
    with pytest.raises(OSError, match="No space left on device"):
        for _ in steps:
            pass


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    source = scenario(tmp_path, FOUR)
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="something other than this sweep"):
        swept(source, tmp_path, out=out, resume=True)


def test_text_axes_stay_texts_and_others_become_numbers(tmp_path: Path) -> None:
    axes = f"equipment.press.speed: [1, 1.5], {MIX}: [5 min, exponential(mean=5 min)]"
    folder = swept(scenario(tmp_path, axes, "{replications: 1}"), tmp_path)
    rows: list[dict[str, Any]] = pq.read_table(folder / "points.parquet").to_pylist()
    assert [row["equipment.press.speed"] for row in rows] == [1.0, 1.0, 1.5, 1.5]
    assert [row[MIX] for row in rows[:2]] == ["5 min", "exponential(mean=5 min)"]


def test_the_same_sweep_started_twice_is_computed_once(
    tmp_path: Path, computed: list[tuple[int, int]]
) -> None:
    plan = plan_sweep(scenario(tmp_path, FOUR), engine="simpy")
    first = stream_sweep(plan, workspace=tmp_path, executor=Serial())
    second = stream_sweep(plan, workspace=tmp_path, executor=Serial())
    while next(first).done < 10:
        pass
    assert next(second).done < 20
    for _ in first:
        pass
    for _ in second:
        pass
    assert len(computed) == 20


def test_an_interrupt_of_the_command_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = scenario(tmp_path, FOUR)
    simulate_into = work.simulate_into
    numbers: list[int] = []

    def interrupted(*given: Any, **named: Any) -> Any:
        for number, end in simulate_into(*given, **named):
            numbers.append(number)
            if len(numbers) == 13:
                raise KeyboardInterrupt
            yield number, end

    monkeypatch.setattr(work, "simulate_into", interrupted)
    command = ["sweep", str(source), "--engine", "simpy", "--workspace", str(tmp_path), "--json"]
    assert execute([*command, "--workers", "1"]) == 130
    said = capsys.readouterr().err
    assert "12 of 20 replications are on the disk" in said
    assert "what was finished is kept" in said
    (folder,) = (tmp_path / "sweeps").iterdir()
    assert json.loads((folder / "sweep.json").read_text(encoding="utf-8"))["rows"] == 10
    assert execute(command) == 0
    assert len(numbers) == 13 + 8  # 12 of 20 were written
    points = json.loads(capsys.readouterr().out)["points"]
    assert [point["replications"] for point in points] == [5, 5, 5, 5]


def test_a_workspace_that_cannot_be_written_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = scenario(tmp_path, FOUR)
    (tmp_path / "sweeps").write_text("a file stands in the way", encoding="utf-8")
    assert execute(["sweep", str(source), "--workspace", str(tmp_path)]) == 1
    assert str(tmp_path / "sweeps") in capsys.readouterr().err


def test_a_point_that_gets_stuck_half_way_has_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SECONDS", 0.0)
    simulate_into = work.simulate_into

    def stuck(takes: Any, engine: str, program: Any, seed: int, *others: Any) -> Any:
        for number, end in simulate_into(takes, engine, program, seed, *others):
            if (seed, number) == (2, 4):
                raise work.SimulationError("the plant is stuck at 0 s")
            yield number, end

    monkeypatch.setattr(work, "simulate_into", stuck)
    folder = swept(scenario(tmp_path, "run.seed: [1, 2, 3]"), tmp_path)
    manifest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    assert [(each["point"], each["error"]) for each in manifest["failed"]] == [
        (2, "the plant is stuck at 0 s")
    ]
    assert manifest["rows"] == 10
    assert open_result(f"{folder}:3").manifest["seed"] == 3
