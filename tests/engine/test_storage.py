"""Lots wait for each other: finite buffers, blocking before and after service, lost lots, waiting outside."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, run, states_of, visits_of
from twin.engine.compile import compile_program
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run

RACK = {"rack": {"capacity": 1}}


def mill_and_press(wait_in=None, lots=4, storage=RACK, **mill):
    """A mill of 2 s before a press of 5 s."""
    wait = {} if wait_in is None else {"wait_in": wait_in}
    return plant(
        {"mill": mill, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "5 s", **wait),
        lots=lots,
        storage=storage,
    )


PRESS = [
    ("starved", 0, 2),
    ("producing", 2, 7),
    ("producing", 7, 12),
    ("producing", 12, 17),
    ("producing", 17, 22),
]


def test_a_full_rack_blocks_the_mill_after_service():
    what = mill_and_press("rack")
    assert causes_of(what, "mill") == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("producing", 4, 6, None),
        ("blocked", 6, 7, "rack"),
        ("producing", 7, 9, None),
        ("blocked", 9, 12, "rack"),
        ("starved", 12, 22, None),
    ]
    assert states_of(what, "press") == PRESS
    assert levels_of(what, "storage/rack") == [(0, 0), (4, 1), (17, 0)]


def test_a_full_rack_blocks_the_mill_before_service():
    what = mill_and_press("rack", blocking="before_service")
    assert causes_of(what, "mill") == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("blocked", 4, 7, "rack"),
        ("producing", 7, 9, None),
        ("blocked", 9, 12, "rack"),
        ("producing", 12, 14, None),
        ("starved", 14, 22, None),
    ]
    assert states_of(what, "press") == PRESS


def test_without_a_rack_a_lot_keeps_the_mill_until_the_press_takes_it():
    what = mill_and_press("none")
    assert causes_of(what, "mill") == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("blocked", 4, 7, None),
        ("producing", 7, 9, None),
        ("blocked", 9, 12, None),
        ("producing", 12, 14, None),
        ("blocked", 14, 17, None),
        ("starved", 17, 22, None),
    ]
    assert states_of(what, "press") == PRESS


@pytest.mark.parametrize("wait_in", [None, "rack"])
def test_unlimited_room_never_blocks(wait_in):
    what = mill_and_press(wait_in, storage={"rack": {}})
    assert states_of(what, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 4),
        ("producing", 4, 6),
        ("producing", 6, 8),
        ("starved", 8, 22),
    ]
    assert states_of(what, "press") == PRESS


def test_a_rack_that_is_passed_through_at_once_is_never_occupied():
    what = mill_and_press("rack", lots=1)
    assert levels_of(what, "storage/rack") == [(0, 0)]


def test_two_places_hold_two_lots():
    what = mill_and_press("rack", storage={"rack": {"capacity": 2}})
    assert states_of(what, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 4),
        ("producing", 4, 6),
        ("producing", 6, 8),
        ("starved", 8, 22),
    ]
    steps = [(0, 0), (4, 1), (6, 2), (7, 1), (8, 2), (12, 1), (17, 0)]
    assert levels_of(what, "storage/rack") == steps


def makers(takes):
    """Recipes named after the one machine that makes their lot; all then wait in one rack for one press."""
    pressing = operation("press", "press", "10 s", wait_in="rack")
    return plant(
        {**{name: {} for name in takes}, "press": {}},
        storage=RACK,
        recipes={
            name: {"operations": [operation("make", name, seconds), pressing]}
            for name, seconds in takes.items()
        },
        orders=[{"recipe": name} for name in takes],
    )


def when_made_lots_left(what):
    return {unit: left for _, op, unit, _, _, left, _ in visits_of(what) if op == "make"}


def test_a_freed_place_goes_to_the_lot_blocked_longest_then_to_the_lower_unit():
    """`fast` is pressed from 1 s, `quick` is in the rack; `slow` is blocked from 5 s, the others from 6 s."""
    what = makers({"right": "6 s", "left": "6 s", "slow": "5 s", "fast": "1 s", "quick": "2 s"})
    assert when_made_lots_left(what) == {"fast": 1, "quick": 2, "slow": 11, "right": 21, "left": 31}


def test_two_units_that_finish_at_once_take_places_in_the_order_of_the_file():
    what = makers({"busy": "1 s", "left": "4 s", "right": "4 s"})
    assert when_made_lots_left(what) == {"busy": 1, "left": 4, "right": 11}


def test_two_operations_share_a_rack():
    """A lot for the oven fills the rack; the mill's lot goes past it, straight to the press that is free."""
    what = plant(
        {"mill": {}, "mixer": {}, "press": {}, "oven": {}},
        storage=RACK,
        recipes={
            "tablet": {
                "operations": [
                    operation("mill", "mill", "2 s"),
                    operation("press", "press", "5 s", wait_in="rack"),
                ]
            },
            "cake": {
                "operations": [
                    operation("mix", "mixer", "1 s"),
                    operation("bake", "oven", "20 s", wait_in="rack"),
                ]
            },
        },
        orders=[{"recipe": "tablet", "batches": 2}, {"recipe": "cake", "batches": 2}],
    )
    assert causes_of(what, "mill") == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("blocked", 4, 7, "rack"),
        ("starved", 7, 41, None),
    ]
    assert states_of(what, "press") == [
        ("starved", 0, 2),
        ("producing", 2, 7),
        ("producing", 7, 12),
        ("starved", 12, 41),
    ]
    assert levels_of(what, "storage/rack") == [(0, 0), (2, 1), (21, 0)]


