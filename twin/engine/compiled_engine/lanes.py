"""The network kernel on a GPU, one replication a lane, and in Numba's CUDA simulator.

The kernel and all its rules are those of the CPU, compiled for the GPU by `lanes_linking`. The numbers of
the `LANES` replications of a warp stand side by side, so that neighbouring lanes read neighbouring addresses.
When lanes stop, the card puts the numbers of each in a row, and their rows of the record, and what they ask
of physics, are dealt with here as on a CPU. A GPU has its own logarithm: a duration that it draws may round
to the neighbouring nanosecond, and durations handed over are kept exactly. Not measured on a GPU so far. It
stands apart so that only those who use one wait for Numba's CUDA part to start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import pairwise
from typing import Any

import numba.core.config
import numba.cuda
import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker
from twin.engine.compiled_engine import instant, rows
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Memory, Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.simulate import LOW_WORD, CannotGoOnError, Keeps, hand_over
from twin.engine.compiled_engine.tables import head
from twin.engine.fingerprint import engine_fingerprint
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import Takes, TakesRows
from twin.physics.backend import Device, select
from twin.physics.kernels.building import dispatchers_in_place
from twin.physics.kernels.lanes import keep_on_disk

cuda: Any = numba.cuda
config: Any = numba.core.config

LANES = 32  # whose numbers stand side by side: those of a warp, which is a block
MEMORY = 2**33  # bytes that replications side by side may take on the card, and half as much here
SHARE = 0.8  # of the card's free memory, at most

Integers = npt.NDArray[np.int64]


def _lay_out(s: Any, f: Any, whole: Any, reals: Any, count: int) -> None:
    """Give replications the first numbers of a layout."""
    lane = cuda.grid(1)
    if lane < count:
        for k in range(len(whole)):
            s[lane // LANES, k, lane % LANES] = whole[k]
        for k in range(len(reals)):
            f[lane // LANES, k, lane % LANES] = reals[k]


def _begin(p: Any, q: Any, s: Any, seed_low: int, seed_high: int, replications: Any) -> None:
    """Begin replications. Not with `_lay_out`: a kernel may read what nothing writes in it at any time."""
    lane = cuda.grid(1)
    if lane < len(replications):
        own = s[lane // LANES, :, lane % LANES]
        instant.begin(p, q, own, seed_low, seed_high, replications[lane])


def _run(p: Any, q: Any, s: Any, f: Any, status: Any) -> None:
    """Go on with those whose status is `ROWS_FULL`."""
    lane = cuda.grid(1)
    if lane < len(status) and status[lane] == head.ROWS_FULL:
        own, known = s[lane // LANES, :, lane % LANES], f[lane // LANES, :, lane % LANES]
        status[lane] = instant.run(p, q, own, known)


def _fetch(s: Any, f: Any, whole: Any, reals: Any) -> None:
    """Put each replication's numbers in a row."""
    lane = cuda.grid(1)
    if lane < len(whole):
        for k in range(s.shape[1]):
            whole[lane, k] = s[lane // LANES, k, lane % LANES]
        for k in range(f.shape[1]):
            reals[lane, k] = f[lane // LANES, k, lane % LANES]


def _put(s: Any, f: Any, whole: Any, reals: Any) -> None:
    """Put them back."""
    lane = cuda.grid(1)
    if lane < len(whole):
        for k in range(s.shape[1]):
            s[lane // LANES, k, lane % LANES] = whole[lane, k]
        for k in range(f.shape[1]):
            f[lane // LANES, k, lane % LANES] = reals[lane, k]


def _empty(s: Any, taken: Any) -> None:
    """Empty the stores of rows of those whose rows were taken."""
    lane = cuda.grid(1)
    if lane < len(taken) and taken[lane]:
        rows.rows_are_gone(s[lane // LANES, :, lane % LANES])


_LAY_OUT, _BEGIN, _RUN = cuda.jit(_lay_out), cuda.jit(_begin), cuda.jit(_run)
_FETCH, _PUT, _EMPTY = cuda.jit(_fetch), cuda.jit(_put), cuda.jit(_empty)


def simulate_lanes(
    program: Program, seed: int, replications: Sequence[int], device: Device = "cpu", memory: int = MEMORY
) -> list[Record]:
    """Run replications side by side on the GPU, and return their records; physics is computed on `device`.

    Raises `CannotGoOnError` where the SimPy engine would raise a `SimulationError`.
    """
    keeps = Keeps(image(program))
    for _, end in run_lanes(keeps, image(program), seed, replications, device, memory):
        if end is None:
            raise CannotGoOnError
    return [keeps.records[number] for number in replications]


def run_lanes(
    takes: TakesRows,
    of: Image,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    memory: int = MEMORY,
) -> Iterator[tuple[int, int | None]]:
    """Run replications, as many at once as their memory allows, their rows handed to what `takes` them;
    yields the number of each with its end in ns, none where it cannot go on.
    """
    asking = Asking(of, Broker(of.program, seed, select(device), plan=of.plan))
    begun, to_come = layout(of, Room()), list(replications)
    while to_come:
        count = _at_once(begun, memory)
        numbers, to_come = np.array(to_come[:count], dtype=np.int64), to_come[count:]
        status, ends = _run_some(takes, begun, asking, seed, numbers)
        again = numbers[status == head.TOO_SMALL].tolist()
        if again:
            begun, to_come = layout(of, begun.room.doubled()), again + to_come
        lost = numbers[~np.isin(status, (head.DONE, head.TOO_SMALL))].tolist()
        yield from [*ends, *((number, None) for number in lost)]


def _at_once(begun: Layout, memory: int) -> int:
    """How many replications: each stands on the card twice, the second time in a row."""
    free = cuda.current_context().get_memory_info().free
    return max(1, int(min(memory, SHARE * free) // (2 * begun.bytes)))


def _run_some(
    takes: TakesRows, begun: Layout, asking: Asking, seed: int, numbers: Integers
) -> tuple[Integers, list[tuple[int, int]]]:
    """Run replications side by side: the status of each, and when those that are done ended.

    As `simulate.run` does. The status is `STUCK` also where physics gives a visit no duration.
    """
    lanes, takers = _Lanes(begun, seed, numbers), _Takers(takes, begun.image, numbers)
    status, ends = np.full(len(numbers), head.ROWS_FULL), list[tuple[int, int]]()
    ran = np.arange(len(numbers))
    while len(ran):
        status = lanes.run(status)
        full, done = status[ran] == head.ROWS_FULL, status[ran] == head.DONE
        stopped, waiting = ran[full | done], np.flatnonzero(status == head.PHYSICS)
        asked = not full.any() and len(waiting) > 0
        if len(stopped) or asked:
            memory = lanes.fetch()
        if len(stopped):
            ends += takers.take(memory, stopped, ran[done])
            lanes.empty(np.isin(np.arange(len(numbers)), stopped))
        ran = ran[full]
        if asked:
            status[waiting] = head.ROWS_FULL
            status[asking.answer(memory, numbers, waiting)] = head.STUCK
            lanes.put(memory)
            ran = waiting[status[waiting] == head.ROWS_FULL]
    return status, ends


class _Takers:
    """Take the rows of replications, each in a thread those of some that stand side by side."""

    def __init__(self, takes: TakesRows, of: Image, numbers: Integers) -> None:
        self._of, self._numbers = of, numbers
        threads = min(os.cpu_count() or 1, len(numbers))
        edges = (len(numbers) * np.arange(threads + 1) // threads).tolist()
        self._parts = [
            (slice(first, last), takes.begin(numbers[first:last].tolist(), of.causes, of.entities))
            for first, last in pairwise(edges)
        ]

    def take(self, memory: Memory, stopped: Integers, ended: Integers) -> list[tuple[int, int]]:
        """Take the rows of those that `stopped`; the number and the end of those that `ended` among them."""

        def some(part: tuple[slice, Takes]) -> None:
            where, taken = part
            own = Memory(memory.s[where], memory.f[where])
            places = stopped[(stopped >= where.start) & (stopped < where.stop)] - where.start
            hand_over(self._of, own, places, np.ones(len(places), dtype=np.bool_), taken)
            over = ended[(ended >= where.start) & (ended < where.stop)] - where.start
            if len(over):
                taken.end(over.tolist(), own.s[over, head.NOW].tolist())

        with ThreadPoolExecutor(len(self._parts)) as threads:
            list(threads.map(some, self._parts))
        return list(zip(self._numbers[ended].tolist(), memory.s[ended, head.NOW].tolist(), strict=True))


class _Lanes:
    """Replications that stand on the card."""

    def __init__(self, begun: Layout, seed: int, numbers: Integers) -> None:
        self._blocks = -(-len(numbers) // LANES), LANES
        self._plan = cuda.to_device(begun.image.integers), cuda.to_device(begun.image.reals)
        blocks, count = self._blocks[0], len(numbers)
        self._own = (
            cuda.device_array((blocks, begun.size, LANES), np.int64),
            cuda.device_array((blocks, begun.reals_size, LANES), np.float64),
        )
        self._in_rows = (
            cuda.device_array((count, begun.size), np.int64),
            cuda.device_array((count, begun.reals_size), np.float64),
        )
        first = cuda.to_device(begun.integers), cuda.to_device(begun.reals)
        self._launch(_LAY_OUT, *self._own, *first, count)
        seeds = seed & LOW_WORD, seed >> 32
        self._launch(_BEGIN, *self._plan, self._own[0], *seeds, cuda.to_device(numbers))

    def run(self, status: Integers) -> Integers:
        """Go on with those whose `status` is `ROWS_FULL`, and say of each why it stopped."""
        on_device = cuda.to_device(status)
        self._launch(_RUN, *self._plan, *self._own, on_device)
        return np.array(on_device.copy_to_host())

    def fetch(self) -> Memory:
        """The numbers of all replications."""
        self._launch(_FETCH, *self._own, *self._in_rows)
        return Memory(*(each.copy_to_host() for each in self._in_rows))

    def put(self, memory: Memory) -> None:
        """Have these numbers instead."""
        for there, here in zip(self._in_rows, memory, strict=True):
            there.copy_to_device(here)
        self._launch(_PUT, *self._own, *self._in_rows)

    def empty(self, which: npt.NDArray[np.bool_]) -> None:
        """Forget the rows of some."""
        self._launch(_EMPTY, self._own[0], cuda.to_device(which))

    def _launch(self, kernel: Any, *arguments: Any) -> None:
        with _parts_in_place():
            kernel[self._blocks](*arguments)


def _parts_in_place() -> AbstractContextManager[None]:
    """Have the modules' functions compiled for lanes, where they are compiled at all."""
    if config.ENABLE_CUDASIM:
        return dispatchers_in_place()
    _keep_code()
    from twin.engine.compiled_engine.lanes_linking import part  # which needs the CUDA part of Numba itself

    return dispatchers_in_place(part)


@cache
def _keep_code() -> None:
    """Have the kernels' machine code kept on disk, for this very code of the engines."""
    keep_on_disk((_LAY_OUT, _BEGIN, _RUN, _FETCH, _PUT, _EMPTY), engine_fingerprint())
