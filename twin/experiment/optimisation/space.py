"""The settings of an optimisation as whole numbers: each has so many values, in order or not.

Choices are their values; a range of whole numbers all of them; a range with `steps` those steps; another
range a thousand steps, evenly spaced on its scale: nobody sets a machine finer, and equal settings are then
found again. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twin.plant import axes
from twin.plant.scenario import Axis

FINENESS = 1000  # steps of a continuous range

Index = tuple[int, ...]


@dataclass(frozen=True)
class Setting:
    """A dotted path, how many values it has, and the value of each number; `ordered` where neighbours are
    alike.
    """

    path: str
    count: int
    ordered: bool
    value: Callable[[int], object]


def setting_of(path: str, axis: Axis) -> Setting:
    """An axis without complaints as a setting.

    >>> bins = setting_of("containers.ibc.count", Axis(from_=20, to=24, integer=True))
    >>> bins.count, bins.value(4)
    (5, 24)
    >>> setting_of("equipment.press.speed", Axis(from_=0.5, to=1.5)).value(250)
    0.75
    """
    made = axes.range_of(axis)
    if made is None:
        values = tuple(axis.values or ())
        return Setting(path, len(values), _in_order(values), lambda number: values[number])
    if axis.steps is not None:
        steps = axes.steps_of(axis)
        return Setting(path, len(steps), True, lambda number: steps[number])
    if axis.integer:
        return Setting(path, made.whole_numbers, True, lambda number: made.written(made.low + number))
    return Setting(path, FINENESS + 1, True, lambda number: made.written(made.at(number / FINENESS)))


def changes_of(settings: Sequence[Setting], index: Index) -> dict[str, object]:
    """What a point of the space changes."""
    return {setting.path: setting.value(number) for setting, number in zip(settings, index, strict=True)}


def size_of(settings: Sequence[Setting]) -> int:
    """How many points the space has."""
    return math.prod(setting.count for setting in settings)


def _in_order(values: Sequence[object]) -> bool:
    """Whether choices are numbers of one kind that rise or fall."""
    found = axes.numbers_of(values)
    if found is None or len(values) < 3:
        return False
    steps = [b - a for a, b in zip(found[0], found[0][1:], strict=False)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)
