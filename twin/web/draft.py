"""A draft: a chosen source and the changes typed so far, checked by the language itself.

`open_draft` answers everything the workbench asks of a draft: is it right, what is wrong beside which field,
what would be run. The browser sends texts; what they mean is decided by the parser that reads files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from twin.experiment.prepare import prepare
from twin.plant import changes as changing
from twin.plant.errors import InputError, Problem
from twin.plant.load import LoadedScenario, load_study
from twin.plant.schema import Plant
from twin.plant.units import WrongValueError
from twin.web.form import Parameter, Section, sections
from twin.web.sources import Source
from twin.web.spliced import blocks

LONGEST_TEXT = 2_000  # characters that a field may hold
OF_A_CHANGE = "--set "


@dataclass(frozen=True)
class Base:
    """A source as it stands in its file: what the form shows before anything is typed."""

    study: LoadedScenario
    sections: tuple[Section, ...]
    parameters: Mapping[str, Parameter]

    @cached_property
    def run_id(self) -> str:
        """The id of its run as it stands; found once, since the plant is compiled for it."""
        return prepare(self.study).id


@dataclass(frozen=True)
class Draft:
    """A source with changes, by dotted path as typed; `study` is None where something is wrong."""

    source: Source
    base: Base
    changes: Mapping[str, str]
    study: LoadedScenario | None
    wrong: Mapping[str, str]
    problems: tuple[Problem, ...]

    @property
    def values(self) -> dict[str, object]:
        """The changes as plain data, as `twin.run` takes them. Raises `WrongValueError`."""
        return {path: changing.value_from_text(text) for path, text in self.changes.items()}


def open_base(workspace: Path, source: Source) -> Base:
    """Read a source as it stands. Raises `InputError`."""
    return _base(workspace, source, _stamp(source))


def open_draft(workspace: Path, source: Source, changes: Mapping[str, str]) -> Draft:
    """Check a source with changes. Raises `InputError` where the source itself is wrong."""
    base = open_base(workspace, source)
    if not changes:
        return Draft(source, base, changes, base.study, {}, ())
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    for path, text in changes.items():
        try:
            if len(text) > LONGEST_TEXT:
                raise WrongValueError(f"is longer than {LONGEST_TEXT:,} characters")
            values[path] = changing.value_from_text(text)
        except WrongValueError as error:
            wrong[path] = _sentence(path, error)
    try:
        study = load_study(source.place, values, workspace)
    except InputError as error:
        told = [(_path(problem), quoted(problem.message)) for problem in error.problems]
        beside = {path: message for path, message in told if path in changes}
        rest = tuple(problem for problem in error.problems if _path(problem) not in changes)
        return Draft(source, base, changes, None, {**beside, **wrong}, rest)
    return Draft(source, base, changes, None if wrong else study, wrong, ())


def set_block(changes: Mapping[str, str]) -> str:
    """Return changes as typed as the `set:` and `run:` blocks of a scenario file."""
    return blocks({path: _value(text) for path, text in changes.items()})


def _value(text: str) -> object:
    """What a text means; a text that cannot be read stands for itself."""
    try:
        return changing.value_from_text(text)
    except WrongValueError:
        return text


def _path(problem: Problem) -> str:
    return problem.file.removeprefix(OF_A_CHANGE) if problem.file.startswith(OF_A_CHANGE) else ""


def _sentence(path: str, error: WrongValueError) -> str:
    return quoted(f"`{path.rsplit('.', 1)[-1]}` {error.predicate}. {error.hint}".strip())


def quoted(sentence: str) -> str:
    """Return a sentence of the language for a page, which has no back ticks."""
    return re.sub(r"`([^`]*)`", "“\\1”", sentence)


def _stamp(source: Source) -> tuple[int, ...]:
    """What tells that a user's file has changed since it was read."""
    if source.shipped:
        return ()
    try:
        found = Path(source.place).stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _base(workspace: Path, source: Source, stamp: tuple[int, ...]) -> Base:
    study = load_study(source.place, None, workspace)
    data: dict[str, Any] = dict(study.base.document.data)
    for path, value in study.scenario.set.items():
        data = dict(changing.change(data, Plant, path, value)[0])
    run = study.data.get("run")
    made = sections(data, run if isinstance(run, Mapping) else {})
    known = {p.path: p for section in made for group in section.groups for p in group.parameters}
    return Base(study, made, known)
