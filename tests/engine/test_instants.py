"""What happens when much happens at once: the rounds of an instant, ties, and operations without length."""

from __future__ import annotations

import pytest

from tests.engine.plants import attribute_of, operation, plant, quantities_of, run, states_of, visits_of
from twin.engine.simpy_engine import SimulationError


def test_work_that_completes_as_its_unit_fails_is_finished():
    """The failure falls due at 4 s with the end of the lot; the lot is done and stays until repair."""
    mode = {"clock": "calendar", "between": "4 s", "repair": "2 s", "work": "scrap"}
    what = plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "4 s"))
    assert states_of(what, "mill") == [("producing", 0, 4), ("down", 4, 6)]
    assert visits_of(what) == [(0, "mill", "mill", 0, 4, 6, "done")]


def test_a_finished_part_leaves_the_unit_that_fails_at_that_instant():
    mode = {"clock": "calendar", "between": "4 s", "repair": "2 s", "finished_part_may_leave": True}
    what = plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "4 s"), lots=2)
    assert states_of(what, "mill") == [("producing", 0, 4), ("down", 4, 6), ("producing", 6, 10)]
    assert visits_of(what) == [(0, "mill", "mill", 0, 4, 4, "done"), (1, "mill", "mill", 6, 10, 10, "done")]


@pytest.mark.parametrize("work", ["resume", "repeat", "scrap"])
def test_a_running_clock_that_runs_out_with_the_work_stops_the_unit_and_not_the_next_lot(work):
    mode = {"clock": "running", "between": "4 s", "repair": "2 s", "work": work, "waste": "1 pieces"}
    record = run(plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "4 s"), lots=2))
    assert states_of(record, "mill") == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("producing", 6, 10),
        ("down", 10, 12),
    ]
    assert visits_of(record) == [(0, "mill", "mill", 0, 4, 6, "done"), (1, "mill", "mill", 6, 10, 12, "done")]
    assert quantities_of(record) == [("mill", 100, 100, 0)] * 2
    assert attribute_of(record, "stops") == [0, 0]


def test_running_clocks_that_run_out_together_fail_together():
    modes = [
        {"name": "jam", "clock": "running", "between": "4 s", "repair": "1 s"},
        {"name": "leak", "clock": "running", "between": "4 s", "repair": "2 s"},
    ]
    what = plant({"mill": {"failures": modes}}, operation("mill", "mill", "6 s"))
    states = states_of(what, "mill")
    assert [(state, start) for state, start, _ in states if state == "producing"] == [
        ("producing", 0),
        ("producing", 6),
    ]
    assert states[-1] == ("producing", 6, 8)


def test_a_repair_ends_before_the_next_failure_falls_due():
    """The jam is cleared at 6 s, the instant at which the unit begins to leak."""
    modes = [
        {"name": "jam", "clock": "calendar", "between": "4 s", "repair": "2 s"},
        {"name": "leak", "clock": "calendar", "between": "6 s", "repair": "3 s"},
    ]
    what = plant({"mill": {"failures": modes}}, operation("mill", "mill", "4.5 s"))
    assert states_of(what, "mill") == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("down", 6, 9),
        ("producing", 9, 9.5),
    ]


def test_a_lot_released_as_a_unit_becomes_free_is_taken_at_once():
    what = plant({"mill": {}}, operation("mill", "mill", "4 s"), order={"every": "4 s", "times": 3})
    assert states_of(what, "mill") == [("producing", 0, 4), ("producing", 4, 8), ("producing", 8, 12)]


def test_a_lot_released_at_closing_time_is_not_begun():
    what = plant(
        {"mill": {"calendar": "early"}},
        operation("mill", "mill", "1 h"),
        calendars={"early": {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}]}},
        order={"first": "8 h"},
    )
    assert states_of(what, "mill", 3600 * 10**9) == [
        ("starved", 0, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 25),
    ]


def test_three_machines_that_finish_at_once_pass_their_lots_on_in_one_instant():
    what = plant(
        {"one": {}, "two": {}, "three": {}},
        operation("one", "one", "3 s"),
        operation("two", "two", "3 s", wait_in="none"),
        operation("three", "three", "3 s", wait_in="none"),
        lots=3,
    )
    assert states_of(what, "one") == [
        ("producing", 0, 3),
        ("producing", 3, 6),
        ("producing", 6, 9),
        ("starved", 9, 15),
    ]
    assert states_of(what, "two")[1:4] == [("producing", 3, 6), ("producing", 6, 9), ("producing", 9, 12)]
    assert states_of(what, "three")[1:] == [("producing", 6, 9), ("producing", 9, 12), ("producing", 12, 15)]


def test_operations_without_length_take_no_time_and_leave_no_state():
    what = plant(
        {"mill": {}, "bench": {}, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("look", "bench", "0 s"),
        operation("press", "press", "0 s", setup="0 s"),
        lots=2,
    )
    assert states_of(what, "bench") == [("starved", 0, 4)]
    assert states_of(what, "press") == [("starved", 0, 4)]
    assert visits_of(what) == [
        (0, "mill", "mill", 0, 2, 2, "done"),
        (0, "look", "bench", 2, 2, 2, "done"),
        (0, "press", "press", 2, 2, 2, "done"),
        (1, "mill", "mill", 2, 4, 4, "done"),
        (1, "look", "bench", 4, 4, 4, "done"),
        (1, "press", "press", 4, 4, 4, "done"),
    ]


def test_one_bench_without_length_takes_many_lots_at_an_instant():
    what = plant({"bench": {}}, operation("look", "bench", "0 s"), lots=5, order={"first": "1 s"})
    assert visits_of(what) == [(lot, "look", "bench", 1, 1, 1, "done") for lot in range(5)]
    assert states_of(what, "bench") == [("starved", 0, 1)]


def test_rows_of_a_lot_stand_in_the_order_in_which_they_happened():
    """At 4 s the second look is over and packing begins: the look has visit 1, packing visit 0."""
    rework = {"probability": 0.5, "to": "mill"}
    what = plant(
        {"mill": {}, "bench": {}, "packer": {}},
        operation("mill", "mill", "2 s"),
        operation("look", "bench", "0 s", rework=rework),
        operation("pack", "packer", "1 s"),
        lots=10,
    )
    rows = run(what).lots.to_pylist()
    for lot in range(10):
        visits = [row["operation"] for row in rows if row["lot"] == lot]
        assert visits == ["mill", "look"] * (len(visits) // 2) + ["pack"]


def test_time_that_stands_still_is_an_error_that_names_the_unit():
    rework = {"probability": 1, "to": "look"}
    what = plant({"mill": {}, "bench": {}}, operation("look", "bench", "0 s", rework=rework))
    with pytest.raises(SimulationError, match=r"time stands still at 0 s: .* 'bench' works"):
        run(what)


def test_releases_without_time_between_them_are_an_error_that_names_their_order():
    what = plant({"bench": {}}, operation("look", "bench", "1 s"), order={"every": "0 s", "times": 20_000})
    with pytest.raises(SimulationError, match=r"time stands still at 0 s: .* order line 0 releases"):
        run(what)


def test_failures_without_length_are_an_error_that_names_their_unit():
    mode = {"clock": "calendar", "between": "0 s", "repair": "0 s"}
    what = plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "1 s"))
    with pytest.raises(SimulationError, match=r"time stands still at 0 s: .* 'mill' fails"):
        run(what)
