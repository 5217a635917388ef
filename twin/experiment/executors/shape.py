"""What executors have in common: the task, the work that tasks belong to, and the executor itself.

A work is pickled once for each process; it computes tasks and puts each result where it belongs, so that no
result crosses a process border: what comes back are the tasks' identities. Whoever writes an executor for
another kind of machine needs nothing but this page.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from twin.engine.broker import Counts


@dataclass(frozen=True)
class Task:
    """Replications `first` to `last` of one plant; `identity` is the hash of what they compute."""

    identity: str
    first: int
    last: int

    @property
    def replications(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Failure:
    """A task that cannot be computed, and why."""

    task: str
    message: str


@dataclass(frozen=True)
class Step:
    """Progress: replications done since the last step; identities of the tasks that are computed from now on,
    and of those whose results are on the disk; those that failed; how often physics was asked.
    """

    replications: int = 0
    begun: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    physics: Counts | None = None


T = TypeVar("T", bound=Task)
W_contra = TypeVar("W_contra", bound=Task, contravariant=True)


class Work(Protocol[W_contra]):
    """What tasks are of; picklable."""

    def compute(self, tasks: Iterable[W_contra], threads: int) -> Generator[Step, None, None]:
        """Compute tasks in order, with so many threads.

        A task is finished when its result is on the disk, whole. One that cannot be computed is a failed
        step, and the others go on. Closing the generator keeps what is done of what is begun, as far as that
        takes no time.
        """
        ...

    def tidy(self, process: int) -> None:
        """A process has died, or was ended, while it computed: remove what it was writing."""
        ...


class Executor(Protocol):
    """Computes the tasks of a work, in any order."""

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks, yielding as they come along; closing the generator stops.

        Args:
            work: what the tasks are of.
            tasks: taken as there is somebody to compute them, so that they may be made on the way.
            replications: how many they have together, as far as that is known.
        """
        ...
