"""Saltelli's design for Sobol indices: two matrices of points and their mixtures, one column exchanged at a
time.

The matrices are the halves of Sobol's sequence in twice as many dimensions as there are axes (SciPy's, with
the direction numbers of Joe and Kuo), moved by a random digital shift for each dimension, which keeps it a
net. Rows come in the order in which SALib's `sobol.analyze` reads them.

A. Saltelli, "Making best use of model evaluations to compute sensitivity indices", Computer Physics
Communications 145 (2002) 280-297, doi 10.1016/S0010-4655(02)00280-1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.experiment.chance import uniforms

_BITS = 30


def saltelli(
    names: Sequence[str], points: int, seed: int, *, second_order: bool = False
) -> NDArray[np.float64]:
    """The design between 0 and 1, (points · (axes + 2), axes), with `second_order` (points · (2 axes + 2),
    axes).

    `points`, a power of two, are those of each matrix. For each of them come A, then A with one column of B
    for each axis, with `second_order` B with one column of A for each axis, then B.

    >>> saltelli(["a", "b"], 8, seed=1).shape, saltelli(["a", "b"], 8, seed=1, second_order=True).shape
    ((32, 2), (48, 2))
    """
    axes = len(names)
    sequence = _shifted(2 * axes, points, [f"sobol/{half}/{name}" for half in "ab" for name in names], seed)
    a, b = sequence[:, None, :axes], sequence[:, None, axes:]
    own = np.eye(axes, dtype=bool)
    blocks = [a, np.where(own, b, a)]
    if second_order:
        blocks.append(np.where(own, a, b))
    blocks.append(b)
    return np.concatenate(blocks, axis=1).reshape(-1, axes)


def _shifted(dimensions: int, points: int, purposes: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Sobol's sequence, (points, dimensions), each dimension's digits exchanged by the bits of one draw."""
    from scipy.stats import qmc  # which takes longer to load than a small sweep to plan

    engine = qmc.Sobol(dimensions, scramble=False, bits=_BITS)
    digits = (engine.random_base2(points.bit_length() - 1) * 2.0**_BITS).astype(np.uint64)
    shifts = [int(uniforms(seed, f"design/{purpose}", 1)[0] * 2**_BITS) for purpose in purposes]
    moved = digits ^ np.array(shifts, dtype=np.uint64)
    found: NDArray[np.float64] = (moved.astype(np.float64) + 0.5) * 2.0**-_BITS
    return found
