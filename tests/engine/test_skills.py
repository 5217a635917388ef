"""Skills, levels, teams, shared attention and shifts: who is claimed, and who waits for whom."""

from __future__ import annotations

import pytest

from tests.engine.plants import HOUR, causes_of, levels_of, operation, plant, states_of
from twin.engine.compile import compile_program
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run


def benches(people, teams=None, calendars=None, **needs):
    """A bench for each entry: (needs, takes in s); each has one lot at the start."""
    return plant(
        {name: {} for name in needs},
        people=people,
        teams=teams or {},
        calendars=calendars or {},
        recipes={
            name: {"operations": [operation("work", name, f"{takes} s", needs=who)]}
            for name, (who, takes) in needs.items()
        },
        orders=[{"recipe": name} for name in needs],
    )


PRESSING = [{"skill": "compression"}]


@pytest.mark.parametrize("turned", [False, True])
def test_who_names_a_skill_first_is_claimed_first_whatever_the_order_of_pools(turned):
    people = {
        "helper": {"count": 1, "skills": ["cleaning", "compression"]},
        "presser": {"count": 1, "skills": ["compression"]},
    }
    people = dict(reversed(people.items())) if turned else people
    what = benches(people, left=(PRESSING, 3), right=(PRESSING, 5), last=(PRESSING, 1))
    assert levels_of(what, "people/presser/busy") == [(0, 1), (4, 0)]
    assert levels_of(what, "people/helper/busy") == [(0, 1), (5, 0)]
    assert causes_of(what, "last")[:2] == [
        ("waiting_people", 0, 3, "compression"),
        ("producing", 3, 4, None),
    ]


def test_the_less_skilled_are_claimed_first_and_only_the_skilled_where_it_needs_them():
    people = {
        "expert": {"count": 1, "skills": {"compression": 3}},
        "novice": {"count": 1, "skills": {"compression": 1}},
    }
    hard = [{"skill": "compression", "level": 2}]
    what = benches(people, easy=(PRESSING, 4), first=(hard, 2), second=(hard, 2))
    assert levels_of(what, "people/novice/busy") == [(0, 1), (4, 0)]
    assert states_of(what, "first")[0] == ("producing", 0, 2)
    assert causes_of(what, "second")[:2] == [
        ("waiting_people", 0, 2, "compression"),
        ("producing", 2, 4, None),
    ]


def test_work_starts_whenever_its_needs_can_be_met_at_all():
    """The presser is asked first for compression, but she alone can sign: the helper presses."""
    people = {
        "presser": {"count": 1, "skills": ["compression", "signing"]},
        "helper": {"count": 1, "skills": ["cleaning", "compression"]},
    }
    what = benches(people, bench=([*PRESSING, {"skill": "signing"}], 2))
    assert states_of(what, "bench") == [("producing", 0, 2)]


def test_people_of_two_pools_may_work_together_by_their_skill():
    people = {name: {"count": 1, "skills": ["lifting"]} for name in ("one", "two")}
    what = benches(people, both=([{"skill": "lifting", "count": 2}], 2), next=([{"skill": "lifting"}], 1))
    assert states_of(what, "both")[0] == ("producing", 0, 2)
    assert states_of(what, "next") == [("waiting_people", 0, 2), ("producing", 2, 3)]


def test_a_team_comes_whole_or_not_at_all():
    people = {"operator": {"count": 3}, "mechanic": {"count": 1}}
    teams = {"changeover": {"operator": 2, "mechanic": 1}}
    team = [{"team": "changeover"}]
    what = benches(people, teams, first=(team, 2), second=(team, 2), third=(["operator"], 1))
    assert states_of(what, "first")[0] == ("producing", 0, 2)
    assert causes_of(what, "second") == [
        ("waiting_people", 0, 2, "mechanic"),
        ("producing", 2, 4, None),
    ]
    assert states_of(what, "third")[0] == ("producing", 0, 1)
    assert levels_of(what, "people/operator/busy") == [(0, 3), (1, 2), (4, 0)]


def half(percent="50 %"):
    return [{"people": "operator", "attention": percent}]


def test_one_person_attends_two_machines():
    what = benches({"operator": {"count": 1}}, left=(half(), 4), right=(half(), 2), third=(half(), 1))
    assert states_of(what, "right")[0] == ("producing", 0, 2)
    assert causes_of(what, "third")[:2] == [
        ("waiting_people", 0, 2, "operator"),
        ("producing", 2, 3, None),
    ]
    assert levels_of(what, "people/operator/busy") == [(0, 1), (4, 0)]


def test_nobody_is_asked_for_more_than_all_of_their_attention():
    """Two people have 80 % left between them, and neither has 60 %."""
    what = benches({"operator": {"count": 2}}, a=(half("60 %"), 4), b=(half("60 %"), 3), c=(half("60 %"), 1))
    assert states_of(what, "c")[:2] == [("waiting_people", 0, 3), ("producing", 3, 4)]


def test_the_busiest_person_who_has_time_is_asked_so_that_others_stay_free():
    """Of two operators, the one who attends `a` attends `b` too; the other is free as a whole."""
    what = benches({"operator": {"count": 2}}, a=(half(), 4), b=(half(), 4), c=(["operator"], 4))
    assert states_of(what, "c") == [("producing", 0, 4)]
    assert levels_of(what, "people/operator/busy") == [(0, 2), (4, 0)]


