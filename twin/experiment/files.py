"""The one writer: a file or folder appears whole or not at all, on every platform.

Written under a temporary name beside its place, flushed to the disk, then renamed; the rename is tried again
a few times, as virus scanners and indexers hold new files for moments on Windows.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

ATTEMPTS = 6
PATIENCE = 0.05  # s before the second attempt, doubled for each further one
PREFIX = ".writing-"
LEFTOVER_AFTER = 3600.0  # s after which a temporary name is nobody's any more


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, replacing what is there; raises OSError where that is impossible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        persist(lambda: temporary.replace(path))
        _flush_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` as UTF-8 with the line ends it has."""
    write_bytes(path, text.encode())


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Fill a folder under a temporary name; it takes its place when the block ends, or vanishes with an
    error.

    A folder that is there already stays: whoever came first has written the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            flush(file)
        _flush_folder(temporary)
        if not path.exists():
            _take_place(temporary, path)
            _flush_folder(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def link(source: Path, target: Path) -> None:
    """Give an immutable file a second name, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def remove_leftovers(folder: Path, pids: Collection[int] = ()) -> None:
    """Remove what was being written in a folder by processes that have ended, or that is older than an
    hour.
    """
    for path in folder.glob(f"{PREFIX}*") if folder.is_dir() else ():
        pid = path.name.removeprefix(PREFIX).partition("-")[0]
        try:
            if (pid.isdecimal() and int(pid) in pids) or time.time() - path.stat().st_mtime > LEFTOVER_AFTER:
                shutil.rmtree(path, ignore_errors=True)
                path.unlink(missing_ok=True)
        except OSError:  # it took its place, or was removed, meanwhile
            continue


def flush(path: Path) -> None:
    """Have the file's content on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def persist(action: Callable[[], object], attempts: int = ATTEMPTS) -> None:
    """Run an action that another program may block for a moment; raises its PermissionError after the last
    attempt.
    """
    for attempt in range(attempts):
        try:
            action()
        except PermissionError:
            if attempt == attempts - 1:
                raise
            threading.Event().wait(PATIENCE * 2**attempt)
        else:
            return


def _take_place(temporary: Path, path: Path) -> None:
    """Rename a folder, leaving the one that another process has put there meanwhile."""
    try:
        persist(lambda: temporary.rename(path))
    except OSError:
        if not path.exists():
            raise


def _temporary(path: Path) -> Path:
    return path.parent / f"{PREFIX}{os.getpid()}-{uuid.uuid4().hex[:12]}"


def _flush_folder(folder: Path) -> None:
    """Have the folder's entries on the disk, where the platform can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
