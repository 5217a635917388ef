"""The fingerprint of the code that computes: part of a run's identity, so a changed rule is a new run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

COMPUTING = ("plant", "physics", "engine")
PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint(package: Path, parts: Iterable[str] = COMPUTING) -> str:
    """BLAKE2b-128 of every Python and YAML file of these parts of a package, by name and content, in hex; a
    part is a folder, or a file.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        whole = package / part
        found = [whole] if whole.is_file() else whole.rglob("*")
        files = (f for f in found if f.suffix in {".py", ".yaml"})
        for file in sorted(files, key=lambda f: f.relative_to(package).as_posix()):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """The fingerprint of the running code."""
    return fingerprint(PACKAGE)


@cache
def engine_fingerprint() -> str:
    """The fingerprint of the engines' code, under which their compiled functions are kept."""
    return fingerprint(PACKAGE, ("engine",))
