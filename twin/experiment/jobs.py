"""The one queue: jobs in an SQLite database of the workspace, claimed by workers under a lease.

A job is a prepared run; its key is the run's identity, so equal inputs of two users are one job with two
watchers. A worker claims a job, renews its lease with each heartbeat, and finishes it; a job whose lease has
run out, or whose worker was seen to die, goes to another worker, which finds the finished chunks. The queue
is
bounded: `submit` says so when it is full. SQLite's write-ahead log lets all processes of one machine share
    it;
on a network drive it does not hold.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from twin.experiment.database import opened

FILE = "jobs.sqlite"
LEASE = 20.0  # s without a heartbeat after which a job is anyone's
ATTEMPTS = 3
CAPACITY = 50  # jobs waiting or running

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OPEN = ("waiting", "running")

_CREATE = """
create table if not exists jobs (
  key text primary key, request text not null, label text not null, state text not null, created real not
  null, attempts integer not null, worker text, lease real, done integer not null, total integer not null,
  message text not null, finished real);
create table if not exists watchers (key text not null, who text not null, since real not null, primary key
(key, who));
"""


class QueueFullError(Exception):
    """The queue takes no more jobs for now; the text says how many it holds."""


@dataclass(frozen=True)
class Job:
    """A job as it stands: times in s since 1970, `done` of `total` replications, `message` where it
    failed.
    """

    key: str
    label: str
    state: State
    created: float
    attempts: int
    worker: str | None
    done: int
    total: int
    message: str
    watchers: tuple[str, ...]
    request: dict[str, Any] = field(repr=False)

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


@dataclass(frozen=True)
class Queue:
    """The queue of a workspace. `clock` gives s since 1970; tests bring their own."""

    workspace: Path
    capacity: int = CAPACITY
    clock: Callable[[], float] = time.time

    def submit(self, key: str, request: dict[str, Any], who: str, *, label: str = "", total: int = 0) -> Job:
        """Ask for a job and watch it. One that waits or runs is shared; one that has ended starts anew,
        which costs nothing where its result is still there.

        Raises:
            QueueFullError: as many jobs as the queue holds are waiting or running.
        """
        now = self.clock()
        with self._transaction() as database:
            row = database.execute("select state from jobs where key = ?", (key,)).fetchone()
            if row is None or row[0] not in OPEN:
                self._insert(database, key, request, label, total, now)
            database.execute("insert or ignore into watchers values (?, ?, ?)", (key, who, now))
        return self.get(key)

    def _insert(
        self,
        database: sqlite3.Connection,
        key: str,
        request: dict[str, Any],
        label: str,
        total: int,
        now: float,
    ) -> None:
        count = database.execute("select count(*) from jobs where state in (?, ?)", OPEN).fetchone()[0]
        if count >= self.capacity:
            raise QueueFullError(f"{count} jobs are waiting or running, and the queue holds {self.capacity}.")
        database.execute("delete from watchers where key = ?", (key,))
        database.execute(
            "insert or replace into jobs values (?, ?, ?, 'waiting', ?, 0, null, null, 0, ?, '', null)",
            (key, json.dumps(request), label, now, total),
        )

    def claim(self, worker: str) -> Job | None:
        """Take the oldest job that waits or whose worker fell silent; None where there is none.

        A job that has been claimed `ATTEMPTS` times without an end is failed instead: it brings its workers
        down.
        """
        now = self.clock()
        with self._transaction() as database:
            database.execute(
                "update jobs set state = 'failed', finished = ?, message = ? "
                "where state = 'running' and lease < ? and attempts >= ?",
                (now, f"The worker died {ATTEMPTS} times.", now, ATTEMPTS),
            )
            row = database.execute(
                "select key from jobs where state = 'waiting' or (state = 'running' and lease < ?) "
                "order by created, key limit 1",
                (now,),
            ).fetchone()
            if row is not None:
                database.execute(
                    "update jobs set state = 'running', worker = ?, lease = ?, attempts = attempts + 1 "
                    "where key = ?",
                    (worker, now + LEASE, row[0]),
                )
        return None if row is None else self.get(row[0])

    def heartbeat(self, key: str, worker: str, done: int | None = None, total: int | None = None) -> bool:
        """Renew the lease and store progress; False where the job is no longer this worker's: stop
        working on it.
        """
        with self._transaction() as database:
            changed = database.execute(
                "update jobs set lease = ?, done = coalesce(?, done), total = coalesce(?, total) "
                "where key = ? and worker = ? and state = 'running'",
                (self.clock() + LEASE, done, total, key, worker),
            )
        return changed.rowcount == 1

    def finish(self, key: str, worker: str) -> bool:
        """The job is done; False where it is no longer this worker's."""
        return self._end(key, worker, "done", "")

    def fail(self, key: str, worker: str, message: str) -> bool:
        """The job cannot be done; False where it is no longer this worker's."""
        return self._end(key, worker, "failed", message)

    def release(self, worker: str) -> int:
        """Let go of the jobs of a worker that died, so that another takes them at once; returns how many."""
        with self._transaction() as database:
            changed = database.execute(
                "update jobs set lease = 0 where worker = ? and state = 'running'", (worker,)
            )
        return changed.rowcount

    def cancel(self, key: str, who: str) -> bool:
        """Stop watching; the job itself is cancelled when nobody watches it any more. Returns whether it
        was.
        """
        with self._transaction() as database:
            database.execute("delete from watchers where key = ? and who = ?", (key, who))
            left = database.execute("select count(*) from watchers where key = ?", (key,)).fetchone()[0]
            if left:
                return False
            changed = database.execute(
                "update jobs set state = 'cancelled', finished = ?, worker = null "
                "where key = ? and state in (?, ?)",
                (self.clock(), key, *OPEN),
            )
        return changed.rowcount == 1

    def get(self, key: str) -> Job:
        """The job of a key; raises KeyError where there is none."""
        found = self._select("where key = ?", (key,))
        if not found:
            raise KeyError(key)
        return found[0]

    def jobs(self, *, open_only: bool = False) -> list[Job]:
        """All jobs, or those that wait or run, oldest first."""
        return self._select("where state in (?, ?)", OPEN) if open_only else self._select("", ())

    def _end(self, key: str, worker: str, state: State, message: str) -> bool:
        with self._transaction() as database:
            changed = database.execute(
                "update jobs set state = ?, message = ?, finished = ?, lease = null "
                "where key = ? and worker = ? and state = 'running'",
                (state, message, self.clock(), key, worker),
            )
        return changed.rowcount == 1

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Job]:
        names = (
            "key",
            "label",
            "state",
            "created",
            "attempts",
            "worker",
            "done",
            "total",
            "message",
            "request",
        )
        with opened(self.workspace / FILE, _CREATE) as database:
            rows = database.execute(
                f"select {', '.join(names)} from jobs {where} order by created, key", values
            ).fetchall()
            watching: dict[str, list[str]] = {}
            for key, who in database.execute("select key, who from watchers order by since, who"):
                watching.setdefault(key, []).append(who)
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [
            Job(
                **{
                    **job,
                    "watchers": tuple(watching.get(job["key"], ())),
                    "request": json.loads(job["request"]),
                }
            )
            for job in found
        ]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One change at a time over all processes; undone where it raises."""
        with opened(self.workspace / FILE, _CREATE) as database:
            database.execute("begin immediate")
            try:
                yield database
            except BaseException:
                database.execute("rollback")
                raise
            database.execute("commit")
