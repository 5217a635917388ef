"""Both engines give the same record, to the nanosecond, of every plant that the compiled one covers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.compiled_engine.alike import differences
from tests.engine.generated import HORIZON
from tests.engine.generated_rules import combined_words, is_accepted
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.experiment.prepare import prepare
from twin.plant.scenario import Run
from twin.plant.schema import Plant

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted(f"twin:{file.stem}" for file in (ROOT / "plant_models").glob("*.yaml"))
SCENARIOS = sorted(f"twin:{file.stem}" for file in (ROOT / "scenarios").glob("*.yaml"))
EXAMPLES = sorted(str(file) for file in (ROOT / "docs" / "examples").glob("*.yaml"))
SHORT = {"run.horizon": "12 days", "sweep": None}  # of a year, in which everything has happened


@pytest.mark.parametrize("source", [*SHIPPED, *SCENARIOS, *EXAMPLES], ids=lambda source: Path(source).stem)
def test_every_plant_and_scenario_of_the_repository_runs_alike(source):
    if "state" in source or "monday" in source or "floor_and_people" in source:
        pytest.skip("begins with something inside, or is no plant to run by itself")
    prepared = prepare(source, SHORT if source in SCENARIOS else {"run.horizon": "12 days"})
    program = compile_program(prepared.plant, prepared.run)
    if refusals(program):
        assert Path(source).stem in {"tanks", "utilities"}
        return
    assert differences(program, seed=7) == []


ONLY_SIMPY = ("tanks", "utilities", "uses", "draws", "solvent")


def without_tanks_and_utilities(words: Any) -> Any:
    """The words of a plant without what only the SimPy engine covers, wherever it stands."""
    if isinstance(words, list):
        return [without_tanks_and_utilities(each) for each in words]
    if not isinstance(words, dict):
        return words
    return {k: without_tanks_and_utilities(v) for k, v in words.items() if k not in ONLY_SIMPY}


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(combined_words().map(without_tanks_and_utilities).filter(is_accepted))
def test_made_up_plants_run_alike(words):
    program = compile_program(Plant.model_validate(words), Run(horizon=HORIZON))
    assert refusals(program) == []
    assert differences(program, seed=1) == []
