"""Situations: a run that begins with what a state file says goes on as the plant that was in that state."""

from __future__ import annotations

from itertools import pairwise

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of, visits_of
from twin.engine.compile import compile_program
from twin.engine.compile.situation import complaints, situation
from twin.engine.record import SECOND, Record
from twin.engine.simpy_engine import simulate, simulate_and_keep
from twin.engine.situation import Situation
from twin.engine.snapshot import Snapshot
from twin.plant.scenario import Run
from twin.plant.situation import StateFile


def said(what, run=None, **words) -> Situation:
    """What a state file with these words says of a plant."""
    read = StateFile.model_validate({"twin": 1, "state": "By hand", **words})
    run = run or Run()
    program = compile_program(what, run)
    assert complaints(read, what, program, run) == []
    return Situation.from_json(situation(read, what, program, run).to_json())


def begun(what, horizon=None, **words) -> Record:
    """The record of a plant that begins in a state."""
    run = Run(horizon=horizon)
    return simulate(compile_program(what, run), 1, start=said(what, run, **words))


def wrong(what, **words) -> list[tuple]:
    """Path and message of each complaint."""
    read = StateFile.model_validate({"twin": 1, "state": "By hand", **words})
    program = compile_program(what, Run())
    return [(c.path, c.message) for c in complaints(read, what, program, Run())]


def shifted(record: Record, by: int) -> list[tuple]:
    """Visits of lots whose work began after `by` s, in s after it."""
    return [
        (lot, name, unit, *(None if t is None else t - by for t in times), outcome)
        for lot, name, unit, *times, outcome in visits_of(record)
        if times[0] is None or times[0] >= by
    ]


def line(lots=4, buffer=2, **words):
    """Lots of 4 s on the mill and 6 s on the press, with two places between."""
    return plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "6 s", wait_in="rack"),
        storage={"rack": {"capacity": buffer}},
        lots=lots,
        **words,
    )


LATER = {"lots": 1, "order": {"first": "1 h"}}  # an order line that lets in nothing for now


def test_a_plant_put_by_hand_where_it_was_goes_on_as_if_it_had_not_been_stopped():
    """At 14 s the press has 2 s left of lot 1, lots 2 and 3 are in the rack's line; 6 lots in all.

    Mill: 0-4, 4-8, 8-12, 12-16, 16-20, 20-24; press: 4-10, 10-16, 16-22 and so on.
    """
    whole = simulate(compile_program(line(lots=6), Run(horizon=100)), 1)
    assert states_of(whole, "mill")[0] == ("producing", 0, 4)
    rest = begun(
        line(**LATER),
        horizon=86,
        lots=[
            {"recipe": "part", "in_work": "press", "on": "press", "remaining": "2 s"},
            {"recipe": "part", "waits_for": "press"},
            {"recipe": "part", "in_work": "mill", "on": "mill", "remaining": "2 s"},
            {"recipe": "part", "waits_for": "mill", "count": 2},
        ],
    )
    in_the_whole = {
        (lot - 1, name, finished - 14)
        for lot, name, _, _, finished, _, _ in visits_of(whole)
        if finished is not None and finished > 14
    }
    assert {(lot, name, finished) for lot, name, _, _, finished, _, _ in visits_of(rest)} == in_the_whole
    assert states_of(rest, "mill") == [
        ("producing", 0, 2),
        ("producing", 2, 6),
        ("producing", 6, 10),
        ("starved", 10, 86),
    ]
    ends = [0, 2, 8, 14, 20, 26]
    assert states_of(rest, "press") == [
        *(("producing", s, e) for s, e in pairwise(ends)),
        ("starved", 26, 86),
    ]


