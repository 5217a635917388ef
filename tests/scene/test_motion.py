"""Where lots are and when samples are needed, from stays and states alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tests.scene.conftest import result_of
from twin.plant.aisles import Network
from twin.plant.schema import Transport
from twin.scene.export import DAY, default_window, shown
from twin.scene.itinerary import instants_of_setting_down, stays
from twin.scene.motion import JUST_BEFORE, Stay, changes, frames, held, slots, tracks
from twin.scene.places import floor_of, spots
from twin.scene.routes import Routes, routes_of
from twin.scene.transporters import Carry, carries, drives

SECOND = 1_000_000_000
NO_WAY = np.empty((0, 2))


def at(seconds: float) -> int:
    return round(seconds * SECOND)


def straight(start: str, end: str) -> np.ndarray:
    return NO_WAY


def test_a_lot_that_travels_moves_at_one_speed_around_the_corner() -> None:
    stays = {
        4: [
            Stay("mill", at(0), at(0), at(10), 0, queued=False),
            Stay("press", at(10), at(18), at(30), 1, queued=False),
        ]
    }
    spot = {(4, 0): (0.0, 0.0, 0.0), (4, 1): (3.0, 5.0, 0.0)}
    (way,) = tracks(stays, spot, lambda start, end: np.array([[3.0, 0.0]]))
    where, look = way.at(np.array([at(9), at(11), at(13), at(18), at(29)]))
    assert where.tolist() == [[0, 0, 0], [1, 0, 0], [3, 0, 0], [3, 5, 0], [3, 5, 0]]
    assert look.tolist() == [0, 1, 1, 1, 1]


def test_a_move_that_takes_no_time_is_a_jump_with_a_sample_just_before() -> None:
    stays = {
        0: [
            Stay("mill", at(0), at(0), at(10), 0, queued=False),
            Stay("press", at(10), at(10), at(20), 0, queued=False),
        ]
    }
    spot = {(0, 0): (0.0, 0.0, 0.0), (0, 1): (8.0, 0.0, 0.0)}
    shots = frames(tracks(stays, spot, straight), (0, at(15)))
    assert [(shot.time, shot.positions[:, 0].tolist()) for shot in shots] == [
        (0, [0.0]),
        (at(10) - JUST_BEFORE, [0.0]),
        (at(10), [8.0]),
        (at(15), [8.0]),
    ]


def test_only_live_lots_are_in_a_frame_in_the_order_of_their_numbers() -> None:
    stays = {
        1: [Stay("a", at(0), at(0), at(6), 0, queued=False)],
        0: [Stay("b", at(2), at(2), at(8), 1, queued=False)],
    }
    spot = {(1, 0): (1.0, 0.0, 0.0), (0, 0): (2.0, 0.0, 0.0)}
    shots = frames(tracks(stays, spot, straight), (0, at(10)))
    seen = [(shot.time / SECOND, shot.lots.tolist(), shot.carriers.tolist()) for shot in shots]
    assert seen == [
        (0.0, [1], [0]),
        (1.999, [1], [0]),
        (2.0, [0, 1], [1, 0]),
        (5.999, [0, 1], [1, 0]),
        (6.0, [0], [1]),
        (7.999, [0], [1]),
        (8.0, [], []),
        (10.0, [], []),
    ]


def test_a_window_with_nobody_has_two_empty_frames() -> None:
    shots = frames([], (at(5), at(9)))
    assert [(shot.time, len(shot.lots), shot.positions.shape) for shot in shots] == [
        (at(5), 0, (0, 3)),
        (at(9), 0, (0, 3)),
    ]


def test_events_a_nanosecond_apart_stay_in_order() -> None:
    stays = {lot: [Stay("a", lot, lot, 100 + lot, 0, queued=False)] for lot in range(3)}
    spot = {(lot, 0): (float(lot), 0.0, 0.0) for lot in range(3)}
    times = [shot.time for shot in frames(tracks(stays, spot, straight), (0, 200))]
    assert times == sorted(set(times))
    assert {0, 1, 2, 100, 101, 102, 200} <= set(times)


def test_a_queue_gives_the_lowest_free_place() -> None:
    stays = {
        0: [Stay("q", 0, 0, 5, 0, queued=True)],
        1: [Stay("q", 1, 1, 9, 0, queued=True)],
        2: [Stay("q", 5, 5, 9, 0, queued=True)],
        3: [Stay("other", 5, 5, 9, 0, queued=True)],
    }
    assert slots(stays) == {(0, 0): 0, (1, 0): 1, (2, 0): 0, (3, 0): 0}


def test_states_are_cut_to_the_window_and_joined_where_nothing_changes() -> None:
    rows = [(0, 4, "starved", -1), (4, 6, "producing", 0), (6, 8, "producing", 0), (8, 20, "producing", 1)]
    assert changes(rows, (2, 10)) == [(2, "starved", -1), (4, "producing", 0), (8, "producing", 1)]


def test_a_held_value_has_a_sample_just_before_each_change() -> None:
    steps = [(0, "starved"), (at(4), "producing"), (at(6), "producing"), (at(8), "down")]
    assert held(steps) == [
        (0, "starved"),
        (at(4) - JUST_BEFORE, "starved"),
        (at(4), "producing"),
        (at(8) - JUST_BEFORE, "producing"),
        (at(8), "down"),
    ]


def test_a_change_within_a_millisecond_still_comes_after_the_one_before() -> None:
    assert held([(0, "a"), (1000, "b"), (1001, "c")]) == [(0, "a"), (500, "a"), (1000, "b"), (1001, "c")]


@pytest.mark.parametrize(
    ("start", "warm_up", "horizon", "expected"),
    [
        (datetime(2026, 1, 5, 6), 0, 3 * DAY, (at(18 * 3600), at(18 * 3600) + DAY)),
        (datetime(2026, 1, 5), 0, DAY, (0, DAY)),
        (datetime(2026, 1, 5), 1, 3 * DAY, (DAY, 2 * DAY)),
        (datetime(2026, 1, 5, 6), 2 * DAY, 9 * DAY, (2 * DAY + at(18 * 3600), 3 * DAY + at(18 * 3600))),
        (datetime(2026, 1, 5, 6), 0, DAY, (0, DAY)),
        (datetime(2026, 1, 5, 6), 0, at(600), (0, at(600))),
    ],
)
def test_the_default_window_is_the_first_full_day_after_warm_up(
    start: datetime, warm_up: int, horizon: int, expected: tuple[int, int]
) -> None:
    assert default_window(start, warm_up, horizon) == expected


FLEET = """
twin: 1
plant: One truck
layout: {aisles: [[[0, 0], [40, 0]]]}
equipment:
  mill: {at: [0, 0]}
  press: {at: [20, 0]}
