"""What is kept of each replication of a run: its record, or the sums that its measures are made of.

`run.record` says it; `auto` keeps every record of up to `FEW` replications, and of more as long as all of
them together have at most `MOST_ROWS` rows, as the first two tell. Else the record of those two is kept and
the others are folded. Pure but for reading a chunk's size; called by `run.py`.
"""

from __future__ import annotations

import pyarrow.parquet as pq

from twin.engine.record import SECOND
from twin.experiment.starting import parsed
from twin.experiment.store import TABLES, Chunk, Kept
from twin.plant.scenario import Run

FEW = 200
MOST_ROWS = 10_000_000  # about 100 MB on disk, and ten seconds to write and read again


def folded_from(run: Run, kind: str, start: str | None) -> int | None:
    """Start in ns of the window that replications can be folded over, as far as it is known beforehand.

    None for a steady run that says no warm-up: MSER-5 finds that on the records of all replications.
    """
    if kind == "terminating":
        return 0 if start is None else parsed(start).at
    return None if run.warm_up is None else round(run.warm_up * SECOND)


def decides_later(run: Run, window: int | None) -> bool:
    """Whether it takes the first chunk to tell what is kept of the others."""
    return run.record == "auto" and window is not None and run.replications > FEW


def kept_of(run: Run, first: int, window: int | None, sample: Chunk | None) -> Kept:
    """What is kept of the chunk that begins with replication `first`.

    Args:
        run: how the plant is run.
        first: number of a replication, from 1.
        window: from `folded_from`.
        sample: the first chunk, where `decides_later`.
    """
    if run.record != "auto":
        return run.record
    if first == 1 or sample is None or window is None:
        return "full"
    each = _rows(sample) / (sample.last - sample.first + 1)
    return "full" if each * run.replications <= MOST_ROWS else "folded"


def _rows(chunk: Chunk) -> int:
    """Rows of all tables of a chunk's record."""
    return sum(int(pq.read_metadata(chunk.folder / f"{name}.parquet").num_rows) for name in TABLES)
