"""Words that say nothing: a plant with a rule that can never act has the record of the plant without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.engine.generated import HORIZON, UNITS, Words
from tests.engine.generated_rules import combined_words, is_accepted
from twin.engine.compile import compile_program
from twin.engine.record import Record
from twin.engine.simpy_engine import SimulationError, simulate
from twin.plant.scenario import Run
from twin.plant.schema import Plant

NEVER = "36500 days"
ALWAYS = {"open": [{"days": "daily", "from": "00:00", "to": "24:00"}]}


def operations_of(words: Words) -> Iterator[Words]:
    """Every operation of every recipe."""
    for recipe in words["recipes"].values():
        for one in recipe["operations"]:
            yield from one.values()


def units_of(words: Words) -> Iterator[Words]:
    """The three units and the shared one."""
    for name in (*UNITS, "skid"):
        yield words["equipment"][name]


def to_operations(**more: Any) -> Callable[[Words], None]:
    """Give every operation these words, where it has none of its own."""

    def add(words: Words) -> None:
        for operation in operations_of(words):
            for key, value in more.items():
                operation.setdefault(key, deepcopy(value))

    return add


def to_units(**more: Any) -> Callable[[Words], None]:
    """Give every unit of capacity 1 these words, where it has none of its own."""

    def add(words: Words) -> None:
        for unit in units_of(words):
            for key, value in more.items():
                if unit.get("capacity", 1) == 1:
                    unit.setdefault(key, deepcopy(value))

    return add


def add_loading(words: Words) -> None:
    """Loading and unloading that take no time, where the unit has none either."""
    for operation in operations_of(words):
        for key in ("load", "unload"):
            if not any(key in words["equipment"][name] for name in operation["on"]):
                operation.setdefault(key, "0 s")


def add_hold(words: Words) -> None:
    """A count of the times that a unit with a cleaning stands dirty for a century."""
    for unit in units_of(words):
        if "cleaning" in unit:
            unit.setdefault("dirty_hold", {"limit": NEVER, "then": "count"})


def add_sample(words: Words) -> None:
    """A sampling plan that takes none."""
    for recipe in words["recipes"].values():
        for one in recipe["operations"]:
            for name, operation in one.items():
                if "together" not in operation and "hold" not in operation:
                    test = {"on": ["lab"], "takes": "5 h"}
                    plan = {f"{name}_nothing": {"fraction": 0, "test": test}}
                    operation["sampling"] = {**operation.get("sampling", {}), **plan}


def add_release(words: Words) -> None:
    """A release rule for as many lots as come."""
    words["releases"] = {**words["releases"], "all": {"rule": "conwip", "limit": 1_000_000}}
    for order in words["orders"]:
        if order["release"] == "push":
            order["release"] = "all"


def add_failure(words: Words) -> None:
    """A failure on every unit, at a rate of nothing."""
    for unit in units_of(words):
        unit["failures"].append(
            {"name": "never", "clock": "calendar", "between": "1 h", "repair": "1 h", "rate": 0}
        )


def add_calendar(words: Words) -> None:
    """A calendar that never closes."""
    words["calendars"]["always"] = ALWAYS
    for unit in units_of(words):
        unit.setdefault("calendar", "always")


def add_people(words: Words) -> None:
    """Work that needs somebody of a crowd."""
    words["people"]["crowd"] = {"count": 1000}
    for operation in operations_of(words):
        operation["needs"] = [*operation.get("needs", []), {"people": "crowd"}]


def add_bill(words: Words) -> None:
    """A material of which there is plenty."""
    words["materials"]["water"] = {"lot": "1000000 pieces", "stock": 1}
    for operation in operations_of(words):
        if "together" not in operation:
            operation["bill"] = {**operation.get("bill", {}), "water": "1 pieces"}


def add_room(words: Words) -> None:
    """Room for a million lots where there is no limit."""
    for storage in words["storage"].values():
        if storage.get("capacity") is None:
            storage["capacity"] = 1_000_000


def add_utility(words: Words) -> None:
    """A utility that gives more than all work draws."""
    words.setdefault("utilities", {})["plenty"] = {"capacity": "1000000 kW"}
    for operation in operations_of(words):
        if "line" not in operation["on"]:
            operation["uses"] = {**operation.get("uses", {}), "plenty": "1 kW"}


NEUTRAL = {
    "yields all": to_operations(yields="1"),
    "loads in no time": add_loading,
    "may wait for a century": to_operations(max_wait_before={"limit": NEVER, "when_late": "flag"}),
    "is never maintained": to_units(maintenance={"takes": "1 h", "every": NEVER}),
    "is never cleaned": to_units(cleaning={"takes": "1 h", "running": NEVER, "every": NEVER}),
    "may stand dirty": add_hold,
    "is sampled never": add_sample,
    "may all come in": add_release,
    "draws of plenty": add_utility,
    "does not wear": to_units(wear={"per": "10 h"}),
    "never fails": add_failure,
    "never closes": add_calendar,
    "needs one of a crowd": add_people,
    "uses up of plenty": add_bill,
    "has room for a million": add_room,
}


def rows_of(words: Words) -> list[list[Words]]:
    """What units did and where lots went, where the plant is one that can be run."""
    assume(is_accepted(words))
    try:
        record: Record = simulate(compile_program(Plant.model_validate(words), Run(horizon=HORIZON)), 1)
    except SimulationError:
        assume(False)
        raise
    lots = [
        {key: value for key, value in row.items() if value is not None and "attribute." not in key}
        for row in record.lots.to_pylist()
    ]
    wip = [row for row in record.levels.to_pylist() if row["entity"] == "wip"]
    return [record.states.to_pylist(), lots, wip]


@pytest.mark.parametrize("word", NEUTRAL)
@settings(
    derandomize=True,
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(words=combined_words())
def test_a_word_that_says_nothing_changes_nothing(word, words):
    more = deepcopy(words)
    NEUTRAL[word](more)
    assert rows_of(more) == rows_of(words)
