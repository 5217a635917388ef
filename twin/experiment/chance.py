"""Addressed uniforms for experiments: designs, bootstrap samples, orders of folds, moves of a search.

The same Philox as the plants' draws, under names of their own (`design/…`, `experiment/…`), so a seed gives
the same figures in any order and no method shares numbers with a plant or with another method. Called by the
packages of methods beside this file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.engine.distributions import KINDS
from twin.engine.draws import draw_block, source_hash, stream_key

_NO_TABLE = np.empty((2, 0))


def uniforms(seed: int, name: str, count: int, *, first: int = 0, part: int = 0) -> NDArray[np.float64]:
    """`count` uniforms in (0, 1) of the stream `name`, from address `first` on; `part` tells repetitions
    apart.

    >>> bool((uniforms(7, "x", 5) == uniforms(7, "x", 8)[:5]).all())
    True
    >>> bool((uniforms(7, "x", 3, first=2) == uniforms(7, "x", 5)[2:]).all())
    True
    """
    low, high = stream_key(seed, part, source_hash(name))
    return draw_block(KINDS["uniform"], 0.0, 1.0, 0.0, _NO_TABLE, low, high, first, count)


def shuffled(seed: int, name: str, count: int) -> NDArray[np.int64]:
    """The whole numbers 0 to `count` − 1 in an order of chance.

    >>> sorted(shuffled(1, "order", 4).tolist())
    [0, 1, 2, 3]
    """
    return np.argsort(uniforms(seed, name, count), kind="stable")


def times_drawn(seed: int, name: str, items: int, resamples: int) -> NDArray[np.float64]:
    """How often each item is drawn in each bootstrap sample of `items` with replacement, (resamples, items).

    >>> times_drawn(1, "bootstrap", 5, 3).sum(axis=1).tolist()
    [5.0, 5.0, 5.0]
    """
    drawn = (uniforms(seed, name, items * resamples) * items).astype(np.int64).reshape(resamples, items)
    counts = np.zeros((resamples, items))
    np.add.at(counts, (np.arange(resamples)[:, None], drawn), 1.0)
    return counts
