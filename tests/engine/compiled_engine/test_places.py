"""Compiled functions count every place in their arrays from the front: none that they ask for is below 0.

They are run as plain Python, in a process of its own, on arrays that complain of such a place.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMPLAIN = """
import sys
import numpy as np
from twin.engine.compile import compile_program
from twin.engine.compiled_engine import image, memory, simulate
from twin.experiment.prepare import prepare

class Watched(np.ndarray):
    def __getitem__(self, place):
        assert not np.isscalar(place) or place >= 0, place
        return super().__getitem__(place)

    def __setitem__(self, place, value):
        assert not np.isscalar(place) or place >= 0, place
        super().__setitem__(place, value)

def watched(program):
    found = image.image(program)
    for name in ("integers", "reals"):
        object.__setattr__(found, name, getattr(found, name).view(Watched))
    return found

plain = memory.Layout.memory
memory.Layout.memory = lambda self: tuple(each.view(Watched) for each in plain(self))
simulate.image = watched
prepared = prepare(sys.argv[1], {"run.horizon": "5 days"})
record = simulate.simulate(compile_program(prepared.plant, prepared.run), 1)
print(record.states.num_rows)
"""


@pytest.mark.parametrize("plant", ["twin:solid_dose", "twin:tablet_line"])
def test_no_place_is_below_0(plant):
    plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run([sys.executable, "-c", COMPLAIN, plant], env=plain, capture_output=True, text=True)
    assert ran.stderr == ""
    assert int(ran.stdout) > 100
