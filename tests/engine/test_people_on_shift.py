"""Opening hours of people: what happens at closing, and how they meet those of the units they work on.

The run starts on a Monday at 06:00; times are hours from there.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.engine.plants import HOUR, causes_of, levels_of, operation, plant, states_of

EARLY = {"days": "Mon-Fri", "from": "06:00", "to": "14:00"}


def calendar(*openings, at_close="suspend"):
    return {"shift": {"open": list(openings), "at_close": at_close}}


def people_on_shift(takes, at_close, lots=1, count=1, **operation_words):
    """One machine, always open, that needs an operator on the early shift."""
    return plant(
        {"mill": {}},
        operation("mill", "mill", takes, **{"needs": ["operator"], **operation_words}),
        lots=lots,
        calendars=calendar(EARLY, at_close=at_close),
        people={"operator": {"count": count, "calendar": "shift"}},
    )


def test_people_finish_the_operation_after_closing():
    assert states_of(people_on_shift("6 h", "finish_operation", lots=3), "mill", HOUR) == [
        ("producing", 0, 6),
        ("producing", 6, 12),
        ("waiting_people", 12, 24),
        ("producing", 24, 30),
    ]


def test_people_suspend_the_operation_at_closing():
    what = people_on_shift("6 h", "suspend", lots=3)
    assert causes_of(what, "mill", HOUR) == [
        ("producing", 0, 6, None),
        ("producing", 6, 8, None),
        ("waiting_people", 8, 24, "operator"),
        ("producing", 24, 28, None),
        ("producing", 28, 32, None),
        ("waiting_people", 32, 48, "operator"),
        ("producing", 48, 50, None),
    ]
    steps = [(0, 1), (8, 0), (24, 1), (32, 0), (48, 1), (50, 0)]
    assert levels_of(what, "people/operator/busy", HOUR) == steps


def test_people_do_not_start_what_does_not_fit():
    assert states_of(people_on_shift("6 h", "do_not_start_unless_it_fits", lots=3), "mill", HOUR) == [
        ("producing", 0, 6),
        ("waiting_people", 6, 24),
        ("producing", 24, 30),
        ("waiting_people", 30, 48),
        ("producing", 48, 54),
    ]


def test_people_are_present_on_shift_and_may_be_busy_after_it():
    what = people_on_shift("6 h", "finish_operation", lots=2, count=3)
    assert levels_of(what, "people/operator/present", HOUR) == [(0, 3), (8, 0)]
    assert levels_of(what, "people/operator/busy", HOUR) == [(0, 1), (12, 0)]


def test_people_who_finish_the_operation_go_on_from_set_up_to_processing():
    what = people_on_shift("3 h", "finish_operation", lots=2, setup="3 h")
    assert states_of(what, "mill", HOUR) == [
        ("setup", 0, 3),
        ("producing", 3, 6),
        ("setup", 6, 9),
        ("producing", 9, 12),
    ]


def test_people_who_come_in_the_morning_take_up_what_a_unit_on_their_calendar_suspended():
    what = plant(
        {"mill": {"calendar": "shift"}},
        operation("mill", "mill", "10 h", needs=["operator"]),
        calendars=calendar(EARLY),
        people={"operator": {"count": 1, "calendar": "shift"}},
    )
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 26),
    ]
    assert levels_of(what, "people/operator/busy", HOUR) == [(0, 1), (8, 0), (24, 1), (26, 0)]


def test_a_unit_that_finishes_its_operation_after_closing_waits_for_people_who_do_not():
    what = plant(
        {"mill": {"calendar": "early"}},
        operation("mill", "mill", "10 h", needs=["operator"]),
        calendars={
            "early": {"open": [EARLY], "at_close": "finish_operation"},
            "shift": {"open": [{"days": "daily", "from": "05:00", "to": "15:00"}], "at_close": "suspend"},
        },
        people={"operator": {"count": 1, "calendar": "shift"}},
    )
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 9),
        ("waiting_people", 9, 23),
        ("producing", 23, 24),
    ]


def press_and_bench(during, bench_takes, bench_first="0 h"):
    """A press on the early shift and a bench that is always open need one operator, always there."""
    needs = [{"people": "operator", "during": during}]
    return plant(
        {"bench": {}, "press": {"calendar": "shift"}},
        calendars=calendar(EARLY),
        people={"operator": {"count": 1}},
        recipes={
            "tablet": {"operations": [operation("press", "press", "9 h", setup="2 h", needs=needs)]},
            "sample": {"operations": [operation("check", "bench", bench_takes, needs=["operator"])]},
        },
        orders=[{"recipe": "tablet"}, {"recipe": "sample", "first": bench_first}],
    )


def test_a_unit_that_suspends_its_operation_lets_its_people_go():
    what = press_and_bench("operation", "3 h", bench_first="1 h")
    assert states_of(what, "bench", HOUR)[:3] == [
        ("starved", 0, 1),
        ("waiting_people", 1, 8),
        ("producing", 8, 11),
    ]
    assert states_of(what, "press", HOUR)[-2:] == [("off_shift", 8, 24), ("producing", 24, 27)]


def test_a_unit_that_waits_for_people_does_not_go_on_while_closed():
    what = press_and_bench("processing", "10 h")
    assert states_of(what, "press", HOUR) == [
        ("setup", 0, 2),
        ("waiting_people", 2, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 32),
        ("off_shift", 32, 48),
        ("producing", 48, 49),
    ]


def reopening(names):
    """A mill that is suspended over night and a lathe that waits for the morning share one operator.

    `names` are those of the calendars of mill, lathe and operator, all of which open at 06:00.
    """
    mill, lathe, crew = names
    calendars = {
        mill: {"open": [EARLY], "at_close": "suspend"},
        lathe: {"open": [EARLY], "at_close": "do_not_start_unless_it_fits"},
        crew: {"open": [EARLY], "at_close": "finish_operation"},
    }
    return plant(
        {"lathe": {"calendar": lathe}, "mill": {"calendar": mill}},
        operation("mill", "mill", "6 h", needs=["operator"]),
        operation("turn", "lathe", "4 h", needs=["operator"]),
        lots=2,
        calendars=calendars,
        people={"operator": {"count": 1, "calendar": crew}},
    )


@pytest.mark.parametrize("names", list(permutations(("one", "three", "two"))))
def test_units_and_people_that_open_together_meet_whatever_their_calendars_are_called(names):
    what = reopening(names)
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 6),
        ("producing", 6, 8),
        ("off_shift", 8, 24),
        ("waiting_people", 24, 28),
        ("producing", 28, 32),
        ("off_shift", 32, 48),
        ("starved", 48, 52),
    ]
    assert states_of(what, "lathe", HOUR)[-1:] == [("producing", 48, 52)]
