"""Replications side by side: each is stepped until it waits for physics, then all are answered at once.

A replication on its own is the same with one. How many are alive at a time is bounded by their memory; it
changes how many lots there are in a call, and no byte of a record.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from twin.engine.broker import Broker, Counts
from twin.engine.broker.desk import Desk
from twin.engine.broker.round import answer_round, expectation
from twin.engine.program import Program
from twin.engine.record import Record
from twin.engine.rows import TakesRows, hand_over
from twin.engine.simpy_engine.broker import waiting
from twin.engine.simpy_engine.instant import run
from twin.engine.simpy_engine.memory import alive_at_once, bytes_of
from twin.engine.simpy_engine.state import State
from twin.engine.situation import Situation
from twin.engine.snapshot import Snapshot, program_hash
from twin.physics.backend import Device, select

# The first replication runs alone, and tells how many may be alive; a second one where it took longer than so
# many s, because it may have waited for functions to be compiled.
MOST_ALONE, LONG = 2, 1.0


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
    opened = _opened(program, start)
    broker = Broker(opened, seed, select(device))
    with _no_search_for_cycles():
        live = _Live(opened, broker, seed, replication, start, at)
        while not live.step():
            answer_round(broker, [waiting(live.state)])
        snapshot = live.snapshot
        if snapshot is not None and opened is not program:
            snapshot = replace(snapshot, program=program_hash(program))
        return live.record(), snapshot


def simulate_all(
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
    most: int | None = None,
    counts: Counts | None = None,
) -> Iterator[tuple[int, Record]]:
    """Run replications, and yield each with its number as it ends.

    At most `most` of them are alive at a time; by default one where there is no physics to wait for, else as
    many as `memory` says once the first has run. `counts` goes on counting calls. Raises as `simulate` does.
    """
    for live in _ended(program, seed, replications, device, start, most, counts):
        yield live.state.streams.replication, live.record()


def simulate_into(
    takes: TakesRows,
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device = "cpu",
    start: Snapshot | Situation | None = None,
    most: int | None = None,
    counts: Counts | None = None,
) -> Iterator[tuple[int, int]]:
    """`simulate_all`, with the rows handed to what `takes` them; yields each number with its end in ns."""
    for live in _ended(program, seed, replications, device, start, most, counts):
        number, recorder = live.state.streams.replication, live.state.recorder
        causes = [name for name, _ in recorder.causes()]
        hand_over(takes, number, causes, recorder.entities(), recorder.block(), live.end, recorder.begins)
        yield number, live.end


def _ended(
    program: Program,
    seed: int,
    replications: Sequence[int],
    device: Device,
    start: Snapshot | Situation | None,
    most: int | None,
    counts: Counts | None,
) -> Iterator[_Live]:
    """Run replications, and yield each as it ends."""
    opened = _opened(program, start)
    broker = Broker(opened, seed, select(device), counts)
    cycle = _Cycle(opened, broker, seed, start, replications)
    cycle.most = most or 1
    alone = MOST_ALONE if most is None and broker.plan else 0
    began, ended = time.perf_counter(), 0
    while cycle.alive or cycle.to_come:
        for live in cycle.turn():
            if alone:
                seconds = time.perf_counter() - began
                alone = alone - 1 if seconds > LONG else 0
                if not alone:
                    cycle.most = alive_at_once(bytes_of(live.state), seconds)
            yield live
            ended += 1
            began = time.perf_counter()
        if cycle.most > 1 and ended >= cycle.most:
            ended = 0
            gc.collect()  # what has ended hangs together in circles


class _Live:
    """A replication between its start and its end."""

    __slots__ = ("_run", "end", "snapshot", "state")

    def __init__(
        self,
        program: Program,
        broker: Broker,
        seed: int,
        replication: int,
        start: Snapshot | Situation | None,
        at: int | None = None,
    ) -> None:
        self.state = State(program, seed, replication, Desk(broker))
        self._run = run(self.state, start, at)
        self.end = 0  # ns
        self.snapshot: Snapshot | None = None

    def step(self) -> bool:
        """Go on until it waits for physics; whether it has ended."""
        try:
            next(self._run)
        except StopIteration as ended:
            self.end, self.snapshot = ended.value
            return True
        return False

    def record(self) -> Record:
        """Its record, once it has ended."""
        return self.state.recorder.record(self.end)


class _Cycle:
    """Those that are alive and all answered, and those to come."""

    def __init__(
        self,
        program: Program,
        broker: Broker,
        seed: int,
        start: Snapshot | Situation | None,
        replications: Sequence[int],
    ) -> None:
        self._program, self._broker, self._seed, self._start = program, broker, seed, start
        self.to_come = list(reversed(replications))
        self.alive: list[_Live] = []
        self.most = 1
        self._expected: list[int] = []

    def turn(self) -> list[_Live]:
        """Step all to where they wait, new ones too, and have them answered; returns what has ended."""
        ended: list[_Live] = []
        with _no_search_for_cycles():
            stepped, self.alive = self.alive, []
            self._step(stepped, ended)
            while self.to_come and len(self.alive) < self.most and len(ended) < self.most:
                new = _Live(self._program, self._broker, self._seed, self.to_come.pop(), self._start)
                self._step([new], ended)
            waits = [waiting(live.state) for live in self.alive]
            answer_round(self._broker, waits, self._expected)
        return ended

    def _step(self, ready: Sequence[_Live], ended: list[_Live]) -> None:
        for live in ready:
            if live.step():
                ended.append(live)
                if not self._expected:
                    self._expected = expectation(waiting(live.state))
            else:
                self.alive.append(live)


def _opened(program: Program, start: Snapshot | Situation | None) -> Program:
    return start.opening(program) if isinstance(start, Situation) else program


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
