"""Latin hypercubes: as many slices along each axis as points, one point in each.

M. D. McKay, R. J. Beckman and W. J. Conover, "A comparison of three methods for selecting values of input
variables in the analysis of output from a computer code", Technometrics 21 (1979) 239-245.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.experiment.chance import shuffled, uniforms


def latin_hypercube(names: Sequence[str], points: int, seed: int) -> NDArray[np.float64]:
    """A Latin hypercube between 0 and 1, (points, axes), for axes of these names.

    The slices of an axis are in an order of its own, and the place inside each is drawn; another axis beside
    it changes neither.

    >>> design = latin_hypercube(["a", "b"], 4, seed=1)
    >>> sorted((design[:, 0] * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    columns = [
        (
            shuffled(seed, f"design/lhs/{name}/slice", points)
            + uniforms(seed, f"design/lhs/{name}/place", points)
        )
        / points
        for name in names
    ]
    return np.column_stack(columns)
