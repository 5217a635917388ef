"""Both engines sample, test, judge, hold, check and let in lots alike."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.engine.compiled_engine.alike import differences
from tests.engine.generated import HORIZON, Words
from tests.engine.generated_quality import everything_words
from tests.engine.generated_rules import is_accepted
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.plant.scenario import Run
from twin.plant.schema import Plant

OF_PLANTS = ("materials", "utilities", "tanks")
OF_OPERATIONS = ("bill", "transfer", "split", "merge", "pack", "uses", "draws", "fills", "transfer_to")


def only_quality(words: Words) -> Words:
    """The words of a plant without stocks, utilities and tanks, and without parts of lots."""
    for name in OF_PLANTS:
        words.pop(name, None)
    words["recipes"].pop("drained", None)
    words["orders"] = [line for line in words["orders"] if line["recipe"] in words["recipes"]]
    for recipe in words["recipes"].values():
        recipe.pop("makes", None)
        for operation in (one for each in recipe["operations"] for one in each.values()):
            for part in (operation, *(p for each in operation.get("phases", ()) for p in each.values())):
                for name in OF_OPERATIONS:
                    part.pop(name, None)
    for each in (*words["equipment"].values(), *words["containers"].values()):
        cleanings = each.get("cleaning", ())
        for part in (each.get("maintenance", {}), *([cleanings] if "takes" in cleanings else cleanings)):
            part.pop("uses", None)
    return words


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(everything_words().map(only_quality).filter(is_accepted))
def test_made_up_plants_decide_alike_what_becomes_of_lots(words):
    program = compile_program(Plant.model_validate(words), Run(horizon=HORIZON))
    assert refusals(program) == []
    assert differences(program, seed=1) == []
