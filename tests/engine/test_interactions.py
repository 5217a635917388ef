"""Rules of different kinds that meet in one small plant, each with the record worked out by hand."""

from __future__ import annotations

from tests.engine.plants import HOUR, causes_of, operation, plant, run, visits_of


def test_a_lot_whose_hold_time_passes_on_the_unit_that_it_keeps_leaves_it():
    """The oven heats lot 0 until 1 h; its result would come at 10 h, but the lot may wait until 3 h only."""
    assay = {"assay": {"test": {"on": ["bench"], "takes": "9 h"}}}
    what = plant(
        {"oven": {}, "bench": {}},
        operation("heat", "oven", "1 h", unit_procedure="bake", sampling=assay),
        operation(
            "cool", "oven", "1 h", unit_procedure="bake", needs_release=["assay"], max_wait_before="2 h"
        ),
        lots=2,
    )
    record = run(what, horizon=12 * 3600)
    assert visits_of(record, HOUR) == [
        (0, "heat", "oven", 0, 1, 3, "expired"),
        (1, "heat", "oven", 3, 4, 6, "expired"),
    ]
    assert causes_of(record, "oven", HOUR) == [
        ("producing", 0, 1, None),
        ("waiting_quality", 1, 3, "assay"),
        ("producing", 3, 4, None),
        ("waiting_quality", 4, 6, "assay"),
        ("starved", 6, 12, None),
    ]


def test_a_unit_that_goes_by_due_dates_takes_a_batch_of_one():
    """The second lot comes at 3 h, when the first has been worked on since its release."""
    what = plant(
        {"oven": {"dispatching": "edd"}},
        operation("heat", "oven", "2 h", together={"max": 3}),
        order={"every": "3 h", "times": 2},
    )
    assert visits_of(what, HOUR) == [
        (0, "heat", "oven", 0, 2, 2, "done"),
        (1, "heat", "oven", 3, 5, 5, "done"),
    ]
