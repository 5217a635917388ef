"""Lays out sections, states and rates as the rows that the kernels of population balances read.

Apart from the kernels because it is array code, and because Numba wants all that it compiles in one file.
"""

from __future__ import annotations

from typing import Any

import array_api_compat

from twin.physics.backend import namespace
from twin.physics.numerics.population_balance import Breakage, Sections, column


def sizes_of(sections: Sections, steps: int) -> tuple[int, ...]:
    """Return what all lots share: how many sections, how many steps, and where pairs add up to."""
    return (sections.count, steps, *sections.offsets)


def inputs_of(sections: Sections, state: Any, duration: Any, meetings: Any, breakage: Breakage) -> Any:
    """Return the inputs of plain balances, (fields, n), from what `integrate` of the array form takes."""
    xp = namespace(state)
    m = sections.count
    by_pair = xp.reshape(meetings, (m * m, meetings.shape[-1]))
    pairs = xp.asarray(
        [i * m + i - d for d in range(m) for i in range(d, m)], device=array_api_compat.device(state)
    )
    rows = [
        (duration + 0.0 * state[0, ...])[None, ...],
        column(xp, (sections.ratio, *sections.pivots, *sections.gaps), state),
        breakage.rates,
        xp.take(by_pair, pairs, axis=0),
        fragments_by_parent(breakage),
        state,
    ]
    lots = state.shape[-1]
    return xp.concat([xp.broadcast_to(row, (row.shape[0], lots)) for row in rows], axis=0)


def fragments_by_parent(breakage: Breakage) -> Any:
    """Return fragments' numbers, then their excess, by parent and by child up to it: two triangles."""
    xp = namespace(breakage.numbers)
    m = breakage.numbers.shape[0]
    families = xp.asarray(
        [k * m + i for k in range(m) for i in range(k + 1)],
        device=array_api_compat.device(breakage.numbers),
    )
    return xp.concat(
        [
            xp.take(xp.reshape(matrix, (m * m, matrix.shape[-1])), families, axis=0)
            for matrix in (breakage.numbers, breakage.excess)
        ],
        axis=0,
    )
