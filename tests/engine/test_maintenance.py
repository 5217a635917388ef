"""A unit is maintained before it fails: when, what it renews, and what other stops are good for."""

from __future__ import annotations

import pytest

from tests.engine.plants import attribute_of, causes_of, levels_of, operation, plant, states_of


def press(maintenance, lots=3, takes="10 s", order=None, **words):
    """A press with one recipe and a maintenance."""
    more = {key: words.pop(key) for key in ("people", "calendars", "recipes", "orders") if key in words}
    return plant(
        {"press": {"maintenance": maintenance, **words}},
        operation("press", "press", takes),
        lots=lots,
        order=order or {},
        **more,
    )


def test_maintenance_by_the_calendar_is_due_though_no_lot_waits():
    assert causes_of(press({"takes": "3 s", "every": "25 s"}, lots=1), "press", horizon=60) == [
        ("producing", 0, 10, None),
        ("starved", 10, 25, None),
        ("maintenance", 25, 28, "maintenance"),
        ("starved", 28, 53, None),  # 25 s after the end of the last
        ("maintenance", 53, 56, "maintenance"),
        ("starved", 56, 60, None),
    ]


def test_maintenance_that_falls_due_during_an_operation_waits_for_its_end():
    assert states_of(press({"takes": "3 s", "every": "15 s"}), "press") == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("maintenance", 20, 23),
        ("producing", 23, 33),
    ]


def test_maintenance_by_producing_time_does_not_count_rest():
    what = press({"takes": "3 s", "running": "20 s"}, order={"every": "30 s", "times": 3}, lots=1)
    assert states_of(what, "press", horizon=80) == [
        ("producing", 0, 10),
        ("starved", 10, 30),
        ("producing", 30, 40),
        ("maintenance", 40, 43),
        ("starved", 43, 60),
        ("producing", 60, 70),
        ("starved", 70, 80),
    ]


def test_maintenance_by_lots():
    assert states_of(press({"takes": "3 s", "batches": 2}, lots=5), "press") == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("maintenance", 20, 23),
        ("producing", 23, 33),
        ("producing", 33, 43),
        ("maintenance", 43, 46),
        ("producing", 46, 56),
    ]


def test_maintenance_goes_before_a_cleaning_that_is_due_too():
    what = press({"takes": "3 s", "batches": 1}, lots=2, cleaning={"takes": "2 s", "batches": 1})
    assert causes_of(what, "press") == [
        ("producing", 0, 10, None),
        ("maintenance", 10, 13, "maintenance"),
        ("cleaning", 13, 15, "cleaning"),
        ("producing", 15, 25, None),
    ]


def test_a_cleaning_is_an_opportunity():
    maintenance = {"takes": "3 s", "every": "25 s", "opportunity": "5 s"}
    what = press(maintenance, lots=3, cleaning={"takes": "2 s", "batches": 2})
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("maintenance", 20, 23),  # due at 25 s
        ("cleaning", 23, 25),
        ("producing", 25, 35),
    ]


def test_a_cleaning_long_before_is_no_opportunity():
    maintenance = {"takes": "3 s", "every": "26 s", "opportunity": "5 s"}
    what = press(maintenance, lots=3, cleaning={"takes": "2 s", "batches": 2})
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("cleaning", 20, 22),  # after it, the maintenance is due within 4 s
        ("maintenance", 22, 25),
        ("producing", 25, 35),
    ]
    maintenance["every"] = "28 s"
    what = press(maintenance, lots=3, cleaning={"takes": "2 s", "batches": 2})
    assert states_of(what, "press")[2:4] == [("cleaning", 20, 22), ("producing", 22, 32)]


def test_a_change_over_is_an_opportunity():
    what = press(
        {"takes": "3 s", "running": "15 s", "opportunity": "5 s"},
        changeover={"default": "4 s"},
        recipes={n: {"operations": [operation("press", "press", "10 s")]} for n in "ab"},
        orders=[{"recipe": "a"}, {"recipe": "b"}],
    )
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("maintenance", 10, 13),
        ("setup", 13, 17),
        ("producing", 17, 27),
    ]


JAM = {"name": "jam", "clock": "running", "between": "8 s", "repair": "2 s"}


