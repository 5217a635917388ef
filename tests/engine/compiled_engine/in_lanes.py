"""Runs a small plant in the lanes of a GPU, or of Numba's simulator, and says how its records differ.

`python -m tests.engine.compiled_engine.in_lanes` prints the differences; `compared` where there are none.
"""

from __future__ import annotations

from tests.engine.compiled_engine.alike import TABLES, of_table
from tests.engine.plants import operation, plant
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.lanes import run_lanes, simulate_lanes
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.compiled_engine.replications import simulate_into
from twin.engine.simpy_engine import simulate
from twin.experiment.folding import Folder
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
    two_at_once = 5 * layout(image(program), Room()).bytes  # of which each stands on the card twice
    for replication, found in enumerate(simulate_lanes(program, 3, range(3), memory=two_at_once)):
        expected = simulate(program, 3, replication)
        for name in TABLES:
            for difference in of_table(name, getattr(expected, name), getattr(found, name)):
                print(replication, difference)
    folder, expected = Folder(program), Folder(program)
    assert len(list(run_lanes(folder, image(program), 3, range(3)))) == 3
    assert len(list(simulate_into(expected, program, 3, range(3)))) == 3
    if not folder.table().equals(expected.table()):
        print("The sums differ.")
    print("compared")
