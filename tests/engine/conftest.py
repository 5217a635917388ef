"""Every small plant of these tests runs in both engines, where the compiled one covers it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import plants
from tests.engine.compiled_engine.alike import differences_from
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate


@pytest.fixture(autouse=True)
def both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `plants.run` fail where the records of the engines differ."""
    monkeypatch.setattr(plants, "simulate", _both)


def _both(program: Program, seed: int, replication: int = 0, *more: Any) -> Record:
    record = simulate(program, seed, replication, *more)
    if not more and not refusals(program):
        assert differences_from(record, program, seed, replication) == []
    return record