@pytest.mark.parametrize(
    ("takes", "then"),
    [
        (
            "5 s",
            [("down", 8, 10, "jam"), ("maintenance", 10, 13, "maintenance"), ("producing", 13, 15, None)],
        ),
        ("1 s", [("down", 8, 10, "jam"), ("producing", 10, 12, None)]),
    ],
)
def test_a_repair_is_an_opportunity_and_the_unit_is_up_when_both_are_done(takes, then):
    maintenance = {"takes": takes, "every": "11 s", "opportunity": "3 s"}
    what = press(maintenance, lots=1, failures=[JAM])
    assert causes_of(what, "press") == [("producing", 0, 8, None), *then]


def test_a_repair_is_no_opportunity_where_the_people_are_not_free():
    maintenance = {"takes": "5 s", "every": "11 s", "opportunity": "3 s", "needs": ["fitter"]}
    what = plant(
        {"press": {"maintenance": maintenance, "failures": [JAM]}, "oven": {}},
        people={"fitter": {"count": 1}},
        recipes={
            "a": {"operations": [operation("press", "press", "10 s")]},
            "b": {"operations": [operation("bake", "oven", "9 s", needs=["fitter"])]},
        },
        orders=[{"recipe": "a"}, {"recipe": "b"}],
    )
    assert causes_of(what, "press", horizon=20) == [
        ("producing", 0, 8, None),
        ("down", 8, 10, "jam"),
        ("producing", 10, 12, None),
        ("maintenance", 12, 17, "maintenance"),
        ("starved", 17, 20, None),
    ]
    assert levels_of(what, "people/fitter/busy", horizon=20) == [(0, 1), (9, 0), (12, 1), (17, 0)]


def test_maintenance_renews_the_running_clock():
    renewing = {"takes": "1 s", "batches": 1, "renews": ["jam"]}
    jam = {**JAM, "between": "15 s"}
    assert states_of(press(renewing, failures=[jam]), "press") == [
        ("producing", 0, 10),
        ("maintenance", 10, 11),
        ("producing", 11, 21),
        ("maintenance", 21, 22),
        ("producing", 22, 32),
    ]
    without = {"takes": "1 s", "batches": 1}
    assert ("down", 16, 18) in states_of(press(without, failures=[jam]), "press")


def test_maintenance_renews_the_calendar_clock():
    renewing = {"takes": "1 s", "batches": 1, "renews": ["jam"]}
    jam = {**JAM, "clock": "calendar", "between": "15 s"}
    assert states_of(press(renewing, lots=1, failures=[jam]), "press", horizon=30) == [
        ("producing", 0, 10),
        ("maintenance", 10, 11),
        ("starved", 11, 26),  # and not at 15 s
        ("down", 26, 28),
        ("starved", 28, 30),
    ]


def test_a_repair_may_count_as_the_maintenance():
    maintenance = {"takes": "3 s", "running": "12 s", "with_repair_of": ["jam"]}
    assert states_of(press(maintenance, lots=2, failures=[JAM]), "press") == [
        ("producing", 0, 8),
        ("down", 8, 10),
        ("producing", 10, 12),
        ("producing", 12, 18),  # 8 s since the repair
        ("down", 18, 20),
        ("producing", 20, 24),
    ]


def test_a_maintenance_that_waits_for_people_is_dropped_when_a_repair_counts_as_it():
    mode = {"name": "jam", "clock": "calendar", "between": "12 s", "repair": "1 s"}
    maintenance = {"takes": "3 s", "every": "10 s", "needs": ["fitter"], "with_repair_of": ["jam"]}
    what = plant(
        {"press": {"maintenance": maintenance, "failures": [mode]}, "oven": {}},
        people={"fitter": {"count": 1}},
        recipes={
            "a": {"operations": [operation("press", "press", "10 s")]},
            "b": {"operations": [operation("bake", "oven", "15 s", needs=["fitter"])]},
        },
        orders=[{"recipe": "a"}, {"recipe": "b"}],
    )
    assert states_of(what, "press", horizon=27) == [
        ("producing", 0, 10),
        ("waiting_people", 10, 12),
        ("down", 12, 13),
        ("starved", 13, 23),  # 10 s after the repair
        ("maintenance", 23, 25),
        ("down", 25, 26),
        ("maintenance", 26, 27),  # what is in hand goes on
    ]


