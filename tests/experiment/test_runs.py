"""Running a plant: equal inputs give equal runs, chunks are used again, and what is wrong is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import twin
from twin.engine import fingerprint as fingerprints
from twin.engine.simpy_engine import side_by_side
from twin.experiment import audit, chunks
from twin.experiment.identity import batch_identity, chunk_identity, run_id
from twin.experiment.index import find_chunk, list_runs, reindex
from twin.experiment.inference.stopping import Precision, look
from twin.experiment.prepare import Prepared, prepare
from twin.experiment.results import Result, open_result
from twin.experiment.run import Progress, chunk_ranges, drain, stream
from twin.experiment.store import RunFolder, Workspace
from twin.plant.errors import InputError
from twin.plant.load import load_plant
from twin.plant.scenario import Run


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the replications that were computed and not found."""
    numbers: list[int] = []
    simulate_all = chunks.simulate_all

    def counted(*given: Any, **named: Any) -> Any:
        for number, record in simulate_all(*given, **named):
            numbers.append(number)
            yield number, record

    monkeypatch.setattr(chunks, "simulate_all", counted)
    return numbers


def files_of(result: Result) -> dict[str, bytes]:
    """Every file of a run's chunks and inputs."""
    parts = [p for name in ("chunks", "inputs") for p in (result.path / name).rglob("*") if p.is_file()]
    return {p.relative_to(result.path).as_posix(): p.read_bytes() for p in parts}


def test_equal_inputs_give_the_same_id_and_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    first = twin.run(folder / "slower.yaml", workspace=tmp_path / "a")
    second = twin.run(folder / "slower.yaml", workspace=tmp_path / "b")
    assert first.id == second.id
    assert files_of(first) == files_of(second)
    assert first.manifest["content"] == second.manifest["content"]
    assert first.measures.equals(second.measures)


def test_a_pool_of_processes_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    alone = twin.run(folder / "cell.yaml", replications=4, workspace=tmp_path / "a", workers=1)
    pool = twin.run(folder / "cell.yaml", replications=4, workspace=tmp_path / "b", workers=2)
    assert files_of(alone) == files_of(pool)


def test_a_scenario_and_the_same_changes_on_the_plant_are_one_run(folder: Path) -> None:
    change = {"recipes.tablet.operations.press.takes": "exponential(mean=16 min)"}
    assert prepare(folder / "cell.yaml", change, replications=6).id == prepare(folder / "slower.yaml").id


@pytest.mark.parametrize(
    "change",
    [
        {"run.seed": 2},
        {"run.replications": 11},
        {"run.level": 0.9},
        {"run.horizon": "3 h"},
        {"run.start": "2026-01-06T06:00:00"},
        {"recipes.tablet.operations.mix.takes": "10 min"},
    ],
)
def test_what_matters_changes_the_id(folder: Path, change: dict[str, object]) -> None:
    assert prepare(folder / "cell.yaml", change).id != prepare(folder / "cell.yaml").id


def test_comments_and_the_order_of_keys_do_not_change_the_id(folder: Path) -> None:
    text = (folder / "cell.yaml").read_text(encoding="utf-8")
    head, orders = text.split("orders:")
    (folder / "other.yaml").write_text(f"# a comment\norders:{orders}{head}", encoding="utf-8")
    assert prepare(folder / "other.yaml").id == prepare(folder / "cell.yaml").id


def test_the_order_of_equipment_changes_the_id(folder: Path) -> None:
    text = (folder / "cell.yaml").read_text(encoding="utf-8")
    swapped = text.replace("  mixer: {}\n  press: {}\n", "  press: {}\n  mixer: {}\n")
    (folder / "other.yaml").write_text(swapped, encoding="utf-8")
    assert prepare(folder / "other.yaml").id != prepare(folder / "cell.yaml").id


