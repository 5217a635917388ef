"""Whether a file is still the one that was written: its SHA-256 against the one that stands beside it.

Chunks of runs, measures and the files of sweeps go through `checked` before they are read, so that a damaged
or half-written file is named and never read as data. What hashing costs is a part of what reading Parquet
costs (about 0.7 s a gigabyte, beside 2 s); a file is hashed once a process as long as its size and
time of change stay. Nothing is repaired here: `twin.experiment.verify` looks at whole runs and sweeps, and
computes anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from twin.plant.errors import InputError, Problem

REMEMBERED = 65_536  # files whose hash is kept in memory, some hundred bytes each
MISSING, UNREADABLE = "missing", "unreadable"
A_MANIFEST = "a run's manifest"  # what was expected of a file that is none
REPAIR = "`twin results verify RUN|SWEEP --repair` computes it anew."
SHOWN = 16  # digits of a hash in a sentence


@dataclass(frozen=True)
class Damage:
    """A file that is not what was written: the hash expected and the one found, or in words what is wrong."""

    file: Path
    expected: str
    found: str

    @property
    def sentence(self) -> str:
        """What is wrong with the file.

        >>> Damage(Path("a.parquet"), "f" * 64, "missing").sentence
        'This file is missing: its SHA-256 was ffffffffffffffff….'
        """
        expected = _short(self.expected)
        if self.found == MISSING:
            return f"This file is missing: its SHA-256 was {expected}."
        if self.found == UNREADABLE:
            return f"This file cannot be read: {expected} was expected."
        return f"This file is damaged: {_short(self.found)} was found where {expected} was expected."


class DamagedError(InputError):
    """Files that were to be read are not what was written; `damages` names each."""

    def __init__(self, damages: Sequence[Damage]) -> None:
        super().__init__([Problem(str(d.file), 0, 0, d.sentence, REPAIR) for d in damages])
        self.damages = tuple(damages)


def checked(file: Path, expected: str) -> Path:
    """The file, now that its SHA-256 is `expected`; raises DamagedError where it is another or missing."""
    damage = damage_of(file, expected)
    if damage is not None:
        raise DamagedError([damage])
    return file


def damage_of(file: Path, expected: str) -> Damage | None:
    """What is wrong with a file whose SHA-256 should be `expected`; None where nothing is."""
    found = sha256_of(file)
    return None if found == expected else Damage(file, expected, found)


def sha256_of(file: Path) -> str:
    """SHA-256 of a file in hexadecimal, or `missing` or `unreadable`."""
    try:
        status = file.stat()
        return _hash(str(file), status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        return MISSING
    except OSError:
        return UNREADABLE


@lru_cache(maxsize=REMEMBERED)
def _hash(file: str, size: int, changed: int) -> str:
    """Hash of a file of this size, last changed then."""
    with Path(file).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _short(text: str) -> str:
    is_hash = len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)
    return f"{text[:SHOWN]}…" if is_hash else text
