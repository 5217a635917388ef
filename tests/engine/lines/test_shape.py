"""What is a line, and what of a plant makes it none, by name."""

from __future__ import annotations

import pytest

from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.lines import Line, NotALineError, fold_line, line_of, simulate_line
from twin.plant.scenario import Run

UNITS = {"mill": {}, "press": {}, "oven": {}}
MILL = operation("mill", "mill", "3 s")
PRESS = operation("press", "press", "exponential(mean=2 s)", wait_in="rack")
RACK = {"rack": {"capacity": 2}}


def found(what, horizon=None):
    return line_of(compile_program(what, Run(horizon=horizon)))


def test_units_one_after_the_other_are_one_segment():
    line = found(plant(UNITS, MILL, PRESS, storage=RACK))
    assert isinstance(line, Line)
    assert [segment.units for segment in line.segments] == [(0, 1)]
    assert line.serial


def test_branches_that_come_together_are_segments_of_their_own():
    both = {
        "a": {"operations": [MILL, operation("oven", "oven", "4 s"), operation("pack", "pack", "1 s")]},
        "b": {"operations": [operation("press", "press", "5 s"), operation("pack", "pack", "1 s")]},
    }
    orders = [{"recipe": "a"}, {"recipe": "b"}]
    line = found(plant({**UNITS, "pack": {}}, recipes=both, orders=orders))
    assert isinstance(line, Line)
    assert sorted(segment.units for segment in line.segments) == [(0, 2), (1,), (3,)]
    assert line.segments[-1].units == (3,)


def test_a_recipe_that_nobody_orders_makes_no_difference():
    unordered = {"other": {"operations": [operation("mill", ["mill", "oven"], "1 s", setup="1 s")]}}
    what = plant(UNITS, MILL, PRESS, storage=RACK, recipes=unordered)
    assert isinstance(found(what), Line)


FAILING = {"clock": "running", "between": "9 s", "repair": "1 s"}
SHIFT = {"open": [{"days": "daily", "from": "06:00", "to": "14:00"}]}


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (plant({**UNITS, "mill": {"failures": [FAILING]}}, MILL), "Lots have attributes, 'stops'."),
        (plant({**UNITS, "oven": {"failures": [FAILING]}}, MILL), "'oven' can fail."),
        (plant({**UNITS, "mill": {"capacity": 2}}, MILL), "'mill' works on several lots at once."),
        (plant({**UNITS, "mill": {"count": 2}}, MILL), "'part/mill' is done on several units."),
        (
            plant({**UNITS, "mill": {"calendar": "days"}}, MILL, calendars={"days": SHIFT}),
            "'mill' has a calendar.",
        ),
        (plant({**UNITS, "mill": {"dispatching": "spt"}}, MILL), "'mill' has a dispatching rule."),
        (plant(UNITS, MILL, people={"operator": {"count": 1}}), "The plant has people, 'operator'."),
        (plant(UNITS, operation("mill", "mill", "3 s", setup="1 s")), "'part/mill' has `setup`."),
        (plant(UNITS, operation("mill", "mill", "3 s", scrap=0.1)), "'part/mill' has `scrap`."),
        (plant(UNITS, operation("mill", "mill", "0 s")), "'part/mill' may take no time at all."),
        (
            plant(UNITS, operation("mill", "mill", "poisson(mean=2 s)")),
            "'part/mill' may take no time at all.",
        ),
        (
            plant(UNITS, MILL, operation("again", "mill", "1 s")),
            "Lots of 'part' come to 'mill' twice.",
        ),
        (
            plant(UNITS, operation("mill", "mill", "3 s", wait_in="rack"), PRESS, storage=RACK),
            "Lots for several units wait in 'rack'.",
        ),
        (
            plant(UNITS, MILL, PRESS, storage={"rack": {"capacity": 2, "holds": "500 pieces"}}),
            "The storage 'rack' is limited by quantity.",
        ),
        (
            plant(UNITS, MILL, orders=[{"recipe": "part"}, {"recipe": "part", "priority": 1}]),
            "'mill' takes lots by priority, and order lines differ in it.",
        ),
        (
            plant(UNITS, MILL, orders=[{"recipe": "part"}, {"recipe": "part", "hot": True}]),
            "Order line 1, of 'part', is hot.",
        ),
        (
            plant(
                UNITS,
                recipes={
                    "a": {"operations": [MILL, PRESS]},
                    "b": {"operations": [operation("oven", "oven", "3 s"), PRESS]},
                },
                orders=[{"recipe": "a"}, {"recipe": "b"}],
                storage=RACK,
            ),
            "Branches come together or part before 'a/press', where room to wait is limited.",
        ),
        (
            plant(
                UNITS,
                recipes={
                    "a": {"operations": [MILL, operation("press", "press", "1 s")]},
                    "b": {"operations": [operation("press", "press", "1 s"), MILL]},
                },
                orders=[{"recipe": "a"}, {"recipe": "b"}],
            ),
            "Lots of some recipes go the other way between the same units.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_line_is_said_by_name(what, reason):
    assert found(what) == reason


def test_only_a_line_runs_through_the_recursion():
    program = compile_program(plant({"mill": {"count": 2}}, MILL), Run())
    with pytest.raises(NotALineError, match="'part/mill' is done on several units"):
        simulate_line(program, 1, [0])
    with pytest.raises(NotALineError, match="'part/mill' is done on several units"):
        fold_line(program, 1, [0])
