"""`Folder`: takes the rows of replications from an engine, and keeps what all measures are made of.

Replications may be handed over from several threads, one replication at a time from each: nothing is shared
between them but the list of those that are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from twin.engine.program import Program
from twin.engine.rows import Rows
from twin.experiment.arrays import Windows
from twin.experiment.charges import Charges
from twin.experiment.folding.replication import Replication
from twin.experiment.folding.tables import tables_of
from twin.experiment.folding.totals import sums_of_fold
from twin.experiment.measures import measures_of
from twin.experiment.names import Names
from twin.experiment.planned import planned_times
from twin.experiment.sums import Sums, together


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
        self._running: dict[int, tuple[Replication, tuple[str, ...]]] = {}
        self._done: dict[int, tuple[Sums, int]] = {}

    def begin(
        self, replication: int, causes: Sequence[str], entities: Sequence[str], begins: int = 0
    ) -> None:
        """A replication begins, at `begins` ns; what came of it before is void. Causes and entities of its
        rows are numbered as given.
        """
        fold = Replication(self._tables, entities, causes, self.start, self.end_of_window, begins)
        self._running[replication] = fold, tuple(causes)

    def rows(self, replication: int, block: Rows) -> None:
        """Fold the next rows of a replication; raises KeyError for one that has not begun."""
        self._running[replication][0].fold(block)

    def end(self, replication: int, horizon: int) -> None:
        """A replication has ended, at `horizon` ns; raises KeyError for one that has not begun."""
        fold, causes = self._running.pop(replication)
        fold.finish(horizon)
        self._done[replication] = sums_of_fold(replication, fold, causes), fold.end

    def sums(self) -> Sums:
        """What was folded, by ascending number of the replication; raises ValueError where none has ended."""
        return together([self._done[r][0] for r in sorted(self._done)])

    def taken(self, replications: Iterable[int]) -> Sums:
        """The sums of these replications, which the folder then forgets; raises KeyError for one that has not
        ended.
        """
        return together([self._done.pop(number)[0] for number in sorted(replications)])

    def windows(self) -> Windows:
        """The window of each replication that has ended."""
        return Windows.of({r: (self.start, end) for r, (_, end) in self._done.items()})

    def table(self, names: Names | None = None, charges: Charges | None = None) -> pa.Table:
        """Every measure of every replication that has ended, as `measures.measure` gives them.

        Args:
            names: what to range over; default: what occurred in these replications.
            charges: what the plant says of costs and footprint; without them there are none.
        """
        sums = self.sums()
        return measures_of(sums if names is None else sums.over(names), self.windows(), charges)
