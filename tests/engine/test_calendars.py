"""Opening hours of units: what happens at closing, nights, weekends, and the turn of the week.

The run starts on a Monday at 06:00 unless a test says otherwise; times are hours from there.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.engine.plants import HOUR, causes_of, operation, plant, states_of, visits_of

EARLY = {"days": "Mon-Fri", "from": "06:00", "to": "14:00"}


def calendar(*openings, at_close="suspend"):
    return {"shift": {"open": list(openings), "at_close": at_close}}


def unit_on_shift(takes, *openings, at_close="suspend", lots=1, order=None, **words):
    """One machine on a calendar."""
    return plant(
        {"mill": {"calendar": "shift", **words.pop("mill", {})}},
        operation("mill", "mill", takes, **words.pop("operation", {})),
        lots=lots,
        order=order or {},
        calendars=calendar(*(openings or (EARLY,)), at_close=at_close),
        **words,
    )


def test_a_unit_finishes_its_operation_after_closing():
    assert states_of(unit_on_shift("6 h", at_close="finish_operation", lots=3), "mill", HOUR) == [
        ("producing", 0, 6),
        ("producing", 6, 12),
        ("off_shift", 12, 24),
        ("producing", 24, 30),
    ]


def test_a_unit_suspends_its_operation_at_closing():
    assert states_of(unit_on_shift("6 h", at_close="suspend", lots=3), "mill", HOUR) == [
        ("producing", 0, 6),
        ("producing", 6, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 28),
        ("producing", 28, 32),
        ("off_shift", 32, 48),
        ("producing", 48, 50),
    ]


def test_a_unit_does_not_start_what_does_not_fit():
    what = unit_on_shift("6 h", at_close="do_not_start_unless_it_fits", lots=3)
    assert causes_of(what, "mill", HOUR) == [
        ("producing", 0, 6, None),
        ("off_shift", 6, 8, "closing"),
        ("off_shift", 8, 24, None),
        ("producing", 24, 30, None),
        ("off_shift", 30, 32, "closing"),
        ("off_shift", 32, 48, None),
        ("producing", 48, 54, None),
    ]


def test_what_just_fits_is_started():
    what = unit_on_shift("4 h", at_close="do_not_start_unless_it_fits", lots=3)
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 4),
        ("producing", 4, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 28),
    ]


def test_set_up_and_start_up_must_fit_as_well():
    what = unit_on_shift(
        "6 h",
        at_close="do_not_start_unless_it_fits",
        lots=2,
        mill={"start_up": "1 h"},
        operation={"setup": "1 h"},
    )
    assert states_of(what, "mill", HOUR) == [
        ("setup", 0, 1),
        ("start_up", 1, 2),
        ("producing", 2, 8),
        ("off_shift", 8, 24),
        ("setup", 24, 25),
        ("start_up", 25, 26),
        ("producing", 26, 32),
    ]


def test_a_shorter_operation_that_fits_goes_before_one_that_does_not():
    what = plant(
        {"mill": {"calendar": "shift"}},
        calendars=calendar(EARLY, at_close="do_not_start_unless_it_fits"),
        recipes={
            "long": {"operations": [operation("mill", "mill", "5 h")]},
            "short": {"operations": [operation("mill", "mill", "3 h")]},
        },
        orders=[{"recipe": "long", "batches": 2}, {"recipe": "short"}],
    )
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 5),
        ("producing", 5, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 29),
    ]
    assert [lot for lot, *_ in sorted(visits_of(what), key=lambda visit: visit[3])] == [0, 2, 1]


def test_set_up_is_suspended_like_processing():
    what = unit_on_shift("1 h", operation={"setup": "10 h"})
    assert states_of(what, "mill", HOUR) == [
        ("setup", 0, 8),
        ("off_shift", 8, 24),
        ("setup", 24, 26),
        ("producing", 26, 27),
    ]


def test_work_that_ends_at_closing_time_is_not_suspended():
    what = unit_on_shift("8 h", lots=2)
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 32),
    ]


def test_a_night_shift_goes_past_midnight():
    night = {"days": "Mon-Fri", "from": "22:00", "to": "06:00"}
    assert states_of(unit_on_shift("12 h", night), "mill", HOUR) == [
        ("off_shift", 0, 16),
        ("producing", 16, 24),
        ("off_shift", 24, 40),
        ("producing", 40, 44),
    ]


def test_a_weekend_is_slept_through():
    two_shifts = {"days": "Mon-Fri", "from": "06:00", "to": "22:00"}
    what = unit_on_shift("4 h", two_shifts)
    assert states_of(what, "mill", HOUR, start=datetime(2026, 1, 9, 20)) == [  # Friday
        ("producing", 0, 2),
        ("off_shift", 2, 58),
        ("producing", 58, 60),
    ]


@pytest.mark.parametrize(
    "openings",
    [
        [{"days": "Sun", "from": "22:00", "to": "06:00"}],
        [{"days": "Sun", "from": "22:00", "to": "24:00"}, {"days": "Mon", "from": "00:00", "to": "06:00"}],
        [{"days": "Sun", "from": "22:00", "to": "03:00"}, {"days": "Mon", "from": "02:00", "to": "06:00"}],
    ],
)
def test_a_shift_goes_past_the_end_of_the_week(openings):
    sunday_evening = datetime(2026, 1, 11, 20)
    assert states_of(unit_on_shift("10 h", *openings), "mill", HOUR, start=sunday_evening) == [
        ("off_shift", 0, 2),
        ("producing", 2, 10),
        ("off_shift", 10, 170),
        ("producing", 170, 172),
    ]


def test_a_run_may_start_in_the_night_shift_of_the_week_before():
    sunday_night = {"days": "Sun", "from": "22:00", "to": "06:00"}
    assert states_of(unit_on_shift("5 h", sunday_night), "mill", HOUR, start=datetime(2026, 1, 5, 2)) == [
        ("producing", 0, 4),
        ("off_shift", 4, 164),
        ("producing", 164, 165),
    ]


@pytest.mark.parametrize("hours", [("00:00", "24:00"), ("06:00", "06:00")])
@pytest.mark.parametrize("at_close", ["finish_operation", "suspend", "do_not_start_unless_it_fits"])
def test_what_is_always_open_never_closes(hours, at_close):
    always = {"days": "daily", "from": hours[0], "to": hours[1]}
    assert states_of(unit_on_shift("1000 h", always, at_close=at_close), "mill", HOUR) == [
        ("producing", 0, 1000)
    ]


def test_openings_that_touch_are_one():
    late = {"days": "Mon-Fri", "from": "14:00", "to": "22:00"}
    what = unit_on_shift("16 h", EARLY, late, at_close="do_not_start_unless_it_fits")
    assert states_of(what, "mill", HOUR) == [("producing", 0, 16)]


def test_a_closed_unit_that_waits_is_off_shift():
    what = unit_on_shift("1 h", order={"first": "25 h"})
    assert states_of(what, "mill", HOUR) == [
        ("starved", 0, 8),
        ("off_shift", 8, 24),
        ("starved", 24, 25),
        ("producing", 25, 26),
    ]


def test_a_lot_leaves_a_closed_unit_that_it_blocks():
    what = plant(
        {"mill": {"calendar": "shift"}, "press": {}},
        operation("mill", "mill", "4 h"),
        operation("press", "press", "6 h", wait_in="none"),
        lots=2,
        calendars=calendar(EARLY),
    )
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 4),
        ("producing", 4, 8),
        ("off_shift", 8, 16),
    ]
    assert states_of(what, "press", HOUR) == [("starved", 0, 4), ("producing", 4, 10), ("producing", 10, 16)]


def test_a_failure_while_closed_is_repaired_unseen():
    mode = {"clock": "calendar", "between": "9 h", "repair": "4 h"}
    what = unit_on_shift("1 h", mill={"failures": [mode]}, order={"first": "24 h"})
    # The next failure is due at 9 + 4 + 9 = 22 h, and is repaired at 26 h, after opening.
    assert states_of(what, "mill", HOUR) == [
        ("starved", 0, 8),
        ("off_shift", 8, 24),
        ("down", 24, 26),
        ("producing", 26, 27),
    ]


def test_the_running_clock_stands_still_while_work_is_suspended():
    mode = {"clock": "running", "between": "9 h", "repair": "1 h"}
    assert states_of(unit_on_shift("10 h", mill={"failures": [mode]}), "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 25),
        ("down", 25, 26),
        ("producing", 26, 27),
    ]


def test_a_suspended_unit_that_fails_while_closed_is_off_shift():
    mode = {"clock": "calendar", "between": "10 h", "repair": "2 h"}
    assert states_of(unit_on_shift("9 h", mill={"failures": [mode]}), "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 24),  # failed from 10 h to 12 h and from 22 h on, the second time until 24 h
        ("producing", 24, 25),
    ]


def test_a_suspended_unit_that_is_not_yet_repaired_at_opening_is_down():
    mode = {"clock": "calendar", "between": "22 h", "repair": "4 h"}
    assert states_of(unit_on_shift("10 h", mill={"failures": [mode]}), "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 24),
        ("down", 24, 26),
        ("producing", 26, 28),
    ]


def test_a_unit_that_is_down_at_closing_is_off_shift_and_resumes_after_opening():
    mode = {"clock": "running", "between": "6 h", "repair": "4 h"}
    assert states_of(unit_on_shift("8 h", mill={"failures": [mode]}), "mill", HOUR) == [
        ("producing", 0, 6),
        ("down", 6, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 26),
    ]


def test_a_unit_that_finishes_its_operation_is_down_after_closing():
    mode = {"clock": "running", "between": "6 h", "repair": "4 h"}
    what = unit_on_shift("8 h", at_close="finish_operation", mill={"failures": [mode]})
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 6),
        ("down", 6, 10),
        ("producing", 10, 12),
    ]
