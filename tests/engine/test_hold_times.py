"""Hold times and shelf life: what becomes of lots that wait too long, and when the limit passes."""

from __future__ import annotations

import pytest

from tests.engine.plants import (
    attribute_of,
    causes_of,
    levels_of,
    operation,
    plant,
    run,
    states_of,
    visits_of,
)


def dried_and_pressed(limit, lots=2, dry=None, press=None, **words):
    """Lots are dried for 1 s each and pressed for 5 s each; `limit` before the press."""
    return plant(
        {"oven": {}, "press": {}},
        operation("dry", "oven", "1 s", **(dry or {})),
        operation("press", "press", "5 s", max_wait_before=limit, **(press or {})),
        lots=lots,
        **words,
    )


def test_a_lot_that_waits_too_long_expires():
    """Lot 1 is dry at 2 s; the press is free at 6 s."""
    record = run(dried_and_pressed("3 s"))
    assert visits_of(record) == [
        (0, "dry", "oven", 0, 1, 1, "done"),
        (0, "press", "press", 1, 6, 6, "done"),
        (1, "dry", "oven", 1, 2, 2, "done"),
        (1, "press", None, None, None, 5, "expired"),
    ]
    assert record.lots.column("scrapped").to_pylist() == [0, 0, 0, 100]
    assert record.lots.column("cause").to_pylist() == [None, None, None, "max_wait_before press"]
    assert attribute_of(record, "hold_exceeded") == [None, None, None, 0]
    assert levels_of(record, "wip") == [(0, 2), (5, 1), (6, 0)]


@pytest.mark.parametrize(("limit", "outcome"), [("4 s", "expired"), ("4.1 s", "done")])
def test_a_limit_that_passes_at_the_instant_of_the_start_has_passed(limit, outcome):
    """Lot 1 is dry at 2 s and the press is free at 6 s."""
    assert visits_of(dried_and_pressed(limit))[-1][-1] == outcome


def test_a_lot_that_is_only_flagged_goes_on_and_is_counted():
    record = run(dried_and_pressed({"limit": "3 s", "when_late": "flag"}))
    assert visits_of(record)[-1] == (1, "press", "press", 6, 11, 11, "done")
    assert attribute_of(record, "hold_exceeded") == [None, None, None, 1]
    assert record.lots.column("cause").to_pylist()[-1] == "max_wait_before press"


def test_a_lot_that_waited_too_long_is_dried_again():
    record = run(dried_and_pressed({"limit": "3 s", "when_late": "rework", "to": "dry"}))
    assert visits_of(record) == [
        (0, "dry", "oven", 0, 1, 1, "done"),
        (0, "press", "press", 1, 6, 6, "done"),
        (1, "dry", "oven", 1, 2, 2, "done"),
        (1, "press", None, None, None, 5, "rework"),
        (1, "dry", "oven", 5, 6, 6, "done"),
        (1, "press", "press", 6, 11, 11, "done"),
    ]
    assert record.lots.column("visit").to_pylist() == [0, 0, 0, 0, 1, 1]


def test_the_first_operation_counts_from_release():
    what = plant({"press": {}}, operation("press", "press", "5 s", max_wait_before="3 s"), lots=2)
    assert visits_of(what) == [
        (0, "press", "press", 0, 5, 5, "done"),
        (1, "press", None, None, None, 3, "expired"),
    ]


def test_a_lot_expires_on_the_unit_on_which_it_waits():
    what = dried_and_pressed("3 s", press={"wait_in": "none"})
    assert visits_of(what)[2:] == [(1, "dry", "oven", 1, 2, 5, "expired")]
    assert states_of(what, "oven") == [
        ("producing", 0, 1),
        ("producing", 1, 2),
        ("blocked", 2, 5),
        ("starved", 5, 6),
    ]


def test_a_lot_that_expires_gives_its_place_to_the_next_one():
    what = dried_and_pressed("3.5 s", lots=3, press={"wait_in": "rack"}, storage={"rack": {"capacity": 1}})
    assert visits_of(what)[2:] == [
        (1, "dry", "oven", 1, 2, 2, "done"),
        (1, "press", None, None, None, 5.5, "expired"),
        (2, "dry", "oven", 2, 3, 5.5, "done"),
        (2, "press", "press", 6, 11, 11, "done"),
    ]


