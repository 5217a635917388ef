"""The network kernel on a GPU, one replication a lane, and in Numba's CUDA simulator.

The kernel and all its rules are those of the CPU, compiled for the GPU as they are. A replication's numbers
stand in a column, so that neighbouring lanes read neighbouring addresses. A GPU has its own logarithm: a
duration that it draws may round to the neighbouring nanosecond, and durations handed over are kept exactly.
Plants without physics; run in the simulator so far, not measured on a GPU. It stands apart so that only those
who use one wait for Numba's CUDA part to start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba.cuda
import numpy as np

from twin.engine.compiled_engine import instant
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Memory, Room, layout
from twin.engine.compiled_engine.simulate import LOW_WORD, CannotGoOnError, Keeps, hand_over
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.physics.kernels.building import dispatchers_in_place

cuda: Any = numba.cuda

LANES_A_BLOCK = 32


def _begin(p: Any, q: Any, s: Any, seed_low: int, seed_high: int, replications: Any) -> None:
    lane = cuda.grid(1)
    if lane < len(replications):
        instant.begin(p, q, s[:, lane], seed_low, seed_high, replications[lane])


def _run(p: Any, q: Any, s: Any, f: Any, status: Any) -> None:
    lane = cuda.grid(1)
    if lane < len(status) and status[lane] == head.ROWS_FULL:
        status[lane] = instant.run(p, q, s[:, lane], f[:, lane])


_BEGIN, _RUN = cuda.jit(_begin), cuda.jit(_run)


def simulate_lanes(program: Program, seed: int, replications: Sequence[int]) -> list[Record]:
    """Run replications side by side on the GPU, and return their records.

    Raises `CannotGoOnError` where one is stuck, or waits for physics.
    """
    of = image(program)
    begun = layout(of, Room())
    while True:
        with dispatchers_in_place():
            found = _attempt(of, begun, seed, replications)
        if found is not None:
            return found
        begun = layout(of, begun.room.doubled())


def _attempt(of: Image, begun: Layout, seed: int, replications: Sequence[int]) -> list[Record] | None:
    """The records; none where the memory of a replication is too small."""
    lanes = len(replications)
    blocks = -(-lanes // LANES_A_BLOCK), LANES_A_BLOCK
    p, q = cuda.to_device(of.integers), cuda.to_device(of.reals)
    one = begun.memory(1)
    begun.lay_out(one)
    s = cuda.to_device(np.repeat(one.s.T, lanes, 1))
    f = cuda.to_device(np.repeat(one.f.T, lanes, 1))
    numbers = cuda.to_device(np.array(replications, dtype=np.int64))
    _BEGIN[blocks](p, q, s, seed & LOW_WORD, seed >> 32, numbers)
    status = np.full(lanes, head.ROWS_FULL)
    keeps = Keeps(of)
    kept = keeps.begin(replications, of.causes, of.entities)
    while (status == head.ROWS_FULL).any():
        on_device = cuda.to_device(status)
        _RUN[blocks](p, q, s, f, on_device)
        ran = status == head.ROWS_FULL
        status = on_device.copy_to_host()
        if (status == head.TOO_SMALL).any():
            return None
        if not np.isin(status, (head.DONE, head.ROWS_FULL)).all():
            raise CannotGoOnError
        memory = Memory(np.ascontiguousarray(s.copy_to_host().T), np.ascontiguousarray(f.copy_to_host().T))
        lanes_ran = np.flatnonzero(ran)
        hand_over(of, memory, lanes_ran, status[lanes_ran] == head.DONE, kept)
        s = cuda.to_device(np.ascontiguousarray(memory.s.T))
    kept.end(range(lanes), memory.s[:, head.NOW].tolist())
    return [keeps.records[number] for number in replications]
