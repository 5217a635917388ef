"""Plants that are formulas: an expected value at each point, and noise addressed by replication and point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import ndtri

from twin.experiment.chance import uniforms
from twin.experiment.evaluation import Asked, Evaluated

Means = Callable[[Mapping[str, object]], Mapping[str, float]]


class Formula:
    """`Evaluate` of expected measures, with noise of its own at each point and noise that all share."""

    def __init__(self, means: Means, *, own: float = 0.0, shared: float = 0.0) -> None:
        self.means, self.own, self.shared = means, own, shared
        self.asked: list[Asked] = []

    def __call__(self, asked: Sequence[Asked]) -> list[Evaluated]:
        self.asked += asked
        return [self._answer(each) for each in asked]

    def _answer(self, asked: Asked) -> Evaluated:
        count = asked.last - asked.first + 1
        try:
            means = self.means(asked.changes)
        except ValueError as wrong:
            return Evaluated(asked, {}, str(wrong))
        values = {}
        for name, mean in means.items():
            point = f"{name}/{sorted(asked.changes.items())}"
            own = ndtri(uniforms(1, f"experiment/{point}", count, first=asked.first))
            shared = ndtri(uniforms(1, f"experiment/{name}", count, first=asked.first))
            values[name] = mean + self.own * own + self.shared * shared
        return Evaluated(asked, values)


def noise_free(means: Means) -> Formula:
    return Formula(means)


def array(*values: float) -> np.ndarray:
    return np.array(values)
