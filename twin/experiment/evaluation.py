"""The one question that designs, selection and optimisation ask: what comes out at these settings?

Whoever searches asks an `Evaluate` for ranges of replications at points, and gets values by measure. It is a
sweep's tasks in practice (`twin.experiment.sweeps`) and a formula in the tests of methods with a known
answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Changes = Mapping[str, object]
"""Dotted path → new value, as after `--set`."""


@dataclass(frozen=True)
class Asked:
    """Replications `first` to `last`, both included, counted from 1, at a point."""

    changes: Changes
    first: int
    last: int


@dataclass(frozen=True)
class Evaluated:
    """What came out of what was asked: measure → a value for each replication in order, SI units, NaN where a
    replication gave none; or, in words, why nothing did.
    """

    asked: Asked
    values: Mapping[str, NDArray[np.float64]]
    error: str = ""


class Evaluate(Protocol):
    """Answers in the order asked; the same question always has the same answer."""

    def __call__(self, asked: Sequence[Asked]) -> list[Evaluated]:
        """Replications of equal number share their random numbers wherever the plants are the same."""
        ...
