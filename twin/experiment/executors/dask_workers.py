"""The executor that computes on the workers of a Dask scheduler, each of which sees the folder that work
writes to.

What crosses the network is the work, pickled, packets of tasks, and what became of them; results go to the
disk where they belong. A packet whose worker is lost goes to another worker, which is Dask's own doing; where
it has taken several workers along, its tasks are tried alone, and one that does so again is given up, by
name. Needs the extra `dask`; whoever opens the client, checks workers and closes it is `sweeps/cluster.py`.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from twin.experiment.executors.packets import Packets
from twin.experiment.executors.shape import Failure, Step, T, Work

if TYPE_CHECKING:
    from twin.engine.broker import Counts

AHEAD = 2  # packets that a worker has: one that it computes, and the next
LETHAL = 2  # times that a task alone has taken several workers along, after which it is given up

_works: dict[str, Any] = {}  # of this process, which is a worker then: the one that it computes for
_ONE_PACKET = (
    threading.Lock()
)  # at a time, whatever the number of the worker's threads: they are the engine's


class StrangerError(RuntimeError):
    """A worker is not what it has to be."""


@dataclass(frozen=True)
class Done:
    """What became of a packet."""

    replications: int
    finished: tuple[str, ...]
    failed: tuple[Failure, ...]
    physics: Counts | None
    seconds: float


@dataclass(frozen=True)
class Dask:
    """Computes on the workers of `client`. `complaint` is called on a worker before each packet and says what
    is wrong with it; empty: nothing.
    """

    client: Any  # of `distributed`, which tells its types in part
    complaint: Callable[[], str]

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks; raises what the work raises on a worker, `StrangerError` for a worker that may
        not compute, and RuntimeError where the scheduler is gone.
        """
        crew = _Crew(self, pickle.dumps(work), Packets(tasks, replications, max(self.workers, 1)))
        try:
            while crew.deal(AHEAD * max(self.workers, 1)):
                yield from crew.heard()
        finally:
            crew.dismiss()

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self.client.nthreads())


class _Crew(Generic[T]):
    """The packets that are out."""

    def __init__(self, executor: Dask, pickled: bytes, packets: Packets[T]) -> None:
        from distributed import as_completed

        self._executor, self._pickled, self._packets = executor, pickled, packets
        self._out: dict[Any, list[T]] = {}
        self._back = as_completed(loop=executor.client.loop)
        self._alone: list[T] = []  # tasks to be tried alone
        self._trying = False  # whether one is
        self._deaths: Counter[str] = Counter()

    def deal(self, most: int) -> bool:
        """Hand out packets until so many are out; whether any is. Dask lays the loss of a worker on all that
        it had: what is tried alone is out alone.
        """
        while len(self._out) < (1 if self._alone or self._trying else most):
            self._trying = bool(self._alone)
            packet = [self._alone.pop()] if self._alone else self._packets.take()
            if not packet:
                break
            future = self._executor.client.submit(
                compute_packet, self._pickled, packet, self._executor.complaint, pure=False
            )
            self._out[future] = packet
            self._back.add(future)
        return bool(self._out)

    def heard(self) -> Generator[Step, None, None]:
        """Wait for a packet to come back, and say what became of it."""
        from distributed.scheduler import KilledWorker

        future = next(self._back)
        packet = self._out.pop(future)
        self._trying = self._trying and bool(self._out)
        if future.status == "finished":
            done: Done = future.result()
            self._packets.measured(done.replications, done.seconds)
            yield Step(done.replications, (), done.finished, done.failed, done.physics)
            return
        if future.status != "error":  # lost or cancelled: the scheduler has been started anew, or has ended
            self._check_scheduler()
            yield from self._again(packet)
            return
        error = future.exception()
        if not isinstance(error, KilledWorker):
            raise error
        yield from self._again(packet)

    def _again(self, packet: Sequence[T]) -> Generator[Step, None, None]:
        """Try the tasks of a packet alone; give up one that was alone already."""
        if len(packet) == 1:
            self._deaths[packet[0].identity] += 1
            if self._deaths[packet[0].identity] >= LETHAL:
                message = "Worker after worker was lost while it computed this; it is not tried again."
                yield Step(failed=(Failure(packet[0].identity, message),))
                return
        self._alone += packet

    def _check_scheduler(self) -> None:
        if self._executor.client.status != "running":
            raise RuntimeError("The scheduler is gone; what its workers have finished is kept.")

    def dismiss(self) -> None:
        """Take back what is not begun; workers end the packet that they are at, and keep its results."""
        if self._out and self._executor.client.status == "running":
            self._executor.client.cancel(list(self._out))


def compute_packet(pickled: bytes, packet: Sequence[Any], complaint: Callable[[], str]) -> Done:
    """Compute a packet of tasks in this process, a worker's. Raises what the work raises, and
    `StrangerError`.
    """
    wrong = complaint()
    if wrong:
        raise StrangerError(wrong)
    with _ONE_PACKET:
        began = time.monotonic()
        steps = list(_work(pickled).compute(packet, _threads()))
    asked = [step.physics for step in steps if step.physics is not None]
    for other in asked[1:]:
        asked[0].add(other)
    return Done(
        sum(step.replications for step in steps),
        tuple(task for step in steps for task in step.finished),
        tuple(failure for step in steps for failure in step.failed),
        asked[0] if asked else None,
        time.monotonic() - began,
    )


def _work(pickled: bytes) -> Any:
    """The work, unpickled once."""
    name = hashlib.sha256(pickled).hexdigest()
    if name not in _works:
        _works.clear()
        _works[name] = pickle.loads(pickled)
    return _works[name]


def _threads() -> int:
    """How many threads this worker was given."""
    from distributed import get_worker

    return int(get_worker().state.nthreads)
