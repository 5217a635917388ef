"""Files that rot, are cut short or are changed: named by the checksum expected and found, never read as data,
computed anew on request.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import twin
from twin.cli import execute
from twin.experiment import audit
from twin.experiment.identity import digest
from twin.experiment.integrity import DamagedError, sha256_of
from twin.experiment.results import Result, open_result
from twin.experiment.sweeps.plan import plan_sweep
from twin.experiment.sweeps.running import stream_sweep
from twin.experiment.verify import repair_run, repair_sweep, verify
from twin.plant.errors import InputError


@pytest.fixture
def result(folder: Path, workspace: Path) -> Result:
    return twin.run(folder / "cell.yaml", replications=6, workspace=workspace, engine="simpy")


def flip_a_bit(file: Path) -> None:
    """As a failing disk does: one bit in the middle; size and time of change stay no witness."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0b100
    file.write_bytes(data)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


CHUNK = Path("chunks") / "3-4"


@pytest.mark.parametrize("harm", [flip_a_bit, cut_short, Path.unlink])
def test_a_damaged_table_is_named_and_never_read(result: Result, workspace: Path, harm: object) -> None:
    file = result.path / CHUNK / "lots.parquet"
    expected = sha256_of(file)
    harm(file)  # type: ignore[operator]  # each takes a path
    fresh = open_result(result.id, workspace)
    with pytest.raises(InputError, match=r"damaged|missing"):
        _ = fresh.lots
    (found,) = verify(result.id, workspace)
    (damage,) = found.damages
    assert (damage.file, damage.expected, damage.found) == (file, expected, sha256_of(file))


@pytest.mark.parametrize("harm", [flip_a_bit, cut_short, Path.unlink])
def test_a_repair_gives_the_same_bytes(result: Result, workspace: Path, harm: object) -> None:
    file = result.path / CHUNK / "lots.parquet"
    before = {p: sha256_of(p) for p in result.path.rglob("*.parquet")}
    harm(file)  # type: ignore[operator]
    (found,) = verify(result.id, workspace)
    list(repair_run(found, workspace))
    assert {p: sha256_of(p) for p in result.path.rglob("*.parquet")} == before
    assert not any(again.damages for again in verify(None, workspace))
    assert "repair" in [entry.what for entry in audit.entries(workspace)]


def test_damaged_measures_are_named_and_computed_anew(result: Result, workspace: Path) -> None:
    wanted = result.values
    flip_a_bit(result.path / "measures.parquet")
    with pytest.raises(DamagedError):
        _ = open_result(result.id, workspace).values
    (found,) = verify(result.id, workspace)
    assert [damage.file.name for damage in found.damages] == ["measures.parquet"]
    list(repair_run(found, workspace))
    assert open_result(result.id, workspace).values == wanted


def test_measures_that_were_being_written_do_not_count(result: Result, workspace: Path) -> None:
    wanted = result.values
    (result.path / "measures.sha256").unlink()
    flip_a_bit(result.path / "measures.parquet")
    assert open_result(result.id, workspace).values == wanted
    assert not any(found.damages for found in verify(result.id, workspace))


def test_running_again_replaces_what_is_damaged(result: Result, folder: Path, workspace: Path) -> None:
    flip_a_bit(result.path / CHUNK / "states.parquet")
    again = twin.run(folder / "cell.yaml", replications=6, workspace=workspace, engine="simpy")
    assert again.manifest["content"] == result.manifest["content"]
    assert not any(found.damages for found in verify(None, workspace))
    (entry,) = (entry for entry in audit.entries(workspace) if entry.what == "remove damaged files")
    assert entry.after == str(CHUNK / "states.parquet")


def test_another_run_does_not_take_over_a_damaged_chunk(
    result: Result, folder: Path, workspace: Path
) -> None:
    flip_a_bit(result.path / CHUNK / "states.parquet")
    longer = twin.run(folder / "cell.yaml", replications=8, workspace=workspace, engine="simpy")
    assert not any(found.damages for found in verify(longer.id, workspace))
    assert longer.states.num_rows > 0


