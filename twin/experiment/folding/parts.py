"""Rows of `states` of units that work on several lots at once, made from those of their parts as they come.

The unit as a whole is in the state of the part that says most, as `engine.merging` has it. Compiled; called
by `replication.py` with rows up to the time to which every part is known.
"""

from __future__ import annotations

import numpy as np

from twin.engine.merging import RANK
from twin.experiment.arrays import Integers
from twin.experiment.folding.compiling import making_arrays

PART, STATE, START, END, CAUSE = 0, 1, 2, 3, 6  # columns of `states`
NONE = -1
_RANK = np.array(RANK, dtype=np.int64)


@making_arrays
def merge_rows(
    rows: Integers, part_of: Integers, unit: int, until: int, turn: Integers, found: Integers
) -> int:
    """Write the rows of a unit as a whole up to a time from those of its parts; returns how many they are.

    Args:
        rows: of its parts, in order of their starts; each part's follow each other without a gap.
        part_of: by unit the number of the part among those of its unit.
        unit: number of the unit as a whole.
        until: ns to which the rows of all parts go.
        turn: of each cause by number, with that of none at the end.
        found: to fill, of the same shape as `rows`.
    """
    shown = np.full(part_of.max() + 1, NONE)  # the row that each part is in
    count = i = 0
    while i < len(rows):
        now = rows[i, START]
        while i < len(rows) and rows[i, START] == now:
            shown[part_of[rows[i, PART]]] = i
            i += 1
        best = NONE
        for k in shown:
            if k != NONE and rows[k, END] > now and (best == NONE or _says_more(rows[k], rows[best], turn)):
                best = k
        ends = rows[i, START] if i < len(rows) else until
        row = found[count]
        row[:] = NONE
        row[PART], row[STATE], row[CAUSE] = unit, rows[best, STATE], rows[best, CAUSE]
        row[START], row[END] = now, ends
        count += 1
    return count


@making_arrays
def _says_more(row: Integers, other: Integers, turn: Integers) -> bool:
    """Whether a row's state goes before another's, or is the same with an earlier cause."""
    rank, than = _RANK[row[STATE]], _RANK[other[STATE]]
    return bool(rank < than or (rank == than and turn[row[CAUSE]] < turn[other[CAUSE]]))
