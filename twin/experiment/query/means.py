"""The headline measures of the workspace's runs, kept in its index so that runs are found by what came out.

A cache beside the index of runs and of the same kind: a run's means hold as long as its manifest is the file
that was read, and are read anew from its checked measures where they are not there. Other measures than the
headlines are read from each run asked about.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from twin.experiment.catalogue import HEADLINES
from twin.experiment.database import opened
from twin.experiment.index import FILE
from twin.experiment.integrity import DamagedError
from twin.experiment.store import Workspace

if TYPE_CHECKING:
    from twin.experiment.results import Result

_CREATE = """
create table if not exists means (
  measure text, run text, mean real, primary key (measure, run)) without rowid;
create table if not exists measured (run text primary key, stamp integer);
"""
_UNKNOWN = """
select r.run, r.stamp from runs r left join measured m on r.run = m.run and r.stamp = m.stamp
where m.run is null
"""
BATCH = 500  # runs whose means are written together


def means_of(workspace: Workspace, runs: Sequence[str], measure: str) -> dict[str, float]:
    """Run → mean of a measure in SI, without the runs that have none or whose files are damaged.

    The runs stand in the index, as `list_runs` leaves it.
    """
    from twin.experiment.results import Result  # here, as listing alone does without what it brings along

    if measure not in HEADLINES:
        found = {run: _mean(Result(workspace.run_folder(run)), measure) for run in runs}
        return {run: mean for run, mean in found.items() if mean is not None}
    with opened(workspace.runs / FILE, _CREATE) as database:
        _complete(workspace, database, set(runs))
        rows = database.execute("select run, mean from means where measure = ?", (measure,)).fetchall()
    known, asked = dict(rows), set(runs)
    return {run: mean for run, mean in known.items() if run in asked}


def _complete(workspace: Workspace, database: sqlite3.Connection, asked: set[str]) -> None:
    """Put in the means of runs that are asked about and not there yet, some at a time."""
    from twin.experiment.results import Result

    missing = [(run, stamp) for run, stamp in database.execute(_UNKNOWN).fetchall() if run in asked]
    for k in range(0, len(missing), BATCH):
        database.execute("begin immediate")
        for run, stamp in missing[k : k + BATCH]:
            result = Result(workspace.run_folder(run))
            rows = [(name, run, mean) for name in HEADLINES if (mean := _mean(result, name)) is not None]
            database.executemany("insert or replace into means values (?, ?, ?)", rows)
            database.execute("insert or replace into measured values (?, ?)", (run, stamp))
        database.execute("commit")


def _mean(result: Result, measure: str) -> float | None:
    """The mean of a measure, None where the run has none or cannot be read."""
    try:
        return result.interval(measure).mean
    except (KeyError, DamagedError):
        return None
