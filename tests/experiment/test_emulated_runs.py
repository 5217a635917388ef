"""A run with an emulated operation: its manifest, its report and its identity say so."""

from __future__ import annotations

from pathlib import Path

import pytest

import twin
from twin import reports
from twin.experiment.prepare import prepare

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "emulated.yaml"
FULL = {"recipes.granules.operations.granulate.solve": "full"}


@pytest.fixture(scope="module")
def emulated(tmp_path_factory):
    return twin.run(EXAMPLE, replications=3, workers=1, workspace=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return twin.run(EXAMPLE, set=FULL, replications=3, workers=1, workspace=tmp_path_factory.mktemp("runs"))


def test_the_manifest_says_how_good_the_emulator_is_and_for_how_many_lots(emulated):
    (row,) = emulated.manifest["emulated"]
    assert (row["operation"], row["model"]) == ("granules/granulate", "high_shear_granulation")
    assert (row["lots_emulated"] + row["lots_in_full"], row["tolerance"]) == (15, 0.1)
    assert row["lots_emulated"] >= 14
    (emulator,) = row["emulators"]
    assert (emulator["points"] >= 500, emulator["points_out_of_range"], emulator["declined"]) == (True, 0, "")
    outputs = emulator["outputs"]
    assert {"duration", "yield", "d10", "d50", "d90", "fines", "oversize_fraction"} < set(outputs)
    assert all(o["error"] <= o["error_at_most"] <= 0.1 for o in outputs.values())
    assert outputs["d50"]["noise"] > 1e-6


def test_a_run_in_full_has_nothing_to_say_of_emulators(full):
    assert full.manifest["emulated"] == []


def test_sizes_are_nearly_those_of_the_run_in_full(emulated, full):
    noise = emulated.manifest["emulated"][0]["emulators"][0]["outputs"]["d50"]["noise"]
    near, exact = (result.values["attribute.d50.mean"] for result in (emulated, full))
    assert list(near.values()) == pytest.approx(list(exact.values()), abs=0.1 * noise)
    assert near != exact


def test_the_identity_and_the_plan_name_the_way_to_solve():
    plain, changed = prepare(EXAMPLE), prepare(EXAMPLE, FULL)
    assert (plain.batch["physics"], changed.batch["physics"]) == ("emulated", "full")
    assert plain.id != changed.id
    assert [row["mode"] for row in plain.physics] == ["emulated", "full"]
    assert [row["mode"] for row in changed.physics] == ["full", "full"]


def test_the_report_says_which_was_used(emulated, full, capsys):
    reports.show_result(emulated)
    said = capsys.readouterr().out
    assert "physics of granules/granulate: emulated from" in said
    assert "of the lot-to-lot noise" in said
    assert "solved in full" in said
    reports.show_result(full)
    assert "solved in full" not in capsys.readouterr().out


def test_a_second_run_takes_the_emulator_from_the_cache(emulated, tmp_path, monkeypatch):
    from twin.engine import emulation

    emulation._emulator.cache_clear()  # as another process begins
    monkeypatch.setattr(emulation, "_made", lambda problem: pytest.fail("made anew"))
    again = twin.run(EXAMPLE, replications=3, workers=1, workspace=tmp_path)
    assert again.manifest["content"] == emulated.manifest["content"]


def test_what_cannot_be_emulated_is_said(tmp_path, capsys):
    text = EXAMPLE.read_text(encoding="utf-8").replace("solve: full", "solve: emulated")
    text = text.replace("solve: emulated\n", "solve: emulated\n          split: 2\n", 1)
    (tmp_path / "parts.yaml").write_text(text, encoding="utf-8")
    result = twin.run(tmp_path / "parts.yaml", replications=1, workers=1, workspace=tmp_path)
    blend = result.manifest["emulated"][1]
    assert blend["emulators"][0]["declined"] == "its lots are parts since `granulate`"
    assert (blend["lots_emulated"], blend["lots_in_full"]) == (0, 10)
    reports.show_result(result)
    assert "because its lots are parts since `granulate`; 0 lots emulated, 10" in capsys.readouterr().out
