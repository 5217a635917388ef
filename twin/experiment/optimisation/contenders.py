"""Which of the points tried may be the best: more replications for them, until they part or have had enough.

A point is out when another one that keeps the constraints is shown to be better in every goal (paired
differences over the replications that both have, at the search's level, not corrected: who is in doubt stays
in), or when it is shown to break a constraint. What is left gets twice the replications, round by round. All
of this belongs to the search: its means are those of points that were picked for them, and so are too good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from twin.experiment.evaluation import Asked, Evaluate
from twin.experiment.optimisation.asking import Candidate, Goal, Search, keeps, may_keep, together
from twin.experiment.optimisation.search import missing
from twin.experiment.statistics import paired_difference

MOST_CONTENDERS = 8  # for one goal; a front of several goals may have twice as many


def contenders(
    search: Search, evaluate: Evaluate, found: Sequence[Candidate], tell: Callable[[int], None]
) -> list[Candidate]:
    """The points that may be best, the likely best first; empty where none may keep the constraints."""
    left = _left(search, [each for each in found if not each.error])
    while len(left) > 1 and left[0].replications < search.most:
        tell(len(left))
        left = _left(search, _with_more(search, evaluate, left))
    return left


def by_merit(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that are likely to keep the constraints first, among them the better mean of the first goal."""
    goal = search.goals[0]
    return sorted(
        candidates,
        key=lambda c: (together(c, search.constraints) < 0.5, -goal.sign * c.mean(goal.measure), c.number),
    )


def dominated_means(search: Search, candidate: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether another one's means are as good in every goal and better in one."""
    mine = [goal.sign * candidate.mean(goal.measure) for goal in search.goals]
    for other in others:
        theirs = [goal.sign * other.mean(goal.measure) for goal in search.goals]
        if all(t >= m for t, m in zip(theirs, mine, strict=True)) and theirs != mine:
            return True
    return False


def _left(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    able = [each for each in candidates if may_keep(each, search.constraints)]
    ranked = by_merit(search, able)
    rulers = [each for each in ranked if keeps(each, search.constraints)]
    left = [each for each in ranked if not any(_beaten(search, each, ruler) for ruler in rulers)]
    if len(search.goals) == 1:
        return left[:MOST_CONTENDERS]
    front = [each for each in left if not dominated_means(search, each, left)]
    others = [each for each in left if each not in front]
    return by_merit(search, [*front, *others][: 2 * MOST_CONTENDERS])


def _beaten(search: Search, candidate: Candidate, ruler: Candidate) -> bool:
    """Whether the ruler is shown to be better in every goal."""
    if ruler is candidate:
        return False
    return all(_shown_better(ruler, candidate, goal, search.level) for goal in search.goals)


def _shown_better(one: Candidate, other: Candidate, goal: Goal, level: float) -> bool:
    a, b = one.values[goal.measure], other.values[goal.measure]
    common = min(len(a), len(b))
    difference = goal.sign * (a[:common] - b[:common])
    difference = difference[~np.isnan(difference)]
    if len(difference) < 2:
        return False
    low, _ = paired_difference([0.0] * len(difference), difference.tolist()).interval(level)
    return low > 0


def _with_more(search: Search, evaluate: Evaluate, left: Sequence[Candidate]) -> list[Candidate]:
    """Each with twice its replications, at most `most`; one whose further replications fail is out."""
    done = left[0].replications
    last = min(2 * done, search.most)
    answers = evaluate([Asked(each.changes, done + 1, last) for each in left])
    return [
        each.with_more({name: np.asarray(answer.values[name], float) for name in search.measures})
        for each, answer in zip(left, answers, strict=True)
        if not answer.error and not missing(search, answer)
    ]
