"""A worker process: claims jobs from the queue and runs them, until its supervisor ends.

Started by `supervisor.py` as `python -m twin.experiment.worker`; its standard input is a pipe that closes
when the supervisor is gone, however that went, and then the worker ends too. A job that was cancelled, or
taken over by another worker, is dropped at the next heartbeat; its finished chunks stay.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import threading
import traceback
from collections.abc import Generator
from pathlib import Path

from twin.engine.fingerprint import code_fingerprint
from twin.experiment.jobs import LEASE, Job, Queue
from twin.experiment.prepare import Prepared
from twin.experiment.results import Result
from twin.experiment.run import Progress, stream

IDLE = 0.3  # s between looks at an empty queue
HEARTBEAT = LEASE / 5  # s


def work(queue: Queue, worker: str, workers: int, stop: threading.Event) -> None:
    """Run jobs until `stop` is set."""
    while not stop.is_set():
        job = queue.claim(worker)
        if job is None:
            stop.wait(IDLE)
        else:
            run_job(queue, worker, job, workers, stop)


def run_job(queue: Queue, worker: str, job: Job, workers: int, stop: threading.Event) -> None:
    """Run one job to its end, or until it is cancelled, taken over, or `stop` is set."""
    mine = _Claim(queue, job.key, worker)
    try:
        prepared = Prepared.from_request(job.request)
        if prepared.batch["code"] != code_fingerprint():
            queue.fail(job.key, worker, "twin was updated after this job was asked for. Ask for it again.")
            return
        who = job.watchers[0] if job.watchers else None
        _follow(stream(prepared, workspace=queue.workspace, workers=workers, who=who, why="job"), mine, stop)
    except Exception as error:  # whatever a job raises fails that job and must not bring the worker down
        traceback.print_exc()
        queue.fail(job.key, worker, f"{type(error).__name__}: {error}")
    finally:
        mine.over.set()


class _Claim:
    """A job being worked on, with a thread that renews its lease between steps of progress."""

    def __init__(self, queue: Queue, key: str, worker: str) -> None:
        self.queue, self.key, self.worker = queue, key, worker
        self.over, self.lost = threading.Event(), threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def progress(self, step: Progress) -> None:
        """Store progress; sets `lost` where the job is no longer ours."""
        if not self.queue.heartbeat(self.key, self.worker, step.done, step.total):
            self.lost.set()

    def _beat(self) -> None:
        while not self.over.wait(HEARTBEAT):
            try:
                alive = self.queue.heartbeat(self.key, self.worker)
            except (
                sqlite3.OperationalError
            ):  # locked for longer than the timeout; the lease outlasts several beats
                continue
            if not alive:
                self.lost.set()


def _follow(steps: Generator[Progress, None, Result], mine: _Claim, stop: threading.Event) -> None:
    for step in steps:
        mine.progress(step)
        if mine.lost.is_set() or stop.is_set():
            steps.close()
            return
    mine.queue.finish(mine.key, mine.worker)


def main(arguments: list[str] | None = None) -> None:
    """Work for the supervisor at the other end of standard input."""
    parser = argparse.ArgumentParser(prog="twin.experiment.worker")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--processes", type=int, required=True)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the supervisor's to handle
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    work(Queue(given.workspace), given.name, given.processes, threading.Event())


def _end_with_supervisor() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
