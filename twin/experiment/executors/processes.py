"""The executor that computes in spawned processes of this machine, and survives the death of any of them.

A process that dies is replaced. What it had not finished goes to another, the task that it was at alone; a
task at which two processes have died is given up, by name. Libraries with threads of their own get the cores
of their process; of a GPU there is one owner, the first process, and the others do not see it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic

from twin.experiment.executors import child
from twin.experiment.executors.packets import Packets
from twin.experiment.executors.shape import Failure, Step, T, Work

LETHAL = 2  # deaths of processes at one task, after which it is given up
STILLBORN = 3  # deaths of processes in a row before they did anything
PATIENCE = 3.0  # s that processes have to keep what they have done when work stops
THREADS = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "ARROW_IO_THREADS",
)
"""What says how many threads a library has; Arrow's pool of the processor follows OpenMP's."""


@dataclass(frozen=True)
class Processes:
    """Computes in `workers` processes with so many threads each."""

    workers: int
    threads: int = 1

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks; raises what the work raises in a process, and RuntimeError where processes die
        before they do anything.
        """
        crew = Crew(work, self.threads, Packets(tasks, replications, self.workers))
        try:
            while crew.deal(self.workers):
                yield from crew.heard()
        finally:
            crew.dismiss()


@dataclass(eq=False)
class _Worker(Generic[T]):
    """A process, the packet it has, and what of it is begun and finished."""

    process: SpawnProcess
    connection: Connection
    packet: list[T]
    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    replications: int = 0

    def give(self, packet: list[T]) -> None:
        """Hand over a packet; a process that has died is noticed when it is listened to."""
        self.packet, self.begun, self.ended, self.replications = packet, set(), set(), 0
        with suppress(OSError):
            self.connection.send_bytes(pickle.dumps(packet))

    @property
    def unfinished(self) -> list[T]:
        """Tasks of the packet without an end."""
        return [task for task in self.packet if task.identity not in self.ended]


class Crew(Generic[T]):
    """The processes at work: deals packets, hears steps, replaces the dead."""

    def __init__(self, work: Work[T], threads: int, packets: Packets[T]) -> None:
        self.work, self.packets, self._threads = work, packets, threads
        self._pickled = pickle.dumps(work)
        self._context = multiprocessing.get_context("spawn")
        self._places: list[_Worker[T] | None] = []
        self._deaths: Counter[str] = Counter()
        self._stillborn = 0

    def deal(self, workers: int) -> bool:
        """Give every idle process a packet, starting those that are missing; whether any is at work."""
        self._places += [None] * (workers - len(self._places))
        for place, worker in enumerate(self._places):
            if worker is None or not worker.packet:
                packet = self.packets.take()
                if packet:
                    worker = worker or self._start(place)
                    self._places[place] = worker
                    worker.give(packet)
        return any(worker is not None and worker.packet for worker in self._places)

    def heard(self) -> Iterator[Step]:
        """Wait for processes to say something, and hand on their steps."""
        busy = [worker for worker in self._places if worker is not None and worker.packet]
        ready = set(wait([worker.connection for worker in busy]))
        for worker in busy:
            if worker.connection in ready:
                try:
                    message: Any = worker.connection.recv()
                except (EOFError, OSError, pickle.UnpicklingError):
                    yield from self._died(worker)
                else:
                    yield from self._said(worker, message)

    def _said(self, worker: _Worker[T], message: Any) -> Iterator[Step]:
        if isinstance(message, child.Broken):
            raise message.error
        if isinstance(message, child.Idle):
            self.packets.measured(worker.replications, message.seconds)
            worker.packet = []
            self._stillborn = 0
        else:
            worker.replications += message.replications
            worker.begun |= set(message.begun)
            worker.ended |= {*message.finished, *(failure.task for failure in message.failed)}
            yield message

    def _died(self, worker: _Worker[T]) -> Iterator[Step]:
        """Take back what a dead process had; of tasks that it was at, those that killed twice are failed."""
        worker.process.join()
        worker.connection.close()
        self._tidy(worker)
        self._places[self._places.index(worker)] = None
        self._stillborn = 0 if worker.begun else self._stillborn + 1
        if self._stillborn == STILLBORN:
            message = f"{STILLBORN} processes in a row ended before they computed anything"
            raise RuntimeError(f"{message}, the last one with {worker.process.exitcode}.")
        left = worker.unfinished
        self._deaths.update(task.identity for task in left if task.identity in worker.begun)
        lethal = [task for task in left if self._deaths[task.identity] >= LETHAL]
        self.packets.put_back(task for task in left if task not in lethal)
        if lethal:
            message = f"{LETHAL} processes ended while they computed this; it is not tried again."
            yield Step(failed=tuple(Failure(task.identity, message) for task in lethal))

    def _start(self, place: int) -> _Worker[T]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=child.main, args=(theirs, self._threads))
        with _environment(self._threads, owns_gpu=place == 0):
            process.start()
        theirs.close()
        worker: _Worker[T] = _Worker(process, ours, [])
        with suppress(OSError):
            ours.send_bytes(self._pickled)
        return worker

    def dismiss(self) -> None:
        """End all processes: those at work keep what they have done, within reason."""
        workers = [worker for worker in self._places if worker is not None]
        for worker in workers:
            with suppress(OSError):
                worker.connection.send_bytes(b"")
        until = time.monotonic() + PATIENCE
        for worker in workers:
            worker.process.join(max(until - time.monotonic(), 0.0))
            if worker.process.is_alive():
                worker.process.terminate()
                worker.process.join()
                self._tidy(worker)
            worker.connection.close()

    def _tidy(self, worker: _Worker[T]) -> None:
        if worker.process.pid is not None:
            self.work.tidy(worker.process.pid)


@contextmanager
def _environment(threads: int, *, owns_gpu: bool) -> Iterator[None]:
    """The environment that a process is started in, which is this one's for a moment."""
    wanted = dict.fromkeys(THREADS, str(threads)) | ({} if owns_gpu else {"CUDA_VISIBLE_DEVICES": ""})
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
