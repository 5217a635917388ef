"""Rows of replications, in the order in which an engine writes them: whole numbers, no names.

What `recorder.Recorder` collects over a whole replication. An engine hands rows to whatever takes them: a
recorder, or the reducers that fold them into measures. `Rows` are those of one replication as tables,
`Stores` those of several that run side by side, where they lie in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # Numba is for those who compile
    from twin.engine.takers import Taker

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

STATE_COLUMNS = 7
LOT_COLUMNS = 13
LEVEL_COLUMNS = 3
GENEALOGY_COLUMNS = 7
BOOK_COLUMNS = 2
NOT_DUE = 2**62  # ns, of a lot without a due date

# Columns of `Stores.at`: where rows of a kind begin in `whole`, each followed by how many they are; then
# where attributes and rates begin in `reals`, and the first row of states that the run's end has closed.
STATES, LOTS, LEVELS, BOOK, GENEALOGY, RATE_ROWS = range(0, 12, 2)
ATTRIBUTES, RATES, CUT, AT = range(12, 16)


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


class Stores(NamedTuple):
    """Rows of m replications of those that were begun together, as they lie in flat memory.

    `places` (m,): which of those begun together. `at` (m, `AT`): for each where its rows of each kind begin
    and how many they are, in columns as named above. `columns`: where the program's attributes stand among
    the `width` numbers of a row. Rows and reals are as in `Rows`, but for `due`: an order line, or -1, and
    the due date of each lot; and for rates: those that are not 0, beside the number of the row of `levels`.
    """

    places: Integers
    whole: Integers
    reals: Reals
    at: Integers
    columns: Integers
    width: int

    def rows(self, k: int) -> Rows:
        """A copy of the rows of the k-th replication."""
        levels, due = self.table(k, LEVELS, LEVEL_COLUMNS), self.table(k, BOOK, BOOK_COLUMNS)
        first, lots = int(self.at[k, ATTRIBUTES]), int(self.at[k, LOTS + 1])
        attributes = self.reals[first : first + lots * self.width].reshape(lots, self.width)
        return Rows(
            states=self.table(k, STATES, STATE_COLUMNS).copy(),
            lots=self.table(k, LOTS, LOT_COLUMNS).copy(),
            attributes=attributes[:, self.columns],
            levels=levels.copy(),
            rates=self._rates(k, len(levels)),
            due=due[:, 1].copy(),
            genealogy=self.table(k, GENEALOGY, GENEALOGY_COLUMNS).copy(),
        )

    def table(self, k: int, kind: int, columns: int) -> Integers:
        """The rows of a kind of the k-th replication, where they lie."""
        first, count = self.at[k, kind : kind + 2].tolist()
        return self.whole[first : first + count * columns].reshape(count, columns)

    def _rates(self, k: int, levels: int) -> Reals:
        first, count = int(self.at[k, RATES]), int(self.at[k, RATE_ROWS + 1])
        if not count:
            return np.empty(0)
        rates = np.zeros(levels)
        rates[self.table(k, RATE_ROWS, 1)[:, 0]] = self.reals[first : first + count]
        return rates


def stores_of(rows: Rows) -> Stores:
    """The rows of one replication, begun alone, in flat memory."""
    changing = np.flatnonzero(rows.rates)
    book = np.column_stack([np.full_like(rows.due, -1), rows.due])
    tables = (rows.states, rows.lots, rows.levels, book, rows.genealogy, changing)
    reals = rows.attributes.ravel(), rows.rates[changing]
    sizes = np.cumsum([0, *(table.size for table in tables)])
    at = np.zeros((1, AT), dtype=np.int64)
    for kind, first, table in zip(range(0, ATTRIBUTES, 2), sizes, tables, strict=False):
        at[0, kind : kind + 2] = first, len(table)
    at[0, RATES] = reals[0].size
    width = rows.attributes.shape[1]
    return Stores(
        np.zeros(1, dtype=np.int64),
        np.concatenate([table.ravel() for table in tables]),
        np.concatenate(reals),
        at,
        np.arange(width),
        width,
    )


class TakesRows(Protocol):
    """What an engine hands the rows of replications to."""

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> Takes:
        """Replications begin side by side, at `begins` ns; what comes of them goes to what is returned.

        Causes and entities of their rows are numbered as given. One that begins anew voids what came of it.
        """
        ...


class Takes(Protocol):
    """What the rows of replications that were begun together go to, in one thread."""

    def rows(self, stores: Stores) -> None:
        """The next rows of some of them."""
        ...

    def taker(self, columns: Integers, width: int) -> Taker | None:
        """What takes rows in compiled code; none where all have to go through `rows`.

        `columns` and `width` are those of `Stores`.
        """
        ...

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        """Some of them have ended, at so many ns."""
        ...


def hand_over(
    takes: TakesRows,
    replication: int,
    causes: Sequence[str],
    entities: Sequence[str],
    rows: Rows,
    end: int,
    begins: int = 0,
) -> None:
    """Hand over a replication that has ended, at `end` ns, whole."""
    taken = takes.begin([replication], causes, entities, begins)
    taken.rows(stores_of(rows))
    taken.end([0], [end])
