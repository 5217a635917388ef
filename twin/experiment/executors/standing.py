"""The executor of whoever asks again and again: its processes wait for the next question, as long as the work
is the same.

Starting a process and loading what it computes with takes seconds, and a search asks a hundred times. The
processes end when the work changes, when a question is broken off, when nobody holds the executor any more,
and with this process.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from typing import Any

from twin.experiment.executors.packets import Packets
from twin.experiment.executors.processes import Crew
from twin.experiment.executors.shape import Step, T, Work


@dataclass(eq=False)
class Standing:
    """Computes in `workers` processes with so many threads each, which it keeps."""

    workers: int
    threads: int = 1
    _crews: list[Crew[Any]] = field(default_factory=list)  # the one that waits, if one does

    def __post_init__(self) -> None:
        # Of priority 0, so that at the end of this process it comes before processes are waited for.
        Finalize(self, _dismiss, args=(self._crews,), exitpriority=0)

    @property
    def is_ready(self) -> bool:
        """Whether processes wait for a question."""
        return bool(self._crews)

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks, as `Processes` does."""
        packets = Packets(tasks, replications, self.workers)
        if not self._crews or self._crews[0].work != work:
            _dismiss(self._crews)
            self._crews.append(Crew(work, self.threads, packets))
        crew, answered = self._crews[0], False
        crew.packets = packets
        try:
            while crew.deal(self.workers):
                yield from crew.heard()
            answered = True
        finally:
            if not answered:
                _dismiss(self._crews)


def _dismiss(crews: list[Crew[Any]]) -> None:
    while crews:
        crews.pop().dismiss()