def test_people_for_set_up_go_while_the_unit_waits_for_those_of_processing():
    needs = [{"people": "fitter", "during": "setup"}, {"people": "operator", "during": "processing"}]
    what = plant(
        {"left": {}, "right": {}},
        people={"fitter": {"count": 1}, "operator": {"count": 1}},
        recipes={
            "long": {"operations": [operation("work", "left", "9 s", needs=["operator"])]},
            "part": {"operations": [operation("work", "right", "3 s", setup="2 s", needs=needs)]},
        },
        orders=[{"recipe": "long"}, {"recipe": "part"}],
    )
    assert states_of(what, "right") == [("setup", 0, 2), ("waiting_people", 2, 9), ("producing", 9, 12)]
    assert levels_of(what, "people/fitter/busy") == [(0, 1), (2, 0)]


def press_that_fails(need, repair_needs=()):
    """A press fails after 2 s of production and is repaired in 3 s; a sample comes at 1 s."""
    mode = {"clock": "running", "between": "2 s", "repair": "3 s", "needs": list(repair_needs)}
    return plant(
        {"press": {"failures": [mode]}, "bench": {}},
        people={"operator": {"count": 1}},
        recipes={
            "tablet": {"operations": [operation("work", "press", "3 s", needs=[need])]},
            "sample": {"operations": [operation("work", "bench", "1 s", needs=["operator"])]},
        },
        orders=[{"recipe": "tablet"}, {"recipe": "sample", "first": "1 s"}],
    )


def test_people_who_do_not_stay_with_a_failed_unit_work_elsewhere():
    what = press_that_fails({"people": "operator", "keep": False})
    assert states_of(what, "bench")[:3] == [
        ("starved", 0, 1),
        ("waiting_people", 1, 2),
        ("producing", 2, 3),
    ]
    assert states_of(what, "press")[:3] == [("producing", 0, 2), ("down", 2, 5), ("producing", 5, 6)]


def test_who_runs_a_unit_may_repair_it():
    """The repair goes before the sample, which is done before the press goes on: it is looked at first."""
    what = press_that_fails({"people": "operator", "keep": False}, ["operator"])
    assert states_of(what, "press")[:2] == [("producing", 0, 2), ("down", 2, 5)]
    assert levels_of(what, "people/operator/busy") == [(0, 1), (7, 0)]
    with pytest.raises(ComplaintError, match="could wait for ever"):
        compile_program(press_that_fails("operator", ["operator"]), Run())


def shifts(at_close, early=1, late=1):
    """A pool of two shifts that follow each other, from 06:00 to 22:00."""
    return {
        "people": {
            "operator": {
                "shifts": [{"count": late, "calendar": "late"}, {"count": early, "calendar": "early"}]
            }
        },
        "calendars": {
            "early": {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}], "at_close": at_close},
            "late": {"open": [{"days": "daily", "from": "14:00", "to": "22:00"}], "at_close": at_close},
        },
    }


def test_as_many_are_present_as_the_shifts_that_are_open_have():
    what = benches(**shifts("suspend", early=2), bench=(["operator"], 20 * 3600))
    assert levels_of(what, "people/operator/present", HOUR) == [(0, 2), (8, 1), (16, 0), (24, 2)]
    assert states_of(what, "bench", HOUR) == [
        ("producing", 0, 16),
        ("waiting_people", 16, 24),
        ("producing", 24, 28),
    ]


def two_benches_at_the_change_of_shifts(at_close, late=1):
    """The first takes ten hours from 06:00; the second waits for the only operator from 06:00."""
    needs = ["operator"]
    return benches(**shifts(at_close, late=late), first=(needs, 10 * 3600), second=(needs, 3600))


def test_who_finishes_the_operation_leaves_the_next_shift_free():
    what = two_benches_at_the_change_of_shifts("finish_operation")
    assert states_of(what, "second", HOUR)[:2] == [("waiting_people", 0, 8), ("producing", 8, 9)]
    assert levels_of(what, "people/operator/busy", HOUR) == [(0, 1), (8, 2), (9, 1), (10, 0)]


def test_who_hands_over_gives_the_work_to_the_next_shift():
    what = two_benches_at_the_change_of_shifts("hand_over")
    assert states_of(what, "first", HOUR)[0] == ("producing", 0, 10)
    assert states_of(what, "second", HOUR) == [("waiting_people", 0, 10), ("producing", 10, 11)]
    assert levels_of(what, "people/operator/busy", HOUR) == [(0, 1), (11, 0)]


def test_who_has_nobody_to_hand_over_to_stays():
    what = benches(**shifts("hand_over", late=0), bench=(["operator"], 10 * 3600))
    assert states_of(what, "bench", HOUR) == [("producing", 0, 10)]
    assert levels_of(what, "people/operator/busy", HOUR) == [(0, 1), (10, 0)]


def test_work_goes_to_the_shift_that_stays_longest():
    """At 13:00 both shifts are there for an hour; the one that stays is claimed."""
    words = shifts("suspend")
    words["calendars"]["late"]["open"] = [{"days": "daily", "from": "06:00", "to": "22:00"}]
    what = benches(**words, bench=(["operator"], 10 * 3600))
    assert states_of(what, "bench", HOUR) == [("producing", 0, 10)]


def test_pools_of_one_skill_serve_as_one_pool():
    """Three pools of one are three people: the benches do the same, whoever does it."""

    def crowd(people, need):
        names = [f"bench_{n}" for n in range(5)]
        return plant(
            {name: {} for name in names},
            people=people,
            recipes={
                name: {"operations": [operation("work", name, "exponential(mean=3 s)", needs=[need])]}
                for name in names
            },
            orders=[{"recipe": n, "every": "exponential(mean=7 s)", "times": 60} for n in names],
        )

    one = crowd({"any": {"count": 3}}, {"people": "any"})
    names = ("ann", "ben", "cleo")
    three = crowd({n: {"count": 1, "skills": ["any"]} for n in names}, {"skill": "any"})
    for unit in one.equipment:
        assert causes_of(one, unit) == causes_of(three, unit)
