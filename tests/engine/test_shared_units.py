"""Units that others claim for a while: a CIP skid or an instrument with several clients."""

from __future__ import annotations

import pytest

from tests.engine.plants import HOUR, causes_of, operation, plant, states_of
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run


def clients(skid=None, need=None, left=None, **words):
    """Two tanks, each with one lot of 2 s of set-up and 3 s of processing, and a skid that both need."""
    needs = [{"unit": "skid", **(need or {})}]
    return plant(
        {"left": left or {}, "right": {}, "skid": skid or {}},
        recipes={
            name: {"operations": [operation("work", name, "3 s", setup="2 s", needs=needs)]}
            for name in ("left", "right")
        },
        orders=[{"recipe": "left"}, {"recipe": "right"}],
        **words,
    )


def test_one_client_has_the_unit_and_the_other_waits_for_it():
    what = clients(need={"during": "setup"})
    assert causes_of(what, "right") == [
        ("waiting_unit", 0, 2, "skid"),
        ("setup", 2, 4, None),
        ("producing", 4, 7, None),
    ]
    assert states_of(what, "skid") == [("producing", 0, 2), ("producing", 2, 4), ("starved", 4, 7)]


def test_the_shared_unit_shows_its_clients_lot_and_operation():
    record = simulate(compile_program(clients(need={"during": "setup"}), Run()), 1)
    rows = [row for row in record.states.to_pylist() if row["unit"] == "skid" and row["state"] == "producing"]
    assert [(row["lot"], row["operation"]) for row in rows] == [(0, "left/work"), (1, "right/work")]


def test_any_unit_of_several_will_do():
    what = clients({"count": 2}, {"during": "setup"})
    assert states_of(what, "right")[0] == ("setup", 0, 2)
    assert states_of(what, "skid_2")[0] == ("producing", 0, 2)


@pytest.mark.parametrize("clock", ["running", "calendar"])
def test_its_failure_halts_the_client_which_keeps_it(clock):
    what = clients({"failures": [{"clock": clock, "between": "3 s", "repair": "2 s"}]})
    assert causes_of(what, "left")[:4] == [
        ("setup", 0, 2, None),
        ("producing", 2, 3, None),
        ("waiting_unit", 3, 5, "skid"),
        ("producing", 5, 7, None),
    ]
    assert causes_of(what, "skid")[:3] == [
        ("producing", 0, 3, None),
        ("down", 3, 5, "failure"),
        ("producing", 5, 7, None),
    ]
    assert states_of(what, "right")[0] == ("waiting_unit", 0, 7)


def test_its_failure_may_spoil_the_work_of_the_client():
    mode = {"clock": "calendar", "between": "3 s", "repair": "2 s", "work": "repeat"}
    assert states_of(clients({"failures": [mode]}), "left")[:4] == [
        ("setup", 0, 2),
        ("producing", 2, 3),
        ("waiting_unit", 3, 5),
        ("producing", 5, 8),
    ]


def test_a_failed_client_keeps_it_blocked():
    mode = {"clock": "running", "between": "1 s", "repair": "4 s"}
    what = clients(left={"failures": [{**mode, "rate": 1}]})
    assert causes_of(what, "skid")[:3] == [
        ("producing", 0, 3, None),
        ("blocked", 3, 7, "left"),
        ("producing", 7, 8, None),
    ]


def test_a_failed_client_may_let_it_go():
    mode = {"clock": "calendar", "between": "3 s", "repair": "4 s"}
    what = clients(left={"failures": [mode]}, need={"keep": False})
    assert states_of(what, "right")[:3] == [("waiting_unit", 0, 3), ("setup", 3, 5), ("producing", 5, 8)]
    assert states_of(what, "left")[:4] == [
        ("setup", 0, 2),
        ("producing", 2, 3),
        ("down", 3, 7),
        ("waiting_unit", 7, 8),
    ]


def test_work_of_its_own_and_that_of_clients_take_turns():
    what = plant(
        {"tank": {}, "meter": {}},
        recipes={
            "mix": {"operations": [operation("mix", "tank", "3 s", needs=[{"unit": "meter"}])]},
            "test": {"operations": [operation("test", "meter", "4 s")]},
        },
        orders=[{"recipe": "mix", "batches": 2}, {"recipe": "test", "first": "1 s"}],
    )
    # At 3 s the tank comes first in the file: it takes the meter for its second lot.
    assert states_of(what, "meter") == [("producing", 0, 3), ("producing", 3, 6), ("producing", 6, 10)]
    assert states_of(what, "tank") == [("producing", 0, 3), ("producing", 3, 6), ("starved", 6, 10)]


def test_all_or_nothing_of_people_and_units():
    """The tank waits for the operator, and the meter is free for the other one."""
    needs = ["operator", {"unit": "meter"}]
    what = plant(
        {"bench": {}, "tank": {}, "other": {}, "meter": {}},
        people={"operator": {"count": 1}},
        recipes={
            name: {"operations": [operation("work", name, takes, needs=who)]}
            for name, takes, who in (
                ("bench", "4 s", ["operator"]),
                ("tank", "2 s", needs),
                ("other", "3 s", [{"unit": "meter"}]),
            )
        },
        orders=[{"recipe": "bench"}, {"recipe": "tank"}, {"recipe": "other"}],
    )
    assert causes_of(what, "tank")[:2] == [("waiting_people", 0, 4, "operator"), ("producing", 4, 6, None)]
    assert states_of(what, "other")[0] == ("producing", 0, 3)


@pytest.mark.parametrize(
    ("at_close", "states"),
    [
        ("finish_operation", [("producing", 0, 10)]),
        ("suspend", [("producing", 0, 8), ("waiting_unit", 8, 24), ("producing", 24, 26)]),
    ],
)
def test_a_shared_unit_that_closes_suspends_its_client_or_finishes_with_it(at_close, states):
    early = {"open": [{"days": "Mon-Fri", "from": "06:00", "to": "14:00"}], "at_close": at_close}
    what = plant(
        {"tank": {}, "meter": {"calendar": "early"}},
        operation("mix", "tank", "10 h", needs=[{"unit": "meter"}]),
        calendars={"early": early},
    )
    assert states_of(what, "tank", HOUR) == states


def test_a_shared_unit_serves_only_what_fits():
    early = {
        "open": [{"days": "Mon-Fri", "from": "06:00", "to": "14:00"}],
        "at_close": "do_not_start_unless_it_fits",
    }
    what = plant(
        {"tank": {}, "meter": {"calendar": "early"}},
        operation("mix", "tank", "5 h", needs=[{"unit": "meter"}]),
        calendars={"early": early},
        lots=2,
    )
    assert causes_of(what, "tank", HOUR) == [
        ("producing", 0, 5, None),
        ("waiting_unit", 5, 24, "meter"),
        ("producing", 24, 29, None),
    ]


def test_a_unit_of_two_places_serves_two_clients_and_stops_both():
    mode = {"clock": "calendar", "between": "3 s", "repair": "2 s"}
    what = clients({"capacity": 2, "failures": [mode]})
    for tank in ("left", "right"):
        assert causes_of(what, tank)[:4] == [
            ("setup", 0, 2, None),
            ("producing", 2, 3, None),
            ("waiting_unit", 3, 5, "skid"),
            ("producing", 5, 7, None),
        ]
