"""Work that writes a file for each task, and does to its process what a test wants."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from twin.experiment.executors import Failure, Step, Task
from twin.experiment.executors.processes import THREADS


@dataclass(frozen=True)
class Notes:
    """Writes a line for each time that a task is computed; tasks named in `lethal` kill their process, the
    first time or always; those in `impossible` fail; those in `slow` take half a minute.
    """

    folder: Path
    lethal_once: tuple[str, ...] = ()
    lethal: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def compute(self, tasks: Iterable[Task], threads: int) -> Generator[Step, None, None]:
        """Compute tasks one by one."""
        for task in tasks:
            yield Step(begun=(task.identity,))
            note = self.folder / task.identity
            times = int(note.read_text(encoding="utf-8")) if note.exists() else 0
            if task.identity in self.lethal or (task.identity in self.lethal_once and not times):
                note.write_text("0" if task.identity in self.lethal else "1", encoding="utf-8")
                os.kill(os.getpid(), signal.SIGKILL)
            if task.identity in self.broken:
                raise OSError(28, "No space left on device")
            if task.identity in self.impossible:
                yield Step(failed=(Failure(task.identity, "the plant is stuck"),))
                continue
            until = time.monotonic() + (30 if task.identity in self.slow else 0)
            while time.monotonic() < until:
                yield Step()
            note.write_text(str(times + 1), encoding="utf-8")
            told = {name: os.environ.get(name) for name in (*THREADS, "CUDA_VISIBLE_DEVICES")}
            process = {"process": os.getpid(), "threads": threads, **told}
            (self.folder / f"{task.identity}.json").write_text(json.dumps(process), encoding="utf-8")
            yield Step(replications=task.replications)
            yield Step(finished=(task.identity,))

    def tidy(self, process: int) -> None:
        """Remember which process was tidied up after."""
        (self.folder / f"tidied-{process}").touch()


def tasks(count: int) -> list[Task]:
    """Tasks t1, t2, … of two replications each."""
    return [Task(f"t{number}", 2 * number - 1, 2 * number) for number in range(1, count + 1)]
