"""Runs that keep a snapshot, and runs that start from one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.cli import execute
from twin.experiment.results import Result
from twin.experiment.run import run
from twin.plant.errors import InputError

PLANT = """\
twin: 1
plant: Two machines
equipment:
  mill: {}
  press: {}
recipes:
  part:
    operations:
      - mill: {on: [mill], takes: exponential(mean=2 h)}
      - press: {on: [press], takes: exponential(mean=2 h)}
orders:
  - {recipe: part, batches: 40}
"""


@pytest.fixture
def plant(tmp_path: Path) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_text(PLANT, encoding="utf-8")
    return path


def kept(plant: Path, **words: object) -> Path:
    """The snapshot of the second day, in the plant's folder."""
    changes = {"run.horizon": "3 days", "run.snapshot_at": "2 days", **words}
    result = run(plant, set=changes, replications=2, workspace=plant.parent)
    target = plant.parent / "kept.json"
    target.write_bytes((result.path / "snapshot.json").read_bytes())
    return target


def visits(result: Result) -> set[tuple[int, str, int | None]]:
    """Lot, operation and end of each visit of the first replication."""
    rows = result.table("lots").to_pylist()
    return {(r["lot"], r["operation"], r["left"]) for r in rows if r["replication"] == 1}


def test_a_run_from_a_snapshot_ends_as_the_run_that_was_not_stopped(plant: Path) -> None:
    kept(plant)
    whole = run(plant, set={"run.horizon": "3 days"}, replications=2, workspace=plant.parent)
    rest = run(
        plant,
        set={"run.horizon": "3 days", "run.from": "kept.json"},
        replications=2,
        workspace=plant.parent,
    )
    assert rest.id != whole.id
    late = {row for row in visits(whole) if row[2] is None or row[2] > 2 * 86_400 * 10**9}
    assert visits(rest) == late
    assert late < visits(whole)


def test_measures_of_a_run_from_a_snapshot_are_of_the_time_after_it(plant: Path) -> None:
    kept(plant)
    rest = run(
        plant, set={"run.horizon": "3 days", "run.from": "kept.json"}, replications=2, workspace=plant.parent
    )
    assert rest.manifest["warm_up"] == {"ns": 2 * 86_400 * 10**9, "method": "snapshot", "settled": True}
    assert rest.manifest["kind"] == "terminating"
    rows = rest.measures.to_pylist()
    shares = [row["mean"] for row in rows if row["measure"].startswith("unit.press.state.")]
    assert sum(shares) == pytest.approx(1.0)


def refused(plant: Path, **changes: object) -> str:
    with pytest.raises(InputError) as caught:
        run(plant, set=changes, replications=1, workspace=plant.parent)
    [problem] = caught.value.problems
    return problem.message


def test_what_is_wrong_with_a_start_is_told_before_anything_runs(plant: Path) -> None:
    file = kept(plant)
    assert "cannot be read" in refused(plant, **{"run.from": "gone.json"})
    assert "leads outside" in refused(plant, **{"run.from": "../../gone.json"})
    assert "is over at the snapshot" in refused(plant, **{"run.from": "kept.json", "run.horizon": "1 day"})
    assert "after the horizon" in refused(plant, **{"run.snapshot_at": "4 days", "run.horizon": "3 days"})
    steady = {"run.from": "kept.json", "run.kind": "steady", "run.horizon": "3 days"}
    assert "starts from nothing" in refused(plant, **steady)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["names"]["units"][1] = "oven"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert "knows nothing of `press`" in refused(plant, **{"run.from": "kept.json"})
    data["names"]["units"][1] = "press"
    data["state"]["objects"] = []
    file.write_text(json.dumps(data), encoding="utf-8")
    assert "is damaged" in refused(plant, **{"run.from": "kept.json"})


def test_a_run_from_a_snapshot_of_other_code_or_another_plant_says_so(plant: Path) -> None:
    file = kept(plant)
    words = {"run.horizon": "3 days", "run.from": "kept.json"}
    same = run(plant, set=words, replications=1, workspace=plant.parent)
    assert same.manifest["start_note"] == ""
    file.write_text(file.read_text(encoding="utf-8").replace('"code": "', '"code": "0'), encoding="utf-8")
    rest = run(
        plant,
        set={**words, "recipes.part.operations.press.takes": "1 h"},
        replications=1,
        workspace=plant.parent,
    )
    assert rest.manifest["start_note"] == (
        "the snapshot was taken by other code, whose rules may differ; "
        "the snapshot was taken of a plant with other numbers"
    )


def test_the_command_line_keeps_a_snapshot(plant: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["run", str(plant), "--snapshot-at", "1 day", "--replications", "1", "--quiet"]
    assert execute([*arguments, "--out", str(out), "--workspace", str(tmp_path)]) == 0
    assert json.loads((out / "snapshot.json").read_text(encoding="utf-8"))["at"] == 86_400 * 10**9


EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_a_run_starts_from_a_state_written_by_hand(tmp_path: Path) -> None:
    """The press is down for 3 h, then takes the urgent lot; each replication fails at times of its own."""
    result = run(EXAMPLES / "from_monday.yaml", replications=2, workspace=tmp_path)
    assert result.manifest["kind"] == "terminating"
    rows = [row for row in result.table("states").to_pylist() if row["unit"] == "press"]
    first = [next(r for r in rows if r["replication"] == n) for n in (1, 2)]
    assert [(r["state"], r["cause"], r["end"]) for r in first] == [("down", "feeder", 3 * 3600 * 10**9)] * 2
    begun = {
        (r["replication"], r["lot"])
        for r in result.table("lots").to_pylist()
        if r["started"] == first[0]["end"]
    }
    assert begun == {(1, 3), (2, 3)}
    assert rows[1:20] != [row for row in rows if row["replication"] == 2][1:20]
    kept = (result.path / "inputs" / "from.json").read_text(encoding="utf-8")
    (tmp_path / "again.json").write_text(kept, encoding="utf-8")
    again = run(
        EXAMPLES / "from_monday.yaml", set={"run.from": "again.json"}, replications=2, workspace=tmp_path
    )
    assert again.manifest["content"] == result.manifest["content"]


def test_what_is_wrong_with_a_state_is_told_with_its_line_and_column(plant: Path) -> None:
    state = """\
twin: 1
state: Wrong in three ways
lots:
  - {recipe: part, waits_for: pres}
  - {recipe: part, waits_for: press, count: none}
units:
  oven: {}
"""
    (plant.parent / "seen.yaml").write_text(state, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run(plant, set={"run.from": "seen.yaml"}, replications=1, workspace=plant.parent)
    assert [(p.file, p.line, p.column) for p in caught.value.problems] == [
        ("seen.yaml", 4, 31),
        ("seen.yaml", 5, 45),
        ("seen.yaml", 7, 3),
    ]
