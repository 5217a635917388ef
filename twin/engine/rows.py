"""A block of a replication's rows, in the order in which an engine writes them: whole numbers, no names.

What `recorder.Recorder` collects over a whole replication. An engine hands blocks to whatever takes rows: a
recorder, or the reducers that fold them into measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

STATE_COLUMNS = 7
LOT_COLUMNS = 13
LEVEL_COLUMNS = 3
GENEALOGY_COLUMNS = 7
NOT_DUE = 2**62  # ns, of a lot without a due date


def _none(columns: int) -> Integers:
    return np.empty((0, columns), dtype=np.int64)


@dataclass(frozen=True)
class Rows:
    """Rows of one replication; -1 stands for none, units, operations and materials are numbered as in the
    program.

    Rows of one unit in `states`, and of one entity in `levels`, follow each other in time over all blocks.

    `states` (n, 7): unit, state, start, end, lot, operation, cause. `lots` (n, 13): lot, operation, visit,
    unit, arrived, started, finished, left, outcome, in, scrapped, cause, and what of `scrapped` went to named
    sinks. `attributes` (lots, k): the program's, in its order, NaN where not computed; none where k is 0.
    `levels` (n, 3): entity, time, level. `rates` (levels,): per s until the next row; empty: all are 0.
    `due` (m,): of the lots released since the last block, by number, `NOT_DUE` where one has no due date.
    `genealogy` (n, 7): time, operation, material, delivered, parent, child, quantity.
    """

    states: Integers = field(default_factory=lambda: _none(STATE_COLUMNS))
    lots: Integers = field(default_factory=lambda: _none(LOT_COLUMNS))
    attributes: Reals = field(default_factory=lambda: np.empty((0, 0)))
    levels: Integers = field(default_factory=lambda: _none(LEVEL_COLUMNS))
    rates: Reals = field(default_factory=lambda: np.empty(0))
    due: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    genealogy: Integers = field(default_factory=lambda: _none(GENEALOGY_COLUMNS))


class TakesRows(Protocol):
    """What an engine hands a replication's rows to."""

    def begin(
        self, replication: int, causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> None:
        """A replication begins, at `begins` ns; what came of it before is void. Causes and entities of its
        rows are numbered as given.
        """
        ...

    def rows(self, replication: int, block: Rows) -> None:
        """The next rows of a replication."""
        ...

    def end(self, replication: int, horizon: int) -> None:
        """A replication has ended, at `horizon` ns."""
        ...
