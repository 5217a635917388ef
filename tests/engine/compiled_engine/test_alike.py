"""Both engines give the same record, to the nanosecond, of every plant that the compiled one covers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.compiled_engine.alike import differences
from tests.engine.generated import HORIZON, plants
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.experiment.prepare import prepare
from twin.plant.scenario import Run


@pytest.mark.parametrize("plant", ["two_machines", "tablet_line"])
def test_shipped_plants_run_alike(plant):
    prepared = prepare(f"twin:{plant}", None)
    program = compile_program(prepared.plant, prepared.run)
    for replication in range(3):
        assert differences(program, seed=7, replication=replication) == []


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(plants())
def test_made_up_plants_run_alike(plant):
    program = compile_program(plant, Run(horizon=HORIZON))
    if not refusals(program):
        assert differences(program, seed=1) == []
