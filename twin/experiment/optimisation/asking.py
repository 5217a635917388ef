"""What is asked of an optimisation, and what is known of a point: its replications, its means, whether it
keeps the constraints.

`constraints.py` says how sure replications make a constraint; several hold together with at least
1 − Σ (1 − pᵢ). Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin.experiment.optimisation.constraints import Array, Constraint
from twin.experiment.optimisation.space import Index, Setting
from twin.experiment.statistics import Interval, mean_interval


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

    def of(self, measure: str) -> Array:
        """The values of the replications that gave one."""
        values = self.values[measure]
        return values[~np.isnan(values)]

    def mean(self, measure: str) -> float:
        """Mean of the replications that gave a value."""
        return float(np.nanmean(self.values[measure]))

    def interval(self, measure: str, level: float) -> Interval:
        """Mean with its Student interval."""
        return mean_interval(self.of(measure).tolist(), level)

    def with_more(self, values: Mapping[str, Array]) -> Candidate:
        """The same with further replications at the end."""
        joined = {name: np.concatenate([mine, values[name]]) for name, mine in self.values.items()}
        return Candidate(self.number, self.index, self.changes, joined, self.error)


def feasibility(candidate: Candidate, constraint: Constraint) -> float:
    """Probability, at least, with which the replications show that a constraint is kept.

    A single replication says of an expected value only which side it fell on: 1 or 0.
    """
    return constraint.shown(candidate.of(constraint.measure))


def keeps(candidate: Candidate, constraints: tuple[Constraint, ...]) -> bool:
    """Whether every constraint is shown with the probability that it asks for."""
    return all(feasibility(candidate, each) >= each.probability for each in constraints)


def may_keep(candidate: Candidate, constraints: tuple[Constraint, ...]) -> bool:
    """Whether no constraint is shown to be broken with the probability that it asks for."""
    return all(each.possible(candidate.of(each.measure)) > 1 - each.probability for each in constraints)


def together(candidate: Candidate, constraints: tuple[Constraint, ...]) -> float:
    """How likely it is that all constraints hold, 1 − Σ (1 − pᵢ) or more; 1 without any. A proportion that is
    neither shown to be kept nor to be broken counts half-way between the two.
    """
    likely = (
        (each.shown(candidate.of(each.measure)) + each.possible(candidate.of(each.measure))) / 2
        for each in constraints
    )
    return max(1 - math.fsum(1 - p for p in likely), 0.0)


def violations(candidate: Candidate, constraints: tuple[Constraint, ...]) -> list[float]:
    """By how much each constraint is broken, in the unit of its limits; not above 0 where it is kept."""
    return [each.violation(candidate.of(each.measure)) for each in constraints]
