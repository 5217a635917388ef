"""Phases of an operation, loading and unloading: stretches with their own durations and people."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of, visits_of

PHASES = {"charge": {"takes": "2 s"}, "dry": {"takes": "5 s"}, "discharge": {"takes": "1 s"}}


def dryer(**words):
    return plant(
        {"dryer": words.pop("unit", {})}, operation("dry", "dryer", None, phases=PHASES, **words), lots=2
    )


def test_phases_follow_each_other_and_name_the_cause_of_production():
    assert causes_of(dryer(), "dryer") == [
        ("producing", 0, 2, "charge"),
        ("producing", 2, 7, "dry"),
        ("producing", 7, 8, "discharge"),
        ("producing", 8, 10, "charge"),
        ("producing", 10, 15, "dry"),
        ("producing", 15, 16, "discharge"),
    ]


def test_a_phase_holds_its_own_people_and_those_of_the_operation():
    phases = {"charge": {"takes": "2 s", "needs": ["2 operator"]}, "dry": {"takes": "5 s"}}
    what = plant(
        {"dryer": {}},
        operation("dry", "dryer", None, phases=phases, needs=["guard"]),
        people={"operator": {"count": 2}, "guard": {"count": 1}},
    )
    assert levels_of(what, "people/operator/busy") == [(0, 2), (2, 0)]
    assert levels_of(what, "people/guard/busy") == [(0, 1), (7, 0)]


def test_a_phase_waits_for_its_people_on_the_unit():
    """The bench has the operator until 6 s; the dryer charges without one and then waits."""
    phases = {"dry": {"takes": "2 s"}, "discharge": {"takes": "1 s", "needs": ["operator"]}}
    what = plant(
        {"bench": {}, "dryer": {}},
        recipes={
            "first": {"operations": [operation("work", "bench", "6 s", needs=["operator"])]},
            "second": {"operations": [operation("dry", "dryer", None, phases=phases)]},
        },
        orders=[{"recipe": "first"}, {"recipe": "second"}],
        people={"operator": {"count": 1}},
    )
    assert causes_of(what, "dryer") == [
        ("producing", 0, 2, "dry"),
        ("waiting_people", 2, 6, "operator"),
        ("producing", 6, 7, "discharge"),
    ]


@pytest.mark.parametrize(
    ("work", "rest"),
    [
        ("resume", [("dry", 9, 10), ("discharge", 10, 11)]),
        ("repeat", [("dry", 9, 14), ("discharge", 14, 15), ("down", 15, 18)]),
    ],
)
def test_a_failure_repeats_the_phase_in_hand_alone(work, rest):
    """The clock runs through all phases: it fails after 6 s of production, and after 6 s more at 15 s."""
    failure = {"clock": "running", "between": "6 s", "repair": "3 s", "work": work}
    what = plant({"dryer": {"failures": [failure]}}, operation("dry", "dryer", None, phases=PHASES))
    found = causes_of(what, "dryer")
    named = [(cause if state == "producing" else state, a, b) for state, a, b, cause in found]
    assert named == [("charge", 0, 2), ("dry", 2, 6), ("down", 6, 9), *rest]


def test_loading_and_unloading_stand_around_processing():
    what = plant(
        {"dryer": {"load": "2 s", "unload": "3 s", "start_up": "1 s"}},
        operation("dry", "dryer", "5 s", setup="1 s"),
        lots=1,
    )
    assert states_of(what, "dryer") == [
        ("setup", 0, 1),
        ("start_up", 1, 2),
        ("loading", 2, 4),
        ("producing", 4, 9),
        ("unloading", 9, 12),
    ]
    assert visits_of(what) == [(0, "dry", "dryer", 0, 12, 12, "done")]


def test_an_operation_has_its_own_loading_before_that_of_the_equipment():
    what = plant(
        {"dryer": {"load": "2 s"}, "oven": {}},
        operation("dry", "dryer", "5 s", load="1 s"),
        operation("bake", "oven", "5 s", unload="1 s"),
    )
    assert states_of(what, "dryer")[:2] == [("loading", 0, 1), ("producing", 1, 6)]
    assert states_of(what, "oven") == [("starved", 0, 6), ("producing", 6, 11), ("unloading", 11, 12)]


def test_people_load_and_unload():
    needs = [{"people": "operator", "during": "load"}, {"people": "operator", "during": "unload"}]
    what = plant(
        {"dryer": {"load": "2 s", "unload": "3 s", "count": 2}},
        operation("dry", "dryer", "5 s", needs=needs),
        people={"operator": {"count": 1}},
        lots=2,
    )
    assert causes_of(what, "dryer_2") == [
        ("waiting_people", 0, 2, "operator"),
        ("loading", 2, 4, None),
        ("producing", 4, 9, None),
        ("waiting_people", 9, 10, "operator"),
        ("unloading", 10, 13, None),
    ]


def test_a_failure_in_loading_or_unloading_resumes_and_leaves_a_running_clock_alone():
    """The power fails every other second; the jam never comes, for nothing is produced."""
    failures = [
        {"name": "power", "clock": "calendar", "between": "1 s", "repair": "1 s", "work": "repeat"},
        {"name": "jam", "clock": "running", "between": "1 s", "repair": "1 s"},
    ]
    what = plant(
        {"dryer": {"load": "2 s", "unload": "2 s", "failures": failures}}, operation("dry", "dryer", "0 s")
    )
    assert states_of(what, "dryer") == [
        ("loading", 0, 1),
        ("down", 1, 2),
        ("loading", 2, 3),
        ("down", 3, 4),
        ("unloading", 4, 5),
        ("down", 5, 6),
        ("unloading", 6, 7),
        ("down", 7, 8),
    ]


def test_work_that_does_not_fit_before_closing_counts_loading_and_unloading():
    """Monday 06:00 to 14:00; 1 h + 6 h + 2 h do not fit, 1 h + 6 h + 1 h do."""
    calendars = {
        "days": {
            "open": [{"days": "daily", "from": "06:00", "to": "14:00"}],
            "at_close": "do_not_start_unless_it_fits",
        }
    }
    unit = {"calendar": "days", "load": "1 h", "unload": "1 h"}
    fits = plant({"dryer": unit}, operation("dry", "dryer", "6 h"), calendars=calendars)
    assert states_of(fits, "dryer", per=3600 * 10**9)[0] == ("loading", 0, 1)
    late = plant({"dryer": unit}, operation("dry", "dryer", "6 h", unload="2 h"), calendars=calendars)
    assert causes_of(late, "dryer", per=3600 * 10**9, horizon=3600)[0] == ("off_shift", 0, 1, "closing")
