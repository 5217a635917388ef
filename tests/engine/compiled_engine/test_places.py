"""What the compiler is told of the arrays: no place is below 0, and what is fixed is never written.

The compiled functions are run as plain Python, in a process of its own, on arrays that complain.
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
from twin.engine.compiled_engine.tables import head
from twin.experiment.prepare import prepare

class Watched(np.ndarray):
    fixed = frozenset()  # places that are not written

    def __array_finalize__(self, other):
        self.fixed = getattr(other, "fixed", frozenset())

    def __getitem__(self, place):
        assert not np.isscalar(place) or place >= 0, place
        return super().__getitem__(place)

    def __setitem__(self, place, value):
        assert not np.isscalar(place) or place >= 0, place
        assert not np.isscalar(place) or place not in self.fixed, place
        super().__setitem__(place, value)

def watched(program):
    found = image.image(program)
    for name in ("integers", "reals"):
        object.__setattr__(found, name, getattr(found, name).view(Watched))
    return found

plain = memory.Layout.memory
def memory_watched(self, count):
    s, f = plain(self, count)
    s = s.view(Watched)
    s.fixed = head.FIXED
    return memory.Memory(s, f.view(Watched))

memory.Layout.memory = memory_watched
simulate.image = watched
prepared = prepare(sys.argv[1], {"run.horizon": "3 days"})
record = simulate.simulate(compile_program(prepared.plant, prepared.run), 1)
print(record.states.num_rows)
"""


@pytest.mark.parametrize("plant", ["twin:solid_dose", "twin:tablet_line"])
def test_no_place_is_below_0_and_nothing_fixed_is_written(plant):
    plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run([sys.executable, "-c", COMPLAIN, plant], env=plain, capture_output=True, text=True)
    assert ran.stderr == ""
    assert int(ran.stdout) > 100
