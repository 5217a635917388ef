"""docs/language.md says what the language is: its examples load, its tables are those of the schema."""

import re
from pathlib import Path

import pytest

from twin.plant.distributions import parse_distribution
from twin.plant.document import Document
from twin.plant.load import load_plant, load_scenario
from twin.plant.reference import rewritten
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant
from twin.plant.shapes import shape
from twin.plant.situation import StateFile
from twin.plant.sweep_rules import count_points

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
ROWS = re.findall(r"^\| `([^`]+)` \| `(\{[^`]+\})` \|$", TEXT, re.MULTILINE)


def test_the_tables_are_those_of_the_schema():
    assert rewritten(TEXT) == TEXT, "run: python -m twin.plant.reference docs/language.md"


def test_the_examples_load(tmp_path):
    plant, scenario = EXAMPLES
    (tmp_path / "one_press.yaml").write_text(plant, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(scenario, encoding="utf-8")
    assert load_plant(tmp_path / "one_press.yaml").plant.orders[0].times == 4
    sweep = load_scenario(tmp_path / "scenario.yaml").scenario.sweep
    assert sweep is not None
    assert count_points(sweep) == 3


@pytest.mark.parametrize(("short", "mapping"), ROWS, ids=[row[1] for row in ROWS])
def test_short_and_mapping_forms_of_the_page_mean_the_same(short, mapping):
    data = Document(f"value: {mapping}\n", "page").data["value"]
    assert parse_distribution(short, "time") == parse_distribution(data, "time")


def test_every_key_has_a_meaning():
    seen = set()
    models = [Plant, Scenario, StateFile]
    while models:
        model = models.pop()
        seen.add(model)
        for name, info in model.model_fields.items():
            assert info.description, f"{model.__name__}.{name}"
            inner = shape(info.annotation)
            while inner.kind in ("mapping", "list"):
                inner = shape(inner.inside)
            if (
                inner.kind == "model"
                and inner.annotation not in seen
                and inner.annotation.__name__ != "LotSize"
            ):
                models.append(inner.annotation)
    assert len(seen) > 15
