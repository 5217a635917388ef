"""Trying the values of a sweep's axes, or of settings that are searched, before anything runs, so that a
wrong one is known at its place.

Each axis is tried alone, at both ends of a range and at every choice as far as there is time for it; the rows
of a `zip`, whose values belong together, are tried as rows. A design's other points are checked when it is
planned. Called by `load.py` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from twin.plant import axes
from twin.plant.checking import Origin
from twin.plant.document import Document
from twin.plant.errors import InputError, Path, Problem
from twin.plant.scenario import Axis, Sweep

MOST_OF_AN_AXIS = 200
MOST = 1_000  # trials of one scenario

Try = Callable[[Sequence[Origin]], None]


def problems_of(sweep: Sweep, document: Document, attempt: Try) -> list[Problem]:
    """What is wrong with the values of the axes, which `document` wrote; `attempt` checks the scenario with
    changes on top and raises `InputError`.
    """
    if sweep.method == "zip":
        return _tried(_together(sweep, document), attempt)
    return _tried(_alone(sweep.axes, document, ("sweep", "axes")), attempt)


def problems_of_settings(settings: Mapping[str, Axis], document: Document, attempt: Try) -> list[Problem]:
    """The same of the settings of an optimisation, each alone."""
    return _tried(_alone(settings, document, ("optimise", "settings")), attempt)


def _tried(rows: Iterator[list[Origin]], attempt: Try) -> list[Problem]:
    found: dict[Problem, None] = {}
    for row in rows:
        try:
            attempt(row)
        except InputError as error:
            found |= dict.fromkeys(error.problems)
    return list(found)


def _alone(listed: Mapping[str, Axis], document: Document, where: Path) -> Iterator[list[Origin]]:
    most = max(2, min(MOST_OF_AN_AXIS, MOST // len(listed)))
    for dotted, axis in listed.items():
        ends = axes.ends(axis)
        for inner, value in [*ends[: most - 1], *ends[most - 1 :][-1:]]:
            yield [Origin(dotted, value, document, _path(document, (*where, dotted), inner))]


def _together(sweep: Sweep, document: Document) -> Iterator[list[Origin]]:
    rows = list(zip(*(axes.steps_of(axis) for axis in sweep.axes.values()), strict=True))
    for number, row in enumerate(rows[:MOST_OF_AN_AXIS]):
        yield [
            Origin(dotted, value, document, _path(document, ("sweep", "axes", dotted), _step(axis, number)))
            for (dotted, axis), value in zip(sweep.axes.items(), row, strict=True)
        ]


def _step(axis: Axis, number: int) -> Path:
    """Which part of the axis a step comes from."""
    if axis.values is not None:
        return (number,)
    return ("from",) if number == 0 else ("to",)


def _path(document: Document, path: Path, inner: Path) -> Path:
    """Where that part was written: choices are items of a list or, in the mapping form, of its `values`."""
    is_mapping = not document.find((*path, "values")).rest
    return (*path, "values", *inner) if is_mapping else (*path, *inner)
