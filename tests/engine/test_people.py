"""People: when they are claimed, all or nobody, what a unit shows that waits for them, and who repairs."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of
from twin.engine.compile import compile_program
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run


def two_benches(during, operators=1, start_up=None):
    """Two benches, each with one lot of 2 s of set-up and 3 s of processing, and one pool of operators."""
    bench = {} if start_up is None else {"start_up": start_up}
    needs = [{"people": "operator", "during": during}]
    return plant(
        {"left": bench, "right": bench},
        people={"operator": {"count": operators}},
        recipes={
            name: {"operations": [operation("work", name, "3 s", setup="2 s", needs=needs)]}
            for name in ("left", "right")
        },
        orders=[{"recipe": "left"}, {"recipe": "right"}],
    )


ALONE = [("setup", 0, 2, None), ("producing", 2, 5, None)]


def test_people_for_the_operation_stay_from_set_up_to_the_end():
    what = two_benches("operation")
    assert causes_of(what, "left")[:2] == ALONE
    assert causes_of(what, "right") == [
        ("waiting_people", 0, 5, "operator"),
        ("setup", 5, 7, None),
        ("producing", 7, 10, None),
    ]
    assert levels_of(what, "people/operator/busy") == [(0, 1), (10, 0)]


def test_people_for_set_up_go_when_it_is_done():
    what = two_benches("setup")
    assert causes_of(what, "left")[:2] == ALONE
    assert causes_of(what, "right") == [
        ("waiting_people", 0, 2, "operator"),
        ("setup", 2, 4, None),
        ("producing", 4, 7, None),
    ]
    assert levels_of(what, "people/operator/busy") == [(0, 1), (4, 0)]


def test_people_for_processing_come_when_set_up_is_done():
    what = two_benches("processing")
    assert causes_of(what, "left")[:2] == ALONE
    assert causes_of(what, "right") == [
        ("setup", 0, 2, None),
        ("waiting_people", 2, 5, "operator"),
        ("producing", 5, 8, None),
    ]
    assert levels_of(what, "people/operator/busy") == [(0, 0), (2, 1), (8, 0)]


def test_people_for_start_up_are_there_for_it_alone():
    what = two_benches("start_up", start_up="4 s")
    assert causes_of(what, "left")[:3] == [
        ("setup", 0, 2, None),
        ("start_up", 2, 6, None),
        ("producing", 6, 9, None),
    ]
    assert causes_of(what, "right") == [
        ("setup", 0, 2, None),
        ("waiting_people", 2, 6, "operator"),
        ("start_up", 6, 10, None),
        ("producing", 10, 13, None),
    ]


def test_two_operators_let_two_benches_work():
    what = two_benches("operation", operators=2)
    assert causes_of(what, "right") == ALONE
    assert levels_of(what, "people/operator/busy") == [(0, 2), (5, 0)]


def benches(people, **needs):
    """A bench for each entry: (needs, first release in s, takes in s)."""
    return plant(
        {name: {} for name in needs},
        people={name: {"count": count} for name, count in people.items()},
        recipes={
            name: {"operations": [operation("work", name, f"{takes} s", needs=who)]}
            for name, (who, _, takes) in needs.items()
        },
        orders=[{"recipe": name, "first": f"{first} s"} for name, (_, first, _) in needs.items()],
    )


def test_a_bench_that_lacks_one_of_two_operators_claims_none():
    """While `big` waits for two, the second operator is free for `tiny`."""
    what = benches(
        {"operator": 2},
        small=(["operator"], 0, 4),
        big=(["2 operator"], 0, 2),
        tiny=(["operator"], 1, 2),
    )
    assert states_of(what, "big") == [("waiting_people", 0, 4), ("producing", 4, 6)]
    assert states_of(what, "tiny")[:2] == [("starved", 0, 1), ("producing", 1, 3)]


def test_a_bench_that_lacks_an_analyst_claims_no_operator():
    what = benches(
        {"operator": 1, "analyst": 1},
        assay=(["analyst"], 0, 4),
        both=(["operator", "analyst"], 0, 2),
        fill=(["operator"], 1, 2),
    )
    assert causes_of(what, "both") == [
        ("waiting_people", 0, 4, "analyst"),
        ("producing", 4, 6, None),
    ]
    assert states_of(what, "fill")[:2] == [("starved", 0, 1), ("producing", 1, 3)]


def test_needs_of_one_pool_add_up():
    needs = ["operator", {"people": "operator", "during": "processing"}]
    what = plant(
        {"bench": {}},
        operation("work", "bench", "3 s", setup="2 s", needs=needs),
        people={"operator": {"count": 2}},
    )
    assert levels_of(what, "people/operator/busy") == [(0, 1), (2, 2), (5, 0)]


def test_people_stay_with_an_operation_that_a_failure_interrupts():
    mode = {"clock": "running", "between": "2 s", "repair": "3 s"}
    what = plant(
        {"press": {"failures": [mode]}, "bench": {}},
        people={"operator": {"count": 1}},
        recipes={
            "tablet": {"operations": [operation("work", "press", "3 s", needs=["operator"])]},
            "sample": {"operations": [operation("work", "bench", "1 s", needs=["operator"])]},
        },
        orders=[{"recipe": "tablet"}, {"recipe": "sample", "first": "1 s"}],
    )
    assert states_of(what, "press")[:3] == [("producing", 0, 2), ("down", 2, 5), ("producing", 5, 6)]
    assert states_of(what, "bench") == [("starved", 0, 1), ("waiting_people", 1, 6), ("producing", 6, 7)]
    assert levels_of(what, "people/operator/busy") == [(0, 1), (7, 0)]


def two_presses_and_one_mechanic(**second):
    """Both presses fail after 4 s; each repair takes 2 s of the one mechanic."""
    mode = {"clock": "calendar", "between": "4 s", "repair": "2 s", "needs": ["mechanic"]}
    return plant(
        {"left": {"failures": [mode]}, "right": {"failures": [mode | second]}},
        people={"mechanic": {"count": 1}},
        recipes={name: {"operations": [operation("press", name, "9 s")]} for name in ("left", "right")},
        orders=[{"recipe": "left"}, {"recipe": "right"}],
    )


def test_a_unit_waits_for_the_mechanic_down():
    what = two_presses_and_one_mechanic()
    assert states_of(what, "left")[:5] == [
        ("producing", 0, 4),
        ("down", 4, 6),
        ("producing", 6, 10),
        ("down", 10, 12),
        ("producing", 12, 13),
    ]
    assert states_of(what, "right") == [
        ("producing", 0, 4),
        ("down", 4, 8),
        ("producing", 8, 12),
        ("down", 12, 14),
        ("producing", 14, 15),
    ]
    assert levels_of(what, "people/mechanic/busy") == [(0, 0), (4, 1), (8, 0), (10, 1), (14, 0)]


def test_the_mechanic_goes_to_the_unit_that_failed_first():
    """`right` fails at 3 s and is repaired until 5 s, while `left` waits from 4 s."""
    what = two_presses_and_one_mechanic(between="3 s")
    assert states_of(what, "right")[:2] == [("producing", 0, 3), ("down", 3, 5)]
    assert states_of(what, "left")[:2] == [("producing", 0, 4), ("down", 4, 7)]


def test_a_repair_goes_before_the_start_of_new_work():
    """At 4 s the operator is freed by the lot that is done; the failed press has him before the next lot."""
    mode = {"clock": "calendar", "between": "3 s", "repair": "2 s", "needs": ["operator"]}
    what = plant(
        {"bench": {}, "press": {"failures": [mode]}},
        people={"operator": {"count": 1}},
        recipes={
            "sample": {"operations": [operation("work", "bench", "4 s", needs=["operator"])]},
            "tablet": {"operations": [operation("work", "press", "5 s")]},
        },
        orders=[{"recipe": "sample", "batches": 2}, {"recipe": "tablet"}],
    )
    assert states_of(what, "press")[:3] == [("producing", 0, 3), ("down", 3, 6), ("producing", 6, 8)]
    assert states_of(what, "bench") == [("producing", 0, 4), ("waiting_people", 4, 6), ("producing", 6, 10)]


def test_a_repair_that_could_wait_for_ever_for_its_own_operator_is_refused():
    mode = {"clock": "running", "between": "3 s", "repair": "2 s", "needs": ["operator"]}
    what = plant(
        {"press": {"failures": [mode]}},
        operation("work", "press", "5 s", needs=["operator"]),
        people={"operator": {"count": 1}},
    )
    with pytest.raises(ComplaintError) as refused:
        compile_program(what, Run())
    (complaint,) = refused.value.complaints
    assert complaint.path == ("equipment", "press", "failures", 0, "needs", 0)
    assert complaint.hint == "Have at least 2 `operator`, or let others repair."
