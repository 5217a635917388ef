"""How long a unit may stand dirty, and how long clean: cleaned in time, cleaned again, or counted."""

from __future__ import annotations

import pytest

from tests.engine.plants import causes_of, levels_of, states_of
from tests.engine.test_cleaning import press


def test_a_unit_that_would_stand_dirty_for_too_long_is_cleaned_in_time():
    equipment = {"cleaning": {"between_products": "5 s"}, "dirty_hold": "12 s"}
    what = press("ab", equipment, every=40)
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("starved", 10, 22),
        ("cleaning", 22, 27),
        ("starved", 27, 40),
        ("producing", 40, 50),  # it has been cleaned since product a
    ]
    assert levels_of(what, "unit/press/dirty_hold_violations") == [(0, 0)]


def test_another_lot_of_the_product_begins_the_dirty_hold_anew():
    equipment = {"cleaning": {"between_products": "5 s"}, "dirty_hold": "12 s"}
    assert states_of(press("aa", equipment, every=20), "press", horizon=50) == [
        ("producing", 0, 10),
        ("starved", 10, 20),
        ("producing", 20, 30),
        ("starved", 30, 42),
        ("cleaning", 42, 47),
        ("starved", 47, 50),
    ]


def test_a_unit_that_stands_dirty_may_be_given_a_longer_cleaning():
    cleaning = [
        {"name": "minor", "between_products": "5 s"},
        {"name": "major", "level": 2, "takes": "9 s"},
    ]
    equipment = {"cleaning": cleaning, "dirty_hold": {"limit": "12 s", "cleaning": "major"}}
    assert causes_of(press("ab", equipment, every=22), "press")[1:3] == [
        ("starved", 10, 22, None),
        ("cleaning", 22, 31, "major"),
    ]
    assert causes_of(press("ab", equipment, every=21), "press")[1:3] == [
        ("starved", 10, 21, None),
        ("cleaning", 21, 26, "minor"),
    ]


def test_a_cleaning_that_begins_too_late_is_a_violation():
    """The unit closes before its dirty hold is over."""
    day = {"open": [{"days": "daily", "from": "04:00", "to": "08:00"}]}
    equipment = {
        "cleaning": {"takes": "60 s", "between_products": "60 s"},
        "dirty_hold": "3 h",
        "calendar": "day",
    }
    what = press("a", equipment, calendars={"day": day})
    assert states_of(what, "press", horizon=79260)[-2:] == [
        ("off_shift", 7200, 79200),
        ("cleaning", 79200, 79260),
    ]
    violations = levels_of(what, "unit/press/dirty_hold_violations", horizon=79260)
    assert violations == [(0, 0), (79200, 1)]


@pytest.mark.parametrize(("then", "count"), [("clean", 0), ("count", 1)])
def test_a_unit_that_has_stood_clean_for_too_long_is_cleaned_again_or_counted(then, count):
    cleaning = {"takes": "5 s", "batches": 1}
    equipment = {"cleaning": cleaning, "clean_hold": {"limit": "12 s", "then": then}}
    what = press("aa", equipment, every=27)
    again = [("cleaning", 27, 32), ("producing", 32, 42)] if then == "clean" else [("producing", 27, 37)]
    assert states_of(what, "press") == [
        ("producing", 0, 10),
        ("cleaning", 10, 15),
        ("starved", 15, 27),  # 12 s: clean no longer
        *again,
    ]
    assert levels_of(what, "unit/press/clean_hold_violations")[-1][1] == count
    assert states_of(press("aa", equipment, every=26), "press")[-1] == ("producing", 26, 36)


def test_dirty_hold_may_only_be_counted():
    equipment = {"cleaning": {"between_products": "5 s"}, "dirty_hold": {"limit": "12 s", "then": "count"}}
    what = press("ab", equipment, every=40)
    assert states_of(what, "press")[1:3] == [("starved", 10, 40), ("cleaning", 40, 45)]
    assert levels_of(what, "unit/press/dirty_hold_violations") == [(0, 0), (40, 1)]
