"""A unit fails: which clock counts, what becomes of the work in hand, may a finished lot leave."""

from __future__ import annotations

import pytest

from tests.engine.plants import (
    attribute_of,
    causes_of,
    operation,
    plant,
    quantities_of,
    run,
    states_of,
    visits_of,
)
from twin.engine.compile import compile_program
from twin.engine.record import SECOND
from twin.engine.streams import Streams
from twin.plant.scenario import Run

BOTH_CLOCKS = pytest.mark.parametrize("clock", ["running", "calendar"])


def mill_that_fails(takes="5 s", lots=1, clock="running", between="4 s", repair="2 s", **failure):
    """One machine with one failure mode."""
    mode = {"clock": clock, "between": between, "repair": repair, **failure}
    return plant({"mill": {"failures": [mode]}}, operation("mill", "mill", takes), lots=lots)


@BOTH_CLOCKS
def test_resumed_work_takes_the_time_that_was_left(clock):
    assert states_of(mill_that_fails("10 s", clock=clock), "mill") == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("producing", 6, 10),
        ("down", 10, 12),
        ("producing", 12, 14),
    ]


@BOTH_CLOCKS
def test_repeated_work_starts_from_the_beginning(clock):
    what = mill_that_fails(between="7 s", lots=2, clock=clock, work="repeat")
    assert states_of(what, "mill") == [
        ("producing", 0, 5),
        ("producing", 5, 7),
        ("down", 7, 9),
        ("producing", 9, 14),
    ]
    assert visits_of(what) == [(0, "mill", "mill", 0, 5, 5, "done"), (1, "mill", "mill", 5, 14, 14, "done")]


@BOTH_CLOCKS
def test_scrapped_work_leaves_the_plant_at_once(clock):
    what = mill_that_fails(between="7 s", lots=3, clock=clock, work="scrap")
    assert states_of(what, "mill") == [
        ("producing", 0, 5),
        ("producing", 5, 7),
        ("down", 7, 9),
        ("producing", 9, 14),
    ]
    assert visits_of(what) == [
        (0, "mill", "mill", 0, 5, 5, "done"),
        (1, "mill", "mill", 5, 7, 7, "scrapped"),
        (2, "mill", "mill", 9, 14, 14, "done"),
    ]
    assert quantities_of(what) == [("mill", 100, 100, 0), ("mill", 100, 0, 100), ("mill", 100, 100, 0)]


def test_repeated_work_draws_its_time_anew():
    takes = "uniform(low=5 s, high=6 s)"
    what = mill_that_fails(takes, clock="calendar", between="8 s", work="repeat", lots=2)
    # The first failure is at 8 s: the first lot never sees one, the second is hit and begins again at 10 s.
    takes = Streams(1, 0).of(compile_program(what, Run()).operations[0].takes)
    first, second = takes.nanoseconds(0), takes.nanoseconds(1, 0, attempt=1)
    assert second != takes.nanoseconds(1)
    assert visits_of(what, per=1) == [
        (0, "mill", "mill", 0, first, first, "done"),
        (1, "mill", "mill", first, 10 * SECOND + second, 10 * SECOND + second, "done"),
    ]


def mill_with_a_pause(clock):
    """One lot at 0 s and one at 10 s, each of 4 s; failures every 7 s of the clock."""
    mode = {"clock": clock, "between": "7 s", "repair": "2 s"}
    return plant(
        {"mill": {"failures": [mode]}}, operation("mill", "mill", "4 s"), order={"every": "10 s", "times": 2}
    )


def test_the_calendar_clock_counts_while_the_unit_rests():
    assert states_of(mill_with_a_pause("calendar"), "mill") == [
        ("producing", 0, 4),
        ("starved", 4, 7),
        ("down", 7, 9),
        ("starved", 9, 10),
        ("producing", 10, 14),
    ]


def test_the_running_clock_counts_while_the_unit_produces():
    assert states_of(mill_with_a_pause("running"), "mill") == [
        ("producing", 0, 4),
        ("starved", 4, 10),
        ("producing", 10, 13),
        ("down", 13, 15),
        ("producing", 15, 16),
    ]


def test_the_running_clock_carries_over_from_lot_to_lot():
    assert states_of(mill_that_fails(lots=3), "mill") == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("producing", 6, 7),  # lot 0; 3 s are left on the clock
        ("producing", 7, 10),
        ("down", 10, 12),
        ("producing", 12, 14),  # lot 1; 2 s are left
        ("producing", 14, 16),
        ("down", 16, 18),
        ("producing", 18, 21),
    ]


