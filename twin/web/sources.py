"""The plants and scenarios a user can choose: those shipped with twin, and those in the workspace.

The browser knows them by id only; an id is looked up in a listing and never becomes part of a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from twin.plant import shipped
from twin.plant.document import read_document
from twin.plant.errors import InputError
from twin.web.form import humane

Kind = Literal["scenario", "plant"]
NAME = re.compile(r"[a-z0-9_-]{1,64}")
FOLDERS: tuple[tuple[Kind, str], ...] = (("scenario", "scenarios"), ("plant", "plants"))


@dataclass(frozen=True)
class Source:
    """A plant or scenario: its id for the browser, its title, and what `twin.load` takes to open it."""

    id: str
    kind: Kind
    title: str
    place: str
    shipped: bool


def sources(workspace: Path) -> tuple[Source, ...]:
    """Return what can be chosen: scenarios before plants, those of the workspace first."""
    return (
        *_own(workspace, "scenario"),
        *_shipped("scenario"),
        *_own(workspace, "plant"),
        *_shipped("plant"),
    )


def find(workspace: Path, source_id: str) -> Source | None:
    """Return the source of that id, or None."""
    return next((source for source in sources(workspace) if source.id == source_id), None)


def find_place(workspace: Path, place: str) -> Source | None:
    """Return the source that `twin.load` opens at `place`, or None when it is not in the listing."""
    return next((source for source in sources(workspace) if source.place == place), None)


def _shipped(kind: Kind) -> Iterator[Source]:
    for name in shipped.scenarios() if kind == "scenario" else shipped.plants():
        place = f"twin:{name}"
        yield Source(place, kind, _title_shipped(place, kind), place, True)


@cache
def _title_shipped(place: str, kind: Kind) -> str:
    """Shipped files do not change."""
    return _title(shipped.find(place), kind)


def _own(workspace: Path, kind: Kind) -> Iterator[Source]:
    folder = workspace / dict(FOLDERS)[kind]
    for path in sorted(folder.glob("*.yaml")):
        if NAME.fullmatch(path.stem):
            yield Source(f"{kind}:{path.stem}", kind, _title(path, kind), str(path), False)


def _title(path: Path, kind: Kind) -> str:
    """Return what the file calls itself, or its name where it cannot be read."""
    try:
        title = read_document(path, path.name).data.get(kind)
    except InputError:
        title = None
    return title if isinstance(title, str) else humane(path.stem)
