"""Uniform numbers of a design, addressed by its seed, what they are for and their index: the engines' Philox,
never a generator that is used up. Called by the designs that draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.engine.draws import KINDS, CompiledDistribution, draw_block, source_hash, stream_key

_DESIGN = 0  # the replication whose draws a design has; those of runs are counted from 1
_UNIFORM = CompiledDistribution(KINDS["uniform"], 0.0, 1.0, 0.0, np.empty((2, 0)))


def uniforms(seed: int, purpose: str, count: int) -> NDArray[np.float64]:
    """`count` numbers between 0 and 1, both left out; more of them begin with fewer.

    >>> uniforms(1, "example", 2).round(3).tolist() == uniforms(1, "example", 3).round(3).tolist()[:2]
    True
    """
    key = stream_key(seed, _DESIGN, source_hash(f"design/{purpose}"))
    found: NDArray[np.float64] = draw_block(*_UNIFORM, *key, 0, count)
    return found


def order(seed: int, purpose: str, count: int) -> NDArray[np.int64]:
    """0 to `count` - 1 in an order in which each is as likely as any other."""
    return np.argsort(uniforms(seed, purpose, count), kind="stable")
