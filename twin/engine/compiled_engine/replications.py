"""Many replications: some run side by side in each thread, and are answered by physics at once.

How many run side by side is bounded by their memory; it changes how many lots there are in a call of physics,
and no byte of a record. Threads are asked every now and then which replications have ended.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from queue import Empty, SimpleQueue
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from twin.engine.broker import Broker, Counts
from twin.engine.compiled_engine.image import Image, image
from twin.engine.compiled_engine.memory import Layout, Memory, Room, layout
from twin.engine.compiled_engine.physics import Asking
from twin.engine.compiled_engine.simulate import Ended, Ends, Keeps, Watch, run
from twin.engine.compiled_engine.tables import head
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import TakesRows
from twin.engine.simpy_engine import simulate as simulate_reference
from twin.engine.simpy_engine import simulate_into as simulate_into_reference
from twin.physics.backend import Device, select
from twin.physics.kernels.launch import in_threads

MEMORY = 2**30  # bytes that all replications alive may take together
SPARE = 2**26  # bytes, at most, of what a thread took that are kept for the next run
# Side by side in a thread: as many as make calls of physics worth their while, or calls of the kernel.
MOST_THAT_WAIT, MOST = 256, 32
FEWEST_THAT_WAIT = 96
REPORT = 0.5  # s, after which a thread is asked for the replications that have ended

Integers = npt.NDArray[np.int64]
Said: TypeAlias = "Future[Ended] | Ends"  # a thread is through, or some replications have ended


def simulate_all(
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, Record]]:
    """Run replications, and yield the record of each with its number as it ends.

    In `threads` at a time, as many as there are cores where none is given. Raises `SimulationError` as the
    SimPy engine does, and whose words it has: it runs what cannot go on once more.
    """
    of = image(program)
    keeps = Keeps(of)
    for number, end in run_all(keeps, of, seed, replications, device, counts, threads):
        if end is None:
            yield number, simulate_reference(program, seed, number, device)
        else:
            yield number, keeps.records.pop(number)


def simulate_into(
    takes: TakesRows,
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, int]]:
    """`simulate_all`, with the rows handed to what `takes` them, in the threads that make them; yields each
    number with its end in ns.
    """
    for number, end in run_all(takes, image(program), seed, replications, device, counts, threads):
        if end is None:
            yield from simulate_into_reference(takes, program, seed, [number], device)
        else:
            yield number, end


def run_all(
    takes: TakesRows,
    of: Image,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Iterator[tuple[int, int | None]]:
    """Run replications, their rows handed to what `takes` them; yields the number of each with its end in ns,
    none where it cannot go on.
    """
    count = threads or os.cpu_count() or 1
    said: SimpleQueue[Said] = SimpleQueue()
    begun = layout(of, Room())
    idle = [_Worker(takes, begun, seed, device, said) for _ in range(count)]
    workers, pool = list(idle), _threads(count)
    to_come = list(reversed(replications))
    running: dict[Future[Ended], _Worker] = {}
    ends: list[tuple[int, int | None]] = []
    words = _listen(said, workers)
    try:
        while True:
            while to_come and idle:
                under_way = sum(worker.left(workers) for worker in running.values())
                share = _side_by_side(begun, len(to_come), count, len(replications), under_way)
                worker = idle.pop()
                worker.begins(_next(to_come, share))
                future = pool.submit(worker.run, begun)
                running[future] = worker
                future.add_done_callback(said.put)
            yield from ends  # while threads run
            ends.clear()
            if not running:
                break
            word = next(words)
            if isinstance(word, list):
                ends += word
                continue
            worker = running.pop(word)
            idle.append(worker)
            again = _is_through(word.result(), worker.numbers.tolist(), ends)
            if again:
                begun = max(begun, layout(of, worker.room.doubled()), key=lambda each: each.bytes)
                to_come += again
    finally:  # an error, an interrupt, or nobody wants more: what runs is at its end before anybody goes on
        for worker in workers:
            worker.watch.stop()
        wait(running)
        for worker in workers:
            worker.leaves_memory()
    if counts is not None:
        for worker in workers:
            counts.add(worker.counts)


def _is_through(ended: Ended, numbers: list[int], ends: list[tuple[int, int | None]]) -> list[int]:
    """Put those that have ended, or cannot go on, among `ends`; which of them have to begin anew."""
    ends += ended.ends
    over = head.DONE, head.TOO_SMALL
    ends += [(number, None) for number, why in zip(numbers, ended.status, strict=True) if why not in over]
    return [number for number, why in zip(numbers, ended.status, strict=True) if why == head.TOO_SMALL]


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """So many threads, which wait for the next replications: points of a sweep are milliseconds apart."""
    return ThreadPoolExecutor(count)


def _listen(said: SimpleQueue[Said], workers: Iterable[_Worker]) -> Iterator[Said]:
    """What threads say, all of them asked time and again."""
    asked = time.monotonic()
    while True:
        try:
            word = said.get(timeout=max(asked + REPORT - time.monotonic(), 0.0))
        except Empty:
            asked = time.monotonic()
            for worker in workers:
                worker.watch.ask()
        else:
            yield word


def _spared() -> Memory | None:
    """Memory that a run has left, if any."""
    try:
        return _spare.pop()
    except IndexError:
        return None


_spare: deque[Memory] = deque(maxlen=os.cpu_count())


class _Worker:
    """Runs replications side by side, time after time, in one thread at a time."""

    def __init__(
        self, takes: TakesRows, begun: Layout, seed: int, device: Device, said: SimpleQueue[Said]
    ) -> None:
        self.watch = Watch(said.put)
        self.counts = Counts()
        self.room = begun.room
        self._takes, self._of, self._seed = takes, begun.image, seed
        broker = Broker(begun.image.program, seed, select(device), self.counts, begun.image.plan)
        self._asking = Asking(begun.image, broker)
        self.numbers, self._began = _next([], 0), 0.0  # of the replications that run, and since when
        self.pace = 0.0  # s that one took when it last ran some; 0: not known
        self._memory = _spared()

    def begins(self, numbers: Integers) -> None:
        """These replications are about to run."""
        self.numbers, self._began = numbers, time.monotonic()

    def left(self, workers: Iterable[_Worker]) -> float:
        """How many of those that run are still to be computed, as far as the pace of all tells."""
        pace = self.pace or max(each.pace for each in workers)
        done = (time.monotonic() - self._began) / pace if pace else 0.0
        return max(len(self.numbers) - done, 0.0)

    def run(self, begun: Layout) -> Ended:
        """Run replications to their end."""
        ended = self._run(begun, self.numbers)
        self.pace = (time.monotonic() - self._began) / len(self.numbers)
        return ended

    def _run(self, begun: Layout, numbers: Integers) -> Ended:
        self.room = begun.room
        taken = self._takes.begin(numbers.tolist(), self._of.causes, self._of.entities)
        memory = begun.memory(len(numbers), self._memory)
        if self._memory is None or not np.may_share_memory(memory.s, self._memory.s):
            self._memory = memory
        with in_threads(1):
            return run(begun, memory, self._asking, self._seed, numbers, taken, self.watch)

    def leaves_memory(self) -> None:
        """Leave what it took to the next run, unless that is much."""
        if self._memory is not None and self._memory.s.nbytes + self._memory.f.nbytes <= SPARE:
            _spare.append(self._memory)


def _side_by_side(begun: Layout, to_come: int, threads: int, all_of_them: int, under_way: float) -> int:
    """How many replications a thread runs side by side: what memory holds, and no more than has all threads
    end together, where `under_way` are still to be computed in others; but with physics so many that a call
    of a model is about some lots, and all where hardly any would be left.
    """
    has_physics = any(operation.physics for operation in begun.image.program.operations)
    most = min(MOST_THAT_WAIT if has_physics else MOST, max(1, MEMORY // threads // begun.bytes))
    left = math.ceil(to_come + under_way)
    turns = -(-left // (threads * most))
    least = min(FEWEST_THAT_WAIT, -(-all_of_them // threads), most) if has_physics else 1
    share = max(least, -(-left // (threads * turns)))
    rest = to_come - share
    return to_come if 2 * rest < least and to_come <= most else share


def _next(to_come: list[int], count: int) -> Integers:
    """Take so many off a list, from its end."""
    return np.array([to_come.pop() for _ in range(min(count, len(to_come)))], dtype=np.int64)
