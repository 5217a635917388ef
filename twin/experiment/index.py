"""The workspace's index: which runs and chunks there are, to be found fast. Rebuilt from the folders on
request.

It is a cache and never an authority: a chunk is looked up in its folder before it is used, and a run's line
holds only as long as its manifest is the file that was read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from twin.experiment.database import opened
from twin.experiment.store import MANIFEST, Chunk, RunFolder, Workspace, read_chunk

FILE = "index.sqlite"
_CREATE = """
create table if not exists runs (
  run text primary key, plant text, scenario text, replications integer, at text, stamp integer);
create table if not exists chunks (identity text, run text, first integer, last integer, primary key
(identity, run));
create table if not exists evaluations (key text, folder text, primary key (key, folder));
"""

_INSERT = "insert or replace into runs values (?, ?, ?, ?, ?, ?)"
Row = tuple[str, str, str | None, int, str, int]


class RunLine(NamedTuple):
    """A finished run in a list: `at` is when it finished, in UTC."""

    run: str
    plant: str
    scenario: str | None
    replications: int
    at: str


def note_chunk(workspace: Workspace, run_id: str, chunk: Chunk) -> None:
    """Remember where a chunk lies."""
    with opened(workspace.runs / FILE, _CREATE) as database:
        _insert_chunk(database, run_id, chunk)


def find_chunk(workspace: Workspace, identity: str) -> Chunk | None:
    """A finished and undamaged chunk of this identity in any run of the workspace, or None."""
    if not (workspace.runs / FILE).is_file():
        return None
    with opened(workspace.runs / FILE, _CREATE) as database:
        rows = database.execute(
            "select run, first, last from chunks where identity = ?", (identity,)
        ).fetchall()
    for run_id, first, last in rows:
        chunk = read_chunk(workspace.run_folder(run_id).chunk_folder(first, last))
        if chunk is not None and chunk.identity == identity and not chunk.damages():
            return chunk
    return None


def note_evaluations(workspace: Workspace, folder: Path, keys: Iterable[str]) -> None:
    """Remember that a folder of the workspace holds small results of these keys."""
    with opened(workspace.runs / FILE, _CREATE) as database:
        database.execute("begin immediate")
        _insert_evaluations(database, workspace, folder, keys)
        database.execute("commit")


def find_evaluations(workspace: Workspace) -> dict[str, list[Path]]:
    """Key → folders of the workspace that are said to hold small results of it."""
    found: dict[str, list[Path]] = {}
    if (workspace.runs / FILE).is_file():
        with opened(workspace.runs / FILE, _CREATE) as database:
            for key, name in database.execute("select key, folder from evaluations order by folder"):
                found.setdefault(key, []).append(workspace.path / name)
    return found


def find_runs(workspace: Workspace, prefix: str) -> list[RunFolder]:
    """Finished runs whose id begins with `prefix`, from the folders themselves."""
    exact = workspace.run_folder(prefix)
    if exact.finished():
        return [exact]
    return [run for run in workspace.run_folders() if run.path.name.startswith(prefix)]


def list_runs(workspace: Workspace) -> tuple[list[RunLine], list[Path]]:
    """Every finished run, newest first; manifests that the index has not seen as they are now are read. Those
    that cannot be read are left out, and named beside.
    """
    unreadable: list[Path] = []
    if not workspace.runs.is_dir():
        return [], unreadable
    with opened(workspace.runs / FILE, _CREATE) as database:
        known = {row[0]: row for row in database.execute("select * from runs")}
        rows: list[Row] = []
        new: list[Row] = []
        for name, stamp in _finished(workspace):
            row = known.get(name)
            if row is None or row[5] != stamp:
                row = _row(workspace.run_folder(name))
                new += [] if row is None else [row]
            if row is None:
                unreadable.append(workspace.run_folder(name).path / MANIFEST)
            else:
                rows.append(row)
        if new:  # in one transaction: a flush to the disk for each of many takes minutes
            database.execute("begin immediate")
            database.executemany(_INSERT, new)
            database.execute("commit")
    rows.sort(key=itemgetter(4, 0), reverse=True)
    return [RunLine._make(row[:5]) for row in rows], unreadable


def reindex(workspace: Workspace) -> tuple[int, int]:
    """Build the index anew from manifests, chunks and small results; the numbers of runs and chunks."""
    from twin.experiment.sweeps.sharing import keys_by_folder  # which asks this index itself

    workspace.runs.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        (workspace.runs / f"{FILE}{suffix}").unlink(missing_ok=True)
    runs = chunks = 0
    with opened(workspace.runs / FILE, _CREATE) as database:
        database.execute("begin immediate")
        for path in sorted(p for p in workspace.runs.iterdir() if p.is_dir()):
            folder = RunFolder(path)
            for chunk in folder.chunks():
                _insert_chunk(database, path.name, chunk)
                chunks += 1
            row = _row(folder) if folder.finished() else None
            if row is not None:
                database.execute(_INSERT, row)
                runs += 1
        for path, keys in keys_by_folder(workspace):
            _insert_evaluations(database, workspace, path, keys)
        database.execute("commit")
    return runs, chunks


def _insert_chunk(database: sqlite3.Connection, run_id: str, chunk: Chunk) -> None:
    row = (chunk.identity, run_id, chunk.first, chunk.last)
    database.execute("insert or replace into chunks values (?, ?, ?, ?)", row)


def _insert_evaluations(
    database: sqlite3.Connection, workspace: Workspace, folder: Path, keys: Iterable[str]
) -> None:
    name = folder.relative_to(workspace.path).as_posix()
    database.executemany("insert or replace into evaluations values (?, ?)", [(key, name) for key in keys])


def _row(folder: RunFolder) -> Row | None:
    """A run's line in the index, from its manifest; None where that cannot be read."""
    try:
        manifest = folder.manifest()
        names = (manifest["plant"], manifest["scenario"], manifest["replications"])
        return (folder.path.name, *names, manifest["made"]["at"], _stamp(folder))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _finished(workspace: Workspace) -> Iterator[tuple[str, int]]:
    """Name and stamp of each finished run: one look at the disk for each, as there may be many."""
    runs = str(workspace.runs)
    for name in os.listdir(runs):  # noqa: PTH208  # a path object for each of them takes longer than the look
        try:
            yield name, os.stat(f"{runs}{os.sep}{name}{os.sep}{MANIFEST}").st_mtime_ns  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            continue


def _stamp(folder: RunFolder) -> int:
    return (folder.path / MANIFEST).stat().st_mtime_ns
