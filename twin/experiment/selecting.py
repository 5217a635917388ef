"""Selecting the best of several points: drives a procedure over an `Evaluate`, and states the winner afresh.

The values by which a winner was chosen flatter it: it won partly by luck. So its mean is stated from
replications that the selection never saw. Pure but for what `evaluate` does; `twin select` and searches call
it. A point that cannot be run is left out and named; a point that fails later stops the selection.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twin.experiment.arrays import Reals
from twin.experiment.evaluation import Asked, Changes, Evaluate
from twin.experiment.inference.kn import KN
from twin.experiment.inference.ocba import OCBA
from twin.experiment.inference.procedures import Procedure, Question
from twin.experiment.statistics import Interval, mean_interval

Method = Literal["kn", "ocba"]
Aim = Literal["maximise", "minimise"]
METHODS: Mapping[Method, Callable[[Question, Sequence[Reals]], Procedure]] = {
    "kn": KN.begin,
    "ocba": OCBA.begin,
}
FRESH = 30  # replications from which the winner's mean is stated


class SelectionError(RuntimeError):
    """A selection that cannot go on: why, in words."""


@dataclass(frozen=True)
class Step:
    """How far a selection is: replications so far, and how many points are still in question."""

    replications: int
    alive: int


@dataclass(frozen=True)
class Standing:
    """A point at the end: replications used, their mean in SI units, None where it could not be run, and
    whether it was still in question.
    """

    point: int
    replications: int
    mean: float | None
    alive: bool
    error: str = ""


@dataclass(frozen=True)
class Selected:
    """The choice. `decided` is False where the most replications were reached before the probability asked
    for; `probability` is OCBA's estimate; `fresh` is the winner's mean from replications of its own.
    """

    method: Method
    aim: Aim
    measure: str
    question: Question
    zone: float
    best: int
    decided: bool
    probability: float | None
    standings: tuple[Standing, ...]
    fresh: Interval

    @property
    def replications(self) -> int:
        """All that the selection ran, without the fresh ones."""
        return sum(standing.replications for standing in self.standings)


def select(
    points: Sequence[Changes],
    evaluate: Evaluate,
    *,
    measure: str,
    aim: Aim,
    question: Question,
    method: Method = "kn",
    fresh: int = FRESH,
    level: float = 0.95,
) -> Generator[Step, None, Selected]:
    """Find the best of several points by the mean of a measure.

    Args:
        points: what is changed at each of two points or more.
        evaluate: answers for ranges of replications.
        measure: by whose mean points are judged.
        aim: whether a high or a low mean is best.
        question: with which probability, and which difference is worth finding.
        method: `kn` or `ocba`.
        fresh: replications from which the winner's mean is stated, 2 or more.
        level: of that mean's interval.

    Raises:
        SelectionError: fewer than two points can be run, one fails later, a replication gives no such
        measure, or the indifference is relative to a mean of 0.
    """
    desk = _Desk(points, evaluate, measure, 1.0 if aim == "maximise" else -1.0)
    first, errors = desk.first_stage(question.first)
    kept = [k for k in range(len(points)) if k not in errors]
    if len(kept) < 2:
        reasons = "; ".join(dict.fromkeys(errors.values()))
        raise SelectionError(f"Fewer than two points give `{measure}`: {reasons or 'there is no other'}.")
    try:
        state = METHODS[method](question, [first[k] for k in kept])
    except ValueError as wrong:
        raise SelectionError(str(wrong)) from wrong
    yield _step(state)
    while blocks := state.asks():
        asked = {block.system: (kept[block.system], block.first, block.last) for block in blocks}
        state = state.told(desk.values(asked))
        yield _step(state)
    return _selected(state, desk, kept, errors, question, method, aim, fresh, level)


@dataclass(frozen=True)
class _Desk:
    """Asks for replications and hands out the measure's values, turned so that higher is better."""

    points: Sequence[Changes]
    evaluate: Evaluate
    measure: str
    sign: float

    def first_stage(self, count: int) -> tuple[dict[int, Reals], dict[int, str]]:
        """Values and errors by point."""
        found = self.evaluate([Asked(changes, 1, count) for changes in self.points])
        values: dict[int, Reals] = {}
        errors: dict[int, str] = {}
        for k, answer in enumerate(found):
            mine = answer.values.get(self.measure)
            if answer.error or mine is None or len(mine) != count or np.isnan(mine).any():
                errors[k] = answer.error or self._lacking()
            else:
                values[k] = self.sign * mine
        return values, errors

    def values(self, asked: Mapping[int, tuple[int, int, int]]) -> dict[int, Reals]:
        """Values by key of (point, first, last)."""
        questions = [Asked(self.points[point], first, last) for point, first, last in asked.values()]
        values: dict[int, Reals] = {}
        for key, answer in zip(asked, self.evaluate(questions), strict=True):
            mine = answer.values.get(self.measure)
            wanted = answer.asked.last - answer.asked.first + 1
            if answer.error or mine is None or len(mine) != wanted or np.isnan(mine).any():
                raise SelectionError(answer.error or self._lacking())
            values[key] = self.sign * mine
        return values

    def _lacking(self) -> str:
        return f"a replication gave no `{self.measure}`"


def _step(state: Procedure) -> Step:
    return Step(sum(len(mine) for mine in state.values), len(state.alive))


def _selected(
    state: Procedure,
    desk: _Desk,
    kept: Sequence[int],
    errors: Mapping[int, str],
    question: Question,
    method: Method,
    aim: Aim,
    fresh: int,
    level: float,
) -> Selected:
    """The choice, with the winner's mean from replications that nobody has used."""
    used = max(len(mine) for mine in state.values)
    best = kept[state.best]
    values = desk.values({0: (best, used + 1, used + fresh)})[0]
    place = {point: k for k, point in enumerate(kept)}
    standings = tuple(
        Standing(point, 0, None, False, errors[point])
        if point in errors
        else Standing(
            point,
            len(state.values[place[point]]),
            desk.sign * float(state.values[place[point]].mean()),
            place[point] in state.alive,
        )
        for point in range(len(desk.points))
    )
    return Selected(
        method,
        aim,
        desk.measure,
        question,
        state.zone,
        best,
        state.stopped,
        state.probability,
        standings,
        mean_interval((desk.sign * values).tolist(), level),
    )
