"""A small line with known times, run once, and its stage."""

from __future__ import annotations

from pathlib import Path

import pytest

import twin
from twin.experiment.results import Result
from twin.scene.export import export_usd

# Lots are claimed at 0, 10 and 20 min by the booth; the press is 12 m along the aisle away: 12 s at 1 m/s.
LINE = """
twin: 1
plant: Small line
layout:
  areas:
    hall: {outline: [[0, 0], [20, 0], [20, 10], [0, 10]], grade: D}
  aisles: [[[2, 8], [18, 8]]]
equipment:
  booth: {class: dispensing_booth, at: [4, 4]}
  press: {class: rotary_tablet_press, at: [12, 4], rotation: 90}
storage:
  staging: {at: [8, 8]}
containers:
  ibc: {count: 4}
transport: {speed: 1 m/s}
recipes:
  tablet:
    batch: 100 kg
    operations:
      - dispense: {on: [booth], takes: 10 min, take: ibc}
      - compress: {on: [press], takes: 25 min, wait_in: staging, return: {ibc: clean}}
orders: [{recipe: tablet, batches: 3}]
"""

QUEUE = """
twin: 1
plant: A plain queue
equipment:
  desk: {count: 3}
recipes:
  customer:
    operations:
      - serve: {on: [desk], takes: exponential(mean=5 min)}
orders: [{recipe: customer, every: exponential(mean=2 min), times: 60}]
"""


def result_of(text: str, folder: Path) -> Result:
    """Run a plant twice and return the result."""
    path = folder / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    return twin.run(path, replications=2, seed=5, workspace=folder)


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The small line's result."""
    return result_of(LINE, tmp_path_factory.mktemp("line"))


@pytest.fixture(scope="session")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of a plant without any position."""
    return result_of(QUEUE, tmp_path_factory.mktemp("queue"))


@pytest.fixture(scope="session")
def stage_file(line: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root layer of the small line's stage."""
    return export_usd(line, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="session")
def queue_file(queue: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root layer of the queue's stage."""
    return export_usd(queue, tmp_path_factory.mktemp("queue_stage"))


@pytest.fixture(scope="session")
def trucks_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root layer of the stage of the example with trucks, an airlock and a conveyor, given a place."""
    folder = tmp_path_factory.mktemp("trucks")
    example = Path(__file__).parents[2] / "docs" / "examples" / "transport.yaml"
    text = example.read_text(encoding="utf-8")
    placed = text.replace("belt: {capacity: 4,", "belt: {capacity: 4, at: [43, 2],")
    return export_usd(result_of(placed, folder), folder / "stage")
