"""What becomes of a lot: set-up and start-up, waste, yields, scrap and rework."""

from __future__ import annotations

import pytest

from tests.engine.plants import attribute_of, operation, plant, quantities_of, run, states_of, visits_of
from twin.engine.compile import compile_program
from twin.engine.streams import Streams
from twin.plant.scenario import Run


def test_a_visit_is_set_up_started_up_and_processed():
    what = plant({"press": {"start_up": "3 s"}}, operation("press", "press", "4 s", setup="2 s"), lots=2)
    assert states_of(what, "press") == [
        ("setup", 0, 2),
        ("start_up", 2, 5),
        ("producing", 5, 9),
        ("setup", 9, 11),
        ("start_up", 11, 14),
        ("producing", 14, 18),
    ]
    assert visits_of(what) == [
        (0, "press", "press", 0, 9, 9, "done"),
        (1, "press", "press", 9, 18, 18, "done"),
    ]


def test_set_up_belongs_to_the_operation_and_start_up_to_the_unit():
    what = plant(
        {"press": {"start_up": "3 s"}, "bench": {}},
        operation("press", "press", "4 s"),
        operation("check", "bench", "1 s", setup="2 s"),
    )
    assert states_of(what, "press")[:2] == [("start_up", 0, 3), ("producing", 3, 7)]
    assert states_of(what, "bench") == [("starved", 0, 7), ("setup", 7, 9), ("producing", 9, 10)]


def test_start_up_wastes_and_counts_its_stops():
    start_up = {"takes": "3 s", "waste": "5 pieces", "stops": 2}
    what = plant({"press": {"start_up": start_up}}, operation("press", "press", "4 s"))
    assert quantities_of(what) == [("press", 100, 95, 5)]
    assert attribute_of(what, "start_up_stops") == [2]


def test_waste_is_lost_before_the_yield_counts():
    start_up = {"takes": "3 s", "waste": "5 pieces"}
    what = plant({"press": {"start_up": start_up}}, operation("press", "press", "4 s", yields=0.8))
    assert quantities_of(what) == [("press", 100, 76, 24)]


def test_what_one_operation_leaves_is_what_the_next_one_gets():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 s", yields=0.9),
        operation("press", "press", "1 s", yields=0.9),
    )
    assert quantities_of(what) == [("mill", 100, 90, 10), ("press", 90, 81, 9)]


def test_a_batch_in_kilograms_is_counted_in_whole_milligrams():
    what = plant({"mill": {}}, operation("mill", "mill", "1 s", yields=0.75), batch="0.5 kg")
    record = run(what)
    assert quantities_of(record) == [("mill", 500_000, 375_000, 125_000)]
    assert record.lots.column("unit_of_quantity").to_pylist() == ["mg"]


def test_a_scrapped_lot_is_lost_whole_and_goes_no_further():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s", scrap=1.0),
        operation("press", "press", "1 s"),
    )
    assert visits_of(what) == [(0, "mill", "mill", 0, 2, 2, "scrapped")]
    assert quantities_of(what) == [("mill", 100, 0, 100)]


def test_an_operation_is_repeated_up_to_its_limit_and_then_scraps_the_lot():
    what = plant(
        {"coater": {}},
        operation("coat", "coater", "2 s", rework={"probability": 1, "to": "coat", "limit": 3}),
    )
    record = run(what)
    assert visits_of(record) == [
        (0, "coat", "coater", 0, 2, 2, "rework"),
        (0, "coat", "coater", 2, 4, 4, "rework"),
        (0, "coat", "coater", 4, 6, 6, "scrapped"),
    ]
    assert record.lots.column("visit").to_pylist() == [0, 1, 2]


def test_a_limit_of_one_visit_scraps_at_once():
    what = plant(
        {"coater": {}},
        operation("coat", "coater", "2 s", rework={"probability": 1, "to": "coat", "limit": 1}),
    )
    assert visits_of(what) == [(0, "coat", "coater", 0, 2, 2, "scrapped")]


def test_a_lot_goes_back_to_an_earlier_operation():
    what = plant(
        {"mill": {}, "bench": {}},
        operation("mill", "mill", "2 s"),
        operation("check", "bench", "1 s", rework={"probability": 1, "to": "mill", "limit": 2}),
    )
    assert visits_of(what) == [
        (0, "mill", "mill", 0, 2, 2, "done"),
        (0, "check", "bench", 2, 3, 3, "rework"),
        (0, "mill", "mill", 3, 5, 5, "done"),
        (0, "check", "bench", 5, 6, 6, "scrapped"),
    ]


def test_scrap_is_decided_before_rework():
    rework = {"probability": 1, "to": "coat"}
    what = plant({"coater": {}}, operation("coat", "coater", "2 s", scrap=1.0, rework=rework))
    assert [outcome for *_, outcome in visits_of(what)] == ["scrapped"]


def test_rework_does_not_bring_back_what_was_lost():
    rework = {"probability": 1, "to": "coat", "limit": 2}
    what = plant({"coater": {}}, operation("coat", "coater", "2 s", yields=0.9, rework=rework))
    assert quantities_of(what) == [("coat", 100, 90, 10), ("coat", 90, 0, 90)]


def test_outcomes_are_drawn_by_lot_and_visit():
    """A lot goes back until its draw for the visit is above the probability."""
    rework = {"probability": 0.5, "to": "coat"}
    what = plant({"coater": {}}, operation("coat", "coater", "2 s", rework=rework), lots=20)
    streams = Streams(1, 0)
    expected = []
    for lot in range(20):
        visit = 0
        while streams.uniform("part/coat/rework", lot, visit) < 0.5:
            expected.append((lot, visit, "rework"))
            visit += 1
        expected.append((lot, visit, "done"))
    rows = run(what).lots.to_pylist()
    assert [(r["lot"], r["visit"], r["outcome"]) for r in rows] == expected
    assert len(expected) > 25


def test_processing_times_are_drawn_by_lot_and_visit():
    rework = {"probability": 1, "to": "coat", "limit": 2}
    takes = "gamma(mean=10 s, cv=0.5)"
    what = plant({"coater": {}}, operation("coat", "coater", takes, rework=rework), lots=2)
    stream = Streams(1, 0).of(compile_program(what, Run()).operations[0].takes)
    rows = run(what).lots.to_pylist()
    assert [(r["lot"], r["visit"], r["finished"] - r["started"]) for r in rows] == [
        (lot, visit, stream.nanoseconds(lot, visit)) for lot in (0, 1) for visit in (0, 1)
    ]


@pytest.mark.parametrize("yields", ["normal(mean=0.5, sd=2)", "uniform(low=0, high=1)"])
def test_a_yield_stays_between_nothing_and_everything(yields):
    what = plant({"mill": {}}, operation("mill", "mill", "1 s", yields=yields), lots=40)
    for _, into, good, scrapped in quantities_of(what):
        assert 0 <= good <= into
        assert good + scrapped == into


def test_two_recipes_may_name_their_operations_alike():
    what = plant(
        {"mill": {}},
        operation("mix", "mill", "1 s"),
        recipes={"other": {"operations": [operation("mix", "mill", "2 s")]}},
        orders=[{"recipe": "part"}, {"recipe": "other"}],
    )
    frame = run(what).lots.to_pandas()
    assert list(zip(frame.recipe, frame.operation, frame.finished, strict=True)) == [
        ("part", "mix", 1_000_000_000),
        ("other", "mix", 3_000_000_000),
    ]
