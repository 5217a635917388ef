"""The audit trail: who did what and when, in a chain of hashes that shows any later change.

Each entry's hash covers its content and the hash before it. `audit.sqlite` lies in the workspace; every entry
point (command line, Python, app, worker) calls `record`. A chain alone cannot show that its newest entries
were cut off: the head printed in manifests and reports can, and `verify` takes it.
"""

from __future__ import annotations

import getpass
import hashlib
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from twin.experiment.database import opened
from twin.experiment.identity import canonical

FILE = "audit.sqlite"
GENESIS = "0" * 64
_FIELDS = ("number", "at", "who", "what", "before", "after", "why", "previous")
_CREATE = """create table if not exists entries (
  number integer primary key, at text not null, who text not null, what text not null,
  before text not null, after text not null, why text not null, previous text not null, hash text not null)"""


@dataclass(frozen=True)
class Entry:
    """One line of the trail: `at` in UTC, `before` and `after` as hashes or ids, `hash` over all else."""

    number: int
    at: str
    who: str
    what: str
    before: str
    after: str
    why: str
    previous: str
    hash: str

    def computed_hash(self) -> str:
        """The hash that this entry's content should have."""
        content = {name: value for name, value in asdict(self).items() if name in _FIELDS}
        return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True)
class Verification:
    """The outcome of `verify`: the complaint is empty where the chain holds."""

    entries: int
    head: str
    complaint: str = ""

    @property
    def sound(self) -> bool:
        """Whether the chain holds."""
        return not self.complaint


def current_user() -> str:
    """Name of the person or service that acts: `TWIN_USER` where set, else the operating system's user."""
    named = os.environ.get("TWIN_USER")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no entry in the password database, or no such database
        return "unknown"


def record(
    workspace: Path, what: str, *, before: str = "", after: str = "", why: str = "", who: str | None = None
) -> Entry:
    """Append an entry and return it; its hash is the new head. Raises sqlite3.Error where the trail is
    unwritable.
    """
    workspace.mkdir(parents=True, exist_ok=True)
    with opened(workspace / FILE, _CREATE) as database:
        database.execute("begin immediate")
        row = database.execute("select number, hash from entries order by number desc limit 1").fetchone()
        number, previous = (row[0] + 1, row[1]) if row else (1, GENESIS)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = Entry(number, at, who or current_user(), what, before, after, why, previous, "")
        entry = Entry(**{**asdict(entry), "hash": entry.computed_hash()})
        database.execute(f"insert into entries values ({','.join('?' * 9)})", tuple(asdict(entry).values()))
        database.execute("commit")
    return entry


def entries(workspace: Path) -> list[Entry]:
    """The whole trail in order; empty where there is none."""
    if not (workspace / FILE).exists():
        return []
    with opened(workspace / FILE, _CREATE) as database:
        rows = database.execute(f"select {', '.join(_FIELDS)}, hash from entries order by number").fetchall()
    return [Entry(*row) for row in rows]


def verify(workspace: Path, head: str | None = None) -> Verification:
    """Recompute the chain; with `head`, also demand that this hash is one of its entries, so that nothing is
    cut off.
    """
    previous, trail = GENESIS, entries(workspace)
    for number, entry in enumerate(trail, start=1):
        if entry.number != number:
            return Verification(len(trail), previous, f"Entry {number} is missing.")
        if entry.previous != previous:
            return Verification(len(trail), previous, f"Entry {number} does not follow entry {number - 1}.")
        if entry.hash != entry.computed_hash():
            return Verification(len(trail), previous, f"Entry {number} was changed after it was written.")
        previous = entry.hash
    if head is not None and head not in {entry.hash for entry in trail} | {GENESIS}:
        return Verification(
            len(trail), previous, f"No entry has the hash {head}: the trail was cut or replaced."
        )
    return Verification(len(trail), previous)
