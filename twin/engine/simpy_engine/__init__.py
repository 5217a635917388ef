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
from dataclasses import replace

from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.simpy_engine.instant import run
from twin.engine.simpy_engine.state import State
from twin.engine.simpy_engine.stuck import SimulationError
from twin.engine.situation import Situation
from twin.engine.snapshot import Snapshot, program_hash
from twin.physics.backend import Device, select

__all__ = ["SimulationError", "simulate", "simulate_and_keep"]


def simulate(
    program: Program,
    seed: int,
    replication: int = 0,
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
) -> Record:
    """Run one replication (numbered from 0), and return its record.

    It begins with nothing inside, or at `start`. Events are stepped on the CPU; `device` is where physics is
    computed. Raises `SimulationError` where lots wait and nothing can ever happen, or where time stands
    still; `DeviceError` for a GPU that is not there; `SnapshotError` for a snapshot that does not fit.
    """
    return simulate_and_keep(program, seed, replication, None, device, start)[0]


def simulate_and_keep(
    program: Program,
    seed: int,
    replication: int,
    at: int | None,
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
) -> tuple[Record, Snapshot | None]:
    """`simulate`, and the snapshot of `at` ns; none where the run ended before."""
    opened = start.opening(program) if isinstance(start, Situation) else program
    state = State(opened, seed, replication, select(device))
    with _no_search_for_cycles():
        end, snapshot = run(state, start, at)
        if snapshot is not None and opened is not program:
            snapshot = replace(snapshot, program=program_hash(program))
        return state.recorder.record(end), snapshot


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
