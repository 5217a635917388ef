"""The broker: asks each model once about all visits that wait for it.

A call holds at most `MOST_LOTS` lots, which bounds its memory; a lot's answer does not depend on the others
in the call, so that neither does the cut. Durations are rounded once, here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from twin import physics
from twin.engine.broker.ahead import Foreseen, Recipes
from twin.engine.broker.counts import Counts
from twin.engine.broker.inputs import Columns, inputs_of_call, integers
from twin.engine.broker.plan import PlannedOperation, physics_plan
from twin.engine.broker.rows import NO_TIME, Answer, Integers, Reals, Request, Visits
from twin.engine.physics_call import BATCH_MASS
from twin.engine.program import Program
from twin.engine.rules.speeds import processing_time
from twin.physics.backend import Backend
from twin.physics.contract import OK, Outcome, UnitOperation
from twin.physics.evaluation import Evaluation, evaluate_block

MOST_LOTS = 8192  # in one array call
LONGEST = 4e9  # s

Numbers = Sequence[int] | Integers
Groups = tuple[Columns, Columns, Columns]  # material, settings, equipment


class Asked(NamedTuple):
    """What a model says of visits to several operations, one operation after the other: `edges` has where
    those of each begin, and at its end how many they are.
    """

    operations: list[int]
    edges: list[int]
    outcome: Outcome


class Broker:
    """Answers for all replications of one program and seed."""

    def __init__(
        self,
        program: Program,
        seed: int,
        backend: Backend,
        counts: Counts | None = None,
        plan: tuple[PlannedOperation, ...] | None = None,
    ) -> None:
        """`plan` is that of the program, where it is known already."""
        self._program, self._backend = program, backend
        self._calls = {n: o.physics for n, o in enumerate(program.operations) if o.physics is not None}
        self._inputs = {n: inputs_of_call(call, seed) for n, call in self._calls.items()}
        self._nominal = np.full(len(program.operations), np.nan)
        for n, call in self._calls.items():
            self._nominal[n] = call.nominal or np.nan
        self.plan = physics_plan(program) if plan is None else plan
        self.recipes = Recipes(program, self.plan, seed)
        self.counts = Counts() if counts is None else counts

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Ask about visits, one call for each model; answers in the order of the requests."""
        places: dict[int, list[int]] = {}
        for place, request in enumerate(requests):
            places.setdefault(request.operation, []).append(place)
        outcomes = self.ask({n: self._visits(n, [requests[k] for k in where]) for n, where in places.items()})
        answers: list[Answer | None] = [None] * len(requests)
        for number, where in places.items():
            rows = zip(where, _rows(outcomes[number]), strict=True)
            for place, (seconds, good, status, attributes) in rows:
                time = self.time(number, seconds, status, requests[place].speed)
                answers[place] = Answer(time, seconds, good, status, attributes)
        return [answer for answer in answers if answer is not None]

    def ask(self, visits: Mapping[int, Visits]) -> dict[int, Outcome]:
        """Ask about visits by operation, one call for each model; what is said of each."""
        return {
            number: _part(asked.outcome, slice(*edges))
            for asked in self.ask_models(visits)
            for number, *edges in zip(asked.operations, asked.edges, asked.edges[1:], strict=False)
        }

    def ask_models(self, visits: Mapping[int, Visits]) -> Iterator[Asked]:
        """Ask about visits by operation, one call for each model; what each model says."""
        by_model: dict[int, list[int]] = {}
        for number in visits:
            by_model.setdefault(id(self._calls[number].model), []).append(number)
        for numbers in by_model.values():
            lots = [len(visits[number].number) for number in numbers]
            for number, count in zip(numbers, lots, strict=True):
                self.counts.operation(self._program.operations[number].name).live += count
            outcome = self._ask([(number, visits[number]) for number in numbers])
            yield Asked(numbers, [0, *accumulate(lots)], outcome)

    def seconds(self, operation: int | Integers, outcome: Outcome) -> Reals:
        """The times of `outcome` at speed 1, shape (n,), of one operation or of those given, shape (n,):
        where the model does not hold and gives none the nominal one, NaN where there is none.
        """
        seconds = np.asarray(outcome.duration, dtype=np.float64)
        given = (seconds >= 0) & (seconds <= LONGEST)
        if given.all():
            return seconds
        return np.where(given, seconds, np.where(outcome.status == OK, np.nan, self._nominal[operation]))

    def foresee(self, recipe: int, replication: Numbers, number: Numbers) -> Foreseen:
        """The answers of lots of a recipe at all its operations that are ahead."""
        return self.recipes.foresee(
            recipe,
            np.asarray(replication, dtype=np.int64),
            np.asarray(number, dtype=np.int64),
            self._ask_ahead,
        )

    def time(self, operation: int, seconds: float, status: int, speed: float) -> int:
        """Processing in ns of what takes `seconds` at speed 1; where the model does not hold and gives no
        time, the nominal one.
        """
        if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST):
            nominal = self._calls[operation].nominal
            if status == OK or not nominal:
                return NO_TIME
            seconds = nominal
        return processing_time(seconds, speed)

    def inputs_of(self, request: Request) -> dict[str, float]:
        """What a model is told of a visit, its equipment apart; for messages."""
        visits = self._visits(request.operation, [request])
        material, settings, _ = self._inputs[request.operation].columns(visits)
        return {name: float(values[0]) for name, values in (material | settings).items()}

    def _visits(self, operation: int, requests: Sequence[Request]) -> Visits:
        brought = np.array([r.brought for r in requests], dtype=np.float64).T
        names = [name for name, _ in self._calls[operation].carried]
        return Visits(
            integers([r.replication for r in requests]),
            integers([r.number for r in requests]),
            integers([r.visit for r in requests]),
            integers([r.attempt for r in requests]),
            integers([r.unit for r in requests]),
            integers([r.quantity for r in requests]),
            dict(zip(names, brought, strict=True)),
        )

    def _ask_ahead(self, operation: int, visits: Visits) -> Outcome:
        self.counts.operation(self._program.operations[operation].name).ahead += len(visits.number)
        return self._ask([(operation, visits)])

    def _ask(self, visits: Sequence[tuple[int, Visits]]) -> Outcome:
        """Ask one model about visits to operations, in one call or as many as the lots need; yields from 0 to
        1, and what is none is 0.
        """
        model = self._calls[visits[0][0]].model
        evaluation = model.evaluate
        if isinstance(evaluation, Evaluation) and self._backend.device == "cpu":
            outcomes = self._of_block(model, evaluation, visits)
        else:
            outcomes = self._of_groups(model, _together([self._inputs[n].columns(v) for n, v in visits]))
        return outcomes[0] if len(outcomes) == 1 else _joined(outcomes)

    def _of_block(
        self, model: UnitOperation, evaluation: Evaluation, visits: Sequence[tuple[int, Visits]]
    ) -> list[Outcome]:
        """Ask with all inputs laid out at once, which takes a third of the time where lots are few."""
        lots = sum(len(each.number) for _, each in visits)
        block, first = np.empty((len(evaluation.fields), lots)), 0
        for number, each in visits:
            last = first + len(each.number)
            self._inputs[number].fill(block[:, first:last], each)
            first = last
        outcomes = []
        for begin in range(0, lots, MOST_LOTS):
            part = block if lots <= MOST_LOTS else np.ascontiguousarray(block[:, begin : begin + MOST_LOTS])
            outcomes.append(self._heard(model, evaluate_block(evaluation, part)))
        return outcomes

    def _of_groups(self, model: UnitOperation, groups: Groups) -> list[Outcome]:
        """Ask with inputs by name."""
        lots = len(groups[0][BATCH_MASS])
        outcomes = []
        for first in range(0, lots, MOST_LOTS):
            part = slice(first, first + MOST_LOTS)
            given = [_columns_of(columns, part) if lots > MOST_LOTS else columns for columns in groups]
            outcome = physics.evaluate_on(self._backend, model, given[0], given[1], given[2])
            outcomes.append(self._heard(model, outcome))
        return outcomes

    def _heard(self, model: UnitOperation, outcome: Outcome) -> Outcome:
        self.counts.called(model.name, len(outcome.duration))
        good = np.clip(np.where(np.isnan(outcome.yield_), 0.0, outcome.yield_), 0.0, 1.0)
        return Outcome(outcome.duration, good, outcome.attributes, outcome.status)