def test_an_edit_of_an_engine_file_gives_a_new_id(folder: Path, tmp_path: Path) -> None:
    package = tmp_path / "twin"
    for part in ("plant", "physics", "engine"):
        shutil.copytree(
            Path(twin.__file__).parent / part, package / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    before = fingerprints.fingerprint(package)
    with (package / "engine" / "record.py").open("a", encoding="utf-8") as file:
        file.write("# an edit\n")
    plant = load_plant(folder / "cell.yaml").plant
    ids = {run_id(batch_identity(plant, Run(), code)) for code in (before, fingerprints.fingerprint(package))}
    assert before == fingerprints.fingerprint(fingerprints.PACKAGE)
    assert len(ids) == 2


def test_a_run_that_is_there_is_opened_and_not_computed(
    folder: Path, workspace: Path, computed: list[int]
) -> None:
    first = twin.run(folder / "cell.yaml", replications=3, workspace=workspace)
    made = first.manifest["made"]
    computed.clear()
    again = twin.run(folder / "cell.yaml", replications=3, workspace=workspace)
    assert computed == []
    assert again.manifest["made"] == made


def test_more_replications_use_the_chunks_that_are_there(
    folder: Path, workspace: Path, computed: list[int]
) -> None:
    few = twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    computed.clear()
    many = twin.run(folder / "cell.yaml", replications=7, workspace=workspace)
    assert computed == [5, 6, 7]
    assert many.id != few.id
    assert many.table("lots").slice(0, few.lots.num_rows).equals(few.lots)


def test_a_chunk_is_found_by_identity_and_never_by_the_index_alone(
    folder: Path, workspace: Path, computed: list[int]
) -> None:
    few = twin.run(folder / "cell.yaml", replications=2, workspace=workspace)
    shutil.rmtree(few.path / "chunks")
    computed.clear()
    twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    assert computed == [1, 2, 3, 4]


def test_a_damaged_run_is_computed_anew(folder: Path, workspace: Path, computed: list[int]) -> None:
    first = twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    (first.path / "chunks" / "3-4" / "lots.parquet").unlink()
    computed.clear()
    again = twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    assert computed == [3, 4]
    assert again.lots.num_rows > 0


def test_closing_a_run_keeps_the_finished_chunks(folder: Path, workspace: Path, computed: list[int]) -> None:
    prepared = prepare(folder / "cell.yaml", replications=6)
    steps = stream(prepared, workspace=workspace)
    for step in steps:
        if step.done == 3:
            break
    steps.close()
    run = Workspace(workspace).run_folder(prepared.id)
    assert not run.finished()
    assert [(c.first, c.last) for c in run.chunks()] == [(1, 2)]
    computed.clear()
    drain(stream(prepared, workspace=workspace))
    assert computed == [3, 4, 5, 6]


def test_progress_ends_at_the_total(folder: Path, workspace: Path) -> None:
    seen: list[Progress] = []
    twin.run(folder / "cell.yaml", replications=5, workspace=workspace, progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].total) == (5, 5)


def test_ranges_of_fewer_replications_are_the_first_of_more() -> None:
    few, many = list(chunk_ranges(230)), list(chunk_ranges(5000))
    assert many[: len(few) - 1] == few[:-1]
    assert [r for first, last in many for r in range(first, last + 1)] == list(range(1, 5001))


def test_replications_stop_at_the_precision_asked_for(folder: Path, workspace: Path) -> None:
    change = {"run.precision": 0.1, "run.replications": 60}
    result = twin.run(folder / "cell.yaml", set=change, workspace=workspace)
    interval = result.interval("throughput")
    assert 10 <= interval.n < 60
    assert interval.half_width is not None
    assert interval.mean is not None
    assert interval.half_width <= 0.1 * interval.mean
    last = result.manifest["chunks"][-1]["first"]
    fewer = [value for r, value in result.values["throughput"].items() if r < last]
    assert not look(fewer, Precision(0.1), 0.95).stop


def test_where_replications_stop_does_not_depend_on_how_many_run_at_once(
    folder: Path, tmp_path: Path
) -> None:
    change = {"run.precision": 0.2, "run.replications": 60}
    runs = [
        twin.run(folder / "cell.yaml", set=change, workspace=tmp_path / str(n), workers=n) for n in (1, 3)
    ]
    assert runs[0].manifest["content"] == runs[1].manifest["content"]
    assert runs[0].measures.equals(runs[1].measures)


