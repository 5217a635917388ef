"""The measures of the chunks of a run, recorded or folded: of a finished run and, while it runs, for its
stopping rule. Reads chunks, computes nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from twin.experiment.arrays import Windows, distinct
from twin.experiment.charges import Charges
from twin.experiment.measures import MEASURES_SCHEMA, measure, measures_of
from twin.experiment.names import Names, attributes_of, causes_of, failed_of, occasional_of, operations_of
from twin.experiment.store import Chunk, joined
from twin.experiment.sums import Sums

_NO_NAMES = Names((), (), (), ())
_OF_LOTS_ALONE = ("throughput", "lead_time_mean")  # for which the names of a plant's parts are not read


def measures_of_chunks(
    chunks: Iterable[Chunk],
    windows: Mapping[int, tuple[int, int]],
    planned: Mapping[str, float],
    charges: Charges | None,
) -> pa.Table:
    """Every measure of every replication, as `measure` gives them; `windows` and `planned` as there."""
    parts = [(chunk, chunk.sums() if chunk.kept == "folded" else None) for chunk in chunks]
    names = Names.union(_names(chunk) if sums is None else sums.names for chunk, sums in parts)
    tables = [_measured(chunk, sums, names, windows, planned, charges) for chunk, sums in parts]
    return joined(tables) if tables else MEASURES_SCHEMA.empty_table()


def values_of_chunks(
    name: str,
    chunks: Sequence[Chunk],
    windows: Mapping[int, tuple[int, int]],
    planned: Mapping[str, float],
    charges: Charges | None,
) -> list[float | None]:
    """The values of one measure by replication, None where there is none."""
    if name not in _OF_LOTS_ALONE:
        table = measures_of_chunks(chunks, windows, planned, charges)
    else:
        sums = [chunk.sums() if chunk.kept == "folded" else None for chunk in chunks]
        parts = zip(chunks, sums, strict=True)
        table = joined(
            [_measured(c, s, s.names if s else _NO_NAMES, windows, planned, None) for c, s in parts]
        )
    rows = zip(table.column("measure").to_pylist(), table.column("value").to_pylist(), strict=True)
    return [value for measured, value in rows if measured == name]


def _measured(
    chunk: Chunk,
    sums: Sums | None,
    names: Names,
    windows: Mapping[int, tuple[int, int]],
    planned: Mapping[str, float],
    charges: Charges | None,
) -> pa.Table:
    own = {replication: windows[replication] for replication in chunk.horizons}
    if sums is not None:
        return measures_of(sums.over(names), Windows.of(own), charges)
    states, lots, levels = (chunk.table(name) for name in ("states", "lots", "levels"))
    stock = chunk.table("genealogy") if charges else None
    return measure(states, lots, levels, own, names=names, planned=planned, genealogy=stock, charges=charges)


def _names(chunk: Chunk) -> Names:
    """The names that occur in a chunk's record, read from the columns that hold them."""
    return Names(
        distinct(chunk.table("states", ["unit"]), "unit"),
        operations_of(chunk.table("lots", ["recipe", "operation"])),
        distinct(chunk.table("levels", ["entity"]), "entity"),
        attributes_of(chunk.columns("lots")),
        causes_of(chunk.table("states", ["unit", "state", "cause"])),
        occasional_of(chunk.table("states", ["state"])),
        failed_of(chunk.table("lots", ["recipe", "operation", "unit", "outcome"])),
        distinct(chunk.table("genealogy", ["material"]), "material"),
    )
