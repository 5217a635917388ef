"""A plant in which nothing can ever happen again is an error that names who waits for whom."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant, run
from twin.engine.simpy_engine import SimulationError


def two_machines_that_send_lots_back():
    """Each machine keeps its lot until the other takes it."""
    return plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 s", wait_in="none"),
        operation("press", "press", "1 s", wait_in="none", rework={"probability": 1, "to": "mill"}),
        lots=3,
    )


@pytest.mark.parametrize("horizon", [None, 10])
def test_two_machines_that_block_each_other_are_named(horizon):
    says = r"stuck at 2 s: 3 lots wait .* The cycle: mill waits for press waits for mill\."
    with pytest.raises(SimulationError, match=says):
        run(two_machines_that_send_lots_back(), horizon=horizon)


def test_machines_that_block_each_other_through_full_racks_are_named():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 s", wait_in="before_mill"),
        operation("press", "press", "1 s", wait_in="before_press", rework={"probability": 1, "to": "mill"}),
        storage={"before_mill": {"capacity": 1}, "before_press": {"capacity": 1}},
        lots=5,
    )
    with pytest.raises(SimulationError, match=r"The cycle: mill waits for press waits for mill\."):
        run(what)


def test_containers_that_never_come_back_are_named():
    """A recipe like this is refused in a file; an engine given it says what is missing."""
    what = plant(
        {"filler": {}},
        operation("fill", "filler", "1 s", take="ibc"),
        containers={"ibc": {"count": 2}},
        lots=5,
    )
    says = r"stuck at 2 s: 3 lots wait .*'part/fill' \(3 waiting\) on 'filler' \(waiting_container for ibc\)"
    with pytest.raises(SimulationError, match=says):
        run(what)


def test_people_who_are_too_few_are_named():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "1 s", needs=["3 operator"]),
        people={"operator": {"count": 2}},
    )
    with pytest.raises(SimulationError, match=r"'mill' \(waiting_people for operator\)"):
        run(what)


def test_an_operation_that_never_fits_is_given_up_after_two_weeks():
    what = plant(
        {"mill": {"calendar": "early"}},
        operation("mill", "mill", "9 h"),
        calendars={
            "early": {
                "open": [{"days": "Mon-Fri", "from": "06:00", "to": "14:00"}],
                "at_close": "do_not_start_unless_it_fits",
            }
        },
    )
    with pytest.raises(SimulationError, match=r"'part/mill' \(1 waiting\) on 'mill' \(off_shift\)"):
        run(what)


def test_a_plant_that_waits_for_the_end_of_a_long_holiday_is_not_stuck():
    """Open on Sundays only; the lot comes on a Monday."""
    what = plant(
        {"mill": {"calendar": "sundays"}},
        operation("mill", "mill", "1 h"),
        calendars={"sundays": {"open": [{"days": "Sun", "from": "06:00", "to": "14:00"}]}},
    )
    assert run(what).horizon == {0: (6 * 24 + 1) * 3600 * 10**9}


def test_a_plant_that_waits_for_its_next_order_is_not_stuck():
    what = plant(
        {"mill": {}},
        operation("mill", "mill", "1 s", wait_in="none"),
        order={"every": "30 days", "times": 2},
    )
    assert run(what).horizon == {0: (30 * 24 * 3600 + 1) * 10**9}


def test_a_plant_that_had_nothing_to_do_for_weeks_is_not_stuck():
    """The only lot comes after twenty days, in the night; the mill opens in the morning."""
    what = plant(
        {"mill": {"calendar": "early"}},
        operation("mill", "mill", "1 h"),
        calendars={"early": {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}]}},
        order={"first": "490 h"},
    )
    assert run(what).horizon == {0: (21 * 24 + 1) * 3600 * 10**9}