def _together(groups: Sequence[Groups]) -> Groups:
    """The inputs of several operations with one model as those of one."""
    if len(groups) == 1:
        return groups[0]
    material, settings, equipment = (
        {name: np.concatenate([columns[name] for columns in kind]) for name in kind[0]}
        for kind in zip(*groups, strict=True)
    )
    return material, settings, equipment


def _columns_of(columns: Columns, part: slice) -> Columns:
    """Some of the visits."""
    return {name: values[part] for name, values in columns.items()}


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    """The answers of several calls as those of one."""
    return Outcome(
        np.concatenate([o.duration for o in outcomes]),
        np.concatenate([o.yield_ for o in outcomes]),
        {name: np.concatenate([o.attributes[name] for o in outcomes]) for name in outcomes[0].attributes},
        np.concatenate([o.status for o in outcomes]),
    )


def _part(outcome: Outcome, part: slice) -> Outcome:
    """The answers of some of the visits."""
    return Outcome(
        outcome.duration[part],
        outcome.yield_[part],
        {name: values[part] for name, values in outcome.attributes.items()},
        outcome.status[part],
    )


def _rows(outcome: Outcome) -> Iterator[tuple[float, float, int, dict[str, float]]]:
    """Seconds, good fraction, status and attributes, lot by lot."""
    names = list(outcome.attributes)
    columns = [values.tolist() for values in outcome.attributes.values()]
    rows = zip(*columns, strict=True) if names else ((),) * len(outcome.duration)
    for seconds, good, status, values in zip(
        outcome.duration.tolist(), outcome.yield_.tolist(), outcome.status.tolist(), rows, strict=True
    ):
        yield seconds, good, status, dict(zip(names, values, strict=True))
