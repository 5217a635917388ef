"""From a file's data to a checked model, with every complaint about it at once.

Where the schema refuses parts of the data, the rest is validated without them, so that the rules between
parts can still speak; what the refused parts would have caused is not reported a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from twin.plant import changes as changing
from twin.plant.document import Document
from twin.plant.errors import MOST, Complaint, InputError, Path, Problem
from twin.plant.sentences import complaints_of, sentence
from twin.plant.shorthand import IN_A_FILE, Model
from twin.plant.units import WrongValueError

M = TypeVar("M", bound=Model)
Rules = Callable[[M, Mapping[str, Any]], Sequence[Complaint]]

_ROUNDS = 12


@dataclass(frozen=True)
class Origin:
    """Where a changed part was written: in `document` at `where`, or on the command line."""

    dotted: str
    value: object
    document: Document | None = None
    where: Path = ()
    path: Path = ()

    def problem(self, complaint: Complaint, inside: Path) -> Problem:
        """The complaint at the place of the change; `inside` leads from the change to what is meant."""
        if self.document is not None:
            return self.document.problem(replace(complaint, path=(*self.where, *inside)))
        column = 1 if inside else 1 + complaint.offset
        return Problem(f"--set {self.dotted}", 1, column, complaint.message, complaint.hint)


def checked(
    model: type[M], document: Document, data: Mapping[str, object], origins: Sequence[Origin], rules: Rules[M]
) -> tuple[M, tuple[Origin, ...]]:
    """Make the changes of `origins` in `data`, validate it by `model` and by `rules`.

    Returns the model and the origins with the paths that they changed. Raises `InputError`.
    """
    problems: list[Problem] = []
    made: list[Origin] = []
    for origin in origins:
        try:
            data, path = changing.change(data, model, origin.dotted, origin.value)
            made.append(replace(origin, path=_plain_path(path)))
        except WrongValueError as wrong:
            complaint = Complaint(
                (), f"The path `{origin.dotted}` {wrong.predicate}.", wrong.hint, at_key=True
            )
            problems.append(origin.problem(complaint, ()))
    found, complaints = validate(model, data, rules)
    problems += [place(complaint, document, made) for complaint in complaints]
    if problems or found is None:
        raise InputError(problems)
    return found, tuple(made)


def place(complaint: Complaint, document: Document, origins: Sequence[Origin]) -> Problem:
    """The complaint with its place: where the last change of that part was written, else in the document."""
    path = _plain_path(complaint.path)
    for origin in reversed(origins):
        if path[: len(origin.path)] == origin.path:
            return origin.problem(complaint, path[len(origin.path) :])
    return document.problem(complaint)


def validate(model: type[M], data: Mapping[str, Any], rules: Rules[M]) -> tuple[M | None, list[Complaint]]:
    """The model, as far as the data give one, and all complaints of schema and rules."""
    complaints: dict[Path, Complaint] = {}
    refused: list[Path] = []
    rest: Mapping[str, Any] = data
    for _ in range(_ROUNDS):
        try:
            found = model.model_validate(rest, context=IN_A_FILE, by_alias=True, by_name=False)
        except ValidationError as error:
            fresh = complaints_of(error, model)
            for complaint, path in fresh:
                if not _touches(path, refused):
                    complaints.setdefault(complaint.path, complaint)
            gone = [_removable(rest, path) for _, path in fresh]
            if () in gone or len(complaints) >= MOST:
                break
            refused += gone
            rest = _without(rest, gone)
            continue
        more = [c for c in rules(found, data) if not _touches(_plain_path(c.path), refused)]
        return found, [*complaints.values(), *more]
    return None, list(complaints.values())


def _plain_path(path: Path) -> Path:
    """A path without the indices that lead to one-key items, as pydantic gives it."""
    after = ("operations",)
    return tuple(
        part for i, part in enumerate(path) if not (isinstance(part, int) and i and path[i - 1] in after)
    )


def _touches(path: Path, refused: Sequence[Path]) -> bool:
    return any(path[: len(r)] == r or r[: len(path)] == path for r in map(_plain_path, refused))


def _child(data: Any, part: str | int) -> tuple[Any, Path] | None:
    """The part of the data one step on, and the path of that step."""
    if isinstance(data, Mapping):
        return (data[part], (part,)) if part in data else None
    if not isinstance(data, list):
        return None
    if isinstance(part, int):
        return (data[part], (part,)) if part < len(data) else None
    for index, item in enumerate(data):
        if isinstance(item, Mapping) and set(item) == {part}:
            return item[part], (index, part)
    return None


def _removable(data: Any, path: Path) -> Path:
    """The longest beginning of `path` that is a key of a mapping, so that it can be left out."""
    real: list[str | int] = []
    for part in path:
        step = _child(data, part)
        if step is None:
            break
        data = step[0]
        real += step[1]
    while (real and isinstance(real[-1], int)) or _only_key(real):
        real.pop()
    return tuple(real)


def _only_key(real: Sequence[str | int]) -> bool:
    """Does a path end at the name of an operation, the only key of its item?"""
    return len(real) > 2 and isinstance(real[-2], int) and real[-3] == "operations"


def _without(data: Any, paths: Sequence[Path]) -> Any:
    """The data with the keys at `paths` left out."""
    here = {path[0] for path in paths if len(path) == 1}
    below: dict[str | int, list[Path]] = {}
    for path in paths:
        if len(path) > 1 and path[0] not in here:
            below.setdefault(path[0], []).append(path[1:])
    if isinstance(data, Mapping):
        return {k: _without(v, below[k]) if k in below else v for k, v in data.items() if k not in here}
    return [_without(item, below[i]) if i in below else item for i, item in enumerate(data)]


def raise_if_any(document: Document, complaints: Sequence[Complaint]) -> None:
    """Raise `InputError` with the complaints' places, where there are complaints."""
    if complaints:
        raise InputError([document.problem(complaint) for complaint in complaints])


def complain(path: Path, predicate: str, hint: str = "", at_key: bool = False) -> Complaint:
    """A complaint whose sentence has the part at `path` as its subject."""
    return Complaint(path, sentence(path, predicate), hint, at_key=at_key)