def test_maintenance_is_done_when_the_unit_opens():
    day = {"open": [{"days": "daily", "from": "04:00", "to": "08:00"}]}
    what = press({"takes": "60 s", "every": "3 h"}, lots=1, calendar="day", calendars={"day": day})
    assert states_of(what, "press", horizon=79300)[2:] == [
        ("off_shift", 7200, 79200),
        ("maintenance", 79200, 79260),
        ("starved", 79260, 79300),
    ]


def test_a_unit_gets_slower_with_use_until_it_is_maintained():
    what = press(
        {"takes": "5 s", "batches": 3, "restores": 1},
        lots=4,
        wear={"per": "10 s", "speed": "-20 %"},
        takes="10 s",
    )
    # At 0 s as new; after 10 s at 0.8: 12.5 s; after 22.5 s at 0.55: 10/0.55 s; then as new.
    third = 22.5 + round(10 / 0.55, 9)
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("producing", 10, 22.5),
        ("producing", 22.5, third),
        ("maintenance", third, third + 5),
        ("producing", third + 5, third + 15),
    ]


def test_a_unit_does_not_get_slower_than_the_least():
    wear = {"batches": 1, "speed": "-30 %", "least": "50 %"}
    what = press({"takes": "5 s", "batches": 99}, lots=4, wear=wear, takes="7 s")
    assert states_of(what, "press") == [
        ("producing", 0, 7),
        ("producing", 7, 17),  # at 0.7
        ("producing", 17, 31),  # at 0.5
        ("producing", 31, 45),
    ]


def test_maintenance_may_restore_a_part_of_the_wear():
    wear = {"batches": 1, "speed": "-25 %", "least": "10 %"}
    what = press({"takes": "1 s", "batches": 2, "restores": "50 %"}, lots=3, wear=wear, takes="6 s")
    assert states_of(what, "press") == [
        ("producing", 0, 6),
        ("producing", 6, 14),  # worn by 1 lot: at 0.75
        ("maintenance", 14, 15),
        ("producing", 15, 23),  # worn by 2 lots, of which 1 is left
    ]


def test_a_worn_unit_fails_more_often():
    """Worn by one lot it uses up its running clock at twice the rate."""
    jam = {**JAM, "between": "16 s"}
    what = press(
        {"takes": "1 s", "batches": 99}, lots=2, wear={"batches": 1, "failure_rate": 1}, failures=[jam]
    )
    assert states_of(what, "press") == [
        ("producing", 0, 10),  # 6 s are left
        ("producing", 10, 13),
        ("down", 13, 15),
        ("producing", 15, 22),
    ]
    assert attribute_of(what, "stops") == [0, 1]


def test_each_of_two_worn_units_fails_as_often_as_one_alone():
    jam = {**JAM, "between": "16 s"}
    worn = {"wear": {"batches": 1, "failure_rate": 1}, "failures": [jam]}
    what = press({"takes": "1 s", "batches": 99}, lots=4, count=2, **worn)
    for unit in ("press", "press_2"):
        assert states_of(what, unit, horizon=22) == [
            ("producing", 0, 10),
            ("producing", 10, 13),
            ("down", 13, 15),
            ("producing", 15, 22),
        ]


def test_maintenance_is_drawn_by_its_number():
    takes = "uniform(low=1 s, high=9 s)"
    often = press({"takes": takes, "batches": 1}, lots=4)
    rarely = press({"takes": takes, "batches": 2}, lots=4)
    many, few = (
        [end - start for state, start, end in states_of(what, "press", per=1) if state == "maintenance"]
        for what in (often, rarely)
    )
    assert many[: len(few)] == few
    assert len(set(many)) == len(many) > len(few) > 0


def test_who_maintains_a_unit_that_fails_meanwhile_repairs_it():
    mode = {"name": "jam", "clock": "calendar", "between": "12 s", "repair": "4 s", "needs": ["fitter"]}
    maintenance = {"takes": "5 s", "batches": 1, "needs": ["fitter"]}
    what = press(maintenance, lots=1, failures=[mode], people={"fitter": {"count": 1}})
    assert states_of(what, "press", horizon=20) == [
        ("producing", 0, 10),
        ("maintenance", 10, 12),
        ("down", 12, 16),
        ("maintenance", 16, 19),
        ("starved", 19, 20),
    ]
