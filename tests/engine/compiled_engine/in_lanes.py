"""Runs a small plant in the lanes of a GPU, or of Numba's simulator, and says how its records differ.

`python -m tests.engine.compiled_engine.in_lanes` prints the differences; nothing where there are none.
"""

from __future__ import annotations

from tests.engine.compiled_engine.alike import TABLES, of_table
from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.lanes import simulate_lanes
from twin.engine.simpy_engine import simulate
from twin.plant.scenario import Run

SMALL = plant(
    {
        "mill": {"failures": [{"clock": "running", "between": "3 h", "repair": "20 min", "work": "repeat"}]},
        "press": {"calendar": "days"},
    },
    operation("grind", "mill", "50 min", needs=["operator"]),
    operation("press", "press", "70 min", wait_in="rack", rework={"probability": 0.3, "to": "grind"}),
    lots=6,
    people={"operator": {"count": 1}},
    storage={"rack": {"capacity": 1}},
    calendars={"days": {"open": [{"days": "daily", "from": "06:00", "to": "18:00"}], "at_close": "suspend"}},
)

if __name__ == "__main__":
    program = compile_program(SMALL, Run())
    for replication, found in enumerate(simulate_lanes(program, 3, range(3))):
        expected = simulate(program, 3, replication)
        for name in TABLES:
            for difference in of_table(name, getattr(expected, name), getattr(found, name)):
                print(replication, difference)
    print("compared")
