"""The quadratic assignment against an instance whose optimum is known, and against looking at everything."""

from __future__ import annotations

import itertools

import numpy as np

from twin.experiment.chance import uniforms
from twin.experiment.layouts.exchange import assign

# nug12 of QAPLIB (C. E. Nugent, T. E. Vollmann, J. Ruml, Operations Research 16 (1968) 150): places on a
# grid of three lines and four columns, flows between twelve departments. Its optimum, proven, is 578.
GRID = np.array([(i, j) for i in range(3) for j in range(4)], dtype=float)
FLOWS = np.array(
    [
        [0, 5, 2, 4, 1, 0, 0, 6, 2, 1, 1, 1],
        [5, 0, 3, 0, 2, 2, 2, 0, 4, 5, 0, 0],
        [2, 3, 0, 0, 0, 0, 0, 5, 5, 2, 2, 2],
        [4, 0, 0, 0, 5, 2, 2, 10, 0, 0, 5, 5],
        [1, 2, 0, 5, 0, 10, 0, 0, 0, 5, 1, 1],
        [0, 2, 0, 2, 10, 0, 5, 1, 1, 5, 4, 0],
        [0, 2, 0, 2, 0, 5, 0, 10, 5, 2, 3, 3],
        [6, 0, 5, 10, 0, 1, 10, 0, 0, 0, 5, 0],
        [2, 4, 5, 0, 0, 1, 5, 0, 0, 0, 10, 10],
        [1, 5, 2, 0, 5, 5, 2, 0, 0, 0, 5, 0],
        [1, 0, 2, 5, 1, 4, 3, 5, 10, 5, 0, 2],
        [1, 0, 2, 5, 1, 0, 3, 0, 10, 0, 2, 0],
    ],
    dtype=float,
)


def cost(flow: np.ndarray, metres: np.ndarray, places: np.ndarray) -> float:
    return float((flow * metres[np.ix_(places, places)]).sum())


def test_the_optimum_of_nug12_is_found() -> None:
    metres = abs(GRID[:, None] - GRID[None]).sum(axis=2)
    assert cost(FLOWS, metres, assign(FLOWS, metres, seed=1)) == 578


def test_small_assignments_are_the_best_of_all_permutations() -> None:
    for k in range(5):
        flow = uniforms(k, "experiment/test/flow", 49).reshape(7, 7)
        points = uniforms(k, "experiment/test/points", 14).reshape(7, 2)
        metres = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        least = min(cost(flow, metres, np.array(p)) for p in itertools.permutations(range(7)))
        assert cost(flow, metres, assign(flow, metres, seed=1)) <= least * (1 + 1e-12)
