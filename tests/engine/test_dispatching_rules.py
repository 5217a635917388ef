"""Dispatching by shortest time, due date, critical ratio, least set-up, and by rules of other packages."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plants import operation, plant, visits_of
from twin.engine import dispatching
from twin.engine.compile import compile_program
from twin.engine.dispatching import RuleError
from twin.plant.errors import ComplaintError
from twin.plant.scenario import Run


def jobs(dispatching, takes, due=None, **mill):
    """Jobs that are all there at the start, each a recipe of its own, on one machine."""
    due = due or [None] * len(takes)
    return plant(
        {"mill": {"dispatching": dispatching, **mill}},
        recipes={
            f"job_{i}": {"operations": [operation("mill", "mill", f"{time} s")]}
            for i, time in enumerate(takes)
        },
        orders=[
            {"recipe": f"job_{i}", **({} if date is None else {"due": f"{date} s"})}
            for i, date in enumerate(due)
        ],
    )


def sequence(what):
    """Lots in the order in which they started."""
    return [lot for _, lot in sorted((start, lot) for lot, _, _, start, *_ in visits_of(what))]


def finishes(what):
    """When each lot was done, by lot."""
    return {lot: end for lot, _, _, _, end, *_ in visits_of(what)}


def test_the_shortest_time_goes_first():
    assert sequence(jobs("spt", [3, 1, 2, 1])) == [1, 3, 2, 0]


def test_the_time_on_this_unit_counts_set_up_included():
    what = plant(
        {"mill": {"dispatching": "spt"}},
        recipes={
            "a": {"operations": [operation("mill", "mill", "1 s", setup="3 s")]},
            "b": {"operations": [operation("mill", "mill", "2 s")]},
        },
        orders=[{"recipe": "a"}, {"recipe": "b"}],
    )
    assert sequence(what) == [1, 0]


def test_the_earliest_due_date_goes_first_and_what_is_never_due_last():
    assert sequence(jobs("edd", [1, 1, 1, 1], [9, None, 3, 5])) == [2, 3, 0, 1]


def test_the_critical_ratio_weighs_the_time_left_with_all_the_work_left():
    """Ratios 20/10 and 12/4: the later date has the more work after the mill."""
    what = plant(
        {"mill": {"dispatching": "critical_ratio"}, "press": {}},
        recipes={
            "long": {"operations": [operation("mill", "mill", "2 s"), operation("press", "press", "8 s")]},
            "short": {"operations": [operation("mill", "mill", "4 s")]},
        },
        orders=[{"recipe": "short", "due": "12 s"}, {"recipe": "long", "due": "20 s"}],
    )
    assert sequence(what)[0] == 1
    assert sequence(jobs("critical_ratio", [4, 10], [12, 20])) == [1, 0]
    assert sequence(jobs("edd", [4, 10], [12, 20])) == [0, 1]


def test_the_least_change_over_goes_first():
    """From job_0, which is on the mill, to job_2 takes 1 s, to the others 5 s."""
    matrix = {"job_0": {"job_1": "5 s", "job_2": "1 s"}}
    changeover = {"matrix": matrix, "default": "2 s"}
    what = jobs("least_setup", [1, 1, 1], changeover=changeover, last_product="job_0")
    assert sequence(what) == [0, 2, 1]
    assert sequence(jobs("priority", [1, 1, 1], changeover=changeover, last_product="job_0")) == [0, 1, 2]


def test_cleaning_counts_as_change_over():
    cleaning = [{"name": "wash", "between_products": "4 s"}]
    what = jobs("least_setup", [1, 1, 1], cleaning=cleaning, last_product="job_2")
    assert sequence(what) == [2, 0, 1]


@pytest.mark.parametrize("dispatching", ["spt", "edd", "critical_ratio", "least_setup"])
def test_ties_are_broken_by_priority_then_by_waiting_then_by_number(dispatching):
    what = plant(
        {"mill": {"dispatching": dispatching}},
        operation("mill", "mill", "4 s"),
        orders=[
            {"recipe": "part", "batches": 2, "priority": 1},
            {"recipe": "part", "first": "1 s", "priority": 1},
            {"recipe": "part", "first": "2 s", "priority": 0},
        ],
    )
    assert sequence(what) == [0, 3, 1, 2]


TIMES = st.lists(st.integers(1, 9), min_size=2, max_size=5)


@settings(derandomize=True, max_examples=25)
@given(TIMES)
def test_spt_has_the_least_mean_flow_time_of_all_sequences(takes):
    def total(order):
        at, sum_ = 0, 0
        for job in order:
            at += takes[job]
            sum_ += at
        return sum_

    done = finishes(jobs("spt", takes))
    assert sum(done.values()) == min(total(order) for order in permutations(range(len(takes))))


@settings(derandomize=True, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30)), min_size=2, max_size=5))
def test_edd_has_the_least_greatest_lateness_of_all_sequences(work):
    takes, due = [time for time, _ in work], [date for _, date in work]

    def lateness(order):
        at, worst = 0, -99
        for job in order:
            at += takes[job]
            worst = max(worst, at - due[job])
        return worst

    done = finishes(jobs("edd", takes, due))
    latest = max(done[job] - due[job] for job in done)
    assert latest == min(lateness(order) for order in permutations(range(len(takes))))


def test_a_rule_that_is_not_there_is_an_error_with_its_place():
    what = plant({"mill": {"dispatching": "spd"}}, operation("mill", "mill", "1 s"))
    with pytest.raises(ComplaintError) as caught:
        compile_program(what, Run())
    (complaint,) = caught.value.complaints
    assert complaint.path == ("equipment", "mill", "dispatching")
    assert complaint.message.endswith("names a rule that is not there, `spd`.")
    assert complaint.hint == "Did you mean `spt`?"


def longest_first(now, ready, due, priority, processing, remaining, changeover, lot):
    return -processing


PYTHON_OBJECTS = {0: object()}


def objects(now, ready, due, priority, processing, remaining, changeover, lot):
    return PYTHON_OBJECTS[lot]


def fraction(now, ready, due, priority, processing, remaining, changeover, lot):
    return processing / 2


@pytest.fixture
def package(monkeypatch):
    """A function that installs a rule under a name, as a package would."""

    def install(name, rule):
        entry = EntryPoint(name, f"{__name__}:{rule}", dispatching.GROUP)
        monkeypatch.setattr(dispatching, "entry_points", lambda group: [entry])
        dispatching.added.cache_clear()

    yield install
    dispatching.added.cache_clear()


def test_a_package_adds_a_rule_of_its_own(package):
    package("longest_first", "longest_first")
    assert sequence(jobs("longest_first", [1, 3, 2])) == [1, 2, 0]


@pytest.mark.parametrize(
    ("name", "rule", "says"),
    [
        ("fifo", "longest_first", "there is one of that name"),
        ("mine", "objects", "cannot be compiled"),
        ("mine", "fraction", "must return a whole number"),
        ("mine", "TIMES", "is no function"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(package, name, rule, says):
    package(name, rule)
    with pytest.raises(RuleError, match=says):
        dispatching.added()
