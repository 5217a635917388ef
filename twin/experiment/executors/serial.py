"""The executor that computes in this process, one task after the other; the engines have threads."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from twin.experiment.executors.shape import Step, T, Work


@dataclass(frozen=True)
class Serial:
    """Computes here, with so many threads of the compiled engine."""

    threads: int = 1

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks in their order."""
        yield from work.compute(tasks, self.threads)
