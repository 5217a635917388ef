"""Sequential stopping: from the values so far, whether a mean is known well enough, or how many more to run.

A pure rule for any measure. Looking again and again at a sample and stopping when its interval happens to be
short covers less often than the level says: the mean and the stopping go together. With at least ten values
before the first look and a wanted half-width that takes dozens, the loss is small; for normal values the
coverage tends to the level as the wanted half-width tends to 0 (Chow & Robbins, Ann. Math. Stat. 36, 1965).
docs/statistics.md gives what was measured. Who runs replications asks `look` after each wave of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from twin.experiment.statistics import (
    FEWEST_FOR_STOPPING,
    Interval,
    Values,
    mean_interval,
    replications_for,
)


@dataclass(frozen=True)
class Precision:
    """A wanted half-width: `size` in the measure's unit, or as a fraction of |mean| where `relative`.

    Raises:
        ValueError: the size is not above 0.
    """

    size: float
    relative: bool = True

    def __post_init__(self) -> None:
        if not self.size > 0:
            raise ValueError(f"A precision is above 0, not {self.size:g}.")

    def half_width(self, mean: float) -> float:
        """The wanted half-width in the measure's unit."""
        return self.size * abs(mean) if self.relative else self.size


@dataclass(frozen=True)
class Look:
    """What a look at the values says. `more` is the number of replications to add before the next look, None
    where nobody can say: a relative precision of a mean of 0, or fewer than two values.
    """

    interval: Interval
    wanted: float | None
    stop: bool
    more: int | None


def look(values: Values, precision: Precision, level: float, fewest: int = FEWEST_FOR_STOPPING) -> Look:
    """Whether to stop, and how many replications are expected to be missing.

    Stops when the half-width of the Student interval is at most what is wanted, from `fewest` values on. The
    number that is missing assumes the variance seen; run that many, or fewer, and look again.

    >>> look([9.0, 10.0, 11.0] * 4, Precision(0.1), 0.95).stop
    True
    >>> look([9.0, 10.0, 11.0] * 4, Precision(0.2, relative=False), 0.95).more
    61
    """
    interval = mean_interval(values, level)
    n = len(values)
    if interval.mean is None or interval.half_width is None:
        return Look(interval, None, False, max(fewest - n, 1))
    wanted = precision.half_width(interval.mean)
    if n < fewest:
        return Look(interval, wanted, False, fewest - n)
    if interval.half_width <= wanted:
        return Look(interval, wanted, True, 0)
    needed = replications_for(values, wanted, level)
    return Look(interval, wanted, False, None if needed is None else max(needed - n, 1))
