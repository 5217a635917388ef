"""The short way for plain work leaves the same record as the general way."""

from __future__ import annotations

import pytest

from tests.verification.systems import line, plant, queue
from twin.engine.compile import compile_program
from twin.engine.simpy_engine import plain, simulate
from twin.engine.simpy_engine.state import State
from twin.plant.scenario import Run

FIXED_CYCLES = line(4, 1, 60, takes="1 s")
SHARED_STORAGE = plant(
    equipment={"cut": {}, "drill": {}, "sand": {}},
    storage={"rack": {"capacity": 2}},
    recipes={
        "part": {
            "operations": [
                {"cutting": {"on": ["cut"], "takes": "exponential(mean=1 s)"}},
                {"drilling": {"on": ["drill"], "takes": "exponential(mean=1 s)", "wait_in": "rack"}},
                {"sanding": {"on": ["sand"], "takes": "exponential(mean=1 s)"}},
            ]
        }
    },
    orders=[{"recipe": "part", "batches": 40, "every": "50 s", "times": 3}],
)
PLANTS = {
    "no buffers": (line(3, 0, 80), None),
    "buffers": (line(5, 2, 80), None),
    "unlimited buffers": (line(3, None, 80), None),
    "ties at every instant": (FIXED_CYCLES, None),
    "a queue": (queue("exponential(mean=1.2 s)", "exponential(mean=1 s)"), 300.0),
    "a storage and a line": (SHARED_STORAGE, None),
}


@pytest.mark.parametrize("name", PLANTS)
def test_the_short_way_and_the_general_way_agree(name, monkeypatch):
    what, horizon = PLANTS[name]
    program = compile_program(what, Run(horizon=horizon))
    short = simulate(program, 11, 2)
    assert any(plain.is_plain(state_of(program), unit) for unit in state_of(program).units)
    monkeypatch.setattr(plain, "is_plain", lambda state, unit: False)
    assert simulate(program, 11, 2) == short


def state_of(program):
    return State(program, 11, 2)
