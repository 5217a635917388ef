"""KN: the fully sequential selection procedure of Kim and Nelson, with an indifference zone.

All systems that are still in question get the same replications; after each one those whose mean has fallen
too far behind another's are dropped. For normal values the probability of choosing the best is at least what
is asked when it is better than the others by the indifference zone; common random numbers are allowed and
make it quick, since only variances of differences enter. Source: Kim & Nelson, A fully sequential procedure
for indifference-zone selection in simulation (with c = 1). A zone relative to the first stage's best mean is
random, which the theorem does not cover; the tests measure that it costs nothing that could be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.experiment.arrays import Reals
from twin.experiment.inference.procedures import Block, Question, extended

BATCH = 10  # replications asked for at a time, at least; screening looks at each of them


def first_stage_constant(probability: float, systems: int, first: int) -> float:
    """h² = 2η(n₀ − 1) with η = ((2α/(k − 1))^(−2/(n₀ − 1)) − 1)/2, α = 1 − probability.

    >>> round(first_stage_constant(0.95, 5, 10), 4)
    11.4294
    """
    tail = 2 * (1 - probability) / (systems - 1)
    return float((tail ** (-2 / (first - 1)) - 1) * (first - 1))


@dataclass(frozen=True)
class KN:
    """A state of KN. `screened` replications of each system in question have been looked at."""

    question: Question
    zone: float
    values: tuple[Reals, ...]
    alive: tuple[int, ...]
    screened: int
    dropped: Mapping[int, int] = field(default_factory=dict)
    scale: Reals = field(default_factory=lambda: np.zeros((0, 0)), repr=False)  # h²·S²/δ², of all pairs

    @classmethod
    def begin(cls, question: Question, first_stage: Sequence[Reals]) -> KN:
        """The state after the first stage, screened once.

        Args:
            question: what is to be found.
            first_stage: `question.first` values for each of two systems or more.

        Raises:
            ValueError: fewer than two systems, another number of values, or no indifference.
        """
        k, n = len(first_stage), question.first
        if k < 2 or any(len(mine) != n for mine in first_stage):
            raise ValueError(f"KN begins with {n} values of each of two systems or more.")
        together = np.array(first_stage, dtype=np.float64)
        zone = question.zone(first_stage)
        variance = np.array([(together - mine).var(axis=1, ddof=1) for mine in together])
        scale = first_stage_constant(question.probability, k, n) * variance / zone**2
        state = cls(question, zone, tuple(together), tuple(range(k)), n - 1, {}, scale)
        return state._screen()

    @property
    def best(self) -> int:
        """The highest mean of what was screened of those in question; of equals the first."""
        means = [self.values[k][: self.screened].mean() for k in self.alive]
        return self.alive[int(np.argmax(means))]

    @property
    def stopped(self) -> bool:
        """One is left, or so many replications that no margin is left between them."""
        return len(self.alive) == 1 or bool(self.screened >= self._scale_alive().max())

    @property
    def probability(self) -> None:
        """KN guarantees the probability asked for, and estimates none."""
        return None

    def asks(self) -> tuple[Block, ...]:
        """Some replications more of all that are in question: ten, or a tenth of those there are."""
        have = self.screened
        count = min(max(BATCH, have // 10), self.question.most - have)
        if self.stopped or count < 1:
            return ()
        return tuple(Block(k, have + 1, have + count) for k in self.alive)

    def told(self, values: Mapping[int, Reals]) -> KN:
        """Screened replication by replication, as if they had come one by one; what came of a system after it
        was dropped is kept and not looked at.
        """
        return replace(self, values=extended(self.values, values))._screen()

    def _scale_alive(self) -> Reals:
        return self.scale[np.ix_(self.alive, self.alive)]

    def _screen(self) -> KN:
        alive, dropped = self.alive, dict(self.dropped)
        have = min(len(self.values[k]) for k in alive)
        sums = np.array([mine[: self.screened].sum() for mine in self.values])
        scale, r = self._scale_alive(), self.screened
        while r < have:
            sums[list(alive)] += [self.values[k][r] for k in alive]
            r += 1
            ahead = (sums[None, list(alive)] - sums[list(alive), None]) / self.zone
            # X̄ᵢ ≥ X̄ⱼ − max(0, δ/(2r)·(h²S²/δ² − r)) for all j, times r/δ.
            stays = (ahead <= np.maximum(0.0, (scale - r) / 2)).all(axis=1)
            dropped |= {k: r for k, ok in zip(alive, stays, strict=True) if not ok}
            alive = tuple(k for k, ok in zip(alive, stays, strict=True) if ok)
            scale = scale[np.ix_(stays, stays)]
            if len(alive) == 1 or r >= scale.max():
                break
        return replace(self, alive=alive, screened=r, dropped=dropped)