def test_a_steady_run_deletes_its_warm_up(folder: Path, workspace: Path) -> None:
    change = {"run.horizon": "20 d"}
    result = twin.run(folder / "endless.yaml", set=change, replications=4, workspace=workspace)
    warm_up = result.manifest["warm_up"]
    assert result.manifest["kind"] == "steady"
    assert warm_up["method"] == "MSER-5"
    assert warm_up["settled"]
    assert {start for start, _ in result.windows.values()} == {warm_up["ns"]}
    assert "makespan" not in result.values
    assert result.interval("throughput").mean == pytest.approx(1 / 1200, rel=0.05)


def test_a_warm_up_that_is_given_is_taken(folder: Path, workspace: Path) -> None:
    change = {"run.horizon": "2 d", "run.warm_up": "1 d", "run.kind": "steady"}
    result = twin.run(folder / "endless.yaml", set=change, replications=2, workspace=workspace)
    assert result.window == (86_400 * 10**9, 2 * 86_400 * 10**9)
    assert result.manifest["warm_up"]["method"] == "given"


def test_what_users_hold_in_hand(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "slower.yaml", workspace=workspace)
    assert result.plant.recipes["tablet"].operations["press"].takes is not None
    assert result.measures.column_names == ["measure", "mean", "low", "high", "level", "n", "unit"]
    assert set(result.frame("states")["unit"]) == {"mixer", "press"}
    assert result.frame("lots")["lot"].nunique() == 12
    assert result.interval("lots_finished").mean == 12
    assert result.quantile("makespan", 0.5).n == 6
    assert open_result(result.id[:6], workspace).id == open_result(result.path).id == result.id
    assert (
        (result.path / "inputs" / "scenario.yaml")
        .read_text(encoding="utf-8")
        .startswith("scenario: A slower")
    )


def test_stored_measures_are_those_computed_from_the_record(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "cell.yaml", replications=5, workspace=workspace)
    assert Result(result.folder).replication_measures.to_pylist() == result.compute_measures().to_pylist()
    (result.path / "measures.parquet").unlink()
    assert Result(result.folder).measures.equals(result.measures)


def test_states_of_a_unit_add_up_to_the_window(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "cell.yaml", replications=2, workspace=workspace)
    for unit in ("mixer", "press"):
        shares = [v for name, v in result.values.items() if name.startswith(f"unit.{unit}.state.")]
        assert sum(share[1] for share in shares) == pytest.approx(1, abs=1e-12)


def test_a_manifest_keeps_what_it_is_apart_from_how_it_was_made(folder: Path, tmp_path: Path) -> None:
    one, two = (
        dict(twin.run(folder / "cell.yaml", replications=2, workspace=tmp_path / w).manifest) for w in "ab"
    )
    assert one.pop("made") != two.pop("made")
    assert one == two


def test_the_manifest_prints_the_head_of_the_audit_trail(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "cell.yaml", replications=2, workspace=workspace)
    trail = audit.entries(workspace)
    assert result.manifest["made"]["audit_head"] == trail[-1].hash
    assert (trail[-1].what, trail[-1].before, trail[-1].after) == (
        "run",
        result.id,
        result.manifest["content"],
    )
    assert audit.verify(workspace, result.manifest["made"]["audit_head"]).sound


