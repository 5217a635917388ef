"""What the app shows of a run that kept the records of all, of some, or of none of its replications."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import twin
from twin.experiment import keeping
from twin.experiment.results import Result
from twin.web import result_view
from twin.web.backend import Backend
from twin.web.workbench import page_of_run

DRAWN = {"Throughput", "Work in process", "Gantt", "Lead time"}


def run(workspace: Path, record: str) -> Result:
    return twin.run("twin:two_machines", workspace=workspace, replications=4, record=record, workers=1)


def panels(result: Result) -> set[str]:
    """The titles of the panels of a result that are drawn from records, and of what stands in their place."""
    body = str(result_view.result(result))
    return {title for title in (*DRAWN, "Over time") if f"H2('{title}')" in body}


def test_a_run_that_kept_its_records_shows_what_is_drawn_from_them(tmp_path: Path) -> None:
    shown = run(tmp_path, "full")
    assert panels(shown) == DRAWN
    assert "a record was kept" not in str(result_view.result(shown))
    assert "3D stage" in str(result_view.actions(shown))


def test_a_run_that_kept_none_says_so_once_and_how_to_see_more(tmp_path: Path) -> None:
    shown = run(tmp_path, "folded")
    body = str(result_view.result(shown))
    assert panels(shown) == {"Over time"}
    assert body.count("kept no record") == 1
    assert "find the parameter Record among all, set it to full" in body
    assert "H2('All measures')" in body
    assert "Tables (Parquet)" in str(result_view.actions(shown))
    assert "3D stage" not in str(result_view.actions(shown))


def test_a_run_that_kept_some_shows_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FEW", 2)
    monkeypatch.setattr(keeping, "MOST_ROWS", 1)
    shown = run(tmp_path, "auto")
    assert shown.kept_replications == [1, 2]
    body = str(result_view.result(shown))
    assert panels(shown) == DRAWN
    assert "Of 2 replications a record was kept." in body
    assert "max=2" in body
    assert "over 2 replications" in body


def test_a_run_of_which_a_part_is_missing_says_so(tmp_path: Path) -> None:
    shown = run(tmp_path, "full")
    shutil.rmtree(shown.path / "chunks")
    assert "missing or was changed" in str(page_of_run(Backend(tmp_path), shown.id))
