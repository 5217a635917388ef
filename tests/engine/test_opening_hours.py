"""Breaks, closed dates and cycles of several weeks.

The run starts on Monday, 2026-01-05, at 06:00; times are hours from there.
"""

from __future__ import annotations

import pytest

from tests.engine.plants import HOUR, operation, plant, states_of
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import SimulationError
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run

EARLY = {"days": "Mon-Fri", "from": "06:00", "to": "14:00"}
MEAL = {"days": "daily", "from": "10:00", "to": "10:30"}


def mill(takes, lots=1, **calendar):
    """One machine on a calendar."""
    words = {"open": [EARLY], "at_close": "suspend", **calendar}
    return plant(
        {"mill": {"calendar": "shift"}},
        operation("mill", "mill", takes),
        lots=lots,
        calendars={"shift": words},
    )


def test_a_break_suspends_the_work_as_closing_does():
    assert states_of(mill("6 h", breaks=[MEAL]), "mill", HOUR) == [
        ("producing", 0, 4),
        ("off_shift", 4, 4.5),
        ("producing", 4.5, 6.5),
    ]


def test_work_may_go_on_through_a_break_and_not_after_the_shift():
    what = mill("6 h", lots=2, breaks=[MEAL], at_break="finish_operation")
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 6),
        ("producing", 6, 8),
        ("off_shift", 8, 24),
        ("producing", 24, 28),
    ]


@pytest.mark.parametrize(
    ("takes", "states"),
    [
        ("4 h", [("producing", 0, 4)]),
        ("3.5 h", [("producing", 0, 3.5)]),
        ("3.6 h", [("producing", 0, 3.6)]),
    ],
)
def test_work_that_fits_before_the_break_is_started(takes, states):
    what = mill(takes, breaks=[MEAL], at_break="do_not_start_unless_it_fits")
    assert states_of(what, "mill", HOUR) == states


def test_work_that_does_not_fit_before_the_break_waits_until_after_it():
    what = mill("3 h", lots=2, breaks=[MEAL], at_break="do_not_start_unless_it_fits")
    assert states_of(what, "mill", HOUR) == [
        ("producing", 0, 3),
        ("off_shift", 3, 4),  # for the break to come
        ("off_shift", 4, 4.5),
        ("producing", 4.5, 7.5),
    ]


def test_work_that_a_break_suspends_fits_before_closing_if_there_is_time_for_both():
    words = {"breaks": [MEAL], "at_break": "suspend", "at_close": "do_not_start_unless_it_fits"}
    assert states_of(mill("7.5 h", **words), "mill", HOUR) == [
        ("producing", 0, 4),
        ("off_shift", 4, 4.5),
        ("producing", 4.5, 8),
    ]
    with pytest.raises(SimulationError, match="stuck"):
        states_of(mill("7.6 h", **words), "mill")


def test_a_holiday_is_closed_from_midnight_to_midnight():
    assert states_of(mill("10 h", closed=[{"on": "2026-01-06", "why": "Epiphany"}]), "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 48),
        ("producing", 48, 50),
    ]


def test_closed_dates_may_begin_and_end_within_the_day():
    closed = [{"from": "2026-01-05 08:00", "to": "2026-01-05 09:00"}]
    assert states_of(mill("4 h", closed=closed), "mill", HOUR) == [
        ("producing", 0, 2),
        ("off_shift", 2, 3),
        ("producing", 3, 5),
    ]


def test_a_shutdown_of_four_weeks_is_waited_for():
    what = mill("10 h", closed=[{"from": "2026-01-06", "to": "2026-02-01"}])
    assert states_of(what, "mill", HOUR)[1:] == [("off_shift", 8, 672), ("producing", 672, 674)]


def test_what_is_always_open_closes_on_closed_dates():
    always = {"days": "daily", "from": "00:00", "to": "24:00"}
    assert states_of(mill("20 h", open=[always], closed=[{"on": "2026-01-06"}]), "mill", HOUR) == [
        ("producing", 0, 18),
        ("off_shift", 18, 42),
        ("producing", 42, 44),
    ]


ROTATION = {
    "open": [{**EARLY, "days": "Mon", "week": 1}, {**EARLY, "days": "Tue", "week": 2}],
    "cycle": "2 weeks",
}


def test_the_week_in_which_the_run_starts_is_the_first_of_a_cycle():
    assert states_of(mill("10 h", **ROTATION), "mill", HOUR) == [
        ("producing", 0, 8),
        ("off_shift", 8, 192),
        ("producing", 192, 194),
    ]


def test_a_cycle_may_count_from_a_date():
    """The week of 2025-12-29 is a week 1, so that the run starts in a week 2."""
    assert states_of(mill("10 h", **ROTATION, cycle_from="2025-12-31"), "mill", HOUR) == [
        ("off_shift", 0, 24),
        ("producing", 24, 32),
        ("off_shift", 32, 168),
        ("producing", 168, 170),
    ]


def test_breaks_that_leave_nothing_open_are_refused():
    what = mill("1 h", breaks=[EARLY])
    with pytest.raises(ComplaintError) as refused:
        compile_program(what, Run())
    assert [c.path for c in refused.value.complaints] == [("calendars", "shift", "breaks")]
