"""Containers: taken clean, given back dirty, cleaned on a washer, and waited for."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, run, states_of, visits_of
from twin.engine.simpy_engine import SimulationError

WASHER = {"takes": "4 s", "on": ["washer"]}


def fill_and_empty(count=1, back="dirty", cleaning=WASHER, lots=2, washer=None, empty=None, **words):
    """A container is filled for 2 s and emptied for 3 s."""
    return plant(
        {"filler": {}, "emptier": {}, "washer": washer or {}},
        operation("fill", "filler", "2 s", take="ibc"),
        operation("empty", "emptier", "3 s", **{"return": {"ibc": back}}, **(empty or {})),
        containers={"ibc": {"count": count, **({"cleaning": cleaning} if cleaning else {})}},
        lots=lots,
        **words,
    )


def containers(what, **words):
    record = run(what, **words)
    return {kind: levels_of(record, f"container/ibc/{kind}") for kind in ("clean", "in_use", "dirty")}


def test_the_next_lot_waits_until_the_only_container_is_clean_again():
    what = fill_and_empty()
    assert causes_of(what, "filler") == [
        ("producing", 0, 2, None),
        ("waiting_container", 2, 9, "ibc"),
        ("producing", 9, 11, None),
        ("starved", 11, 14, None),
    ]
    assert states_of(what, "emptier") == [
        ("starved", 0, 2),
        ("producing", 2, 5),
        ("starved", 5, 11),
        ("producing", 11, 14),
    ]
    assert states_of(what, "washer") == [("starved", 0, 5), ("cleaning", 5, 9), ("starved", 9, 14)]
    assert containers(what) == {
        "clean": [(0, 0)],
        "in_use": [(0, 1), (5, 0), (9, 1), (14, 0)],
        "dirty": [(0, 0), (5, 1), (9, 0), (14, 1)],
    }


def test_a_container_that_comes_back_clean_is_taken_at_once():
    what = fill_and_empty(back="clean")
    assert states_of(what, "filler") == [
        ("producing", 0, 2),
        ("waiting_container", 2, 5),
        ("producing", 5, 7),
        ("starved", 7, 10),
    ]
    assert containers(what)["in_use"] == [(0, 1), (10, 0)]
    assert states_of(what, "washer") == [("starved", 0, 10)]


def test_a_dirty_container_that_nobody_cleans_is_clean_at_once():
    assert containers(fill_and_empty(cleaning=None)) == {
        "clean": [(0, 0), (10, 1)],
        "in_use": [(0, 1), (10, 0)],
        "dirty": [(0, 0)],
    }


def test_enough_containers_are_never_waited_for():
    what = fill_and_empty(count=2)
    assert states_of(what, "filler") == [("producing", 0, 2), ("producing", 2, 4), ("starved", 4, 8)]
    assert containers(what)["clean"] == [(0, 1), (2, 0)]


def test_the_washer_takes_dirty_containers_one_by_one():
    what = fill_and_empty(count=3, lots=3)
    # Three containers, soiled at 5, 8 and 11 s.
    assert states_of(what, "washer", horizon=20) == [
        ("starved", 0, 5),
        ("cleaning", 5, 17),
        ("starved", 17, 20),
    ]
    steps = [(0, 0), (5, 1), (8, 2), (9, 1), (11, 2), (13, 1), (17, 0)]
    assert containers(what, horizon=20)["dirty"] == steps


def test_a_failed_washer_cleans_on_after_repair():
    mode = {"clock": "running", "between": "3 s", "repair": "2 s"}
    what = fill_and_empty(washer={"failures": [mode]})
    assert states_of(what, "washer") == [
        ("starved", 0, 5),
        ("cleaning", 5, 8),
        ("down", 8, 10),
        ("cleaning", 10, 11),
        ("starved", 11, 16),
    ]


def test_a_container_is_not_scrapped_but_cleaned_anew():
    mode = {"clock": "calendar", "between": "8 s", "repair": "1 s", "work": "scrap"}
    what = fill_and_empty(washer={"failures": [mode]})
    # Failures at 8 s and 17 s.
    assert states_of(what, "washer") == [
        ("starved", 0, 5),
        ("cleaning", 5, 8),
        ("down", 8, 9),
        ("cleaning", 9, 13),
        ("starved", 13, 17),
        ("down", 17, 18),
    ]
    assert [outcome for *_, outcome in visits_of(what)] == ["done"] * 4


def test_people_clean():
    what = fill_and_empty(
        cleaning={**WASHER, "needs": ["operator"]},
        people={"operator": {"count": 1}},
        empty={"needs": []},
    )
    assert levels_of(what, "people/operator/busy") == [(0, 0), (5, 1), (9, 0), (14, 1)]


def test_a_unit_that_washes_and_fills_takes_what_has_waited_longest():
    """The container soiled at 5 s goes before the lot released at 5.5 s."""
    what = plant(
        {"bench": {}, "emptier": {}},
        operation("fill", "bench", "2 s", take="ibc"),
        operation("empty", "emptier", "3 s", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": 2, "cleaning": {"takes": "4 s", "on": ["bench"]}}},
        orders=[{"recipe": "part"}, {"recipe": "part", "first": "4 s"}, {"recipe": "part", "first": "5.5 s"}],
    )
    assert states_of(what, "bench") == [
        ("producing", 0, 2),
        ("starved", 2, 4),
        ("producing", 4, 6),
        ("cleaning", 6, 10),
        ("producing", 10, 12),
        ("cleaning", 12, 15),
    ]


def test_a_scrapped_lot_gives_its_container_back_dirty():
    what = plant(
        {"filler": {}, "emptier": {}, "washer": {}},
        operation("fill", "filler", "2 s", take="ibc", scrap=1.0),
        operation("empty", "emptier", "3 s", **{"return": {"ibc": "clean"}}),
        containers={"ibc": {"count": 1, "cleaning": WASHER}},
    )
    assert containers(what, horizon=10) == {
        "clean": [(0, 0), (6, 1)],
        "in_use": [(0, 1), (2, 0)],
        "dirty": [(0, 0), (2, 1), (6, 0)],
    }


def test_a_lot_that_a_failure_scraps_gives_its_container_back_dirty():
    mode = {"clock": "running", "between": "1 s", "repair": "1 s", "work": "scrap"}
    what = plant(
        {"filler": {"failures": [mode]}, "emptier": {}, "washer": {}},
        operation("fill", "filler", "2 s", take="ibc"),
        operation("empty", "emptier", "3 s", **{"return": {"ibc": "clean"}}),
        containers={"ibc": {"count": 1, "cleaning": WASHER}},
    )
    assert containers(what, horizon=10)["dirty"] == [(0, 0), (1, 1), (5, 0)]


def test_a_reworked_lot_keeps_the_container_it_has():
    """The check sends it back to the operation that takes a container; there is only one."""
    what = fill_and_empty(lots=1, empty={"rework": {"probability": 1, "to": "fill", "limit": 2}})
    assert visits_of(what) == [
        (0, "fill", "filler", 0, 2, 2, "done"),
        (0, "empty", "emptier", 2, 5, 5, "rework"),
        (0, "fill", "filler", 5, 7, 7, "done"),
        (0, "empty", "emptier", 7, 10, 10, "scrapped"),
    ]
    assert containers(what) == {
        "clean": [(0, 0)],
        "in_use": [(0, 1), (10, 0)],
        "dirty": [(0, 0), (10, 1)],
    }


def test_a_reworked_lot_keeps_its_container_within_one_operation():
    what = plant(
        {"booth": {}},
        operation(
            "weigh",
            "booth",
            "2 s",
            take="ibc",
            **{"return": {"ibc": "dirty"}},
            rework={"probability": 1, "to": "weigh", "limit": 2},
        ),
        containers={"ibc": {"count": 1, "cleaning": {"takes": "4 s", "on": ["booth"]}}},
    )
    assert states_of(what, "booth") == [("producing", 0, 4)]
    assert containers(what)["in_use"] == [(0, 1), (4, 0)]


def kept_clean(every: int, lots: int = 2, count: int = 2, **holds):
    """Lots that come one by one take an IBC for 2 s; washing takes 4 s, and longer holds are watched."""
    return plant(
        {"filler": {}, "washer": {}},
        operation("fill", "filler", "2 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={"ibc": {"count": count, "cleaning": {"takes": "4 s", "on": ["washer"]}, **holds}},
        order={"every": f"{every} s", "times": lots},
    )


def test_a_container_that_has_stood_clean_for_too_long_is_washed_again():
    what = kept_clean(30, count=1, clean_hold="20 s")
    assert states_of(what, "washer", horizon=60) == [
        ("starved", 0, 2),
        ("cleaning", 2, 6),
        ("starved", 6, 26),  # it was cleaned at 6 s
        ("cleaning", 26, 30),
        ("starved", 30, 32),
        ("cleaning", 32, 36),
        ("starved", 36, 56),
        ("cleaning", 56, 60),
    ]
    assert states_of(what, "filler", horizon=60)[2] == ("producing", 30, 32)


def test_the_container_that_was_cleaned_first_is_taken_first():
    """Two clean ones at 0 s; the one taken is clean again at 6 s, the other is no longer clean at 10 s."""
    what = kept_clean(8, count=2, clean_hold="10 s")
    assert levels_of(what, "container/ibc/clean", horizon=13) == [
        (0, 1),
        (6, 2),
        (8, 1),  # the one that had not been used
    ]


def test_at_its_limit_a_container_is_no_longer_clean():
    what = kept_clean(20, count=1, lots=2, clean_hold="14 s")
    assert states_of(what, "filler", horizon=30)[:4] == [
        ("producing", 0, 2),
        ("starved", 2, 20),
        ("waiting_container", 20, 24),
        ("producing", 24, 26),
    ]


def test_a_violation_of_the_clean_hold_may_only_be_counted():
    what = kept_clean(30, count=1, clean_hold={"limit": "20 s", "then": "count"})
    assert levels_of(what, "container/ibc/clean_hold_violations") == [(0, 0), (30, 1)]
    assert states_of(what, "filler")[2] == ("producing", 30, 32)


def test_a_container_that_stood_dirty_for_too_long_is_washed_for_longer():
    """The third waits from 3 s until 9 s."""
    what = plant(
        {"filler": {}, "washer": {}},
        operation("fill", "filler", "1 s", take="ibc", **{"return": {"ibc": "dirty"}}),
        containers={
            "ibc": {
                "count": 3,
                "cleaning": {"takes": "4 s", "on": ["washer"]},
                "dirty_hold": {"limit": "3 s", "takes": "7 s"},
            }
        },
        lots=3,
    )
    assert states_of(what, "washer", horizon=20) == [
        ("starved", 0, 1),
        ("cleaning", 1, 16),  # 4 s; 4 s, for the second waits until 5 s, in time; 7 s
        ("starved", 16, 20),
    ]
    assert levels_of(what, "container/ibc/dirty_hold_violations", horizon=20) == [(0, 0), (9, 1)]


def test_washing_idle_containers_again_does_not_hide_that_a_plant_is_stuck():
    what = plant(
        {"filler": {}, "mill": {}, "washer": {}},
        operation("mill", "mill", "1 s", take="ibc", wait_in="none"),
        operation("fill", "filler", "1 s", wait_in="none", rework={"probability": 1, "to": "mill"}),
        containers={
            "ibc": {"count": 9, "cleaning": {"takes": "1 h", "on": ["washer"]}, "clean_hold": "1 day"}
        },
        lots=3,
    )
    with pytest.raises(SimulationError, match="stuck"):
        run(what)
