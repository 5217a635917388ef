"""Keeps workers alive: one supervisor for each workspace, guarded by a lock file, replaces a worker that
died.

The app starts one. A second app on the same workspace stands by, and takes over when the first ends. Workers
are processes of their own, started afresh and never forked, and end with their supervisor.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from twin.experiment.jobs import Queue
from twin.experiment.locking import locked

LOCK = "jobs.lock"
LOOK = 0.5  # s between looks at the workers; a dead one is replaced well within 5 s
PATIENCE = 5.0  # s that a worker has to end before it is killed


class Supervisor:
    """Runs workers for a workspace from a thread of this process, from `start` to `stop`."""

    def __init__(self, workspace: Path, workers: int = 1, processes: int | None = None) -> None:
        """`workers` jobs at a time, each with `processes` processes; default: the cores shared among them."""
        self.workspace = workspace
        self.processes = processes or max((os.cpu_count() or 1) // workers, 1)
        self.queue = Queue(workspace)
        self._count = workers
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> Supervisor:
        """Begin, or stand by while another process supervises this workspace."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the workers and wait until they have ended."""
        self._stop.set()
        self._thread.join()

    @property
    def worker_ids(self) -> list[int]:
        """Process ids of the live workers; empty while standing by."""
        return [process.pid for process in list(self._workers.values()) if process.poll() is None]

    def __enter__(self) -> Supervisor:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _supervise(self) -> None:
        self.workspace.mkdir(parents=True, exist_ok=True)
        with (self.workspace / LOCK).open("a+b") as lock:
            while not locked(lock):
                if self._stop.wait(LOOK):
                    return
            try:
                while not self._stop.is_set():
                    self._replace_dead()
                    self._stop.wait(LOOK)
            finally:
                self._end_workers()

    def _replace_dead(self) -> None:
        for name, process in list(self._workers.items()):
            if process.poll() is not None:
                self.queue.release(name)
                del self._workers[name]
        while len(self._workers) < self._count:
            name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
            self._workers[name] = self._spawn(name)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "twin.experiment.worker"]
        command += ["--workspace", str(self.workspace), "--name", name, "--processes", str(self.processes)]
        return subprocess.Popen(command, stdin=subprocess.PIPE)

    def _end_workers(self) -> None:
        for process in self._workers.values():
            if process.stdin is not None:
                process.stdin.close()
        for name, process in self._workers.items():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.queue.release(name)
        self._workers.clear()
