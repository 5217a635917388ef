"""What is wrong with an input, said so that an engineer can mend it.

A `Problem` is one complaint with its place; `InputError` carries all of a file's complaints at once.
Every layer raises these for wrong input and nothing else; only the edges (command line, app) print them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]

MOST = 1000  # problems of one sort that are looked for; a file with more is wrong as a whole


@dataclass(frozen=True, order=True)
class Problem:
    """One complaint: `file` as the user named it, 1-based `line` and `column` (0: the whole file)."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def as_dict(self) -> dict[str, str | int]:
        """The form printed under `--json`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
        }


class InputError(Exception):
    """The input is wrong: carries every `Problem`, sorted by place. Exit code 2 at the command line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(p.message for p in self.problems))


@dataclass(frozen=True)
class Complaint:
    """A complaint that knows a place in the plant (`path`), not yet in a file.

    `path` holds mapping keys and sequence indices from the root, for example
    `("recipes", "tablet", "operations", 2, "compress", "on", 0)`; `offset` counts characters inside a
    scalar, and `at_key` points at a key instead of its value. A document turns it into a `Problem`.
    """

    path: Path
    message: str
    hint: str = ""
    offset: int = 0
    at_key: bool = False


class ComplaintError(Exception):
    """Raised by code that sees the plant but not its file: carries every `Complaint`."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("; ".join(c.message for c in self.complaints))
