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
    says = r"stuck at 2 s: 3 lots wait .* The cycle: mill waits for press waits for mill\. Give .*`wait_in`"
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


def tablets_and_foil_that_never_meet(**foil):
    """Both keep for an hour; tablets come at 3, 7, 11 … h, foil at 0, 4, 8 … h, when tablets expire."""
    hour = {"lot": "100 pieces", "shelf_life": "1 h", "reorder": {"below": "100 pieces", "lead_time": "3 h"}}
    return plant(
        {"packer": {}},
        operation("pack", "packer", "1 h", bill={"foil": "100 pieces", "tablets": "100 pieces"}),
        materials={"foil": {**hour, "stock": 1, **foil}, "tablets": hour},
    )


def test_stock_that_comes_and_expires_for_ever_is_given_up_after_ten_thousand_deliveries():
    """Two deliveries each four hours: the delivery after 10 000 is at 20 003 h."""
    says = r"stuck at 72010800 s: 1 lots wait .*'part/pack' \(1 waiting\) on 'packer' \(starved for foil\)"
    with pytest.raises(SimulationError, match=says):
        run(tablets_and_foil_that_never_meet())


def test_deliveries_by_the_clock_that_are_always_too_little_are_given_up_too():
    by_clock = {"lot": "100 pieces", "supply": {"every": "9 h"}, "shelf_life": "5 h"}
    what = plant(
        {"packer": {}},
        operation("pack", "packer", "1 h", bill={"foil": "150 pieces"}),
        materials={"foil": by_clock},
    )
    with pytest.raises(SimulationError, match=r"on 'packer' \(starved for foil\)"):
        run(what)


def test_a_plant_with_a_horizon_waits_until_then():
    record = run(tablets_and_foil_that_never_meet(), horizon=24 * 3600)
    assert record.lots.to_pylist()[0]["started"] is None


def test_stock_that_comes_in_time_at_last_is_not_in_vain():
    """Foil that keeps for four hours is there when tablets come."""
    what = tablets_and_foil_that_never_meet(shelf_life="4 h")
    assert run(what).horizon == {0: 4 * 3600 * 10**9}


def test_work_that_is_drawn_too_short_for_what_it_asks_of_a_utility_is_named():
    """A cubic metre in an exponential time around 1 h: some lots ask for more than 1 m3/h, for ever."""
    what = plant(
        {"washer": {}},
        operation("wash", "washer", "exponential(mean=1 h)", uses={"wfi": "1 m3"}),
        utilities={"wfi": {"capacity": "1 m3/h"}},
        lots=9,
    )
    with pytest.raises(SimulationError, match=r"stuck .* on 'washer' \(waiting_utility for wfi\)"):
        run(what)


def test_work_that_each_failure_repeats_is_given_up_after_thirty_years():
    """Thirty hours of work on a unit that fails each twenty."""
    what = plant(
        {"mill": {"failures": [{"clock": "calendar", "between": "20 h", "repair": "1 h", "work": "repeat"}]}},
        operation("mill", "mill", "30 h"),
    )
    with pytest.raises(SimulationError, match=r"no end: after 30 years 1 lots .* lot 0 on 'mill'"):
        run(what)
    assert run(what, horizon=3600).horizon == {0: 3600 * 10**9}


def test_lots_that_are_always_reworked_are_given_up_after_thirty_years():
    what = plant(
        {"mill": {}, "bench": {}},
        operation("mill", "mill", "40 h"),
        operation("check", "bench", "200 h", rework={"probability": 1, "to": "mill"}),
    )
    with pytest.raises(SimulationError, match="no end"):
        run(what)
