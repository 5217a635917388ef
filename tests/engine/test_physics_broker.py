"""The physics broker: grouped or single, ahead or live, however many at once, a lot gets the same answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.engine.plants import attribute_of, operation, plant
from tests.engine.test_physics_operations import COMPRESSION
from tests.engine.test_reproducibility import as_bytes
from twin.engine.broker import Broker, Counts, Request, broker, physics_plan
from twin.engine.broker.rows import ABSENT
from twin.engine.compile import compile_program
from twin.engine.draws import compile_distribution, draw_addresses, source_hash
from twin.engine.program import Source
from twin.engine.rules.speeds import processing_time
from twin.engine.simpy_engine import SimulationError, side_by_side, simulate, simulate_all
from twin.engine.simpy_engine.memory import MOST_ALIVE, alive_at_once
from twin.engine.streams import Streams
from twin.physics.backend import select
from twin.physics.contract import OK, OUT_OF_RANGE
from twin.plant.scenario import Run
from twin.plant.shorthand import AnyQuantity

BLENDING = {"blending_revolutions": "uniform(low=100, high=300)"}
PRESSING = {
    "tablet_rate": "uniform(low=40 1/s, high=60 1/s)",
    "tablet_mass": "200 mg",
    "compression_pressure": "normal(mean=120 MPa, sd=25 MPa)",
}
COATING = {"coating_fraction": "normal(mean=3 %, sd=0.2 %)", "spray_rate": "250 g/min"}


def tablets(*, press=None, compress=None, blend=None, **words):
    """Lots blended in one of two unequal blenders, pressed and coated; two come in every six hours."""
    return plant(
        {
            "wide": {"parameters": {"blender_volume": "0.5 m3"}},
            "narrow": {"parameters": {"blender_volume": "0.35 m3"}},
            "press": press or {},
            "coater": {},
        },
        operation(
            "blend",
            ["wide", "narrow"],
            None,
            physics="blending",
            settings=BLENDING,
            yields="uniform(low=0.97, high=1)",
            **(blend or {}),
        ),
        operation(
            "compress", "press", None, physics="tablet_compression", settings=PRESSING, **(compress or {})
        ),
        operation("coat", "coater", None, physics="film_coating", settings=COATING),
        batch="100 kg",
        recipe={"material": {"true_density": "normal(mean=1500 kg/m3, sd=20 kg/m3)"}},
        order={"batches": 2, "every": "6 h", "times": 5},
        **words,
    )


JAM = {"clock": "running", "between": "exponential(mean=3 h)", "repair": "10 min", "work": "repeat"}
JAMS = {"press": {"failures": [JAM]}}
TOO_SOFT = {"hardness": {"min": "55 N", "otherwise": "rework", "to": "blend", "limit": 2}}
REWORK = {"compress": {"specification": TOO_SOFT}}
SPILLS = {"press": {"failures": [{**JAM, "work": "resume", "waste": "uniform(low=0 kg, high=2 kg)"}]}}
PLANTS = {"smooth": {}, "jams": JAMS, "rework": REWORK, "spills": SPILLS, "jams and rework": JAMS | REWORK}


def program_of(what):
    return compile_program(what, Run())


def records(program, most, replications=range(12)):
    found = dict(simulate_all(program, 7, replications, most=most))
    return [as_bytes(found[number]) for number in replications]


def plan_of(what):
    return {p.name.rpartition("/")[2]: (p.ahead, p.why) for p in physics_plan(program_of(what))}


def all_live(program):
    return tuple(replace(planned, ahead=False) for planned in physics_plan(program))


@pytest.mark.parametrize("words", PLANTS.values(), ids=PLANTS)
def test_however_many_are_alive_at_once_the_bytes_are_the_same(words):
    program = program_of(tablets(**words))
    alone = [as_bytes(simulate(program, 7, number)) for number in range(12)]
    assert records(program, 1) == records(program, 3) == records(program, 50) == alone


@pytest.mark.parametrize("words", PLANTS.values(), ids=PLANTS)
def test_answers_ahead_are_those_that_asking_gives(words, monkeypatch):
    program = program_of(tablets(**words))
    counts = Counts()
    ahead = {number: as_bytes(r) for number, r in simulate_all(program, 7, range(12), counts=counts)}
    assert sum(of.used for of in counts.operations.values()) > 60
    monkeypatch.setattr(broker, "physics_plan", all_live)
    counts = Counts()
    live = {number: as_bytes(r) for number, r in simulate_all(program, 7, range(12), counts=counts)}
    assert sum(of.used for of in counts.operations.values()) == 0
    assert live == ahead


def test_equal_blenders_are_one_kind_and_unequal_ones_are_both_computed():
    kinds = [planned.kinds for planned in physics_plan(program_of(tablets()))]
    assert [len(set(of.values())) for of in kinds] == [2, 1, 1]
    assert [planned.ways for planned in physics_plan(program_of(tablets()))] == [1, 2, 2]


def test_an_operation_is_ahead_where_all_it_needs_is_drawn_with_the_lot():
    assert plan_of(tablets()) == {
        "blend": (True, "its inputs come from draws of the lot, the batch mass"),
        "compress": (
            True,
            "its inputs come from draws of the lot, the batch mass, `blend`, which is ahead",
        ),
        "coat": (True, "its inputs come from draws of the lot, the batch mass"),
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (SPILLS, "the batch mass depends on the waste of stops in `compress`"),
        (
            {"press": {"start_up": {"takes": "5 min", "waste": "2 kg"}}},
            "the batch mass depends on the waste of starting up in `compress`",
        ),
        ({"compress": {"split": {"into": 2}}}, "its lots are parts since `compress`"),
    ],
)
def test_what_the_plant_decides_is_asked_when_it_is_known(words, why):
    assert plan_of(tablets(**words))["compress"][0]
    assert plan_of(tablets(**words))["coat"] == (False, why)


def test_what_a_live_operation_gives_makes_the_next_one_live():
    plan = plan_of(tablets(blend={"together": {"max": 2}}))
    assert plan["blend"] == (False, "several lots are done together")
    assert plan["compress"] == (False, "`lubrication_factor` comes from `blend`, which is live")


def requests_of(program, lots=40):
    """Visits of every operation, of several replications, in no order."""
    rows = []
    for k in range(lots):
        number = (k * 7) % 5
        call = program.operations[number % 3].physics
        brought = tuple(0.9 if name == "lubrication_factor" and k % 2 else ABSENT for name, _ in call.carried)
        unit = list(call.equipment)[k % len(call.equipment)]
        rows.append(Request(number % 3, unit, k % 4, number, k % 2, k % 3, 1.0, 90_000_000 + k, brought))
    return rows


def test_visits_get_the_same_answers_together_alone_cut_and_in_another_order(monkeypatch):
    program = program_of(tablets())
    asked = Broker(program, 7, select("cpu"))
    requests = requests_of(program)
    together = asked.answer(requests)
    assert {name: of.calls for name, of in asked.counts.models.items()} == {
        "blending": 1,
        "tablet_compression": 1,
        "film_coating": 1,
    }
    assert [asked.answer([each])[0] for each in requests] == together
    assert asked.answer(requests[::-1]) == together[::-1]
    monkeypatch.setattr(broker, "MOST_LOTS", 3)
    assert asked.answer(requests) == together


@pytest.mark.parametrize(
    "words",
    [
        "lognormal(mean=4 h, cv=0.6)",
        "discrete(values=[1 h, 2 h], weights=[0.2, 0.8])",
        "gamma(mean=2 h, cv=1.2)",
    ],
)
def test_a_draw_at_an_address_is_that_of_the_stream(words):
    seed, compiled = 2**64 - 3, compile_distribution(AnyQuantity.model_validate(words))
    source = Source("mill/takes", *compiled, 0.0)
    address = list(product((0, 3, 2**31), (0, 5, 2**31), (0, 2), (0, 1)))
    columns = np.array(address, dtype=np.int64).T
    keys = np.uint64(source_hash(source.name)), np.uint64(seed)
    drawn = draw_addresses(*compiled, *keys, *columns, np.zeros_like(columns[0]))
    assert drawn.tolist() == [Streams(seed, r).of(source).value(n, v, a) for r, n, v, a in address]


def test_calls_hold_the_lots_of_all_that_wait():
    program = program_of(tablets(**SPILLS))
    one, many = Counts(), Counts()
    list(simulate_all(program, 7, range(20), most=1, counts=one))
    list(simulate_all(program, 7, range(20), most=20, counts=many))
    alone, together = (of.operations["part/coat"].live for of in (one, many))
    assert alone == together == 200
    assert one.models["film_coating"].calls > 150
    assert many.models["film_coating"].calls < 30


def test_no_more_replications_are_alive_than_memory_allows(monkeypatch):
    monkeypatch.setattr(side_by_side, "bytes_of", lambda state: 30_000_000)
    free = 500_000_000
    monkeypatch.setattr(side_by_side, "alive_at_once", lambda each, _: alive_at_once(each, free=free))
    seen = []
    answer_round = side_by_side.answer_round
    monkeypatch.setattr(
        side_by_side,
        "answer_round",
        lambda b, waits, expected: seen.append(len(waits)) or answer_round(b, waits, expected),
    )
    assert len(list(simulate_all(program_of(tablets()), 7, range(12)))) == 12
    assert seen[0] == 1
    assert max(seen) == 4  # a quarter of 500 MB, at 30 MB each


def test_what_may_be_alive_lies_between_one_and_the_most():
    assert alive_at_once(10**9, free=10**8) == 1
    assert alive_at_once(1, free=10**8) == alive_at_once(1, 0.1, free=10**8) == MOST_ALIVE
    assert alive_at_once(1, 3600.0, free=10**8) == 4


def test_parts_of_a_lot_are_of_one_raw_material():
    what = plant(
        {"mill": {}, "press": {}},
        operation("mill", "mill", "1 h", split={"into": 3}),
        operation("compress", "press", None, physics="tablet_compression", settings=COMPRESSION),
        lots=2,
        batch="90 kg",
        recipe={"material": {"true_density": "uniform(low=1400 kg/m3, high=1600 kg/m3)"}},
    )
    thick = [value for value in attribute_of(what, "thickness") if value is not None]
    assert len(thick) == 6
    assert len(set(thick)) == 2


def test_lots_that_are_blended_together_are_one_batch():
    """Two lots of 60 kg fill the blender as one of 120 kg does."""

    def lubrication(lots, batch, **words):
        what = plant(
            {"blender": {"parameters": {"blender_volume": "0.4 m3"}}},
            operation("blend", "blender", None, physics="blending", **words),
            lots=lots,
            batch=batch,
        )
        return attribute_of(what, "lubrication_factor")

    two = lubrication(2, "60 kg", together={"min": 2, "max": 2})
    assert two == lubrication(1, "120 kg") * 2
    assert two != lubrication(1, "60 kg") * 2


def without_duration(program, status):
    """The plant, whose press knows no duration and says so with this status."""
    call = program.operations[1].physics

    def evaluate(material, settings, equipment):
        outcome = call.model.evaluate(material, settings, equipment)
        told = np.full_like(outcome.status, status)
        return replace(
            outcome, duration=outcome.duration * np.nan, yield_=outcome.yield_ * np.nan, status=told
        )

    press = replace(
        program.operations[1], physics=replace(call, model=replace(call.model, evaluate=evaluate))
    )
    return replace(program, operations=(program.operations[0], press, *program.operations[2:])), call.nominal


def test_a_lot_that_the_model_does_not_hold_for_takes_the_nominal_time_and_is_a_deviation():
    program, nominal = without_duration(program_of(tablets()), OUT_OF_RANGE)
    rows = [r for r in simulate(program, 1).lots.to_pylist() if r["operation"] == "compress"]
    assert {r["finished"] - r["started"] for r in rows} == {processing_time(nominal, 1.0)}
    assert {r["attribute.physics_status"] for r in rows} == {OUT_OF_RANGE}
    assert {r["good"] for r in rows} == {0}  # no yield that is a number: nothing is good


def test_a_model_that_holds_must_know_how_long():
    program, _ = without_duration(program_of(tablets()), OK)
    with pytest.raises(SimulationError, match="gives no duration for lot 0"):
        simulate(program, 1)


def test_the_plan_says_what_is_emulated():
    program = program_of(tablets(compress={"solve": "emulated"}))
    assert [planned.mode for planned in physics_plan(program)] == ["full", "emulated", "full"]
    assert [planned.ahead for planned in physics_plan(program)] == [True] * 3
