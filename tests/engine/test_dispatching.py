"""Which unit takes which lot: parallel units, preferences, priorities, and the order of the file."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant, run, states_of, visits_of
from twin.engine.compile import compile_program
from twin.engine.streams import Streams
from twin.plant.scenario import Run


def starts_of(what, **words):
    """(lot, unit, started) in the order of starts, then of units."""
    rows = [(lot, unit, started) for lot, _, unit, started, *_ in visits_of(what, **words)]
    return sorted(rows, key=lambda row: (row[2], row[1]))


def test_identical_units_have_numbered_names_and_work_side_by_side():
    what = plant({"mill": {"count": 3}, "press": {}}, operation("mill", "mill", "4 s"), lots=4)
    assert compile_program(what, Run()).unit_names == ("mill", "mill_2", "mill_3", "press")
    assert starts_of(what) == [(0, "mill", 0), (1, "mill_2", 0), (2, "mill_3", 0), (3, "mill", 4)]
    assert states_of(what, "mill_2") == [("producing", 0, 4), ("starved", 4, 8)]


def test_the_preferred_unit_is_taken_first_whatever_the_order_of_the_file():
    what = plant({"old": {}, "new": {}}, operation("mill", ["new", "old"], "4 s"), lots=3)
    assert starts_of(what) == [(0, "new", 0), (1, "old", 0), (2, "new", 4)]


def test_the_second_choice_is_taken_while_the_first_is_busy():
    what = plant(
        {"old": {}, "new": {}},
        operation("mill", ["new", "old"], "4 s"),
        order={"every": "3 s", "times": 3},
    )
    assert starts_of(what) == [(0, "new", 0), (1, "old", 3), (2, "new", 6)]


def test_the_second_choice_is_taken_while_the_first_is_down():
    mode = {"clock": "calendar", "between": "1 s", "repair": "10 s"}
    what = plant(
        {"old": {}, "new": {"failures": [mode]}},
        operation("mill", ["new", "old"], "4 s"),
        order={"first": "2 s"},
    )
    assert starts_of(what) == [(0, "old", 2)]


def test_the_second_choice_is_taken_while_the_first_is_closed():
    what = plant(
        {"old": {}, "new": {"calendar": "late"}},
        operation("mill", ["new", "old"], "4 s"),
        calendars={"late": {"open": [{"days": "daily", "from": "14:00", "to": "22:00"}]}},
    )
    assert starts_of(what) == [(0, "old", 0)]


def test_the_second_choice_is_taken_where_the_first_lacks_a_place_to_go_to():
    """`new` starts only with a place in the rack; `old` may be blocked afterwards."""
    what = plant(
        {"old": {}, "new": {"blocking": "before_service"}, "press": {}},
        operation("mill", ["new", "old"], "2 s"),
        operation("press", "press", "20 s", wait_in="rack"),
        storage={"rack": {"capacity": 1}},
        order={"every": "4 s", "times": 3},
    )
    # From 6 s on the rack is full.
    milled = [row for row in starts_of(what) if row[1] != "press"]
    assert milled == [(0, "new", 0), (1, "new", 4), (2, "old", 8)]


def test_a_free_unit_starts_before_one_that_stands_later_in_the_file_frees_another():
    """At 4 s the press is done; `second` is free, `first` blocked until the press takes another lot."""
    what = plant(
        {"first": {}, "second": {}, "press": {}},
        operation("mill", "first", "1 s", setup="0 s"),
        operation("press", "press", "3 s", wait_in="rack"),
        operation("look", ["first", "second"], "1 s"),
        lots=3,
        storage={"rack": {"capacity": 1}},
    )
    looked = [(lot, unit, started) for lot, op, unit, started, *_ in visits_of(what) if op == "look"]
    assert looked == [(0, "second", 4), (1, "first", 7), (2, "first", 10)]


def urgent_and_ordinary(**mill):
    """Two ordinary lots at 0 s, an urgent one at 1 s."""
    return plant(
        {"mill": mill},
        operation("mill", "mill", "4 s"),
        orders=[
            {"recipe": "part", "batches": 2, "priority": 1},
            {"recipe": "part", "first": "1 s", "priority": 0},
        ],
    )


def test_the_lowest_priority_number_goes_first():
    assert starts_of(urgent_and_ordinary()) == [(0, "mill", 0), (2, "mill", 4), (1, "mill", 8)]


def test_fifo_heeds_no_priority():
    what = urgent_and_ordinary(dispatching="fifo")
    assert starts_of(what) == [(0, "mill", 0), (1, "mill", 4), (2, "mill", 8)]


def test_among_equal_priorities_the_longest_waiting_goes_first():
    what = plant(
        {"mill": {}},
        recipes={
            "late": {"operations": [operation("mill", "mill", "4 s")]},
            "early": {"operations": [operation("mill", "mill", "4 s")]},
        },
        orders=[{"recipe": "late", "first": "2 s"}, {"recipe": "early", "first": "1 s"}, {"recipe": "late"}],
    )
    # Lots are numbered as they are released: 0 at 0 s, 1 at 1 s, 2 at 2 s.
    assert starts_of(what) == [(0, "mill", 0), (1, "mill", 4), (2, "mill", 8)]


def test_among_lots_that_came_at_once_the_preferred_goes_before_the_lower_number():
    what = plant(
        {"first": {}, "both": {}},
        recipes={
            "anywhere": {"operations": [operation("work", ["first", "both"], "4 s")]},
            "only_here": {"operations": [operation("work", "both", "4 s")]},
        },
        orders=[{"recipe": "anywhere", "batches": 2}, {"recipe": "only_here"}],
    )
    assert starts_of(what) == [(2, "both", 0), (0, "first", 0), (1, "first", 4)]


def test_lots_of_one_instant_are_numbered_by_the_order_book():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "1 s"),
        recipes={"other": {"operations": [operation("mill", "mill", "1 s")]}},
        orders=[{"recipe": "other", "batches": 2}, {"recipe": "part"}, {"recipe": "other"}],
    )
    rows = run(what).lots.to_pylist()
    assert [(r["lot"], r["order"], r["recipe"], r["arrived"]) for r in rows] == [
        (0, 0, "other", 0),
        (1, 0, "other", 0),
        (2, 1, "part", 0),
        (3, 2, "other", 0),
    ]


@pytest.mark.parametrize(
    ("order", "released"),
    [
        ({"times": 1}, [0]),
        ({"every": "3 s", "times": 3}, [0, 3, 6]),
        ({"every": "3 s", "first": "1 s", "times": 3}, [1, 4, 7]),
        ({"every": "3 s", "batches": 2, "times": 2}, [0, 0, 3, 3]),
    ],
)
def test_orders_release_lots_in_time(order, released):
    what = plant({"mill": {}}, operation("mill", "mill", "0.1 s"), order=order)
    assert [row["arrived"] / 1e9 for row in run(what).lots.to_pylist()] == released


def test_random_releases_use_one_draw_each():
    order = {"every": "exponential(mean=1 min)", "times": 4}
    what = plant({"mill": {}}, operation("mill", "mill", "1 s"), order=order)
    every = Streams(1, 0).of(compile_program(what, Run()).orders[0].every)
    arrived = [row["arrived"] for row in run(what).lots.to_pylist()]
    assert arrived == [sum(every.nanoseconds(k) for k in range(n + 1)) for n in range(4)]


def test_a_first_release_of_its_own_leaves_the_others_their_draws():
    order = {"every": "exponential(mean=1 min)", "first": "7 s", "times": 3}
    what = plant({"mill": {}}, operation("mill", "mill", "1 s"), order=order)
    every = Streams(1, 0).of(compile_program(what, Run()).orders[0].every)
    first, second = every.nanoseconds(0), every.nanoseconds(1)
    arrived = [row["arrived"] for row in run(what).lots.to_pylist()]
    assert arrived == [7_000_000_000, 7_000_000_000 + first, 7_000_000_000 + first + second]
