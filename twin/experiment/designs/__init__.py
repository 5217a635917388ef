"""Designs: from the words of a `sweep` to its points, in order, each with what it changes.

`points_of` makes them one by one; `fractions_of` gives the same design between 0 and 1, as analyses of
sensitivity want it. A design is a function of its words alone: its draws are addressed by the seed and the
names of the axes, so that the same file gives the same points on every machine. Counting without making
points is in `twin.plant.sweep_rules`, the cost in `cost.py`. The plan of a sweep calls this; nothing here
knows a plant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from twin.experiment.designs.labels import short_names, told
from twin.experiment.designs.latin_hypercube import latin_hypercube
from twin.experiment.designs.morris import trajectories
from twin.experiment.designs.saltelli import saltelli
from twin.plant import axes
from twin.plant.scenario import Sweep

__all__ = ["DesignPoint", "fractions_of", "points_of"]


@dataclass(frozen=True)
class DesignPoint:
    """A point of a design, counted from 1, and its changes by dotted path, values as a file has them."""

    number: int
    label: str
    changes: dict[str, object]


def points_of(sweep: Sweep) -> Iterator[DesignPoint]:
    """The points of a sweep that the rules of scenarios accept.

    >>> sweep = Sweep(axes={"a.count": [1, 2], "b": {"from": 0, "to": 1, "steps": 2}})
    >>> [point.label for point in points_of(sweep)]
    ['count=1, b=0', 'count=1, b=1', 'count=2, b=0', 'count=2, b=1']
    """
    names = list(sweep.axes)
    short = short_names(names)
    for number, row in enumerate(_rows(sweep), start=1):
        label = ", ".join(f"{name}={told(value)}" for name, value in zip(short, row, strict=True))
        yield DesignPoint(number, label, dict(zip(names, row, strict=True)))


def fractions_of(sweep: Sweep) -> NDArray[np.float64]:
    """The design of `lhs`, `sobol` or `morris` between 0 and 1, (points, axes), rows in the points' order.

    Raises ValueError for the other methods, which draw nothing.
    """
    names = list(sweep.axes)
    match sweep.method:
        case "lhs":
            return latin_hypercube(names, sweep.points or 0, sweep.seed)
        case "sobol":
            return saltelli(names, sweep.points or 0, sweep.seed, second_order=sweep.second_order)
        case "morris":
            return trajectories(names, sweep.trajectories or 0, sweep.levels, sweep.seed)
    raise ValueError(f"A sweep by `{sweep.method}` takes the values of its axes as they are.")


def _rows(sweep: Sweep) -> Iterator[tuple[object, ...]]:
    if sweep.method in ("grid", "zip"):
        columns = [axes.steps_of(axis) for axis in sweep.axes.values()]
        yield from product(*columns) if sweep.method == "grid" else zip(*columns, strict=True)
        return
    at = [axes.reader(axis) for axis in sweep.axes.values()]
    for row in fractions_of(sweep).tolist():
        yield tuple(value_at(fraction) for value_at, fraction in zip(at, row, strict=True))
