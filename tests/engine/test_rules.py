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
from twin.engine.rules.calendars import NEVER, WEEK, is_open, time_to_close, time_to_open
from twin.engine.rules.dispatching import FIFO, PRIORITY, goes_first
from twin.engine.rules.failures import exposure_after, time_to_failure
from twin.engine.rules.outcomes import DONE, NO_LIMIT, REWORK, SCRAPPED, outcome
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
    assert time_to_close(OPENS, CLOSES, time) == to_close * HOUR
    assert is_open(OPENS, CLOSES, time) == (to_close > 0)
    if to_open is not None:
        assert time_to_open(OPENS, CLOSES, time) == to_open * HOUR


@pytest.mark.parametrize("name", ["is_open", "time_to_close", "time_to_open"])
def test_calendars_answer_alike_when_compiled(name):
    _, plain = decision_functions()[name]
    opens, closes = np.array(OPENS), np.array(CLOSES)
    for quarter in range(2 * 4 * 168):
        time = quarter * HOUR // 4 + quarter % 3 - 1
        if time < 0 or (name == "time_to_open" and is_open(OPENS, CLOSES, time)):
            continue
        assert COMPILED[name](opens, closes, time) == plain(OPENS, CLOSES, time)


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


@settings(deadline=None, derandomize=True, max_examples=300)
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