def test_a_lot_on_its_way_arrives_before_it_goes_out():
    """The way takes 4 s, the limit passes after 3 s."""
    what = plant(
        {"oven": {"at": [0, 0]}, "press": {"at": [0, 0]}},
        operation("dry", "oven", "1 s"),
        operation("press", "press", "5 s", max_wait_before="3 s", wait_in="rack"),
        storage={"rack": {"at": [4, 0]}},
        transport={"speed": "1 m/s"},
    )
    record = run(what)
    assert visits_of(record)[1:] == [(0, "press", None, None, None, 5, "expired")]
    assert attribute_of(record, "hold_exceeded") == [None, 1]
    assert levels_of(record, "storage/rack") == [(0, 0), (1, 1), (5, 0)]


def test_a_lot_that_expires_gives_its_container_back_dirty():
    what = dried_and_pressed(
        "3 s",
        dry={"take": "ibc"},
        press={"return": {"ibc": "clean"}},
        containers={"ibc": {"count": 2, "cleaning": {"takes": "1 s", "on": ["oven"]}}},
    )
    assert levels_of(what, "container/ibc/in_use") == [(0, 1), (1, 2), (5, 1), (6, 0)]


def three_steps(life, middle="2 s", **words):
    """Granulated for 1 s, milled, and pressed; `life` counts from granulation."""
    return plant(
        {"granulator": {}, "mill": {}, "press": {}},
        operation("granulate", "granulator", "1 s", shelf_life=life),
        operation("mill", "mill", middle),
        operation("press", "press", "4 s"),
        **words,
    )


def test_shelf_life_spans_operations_and_ends_with_the_start_of_the_last():
    """Lot 1 is granulated at 2 s, milled at 5 s and could be pressed at 7 s."""
    assert visits_of(three_steps("5 s", lots=2))[3:] == [
        (1, "granulate", "granulator", 1, 2, 2, "done"),
        (1, "mill", "mill", 3, 5, 5, "done"),
        (1, "press", None, None, None, 7, "expired"),
    ]
    assert visits_of(three_steps("5.5 s", lots=2))[-1] == (1, "press", "press", 7, 11, 11, "done")
    assert visits_of(three_steps("10 s", lots=2))[-1][-1] == "done"


def test_work_in_hand_is_finished_before_an_expired_lot_goes_out():
    record = run(three_steps("3 s", middle="8 s"))
    assert visits_of(record) == [
        (0, "granulate", "granulator", 0, 1, 1, "done"),
        (0, "mill", "mill", 1, 9, 9, "expired"),
    ]
    assert attribute_of(record, "hold_exceeded") == [None, 5]
    assert record.lots.column("cause").to_pylist() == [None, "shelf_life granulate"]


def test_work_that_ends_as_the_shelf_life_ends_is_done_and_the_lot_goes_out_from_its_unit():
    assert visits_of(three_steps("8 s", middle="8 s")) == [
        (0, "granulate", "granulator", 0, 1, 1, "done"),
        (0, "mill", "mill", 1, 9, 9, "expired"),
    ]


def test_shelf_life_until_an_operation_ends_with_its_start():
    what = three_steps({"limit": "3 s", "until": "mill"}, middle="8 s")
    assert [row[-1] for row in visits_of(what)] == ["done", "done", "done"]


def test_an_expired_lot_is_granulated_again_with_a_new_shelf_life():
    life = {"limit": "3 s", "when_late": "rework", "to": "granulate"}
    assert visits_of(three_steps(life, middle="8 s"), horizon=20) == [
        (0, "granulate", "granulator", 0, 1, 1, "done"),
        (0, "mill", "mill", 1, 9, 9, "rework"),
        (0, "granulate", "granulator", 9, 10, 10, "done"),
        (0, "mill", "mill", 10, 18, 18, "rework"),
        (0, "granulate", "granulator", 18, 19, 19, "done"),
        (0, "mill", "mill", 19, None, None, "open"),
    ]


def test_the_press_starves_when_the_lot_it_could_not_start_is_gone():
    what = dried_and_pressed(
        "3 s",
        lots=1,
        press={"needs": ["operator"]},
        people={"operator": {"count": 1, "calendar": "late"}},
        calendars={"late": {"open": [{"days": "daily", "from": "07:00", "to": "08:00"}]}},
    )
    assert causes_of(what, "press", horizon=10) == [
        ("starved", 0, 1, None),
        ("waiting_people", 1, 4, "operator"),
        ("starved", 4, 10, None),
    ]
