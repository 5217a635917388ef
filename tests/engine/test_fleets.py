"""Transporters, airlocks, conveyors and warehouses: what a lot waits for on its way."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, run, states_of
from twin.engine.record import SECOND, Record
from twin.engine.rules.transport import trips
from twin.plant.locks import Rooms
from twin.plant.schema import Plant

MILL_AND_PRESS = {"mill": {"at": [0, 0]}, "press": {"at": [60, 0]}}


def milled(transport: dict[str, object], lots: int = 1, **words: object) -> Plant:
    """A mill of 10 s and, 60 m on, a press of 100 s."""
    return plant(
        words.pop("equipment", MILL_AND_PRESS),
        operation("mill", "mill", "10 s"),
        operation("press", "press", "100 s", **words.pop("press", {})),
        lots=lots,
        transport={"speed": "1 m/s", **transport},
        **words,
    )


def fleet(**words: object) -> dict[str, object]:
    """One truck of 2 m/s at the mill."""
    return {"fleets": {"truck": {"count": 1, "speed": "2 m/s", "at": [0, 0], **words}}}


def busy(record: Record, name: str = "truck") -> list[tuple[float, int]]:
    """(s, busy transporters)."""
    return levels_of(record, f"transport/{name}/busy")


def times_of(record: Record, name: str, column: str) -> list[float]:
    """When the lots started, finished or left an operation, in s."""
    rows = record.lots.to_pylist()
    return [row[column] / SECOND for row in rows if row["operation"] == name]


def test_a_truck_loads_drives_and_unloads():
    record = run(milled(fleet(load="5 s", unload="7 s")))
    assert states_of(record, "press") == [
        ("starved", 0, 10),
        ("waiting_transport", 10, 52),
        ("producing", 52, 152),
    ]
    assert busy(record) == [(0, 0), (10, 1), (52, 0)]


def test_a_truck_comes_from_where_it_last_was():
    # The first lot is brought by 10 + 30 s; the second is claimed at 140 s, and the truck comes back for it.
    record = run(milled(fleet(), lots=2))
    assert states_of(record, "press")[2:] == [
        ("producing", 40, 140),
        ("waiting_transport", 140, 200),
        ("producing", 200, 300),
    ]


def test_a_press_waits_for_the_only_truck_and_says_so():
    equipment = {**MILL_AND_PRESS, "press": {"at": [60, 0], "count": 2, "pitch": [0, 20]}}
    record = run(milled(fleet(), lots=2, equipment=equipment))
    waits = [row for row in causes_of(record, "press_2") if row[3] == "truck"]
    assert waits == [("waiting_transport", 20, 40, "truck")]


def test_a_heavy_lot_takes_several_trips():
    what = milled(fleet(load="1 s", unload="2 s", capacity="50 kg"), batch="120 kg")
    # Three times 1 + 30 + 2 s, and twice back in 30 s.
    assert states_of(run(what), "press")[1] == ("waiting_transport", 10, 10 + 3 * 33 + 2 * 30)


@pytest.mark.parametrize(("quantity", "capacity", "number"), [(0, 5, 1), (5, 5, 1), (6, 5, 2), (99, 0, 1)])
def test_trips(quantity, capacity, number):
    assert trips(quantity, capacity) == number


def test_an_empty_battery_is_charged_at_home():
    truck = fleet(battery={"lasts": "30 s", "charge": "500 s"})
    record = run(milled(truck, lots=2))
    # Set down at 40 s after 30 s of driving; home at 70 s, charged at 570 s, back with the lot at 600 s.
    assert states_of(record, "press")[2:] == [
        ("producing", 40, 140),
        ("waiting_transport", 140, 570),  # for the truck
        ("waiting_transport", 570, 600),  # for the lot
        ("producing", 600, 700),
    ]
    assert busy(record) == [(0, 0), (10, 1)]  # charging still when the last lot has left


def test_the_nearest_truck_comes_then_that_of_the_fleet_named_first():
    trucks = {
        "far": {"count": 1, "speed": "1 m/s", "at": [60, 0]},
        "near": {"count": 1, "speed": "1 m/s", "at": [0, 0]},
    }
    record = run(milled({"fleets": trucks}))
    assert busy(record, "near") == [(0, 0), (10, 1), (70, 0)]
    assert busy(record, "far") == [(0, 0)]


def test_a_lot_keeps_its_unit_until_a_truck_takes_it_to_the_storage():
    what = milled(
        fleet(),
        lots=2,
        storage={"rack": {"capacity": 5, "at": [60, 0]}},
        press={"wait_in": "rack"},
    )
    record = run(what)
    # The truck takes the first lot from 10 to 40 s, and then comes back for the second.
    assert causes_of(record, "mill")[1:3] == [
        ("producing", 10, 20, None),
        ("waiting_transport", 20, 40, "truck"),
    ]
    assert times_of(record, "press", "started") == [40, 140]


ROOMS = {
    "areas": {
        "white": {"outline": [[-5, -5], [30, -5], [30, 5], [-5, 5]], "grade": "C"},
        "grey": {"outline": [[30, -5], [70, -5], [70, 5], [30, 5]], "grade": "D"},
    }
}
LOCK = {"airlocks": {"lock": {"between": ["white", "grey"], "takes": "8 s"}}}


def test_a_way_is_cut_where_it_goes_through_a_wall():
    what = milled({}, layout=ROOMS)
    assert Rooms(what).along([(0, 0), (60, 0)]) == [(0, "white"), (30, "grey")]
    assert Rooms(what).along([(0, 0), (0, 9), (60, 9)]) == [(0, "white"), (5, "outside")]


def test_a_lock_holds_a_move_up():
    record = run(milled(LOCK, layout=ROOMS))
    assert states_of(record, "press")[1] == ("waiting_transport", 10, 78)


def test_two_moves_pass_a_lock_one_after_the_other():
    equipment = {
        "mill": {"at": [0, 0], "count": 2, "pitch": [0, 2]},
        "press": {"at": [60, 0], "count": 2, "pitch": [0, 2]},
    }
    record = run(milled(LOCK, lots=2, layout=ROOMS, equipment=equipment))
    assert states_of(record, "press")[1] == ("waiting_transport", 10, 78)
    assert states_of(record, "press_2")[1] == ("waiting_transport", 10, 86)


def on_a_belt(lots: int, accumulating: bool = True, **words: object) -> Plant:
    """A mill of 10 s, a belt of 60 m at 1 m/s with three places, a press of 100 s."""
    return plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "10 s"),
        operation("press", "press", "100 s", wait_in="belt"),
        lots=lots,
        storage={
            "belt": {
                "capacity": 3,
                "conveyor": {"length": "60 m", "speed": "1 m/s", "accumulating": accumulating},
            }
        },
        **words,
    )


def test_lots_close_up_on_an_accumulating_belt():
    record = run(on_a_belt(4))
    # A place is 20 s long. The fourth finds all three taken until the first lot is off at 70 s.
    assert times_of(record, "press", "started") == [70, 170, 270, 370]
    assert times_of(record, "mill", "left") == [10, 30, 50, 70]


@pytest.mark.parametrize(("accumulating", "left"), [(True, 90), (False, 170)])
def test_a_belt_that_does_not_accumulate_stands_while_the_first_lot_waits(accumulating, left):
    # The second lot is at the end at 90 s, while the press is busy until 170 s; the third is milled at 90 s.
    late = [{"recipe": "part", "batches": 2}, {"recipe": "part", "first": "80 s"}]
    record = run(on_a_belt(2, accumulating=accumulating, orders=late))
    assert times_of(record, "mill", "left") == [10, 30, left]
    assert times_of(record, "press", "started") == [70, 170, 270]


def test_a_warehouse_is_full_by_kilograms():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "10 s"),
        operation("press", "press", "100 s", wait_in="rack"),
        lots=4,
        batch="100 kg",
        storage={"rack": {"holds": "250 kg"}},
    )
    # Two lots in the rack besides the one at the press; the fourth keeps the mill until 110 s.
    record = run(what)
    assert causes_of(record, "mill")[4] == ("blocked", 40, 110, "rack")
