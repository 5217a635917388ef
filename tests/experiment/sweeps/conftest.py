"""Sweeps of a plant of two machines that run in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.conftest import PLANT
from twin.experiment.executors import Serial
from twin.experiment.sweeps import work
from twin.experiment.sweeps.folder import SweepFolder
from twin.experiment.sweeps.plan import SweepPlan, plan_sweep
from twin.experiment.sweeps.running import stream_sweep

MIX = "recipes.tablet.operations.mix.takes"
PRESS = "recipes.tablet.operations.press.takes"

Sweep = Callable[..., Path]


def scenario(folder: Path, axes: str, run: str = "{replications: 5}", more: str = "") -> Path:
    """A scenario file with these axes."""
    (folder / "cell.yaml").write_text(PLANT, encoding="utf-8")
    path = folder / "sweep.yaml"
    text = f"scenario: A sweep\nbase: cell.yaml\nrun: {run}\nsweep: {{axes: {{{axes}}}}}\n{more}"
    path.write_text(text, encoding="utf-8")
    return path


def drained(plan: SweepPlan, **options: Any) -> Path:
    """The folder of a sweep that was run to its end."""
    steps = stream_sweep(plan, **{"executor": Serial(), **options})
    while True:
        try:
            next(steps)
        except StopIteration as end:
            folder: SweepFolder = end.value
            return folder.path


def swept(source: Path, workspace: Path, **options: Any) -> Path:
    """The folder of a scenario's sweep, run to its end in SimPy, in this process unless told where."""
    return drained(plan_sweep(source, engine="simpy"), workspace=workspace, **options)


def kept(folder: Path) -> dict[str, bytes]:
    """The files of a sweep that follow from what was asked, by name."""
    files = [*folder.glob("*.parquet"), *folder.glob("results/*.parquet")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture(autouse=True)
def each_replication_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps in this process tell of each replication, however soon after the last, so that a test can stop
    at any.
    """
    monkeypatch.setattr(work, "EVERY", -1.0)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Seed and number of each replication that was computed and not found."""
    numbers: list[tuple[int, int]] = []
    simulate_into = work.simulate_into

    def counted(takes: Any, engine: str, program: Any, seed: int, wanted: Any, *others: Any) -> Any:
        for number, end in simulate_into(takes, engine, program, seed, wanted, *others):
            numbers.append((seed, number))
            yield number, end

    monkeypatch.setattr(work, "simulate_into", counted)
    return numbers
