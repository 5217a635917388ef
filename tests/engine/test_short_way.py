"""Plain work takes a short way through the engine; its record is that of the general way, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plants import operation, plant, run
from tests.engine.test_reproducibility import as_bytes
from twin.engine.simpy_engine import SimulationError, plain
from twin.plant.schema import Plant

TAKES = st.one_of(
    st.integers(0, 5).map(lambda n: f"{n} s"), st.integers(1, 5).map(lambda n: f"exponential(mean={n} s)")
)
UNITS = ["one", "two", "three"]


@st.composite
def plain_lines(draw: st.DrawFn) -> Plant:
    """Lines whose units are mostly plain: a few have a second operation, a set-up or a second choice."""
    recipes: dict[str, Any] = {}
    for name in ("a", "b")[: draw(st.integers(1, 2))]:
        made = []
        for index in range(draw(st.integers(1, 4))):
            words: dict[str, Any] = {"wait_in": draw(st.sampled_from([None, None, "rack", "shelf", "none"]))}
            if draw(st.integers(0, 5)) == 0:
                words["setup"] = "1 s"
            if draw(st.integers(0, 5)) == 0:
                words["rework"] = {"probability": 0.3, "to": f"step_{index}", "limit": 3}
            on = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=1 + (index == 2), unique=True))
            made.append(operation(f"step_{index}", on, draw(TAKES), **words))
        recipes[name] = {"operations": made}
    orders = []
    for _ in range(draw(st.integers(1, 3))):
        order: dict[str, Any] = {
            "recipe": draw(st.sampled_from(sorted(recipes))),
            "batches": draw(st.integers(1, 5)),
            "priority": draw(st.integers(0, 1)),
            "when_full": draw(st.sampled_from(["wait", "lost"])),
        }
        if draw(st.booleans()):
            order |= {"every": draw(TAKES.filter(lambda t: t != "0 s")), "times": 5}
        orders.append(order)
    storage = {"rack": {"capacity": 1}, "shelf": {"capacity": draw(st.sampled_from([None, 2]))}}
    equipment = {
        name: {
            "dispatching": draw(st.sampled_from(["priority", "fifo"])),
            "speed": draw(st.sampled_from([1, 1, 0.8])),
        }
        for name in UNITS
    }
    return plant(equipment, recipes=recipes, orders=orders, storage=storage)


def record(what: Plant, horizon: float | None) -> list[bytes] | str:
    """The record's bytes, or what the engine complains of."""
    try:
        return as_bytes(run(what, horizon=horizon))
    except SimulationError as error:
        return str(error)


@settings(derandomize=True, max_examples=500)
@given(plain_lines(), st.sampled_from([None, 20]))
def test_the_short_way_leads_where_the_general_way_does(what, horizon):
    short = record(what, horizon)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "is_plain", lambda state, unit: False)
        assert record(what, horizon) == short


def test_a_plain_line_takes_the_short_way():
    """Else the test above compares the general way with itself."""
    taken = []

    def completed_alone(state, entry, short_way=plain.completed_alone):
        taken.append(short_way(state, entry))
        return taken[-1]

    what = plant(
        {"one": {}, "two": {}},
        operation("first", "one", "2 s"),
        operation("second", "two", "3 s", wait_in="rack"),
        lots=4,
        storage={"rack": {"capacity": 1}},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "completed_alone", completed_alone)
        run(what)
    assert sum(taken) >= 5
