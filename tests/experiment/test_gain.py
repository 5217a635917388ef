"""The bottleneck by measured gain: one station made faster at a time, with the same random numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from twin.cli import execute
from twin.experiment.gain import Bottlenecks, compare_gains, parse_share, plan, streams
from twin.experiment.run import drain
from twin.plant.errors import InputError

LINE = """\
twin: 1
plant: A line whose press is slow
equipment:
  mill: {}
  press: {}
  spare: {}
recipes:
  tablet:
    operations:
      - mill: {on: [mill], takes: 1 h}
      - press: {on: [press], takes: 2.1 h}
orders:
  - {recipe: tablet, batches: 100}
"""


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "line.yaml"
    path.write_text(LINE, encoding="utf-8")
    return path


def found(source: Path, workspace: Path, **options: Any) -> Bottlenecks:
    study = plan(source, **options)
    results = {name: drain(steps) for name, _, steps in streams(study, workspace=workspace, workers=1)}
    return compare_gains(study, results)


def test_only_the_slow_station_gains_and_by_what_it_is_faster(line: Path, workspace: Path) -> None:
    gains = {g.equipment: g for g in found(line, workspace, replications=2).gains}
    before, after = 1 + 100 * 2.1, 1 + 100 * 2.0  # h until the last lot has left
    assert gains["press"].relative == pytest.approx(before / after - 1, rel=1e-9)
    assert gains["mill"].relative == pytest.approx(before / (before - 1 + 1 / 1.05) - 1, rel=1e-9)
    assert gains["spare"].relative == 0
    compared = gains["press"].compared
    assert compared is not None
    assert (compared.paired, compared.verdict, compared.n) == (True, "better", 2)


def test_the_slow_station_is_the_bottleneck_by_its_active_periods_too(line: Path, workspace: Path) -> None:
    result = found(line, workspace, replications=2, equipment=["spare"])
    assert result.units[0] == "press"
    assert result.baseline.interval("unit.press.bottleneck").mean == pytest.approx(210 / 211)


def test_a_speed_that_the_plant_has_already_is_raised_by_the_share(line: Path) -> None:
    study = plan(line, {"equipment.press.speed": 2}, faster=0.5, equipment=["press"])
    (variant,) = study.variants
    assert variant.prepared.plant.equipment["press"].speed == 3
    assert study.baseline.plant.equipment["press"].speed == 2


def test_what_was_finished_before_an_interrupt_is_not_run_again(folder: Path, workspace: Path) -> None:
    study = plan(folder / "cell.yaml", replications=4)
    runs = streams(study, workspace=workspace, workers=1)
    for _ in range(2):
        drain(next(runs)[2])
    next(next(runs)[2])  # begun, and no more
    done = sorted(path.parent.name for path in workspace.glob("runs/*/manifest.json"))
    assert done == sorted([study.baseline.id, study.variants[0].prepared.id])
    stamps = {path: path.stat().st_mtime_ns for path in workspace.glob("runs/*/manifest.json")}
    results = {name: drain(steps) for name, _, steps in streams(study, workspace=workspace, workers=1)}
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert [gain.equipment for gain in compare_gains(study, results).gains] == ["mixer", "press"]


def test_a_variant_that_failed_has_a_message_and_the_others_their_gain(line: Path, workspace: Path) -> None:
    study = plan(line, replications=2, equipment=["mill", "press"])
    runs = {name: steps for name, _, steps in streams(study, workspace=workspace, workers=1)}
    results = {name: drain(runs[name]) for name in ("", "press")}
    mill, press = compare_gains(study, results, {"mill": "It is stuck."}).gains
    assert (mill.compared, mill.relative, mill.message) == (None, None, "It is stuck.")
    assert press.compared is not None


@pytest.mark.parametrize("text", ["5%", "5 %", "0.05"])
def test_a_share_is_read(text: str) -> None:
    assert parse_share(text) == 0.05


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"faster": 0.0}, "faster by more than 0"),
        ({"faster": 20.0}, "at most 1000%"),
        ({"equipment": ["pres"]}, "no equipment `pres`"),
    ],
)
def test_what_cannot_be_made_faster_is_refused(line: Path, options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        plan(line, **options)


def test_a_sweep_has_no_one_bottleneck(folder: Path) -> None:
    with pytest.raises(InputError, match="sweeps over several values"):
        plan(folder / "sweep.yaml")


def test_the_command_prints_one_object_or_two_tables(
    line: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["bottleneck", str(line), "--replications", "2", "--units", "press"]
    command += ["--workspace", str(workspace)]
    assert execute([*command, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["run", "faster", "measure", "unit", "gains", "active_periods"]
    (gain,) = said["gains"]
    assert gain["equipment"] == "press"
    assert gain["ci"][0] <= gain["gain"] <= gain["ci"][1]
    assert set(said["active_periods"]) == {"mill", "press", "spare"}
    assert execute(command) == 0
    out = capsys.readouterr().out
    assert "Bottleneck by active periods" in out
    assert "throughput with each 5 % faster" in out
    assert execute([*command, "--faster", "soon"]) == 2
    assert "`soon` is no share" in capsys.readouterr().err
    assert execute([*command, "--dry-run"]) == 0
    assert "press 5 % faster" in capsys.readouterr().out