def arrivals(when_full, wait_in="rack", times=6):
    """A lot every 2 s at a mill of 5 s."""
    return plant(
        {"mill": {}},
        operation("mill", "mill", "5 s", wait_in=wait_in),
        storage=RACK,
        order={"every": "2 s", "times": times, "when_full": when_full},
    )


def test_a_lot_that_finds_no_place_is_lost():
    """At 10 s a lot comes as the mill takes the one in the rack: it finds the place free."""
    assert visits_of(arrivals("lost")) == [
        (0, "mill", "mill", 0, 5, 5, "done"),
        (1, "mill", "mill", 5, 10, 10, "done"),
        (2, "mill", None, None, None, 4, "lost"),
        (3, "mill", "mill", 10, 15, 15, "done"),
        (4, "mill", None, None, None, 8, "lost"),
        (5, "mill", "mill", 15, 20, 20, "done"),
    ]


def test_without_a_place_to_wait_only_a_free_unit_saves_a_lot():
    outcomes = [(lot, outcome) for lot, *_, outcome in visits_of(arrivals("lost", wait_in="none"))]
    assert outcomes == [(0, "done"), (1, "lost"), (2, "lost"), (3, "done"), (4, "lost"), (5, "lost")]


def test_lost_lots_are_never_work_in_process():
    assert levels_of(arrivals("lost", wait_in="none", times=3), "wip") == [(0, 1), (5, 0)]


def test_a_lot_that_may_wait_waits_outside():
    what = arrivals("wait", times=4)
    assert visits_of(what) == [
        (0, "mill", "mill", 0, 5, 5, "done"),
        (1, "mill", "mill", 5, 10, 10, "done"),
        (2, "mill", "mill", 10, 15, 15, "done"),
        (3, "mill", "mill", 15, 20, 20, "done"),
    ]
    assert levels_of(what, "storage/rack") == [(0, 0), (2, 1), (15, 0)]
    assert levels_of(what, "wip") == [(0, 1), (2, 2), (4, 3), (5, 2), (6, 3), (10, 2), (15, 1), (20, 0)]


def test_lots_of_one_release_are_lost_one_by_one():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "5 s", wait_in="rack"),
        storage=RACK,
        order={"batches": 4, "when_full": "lost"},
    )
    # One is milled, one waits in its place, two find none.
    outcomes = [(lot, outcome) for lot, *_, outcome in visits_of(what)]
    assert outcomes == [(0, "done"), (1, "done"), (2, "lost"), (3, "lost")]


def test_a_shelf_by_pieces_has_room_for_what_is_left_of_a_lot():
    """Half of each lot of 100 pieces is lost in the mill; the shelf has 60 places and the press needs 5 s."""
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s", yields="0.5"),
        operation("press", "press", "5 s", wait_in="shelf"),
        lots=3,
        storage={"shelf": {"holds": "60 pieces"}},
    )
    assert [(r[1], r[3], r[5]) for r in visits_of(what)] == [
        ("mill", 0, 2),
        ("press", 2, 7),
        ("mill", 2, 4),
        ("press", 7, 12),
        ("mill", 4, 7),
        ("press", 12, 17),
    ]


def test_unlimited_room_loses_nothing():
    what = plant({"mill": {}}, operation("mill", "mill", "5 s"), order={"batches": 3, "when_full": "lost"})
    assert [outcome for *_, outcome in visits_of(what)] == ["done", "done", "done"]


def test_blocking_before_service_needs_a_place_to_reserve():
    with pytest.raises(ComplaintError) as refused:
        compile_program(mill_and_press("none", blocking="before_service"), Run())
    (complaint,) = refused.value.complaints
    assert complaint.path == ("equipment", "mill", "blocking")
    assert "waits in none" in complaint.message


def test_a_scrapped_lot_gives_up_the_place_it_had_reserved():
    """The mill fails at 3 s and scraps its second lot; its third needs the same place."""
    mode = {"clock": "calendar", "between": "3 s", "repair": "1 s", "work": "scrap"}
    what = mill_and_press("rack", lots=3, blocking="before_service", failures=[mode])
    record = run(what)
    assert states_of(record, "mill")[:4] == [
        ("producing", 0, 2),
        ("producing", 2, 3),
        ("down", 3, 4),
        ("producing", 4, 6),
    ]
    assert visits_of(record)[2] == (1, "mill", "mill", 2, 3, 3, "scrapped")


def test_a_free_press_takes_a_lot_straight_from_the_mill_past_a_rack_full_of_others():
    """Lots wait for both machines in one rack with one place."""
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s", wait_in="rack"),
        operation("press", "press", "5 s", wait_in="rack"),
        lots=3,
        storage=RACK,
    )
    assert states_of(what, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 4),
        ("blocked", 4, 7),
        ("producing", 7, 9),
        ("starved", 9, 17),
    ]
    assert states_of(what, "press") == [
        ("starved", 0, 2),
        ("producing", 2, 7),
        ("producing", 7, 12),
        ("producing", 12, 17),
    ]


def test_a_place_that_one_mill_has_reserved_is_not_there_for_another():
    """Both start only with a place to go to, and there is one; the press holds the first lot until 12 s."""
    what = plant(
        {name: {"blocking": "before_service"} for name in ("left", "right")} | {"press": {}},
        operation("mill", ["left", "right"], "2 s"),
        operation("press", "press", "10 s", wait_in="rack"),
        lots=3,
        storage=RACK,
    )
    assert causes_of(what, "left")[:3] == [
        ("producing", 0, 2, None),
        ("producing", 2, 4, None),
        ("blocked", 4, 12, "rack"),
    ]
    assert causes_of(what, "right")[0] == ("blocked", 0, 12, "rack")
    assert levels_of(what, "storage/rack") == [(0, 0), (4, 1), (12, 0), (14, 1), (22, 0)]
