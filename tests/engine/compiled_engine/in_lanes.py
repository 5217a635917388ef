"""Runs a small plant in the lanes of a GPU, or of Numba's simulator, and says how its records differ.

`python -m tests.engine.compiled_engine.in_lanes` prints the differences; `compared` where there are none.
"""

from __future__ import annotations

from tests.engine.compiled_engine.alike import TABLES, of_table
from tests.engine.compiled_engine.lanes_plant import SEED, SMALL
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.image import image
from twin.engine.compiled_engine.lanes import run_lanes, simulate_lanes
from twin.engine.compiled_engine.memory import Room, layout
from twin.engine.compiled_engine.replications import simulate_into
from twin.engine.simpy_engine import simulate
from twin.experiment.folding import Folder
from twin.plant.scenario import Run

if __name__ == "__main__":
    program = compile_program(SMALL, Run())
    two_at_once = 5 * layout(image(program), Room()).bytes  # of which each stands on the card twice
    for replication, found in enumerate(simulate_lanes(program, SEED, range(3), memory=two_at_once)):
        expected = simulate(program, SEED, replication)
        for name in TABLES:
            for difference in of_table(name, getattr(expected, name), getattr(found, name)):
                print(replication, difference)
    folder, expected = Folder(program), Folder(program)
    assert len(list(run_lanes(folder, image(program), SEED, range(3)))) == 3
    assert len(list(simulate_into(expected, program, SEED, range(3)))) == 3
    if not folder.table().equals(expected.table()):
        print("The sums differ.")
    print("compared")
