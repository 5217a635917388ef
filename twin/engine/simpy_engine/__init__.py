"""The reference engine: a compiled plant stepped through SimPy's environment, instant by instant.

`simulate` runs one replication and returns its record. One file a rule: `instant` orders what is due,
`releases` lets lots in, `moves` hands them on, `starts` begins work, `work` takes it through its phases,
`stops` fails, repairs, closes and opens, `people` and `containers` are what work needs, `stuck` names a
deadlock. Rules that only some plants use install themselves through `hooks`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine.instant import run
from twin.engine.simpy_engine.state import State
from twin.engine.simpy_engine.stuck import SimulationError
from twin.physics.backend import Device, select

__all__ = ["SimulationError", "simulate"]


def simulate(program: Program, seed: int, replication: int = 0, device: Device = "cpu") -> Record:
    """Run one replication (numbered from 0) and return its record.

    Events are stepped on the CPU; `device` is where physics is computed. Raises `SimulationError` where lots
    wait and nothing can ever happen, or where time stands still; `DeviceError` for a GPU that is not there.
    """
    state = State(program, seed, replication, select(device))
    with _no_search_for_cycles():
        return state.recorder.record(run(state))


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Hold Python's collector of cycles, which would walk through a growing record again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
