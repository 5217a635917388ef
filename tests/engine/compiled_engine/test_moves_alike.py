"""Both engines carry lots alike: on belts, by trucks, through locks and stations, past racks by quantity."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.compiled_engine.alike import differences
from tests.engine.generated import HORIZON, Words
from tests.engine.generated_rules import combined_words, is_accepted
from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.compiled_engine.simulate import CannotGoOnError, simulate
from twin.plant.scenario import Run
from twin.plant.schema import Plant

OF_PLANTS = ("materials", "utilities", "tanks", "releases")
OF_UNITS = ("changeover", "cleaning", "dirty_hold", "clean_hold", "maintenance", "wear", "dispatching")
OF_OPERATIONS = ("bill", "together", "transfer", "split", "merge", "pack", "uses", "draws")


def only_moves(words: Words) -> Words:
    """The words of a plant without those that concern neither moves nor people nor quality."""
    for name in OF_PLANTS:
        words.pop(name, None)
    for line in words["orders"]:
        line |= {"hot": False, "release": "push"}
    for kind in words["containers"].values():
        for name in OF_UNITS:
            kind.pop(name, None)
    for unit in words["equipment"].values():
        for name in OF_UNITS:
            unit.pop(name, None)
    for recipe in words["recipes"].values():
        recipe.pop("makes", None)
        for operation_words in (one for each in recipe["operations"] for one in each.values()):
            for name in OF_OPERATIONS:
                operation_words.pop(name, None)
    return words


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(combined_words().map(only_moves).filter(is_accepted))
def test_made_up_plants_move_lots_alike(words):
    program = compile_program(Plant.model_validate(words), Run(horizon=HORIZON))
    assert refusals(program) == []
    assert differences(program, seed=1) == []


def a_line(rate: str, batch: str) -> Plant:
    stations = {
        "fill": {"rate": rate, "buffer_after": "90 s"},
        "seal": {
            "rate": "uniform(low=70000/h, high=90000/h)",
            "start_up": {"takes": "7 min", "waste": "30 pieces", "stops": "uniform(low=0, high=3)"},
            "rejects": 0.003,
            "failures": [
                {
                    "name": "jam",
                    "clock": "running",
                    "between": "exponential(mean=9 min)",
                    "repair": "lognormal(mean=3 min, cv=1)",
                    "rate_between_lots": "gamma(mean=1, cv=0.8)",
                }
            ],
        },
    }
    equipment = {"line": {"flow": {"stations": stations}}}
    return plant(equipment, operation("pack", "line", None), batch=batch, lots=4)


def test_a_packaging_line_with_stops_has_the_same_record():
    program = compile_program(a_line("72001.7/h", "1234567 pieces"), Run())
    for replication in range(3):
        assert differences(program, seed=9, replication=replication) == []


def test_a_flow_too_fast_to_count_in_64_bits_is_left_to_the_reference():
    with pytest.raises(CannotGoOnError):
        simulate(compile_program(a_line("3000000000/s", "1234567 pieces"), Run()), seed=9)