def test_an_out_folder_holds_this_run_alone(folder: Path, workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = twin.run(folder / "cell.yaml", replications=2, workspace=workspace, out=out)
    assert result.path == out.resolve()
    assert twin.run(folder / "cell.yaml", replications=2, workspace=workspace, out=out).id == result.id
    with pytest.raises(InputError, match="something other than this run"):
        twin.run(folder / "cell.yaml", replications=3, workspace=workspace, out=out)


def test_an_interrupted_out_folder_is_gone_on_with(folder: Path, workspace: Path, tmp_path: Path) -> None:
    out, prepared = tmp_path / "out", prepare(folder / "cell.yaml", replications=4)
    steps = stream(prepared, workspace=workspace, out=out)
    for step in steps:
        if step.done == 3:
            break
    steps.close()
    assert drain(stream(prepared, workspace=workspace, out=out)).id == prepared.id


def test_the_index_is_rebuilt_from_the_runs(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "cell.yaml", replications=4, workspace=workspace)
    place = Workspace(workspace)
    before = list_runs(place)
    (workspace / "runs" / "index.sqlite").write_bytes(b"this is no database")
    assert reindex(place) == (1, 2)
    assert list_runs(place) == before
    chunk = next(result.chunks())
    assert find_chunk(place, chunk.identity) == chunk


def test_what_was_loaded_can_be_run_with_more_changes(folder: Path, workspace: Path) -> None:
    change = {"recipes.tablet.operations.mix.takes": "9 min"}
    plant = twin.load(folder / "cell.yaml", set=change)
    both = {**change, "run.replications": 2}
    assert prepare(plant, {"run.replications": 2}).id == prepare(folder / "cell.yaml", both).id
    scenario = twin.load(folder / "slower.yaml")
    assert twin.run(scenario, workspace=workspace).id == prepare(folder / "slower.yaml").id


def test_prepared_runs_survive_the_queue(folder: Path) -> None:
    prepared = prepare(folder / "slower.yaml")
    assert Prepared.from_request(prepared.as_request()) == prepared


def test_a_chunk_s_identity_is_its_range_and_its_batch() -> None:
    assert chunk_identity({"seed": 1}, 1, 2) != chunk_identity({"seed": 1}, 1, 3)
    assert chunk_identity({"a": 1, "b": 2}, 1, 2) == chunk_identity({"b": 2, "a": 1}, 1, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "warp"}, "no engine `warp`"),
        ({"device": "gpu"}, "GPU"),
        ({"device": "abacus"}, "no device"),
        ({"replications": 0}, "replications"),
        ({"set": {"run.kind": "steady"}}, "horizon"),
        ({"set": {"recipes.tablet.operations.press.take": "3 h"}}, "take"),
    ],
)
def test_what_cannot_be_run_is_refused(
    folder: Path, workspace: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        twin.run(folder / "cell.yaml", workspace=workspace, **options)
    assert not workspace.exists()


def test_a_run_that_is_not_there_is_named(workspace: Path) -> None:
    with pytest.raises(InputError, match="no run `abc123`"):
        open_result("abc123", workspace)
    workspace.mkdir()
    with pytest.raises(InputError, match=r"no manifest\.json"):
        open_result(workspace)


def test_a_folder_without_chunks_is_no_whole_run(folder: Path, workspace: Path) -> None:
    result = twin.run(folder / "cell.yaml", replications=2, workspace=workspace)
    shutil.rmtree(result.path / "chunks")
    with pytest.raises(InputError, match="missing or was changed"):
        list(Result(RunFolder(result.path)).chunks())


def test_the_manifest_says_how_often_physics_was_asked(tmp_path: Path) -> None:
    manifest = twin.run("twin:tablet_line", replications=4, workspace=tmp_path, workers=1).manifest
    (blend,) = [row for row in manifest["physics"] if row["model"] == "blending"]
    assert (blend["when"], blend["mode"]) == ("ahead", "full")
    asked = manifest["made"]["physics"]
    of_blend, of_model = asked["operations"][blend["operation"]], asked["models"]["blending"]
    assert of_blend["ahead"] > 0
    assert of_model["lots"] == of_blend["ahead"] + of_blend["ahead_unused"] + of_blend["live"]
    assert of_model["calls"] < of_model["lots"]
    again = twin.run("twin:tablet_line", replications=4, workspace=tmp_path, out=tmp_path / "b", workers=1)
    assert again.manifest["made"]["physics"] == {"models": {}, "operations": {}}  # its chunks were there


def test_how_many_are_computed_side_by_side_changes_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = twin.run("twin:tablet_line", replications=6, workspace=tmp_path / "a", workers=1, engine="simpy")
    monkeypatch.setattr(side_by_side, "alive_at_once", lambda each, seconds: 1)
    alone = twin.run("twin:tablet_line", replications=6, workspace=tmp_path / "b", workers=1, engine="simpy")
    pool = twin.run("twin:tablet_line", replications=6, workspace=tmp_path / "c", workers=2, engine="simpy")
    assert files_of(many) == files_of(alone) == files_of(pool)
    assert many.manifest["content"] == alone.manifest["content"] == pool.manifest["content"]
    calls = [r.manifest["made"]["physics"]["models"]["blending"]["calls"] for r in (many, alone)]
    assert calls[0] < calls[1]
