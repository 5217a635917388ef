"""Emulators on disk, by content: a second run with equal inputs finds what the first one made.

A file is named by its key and holds a line that says what it is, SHA-256 of the rest, and the emulator's
bytes. It is written under another name and then renamed, so that no reader sees half of it; one that is
damaged counts as none and is made anew. Where no folder can be written to, emulators are made without being
kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from twin.physics.emulation.emulator import Emulator

MARK = b"twin emulator 1\n"


def key_of(words: Mapping[str, object]) -> str:
    """Return the key of what these words say, plain data without NaN: the same words, the same key.

    >>> key_of({"model": "milling"}) == key_of({"model": "milling"}) != key_of({"model": "drying"})
    True
    """
    text = json.dumps(words, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def user_folder() -> Path:
    """Return the folder in which programs of this user keep what can be made again, as each system has it."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "plant-twin" / "emulators"


def kept(folder: Path, key: str, make: Callable[[], Emulator]) -> Emulator:
    """Return the emulator of this key: the one that the folder has, else what `make` gives, put there."""
    file = folder / f"{key}.emulator"
    found = _read(file)
    if found is None:
        found = make()
        with contextlib.suppress(OSError):  # a folder that cannot be written to keeps nothing
            _write(file, found.to_bytes())
    return found


def _read(file: Path) -> Emulator | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    head = len(MARK) + 32
    if content[: len(MARK)] != MARK or hashlib.sha256(content[head:]).digest() != content[len(MARK) : head]:
        return None
    return Emulator.from_bytes(content[head:])


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(MARK + hashlib.sha256(content).digest() + content)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
