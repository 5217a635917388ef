"""Opening the workspace's SQLite files: the index of runs, the queue of jobs and the audit trail."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 30  # s; how long a writer waits for another one


@contextmanager
def opened(file: Path, create: str) -> Iterator[sqlite3.Connection]:
    """Open a database in write-ahead mode, made by `create` where it is new; closed at the end.

    Statements commit one by one unless a transaction is begun. Raises `sqlite3.Error` where it cannot.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)
    try:
        database.execute("pragma journal_mode = wal")
        database.executescript(create)
        yield database
    finally:
        database.close()
