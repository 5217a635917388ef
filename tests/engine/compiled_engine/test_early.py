"""Lots that wait for live physics are asked about with one that starts, and the run is the same."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc
import pytest

from tests.engine.plants import operation, plant
from tests.engine.test_physics_broker import COATING, PRESSING
from twin.engine.broker import Counts
from twin.engine.broker.counts import OfModel
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import early, replications
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine import simulate_all as simulate_by_reference
from twin.plant.scenario import Run

SPILLS = {"clock": "running", "between": "exponential(mean=3 h)", "repair": "10 min", "work": "resume"}
LOTS = 12
HOURS = 3600 * 10**9


def coating(units: dict[str, dict[str, object]] | None = None, **coat: object) -> Program:
    """Lots that are all pressed before the first one is coated; what spills at a press is known late."""
    coaters = units or {"coater": {}}
    press = {"failures": [SPILLS | {"waste": "uniform(low=0 kg, high=1 kg)"}]}
    what = plant(
        {"press": press, **coaters},
        operation("compress", "press", None, physics="tablet_compression", settings=PRESSING),
        operation("weigh", "press", "1 min"),
        operation("coat", list(coaters), None, physics="film_coating", settings=COATING, **coat),
        batch="100 kg",
        order={"batches": LOTS},
    )
    return compile_program(what, Run())


def tables(record: Record) -> list[object]:
    return [record.states, record.lots, record.levels, record.genealogy, record.horizon]


def calls_of_coating(program: Program) -> OfModel:
    counts = Counts()
    list(replications.simulate_all(program, 3, range(1), threads=1, counts=counts))
    return counts.models["film_coating"]


AGAIN = {"failures": [SPILLS | {"between": "exponential(mean=1 h)", "work": "repeat"}]}


@pytest.mark.parametrize(
    ("units", "coat"),
    [
        ({"coater": {}}, {}),
        ({"coater": {}, "other": {}}, {}),
        ({"coater": AGAIN}, {}),
        (
            {"coater": {"speed": 1.3}, "other": {"speed": 0.7}},
            {"rework": {"probability": 0.3, "to": "weigh"}},
        ),
    ],
    ids=["one coater", "two coaters", "a coater that begins again", "coating lots again on unequal coaters"],
)
def test_lots_computed_while_they_waited_are_those_of_the_reference(
    units: dict[str, dict[str, object]], coat: dict[str, object]
) -> None:
    program = coating(units, **coat)
    found = dict(replications.simulate_all(program, 3, range(4), threads=1))
    expected = dict(simulate_by_reference(program, 3, range(4)))
    assert [tables(found[k]) for k in range(4)] == [tables(expected[k]) for k in range(4)]


def test_physics_is_asked_once_about_several_lots_that_wait() -> None:
    assert calls_of_coating(coating()).calls <= LOTS // 3


def test_a_lot_is_not_asked_about_before_it_is_known_which_of_unequal_units_takes_it() -> None:
    unequal: dict[str, dict[str, object]] = {"coater": {"parameters": {"heat_loss": "50 W/K"}}, "other": {}}
    assert calls_of_coating(coating(unequal)).calls > LOTS // 2


def test_lots_far_behind_in_a_line_are_not_asked_about() -> None:
    program = replace(coating(), horizon=40 * HOURS)
    ((_, record),) = simulate_by_reference(program, 3, range(1))
    coats = record.lots.filter(pc.equal(record.lots["operation"], "coat"))
    started = len(coats) - coats["started"].null_count
    assert len(coats) == LOTS
    assert started < calls_of_coating(program).lots <= started + early.MOST < LOTS
