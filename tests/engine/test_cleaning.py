"""A unit is cleaned: what makes a cleaning fall due, when it is done, and what it counts for."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of, visits_of
from twin.engine.simpy_engine import SimulationError


def press(lots: str, equipment=None, takes="10 s", every=None, **words):
    """A press that makes the products named by the letters of `lots`, one after the other, as released.

    Released together, or one `every` so many seconds.
    """
    recipes = {
        name: {"operations": [operation("press", "press", takes)], **words.pop(name, {})}
        for name in sorted(set(lots))
    }
    orders = [
        {"recipe": name, "first": f"{0 if every is None else i * every} s"} for i, name in enumerate(lots)
    ]
    return plant({"press": equipment or {}}, recipes=recipes, orders=orders, **words)


def test_a_unit_is_cleaned_between_two_products():
    assert causes_of(press("aab", {"cleaning": {"between_products": "5 s"}}), "press") == [
        ("producing", 0, 10, None),
        ("producing", 10, 20, None),
        ("cleaning", 20, 25, "cleaning"),
        ("producing", 25, 35, None),
    ]


def test_the_first_lot_needs_no_cleaning_unless_the_plant_says_what_was_made_before():
    cleaning = {"cleaning": {"between_products": "5 s"}}
    assert states_of(press("a", cleaning), "press") == [("producing", 0, 10)]
    assert states_of(press("ab", {**cleaning, "last_product": "b"}), "press") == [
        ("cleaning", 0, 5),
        ("producing", 5, 15),
        ("cleaning", 15, 20),
        ("producing", 20, 30),
    ]
    assert states_of(press("ab", {**cleaning, "last_product": "a"}), "press")[0] == ("producing", 0, 10)


def test_a_cleaning_between_products_waits_until_the_next_product_is_known():
    assert states_of(press("ab", {"cleaning": {"between_products": "5 s"}}, every=20), "press") == [
        ("producing", 0, 10),
        ("starved", 10, 20),
        ("cleaning", 20, 25),
        ("producing", 25, 35),
    ]


def test_recipes_of_one_product_follow_each_other_without_cleaning():
    what = press("ab", {"cleaning": {"between_products": "5 s"}}, a={"product": "x"}, b={"product": "x"})
    assert states_of(what, "press") == [("producing", 0, 10), ("producing", 10, 20)]


def test_products_of_one_family_follow_each_other_without_the_cleaning_of_families():
    cleaning = [
        {"name": "minor", "between_products": "2 s"},
        {"name": "major", "level": 2, "between_families": "5 s"},
    ]
    what = press("abc", {"cleaning": cleaning}, a={"family": "x"}, b={"family": "x"})
    assert causes_of(what, "press") == [
        ("producing", 0, 10, None),
        ("cleaning", 10, 12, "minor"),
        ("producing", 12, 22, None),
        ("cleaning", 22, 27, "major"),  # which counts as the minor one
        ("producing", 27, 37, None),
    ]


def test_a_unit_is_cleaned_after_so_many_lots_though_none_waits():
    assert states_of(press("aaaaa", {"cleaning": {"takes": "3 s", "batches": 2}}), "press", horizon=60) == [
        ("producing", 0, 10),
        ("producing", 10, 20),
        ("cleaning", 20, 23),
        ("producing", 23, 33),
        ("producing", 33, 43),
        ("cleaning", 43, 46),
        ("producing", 46, 56),
        ("starved", 56, 60),
    ]


def test_a_cleaning_by_producing_time_waits_until_the_lot_has_left():
    assert states_of(press("aaa", {"cleaning": {"takes": "3 s", "running": "15 s"}}), "press") == [
        ("producing", 0, 10),
        ("producing", 10, 20),  # due at 15 s
        ("cleaning", 20, 23),
        ("producing", 23, 33),
    ]


def test_a_cleaning_by_the_clock_is_due_though_no_lot_waits():
    what = press("a", {"cleaning": {"takes": "3 s", "every": "20 s"}})
    assert states_of(what, "press", horizon=50) == [
        ("producing", 0, 10),
        ("starved", 10, 20),
        ("cleaning", 20, 23),
        ("starved", 23, 43),  # 20 s after the end of the last
        ("cleaning", 43, 46),
        ("starved", 46, 50),
    ]


def test_a_cleaning_due_when_a_lot_finishes_goes_before_the_next_lot():
    assert states_of(press("aa", {"cleaning": {"takes": "3 s", "every": "10 s"}}), "press") == [
        ("producing", 0, 10),
        ("cleaning", 10, 13),
        ("producing", 13, 23),
    ]


def test_a_cleaning_due_while_a_lot_is_in_work_waits_for_its_end():
    assert states_of(press("aa", {"cleaning": {"takes": "3 s", "every": "9 s"}}), "press") == [
        ("producing", 0, 10),
        ("cleaning", 10, 13),
        ("producing", 13, 23),
    ]


def test_a_unit_that_has_stood_idle_is_cleaned_before_the_next_lot():
    assert states_of(press("aa", {"cleaning": {"takes": "3 s", "idle": "15 s"}}, every=25), "press") == [
        ("producing", 0, 10),
        ("starved", 10, 25),
        ("cleaning", 25, 28),
        ("producing", 28, 38),
    ]
    assert states_of(press("aa", {"cleaning": {"takes": "3 s", "idle": "15 s"}}, every=24), "press") == [
        ("producing", 0, 10),
        ("starved", 10, 24),
        ("producing", 24, 34),
    ]


def test_of_two_cleanings_that_are_due_the_higher_level_counts_as_both():
    cleaning = [
        {"name": "minor", "takes": "2 s", "batches": 1},
        {"name": "major", "level": 2, "takes": "6 s", "batches": 2},
    ]
    assert causes_of(press("aaaa", {"cleaning": cleaning}), "press") == [
        ("producing", 0, 10, None),
        ("cleaning", 10, 12, "minor"),
        ("producing", 12, 22, None),
        ("cleaning", 22, 28, "major"),
        ("producing", 28, 38, None),
        ("cleaning", 38, 40, "minor"),
        ("producing", 40, 50, None),
    ]


def test_a_cleaning_of_a_lower_level_does_not_count_as_one_of_a_higher():
    cleaning = [
        {"name": "minor", "takes": "2 s", "batches": 1},
        {"name": "major", "level": 2, "between_products": "6 s"},
    ]
    assert causes_of(press("ab", {"cleaning": cleaning}, every=15), "press") == [
        ("producing", 0, 10, None),
        ("cleaning", 10, 12, "minor"),
        ("starved", 12, 15, None),
        ("cleaning", 15, 21, "major"),
        ("producing", 21, 31, None),
    ]


def test_a_cleaning_between_products_may_take_a_time_of_its_own():
    cleaning = {"takes": "2 s", "batches": 2, "between_products": "6 s"}
    assert states_of(press("abbba", {"cleaning": cleaning}), "press")[:8] == [
        ("producing", 0, 10),
        ("cleaning", 10, 16),
        ("producing", 16, 26),
        ("producing", 26, 36),
        ("cleaning", 36, 38),
        ("producing", 38, 48),
        ("cleaning", 48, 54),
        ("producing", 54, 64),
    ]


def test_cleaning_needs_people_and_shows_whom_it_waits_for():
    what = press(
        "ab",
        {"cleaning": {"between_products": "5 s", "needs": ["operator"]}},
        people={"operator": {"count": 1}},
    )
    busy = plant(
        {"press": {"cleaning": {"between_products": "5 s", "needs": ["operator"]}}, "oven": {}},
        people={"operator": {"count": 1}},
        recipes={
            "a": {"operations": [operation("press", "press", "10 s")]},
            "b": {"operations": [operation("press", "press", "10 s")]},
            "c": {"operations": [operation("bake", "oven", "13 s", needs=["operator"])]},
        },
        orders=[{"recipe": "a"}, {"recipe": "b"}, {"recipe": "c"}],
    )
    assert levels_of(what, "people/operator/busy") == [(0, 0), (10, 1), (15, 0)]
    assert causes_of(busy, "press") == [
        ("producing", 0, 10, None),
        ("waiting_people", 10, 13, "operator"),
        ("cleaning", 13, 18, "cleaning"),
        ("producing", 18, 28, None),
    ]


@pytest.mark.parametrize(("work", "again"), [("resume", 3), ("repeat", 5), ("scrap", 5)])
def test_a_failure_interrupts_a_cleaning_as_it_does_a_lot(work, again):
    mode = {"clock": "calendar", "between": "12 s", "repair": "4 s", "work": work}
    what = press("ab", {"cleaning": {"between_products": "5 s"}, "failures": [mode]})
    assert states_of(what, "press")[:4] == [
        ("producing", 0, 10),
        ("cleaning", 10, 12),
        ("down", 12, 16),
        ("cleaning", 16, 16 + again),
    ]


def test_cleaning_does_not_wear_the_running_clock():
    mode = {"clock": "running", "between": "12 s", "repair": "4 s"}
    what = press("ab", {"cleaning": {"between_products": "5 s"}, "failures": [mode]})
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("cleaning", 10, 15),
        ("producing", 15, 17),
        ("down", 17, 21),
        ("producing", 21, 29),
    ]


def test_the_horizon_cuts_a_cleaning():
    what = press("ab", {"cleaning": {"between_products": "5 s"}})
    assert states_of(what, "press", horizon=12) == [("producing", 0, 10), ("cleaning", 10, 12)]
    assert visits_of(what, horizon=12) == [
        (0, "press", "press", 0, 10, 10, "done"),
        (1, "press", None, None, None, None, "open"),
    ]


@pytest.mark.parametrize(
    ("at_close", "then"),
    [
        ("suspend", [("cleaning", 7190, 7200), ("off_shift", 7200, 79200), ("cleaning", 79200, 79250)]),
        ("finish_operation", [("cleaning", 7190, 7250), ("off_shift", 7250, 79200)]),
        (
            "do_not_start_unless_it_fits",
            [("off_shift", 7190, 7200), ("off_shift", 7200, 79200), ("cleaning", 79200, 79260)],
        ),
    ],
)
def test_closing_time_does_to_a_cleaning_what_it_does_to_a_lot(at_close, then):
    day = {"open": [{"days": "daily", "from": "04:00", "to": "08:00"}], "at_close": at_close}
    what = press(
        "ab",
        {"cleaning": {"between_products": "60 s"}, "calendar": "day"},
        takes="7190 s",
        calendars={"day": day},
    )
    assert states_of(what, "press", horizon=79260)[1 : 1 + len(then)] == then


def test_a_cleaning_that_falls_due_while_the_unit_is_closed_is_done_when_it_opens():
    day = {"open": [{"days": "daily", "from": "04:00", "to": "08:00"}]}
    what = press(
        "a", {"cleaning": {"takes": "60 s", "every": "3 h"}, "calendar": "day"}, calendars={"day": day}
    )
    assert states_of(what, "press", horizon=79300) == [
        ("producing", 0, 10),
        ("starved", 10, 7200),
        ("off_shift", 7200, 79200),
        ("cleaning", 79200, 79260),
        ("starved", 79260, 79300),
    ]


def test_a_unit_that_keeps_its_finished_lot_is_cleaned_once_the_lot_has_left():
    what = plant(
        {"mill": {"cleaning": {"takes": "3 s", "batches": 1}}, "press": {}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "10 s", wait_in="none"),
        lots=2,
    )
    assert states_of(what, "mill", horizon=30) == [
        ("producing", 0, 4),
        ("cleaning", 4, 7),
        ("producing", 7, 11),
        ("blocked", 11, 14),
        ("cleaning", 14, 17),
        ("starved", 17, 30),
    ]


def test_a_unit_that_is_cleaned_for_a_lot_keeps_it():
    """The lot of product b comes to two presses that made a: the first is cleaned, the second rests."""
    cleaning = {"between_products": "5 s"}
    what = plant(
        {"press": {"count": 2, "cleaning": cleaning, "last_product": "a"}},
        recipes={n: {"operations": [operation("press", ["press"], "10 s")]} for n in "ab"},
        orders=[{"recipe": "b"}, {"recipe": "a", "first": "30 s"}],
    )
    assert states_of(what, "press", horizon=20) == [
        ("cleaning", 0, 5),
        ("producing", 5, 15),
        ("starved", 15, 20),
    ]
    assert states_of(what, "press_2", horizon=20) == [("starved", 0, 20)]


def test_a_lot_is_let_go_when_its_keeper_turns_to_a_more_urgent_one():
    """The first press is cleaned for lot 0, but two more urgent ones come meanwhile."""
    what = plant(
        {"press": {"count": 2, "cleaning": {"between_products": "5 s"}, "last_product": "a"}},
        recipes={n: {"operations": [operation("press", ["press"], "10 s")]} for n in "ab"},
        orders=[{"recipe": "b", "priority": 1}, {"recipe": "b", "first": "3 s", "batches": 2}],
    )
    assert visits_of(what) == [
        (0, "press", "press", 15, 25, 25, "done"),
        (1, "press", "press_2", 8, 18, 18, "done"),  # for which the second has been cleaned since 3 s
        (2, "press", "press", 5, 15, 15, "done"),
    ]


def test_a_washer_is_cleaned_after_so_many_containers():
    what = plant(
        {"filler": {}, "washer": {"cleaning": {"takes": "3 s", "batches": 2}}},
        operation("fill", "filler", "10 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": 9, "cleaning": {"takes": "4 s", "on": ["washer"]}}},
        lots=3,
    )
    assert causes_of(what, "washer", horizon=35) == [
        ("starved", 0, 10, None),
        ("cleaning", 10, 14, None),
        ("starved", 14, 20, None),
        ("cleaning", 20, 24, None),
        ("cleaning", 24, 27, "cleaning"),
        ("starved", 27, 30, None),
        ("cleaning", 30, 34, None),
        ("starved", 34, 35, None),
    ]


def test_units_share_what_cleans_them():
    cleaning = {"takes": "5 s", "batches": 1, "needs": [{"unit": "cip_skid"}]}
    what = plant(
        {"press": {"count": 2, "cleaning": cleaning}, "cip_skid": {}},
        operation("press", ["press"], "10 s"),
        lots=2,
    )
    assert states_of(what, "press", horizon=20)[1:] == [("cleaning", 10, 15), ("starved", 15, 20)]
    assert states_of(what, "press_2", horizon=20)[1:] == [("waiting_unit", 10, 15), ("cleaning", 15, 20)]


def test_upkeep_alone_does_not_hide_that_a_plant_is_stuck():
    what = plant(
        {"filler": {"cleaning": {"takes": "1 h", "every": "2 days"}}},
        operation("fill", "filler", "1 s", take="ibc"),
        containers={"ibc": {"count": 1}},
        lots=2,
    )
    with pytest.raises(SimulationError, match="stuck"):
        states_of(what, "filler")


def test_a_preferred_unit_that_waits_to_be_cleaned_leaves_the_lot_to_the_next_one():
    crew = {"count": 1, "calendar": "late"}
    late = {"open": [{"days": "Mon-Sun", "from": "07:00", "to": "22:00"}]}
    what = plant(
        {"press_2": {}, "press_1": {"cleaning": {"takes": "5 s", "batches": 1, "needs": ["crew"]}}},
        operation("press", ["press_1", "press_2"], "10 s"),
        orders=[{"recipe": "part", "first": "0 s"}, {"recipe": "part", "first": "20 s"}],
        people={"crew": crew},
        calendars={"late": late},
    )
    assert states_of(what, "press_2", horizon=60) == [
        ("starved", 0, 20),
        ("producing", 20, 30),
        ("starved", 30, 60),
    ]


def test_a_unit_that_tests_samples_is_cleaned_after_so_many_of_them():
    """A test is a use as any other: it soils the unit, and ends when the result is there."""
    what = plant(
        {"mill": {}, "lab": {"cleaning": {"batches": 2, "takes": "4 s"}}},
        operation("mix", "mill", "3 s", sampling={"assay": {"test": {"on": ["lab"], "takes": "1 s"}}}),
        lots=4,
    )
    assert causes_of(what, "lab", horizon=20) == [
        ("starved", 0, 3, None),
        ("producing", 3, 4, None),
        ("starved", 4, 6, None),
        ("producing", 6, 7, None),
        ("cleaning", 7, 11, "cleaning"),
        ("producing", 11, 13, None),
        ("cleaning", 13, 17, "cleaning"),
        ("starved", 17, 20, None),
    ]


def test_a_unit_that_tests_samples_stands_dirty_from_the_end_of_a_test():
    what = plant(
        {
            "mill": {},
            "lab": {
                "cleaning": {"batches": 9, "takes": "1 s"},
                "dirty_hold": "5 s",
            },
        },
        operation("mix", "mill", "2 s", sampling={"assay": {"test": {"on": ["lab"], "takes": "3 s"}}}),
    )
    assert ("cleaning", 10, 11) in states_of(what, "lab", horizon=20)