def test_a_lot_in_work_that_has_no_time_left_is_done_at_once():
    """Its mill has nothing left to do but to unload it, for 1 s."""
    what = plant(
        {"mill": {"unload": "1 s"}, "press": {}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "6 s"),
        **LATER,
    )
    lots = [{"recipe": "part", "in_work": "mill", "on": "mill", "remaining": "0 s"}]
    assert visits_of(begun(what, horizon=60, lots=lots)) == [
        (0, "mill", "mill", 0, 1, 1, "done"),
        (0, "press", "press", 1, 7, 7, "done"),
    ]


def test_a_lot_that_stands_finished_on_its_unit_blocks_it():
    """The press has 5 s left and the rack is full: the mill is blocked until the press takes a lot."""
    record = begun(
        line(**LATER),
        horizon=20,
        lots=[
            {"recipe": "part", "in_work": "press", "on": "press", "remaining": "5 s"},
            {"recipe": "part", "waits_for": "press", "count": 2},
            {"recipe": "part", "waits_for": "press", "on": "mill"},
            {"recipe": "part", "waits_for": "mill"},
        ],
    )
    assert states_of(record, "mill") == [
        ("blocked", 0, 5),
        ("producing", 5, 9),
        ("blocked", 9, 11),
        ("starved", 11, 20),
    ]
    assert states_of(record, "press") == [
        ("producing", 0, 5),
        ("producing", 5, 11),
        ("producing", 11, 17),
        ("producing", 17, 20),
    ]
    assert levels_of(record, "storage/rack")[-1] == (17, 1)


def test_lots_come_in_the_order_in_which_they_have_waited_unless_their_priority_says_otherwise():
    record = begun(
        plant({"press": {}}, operation("press", "press", "10 s"), **LATER),
        horizon=30,
        lots=[
            {"recipe": "part", "waits_for": "press", "waiting": "1 min"},
            {"recipe": "part", "waits_for": "press", "waiting": "1 h"},
            {"recipe": "part", "waits_for": "press", "priority": -1},
        ],
    )
    assert [(lot, started) for lot, _, _, started, *_ in visits_of(record)] == [(0, 20), (1, 10), (2, 0)]


def test_a_unit_that_is_down_is_repaired_after_the_time_that_is_left():
    """Its lot has 4 s left and goes on at 7 s; the failure after that comes by its own clock."""
    what = plant(
        {"press": {"failures": [{"name": "jam", "clock": "running", "between": "100 s", "repair": "50 s"}]}},
        operation("press", "press", "10 s"),
        **LATER,
    )
    record = begun(
        what,
        horizon=30,
        lots=[{"recipe": "part", "in_work": "press", "on": "press", "remaining": "4 s"}],
        units={"press": {"down": "7 s"}},
    )
    assert causes_of(record, "press") == [
        ("down", 0, 7, "jam"),
        ("producing", 7, 11, None),
        ("starved", 11, 30, None),
    ]


def test_lots_have_the_containers_that_the_recipe_gave_them_and_dirty_ones_are_washed():
    """Of three, one goes with the lot that waits to be filled and one is dirty: one is left for the lots that
    wait for the blender, and the next one is clean at 5 s. The washer takes 5 s a container.
    """
    what = plant(
        {"blender": {}, "filler": {}, "washer": {}},
        operation("blend", "blender", "3 s", take="ibc"),
        operation("fill", "filler", "4 s", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": 3, "cleaning": {"takes": "5 s", "on": ["washer"]}}},
        **LATER,
    )
    record = begun(
        what,
        horizon=20,
        lots=[{"recipe": "part", "waits_for": "fill"}, {"recipe": "part", "waits_for": "blend", "count": 2}],
        containers={"ibc": {"dirty": 1}},
    )
    assert states_of(record, "washer") == [("cleaning", 0, 20)]
    assert states_of(record, "blender")[:3] == [
        ("producing", 0, 3),
        ("waiting_container", 3, 5),
        ("producing", 5, 8),
    ]


def test_hold_times_count_what_the_lot_has_waited_before():
    """60 s are allowed and 50 s are over: the limit passes at 10 s, and the press is busy until 30 s."""
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 s"),
        operation("press", "press", "30 s", max_wait_before="60 s"),
        **LATER,
    )
    record = begun(
        what,
        horizon=40,
        lots=[
            {"recipe": "part", "in_work": "press", "on": "press", "remaining": "30 s"},
            {"recipe": "part", "waits_for": "press", "waiting": "50 s"},
        ],
    )
    assert visits_of(record)[1] == (1, "press", None, None, None, 10, "expired")


