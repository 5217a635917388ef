"""The end of a run: at its horizon, which cuts what is under way, or when the last lot has left."""

from __future__ import annotations

from tests.engine.plants import SECOND, levels_of, operation, plant, run, states_of, visits_of
from twin.engine.compile import compile_program
from twin.plant.scenario import Run


def mill_and_press(lots=3):
    return plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "10 s", wait_in="none"),
        lots=lots,
    )


def cut(record, table="lots"):
    return getattr(record, table).column("cut").to_pylist()


def test_the_horizon_cuts_work_under_way():
    record = run(plant({"mill": {}}, operation("mill", "mill", "10 s"), lots=2), horizon=6)
    assert states_of(record, "mill") == [("producing", 0, 6)]
    assert cut(record, "states") == [True]
    assert visits_of(record) == [
        (0, "mill", "mill", 0, None, None, "open"),
        (1, "mill", None, None, None, None, "open"),
    ]
    assert cut(record) == [True, True]
    assert record.lots.column("good").to_pylist() == [None, None]
    assert record.horizon == {0: 6 * SECOND}
    assert levels_of(record, "wip") == [(0, 2)]


def test_a_lot_that_the_horizon_finds_blocked_is_finished_and_has_not_left():
    record = run(mill_and_press(), horizon=9)
    assert states_of(record, "mill") == [("producing", 0, 4), ("producing", 4, 8), ("blocked", 8, 9)]
    assert visits_of(record) == [
        (0, "mill", "mill", 0, 4, 4, "done"),
        (0, "press", "press", 4, None, None, "open"),
        (1, "mill", "mill", 4, 8, None, "done"),
        (2, "mill", None, None, None, None, "open"),
    ]
    assert cut(record) == [False, True, True, True]


def test_work_under_way_on_a_unit_that_was_blocked_before_is_open():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "2 s"),
        operation("press", "press", "5 s", wait_in="rack"),
        lots=4,
        storage={"rack": {"capacity": 1}},
    )
    record = run(what, horizon=8)
    assert states_of(record, "mill")[2:] == [("producing", 4, 6), ("blocked", 6, 7), ("producing", 7, 8)]
    assert visits_of(record)[-1] == (3, "mill", "mill", 7, None, None, "open")


def test_what_completes_at_the_horizon_is_complete():
    record = run(mill_and_press(lots=1), horizon=14)
    assert visits_of(record)[1] == (0, "press", "press", 4, 14, 14, "done")
    assert cut(record) == [False, False]
    assert levels_of(record, "wip") == [(0, 1), (14, 0)]


def test_an_interval_that_ends_by_itself_at_the_horizon_is_not_cut():
    record = run(mill_and_press(lots=1), horizon=14)
    rows = [(r["unit"], r["state"], r["cut"]) for r in record.states.to_pylist() if r["end"] == 14 * SECOND]
    assert rows == [("mill", "starved", True), ("press", "producing", False)]


def test_units_rest_until_the_horizon():
    record = run(mill_and_press(lots=1), horizon=20)
    assert states_of(record, "mill") == [("producing", 0, 4), ("starved", 4, 20)]
    assert states_of(record, "press") == [("starved", 0, 4), ("producing", 4, 14), ("starved", 14, 20)]
    assert record.horizon == {0: 20 * SECOND}


def test_without_a_horizon_a_run_ends_when_the_last_lot_has_left():
    record = run(mill_and_press(lots=2))
    assert record.horizon == {0: 24 * SECOND}
    assert cut(record) == [False] * 4


def test_a_run_waits_for_orders_to_come():
    what = plant({"mill": {}}, operation("mill", "mill", "1 s"), order={"every": "1 h", "times": 3})
    assert run(what).horizon == {0: 7201 * SECOND}


def test_orders_without_end_are_run_for_four_weeks():
    what = plant({"mill": {}}, operation("mill", "mill", "1 s"), order={"every": "1 day"})
    program = compile_program(what, Run())
    assert program.horizon == 28 * 24 * 3600 * SECOND
    assert not program.terminating
    assert compile_program(mill_and_press(), Run()).terminating


def test_a_replication_is_numbered_in_every_table():
    record = run(mill_and_press(), replication=7)
    assert record.horizon.keys() == {7}
    for table in (record.states, record.lots, record.levels):
        assert set(table.column("replication").to_pylist()) == {7}
