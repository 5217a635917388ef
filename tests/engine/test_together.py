"""Batch operations: several lots on one unit at once, in one visit."""

from __future__ import annotations

import pytest

from tests.engine.plants import (
    causes_of,
    levels_of,
    operation,
    plant,
    quantities_of,
    run,
    states_of,
    visits_of,
)
from twin.engine.simpy_engine import SimulationError


def oven(*more, arrivals=("0 s", "2 s", "3 s"), unit=None, order=None, **words):
    """An oven that bakes 4 s; `words` are those of its operation."""
    together = words.pop("together", {"min": 2, "max": 2})
    orders = [{"recipe": "part", "first": at, **(order or {})} for at in arrivals]
    others = {key: words.pop(key) for key in ("people", "containers", "storage", "calendars") if key in words}
    bake = operation("bake", "oven", words.pop("takes", "4 s"), together=together, **words)
    return plant({"oven": unit or {}, "bench": {}}, bake, *more, orders=orders, **others)


def test_a_unit_waits_until_enough_lots_have_come():
    what = oven(arrivals=("0 s", "2 s", "3 s", "9 s"))
    assert visits_of(what) == [
        (0, "bake", "oven", 2, 6, 6, "done"),
        (1, "bake", "oven", 2, 6, 6, "done"),
        (2, "bake", "oven", 9, 13, 13, "done"),
        (3, "bake", "oven", 9, 13, 13, "done"),
    ]
    assert causes_of(what, "oven") == [
        ("starved", 0, 2, "together"),
        ("producing", 2, 6, None),
        ("starved", 6, 9, "together"),
        ("producing", 9, 13, None),
    ]


def test_it_takes_no_more_than_the_most_and_those_that_wait_longest():
    what = oven(arrivals=("0 s", "0 s", "0 s"), together={"max": 2})
    assert [visit[3:5] for visit in visits_of(what)] == [(0, 4), (0, 4), (4, 8)]


def test_it_starts_with_fewer_when_they_have_waited_long_enough():
    """The first waits 5 s for a third lot, which comes at 6 s and waits for two more until 11 s."""
    what = oven(arrivals=("0 s", "2 s", "6 s"), together={"max": 3, "wait": "5 s"})
    assert [visit[3:5] for visit in visits_of(what)] == [(5, 9), (5, 9), (11, 15)]


def test_a_lot_in_time_fills_the_batch_and_the_time_out_says_nothing():
    what = oven(arrivals=("0 s", "2 s", "4 s"), together={"max": 3, "wait": "5 s"})
    assert [visit[3:5] for visit in visits_of(what)] == [(4, 8), (4, 8), (4, 8)]


def test_fewer_than_the_least_wait_for_ever_and_that_is_said():
    with pytest.raises(
        SimulationError, match=r"'part/bake' \(1 waiting\) on 'oven' \(starved for together\)"
    ):
        run(oven())


def test_the_duration_is_drawn_once_by_the_lowest_lot():
    alone = oven(arrivals=("0 s", "0 s"), together={"max": 2}, takes="exponential(mean=4 s)")
    visits = visits_of(alone)
    single = plant({"oven": {}}, operation("bake", "oven", "exponential(mean=4 s)"))
    assert visits[0][4] == visits[1][4] == visits_of(single)[0][4]


def test_lots_leave_one_by_one_as_there_is_room():
    """The bench takes 3 s a lot and has no room before it."""
    pick = operation("pick", "bench", "3 s", wait_in="none")
    what = oven(pick, arrivals=("0 s", "0 s"))
    assert [visit for visit in visits_of(what) if visit[1] == "bake"] == [
        (0, "bake", "oven", 0, 4, 4, "done"),
        (1, "bake", "oven", 0, 4, 7, "done"),
    ]
    assert states_of(what, "oven") == [("producing", 0, 4), ("blocked", 4, 7), ("starved", 7, 10)]


def test_people_serve_the_batch_and_each_lot_takes_a_container():
    what = oven(
        operation("pick", "bench", "1 s", **{"return": {"tray": "clean"}}),
        arrivals=("0 s", "0 s", "0 s"),
        together={"max": 3},
        needs=["operator"],
        take="tray",
        people={"operator": {"count": 1}},
        containers={"tray": {"count": 2}},
    )
    assert levels_of(what, "people/operator/busy") == [(0, 1), (4, 0), (5, 1), (9, 0)]
    assert max(level for _, level in levels_of(what, "container/tray/in_use")) == 2
    assert [visit[3:5] for visit in visits_of(what) if visit[1] == "bake"] == [(0, 4), (0, 4), (5, 9)]


def test_each_lot_has_its_own_outcome_and_yield():
    """The waste of one stop is the first lot's; what it cannot lose is the second one's."""
    failure = {"clock": "running", "between": "3 s", "repair": "1 s", "waste": "130 pieces"}
    what = oven(arrivals=("0 s", "0 s"), unit={"failures": [failure]}, yields=0.5)
    assert quantities_of(what) == [("bake", 100, 0, 100), ("bake", 100, 35, 65)]


def test_a_failure_can_scrap_the_whole_batch():
    failure = {"clock": "running", "between": "3 s", "repair": "1 s", "work": "scrap"}
    what = oven(arrivals=("0 s", "0 s", "0 s", "0 s"), unit={"failures": [failure]})
    assert [visit[3:] for visit in visits_of(what)] == [
        (0, 3, 3, "scrapped"),
        (0, 3, 3, "scrapped"),
        (4, 7, 7, "scrapped"),
        (4, 7, 7, "scrapped"),
    ]


def test_the_horizon_cuts_every_lot_of_a_batch():
    record = run(oven(arrivals=("0 s", "0 s")), horizon=3)
    assert [visit[3:] for visit in visits_of(record)] == [(0, None, None, "open")] * 2


def test_a_lot_that_is_sent_back_joins_a_later_batch():
    rework = {"probability": 1, "to": "bake", "limit": 2}
    what = oven(arrivals=("0 s", "0 s"), rework=rework)
    assert [visit[3:] for visit in visits_of(what)] == [
        (0, 4, 4, "rework"),
        (4, 8, 8, "scrapped"),
        (0, 4, 4, "rework"),
        (4, 8, 8, "scrapped"),
    ]


def test_a_full_batch_served_at_random_is_the_queue_that_theory_knows():
    """M/M/1 with service in full batches of K = 2: Gross, Shortle, Thompson and Harris, Fundamentals of
    Queueing Theory, section on bulk service. With r the root of mu r^3 - (lambda + mu) r + lambda = 0 in
    (0, 1) and lambda = mu = 1: r = 0.61803, p_0 = (1 - r) / 2, p_n = p_0 r^(n - 2), L = p_0 / (r (1 - r)^2).
    """
    r = (5**0.5 - 1) / 2
    expected = (1 - r) / 2 / r / (1 - r) ** 2
    what = plant(
        {"oven": {}},
        operation("bake", "oven", "exponential(mean=1 s)", together={"min": 2, "max": 2}),
        order={"every": "exponential(mean=1 s)"},
    )
    horizon = 40_000
    inside = 0.0
    for row in run(what, horizon=horizon).lots.to_pylist():
        left = horizon if row["left"] is None else row["left"] / 1e9
        inside += left - row["arrived"] / 1e9
    assert inside / horizon == pytest.approx(expected, rel=0.04)
