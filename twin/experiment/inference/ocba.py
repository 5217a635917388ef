"""OCBA: optimal computing budget allocation, replications where they tell the best from its rivals.

After a first stage each further stage shares its replications so that Nᵢ/Nⱼ = ((σᵢ/dᵢ)/(σⱼ/dⱼ))² among the
others, dᵢ being the distance to the best, and the best gets N_b = σ_b·√Σ(Nᵢ/σᵢ)². It stops when the
approximate probability of a good choice, 1 − Σ P(μⱼ > μ_b), reaches what is asked. Source: Chen & Lee,
Stochastic Simulation Optimization, 2010, whose example it reproduces. The probability is a posterior one, of
Student's t here, as variances are estimated; stopping when it looks good guarantees nothing (KN does).
Systems count as independent, which is cautious under common random numbers. Distances shorter than the
indifference count as that, here and in the probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from twin.experiment.arrays import Reals
from twin.experiment.inference.procedures import Block, Question, extended

STAGE = 10  # replications of a stage for each system, shared among them


@dataclass(frozen=True)
class OCBA:
    """A state of OCBA."""

    question: Question
    zone: float
    values: tuple[Reals, ...]

    @classmethod
    def begin(cls, question: Question, first_stage: Sequence[Reals]) -> OCBA:
        """The state after the first stage.

        Args:
            question: what is to be found.
            first_stage: `question.first` values for each of two systems or more.

        Raises:
            ValueError: fewer than two systems, another number of values, or no indifference.
        """
        if len(first_stage) < 2 or any(len(mine) != question.first for mine in first_stage):
            raise ValueError(f"OCBA begins with {question.first} values of each of two systems or more.")
        return cls(question, question.zone(first_stage), tuple(np.asarray(mine) for mine in first_stage))

    @property
    def alive(self) -> tuple[int, ...]:
        """All of them: none is dropped for good."""
        return tuple(range(len(self.values)))

    @property
    def best(self) -> int:
        """The highest mean; of equals the first."""
        return int(np.argmax([mine.mean() for mine in self.values]))

    @property
    def probability(self) -> float:
        """1 − Σ P(μⱼ > μ_b), each from a difference with Welch's degrees of freedom; at least 0."""
        best, wrong = self.values[self.best], 0.0
        for k, mine in enumerate(self.values):
            if k != self.best:
                wrong += _probability_above(mine, best, self.zone)
        return max(1.0 - wrong, 0.0)

    @property
    def stopped(self) -> bool:
        """Whether the probability is reached."""
        return self.probability >= self.question.probability

    def asks(self) -> tuple[Block, ...]:
        """The next stage, as far as nobody gets more than the most."""
        if self.stopped:
            return ()
        have = np.array([len(mine) for mine in self.values])
        shares = allocation(
            [mine.mean() for mine in self.values], [mine.std(ddof=1) for mine in self.values], self.zone
        )
        stage = STAGE * len(have)
        wanted = np.maximum(shares * (have.sum() + stage) - have, 0.0)
        count = np.minimum(np.ceil(wanted * stage / wanted.sum()).astype(int), self.question.most - have)
        return tuple(
            Block(k, int(have[k]) + 1, int(have[k] + more)) for k, more in enumerate(count) if more > 0
        )

    def told(self, values: Mapping[int, Reals]) -> OCBA:
        """With more values."""
        return replace(self, values=extended(self.values, values))


def allocation(means: Sequence[float], deviations: Sequence[float], zone: float) -> Reals:
    """Shares of all replications that each system should have, together 1, higher means being better.

    Args:
        means: sample means.
        deviations: sample standard deviations; a system that does not vary gets next to nothing.
        zone: distances below it count as it, above 0.

    >>> allocation([3.0, 2.0, 1.0], [1.0, 1.0, 1.0], 0.01).round(3).tolist()
    [0.452, 0.438, 0.11]
    """
    mean, spread = np.array(means, dtype=float), np.array(deviations, dtype=float)
    spread = np.maximum(spread, 1e-9 * max(float(spread.max()), zone))
    best = int(np.argmax(mean))
    ratio = (spread / np.maximum(mean[best] - mean, zone)) ** 2
    ratio[best] = 0.0
    ratio[best] = spread[best] * math.sqrt(float(((ratio / spread) ** 2).sum()))
    return np.asarray(ratio / ratio.sum(), dtype=np.float64)


def _probability_above(mine: Reals, best: Reals, zone: float) -> float:
    """P(μ > μ_b) of a rival, from the samples of both, the distance counting as the zone at least."""
    a, b = mine.var(ddof=1) / len(mine), best.var(ddof=1) / len(best)
    ahead = max(float(best.mean() - mine.mean()), zone)
    if a + b == 0:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 / (len(mine) - 1) + b**2 / (len(best) - 1))
    return float(stdtr(freedom, -ahead / math.sqrt(a + b)))
