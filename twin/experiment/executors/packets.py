"""Tasks dealt out in packets of some seconds of work, judged by how long replications have taken last.

Large enough that handing over costs nothing beside the work, small towards the end so that nobody waits long
for the last one; tasks that follow each other, as those of one plant do, stay together where that is a matter
of some more, because what they have in common is then made once. What a packet holds decides nothing of any
result.
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
        self._next: T | None = None  # taken from the tasks, and not yet dealt out
        self._again: deque[T] = deque()
        self._left = replications
        self._workers = workers
        self._each: float | None = None  # s of a replication, as long as that is known

    def measured(self, replications: int, seconds: float) -> None:
        """A worker has taken so long for so many replications."""
        if replications:
            self._each = seconds / replications

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
        while (task := self._peek()) is not None and len(packet) < MOST:
            follows = bool(packet) and task.first == packet[-1].last + 1
            if size >= (2 * wanted if follows else wanted):
                break
            packet.append(self._counted(task))
            size += task.replications
            self._next = None
        return packet

    def _peek(self) -> T | None:
        """The task that comes next; none at the end."""
        if self._next is None:
            self._next = next(self._tasks, None)
        return self._next

    def _wanted(self) -> float:
        """Replications in the next packet: one task until it is known how long they take."""
        if self._each is None:
            return 1
        share = self._left / (2 * self._workers)
        return max(min(share, SECONDS / self._each if self._each > 0 else share), 1)

    def _counted(self, task: T) -> T:
        self._left = max(self._left - task.replications, 0)
        return task
