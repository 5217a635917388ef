"""Unit procedures: operations between which a lot keeps its unit."""

from __future__ import annotations

from tests.engine.plants import causes_of, operation, plant, states_of, visits_of

KEEP = {"unit_procedure": "granulate"}


def test_a_lot_keeps_its_unit_and_nobody_gets_it_in_between():
    """The second lot waits for the mixer from 0 s, and gets it only when the first is dry."""
    what = plant(
        {"mixer": {}},
        operation("mix", "mixer", "2 s", **KEEP),
        operation("dry", "mixer", "3 s", **KEEP),
        lots=2,
    )
    assert visits_of(what) == [
        (0, "mix", "mixer", 0, 2, 2, "done"),
        (0, "dry", "mixer", 2, 5, 5, "done"),
        (1, "mix", "mixer", 5, 7, 7, "done"),
        (1, "dry", "mixer", 7, 10, 10, "done"),
    ]


def test_without_a_unit_procedure_the_longest_waiting_lot_is_next():
    what = plant({"mixer": {}}, operation("mix", "mixer", "2 s"), operation("dry", "mixer", "3 s"), lots=2)
    assert [visit[:4] for visit in visits_of(what)] == [
        (0, "mix", "mixer", 0),
        (0, "dry", "mixer", 4),
        (1, "mix", "mixer", 2),
        (1, "dry", "mixer", 7),
    ]


def test_each_lot_keeps_the_unit_that_it_was_given():
    what = plant(
        {"mixer": {"count": 2}},
        operation("mix", "mixer", "2 s", **KEEP),
        operation("dry", "mixer", "3 s", **KEEP),
        lots=3,
    )
    assert [visit[:5] for visit in visits_of(what)] == [
        (0, "mix", "mixer", 0, 2),
        (0, "dry", "mixer", 2, 5),
        (1, "mix", "mixer_2", 0, 2),
        (1, "dry", "mixer_2", 2, 5),
        (2, "mix", "mixer", 5, 7),
        (2, "dry", "mixer", 7, 10),
    ]


def test_the_lot_waits_on_its_unit_for_the_people_of_the_next_operation():
    """The operator works at the bench until 6 s."""
    what = plant(
        {"bench": {}, "mixer": {}},
        recipes={
            "first": {"operations": [operation("work", "bench", "6 s", needs=["operator"])]},
            "second": {
                "operations": [
                    operation("mix", "mixer", "2 s", **KEEP),
                    operation("dry", "mixer", "3 s", needs=["operator"], **KEEP),
                ]
            },
        },
        orders=[{"recipe": "first"}, {"recipe": "second"}],
        people={"operator": {"count": 1}},
    )
    assert causes_of(what, "mixer") == [
        ("producing", 0, 2, None),
        ("waiting_people", 2, 6, "operator"),
        ("producing", 6, 9, None),
    ]
    assert visits_of(what)[1:] == [
        (1, "mix", "mixer", 0, 2, 6, "done"),
        (1, "dry", "mixer", 6, 9, 9, "done"),
    ]


def test_a_unit_that_is_down_or_closed_goes_on_with_its_lot_afterwards():
    """It fails at 2 s, as the first operation ends, for 4 s."""
    failure = {
        "clock": "calendar",
        "between": "2 s",
        "repair": "4 s",
        "finished_part_may_leave": True,
    }
    what = plant(
        {"mixer": {"failures": [failure]}},
        operation("mix", "mixer", "2 s", **KEEP),
        operation("dry", "mixer", "1 s", **KEEP),
    )
    assert states_of(what, "mixer") == [("producing", 0, 2), ("down", 2, 6), ("producing", 6, 7)]
    hours = {"open": [{"days": "daily", "from": "06:00", "to": "08:00"}]}
    what = plant(
        {"mixer": {"calendar": "days"}},
        operation("mix", "mixer", "3 h", **KEEP),
        operation("dry", "mixer", "1 h", **KEEP),
        calendars={"days": hours},
    )
    assert states_of(what, "mixer", per=3600 * 10**9) == [
        ("producing", 0, 3),
        ("off_shift", 3, 24),
        ("producing", 24, 25),
    ]


def test_rework_inside_a_unit_procedure_keeps_the_unit():
    rework = {"rework": {"probability": 1, "to": "mix", "limit": 2}}
    what = plant(
        {"mixer": {}},
        operation("mix", "mixer", "2 s", **KEEP),
        operation("dry", "mixer", "3 s", **KEEP, **rework),
        lots=2,
    )
    assert [visit[:4] for visit in visits_of(what) if visit[0] == 0] == [
        (0, "mix", "mixer", 0),
        (0, "dry", "mixer", 2),
        (0, "mix", "mixer", 5),
        (0, "dry", "mixer", 7),
    ]
    assert visits_of(what)[-1] == (1, "dry", "mixer", 17, 20, 20, "scrapped")


def test_scrap_frees_the_unit_for_the_next_lot():
    what = plant(
        {"mixer": {}},
        operation("mix", "mixer", "2 s", scrap=1, **KEEP),
        operation("dry", "mixer", "3 s", **KEEP),
        lots=2,
    )
    assert visits_of(what) == [
        (0, "mix", "mixer", 0, 2, 2, "scrapped"),
        (1, "mix", "mixer", 2, 4, 4, "scrapped"),
    ]


def test_the_way_to_the_unit_is_gone_once():
    what = plant(
        {"bench": {"at": [0, 0]}, "mixer": {"at": [10, 0]}},
        operation("weigh", "bench", "1 s"),
        operation("mix", "mixer", "2 s", **KEEP),
        operation("dry", "mixer", "3 s", **KEEP),
        layout={"aisles": [[[0, 0], [10, 0]]]},
        transport={"speed": "1 m/s"},
    )
    assert states_of(what, "mixer") == [
        ("starved", 0, 1),
        ("waiting_transport", 1, 11),
        ("producing", 11, 13),
        ("producing", 13, 16),
    ]
