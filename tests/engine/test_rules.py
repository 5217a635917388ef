"""The decision functions of `twin.engine.rules`: their answers, alike in Python and compiled by Numba."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from itertools import product
from types import FunctionType, ModuleType
from typing import get_args, get_origin, get_type_hints

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.engine import rules
from twin.engine.rules.batching import lots_at_once
from twin.engine.rules.calendars import FINISH, FITS, HAND_OVER, NEVER, SUSPEND, WEEK, work_fits
from twin.engine.rules.dispatching import FIFO, PRIORITY, goes_first
from twin.engine.rules.failures import exposure_after, time_to_failure
from twin.engine.rules.outcomes import DONE, NO_LIMIT, REWORK, SCRAPPED, outcome
from twin.engine.rules.people import assign
from twin.engine.rules.quality import is_sampled, too_late, within

HOUR = WEEK // 168


def decision_functions() -> dict[str, tuple[ModuleType, FunctionType]]:
    """Every public function of every module of the rules."""
    found = {}
    for info in pkgutil.iter_modules(rules.__path__):
        module = importlib.import_module(f"{rules.__name__}.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = (module, function)
    return found


def compiled(name: str) -> numba.core.registry.CPUDispatcher:
    """A rule as a compiled engine would have it; the rules that it calls are compiled as well."""
    module, function = decision_functions()[name]
    called = set(function.__code__.co_names) & set(decision_functions())
    names = {**vars(module), **{other: compiled(other) for other in called}}
    return numba.njit(FunctionType(function.__code__, names, name))


COMPILED = {name: compiled(name) for name in decision_functions()}

# Two openings; the second goes past the end of the week, until Monday 02:00.
OPENS = [30 * HOUR, 166 * HOUR]
CLOSES = [38 * HOUR, 170 * HOUR]


def numba_type(annotation: object) -> numba.types.Type:
    """The type in a compiled engine of what a rule takes: numbers, or arrays of numbers."""
    plain = {int: numba.int64, float: numba.float64, bool: numba.boolean}
    if annotation in plain:
        return plain[annotation]
    if get_origin(annotation) is tuple:
        return numba.types.Tuple([numba_type(part) for part in get_args(annotation)])
    (element,) = get_args(annotation)
    return numba_type(element)[::1]


@pytest.mark.parametrize("name", sorted(COMPILED))
def test_every_decision_compiles(name):
    hints = get_type_hints(decision_functions()[name][1])
    hints.pop("return")
    COMPILED[name].compile(tuple(numba_type(hint) for hint in hints.values()))
    assert COMPILED[name].nopython_signatures


def weekly(name, time, opens=OPENS, closes=CLOSES, cycle=WEEK, shut=(), again=(), function=None):
    """A question to a calendar; `time_to_open` does not ask when openings end."""
    return (function or decision_functions()[name][1])(opens, closes, cycle, shut, again, time)


@pytest.mark.parametrize(
    ("hour", "to_close", "to_open"),
    [
        (0, 2, None),
        (1.5, 0.5, None),
        (2, 0, 28),
        (29, 0, 1),
        (30, 8, None),
        (37, 1, None),
        (38, 0, 128),
        (165.5, 0, 0.5),
        (166, 4, None),
        (167, 3, None),
        (168, 2, None),
        (168 + 30, 8, None),
        (10 * 168 + 38, 0, 128),
    ],
)
def test_a_calendar_knows_how_long_until_it_turns(hour, to_close, to_open):
    time = int(hour * HOUR)
    assert weekly("time_to_close", time) == to_close * HOUR
    assert weekly("is_open", time) == (to_close > 0)
    if to_open is not None:
        assert weekly("time_to_open", time) == to_open * HOUR


@pytest.mark.parametrize(
    ("hour", "to_close", "to_open"),
    [
        (29, 0, 1),
        (30, 3, None),  # closed from 33 to 40, past the end of the opening
        (33, 0, 133),
        (39, 0, 127),
        (165, 0, 1),
        (166, 2, None),  # closed from 168 to 198, in the midst of the opening of week 2, and from 200 to 566
        (168, 0, 30),
        (198, 2, None),
        (200, 0, 470),  # at 566, which is 62 in week 4, nothing is open until 166
        (374, 0, 296),
    ],
)
def test_closed_dates_cut_openings_whatever_the_week(hour, to_close, to_open):
    dates = {"shut": [h * HOUR for h in (33, 168, 200)], "again": [h * HOUR for h in (40, 198, 566)]}
    assert weekly("time_to_close", hour * HOUR, **dates) == to_close * HOUR
    if to_open is not None:
        assert weekly("time_to_open", hour * HOUR, **dates) == to_open * HOUR


def test_what_is_always_open_closes_on_closed_dates_alone():
    always = {"opens": [], "closes": [], "shut": [5 * HOUR], "again": [7 * HOUR]}
    assert weekly("time_to_close", 0, **always) == 5 * HOUR
    assert weekly("time_to_close", 5 * HOUR, **always) == 0
    assert weekly("time_to_open", 6 * HOUR, **always) == HOUR
    assert weekly("time_to_close", 7 * HOUR, **always) == NEVER


def test_a_cycle_of_two_weeks_repeats_after_two():
    rotation = {"opens": [30 * HOUR, 200 * HOUR], "closes": [38 * HOUR, 210 * HOUR], "cycle": 2 * WEEK}
    assert weekly("time_to_open", 38 * HOUR, **rotation) == 162 * HOUR
    assert weekly("time_to_open", 210 * HOUR, **rotation) == (336 + 30 - 210) * HOUR


@pytest.mark.parametrize(
    ("at_close", "at_break", "work", "fits"),
    [
        (FITS, FITS, 2, True),
        (FITS, FITS, 3, False),
        (FITS, SUSPEND, 5, True),  # 2 h before the break and 3 h after
        (FITS, SUSPEND, 6, False),
        (FITS, FINISH, 6, True),  # 2 h, 1 h through the break and 3 h after
        (FITS, FINISH, 7, False),
        (SUSPEND, FITS, 3, False),
        (SUSPEND, FINISH, 99, True),
        (HAND_OVER, FINISH, 99, True),
        (FINISH, SUSPEND, 99, True),
    ],
)
def test_work_fits_before_the_closings_that_ask_for_it(at_close, at_break, work, fits):
    """Open from 8 to 12 and from 13 to 16, with a break between them; it is 10."""
    hours = [np.array([h * HOUR for h in part]) for part in ((8, 13), (12, 16))]
    none = np.array([], dtype=np.int64)
    arguments = (*hours, np.array([1, 0]), WEEK, none, none, at_close, at_break, 10 * HOUR, work * HOUR)
    assert work_fits(*arguments) == fits
    assert COMPILED["work_fits"](*arguments) == fits


@pytest.mark.parametrize("name", ["is_open", "time_to_close", "time_to_open"])
def test_calendars_answer_alike_when_compiled(name):
    arrays = {
        "opens": np.array(OPENS),
        "closes": np.array(CLOSES),
        "shut": np.array([33 * HOUR, 168 * HOUR]),
        "again": np.array([40 * HOUR, 190 * HOUR]),
    }
    lists = {key: value.tolist() for key, value in arrays.items()}
    for quarter in range(2 * 4 * 168):
        time = quarter * HOUR // 4 + quarter % 3 - 1
        if time < 0 or (name == "time_to_open" and weekly("is_open", time, **lists)):
            continue
        assert weekly(name, time, **arrays, function=COMPILED[name]) == weekly(name, time, **lists)


def places(wanted, free):
    """The resources that places get, each of which wants one of a list; and how many got one."""
    flat = [resource for each in wanted for resource in each]
    first = [0, *np.cumsum([len(each) for each in wanted]).tolist()]
    taken = [-1] * len(wanted)
    room = [-1] * len(free), [-1] * len(wanted)
    met = assign(flat, first, list(free), taken, *room)
    arrays = [np.array(a, dtype=np.int64) for a in (flat, first, list(free), [-1] * len(wanted), *room)]
    assert COMPILED["assign"](*arrays) == met
    assert arrays[3].tolist() == taken
    return taken, met


def test_each_place_gets_what_it_prefers_as_far_as_it_is_free():
    assert places([[0, 1], [0, 1]], [2, 1]) == ([0, 0], 2)
    assert places([[0, 1], [0, 1]], [1, 1]) == ([0, 1], 2)
    assert places([[1, 0], [1]], [1, 1]) == ([0, 1], 2)  # the second wants nobody else: the first moves
    assert places([[0, 1], [1, 2], [0], [1]], [1, 1, 1]) == ([1, 2, 0, -1], 3)
    assert places([[0, 1], [1, 2], [0]], [1, 1, 1]) == ([1, 2, 0], 3)
    assert places([], []) == ([], 0)


@settings(derandomize=True, max_examples=200)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True), max_size=5),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_all_are_placed_where_any_placing_is_possible(wanted, free):
    taken, met = places(wanted, free)
    possible = any(
        all(choice.count(resource) <= number for resource, number in enumerate(free))
        for choice in product(*wanted)
    )
    assert (met == len(wanted)) == possible
    assert all(one in each for one, each in zip(taken[:met], wanted, strict=False))


def test_the_lowest_priority_goes_first_then_the_longest_waiting_then_preference_then_number():
    first = (1, 10, 0, 3)  # priority, ready, preference, lot
    for index, better in enumerate(first):
        other = list(first)
        other[index] = better + 1
        assert goes_first(PRIORITY, *first, *other)
        assert not goes_first(PRIORITY, *other, *first)
        assert goes_first(FIFO, *first, *other) == (index > 0)
    assert not goes_first(PRIORITY, *first, *first)


def test_dispatching_answers_alike_when_compiled():
    lots = list(product((0, 1), (5, 6), (0, 1), (0, 1)))
    for rule, one, other in product((PRIORITY, FIFO), lots, lots):
        assert COMPILED["goes_first"](rule, *one, *other) == goes_first(rule, *one, *other)


@pytest.mark.parametrize(
    ("exposure", "rate", "time"),
    [(7, 1.0, 7), (7, 2.0, 4), (7, 0.5, 14), (7, 0.0, NEVER), (0, 3.0, 0), (2**60, 1e-9, NEVER)],
)
def test_exposure_is_used_up_at_the_rate_of_the_lot(exposure, rate, time):
    assert time_to_failure(exposure, rate) == time


@pytest.mark.parametrize(
    ("exposure", "rate", "produced", "left"),
    [
        (10, 1.0, 4, 6),
        (10, 2.0, 4, 2),
        (10, 2.0, 5, 0),
        (10, 2.0, 6, 0),
        (10, 0.0, 99, 10),
        (10, 0.25, 2, 10),
    ],
)
def test_exposure_is_left_after_production(exposure, rate, produced, left):
    assert exposure_after(exposure, rate, produced) == left


RATES = st.one_of(st.just(1.0), st.just(0.0), st.floats(1e-6, 1e3))


@settings(derandomize=True, max_examples=300)
@given(st.integers(0, 10**15), RATES, st.integers(0, 10**15))
def test_failures_answer_alike_when_compiled(exposure, rate, produced):
    time = time_to_failure(exposure, rate)
    assert COMPILED["time_to_failure"](exposure, rate) == time
    assert COMPILED["exposure_after"](exposure, rate, produced) == exposure_after(exposure, rate, produced)
    if time < NEVER:
        assert exposure_after(exposure, rate, time) <= rate  # what is left is rounding alone


@pytest.mark.parametrize(
    ("scrap_draw", "scrap", "rework_draw", "rework", "visit", "limit", "expected"),
    [
        (0.5, 0.0, 0.5, 0.0, 0, NO_LIMIT, DONE),
        (0.5, 0.6, 0.5, 0.0, 0, NO_LIMIT, SCRAPPED),
        (0.5, 0.5, 0.5, 0.0, 0, NO_LIMIT, DONE),
        (0.5, 0.6, 0.5, 0.6, 0, NO_LIMIT, SCRAPPED),
        (0.5, 0.0, 0.5, 0.6, 0, NO_LIMIT, REWORK),
        (0.5, 0.0, 0.5, 0.6, 99, NO_LIMIT, REWORK),
        (0.5, 0.0, 0.5, 0.6, 0, 2, REWORK),
        (0.5, 0.0, 0.5, 0.6, 1, 2, SCRAPPED),
        (0.5, 0.0, 0.7, 0.6, 1, 2, DONE),
    ],
)
def test_an_outcome_is_scrap_then_rework_then_done(
    scrap_draw, scrap, rework_draw, rework, visit, limit, expected
):
    arguments = (scrap_draw, scrap, rework_draw, rework, visit, limit)
    assert outcome(*arguments) == expected
    assert COMPILED["outcome"](*arguments) == expected


@pytest.mark.parametrize(
    ("count", "every", "draw", "fraction", "expected"),
    [
        (0, 3, 0.5, 0.0, True),
        (1, 3, 0.5, 0.0, False),
        (3, 3, 0.5, 0.0, True),
        (7, 1, 0.5, 0.0, True),
        (0, 0, 0.5, 0.6, True),
        (0, 0, 0.5, 0.5, False),
    ],
)
def test_lots_are_sampled_by_count_or_by_chance(count, every, draw, fraction, expected):
    assert is_sampled(count, every, draw, fraction) == expected
    assert COMPILED["is_sampled"](count, every, draw, fraction) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(1.0, True), (2.0, True), (0.999, False), (2.001, False), (np.nan, False)]
)
def test_limits_are_good_themselves_and_what_is_no_number_is_not(value, expected):
    assert within(value, 1.0, 2.0) == expected
    assert COMPILED["within"](value, 1.0, 2.0) == expected


@pytest.mark.parametrize(("now", "expected"), [(109, False), (110, True), (111, True)])
def test_a_limit_passes_at_its_instant(now, expected):
    assert too_late(100, now, 10) == expected
    assert COMPILED["too_late"](100, now, 10) == expected


@pytest.mark.parametrize(
    ("waiting", "waited", "expected"),
    [(0, 9, 0), (1, 9, 0), (2, 4, 0), (2, 5, 2), (3, 4, 0), (3, 9, 3), (4, 0, 4), (7, 0, 4)],
)
def test_a_batch_starts_full_or_when_its_lots_have_waited(waiting, waited, expected):
    assert lots_at_once(waiting, 2, 4, waited, 5) == expected
    assert COMPILED["lots_at_once"](waiting, 2, 4, waited, 5) == expected