storage:
  rack: {at: [10, 0]}
transport:
  speed: 1 m/s
  fleets:
    truck: {count: 1, speed: 1 m/s, load: 2 s, unload: 3 s, at: [4, 0]}
recipes:
  tablet:
    operations:
      - mill: {on: [mill], takes: 100 s}
      - press: {on: [press], takes: 200 s, wait_in: rack}
orders: [{recipe: tablet, batches: 2}]
"""


def test_a_lot_is_stored_when_the_record_says_that_its_truck_set_it_down(tmp_path: Path) -> None:
    """Lot 0 leaves the mill at 100 s, the truck comes 4 m, and 10 m further it stands in the rack at 119 s,
    from where it is brought to the press by 134 s. Lot 1 is milled until 200 s; the truck comes 20 m and
    sets it down in the rack at 235 s, where it waits until the press has it at 349 s.
    """
    data = shown(result_of(FLEET, tmp_path))
    routes = routes_of(data.plant, floor_of(data.plant))
    set_down = instants_of_setting_down(data.levels)
    assert set_down == [at(119), at(134), at(235), at(349)]
    visits = stays(data.plant, data.lots, data.states, routes, data.horizon, data.window, set_down)
    moves = [(stay.place, stay.sets_off, stay.arrived) for stay in visits[0][1:] + visits[1][-2:]]
    assert moves == [
        ("storage/rack", at(104), at(119)),
        ("press", at(119), at(134)),
        ("storage/rack", at(220), at(235)),
        ("press", at(334), at(349)),
    ]


def test_the_truck_comes_empty_and_goes_under_its_lot(tmp_path: Path) -> None:
    data = shown(result_of(FLEET, tmp_path))
    floor = floor_of(data.plant)
    routes = routes_of(data.plant, floor)
    set_down = instants_of_setting_down(data.levels)
    visits = stays(data.plant, data.lots, data.states, routes, data.horizon, data.window, set_down)
    ways = tracks(visits, spots(floor, visits, slots(visits)), routes.waypoints)
    assert data.plant.transport is not None
    (truck,) = drives(data.plant.transport, routes, carries(visits, ways), data.horizon)
    where, _ = truck.at(np.array([at(50), at(104), at(119), at(134), at(170), at(210)]))
    assert where[:, 0].round(1).tolist() == [4.0, 0.0, 10.0, 20.0, 20.0, 10.0]
    lot = ways[0].at(np.array([at(110)]))[0]
    assert truck.at(np.array([at(110)]))[0][0, :2] == pytest.approx(lot[0, :2])


def test_without_a_fleet_free_at_the_time_a_lot_goes_alone() -> None:
    transport = Transport.model_validate(
        {"speed": "1 m/s", "fleets": {"truck": {"count": 1, "speed": "1 m/s"}}}
    )
    legs = [
        ((at(0), at(10), np.zeros(3), np.array([10.0, 0, 0]), 0),),
        ((at(5), at(9), np.ones(3), np.ones(3), 0),),
    ]
    routes = Routes(Network([], []), {}, transport)
    (truck,) = drives(transport, routes, [Carry("a", "b", leg) for leg in legs], at(20))
    assert (truck.starts.tolist(), truck.ends.tolist()) == ([at(0), at(10)], [at(10), at(20)])
