"""The executor that is taken where nobody asks for one: it computes the first task here, and then knows.

Starting processes takes seconds, in which a small plant is done; where more work is left than that, the rest
goes to as many processes as there are cores. The compiled engine has threads of its own and stays here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from itertools import chain, islice

from twin.experiment.executors.processes import Processes
from twin.experiment.executors.serial import Serial
from twin.experiment.executors.shape import Executor, Step, T, Work
from twin.experiment.executors.standing import Standing

WORTH_PROCESSES = 5.0  # s of work left, from which on starting processes pays


def cores(workers: int | None = None) -> int:
    """How many processes or threads are wanted: as given, else as there are cores for this process."""
    if workers is not None:
        return workers
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Adaptive:
    """Computes here, or the most of it in `workers` processes where that pays: in those of `standing`, where
    there is to be another question.
    """

    workers: int
    standing: Standing | None = None

    def steps(self, work: Work[T], tasks: Iterable[T], replications: int) -> Generator[Step, None, None]:
        """Compute all tasks, the first one in this process where no others wait."""
        if self.standing is not None and self.standing.is_ready:
            yield from self.standing.steps(work, tasks, replications)
            return
        rest = iter(tasks)
        began, done, timed = time.perf_counter(), 0, 0
        for step in work.compute(islice(rest, 1), 1):
            if step.replications and not done and step.replications < replications:
                began, timed = time.perf_counter(), -step.replications  # libraries are loaded by then
            done += step.replications
            yield step
        timed += done
        left = (time.perf_counter() - began) / max(timed, 1) * (replications - done)
        following = next(rest, None)
        if following is None:
            return
        pays = self.workers > 1 and left > WORTH_PROCESSES
        executor: Executor = (self.standing or Processes(self.workers)) if pays else Serial()
        yield from executor.steps(work, chain([following], rest), replications - done)