def test_stock_is_what_the_file_says_and_work_in_hand_has_used_up_its_own():
    """30 kg are in stock: enough for one lot of 20 kg beside the one in work, and not for two."""
    what = plant(
        {"press": {}},
        operation("press", "press", "5 s", bill={"powder": "20 kg"}),
        materials={"powder": {"lot": "50 kg", "stock": 9}},
        **LATER,
    )
    record = begun(
        what,
        horizon=20,
        lots=[
            {"recipe": "part", "in_work": "press", "on": "press", "remaining": "2 s"},
            {"recipe": "part", "waits_for": "press", "count": 2},
        ],
        materials={"powder": "30 kg"},
    )
    assert causes_of(record, "press") == [
        ("producing", 0, 2, None),
        ("producing", 2, 7, None),
        ("starved", 7, 20, "powder"),
    ]
    assert levels_of(record, "material/powder")[-1] == (2, 10_000_000)


def test_conwip_counts_the_lots_that_are_inside():
    what = plant(
        {"press": {}},
        operation("press", "press", "10 s"),
        lots=2,
        order={"release": "two"},
        releases={"two": {"rule": "conwip", "limit": 2}},
    )
    record = begun(what, lots=[{"recipe": "part", "waits_for": "press", "count": 2}])
    assert levels_of(record, "orders/two/waiting") == [(0, 2), (10, 1), (20, 0)]


def test_a_situation_can_be_kept_as_a_snapshot_and_gone_on_with():
    what, run = line(lots=3), Run(horizon=60)
    start = said(what, run, lots=[{"recipe": "part", "waits_for": "press", "count": 2}])
    program = compile_program(what, run)
    whole, kept = simulate_and_keep(program, 1, 0, 5 * SECOND, start=start)
    assert kept is not None
    rest = simulate(program, 1, start=Snapshot.from_json(kept.to_json()))
    assert visits_of(rest) == [row for row in visits_of(whole) if row[5] is None or row[5] > 5]


def test_everything_that_does_not_fit_is_told_with_its_place():
    found = wrong(
        line(),
        time="2026-02-01 06:00",
        lots=[
            {"recipe": "pat", "waits_for": "mill"},
            {"recipe": "part"},
            {"recipe": "part", "waits_for": "pres"},
            {"recipe": "part", "in_work": "press", "on": "mill", "remaining": "1 s"},
            {"recipe": "part", "in_work": "press"},
            {"recipe": "part", "waits_for": "press", "count": 3},
            {"recipe": "part", "waits_for": "mill", "on": "mill"},
            {"recipe": "part", "waits_for": "mill", "quantity": "3 kg"},
        ],
        units={"pres": {}, "mill": {"down": "1 h"}, "press": {"last_product": "pat"}},
        containers={"ibc": {"dirty": 1}},
        materials={"powder": "1 kg"},
    )
    assert [path for path, _ in found] == [
        ("time",),
        ("lots", 0, "recipe"),
        ("lots", 1),
        ("lots", 2, "waits_for"),
        ("lots", 3, "on"),
        ("lots", 4),
        ("lots", 4),
        ("lots", 5),
        ("lots", 6, "on"),
        ("lots", 7, "quantity"),
        ("units", "pres"),
        ("units", "mill", "down"),
        ("units", "press", "last_product"),
        ("containers", "ibc"),
        ("materials", "powder"),
    ]