def test_the_calendar_clock_restarts_at_repair():
    what = mill_that_fails("6 s", clock="calendar", between="5 s", repair="3 s", lots=2)
    assert states_of(what, "mill") == [
        ("producing", 0, 5),
        ("down", 5, 8),
        ("producing", 8, 9),
        ("producing", 9, 13),
        ("down", 13, 16),
        ("producing", 16, 18),
    ]


def test_the_running_clock_stands_still_in_set_up_and_start_up():
    mode = {"clock": "running", "between": "3 s", "repair": "5 s"}
    what = plant(
        {"mill": {"start_up": "2 s", "failures": [mode]}}, operation("mill", "mill", "4 s", setup="4 s")
    )
    assert states_of(what, "mill") == [
        ("setup", 0, 4),
        ("start_up", 4, 6),
        ("producing", 6, 9),
        ("down", 9, 14),
        ("producing", 14, 15),
    ]


def test_set_up_goes_on_after_a_failure():
    mode = {"clock": "calendar", "between": "3 s", "repair": "5 s"}
    what = plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "4 s", setup="4 s"))
    assert states_of(what, "mill") == [
        ("setup", 0, 3),
        ("down", 3, 8),
        ("setup", 8, 9),
        ("producing", 9, 11),
        ("down", 11, 16),
        ("producing", 16, 18),
    ]


def two_modes(takes, clock, jam, leak):
    modes = [
        {"name": name, "clock": clock, "between": f"{between} s", "repair": f"{repair} s"}
        for name, (between, repair) in (("jam", jam), ("leak", leak))
    ]
    return plant({"mill": {"failures": modes}}, operation("mill", "mill", takes))


def test_repairs_of_two_modes_overlap():
    assert causes_of(two_modes("4.5 s", "calendar", jam=(4, 4), leak=(6, 5)), "mill") == [
        ("producing", 0, 4, None),
        ("down", 4, 6, "jam"),
        ("down", 6, 11, "leak"),  # the jam is cleared at 8 s, and the unit still leaks
        ("producing", 11, 11.5, None),
    ]


def test_a_unit_is_down_until_its_last_repair_is_done():
    assert causes_of(two_modes("4.5 s", "calendar", jam=(4, 9), leak=(6, 5)), "mill") == [
        ("producing", 0, 4, None),
        ("down", 4, 6, "jam"),
        ("down", 6, 11, "leak"),
        ("down", 11, 13, "jam"),
        ("producing", 13, 13.5, None),
    ]


def test_running_clocks_of_two_modes_count_the_same_production():
    assert causes_of(two_modes("10 s", "running", jam=(4, 2), leak=(6, 1)), "mill") == [
        ("producing", 0, 4, None),
        ("down", 4, 6, "jam"),
        ("producing", 6, 8, None),
        ("down", 8, 9, "leak"),
        ("producing", 9, 11, None),
        ("down", 11, 13, "jam"),
        ("producing", 13, 15, None),
    ]


@BOTH_CLOCKS
def test_a_rate_of_two_fails_twice_as_often(clock):
    assert states_of(mill_that_fails(between="8 s", rate=2, clock=clock), "mill") == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("producing", 6, 7),
    ]


@BOTH_CLOCKS
def test_a_rate_of_zero_never_fails(clock):
    assert states_of(mill_that_fails("1000 h", rate=0, clock=clock), "mill") == [("producing", 0, 3_600_000)]


def test_a_lot_that_runs_badly_uses_up_the_clock_faster():
    """The factor is drawn for each lot: with factor f, the failure comes after 8/f s of production."""
    factors = "discrete(values=[1, 2, 4], weights=[0.25, 0.25, 0.5])"
    what = mill_that_fails("6 s", between="8 s", rate_between_lots=factors, lots=2)
    factor = compile_program(what, Run()).units[0].failures[0].rate_between_lots
    seen = set()
    for replication in range(12):
        factors = [Streams(1, replication).of(factor).value(lot) for lot in (0, 1)]
        used = min(8.0, 6 * factors[0])
        first = 8 / factors[0] if used == 8 else 6 + (8 - used) / factors[1]
        assert states_of(what, "mill", replication=replication)[0 if used == 8 else 1][2] == first
        seen.add(tuple(factors))
    assert len(seen) > 4


def test_stops_waste_part_of_the_lot_and_are_counted():
    what = mill_that_fails("10 s", waste="3 pieces")
    assert quantities_of(what) == [("mill", 100, 94, 6)]
    assert attribute_of(what, "stops") == [2]