def test_a_forged_table_with_a_forged_checksum_is_found_by_the_manifest(
    result: Result, workspace: Path
) -> None:
    chunk = result.path / CHUNK
    shutil.copy(result.path / "chunks" / "1-2" / "lots.parquet", chunk / "lots.parquet")
    said = json.loads((chunk / "chunk.json").read_text(encoding="utf-8"))
    said["sha256"]["lots"] = sha256_of(chunk / "lots.parquet")
    (chunk / "chunk.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(InputError, match="missing or was changed"):
        _ = open_result(result.id, workspace).lots
    (found,) = verify(result.id, workspace)
    assert [damage.file for damage in found.damages] == [chunk / "chunk.json"]


def test_a_forged_manifest_is_found_by_the_audit_trail(result: Result, workspace: Path) -> None:
    place = result.path / "manifest.json"
    manifest = json.loads(place.read_text(encoding="utf-8"))
    manifest["chunks"] = manifest["chunks"][:-1]
    manifest["content"] = digest([entry["sha256"] for entry in manifest["chunks"]])
    place.write_text(json.dumps(manifest), encoding="utf-8")
    (found,) = verify(result.id, workspace)
    assert [damage.file for damage in found.damages] == [place]
    place.write_text(place.read_text(encoding="utf-8")[:100], encoding="utf-8")
    (found,) = verify(str(result.path), workspace)
    assert "cannot be read" in found.damages[0].sentence


def test_a_plant_changed_in_its_folder_is_found_and_not_run(result: Result, workspace: Path) -> None:
    inputs = result.path / "inputs" / "plant.json"
    inputs.write_text(inputs.read_text(encoding="utf-8").replace("mixer", "maxer"), encoding="utf-8")
    flip_a_bit(result.path / CHUNK / "lots.parquet")
    (found,) = verify(result.id, workspace)
    assert [damage.file.name for damage in found.damages] == ["plant.json", "lots.parquet"]
    with pytest.raises(InputError, match="cannot be computed anew"):
        list(repair_run(found, workspace))


def test_a_run_of_other_code_is_not_computed_anew(
    result: Result, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_a_bit(result.path / CHUNK / "lots.parquet")
    monkeypatch.setattr("twin.experiment.verify.code_fingerprint", lambda: "other")
    (found,) = verify(result.id, workspace)
    with pytest.raises(InputError, match="Another version of twin"):
        list(repair_run(found, workspace))


@pytest.fixture
def sweep(folder: Path, workspace: Path) -> Path:
    steps = stream_sweep(plan_sweep(folder / "sweep.yaml", replications=3), workspace=workspace, workers=1)
    assert list(steps)
    (found,) = (workspace / "sweeps").iterdir()
    return found


@pytest.mark.parametrize("name", ["points.parquet", "results/00001.parquet", "tasks.parquet"])
@pytest.mark.parametrize("harm", [flip_a_bit, cut_short, Path.unlink])
def test_a_damaged_sweep_is_computed_anew_from_its_own_folder(
    sweep: Path, folder: Path, workspace: Path, name: str, harm: object
) -> None:
    before = {path.name: sha256_of(path) for path in sweep.rglob("*.parquet")}
    (folder / "sweep.yaml").unlink()
    (folder / "cell.yaml").unlink()
    harm(sweep / name)  # type: ignore[operator]
    (found,) = verify(sweep.name, workspace)
    assert [damage.file for damage in found.damages] == [sweep / name]
    assert list(repair_sweep(found, workspace, 1))
    assert {path.name: sha256_of(path) for path in sweep.rglob("*.parquet")} == before
    assert not any(again.damages for again in verify(None, workspace))


def test_a_sweep_whose_inputs_were_changed_is_not_computed_anew(sweep: Path, workspace: Path) -> None:
    flip_a_bit(sweep / "points.parquet")
    plant = sweep / "inputs" / "plant.yaml"
    plant.write_text(plant.read_text(encoding="utf-8").replace("batches: 12", "batches: 9"), encoding="utf-8")
    (found,) = verify(sweep.name, workspace)
    with pytest.raises(InputError, match="another sweep"):
        list(repair_sweep(found, workspace, 1))


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"run": 3}'])
def test_a_manifest_that_is_none_is_named_and_written_anew_by_the_next_run(
    tmp_path: Path, folder: Path, workspace: Path, text: str
) -> None:
    def ran(out: Path | None = None) -> Result:
        return twin.run(folder / "cell.yaml", replications=2, workspace=workspace, engine="simpy", out=out)

    for result in (ran(), ran(tmp_path / "out")):
        (result.path / "manifest.json").write_text(text, encoding="utf-8")
        fresh = Result(result.folder)
        with pytest.raises(DamagedError, match="a run's manifest was expected"):
            _ = fresh.values
        again = ran(None if result.path.is_relative_to(workspace) else result.path)
        assert again.values == result.values


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"sweep": "x", "files": {}}'])
def test_one_damaged_sweep_and_run_hide_no_other_and_are_named(
    folder: Path, workspace: Path, result: Result, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []
    for axis in ("run.seed: [1, 2]", "run.seed: [3]"):
        scenario = folder / "sweep.yaml"
        scenario.write_text(
            f"scenario: S\nbase: cell.yaml\nrun: {{replications: 2}}\nsweep: {{axes: {{{axis}}}}}\n",
            encoding="utf-8",
        )
        plan = plan_sweep(scenario, engine="simpy")
        list(stream_sweep(plan, workspace=workspace))
        made.append(plan.id)
    run = open_result(f"{made[1]}:1", workspace).id
    (workspace / "sweeps" / made[0] / "sweep.json").write_text(text, encoding="utf-8")
    (result.path / "manifest.json").write_text(text, encoding="utf-8")
    point = open_result(run, workspace)
    assert (point.id, point.replications) == (run, [1, 2])
    assert execute(["results", "list", "--workspace", str(workspace)]) == 0
    out = capsys.readouterr().out
    assert made[1] in out
    assert f"{workspace / 'sweeps' / made[0] / 'sweep.json'}: This file cannot be read" in out
    assert f"{result.path / 'manifest.json'}: This file cannot be read" in out
    with pytest.raises(InputError) as caught:
        open_result("abcdef", workspace)
    assert [p.file for p in caught.value.problems] == [
        str(workspace / "sweeps" / made[0] / "sweep.json"),
        "abcdef",
    ]


def test_a_point_is_shown_by_the_id_of_its_run(
    folder: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sweep.yaml").write_text(
        "scenario: S\nbase: cell.yaml\nrun: {replications: 2}\nsweep: {axes: {run.seed: [1, 2]}}\n",
        encoding="utf-8",
    )
    plan = plan_sweep(folder / "sweep.yaml", engine="simpy")
    list(stream_sweep(plan, workspace=workspace))
    run = open_result(f"{plan.id}:2", workspace).id
    shown = []
    for reference in (run, f"{plan.id}:2"):
        assert execute(["results", "show", reference, "--workspace", str(workspace), "--all"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert f"run {run}" in shown[0]
