"""`Folder`: takes the rows of replications from an engine, and keeps what all measures are made of.

Replications that run side by side may be handed over from several threads: nothing is shared between them but
the list of those that are done, and what memory these have left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from twin.engine.program import Program
from twin.engine.rows import Stores
from twin.engine.takers import Taker
from twin.experiment.arrays import Integers, Windows
from twin.experiment.charges import Charges
from twin.experiment.folding.folds import Folds
from twin.experiment.folding.room import Spare
from twin.experiment.folding.tables import tables_of
from twin.experiment.folding.totals import sums_of_folds
from twin.experiment.measures import measures_of
from twin.experiment.names import Names
from twin.experiment.planned import planned_times
from twin.experiment.sums import SPECS, Sums, together


class Folder:
    """Folds replications of a program over the window from `start` to `end` ns.

    Args:
        program: that the engine runs.
        start: of the window; what happens before counts in no measure.
        end: of the window; none: the end of each replication.
        planned: `recipe/operation` → planned run time of one lot in s; default: the program's.
    """

    def __init__(
        self,
        program: Program,
        start: int = 0,
        end: int | None = None,
        planned: Mapping[str, float] | None = None,
    ) -> None:
        self.start, self.end_of_window = start, end
        self._tables = tables_of(program, planned_times(program) if planned is None else planned)
        self._done: dict[int, tuple[Folds, int]] = {}  # by replication, and its place there
        self._spare = Spare()

    def begin(
        self, replications: Sequence[int], causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> Fold:
        """Replications begin side by side, at `begins` ns; what comes of them goes to what is returned.

        Causes and entities of their rows are numbered as given. One that begins anew voids what came of it.
        """
        window = self.start, self.end_of_window
        folds = Folds(self._tables, replications, entities, causes, *window, begins, self._spare)
        return Fold(folds, self._done)

    def sums(self) -> Sums:
        """What was folded, by ascending number of the replication; raises ValueError where none has ended."""
        return _sums([self._done[number] for number in sorted(self._done)])

    def taken(self, replications: Iterable[int]) -> Sums:
        """The sums of these replications, which the folder then forgets; raises KeyError for one that has not
        ended.
        """
        return _sums([self._done.pop(number) for number in sorted(replications)])

    def windows(self) -> Windows:
        """The window of each replication that has ended."""
        ends = {number: int(folds.ends[place]) for number, (folds, place) in self._done.items()}
        return Windows.of({number: (self.start, end) for number, end in ends.items()})

    def table(self, names: Names | None = None, charges: Charges | None = None) -> pa.Table:
        """Every measure of every replication that has ended, as `measures.measure` gives them.

        Args:
            names: what to range over; default: what occurred in these replications.
            charges: what the plant says of costs and footprint; without them there are none.
        """
        sums = self.sums()
        return measures_of(sums if names is None else sums.over(names), self.windows(), charges)


class Fold:
    """Folds the rows of replications that run side by side."""

    def __init__(self, folds: Folds, done: dict[int, tuple[Folds, int]]) -> None:
        self._folds, self._done = folds, done

    def rows(self, stores: Stores) -> None:
        """Fold the next rows of some of them."""
        self._folds.fold(stores)

    def taker(self, columns: Integers, width: int) -> Taker | None:
        """What folds rows in compiled code, as `engine.rows.Takes` has it."""
        return self._folds.taker(columns, width)

    def end(self, places: Sequence[int], horizons: Sequence[int]) -> None:
        """Some of them have ended, at so many ns."""
        self._folds.finish(places, horizons)
        for place in places:
            self._done[self._folds.numbers[place]] = self._folds, place


def _sums(ended: Sequence[tuple[Folds, int]]) -> Sums:
    """The sums of replications, in their order."""
    places: dict[Folds, list[int]] = {}
    for folds, place in ended:
        places.setdefault(folds, []).append(place)
    sums = together([sums_of_folds(folds, here) for folds, here in places.items()])
    order = np.argsort(sums.replications)
    if np.all(np.diff(order) == 1):
        return sums
    sorted_ = {name: getattr(sums, name)[order] for name in SPECS}
    return replace(sums, replications=sums.replications[order], **sorted_)