def test_each_lot_bears_the_waste_of_its_own_stops():
    what = mill_that_fails(lots=3, waste="3 pieces")  # fails in each lot once
    assert quantities_of(what) == [("mill", 100, 97, 3)] * 3
    assert attribute_of(what, "stops") == [1, 1, 1]


def test_waste_in_pieces_weighs_what_a_piece_weighs():
    mode = {"clock": "running", "between": "4 s", "repair": "2 s", "waste": "3 pieces"}
    what = plant(
        {"mill": {"failures": [mode]}},
        operation("mill", "mill", "10 s"),
        batch="1 kg",
        recipe={"piece": "200 mg"},
    )
    assert quantities_of(what) == [("mill", 1_000_000, 998_800, 1_200)]


def test_waste_in_kilograms_is_whole_milligrams():
    mode = {"clock": "running", "between": "4 s", "repair": "2 s", "waste": "0.25 kg"}
    what = plant({"mill": {"failures": [mode]}}, operation("mill", "mill", "5 s"), batch="2 kg")
    assert quantities_of(what) == [("mill", 2_000_000, 1_750_000, 250_000)]


def test_no_more_is_wasted_than_there_is():
    assert quantities_of(mill_that_fails("10 s", waste="80 pieces")) == [("mill", 100, 0, 100)]


def test_a_stop_of_an_idle_unit_wastes_nothing():
    what = mill_with_a_pause("calendar")
    assert attribute_of(what, "stops") == [0, 0]
    assert [scrapped for *_, scrapped in quantities_of(what)] == [0, 0]


def mill_before_a_slow_press(**failure):
    """The mill's second lot is done at 4 s, the press takes it at 8 s; the mill fails at 7 s until 11 s."""
    mode = {"clock": "calendar", "between": "7 s", "repair": "4 s", **failure}
    return plant(
        {"mill": {"failures": [mode]}, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "6 s", wait_in="none"),
        lots=2,
    )


def test_a_unit_that_is_down_keeps_its_finished_lot():
    what = mill_before_a_slow_press()
    assert states_of(what, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 4),
        ("blocked", 4, 7),
        ("down", 7, 11),
        ("starved", 11, 17),
    ]
    assert states_of(what, "press") == [
        ("starved", 0, 2),
        ("producing", 2, 8),
        ("starved", 8, 11),
        ("producing", 11, 17),
    ]


def test_a_finished_part_may_leave_a_unit_that_is_down_where_the_plant_says_so():
    what = mill_before_a_slow_press(finished_part_may_leave=True)
    assert states_of(what, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 4),
        ("blocked", 4, 7),
        ("down", 7, 11),
        ("starved", 11, 14),
    ]
    assert states_of(what, "press") == [("starved", 0, 2), ("producing", 2, 8), ("producing", 8, 14)]


def test_a_failed_unit_that_keeps_its_lot_lets_another_pass_into_the_rack():
    """`left` is blocked first, but fails; the place freed at 11 s goes to `right`."""
    mode = {"clock": "calendar", "between": "5 s", "repair": "20 s"}
    what = plant(
        {"left": {"failures": [mode]}, "right": {}, "feed": {}, "press": {}},
        storage={"rack": {"capacity": 1}},
        recipes={
            name: {
                "operations": [
                    operation("make", name, takes),
                    operation("press", "press", "10 s", wait_in="rack"),
                ]
            }
            for name, takes in (("feed", "1 s"), ("left", "3 s"), ("right", "4 s"))
        },
        orders=[{"recipe": "feed", "batches": 2}, {"recipe": "left"}, {"recipe": "right"}],
    )
    record = run(what)
    assert [(lot, unit, left) for lot, op, unit, _, _, left, _ in visits_of(record) if op == "make"] == [
        (0, "feed", 1),
        (1, "feed", 2),
        (2, "left", 25),
        (3, "right", 11),
    ]


def test_failures_are_drawn_by_unit_mode_and_number():
    what = mill_that_fails(
        "10 min", between="exponential(mean=60 s)", repair="lognormal(mean=5 s, cv=1)", clock="running"
    )
    mode = compile_program(what, Run()).units[0].failures[0]
    streams = Streams(1, 0)
    states = states_of(what, "mill", per=1)
    produced = [end - start for state, start, end in states if state == "producing"]
    down = [end - start for state, start, end in states if state == "down"]
    assert len(down) > 3
    assert produced[:-1] == [streams.of(mode.between).nanoseconds(k) for k in range(len(down))]
    assert down == [streams.of(mode.repair).nanoseconds(k) for k in range(len(down))]
