"""Finding and reading the files that a file names: a scenario's `base`, down to the plant.

Called by `load.py`, and by whoever reads a file that another one names (`beside`). What the files say is put
together in `chain.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from twin.plant import shipped
from twin.plant.chain import MOST_LINKS, Link, Words
from twin.plant.checking import complain, raise_if_any
from twin.plant.document import Document, UncleanError, read_document
from twin.plant.errors import InputError, Path, Problem


@dataclass(frozen=True)
class Files:
    """A scenario's files: `links` from the one that a user named on, then the plant's document, None where a
    link names none that can be read, and what kept it from being read, or is wrong in the texts read.
    """

    links: tuple[Link, ...]
    plant: Link | None
    problems: tuple[Problem, ...] = ()


def read(source: str | FilePath) -> Document:
    """The document at a path or `twin:NAME`. Raises `InputError`."""
    address = str(source)
    path = shipped.find(address) if address.startswith(shipped.PREFIX) else FilePath(source)
    return read_document(path, address)


def files_of(document: Document, source: str, workspace: FilePath | None) -> Files:
    """The scenario of `document`, what it is based on, and the plant below."""
    links, problems = [Link(document, source)], list[Problem]()
    while True:
        last = links[-1]
        written = last.document.data.get("base")
        if not isinstance(written, str):  # the schema says so
            return Files(tuple(links), None, tuple(problems))
        try:
            base_source = beside(written, ("base",), last.source, last.document, workspace)
            _refuse_to_go_round(links, base_source)
            base = _read_base(base_source, written, last.document)
        except UncleanError as unclean:
            problems += unclean.problems
            base = unclean.document
        except InputError as error:
            return Files(tuple(links), None, (*problems, *error.problems))
        if "scenario" not in base.data or "plant" in base.data:
            return Files(tuple(links), Link(base, base_source), tuple(problems))
        links.append(Link(base, base_source))


def problems_of_compared(link: Link, workspace: FilePath | None) -> list[Problem]:
    """What is wrong with the scenarios that one is to be compared with: each is a file that is there."""
    written = link.document.data.get("compare")
    found: list[Problem] = []
    for index, name in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(name, str):
            continue  # the schema says so
        try:
            source = beside(name, ("compare", index), link.source, link.document, workspace)
            is_there = bool(shipped.find(source)) if source.startswith(shipped.PREFIX) else _is_file(source)
            hint = f"It is written relative to this file, or `{shipped.PREFIX}NAME`."
        except InputError as error:
            if any(problem.line for problem in error.problems):
                found += error.problems
                continue
            is_there, hint = False, error.problems[0].hint
        if not is_there:
            complaint = complain(("compare", index), f"names `{name}`, which is not there", hint)
            found.append(link.document.problem(complaint))
    return found


def problems_of_start(words: Words, workspace: FilePath | None) -> list[Problem]:
    """What is wrong with the file that a run is to start from, as far as can be told without reading it: it
    is there. Whoever reads it says whether it may be read and fits.
    """
    run, path = words.data.get("run"), ("run", "from")
    written = run.get("from") if isinstance(run, Mapping) else None
    if not isinstance(written, str) or "\0" in written or FilePath(written).is_absolute():
        return []
    source, roots = words.writer(path).source, [_workspace(workspace)]
    if not source.startswith(shipped.PREFIX):
        roots.insert(0, FilePath(source).resolve().parent)
    places = [(root / written).resolve() for root in roots]
    inside = [place for place in places if any(place.is_relative_to(root) for root in roots)]
    if not inside or any(_is_file(str(place)) for place in inside):
        return []
    hint = "Keep a snapshot of this plant with `run.snapshot_at`, or write a state file."
    return [words.problem(complain(path, f"names `{written}`, which is not there", hint))]


def _workspace(given: FilePath | None) -> FilePath:
    return (given or FilePath(os.environ.get("TWIN_WORKSPACE", "."))).resolve()


def _is_file(source: str) -> bool:
    try:
        return FilePath(source).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def beside(written: str, where: Path, source: str, document: Document, workspace: FilePath | None) -> str:
    """The source that a file names at `where`: `twin:NAME`, or a path that stays in the allowed folders.

    Raises `InputError` for a path that leads out of the file's folder and the workspace.
    """
    if written.startswith(shipped.PREFIX):
        return written
    if source.startswith(shipped.PREFIX):
        hint = f"Write `{where[0]}: twin:NAME`."
        raise_if_any(document, [complain(where, "must be shipped, as the file is", hint)])
    folder = FilePath(source).resolve().parent
    allowed = (folder, _workspace(workspace))
    path = folder / written
    if (
        "\0" in written  # which no file's name has
        or FilePath(written).is_absolute()
        or not any(path.resolve().is_relative_to(root) for root in allowed)
    ):
        hint = "It lies in the folder of this file or in the workspace, and is written relative to this file."
        raise_if_any(document, [complain(where, "leads outside the folders that this file may name", hint)])
    return str(FilePath(source).parent / written)


def _refuse_to_go_round(links: list[Link], source: str) -> None:
    """Raise `InputError` where the scenarios are based on each other, or on too many."""
    document = links[-1].document
    places = [_place(link.source) for link in links]
    if _place(source) in places:
        around = [link.source for link in links[places.index(_place(source)) :]]
        names = " → ".join(FilePath(each).name for each in [*around, source])
        hint = "At the end of the chain stands a plant."
        raise_if_any(document, [complain(("base",), f"leads back to where it came from: {names}", hint)])
    if len(links) >= MOST_LINKS:
        predicate = f"is the {MOST_LINKS}th scenario of a chain, and no plant"
        raise_if_any(document, [complain(("base",), predicate)])


def _place(source: str) -> str:
    return source if source.startswith(shipped.PREFIX) else str(FilePath(source).resolve())


def _read_base(source: str, written: str, document: Document) -> Document:
    """The document of a scenario's base; that it is not there is a problem of the scenario."""
    try:
        return read(source)
    except InputError as error:
        if any(problem.line for problem in error.problems):
            raise
        hints = [problem.hint for problem in error.problems]
        raise_if_any(document, [complain(("base",), f"names `{written}`, which cannot be read", hints[0])])
        raise
