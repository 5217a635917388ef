"""The last word: contenders evaluated again, with replications that the search never saw.

Which point is announced is decided before, by the search's own means, so that its fresh mean is free of the
search's luck: the difference between the two is the optimism of the search, and is told. A contender that the
fresh replications do not show to keep the constraints hands over to the next. Others are compared with the
one announced pair by pair, all intervals together at the level (Bonferroni): what is not shown to be worse,
is named as such. With several goals the points that no other one dominates in its fresh means are the Pareto
front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.experiment.evaluation import Asked, Evaluate
from twin.experiment.optimisation.asking import Candidate, Goal, Search, feasibility, keeps
from twin.experiment.optimisation.contenders import dominated_means
from twin.experiment.optimisation.search import candidate_of
from twin.experiment.statistics import Interval, mean_interval, paired_difference


@dataclass(frozen=True)
class Against:
    """Another point's fresh mean less that of the one announced, first goal; None bounds: too few pairs."""

    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Confirmed:
    """A contender on fresh replications.

    `means` and `searched` hold, by measure, the fresh mean with its interval and the mean on which the search
    judged. `optimism` is by how much, by goal, the search took it for better than fresh replications show
    (SI, positive: too good), with its interval. `probabilities` are those of the constraints, in their order;
    `against` is None for the one announced and on a front.
    """

    candidate: Candidate
    fresh: Candidate
    means: Mapping[str, Interval]
    searched: Mapping[str, Interval]
    optimism: Mapping[str, Interval]
    probabilities: tuple[float, ...]
    feasible: bool
    against: Against | None = None


@dataclass(frozen=True)
class Optimised:
    """The answer.

    `announced` is the winner of one goal, or the front of several; it is empty where no contender was shown
    to keep the constraints. `contenders` are all that were evaluated anew, the announced first; `present` is
    the plant as it is, on the same fresh replications, None where it does not run.
    """

    search: Search
    tried: tuple[Candidate, ...]
    whole_space: bool
    announced: tuple[Confirmed, ...]
    contenders: tuple[Confirmed, ...]
    present: Candidate | None

    def gain(self, confirmed: Confirmed, goal: Goal) -> Interval | None:
        """How much better than the present plant, paired over the fresh replications; None where unknown."""
        if self.present is None:
            return None
        gained = goal.sign * (confirmed.fresh.values[goal.measure] - self.present.values[goal.measure])
        return mean_interval(gained[~np.isnan(gained)].tolist(), self.search.level)


def constrained(found: Confirmed, search: Search) -> list[Interval]:
    """What each constraint is on, with its interval, on the fresh replications."""
    return [each.estimate(found.fresh.of(each.measure), search.level) for each in search.constraints]


def confirmed(
    search: Search, evaluate: Evaluate, left: Sequence[Candidate]
) -> tuple[list[Confirmed], Candidate | None]:
    """Contenders on fresh replications, in their order, and the plant as it is."""
    first = 1 + max(search.most, search.replications)
    last = first + search.confirm - 1
    present, *answers = evaluate([Asked(each, first, last) for each in ({}, *(c.changes for c in left))])
    found = []
    for candidate, answer in zip(left, answers, strict=True):
        fresh = candidate_of(search, candidate.number, candidate.index, answer)
        if not fresh.error:
            found.append(_confirmed(search, candidate, fresh))
    as_it_is = candidate_of(search, 0, (), present)
    return found, None if as_it_is.error else as_it_is


def announced(search: Search, found: Sequence[Confirmed]) -> tuple[list[Confirmed], list[Confirmed]]:
    """What is announced, and all contenders with it in front; each of one goal compared with the winner."""
    able = [each for each in found if each.feasible]
    if not able:
        return [], list(found)
    if len(search.goals) > 1:
        fresh = [each.fresh for each in able]
        front = [each for each in able if not dominated_means(search, each.fresh, fresh)]
        return front, [*front, *(each for each in found if each not in front)]
    winner, others = able[0], [each for each in found if each is not able[0]]
    level = 1 - (1 - search.level) / max(len(others), 1)
    compared = [_compared(search.goals[0], winner, each, level) for each in others]
    return [winner], [winner, *compared]


def _confirmed(search: Search, candidate: Candidate, fresh: Candidate) -> Confirmed:
    level = search.level
    return Confirmed(
        candidate,
        fresh,
        {name: fresh.interval(name, level) for name in search.measures},
        {name: candidate.interval(name, level) for name in search.measures},
        {goal.measure: _optimism(goal, candidate, fresh, level) for goal in search.goals},
        tuple(feasibility(fresh, each) for each in search.constraints),
        keeps(fresh, search.constraints),
    )


def _optimism(goal: Goal, candidate: Candidate, fresh: Candidate, level: float) -> Interval:
    """Searched mean less fresh mean in the goal's direction; both means vary, independently (Welch)."""
    from twin.experiment.statistics import welch_difference

    seen = candidate.values[goal.measure]
    new = fresh.values[goal.measure]
    seen, new = goal.sign * seen[~np.isnan(seen)], goal.sign * new[~np.isnan(new)]
    if min(len(seen), len(new)) < 2:
        return Interval(float(seen.mean() - new.mean()), None, None, level, min(len(seen), len(new)))
    difference = welch_difference(new.tolist(), seen.tolist())
    return Interval(difference.difference, *difference.interval(level), level, difference.n)


def _compared(goal: Goal, winner: Confirmed, other: Confirmed, level: float) -> Confirmed:
    a, b = winner.fresh.values[goal.measure], other.fresh.values[goal.measure]
    both = ~np.isnan(a) & ~np.isnan(b)
    if both.sum() < 2:
        against = Against(other.fresh.mean(goal.measure) - winner.fresh.mean(goal.measure), None, None)
    else:
        difference = paired_difference(a[both].tolist(), b[both].tolist())
        against = Against(difference.difference, *difference.interval(level))
    return Confirmed(**{**vars(other), "against": against})
