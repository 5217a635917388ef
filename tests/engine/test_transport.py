"""Lots on their way: along the aisles, when a unit claims them or a storage takes them.

Everything moves at 1 m/s, with 2 s of handling for each move.
"""

from __future__ import annotations

from tests.engine.plants import levels_of, operation, plant, run, states_of, visits_of

TRANSPORT = {"speed": "1 m/s", "handling": "2 s"}


def mill_and_press(aisles=(), mill=(0, 0), press=(10, 0), lots=1, rack=None, wait_in=None, **words):
    """A mill of 4 s, a press of 5 s, and perhaps a rack between them."""
    wait = {} if wait_in is None else {"wait_in": wait_in}
    return plant(
        {"mill": {} if mill is None else {"at": mill}, "press": {"at": press}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "5 s", **wait, **words),
        lots=lots,
        layout={"aisles": list(aisles)},
        transport=TRANSPORT,
        storage={} if rack is None else {"rack": rack},
    )


def test_a_unit_waits_for_the_lot_it_has_claimed():
    what = mill_and_press()
    assert states_of(what, "mill") == [("producing", 0, 4), ("starved", 4, 21)]
    assert states_of(what, "press") == [
        ("starved", 0, 4),
        ("waiting_transport", 4, 16),
        ("producing", 16, 21),
    ]
    assert visits_of(what) == [(0, "mill", "mill", 0, 4, 4, "done"), (0, "press", "press", 4, 21, 21, "done")]


def test_the_way_follows_the_aisles():
    """Up 3 m to the aisle, 10 m along it, 3 m down: 16 m."""
    assert states_of(mill_and_press(aisles=[[[0, 3], [10, 3]]]), "press")[1:] == [
        ("waiting_transport", 4, 22),
        ("producing", 22, 27),
    ]


def test_moves_take_no_time_where_a_unit_has_no_place():
    assert states_of(mill_and_press(mill=None), "press") == [("starved", 0, 4), ("producing", 4, 9)]


def test_a_lot_that_is_released_needs_no_way_to_its_first_unit():
    assert states_of(mill_and_press(), "mill")[0] == ("producing", 0, 4)


def test_people_come_along_on_the_way():
    what = mill_and_press(needs=["operator"])
    what = type(what).model_validate({**what.model_dump(by_alias=True), "people": {"operator": {"count": 1}}})
    assert levels_of(what, "people/operator/busy") == [(0, 0), (4, 1), (21, 0)]


def test_a_lot_goes_by_way_of_its_storage():
    """4 m to the rack and 3 m on to the press; it holds its place from the moment it sets out."""
    what = mill_and_press(mill=(0, 0), press=(4, 3), rack={"at": [4, 0]}, wait_in="rack")
    assert states_of(what, "press") == [
        ("starved", 0, 10),
        ("waiting_transport", 10, 15),
        ("producing", 15, 20),
    ]
    assert levels_of(what, "storage/rack") == [(0, 0), (4, 1), (10, 0)]
    assert visits_of(what)[1] == (0, "press", "press", 10, 20, 20, "done")


def test_a_place_is_taken_from_the_moment_a_lot_sets_out_for_it():
    """The rack holds one lot, 4 m from the mill and 3 m from the press, which is 5 m from the mill."""
    rack = {"at": [4, 0], "capacity": 1}
    what = mill_and_press(press=(4, 3), rack=rack, wait_in="rack", lots=3)
    # Lot 0: on its way to the rack 4-10, claimed at 20, pressed 25-30.
    # Lot 1: finds the rack taken at 8 and goes straight to the free press, 8-15, pressed 15-20.
    # Lot 2: blocked 12-20, in the rack from 26, claimed at 30, pressed 35-40.
    assert states_of(what, "mill") == [
        ("producing", 0, 4),
        ("producing", 4, 8),
        ("producing", 8, 12),
        ("blocked", 12, 20),
        ("starved", 20, 40),
    ]
    assert states_of(what, "press") == [
        ("starved", 0, 8),
        ("waiting_transport", 8, 15),
        ("producing", 15, 20),
        ("waiting_transport", 20, 25),
        ("producing", 25, 30),
        ("waiting_transport", 30, 35),
        ("producing", 35, 40),
    ]
    assert levels_of(what, "storage/rack") == [(0, 0), (4, 1), (30, 0)]


def test_a_reworked_lot_goes_all_the_way_back():
    what = mill_and_press(rework={"probability": 1, "to": "mill", "limit": 2})
    assert states_of(what, "mill") == [
        ("producing", 0, 4),
        ("starved", 4, 21),
        ("waiting_transport", 21, 33),
        ("producing", 33, 37),
        ("starved", 37, 54),
    ]


def test_a_failure_halts_a_lot_on_its_way_and_it_goes_on_after_repair():
    mode = {"clock": "calendar", "between": "10 s", "repair": "3 s"}
    what = plant(
        {"mill": {"at": [0, 0]}, "press": {"at": [10, 0], "failures": [mode]}},
        operation("mill", "mill", "4 s"),
        operation("press", "press", "2 s"),
        transport=TRANSPORT,
    )
    assert states_of(what, "press") == [
        ("starved", 0, 4),
        ("waiting_transport", 4, 10),
        ("down", 10, 13),
        ("waiting_transport", 13, 19),
        ("producing", 19, 21),
    ]


def test_a_dirty_container_is_fetched_by_the_washer():
    what = plant(
        {"booth": {"at": [0, 0]}, "washer": {"at": [10, 0]}},
        operation("weigh", "booth", "3 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": 1, "cleaning": {"takes": "4 s", "on": ["washer"]}}},
        transport=TRANSPORT,
    )
    assert states_of(what, "washer", horizon=20) == [
        ("starved", 0, 3),
        ("waiting_transport", 3, 15),
        ("cleaning", 15, 19),
        ("starved", 19, 20),
    ]


def test_a_lot_on_its_way_when_the_run_ends_is_inside():
    what = mill_and_press(mill=(0, 0), press=(4, 3), rack={"at": [4, 0]}, wait_in="rack")
    record = run(what, horizon=6)
    assert visits_of(record) == [
        (0, "mill", "mill", 0, 4, 4, "done"),
        (0, "press", None, None, None, None, "open"),
    ]
    assert levels_of(record, "wip") == [(0, 1)]


def test_a_lot_begins_to_wait_when_it_has_come_to_its_storage():
    """The lot from far away is made first and comes last."""
    pressing = operation("press", "press", "30 s", wait_in="rack")
    what = plant(
        {"far": {"at": [20, 0]}, "near": {"at": [0, 3]}, "press": {"at": [0, 0]}},
        storage={"rack": {"at": [0, 0]}},
        transport=TRANSPORT,
        recipes={
            name: {"operations": [operation("make", name, takes), pressing]}
            for name, takes in (("far", "4 s"), ("near", "1 s"))
        },
        orders=[{"recipe": "far"}, {"recipe": "near"}, {"recipe": "near", "first": "5 s"}],
    )
    # near: made 0-1, in the rack from 6; far: made 0-4, in the rack from 26; near again: made 5-6, from 11.
    pressed = [(lot, started) for lot, op, _, started, *_ in visits_of(what) if op == "press"]
    assert pressed == [(0, 66), (1, 6), (2, 36)]
