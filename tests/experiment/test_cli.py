"""The command line: what it prints, its exit codes, and that it gives the runs that Python gives."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import twin
from twin.experiment import chunks
from twin.experiment.sweeps import work


@pytest.fixture
def run_id(cli: Any, folder: Path) -> str:
    _, out, _ = cli("run", folder / "cell.yaml", "--replications", "3", "--json")
    return str(json.loads(out)["run"])


def test_run_prints_one_object(cli: Any, folder: Path) -> None:
    code, out, _ = cli("run", folder / "slower.yaml", "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == [
        "run", "plant", "scenario", "engine", "device", "replications", "horizon_s", "measures",
    ]  # fmt: skip
    assert (found["plant"], found["scenario"], found["engine"], found["device"]) == (
        "cell",
        "slower",
        "simpy",
        "cpu",
    )
    measure = found["measures"]["lead_time_mean"]
    assert list(measure) == ["mean", "ci", "level", "n", "unit"]
    assert measure["ci"][0] < measure["mean"] < measure["ci"][1]
    assert (measure["n"], measure["unit"], measure["level"]) == (6, "s", 0.95)


def test_command_line_and_python_give_the_same_run(cli: Any, folder: Path, tmp_path: Path) -> None:
    change = "recipes.tablet.operations.mix.takes=9 min"
    _, out, _ = cli(
        "run", folder / "cell.yaml", "--set", change, "--seed", "5", "--replications", "2", "--json"
    )
    path, value = change.split("=")
    result = twin.run(
        folder / "cell.yaml", set={path: value}, seed=5, replications=2, workspace=tmp_path / "other"
    )
    assert json.loads(out)["run"] == result.id
    theirs = twin.open_result(result.id, tmp_path / "workspace")
    assert theirs.manifest["content"] == result.manifest["content"]


def test_tables_for_people_name_measures_and_intervals(cli: Any, folder: Path) -> None:
    code, out, err = cli("run", folder / "cell.yaml")
    assert (code, err) == (0, "")
    assert "lead_time_mean" in out
    assert "95 % interval" in out
    assert "unit.press.utilisation" in out


def test_quiet_prints_nothing(cli: Any, folder: Path) -> None:
    assert cli("run", folder / "cell.yaml", "--quiet") == (0, "", "")


def test_a_dry_run_computes_and_writes_nothing(cli: Any, folder: Path, workspace: Path) -> None:
    code, out, _ = cli("run", folder / "slower.yaml", "--dry-run", "--json")
    (plan,) = json.loads(out)["dry_run"]
    assert code == 0
    assert plan["replications"] == 6
    assert plan["run"] == twin.run(folder / "slower.yaml", workspace=folder / "elsewhere").id
    assert not workspace.exists()


def test_compare_prints_differences(cli: Any, folder: Path, run_id: str) -> None:
    _, out, _ = cli("run", folder / "slower.yaml", "--replications", "3", "--json")
    other = json.loads(out)["run"]
    code, out, _ = cli("compare", run_id, other, "--measure", "makespan", "--json")
    found = json.loads(out)
    (row,) = found["comparisons"]
    assert (code, found["baseline"], row["run"], row["paired"]) == (0, run_id, other, True)
    assert list(row)[:8] == ["run", "measure", "difference", "ci", "level", "n", "paired", "verdict"]
    assert row["against"] == run_id
    code, out, _ = cli("compare", run_id, other, "--measure", "makespan", "--best")
    assert code == 0
    assert "each less the best of the others" in out
    assert "makespan" in cli("compare", run_id, other)[1]


def test_a_sweep_runs_every_point(cli: Any, folder: Path) -> None:
    code, out, _ = cli("sweep", folder / "sweep.yaml", "--json")
    points = json.loads(out)["points"]
    assert code == 0
    assert len({point["run"] for point in points}) == 2
    assert points[0]["measures"]["makespan"]["mean"] < points[1]["measures"]["makespan"]["mean"]


def test_a_sweep_is_gone_on_with_in_its_folder(cli: Any, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cli("sweep", folder / "sweep.yaml", "--out", out, "--shard", "1/2")[0] == 0
    assert cli("sweep", folder / "sweep.yaml", "--out", out)[0] == 2
    assert cli("sweep", folder / "sweep.yaml", "--out", out, "--resume")[0] == 0
    manifest = json.loads((out / "sweep.json").read_text(encoding="utf-8"))
    assert (manifest["points"], manifest["rows"], manifest["unfinished"]) == (2, 8, 0)


def fail_at_seed_two(monkeypatch: pytest.MonkeyPatch) -> None:
    simulate_all = chunks.simulate_all

    def stuck(engine: str, program: Any, seed: int, *others: Any, **named: Any) -> Any:
        if seed == 2:
            raise chunks.SimulationError("the plant is stuck at 0 s")
        return simulate_all(engine, program, seed, *others, **named)

    monkeypatch.setattr(chunks, "simulate_all", stuck)


def fail_at_seed_two_of_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    simulate_into = work.simulate_into

    def stuck(takes: Any, engine: str, program: Any, seed: int, *others: Any, **named: Any) -> Any:
        if seed == 2:
            raise chunks.SimulationError("the plant is stuck at 0 s")
        return simulate_into(takes, engine, program, seed, *others, **named)

    monkeypatch.setattr(work, "simulate_into", stuck)


def test_a_sweep_of_which_a_point_fails_keeps_the_others(
    cli: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_seed_two_of_a_sweep(monkeypatch)
    text = "scenario: Luck\nbase: cell.yaml\nsweep: {axes: {run.seed: [1, 2, 3]}}\nrun: {replications: 2}\n"
    (folder / "luck.yaml").write_text(text, encoding="utf-8")
    code, out, _ = cli("sweep", folder / "luck.yaml", "--json")
    assert code == 3
    assert [point["error"] for point in json.loads(out)["points"]] == [
        None,
        "the plant is stuck at 0 s",
        None,
    ]
    assert "stuck" in cli("sweep", folder / "luck.yaml")[1]


def test_a_run_that_fails_says_why(cli: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at_seed_two(monkeypatch)
    code, _, err = cli("run", folder / "cell.yaml", "--seed", "2")
    assert (code, err) == (1, "twin: the plant is stuck at 0 s\n")


def test_a_workspace_that_cannot_be_written_is_said_without_a_traceback(
    cli: Any, folder: Path, workspace: Path
) -> None:
    workspace.write_text("a file where a folder should be", encoding="utf-8")
    code, _, err = cli("run", folder / "cell.yaml")
    assert code == 1
    assert err.startswith("twin: ")


def test_a_run_is_exported_as_a_stage(cli: Any, run_id: str, tmp_path: Path) -> None:
    code, out, _ = cli("export", run_id, "--usd", tmp_path / "stage", "--window", "0 h/1 h", "--json")
    (written,) = json.loads(out)["exports"]
    assert code == 0
    assert Path(written["usd"]).is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--replication", "9", "--usd", "stage"],
        ["--window", "2 h/1 h", "--usd", "stage"],
        ["--window", "noon", "--usd", "stage"],
        ["--window", "1 kg/2 h", "--usd", "stage"],
        ["--usd", "stage.usdz"],
        [],
    ],
)
def test_a_stage_that_cannot_be_is_refused(
    cli: Any, run_id: str, tmp_path: Path, arguments: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert cli("export", run_id, *arguments)[0] == 2
    assert not (tmp_path / "stage").exists()


def test_running_a_sweep_points_to_the_right_command(cli: Any, folder: Path) -> None:
    code, _, err = cli("run", folder / "sweep.yaml")
    assert code == 2
    assert "twin sweep" in err


def test_results_are_listed_shown_and_exported(cli: Any, run_id: str, tmp_path: Path) -> None:
    (line,) = json.loads(cli("results", "list", "--json")[1])["runs"]
    assert (line["run"], line["plant"], line["replications"]) == (run_id, "cell", 3)
    assert run_id in cli("results", "list")[1]
    assert json.loads(cli("results", "show", run_id, "--json")[1])["run"] == run_id
    assert "unit.mixer.state.starved" in cli("results", "show", run_id, "--all")[1]
    for kind in ("csv", "parquet"):
        code, out, _ = cli("results", "export", run_id, "--out", tmp_path / kind, "--format", kind, "--json")
        assert code == 0
        assert all(Path(file).stat().st_size for file in json.loads(out)["files"])
    head = (tmp_path / "csv" / "measures.csv").read_text(encoding="utf-8").splitlines()[0]
    assert head == '"measure","mean","low","high","level","n","unit"'
    assert json.loads(cli("results", "reindex", "--json")[1]) == {"runs": 1, "chunks": 2}


def test_check_lists_every_problem_of_every_file(cli: Any, folder: Path, tmp_path: Path) -> None:
    assert cli("check", folder / "cell.yaml", folder / "slower.yaml")[0] == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        (folder / "cell.yaml").read_text(encoding="utf-8").replace("12 min", "12 kg"), encoding="utf-8"
    )
    code, out, _ = cli("check", folder / "cell.yaml", bad, tmp_path / "missing.yaml", "--json")
    errors = json.loads(out)["errors"]
    assert code == 2
    assert {Path(error["file"]).name for error in errors} == {"bad.yaml", "missing.yaml"}
    _, _, err = cli("check", bad)
    assert "^" in err
    assert f"{bad}:11:" in err


def test_the_audit_trail_is_verified(cli: Any, run_id: str, workspace: Path) -> None:
    code, out, _ = cli("audit", "verify", "--json")
    found = json.loads(out)
    assert (code, found["sound"], found["entries"]) == (0, True, 1)
    assert cli("audit", "verify", "--head", found["head"])[0] == 0
    code, _, err = cli("audit", "verify", "--head", "0123")
    assert code == 1
    assert "cut or replaced" in err


def test_the_schema_is_printed(cli: Any) -> None:
    assert "equipment" in json.loads(cli("schema", "plant", "--json")[1])["properties"]
    assert "base" in json.loads(cli("schema", "scenario")[1])["properties"]
    assert "lots" in json.loads(cli("schema", "state")[1])["properties"]
    assert cli("schema", "recipe")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["fly"],
        ["run", "cell.yaml", "--speed", "9"],
        ["run", "cell.yaml", "--replications", "0"],
        ["run", "cell.yaml", "--replications", "many"],
        ["run", "cell.yaml", "--engine", "fastest"],
        ["run", "cell.yaml", "--engine", "warp"],
        ["run", "cell.yaml", "--device", "gpu"],
        ["run", "cell.yaml", "--set", "run.horizon"],
        ["run", "cell.yaml", "--set", "run.horizen=3 h"],
        ["run", "cell.yaml", "--set", "run.horizon=3 kg"],
        ["run", "nowhere.yaml"],
        ["run", "twin:nowhere"],
        ["run", "cell.yaml", "--out", "."],
        ["sweep", "cell.yaml"],
        ["sweep", "sweep.yaml", "--shard", "3/2"],
        ["compare", "abc"],
        ["compare", "abc", "def", "--correction", "none at all"],
        ["results", "show", "abc"],
        ["export", "abc"],
        ["audit", "check"],
    ],
)
def test_wrong_input_ends_with_two_and_writes_nothing(
    cli: Any, folder: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(folder)
    code, out, _ = cli(*arguments, "--json")
    assert code == 2
    (error, *_) = json.loads(out)["errors"]
    assert set(error) == {"file", "line", "column", "message", "hint"}
    assert error["message"]
    assert not workspace.exists()
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.strip()


def test_help_needs_none_of_the_layers_below() -> None:
    script = (
        "import sys; from twin.cli import execute; execute(['run', '--help']);"
        "print([m for m in ('numpy', 'pyarrow', 'numba', 'dash', 'pxr') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert "--replications" in done.stdout


def hears_interrupts() -> None:
    """A shell's background jobs, and all they start, are deaf to interrupts: undo that in a child."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_keeps_the_finished_chunks(folder: Path, workspace: Path, workers: str) -> None:
    command = [
        sys.executable,
        "-m",
        "twin.cli",
        "run",
        str(folder / "endless.yaml"),
        "--set",
        "run.horizon=40 d",
    ]
    command += ["--replications", "400", "--workers", workers, "--workspace", str(workspace)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hears_interrupts) as process:
        end = time.monotonic() + 60
        while not list(workspace.glob("runs/*/chunks/[0-9]*-[0-9]*/chunk.json")) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        told = process.stderr.read()
        assert "Traceback" not in told
    (run,) = workspace.glob("runs/" + 16 * "[0-9a-f]")
    edges = [map(int, chunk.name.split("-")[:2]) for chunk in run.glob("chunks/[0-9]*-[0-9]*")]
    kept = sum(last - first + 1 for first, last in edges)
    said = re.search("At least (\\d+) of 400 replications are on the disk", told)
    assert said is not None
    assert kept > 0
    assert kept - 2 <= int(said[1]) <= kept  # the interrupt may come before the last chunk is told of
    assert not list(run.glob("chunks/.writing-*"))
    assert not (run / "manifest.json").exists()
