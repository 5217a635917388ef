"""What is asked of an optimisation, and what is known of a point: its replications, its means, whether it
keeps the constraints.

A constraint is on the expected measure. Replications tell with which probability it holds: by Student's t,
the probability that a mean like the one seen comes from an expectation on the right side of the limit.
Several constraints hold together with at least 1 − Σ (1 − pᵢ). Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from twin.experiment.optimisation.space import Index, Setting
from twin.experiment.statistics import Interval, mean_interval

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Goal:
    """A measure to be made as large, or as small, as can be."""

    measure: str
    aim: Literal["maximise", "minimise"]

    @property
    def sign(self) -> int:
        """1 where more is better, −1 where less is."""
        return 1 if self.aim == "maximise" else -1


@dataclass(frozen=True)
class Constraint:
    """The expected measure is at least `low` and at most `high` (SI), which must be shown with
    `probability`.
    """

    measure: str
    low: float | None
    high: float | None
    probability: float = 0.95

    def __str__(self) -> str:
        """`0.5 ≤ yield`, for people."""
        low = "" if self.low is None else f"{self.low:g} ≤ "
        return low + self.measure + ("" if self.high is None else f" ≤ {self.high:g}")


@dataclass(frozen=True)
class Search:
    """What is asked for.

    `trials` different points with `replications` each, those that may be the best up to `most`; what is left
    with `confirm` fresh ones. Intervals are at `level`; `seed` is that of the proposals.
    """

    settings: tuple[Setting, ...]
    goals: tuple[Goal, ...]
    constraints: tuple[Constraint, ...] = ()
    trials: int = 50
    replications: int = 5
    most: int = 40
    confirm: int = 30
    level: float = 0.95
    seed: int = 1

    @property
    def measures(self) -> tuple[str, ...]:
        """All measures that are looked at, each once."""
        names = [goal.measure for goal in self.goals] + [each.measure for each in self.constraints]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Candidate:
    """A point that was tried: the `number`-th, from 1. `values`: one for each replication, NaN where it gave
    none.

    `error` says why nothing came out of it.
    """

    number: int
    index: Index
    changes: Mapping[str, object]
    values: Mapping[str, Array]
    error: str = ""

    @property
    def replications(self) -> int:
        """How many it has had."""
        return max((len(values) for values in self.values.values()), default=0)

    def mean(self, measure: str) -> float:
        """Mean of the replications that gave a value."""
        values = self.values[measure]
        return float(np.nanmean(values))

    def interval(self, measure: str, level: float) -> Interval:
        """Mean with its Student interval."""
        values = self.values[measure]
        return mean_interval(values[~np.isnan(values)].tolist(), level)

    def with_more(self, values: Mapping[str, Array]) -> Candidate:
        """The same with further replications at the end."""
        joined = {name: np.concatenate([mine, values[name]]) for name, mine in self.values.items()}
        return Candidate(self.number, self.index, self.changes, joined, self.error)


def feasibility(candidate: Candidate, constraint: Constraint) -> float:
    """Probability that the expected measure keeps a constraint; 1 or 0 where nothing varies.

    A single replication says only which side it fell on: 1 or 0 as well.
    """
    values = candidate.values[constraint.measure]
    values = values[~np.isnan(values)]
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    miss = 0.0
    for room in _rooms(constraint, mean):
        if error == 0:
            miss += 0.0 if room >= 0 else 1.0
        else:
            miss += float(stdtr(len(values) - 1, -room / error))
    return max(1 - miss, 0.0)


def keeps(candidate: Candidate, constraints: tuple[Constraint, ...]) -> bool:
    """Whether every constraint is shown with the probability that it asks for."""
    return all(feasibility(candidate, each) >= each.probability for each in constraints)


def may_keep(candidate: Candidate, constraints: tuple[Constraint, ...]) -> bool:
    """Whether no constraint is shown to be broken with the probability that it asks for."""
    return all(feasibility(candidate, each) > 1 - each.probability for each in constraints)


def together(candidate: Candidate, constraints: tuple[Constraint, ...]) -> float:
    """Lower bound of the probability that all constraints hold, 1 − Σ (1 − pᵢ); 1 without any."""
    return max(1 - math.fsum(1 - feasibility(candidate, each) for each in constraints), 0.0)


def violations(candidate: Candidate, constraints: tuple[Constraint, ...]) -> list[float]:
    """By how much the means break each constraint, in SI; not above 0 where they keep it."""
    return [max(-room for room in _rooms(each, candidate.mean(each.measure))) for each in constraints]


def _rooms(constraint: Constraint, mean: float) -> list[float]:
    """How far a mean is on the right side of each limit."""
    below = [] if constraint.low is None else [mean - constraint.low]
    return below + ([] if constraint.high is None else [constraint.high - mean])
