"""Tasks dealt out in packets of some seconds of work, judged by how long replications have taken so far.

Large enough that handing over costs nothing beside the work, small towards the end so that nobody waits long
for the last one. What a packet holds decides nothing of any result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic

from twin.experiment.executors.shape import T

SECONDS = 4.0  # of work in a packet
MOST = 2_000  # tasks in a packet


class Packets(Generic[T]):
    """Deals out tasks; tasks that come back are dealt out alone, and first."""

    def __init__(self, tasks: Iterable[T], replications: int, workers: int) -> None:
        """`replications` is how many all tasks have, as far as known."""
        self._tasks: Iterator[T] = iter(tasks)
        self._again: deque[T] = deque()
        self._left = replications
        self._workers = workers
        self._seconds = 0.0
        self._measured = 0

    def measured(self, replications: int, seconds: float) -> None:
        """A worker has taken so long for so many replications."""
        self._measured += replications
        self._seconds += seconds

    def put_back(self, tasks: Iterable[T]) -> None:
        """Tasks that were not finished."""
        for task in tasks:
            self._again.append(task)
            self._left += task.replications

    def take(self) -> list[T]:
        """The next packet; empty where there is nothing left."""
        if self._again:
            return [self._counted(self._again.popleft())]
        packet: list[T] = []
        size, wanted = 0, self._wanted()
        for task in self._tasks:
            packet.append(self._counted(task))
            size += task.replications
            if size >= wanted or len(packet) == MOST:
                break
        return packet

    def _wanted(self) -> float:
        """Replications in the next packet: one task until it is known how long they take."""
        if not self._measured:
            return 1
        each = self._seconds / self._measured
        share = self._left / (2 * self._workers)
        return min(share, SECONDS / each if each > 0 else share)

    def _counted(self, task: T) -> T:
        self._left = max(self._left - task.replications, 0)
        return task
