"""Morris's trajectories: walks in which every axis is moved once, one after the other, by the same step.

M. D. Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 33 (1991)
161-174, doi 10.1080/00401706.1991.10484804. SALib's `morris.analyze` reads the rows, given the same number of
levels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.experiment.chance import shuffled, uniforms


def trajectories(names: Sequence[str], count: int, levels: int, seed: int) -> NDArray[np.float64]:
    """`count` trajectories between 0 and 1, (count · (axes + 1), axes), on an even number of levels.

    The step is levels / (2 (levels - 1)). Of each axis and trajectory are drawn the lower of its two levels,
    which end it begins at, and when it is moved; more trajectories begin with fewer.

    >>> walk = trajectories(["a", "b"], 1, 4, seed=1)
    >>> np.abs(np.diff(walk, axis=0)).sum(axis=1).round(6).tolist()
    [0.666667, 0.666667]
    """
    axes, half = len(names), levels // 2
    lower = _of_each(names, "level", count, seed) * half
    starts_high = _of_each(names, "end", count, seed) < 0.5
    turn = np.array([shuffled(seed, f"design/morris/turn/{number}", axes) for number in range(count)])
    moved = np.arange(axes + 1)[None, :, None] > turn[:, None, :]  # (count, row, axis)
    high = moved ^ starts_high[:, None, :]
    found: NDArray[np.float64] = (np.floor(lower)[:, None, :] + half * high) / (levels - 1)
    return found.reshape(-1, axes)


def _of_each(names: Sequence[str], what: str, count: int, seed: int) -> NDArray[np.float64]:
    return np.column_stack([uniforms(seed, f"design/morris/{name}/{what}", count) for name in names])
