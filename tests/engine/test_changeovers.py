"""A unit is set up for another product: how long that takes depends on both, and on who comes first."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, operation, plant, states_of, visits_of


def press(lots: str, changeover, words=None, **more):
    """A press that makes the products named by the letters of `lots`, 10 s each, one after the other."""
    recipes = {
        name: {"operations": [operation("press", "press", "10 s")], **more.pop(name, {})}
        for name in sorted(set(lots))
    }
    orders = [{"recipe": name} for name in lots]
    return plant(
        {"press": {"changeover": changeover, **(words or {})}}, recipes=recipes, orders=orders, **more
    )


def set_ups(what):
    """How long each change-over took."""
    return [end - start for state, start, end in states_of(what, "press") if state == "setup"]


def test_a_change_over_takes_the_time_from_one_product_to_the_other():
    what = press("abba", {"matrix": {"a": {"b": "2 s"}, "b": {"a": "5 s"}}})
    assert causes_of(what, "press") == [
        ("producing", 0, 10, None),
        ("setup", 10, 12, "changeover"),
        ("producing", 12, 22, None),
        ("producing", 22, 32, None),
        ("setup", 32, 37, "changeover"),
        ("producing", 37, 47, None),
    ]
    assert visits_of(what)[1] == (1, "press", "press", 12, 22, 22, "done")


@pytest.mark.parametrize(
    ("lots", "takes"),
    [
        ("ab", [1]),  # a to b
        ("ac", [2]),  # a to other
        ("cb", [3]),  # other to b
        ("ca", [4]),  # the default
        ("aa", [6]),  # the same
        ("cc", [7]),  # c to c
    ],
)
def test_a_pair_is_looked_up_from_the_nearest_to_the_most_general(lots, takes):
    matrix = {"a": {"b": "1 s", "other": "2 s"}, "other": {"b": "3 s"}, "c": {"c": "7 s"}}
    assert set_ups(press(lots, {"matrix": matrix, "default": "4 s", "same": "6 s"})) == takes


def test_a_change_over_between_families_asks_nothing_of_products_of_one():
    what = press(
        "abc", {"by": "family", "default": "4 s"}, a={"family": "x"}, b={"family": "x"}, c={"family": "y"}
    )
    assert causes_of(what, "press") == [
        ("producing", 0, 10, None),
        ("producing", 10, 20, None),
        ("setup", 20, 24, "changeover"),
        ("producing", 24, 34, None),
    ]


def test_the_first_lot_needs_none_unless_the_plant_says_what_was_made_before():
    assert set_ups(press("a", {"default": "4 s"})) == []
    assert set_ups(press("ab", {"default": "4 s"}, {"last_product": "b"})) == [4, 4]


def test_a_unit_is_cleaned_first_and_then_set_up():
    what = press("ab", {"default": "4 s"}, {"cleaning": {"between_products": "3 s"}})
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("cleaning", 10, 13),
        ("setup", 13, 17),
        ("producing", 17, 27),
    ]


def test_people_set_it_up():
    what = press("ab", {"default": "4 s", "needs": ["2 fitter"]}, people={"fitter": {"count": 2}})
    assert levels_of(what, "people/fitter/busy") == [(0, 0), (10, 2), (14, 0)]


@pytest.mark.parametrize("work", ["resume", "repeat", "scrap"])
def test_a_change_over_goes_on_after_a_failure(work):
    mode = {"clock": "calendar", "between": "12 s", "repair": "4 s", "work": work}
    what = press("ab", {"default": "5 s"}, {"failures": [mode]})
    assert states_of(what, "press")[:4] == [
        ("producing", 0, 10),
        ("setup", 10, 12),
        ("down", 12, 16),
        ("setup", 16, 19),
    ]


def test_a_more_urgent_lot_may_take_a_unit_that_was_set_up_for_another():
    """The press is set up for b until 14 s; a lot of c has come at 11 s, and goes first."""
    recipes = {n: {"operations": [operation("press", "press", "10 s")]} for n in "abc"}
    what = plant(
        {"press": {"changeover": {"matrix": {"b": {"c": "1 s"}, "c": {"b": "2 s"}}, "default": "4 s"}}},
        recipes=recipes,
        orders=[
            {"recipe": "a"},
            {"recipe": "b", "priority": 2},
            {"recipe": "c", "priority": 1, "first": "11 s"},
        ],
    )
    assert states_of(what, "press") == [
        ("producing", 0, 10),  # a
        ("setup", 10, 15),  # for b, and from b to c at 14 s
        ("producing", 15, 25),  # c
        ("setup", 25, 27),  # from c to b
        ("producing", 27, 37),  # b
    ]


def test_change_overs_are_drawn_by_their_pair_and_number():
    takes = "uniform(low=1 s, high=9 s)"
    one = set_ups(press("abab", {"matrix": {"a": {"b": takes}}, "default": "4 s"}))
    other = set_ups(press("abab", {"matrix": {"a": {"b": takes}}, "default": "7 s"}))
    assert one[1] == 4
    assert other[1] == 7
    assert [one[0], one[2]] == [other[0], other[2]]
    assert one[0] != one[2]
