"""The audit trail: every change of it is seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from twin.experiment import audit


@pytest.fixture
def trail(workspace: Path) -> Path:
    for what in ("run", "export", "compare"):
        audit.record(workspace, what, before="b", after="a", why="a test", who="ann")
    return workspace


def change(workspace: Path, statement: str) -> None:
    database = sqlite3.connect(workspace / audit.FILE)
    database.execute(statement)
    database.commit()
    database.close()


def test_a_chain_holds(trail: Path) -> None:
    found = audit.verify(trail)
    assert (found.sound, found.entries) == (True, 3)
    assert [e.what for e in audit.entries(trail)] == ["run", "export", "compare"]
    assert audit.entries(trail)[0].previous == audit.GENESIS
    assert audit.entries(trail)[0].at.endswith("+00:00")


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("update entries set who = 'eve' where number = 2", "Entry 2 was changed"),
        ("update entries set at = '2020-01-01' where number = 1", "Entry 1 was changed"),
        ("delete from entries where number = 2", "Entry 2 is missing"),
        ("update entries set previous = hash where number = 3", "Entry 3 does not follow"),
    ],
)
def test_tampering_is_seen(trail: Path, statement: str, complaint: str) -> None:
    change(trail, statement)
    assert audit.verify(trail).complaint.startswith(complaint)


def test_entries_cut_off_at_the_end_are_seen_by_the_head(trail: Path) -> None:
    head = audit.verify(trail).head
    change(trail, "delete from entries where number = 3")
    assert audit.verify(trail).sound
    assert "was cut or replaced" in audit.verify(trail, head).complaint


def test_an_earlier_head_stays_in_the_chain(trail: Path) -> None:
    head = audit.verify(trail).head
    audit.record(trail, "run")
    assert audit.verify(trail, head).sound


def test_no_trail_is_sound_and_holds_no_head(workspace: Path) -> None:
    assert audit.verify(workspace).sound
    assert not audit.verify(workspace, "f" * 64).sound


def test_who_acts_can_be_said(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_USER", "qa.ann")
    assert audit.record(workspace, "run").who == "qa.ann"
