"""Both engines clean, maintain, set up and wear units alike, watch containers, and dispatch alike."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.compiled_engine.alike import differences
from tests.engine.generated import HORIZON, UNITS, Words, plant_words
from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.compiled_engine.simulate import simulate as simulate_compiled
from twin.engine.program import Program
from twin.engine.rules.upkeep import worn_failure_rate, worn_speed
from twin.plant.scenario import Run
from twin.plant.schema import Plant

OF_PLANTS = ("materials", "utilities", "tanks", "releases")
OF_OPERATIONS = ("together", "transfer", "split", "merge", "uses", "draws")


@st.composite
def kept_up(draw: st.DrawFn) -> Words:
    """A plant with all words of upkeep, those included that need another one beside them."""
    words: Words = draw(plant_words())
    for name in OF_PLANTS:
        del words[name]
    for line in words["orders"]:
        line["release"] = "push"
    for recipe in words["recipes"].values():
        for each in (one for named in recipe["operations"] for one in named.values()):
            for name in OF_OPERATIONS:
                each.pop(name, None)
    for unit in words["equipment"].values():
        for chore in (unit.get("maintenance", {}), *unit.get("cleaning", ())):
            chore.pop("uses", None)
    for unit in (words["equipment"][name] for name in UNITS):
        if "changeover" in unit and unit["changeover"]["by"] == "product":
            unit["changeover"] |= {"matrix": {"a": {"other": "90 min"}}, "needs": ["operator"]}
        if {"cleaning", "changeover"} & unit.keys() and draw(st.booleans()):
            unit["last_product"] = "a"
        if "wear" in unit and draw(st.booleans()):
            unit["wear"] = {"batches": 2, "speed": "-30 %", "least": 0.6, "failure_rate": 0.5}
    if draw(st.booleans()):
        words["containers"]["ibc"]["clean_hold"] = {"limit": "30 h", "then": "count"}
    return words


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(kept_up())
def test_made_up_plants_look_after_themselves_alike(words):
    program = compile_program(Plant.model_validate(words), Run(horizon=HORIZON))
    assert refusals(program) == []
    assert differences(program, seed=1) == []


JAM = {"name": "jam", "clock": "running", "between": "exponential(mean=9 h)", "repair": "2 h"}
WASH = {"name": "wash", "level": 1, "between_products": "uniform(low=1 h, high=2 h)", "every": "30 h"}
SERVICE = {
    "takes": "uniform(low=1 h, high=3 h)",
    "running": "20 h",
    "opportunity": "15 h",
    "needs": ["fitter"],
}


def a_press(**more: object) -> Program:
    equipment = {"press": {"failures": [JAM], "cleaning": [WASH], **more}}
    found = plant(
        equipment,
        operation("press", "press", "exponential(mean=5 h)"),
        people={"fitter": {"count": 1}},
        lots=40,
    )
    return compile_program(found, Run())


def test_maintenance_beside_repairs_has_the_same_record():
    program = a_press(count=2, maintenance={**SERVICE, "needs": ["fitter"]})
    for replication in range(5):
        assert differences(program, seed=3, replication=replication) == []


def test_maintenance_is_done_beside_repairs_in_the_compiled_engine():
    """The state of a unit that is maintained beside a repair is down first, and then maintenance."""
    states = simulate_compiled(
        a_press(maintenance={**SERVICE, "needs": ["fitter"]}), seed=3
    ).states.to_pylist()
    follows = [(one["state"], two["state"]) for one, two in pairwise(states)]
    assert ("down", "maintenance") in follows


def test_wear_beyond_whole_numbers_of_a_real_rounds_alike():
    """After 2**53 ns, 104 days, not every number of ns is a real number of its own."""
    worn, per = 2**53 + 1, 3 * 2**50 + 1
    assert worn_speed(worn, per, -0.1, 0.0) == 1.0 - 0.1 * (float(worn) / float(per))
    assert worn_failure_rate(worn, per, 0.1) == 1.0 + 0.1 * (float(worn) / float(per))
