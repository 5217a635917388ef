"""Trying the paths and values of a sweep's axes, or of settings that are searched, before anything runs, so
that a wrong one is known at its place.

A path that leads nowhere is told once, where it is written. Each other axis is tried alone, at both ends of a
range and at every choice as far as there is time for it; the rows of a `zip`, whose values belong together,
are tried as rows. Of a scenario that has other errors the axes that can be read are tried as well, so that
all is told at once. A design's other points are checked when it is planned. Called by `load.py` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from twin.plant import axes
from twin.plant.chain import Words
from twin.plant.checking import Origin
from twin.plant.document import Document
from twin.plant.errors import Complaint, InputError, Path, Problem
from twin.plant.scenario import Axis, Scenario
from twin.plant.shorthand import IN_A_FILE
from twin.plant.units import WrongValueError

MOST_OF_AN_AXIS = 200
MOST = 1_000  # trials of one scenario

Try = Callable[[Sequence[Origin]], None]
Find = Callable[[str, object, Sequence[tuple[str, object]]], None]

_PLACES: tuple[tuple[str, str], ...] = (("sweep", "axes"), ("optimise", "settings"))


@dataclass(frozen=True)
class Listed:
    """Axes written at `where` of a document: those that can be read, and every path that is named with one
    of its values; `together` where their values belong together in rows.
    """

    document: Document
    where: Path
    axes: Mapping[str, Axis]
    paths: Mapping[str, object]
    together: bool


def axes_of(scenario: Scenario, words: Words) -> list[Listed]:
    """The axes of a scenario without errors of its own."""
    found: list[Listed] = []
    for where, asked in zip(_PLACES, (scenario.sweep, scenario.optimise), strict=True):
        if asked is not None:
            listed: dict[str, Axis] = getattr(asked, where[1])
            paths = {dotted: (axis.values or (None,))[0] for dotted, axis in listed.items()}
            together = getattr(asked, "method", "") == "zip"
            found.append(Listed(words.writer(where[:1]).document, where, listed, paths, together))
    return found


def readable_axes(words: Words) -> list[Listed]:
    """The axes of a scenario that has errors, as far as they can be read."""
    found: list[Listed] = []
    for where in _PLACES:
        asked = words.data.get(where[0])
        written = asked.get(where[1]) if isinstance(asked, Mapping) else None
        if not isinstance(asked, Mapping) or not isinstance(written, Mapping):
            continue
        read = {str(dotted): _read(value, (*where, str(dotted))) for dotted, value in written.items()}
        good = {dotted: axis for dotted, axis in read.items() if axis is not None}
        paths = {dotted: (axis.values or (None,))[0] if axis else None for dotted, axis in read.items()}
        together = asked.get("method") == "zip"
        if together and len({axes.count(axis) for axis in good.values()}) > 1:
            good = {}
        found.append(Listed(words.writer(where[:1]).document, where, good, paths, together))
    return found


def problems_of(listed: Listed, find: Find, attempt: Try) -> list[Problem]:
    """What is wrong with the paths and values of axes.

    Args:
        listed: the axes, and where they are written.
        find: looks where a path leads with a value there, others having been set before; raises
            `WrongValueError` where that is nowhere.
        attempt: checks the scenario with changes on top; raises `InputError`.
    """
    found: list[Problem] = []
    good = dict(listed.axes)
    for number, (dotted, value) in enumerate(listed.paths.items()):
        others = list(listed.paths.items())[:number] if listed.together else []
        try:
            find(dotted, value, others)
        except WrongValueError as wrong:
            message = f"The path `{dotted}` {wrong.predicate}."
            complaint = Complaint((*listed.where, dotted), message, wrong.hint, at_key=True)
            found.append(listed.document.problem(complaint))
            good.pop(dotted, None)
    if not good:
        return found
    rows = (_together if listed.together else _alone)(replace(listed, axes=good))
    return [*found, *_tried(rows, attempt)]


def _read(value: object, path: Path) -> Axis | None:
    """The axis, None where it has errors of its own."""
    try:
        axis = Axis.model_validate(value, context=IN_A_FILE, by_alias=True, by_name=False)
    except ValidationError:
        return None
    return None if axes.complaints(axis, path) else axis


def _tried(rows: Iterator[list[Origin]], attempt: Try) -> list[Problem]:
    found: dict[Problem, None] = {}
    for row in rows:
        try:
            attempt(row)
        except InputError as error:
            found |= dict.fromkeys(error.problems)
    return list(found)


def _alone(listed: Listed) -> Iterator[list[Origin]]:
    most = max(2, min(MOST_OF_AN_AXIS, MOST // len(listed.axes)))
    for dotted, axis in listed.axes.items():
        ends = axes.ends(axis)
        for inner, value in [*ends[: most - 1], *ends[most - 1 :][-1:]]:
            yield [_origin(listed, dotted, value, inner)]


def _together(listed: Listed) -> Iterator[list[Origin]]:
    rows = list(zip(*(axes.steps_of(axis) for axis in listed.axes.values()), strict=True))
    for number, row in enumerate(rows[:MOST_OF_AN_AXIS]):
        yield [
            _origin(listed, dotted, value, _step(axis, number))
            for (dotted, axis), value in zip(listed.axes.items(), row, strict=True)
        ]


def _origin(listed: Listed, dotted: str, value: object, inner: Path) -> Origin:
    place = _path(listed.document, (*listed.where, dotted), inner)
    return Origin(dotted, value, listed.document, place)


def _step(axis: Axis, number: int) -> Path:
    """Which part of the axis a step comes from."""
    if axis.values is not None:
        return (number,)
    return ("from",) if number == 0 else ("to",)


def _path(document: Document, path: Path, inner: Path) -> Path:
    """Where that part was written: choices are items of a list or, in the mapping form, of its `values`."""
    is_mapping = not document.find((*path, "values")).rest
    return (*path, "values", *inner) if is_mapping else (*path, *inner)
