"""Specifications: attributes that physics computes reject lots, send them back, or hold them for review."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant, run, visits_of
from tests.engine.test_physics_operations import COMPRESSION, blender_and_press, compressed
from twin.engine.compile import compile_program
from twin.engine.streams import Streams
from twin.plant.scenario import Run

HARDNESS = compressed()[2]["hardness"]
TOO_MUCH = {"min": f"{HARDNESS * 2} N", "max": "1e4 N"}
SEEN = ("operation", "visit", "outcome", "cause")


def pressed_and_packed(hardness, lots=1, pack=None, **words):
    """Tablets are pressed by physics, and packed for an hour."""
    return plant(
        {"press": {}, "packer": {}, "lab": {}},
        operation(
            "press",
            "press",
            None,
            physics="tablet_compression",
            settings=COMPRESSION,
            specification={"hardness": hardness},
        ),
        operation("pack", "packer", "1 h", **(pack or {})),
        lots=lots,
        batch="100 kg",
        recipe={"material": {"lubrication_factor": 0.9, "blend_variation": 0.01}},
        **words,
    )


def history(what, *columns, **words):
    """These columns of each visit."""
    rows = run(what, **words).lots.to_pylist()
    return [tuple(row[name] for name in columns or SEEN) for row in rows]


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.9, 1.1, "done"),
        (1.0, 1.0, "done"),
        (1.01, 1.1, "rejected"),
        (0.9, 0.99, "rejected"),
    ],
)
def test_a_lot_within_its_limits_is_good_and_one_outside_is_rejected(low, high, outcome):
    what = blender_and_press(lots=1)
    words = what.model_dump(by_alias=True)
    limits = {"min": {"value": low * HARDNESS, "unit": "N"}, "max": {"value": high * HARDNESS, "unit": "N"}}
    words["recipes"]["part"]["operations"]["compress"]["specification"] = {"hardness": limits}
    what = type(what).model_validate(words)
    cause = None if outcome == "done" else "hardness"
    assert history(what) == [("blend", 0, "done", None), ("compress", 0, outcome, cause)]


def test_a_rejected_lot_is_lost_whole_and_leaves_with_its_cause():
    what = pressed_and_packed(TOO_MUCH)
    columns = ("operation", "outcome", "cause", "quantity_in", "good", "scrapped")
    assert history(what, *columns) == [("press", "rejected", "hardness", 10**8, 0, 10**8)]


def test_a_lot_outside_its_limits_is_pressed_again_up_to_its_limit():
    what = pressed_and_packed({**TOO_MUCH, "otherwise": "rework", "limit": 3})
    assert history(what) == [
        ("press", 0, "rework", "hardness"),
        ("press", 1, "rework", "hardness"),
        ("press", 2, "rejected", "hardness"),
    ]


@pytest.mark.parametrize("first", ["hardness", "solid_fraction"])
def test_of_several_limits_that_are_missed_the_gravest_decides_in_any_order(first):
    what = pressed_and_packed({**TOO_MUCH, "otherwise": "rework", "limit": 3})
    words = what.model_dump(by_alias=True)
    missed = words["recipes"]["part"]["operations"]["press"]["specification"]
    missed["solid_fraction"] = {"max": {"value": 0.1, "unit": "1"}}
    ordered = {first: missed.pop(first), **missed}
    words["recipes"]["part"]["operations"]["press"]["specification"] = ordered
    assert history(type(what).model_validate(words)) == [("press", 0, "rejected", "solid_fraction")]


@pytest.mark.parametrize(
    ("fails", "end"), [(0, ("pack", 0, "done", None)), (1, ("pack", 0, "rejected", "hardness"))]
)
def test_a_lot_on_hold_goes_on_when_its_review_is_good(fails, end):
    review = {"on": ["lab"], "takes": "2 h", "fails": fails}
    what = pressed_and_packed({**TOO_MUCH, "otherwise": "hold", "review": review})
    assert history(what) == [("press", 0, "done", "hardness"), end]
    pressed = compressed()[0]
    left = visits_of(what)[1][5]
    assert left == pytest.approx(pressed + 7200 + (0 if fails else 3600), rel=0.2)


def test_lots_within_their_limits_are_not_reviewed():
    review = {"on": ["lab"], "takes": "2 h"}
    limits = {"max": "1e4 N", "otherwise": "hold", "review": review}
    assert history(pressed_and_packed(limits)) == [("press", 0, "done", None), ("pack", 0, "done", None)]


def test_a_specification_draws_nothing():
    """The times of a lot that goes on are the same with and without limits that it meets."""
    free, limited = blender_and_press(lots=3), pressed_and_packed({"max": "1e4 N"}, lots=3)
    assert "cause" not in run(free).lots.column_names
    assert {row[2] for row in history(limited)} == {"done"}


def test_the_attribute_of_an_earlier_operation_can_be_judged_later():
    what = plant(
        {"press": {}, "bench": {}},
        operation("press", "press", None, physics="tablet_compression", settings=COMPRESSION),
        operation("check", "bench", "1 h", specification={"hardness": {"min": "1e4 N"}}),
        batch="100 kg",
        recipe={"material": {"lubrication_factor": 0.9, "blend_variation": 0.01}},
    )
    assert history(what) == [("press", 0, "done", None), ("check", 0, "rejected", "hardness")]


def test_a_draw_of_scrap_stays_what_it_is():
    what = pressed_and_packed({"max": "1e4 N"}, lots=10, pack={"scrap": 0.3})
    streams = Streams(1, 0)
    drawn = ["scrapped" if streams.uniform("part/pack/scrap", lot, 0) < 0.3 else "done" for lot in range(10)]
    assert compile_program(what, Run()).quality.decides
    assert [row[2] for row in history(what) if row[0] == "pack"] == drawn
