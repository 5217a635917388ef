"""In-process control: checks at intervals of the time at work, and the adjustment after a bad one."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, quantities_of, states_of
from twin.engine.compile import compile_program
from twin.plant import consistency, quality
from twin.plant.remainder import Refused
from twin.plant.scenario import Run

QUALITY = "waiting_quality"


def checked(takes="25 s", people=1, equipment=None, more=None, **check):
    """Lots of 25 s on a press that is checked for 3 s every 10 s of work."""
    words = {"every": "10 s", "takes": "3 s", "needs": ["checker"], **check}
    return plant(
        equipment or {"press": {}},
        operation("press", "press", takes, in_process=words, **(more or {})),
        people={"checker": {"count": people}},
    )


def test_a_unit_runs_on_while_it_is_checked():
    """Checks at 10 to 13 s and 20 to 23 s."""
    assert states_of(checked(), "press") == [("producing", 0, 25)]
    assert levels_of(checked(), "people/checker/busy") == [(0, 0), (10, 1), (13, 0), (20, 1), (23, 0)]


def test_a_check_may_halt_the_unit_and_comes_by_the_time_at_work():
    """At work for 10 s, checked for 3 s, at work for 10 s, checked, and the last 5 s."""
    assert causes_of(checked(stops=True), "press") == [
        ("producing", 0, 10, None),
        (QUALITY, 10, 13, "in_process"),
        ("producing", 13, 23, None),
        (QUALITY, 23, 26, "in_process"),
        ("producing", 26, 31, None),
    ]


def test_no_check_falls_due_at_the_very_end():
    assert states_of(checked(takes="20 s", stops=True), "press") == [
        ("producing", 0, 10),
        (QUALITY, 10, 13),
        ("producing", 13, 23),
    ]


def test_a_check_waits_for_its_people():
    """One checker for two presses: the second is checked at 13 s."""
    what = checked(takes="12 s", stops=True, equipment={"press": {"count": 2}}).model_copy()
    what = what.model_copy(update={"orders": (what.orders[0].model_copy(update={"batches": 2}),)})
    first, second = sorted(compile_program(what, Run()).unit_names)
    assert states_of(what, first)[:3] == [("producing", 0, 10), (QUALITY, 10, 13), ("producing", 13, 15)]
    assert states_of(what, second)[:3] == [("producing", 0, 10), (QUALITY, 10, 16), ("producing", 16, 18)]


def test_a_bad_check_stops_the_unit_to_be_adjusted_and_costs_material():
    """Each check is bad: at 13 s and 27 s the press stops for 4 s and loses 2 of 100 pieces.

    The second check falls due at 24 s, after 10 s at work since 10 s, and is bad at 27 s; 2 s of work are
    left, and no third check falls due.
    """
    what = checked(fails=1.0, adjusting="4 s", waste="2 pieces")
    assert causes_of(what, "press") == [
        ("producing", 0, 13, None),
        ("setup", 13, 17, "in_process"),
        ("producing", 17, 27, None),
        ("setup", 27, 31, "in_process"),
        ("producing", 31, 33, None),
    ]
    assert quantities_of(what) == [("press", 100, 96, 4)]


def test_a_check_goes_on_while_the_unit_is_down():
    """The press fails at 12 s for 5 s, during the check of 10 to 13 s, and goes on at 17 s."""
    jam = {"name": "jam", "clock": "calendar", "between": "12 s", "repair": "5 s"}
    what = checked(takes="18 s", equipment={"press": {"failures": [jam]}})
    assert states_of(what, "press", horizon=26)[:3] == [
        ("producing", 0, 12),
        ("down", 12, 17),
        ("producing", 17, 23),
    ]
    assert levels_of(what, "people/checker/busy", horizon=26) == [(0, 0), (10, 1), (13, 0)]


def test_a_check_is_broken_off_when_the_work_is_done():
    """Of the check from 10 s on only 1 s is left when the lot is done."""
    assert levels_of(checked(takes="11 s"), "people/checker/busy") == [(0, 0), (10, 1), (11, 0)]


def test_the_people_of_a_halted_unit_can_check_it():
    what = checked(takes="12 s", stops=True, more={"needs": ["checker"]})
    assert states_of(what, "press") == [("producing", 0, 10), (QUALITY, 10, 13), ("producing", 13, 15)]


def test_checks_may_come_by_the_pieces_that_have_gone_through():
    """40 of 100 pieces in 25 s: checks at 10 s and 20 s at work, whatever halts are between."""
    assert causes_of(checked(every="40 pieces", stops=True), "press") == causes_of(
        checked(stops=True), "press"
    )


def test_a_fast_press_is_checked_after_as_many_pieces():
    what = checked(every="40 pieces", equipment={"press": {"speed": 2}})
    busy = levels_of(what, "people/checker/busy")
    assert [time for time, people in busy if people] == [5, 10]


def test_pieces_are_counted_through_phases_and_weighed_in_lots_of_kilograms():
    """100 kg in 10 and 40 s; 1,000 pieces are 40 kg: checks at 20 s and 40 s, in the second phase."""
    what = plant(
        {"press": {}},
        operation(
            "press",
            "press",
            None,
            phases=[{"fill": {"takes": "10 s"}}, {"run": {"takes": "40 s"}}],
            in_process={"every": "1000 pieces", "takes": "3 s", "needs": ["checker"]},
        ),
        batch="100 kg",
        recipe={"piece": "40 g"},
        people={"checker": {"count": 1}},
    )
    assert levels_of(what, "people/checker/busy") == [(0, 0), (20, 1), (23, 0), (40, 1), (43, 0)]


@pytest.mark.parametrize(("every", "checks"), [("10 s", [10, 20, 30, 40]), ("40 pieces", [20, 40])])
def test_on_a_slowed_unit_time_goes_on_and_pieces_come_later(every, checks):
    """The press runs at half its speed, for 50 s, because two draw what is enough for one."""
    draws = {"uses": {"power": "10 kW"}}
    what = plant(
        {"press": {}, "oven": {}},
        operation(
            "press",
            "press",
            "25 s",
            in_process={"every": every, "takes": "1 s", "needs": ["checker"]},
            **draws,
        ),
        recipes={"other": {"operations": [operation("bake", "oven", "90 s", **draws)]}},
        orders=[{"recipe": "part"}, {"recipe": "other"}],
        people={"checker": {"count": 1}},
        utilities={"power": {"capacity": "10 kW", "when_short": "slow_down"}},
    )
    assert [time for time, people in levels_of(what, "people/checker/busy") if people] == checks


def test_repeated_pieces_are_checked_again():
    """The press fails after 15 s at work, and does the lot again: the first 40 pieces are checked twice."""
    jam = {"name": "jam", "clock": "running", "between": "15 s", "repair": "5 s", "work": "repeat"}
    busy = levels_of(
        checked(every="40 pieces", equipment={"press": {"failures": [jam]}}),
        "people/checker/busy",
        horizon=34,
    )
    assert [time for time, people in busy if people] == [10, 30]


@pytest.mark.parametrize("every", ["0 s", "0 pieces", "5 m", "uniform(low=1 s, high=2 s)"])
def test_checks_come_by_one_time_or_amount(every):
    with pytest.raises(ValueError, match="must be"):
        checked(every=every)


def test_checks_by_mass_need_lots_that_are_weighed():
    [found] = quality.complaints(("recipes", "part"), checked(every="4 kg").recipes["part"])
    assert found.path[-1] == "every"


@pytest.mark.parametrize(
    ("words", "key"),
    [({"fails": 0.5}, "fails"), ({"adjusting": "1 s"}, "adjusting"), ({"waste": "1 pieces"}, "waste")],
)
def test_words_that_would_have_no_effect_are_refused(words, key):
    recipe = checked(**words).recipes["part"]
    [found] = quality.complaints(("recipes", "part"), recipe)
    assert found.path == ("recipes", "part", "operations", "press", "in_process", key)


def test_a_check_for_which_there_are_never_enough_people_is_refused():
    team = {"needs": [{"people": "checker", "count": 2}]}
    [found] = consistency.complaints(checked(**team), {}, Refused())
    assert found.path[-3:] == ("in_process", "needs", 0)


def test_those_who_check_can_repair_when_they_are_done():
    """The press fails at 12 s; the one checker is free at 13 s and repairs it for 5 s."""
    jam = {"name": "jam", "clock": "running", "between": "12 s", "repair": "5 s", "needs": ["checker"]}
    what = checked(takes="15 s", equipment={"press": {"failures": [jam]}})
    assert states_of(what, "press") == [("producing", 0, 12), ("down", 12, 18), ("producing", 18, 21)]
