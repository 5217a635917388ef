"""What runs in a spawned process: takes packets of tasks from a pipe and sends steps back, until told to
stop.

Loads nothing but the standard library before the work arrives, whose libraries then find the number of
threads in the environment. Interrupts are left to the parent; when that has ended, however it ended, this
process ends too. Nothing is to be tidied up at its end, where what is finished lies on the disk: it ends at
once.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from twin.experiment.executors.shape import Step, Task

EVERY = 0.1  # s between steps that say nothing but how many replications are done


@dataclass(frozen=True)
class Idle:
    """A packet is done; it took so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Broken:
    """The work itself failed: a full disk, a defect."""

    error: Exception


def main(connection: Connection, threads: int) -> None:
    """Compute packets until an empty one comes, or the other end is gone; then the process has ended."""
    _compute(connection, threads)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # freeing libraries and compiled code piece by piece would take most of a second


def _compute(connection: Connection, threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    work: Any = None
    try:
        while (packet := connection.recv_bytes()) != b"":
            if work is None:
                work = pickle.loads(packet)
                continue
            if not _computed(work, pickle.loads(packet), threads, connection):
                return
            if not gc.get_freeze_count():
                _leave_alone_what_is_loaded()
    except (EOFError, BrokenPipeError):
        return


def _computed(work: Any, tasks: Sequence[Task], threads: int, connection: Connection) -> bool:
    """Compute a packet; False where the parent wants an end."""
    began, told, silent = time.monotonic(), time.monotonic(), 0
    steps = work.compute(tasks, threads)
    try:
        for step in steps:
            silent += step.replications
            if step != Step(step.replications) or time.monotonic() - told > EVERY:
                connection.send(replace(step, replications=silent))
                silent, told = 0, time.monotonic()
            if connection.poll():  # while a packet is computed, nothing but the end is sent
                steps.close()
                return False
    except Exception as error:  # whatever it is, the parent is to say it
        connection.send(Broken(_picklable(error)))
        return False
    connection.send(Step(silent))
    connection.send(Idle(time.monotonic() - began))
    return True


def _leave_alone_what_is_loaded() -> None:
    """Keep the collector of garbage off the libraries, which stay: it would go through them time and again,
    and through what is new every 700 objects.
    """
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def _picklable(error: Exception) -> Exception:
    """The error, or what it says where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # an error may refuse in any way it likes
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
