"""From a file's data to a checked model, with every complaint about it at once.

Where the schema refuses parts of the data, the rest is validated without them or with stand-ins (see
`remainder.py`), so that the rules between parts still speak; what the refused parts would have caused is not
reported a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from pydantic import ValidationError

from twin.plant import changes as changing
from twin.plant.document import Document
from twin.plant.errors import MOST, Complaint, InputError, Path, Problem
from twin.plant.remainder import Refused, leave_out
from twin.plant.sentences import ONE_KEYS, refusals, sentence
from twin.plant.shorthand import IN_A_FILE, Model
from twin.plant.taking_over import Known, shared, with_known
from twin.plant.units import WrongValueError

M = TypeVar("M", bound=Model)
Rules = Callable[[M, Mapping[str, Any], Refused], Sequence[Complaint]]

_ROUNDS = 12


class Places(Protocol):
    """What was written, and knows its places: a YAML file or an order file."""

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place."""


@dataclass(frozen=True)
class Origin:
    """Where a changed part was written: in `document` at `where`, or on the command line."""

    dotted: str
    value: object
    document: Places | None = None
    where: Path = ()
    path: Path = ()

    def problem(self, complaint: Complaint, inside: Path) -> Problem:
        """The complaint at the place of the change; `inside` leads from the change to what is meant."""
        if self.document is not None:
            return self.document.problem(replace(complaint, path=(*self.where, *inside)))
        column = 1 if inside else 1 + complaint.offset
        return Problem(f"--set {self.dotted}", 1, column, complaint.message, complaint.hint)


class Checked(NamedTuple, Generic[M]):
    """A model, the changes with the paths that they changed, and the data with them."""

    model: M
    origins: tuple[Origin, ...]
    data: Mapping[str, object]


def checked(
    model: type[M],
    document: Places,
    data: Mapping[str, object],
    origins: Sequence[Origin],
    rules: Rules[M],
    known: Known | None = None,
) -> Checked[M]:
    """Make the changes of `origins` in `data`, validate it by `model` and by `rules`; parts that are `known`
    are taken over. Raises `InputError`.
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
    found, complaints = validate(model, data, rules, known)
    problems += [place(complaint, document, made) for complaint in complaints]
    if problems or found is None:
        raise InputError(problems)
    return Checked(found, tuple(made), data)


def place(complaint: Complaint, document: Places, origins: Sequence[Origin]) -> Problem:
    """The complaint with its place: where the last change of that part was written, else in the document."""
    path = _plain_path(complaint.path)
    for origin in reversed(origins):
        if path[: len(origin.path)] == origin.path:
            return origin.problem(complaint, path[len(origin.path) :])
    return document.problem(complaint)


def validate(
    model: type[M], data: Mapping[str, Any], rules: Rules[M], known: Known | None = None
) -> tuple[M | None, list[Complaint]]:
    """The model, as far as the data give one, and all complaints of schema and rules."""
    if known is not None:
        with suppress(ValidationError):  # whose places are told without what was taken over
            whole: M = shared(_validated(model, with_known(data, known)), data, known)
            return whole, list(rules(whole, data, Refused()))
    complaints: dict[Path, Complaint] = {}
    refused = Refused()
    rest = dict(data)
    for _ in range(_ROUNDS):
        try:
            found = _validated(model, rest)
        except ValidationError as error:
            rest = rest if complaints else deepcopy(rest)
            fresh = refusals(error, model)
            complaints |= {r.path: r.complaint for r in fresh if not refused.touches(r.path)}
            gone = [leave_out(model, rest, refusal.path) for refusal in fresh]
            if None in gone or len(complaints) >= MOST:
                break
            meant = [refusal.meant for refusal in fresh]
            refused = refused.and_also(path for path in (*gone, *meant) if path is not None)
            continue
        more = [c for c in rules(found, data, refused) if not refused.hides(_plain_path(c.path))]
        return found, [*complaints.values(), *more]
    return None, list(complaints.values())


def _validated(model: type[M], data: Mapping[str, Any]) -> M:
    return model.model_validate(data, context=IN_A_FILE, by_alias=True, by_name=False)


def _plain_path(path: Path) -> Path:
    """A path without the indices that lead to one-key items, as pydantic gives it."""
    return tuple(
        part for i, part in enumerate(path) if not (isinstance(part, int) and i and path[i - 1] in ONE_KEYS)
    )


def raise_if_any(document: Document, complaints: Sequence[Complaint]) -> None:
    """Raise `InputError` with the complaints' places, where there are complaints."""
    if complaints:
        raise InputError([document.problem(complaint) for complaint in complaints])


def complain(path: Path, predicate: str, hint: str = "", at_key: bool = False) -> Complaint:
    """A complaint whose sentence has the part at `path` as its subject."""
    return Complaint(path, sentence(path, predicate), hint, at_key=at_key)
