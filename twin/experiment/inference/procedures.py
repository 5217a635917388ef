"""What procedures of ranking and selection share: the question, a stage's blocks, and their one shape.

A procedure is a frozen state. `asks` says which replications of which systems it wants next, `told` gives the
state that has them, `best` is the choice once it `stopped`. Systems are numbered from 0; values are such that
higher is better, whoever drives turns the sign of what is to be low. Nothing here runs anything: `selecting`
drives a procedure over an `Evaluate`, tests drive it over formulas. The procedures are `kn` and `ocba`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twin.experiment.arrays import Reals
from twin.experiment.inference.stopping import Precision

FEWEST_FIRST = 2


@dataclass(frozen=True)
class Question:
    """Find the best of several systems, right with `probability` if it is better than all others by the
    `indifference`, and within the indifference of the best otherwise.

    Args:
        probability: of a good choice, above 1/2 and below 1.
        indifference: a difference that is worth finding; relative to the best mean of the first stage, or in
            the measure's unit.
        first: replications of each system in the first stage, at least 2.
        most: replications of any one system, at most.

    Raises:
        ValueError: one of them is outside its range.
    """

    probability: float
    indifference: Precision
    first: int = 10
    most: int = 10_000

    def __post_init__(self) -> None:
        if not 0.5 < self.probability < 1:
            raise ValueError(
                f"The probability of a good choice lies between 0.5 and 1, not at {self.probability:g}."
            )
        if not FEWEST_FIRST <= self.first <= self.most:
            raise ValueError("The first stage takes at least 2 replications, and no more than the most.")

    def zone(self, values: Sequence[Reals]) -> float:
        """The indifference in the measure's unit, from the values of the first stage.

        Raises:
            ValueError: it is relative and the best mean is 0.
        """
        best = max(float(mine.mean()) for mine in values)
        size = self.indifference.half_width(best)
        if size <= 0:
            raise ValueError(
                "The best mean is 0, so that a relative indifference is none: give it in the unit."
            )
        return size


@dataclass(frozen=True)
class Block:
    """Replications `first` to `last`, both included, counted from 1, of a system."""

    system: int
    first: int
    last: int


class Procedure(Protocol):
    """A state of a selection procedure."""

    @property
    def zone(self) -> float:
        """The indifference in the measure's unit."""

    @property
    def values(self) -> tuple[Reals, ...]:
        """All values so far, an array for each system."""

    @property
    def alive(self) -> tuple[int, ...]:
        """Systems that are still in question."""

    @property
    def best(self) -> int:
        """The system with the highest mean of those in question."""

    @property
    def stopped(self) -> bool:
        """Whether the best is chosen with the probability that was asked for."""

    @property
    def probability(self) -> float | None:
        """An estimate of the probability that the choice is good; None where the procedure guarantees one."""

    def asks(self) -> tuple[Block, ...]:
        """What to run next; nothing where it stopped or the most replications are reached."""

    def told(self, values: Mapping[int, Reals]) -> Procedure:
        """The state with the values of the blocks asked for, by system."""


def extended(values: tuple[Reals, ...], more: Mapping[int, Reals]) -> tuple[Reals, ...]:
    """Values with more of them at the ends."""
    return tuple(np.concatenate([mine, more[k]]) if k in more else mine for k, mine in enumerate(values))
