"""Metres and trips are those of the plant."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from twin.engine.record import LOTS_SCHEMA
from twin.experiment.layouts.floor import floor_of, gap, gaps_to_aisles
from twin.experiment.layouts.flow import trips
from twin.plant.layout import distances, homes, positions
from twin.plant.load import load_plant


@pytest.mark.parametrize("name", ["tablet_line", "solid_dose"])
def test_metres_are_those_that_the_engines_use(name: str) -> None:
    plant = load_plant(f"twin:{name}").plant
    places = [at for at in {**positions(plant), **homes(plant)}.values() if at is not None]
    ours = floor_of(plant.layout.aisles).distances(np.array(places))
    known = [k for k, at in enumerate({**positions(plant), **homes(plant)}.values()) if at is not None]
    theirs = np.array(distances(plant))[np.ix_(known, known)]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_without_aisles_ways_are_straight() -> None:
    metres = floor_of([]).distances(np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert metres.tolist() == [[0.0, 5.0], [5.0, 0.0]]


def test_aisles_that_do_not_connect_have_no_way() -> None:
    floor = floor_of([[(0.0, 0.0), (1.0, 0.0)], [(0.0, 5.0), (1.0, 5.0)]])
    assert np.isinf(floor.distances(np.array([[0.5, 0.0], [0.5, 5.0]]))[0, 1])


def test_gaps_are_those_of_boxes() -> None:
    assert gap((0, 0, 1, 1), (4, 5, 6, 7)) == pytest.approx(5.0)
    assert gap((0, 0, 1, 1), (1, 0, 2, 1)) == 0
    cut = np.array([[[0.0, 3.0], [10.0, 3.0]]])
    boxes = [(0, 0, 1, 1), (0, 2, 1, 4), (12, 0, 13, 3), (13, 6, 14, 7), (4, 3, 5, 9)]
    assert gaps_to_aisles(boxes, cut) == pytest.approx([2.0, 0.0, 2.0, np.hypot(3, 3), 0.0])
    slanting = np.array([[[0.0, 0.0], [4.0, 4.0]]])
    assert gaps_to_aisles([(2, 1, 3, 2.5), (2, 0, 3, 1)], slanting) == pytest.approx([0, np.sqrt(0.5)])
    assert np.isinf(gaps_to_aisles([(0, 0, 1, 1)], np.zeros((0, 2, 2))))


def lots(*rows: tuple[int, int, str, str | None, int, int | None]) -> pa.Table:
    """Rows of replication, lot, operation, unit, arrived, started."""
    columns = {field.name: [None] * len(rows) for field in LOTS_SCHEMA}
    names = ("replication", "lot", "operation", "unit", "arrived", "started")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        columns[name] = list(values)
    columns["recipe"] = ["tablet"] * len(rows)
    return pa.table(columns, schema=LOTS_SCHEMA)


def test_a_lot_that_waits_travels_by_way_of_its_storage() -> None:
    plant = load_plant("twin:tablet_line").plant
    table = lots(
        (1, 0, "dispense", "booth", 0, 0),
        (1, 0, "blend", "blender", 10, 10),  # claimed at once
        (1, 0, "compress", "press", 20, 50),  # waits in the bin store
        (2, 0, "dispense", "booth", 0, 0),
        (2, 0, "blend", "blender", 10, 30),
        (2, 0, "compress", None, 40, None),  # still waits at the end
    )
    assert trips(plant, table) == {
        ("blender", "storage/bin_store"): 1.0,
        ("booth", "blender"): 0.5,
        ("booth", "storage/bin_store"): 0.5,
        ("storage/bin_store", "blender"): 0.5,
        ("storage/bin_store", "press"): 0.5,
    }
