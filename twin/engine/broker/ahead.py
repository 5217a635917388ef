"""Answers computed before anybody asks: all operations of a recipe that are ahead, for many lots at once.

Each lot is taken through its recipe as it would go without being sent back or repeated: what it brings to an
operation is what the ones before gave it, and what it weighs is what their yields left. Where units have
unequal parameters, every way that it can take through them is computed. An answer is used for a visit only
where the lot comes just so (`desk`), so that it is the one that asking would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from twin.engine.broker.inputs import Drawn
from twin.engine.broker.plan import PlannedOperation, chain
from twin.engine.broker.rows import Integers, Reals, Visits
from twin.engine.program import Program
from twin.physics.contract import Outcome

Ask = Callable[[int, Visits], Outcome]


class OfOperation(NamedTuple):
    """Answers of one operation, arrays of shape (ways, n); one way more for each kind of its units."""

    kinds: int
    quantity: Integers  # mg or pieces of the lot as it comes, shape (ways before, n)
    seconds: Reals
    good: Reals
    status: Integers
    attributes: dict[str, Reals]


class Foreseen(NamedTuple):
    """Answers of n lots of one recipe, by operation."""

    recipe: int
    operations: dict[int, OfOperation]


class Recipes:
    """What is computed ahead of each recipe's lots."""

    def __init__(self, program: Program, plan: Sequence[PlannedOperation], seed: int) -> None:
        self._program = program
        self.planned = {p.number: p for p in plan if p.ahead}
        self._representatives = {number: _one_of_each(p) for number, p in self.planned.items()}
        last = {p.recipe: p.number for p in plan if p.ahead}
        self._chains = {r: _until(chain(program, r), number) for r, number in last.items()}
        self._yields = {
            number: Drawn(source, seed)
            for numbers in self._chains.values()
            for number in numbers
            if (source := program.operations[number].yields) is not None
        }

    def concerns(self, recipe: int) -> bool:
        """Whether anything of a recipe is ahead."""
        return recipe in self._chains

    def foresee(self, recipe: int, replication: Integers, number: Integers, ask: Ask) -> Foreseen:
        """The answers of released lots of a recipe, arrays of shape (n,), asking for each operation once."""
        lots = len(number)
        brought: dict[str, Reals] = {}  # shape (ways, n)
        quantity = np.full((1, lots), self._program.recipes[recipe].quantity, dtype=np.int64)
        found: dict[int, OfOperation] = {}
        for operation in self._chains[recipe]:
            good = np.ones((1, 1))
            if operation in self.planned:
                units = self._representatives[operation]
                came, ways = quantity, len(quantity) * len(units)
                quantity = np.repeat(quantity, len(units), axis=0)
                brought = {name: np.repeat(values, len(units), axis=0) for name, values in brought.items()}
                visits = _visits(replication, number, units, quantity, brought)
                outcome = ask(operation, visits)
                answers = _answers(outcome, len(units), came, (ways, lots))
                found[operation] = answers
                brought |= answers.attributes
                good = answers.good
            if operation in self._yields:
                none = np.zeros_like(number)
                first = Visits(replication, number, none, none, none, none, {})
                good = good * np.clip(self._yields[operation].of_visits(first), 0.0, 1.0)
            quantity = _left(quantity, good)
        return Foreseen(recipe, found)


def _one_of_each(planned: PlannedOperation) -> Integers:
    """A unit of each kind."""
    first: dict[int, int] = {}
    for unit, kind in planned.kinds.items():
        first.setdefault(kind, unit)
    return np.array([first[kind] for kind in sorted(first)], dtype=np.int64)


def _until(numbers: Iterable[int], last: int) -> tuple[int, ...]:
    found = []
    for number in numbers:
        found.append(number)
        if number == last:
            break
    return tuple(found)


def _visits(
    replication: Integers, number: Integers, units: Integers, quantity: Integers, brought: dict[str, Reals]
) -> Visits:
    """First visits of all lots by all ways, one way after the other, shape (ways · n,)."""
    ways, lots = quantity.shape
    none = np.zeros(ways * lots, dtype=np.int64)
    return Visits(
        np.tile(replication, ways),
        np.tile(number, ways),
        none,
        none,
        np.repeat(np.tile(units, ways // len(units)), lots),
        quantity.ravel(),
        {name: values.ravel() for name, values in brought.items()},
    )


def _answers(outcome: Outcome, kinds: int, came: Integers, shape: tuple[int, int]) -> OfOperation:
    return OfOperation(
        kinds,
        came,
        outcome.duration.reshape(shape),
        outcome.yield_.reshape(shape),
        outcome.status.reshape(shape),
        {name: values.reshape(shape) for name, values in outcome.attributes.items()},
    )


def _left(quantity: Integers, good: Reals) -> Integers:
    """`rules.parts.left_of` of arrays, without waste."""
    return quantity - np.rint(quantity * (1.0 - good)).astype(np.int64)
