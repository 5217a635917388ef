"""The measures of the chunks of a run, recorded or folded: of a finished run and, while it runs, for its
stopping rule. Reads chunks, computes nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from twin.engine.record import GENEALOGY_SCHEMA
from twin.experiment.arrays import Windows, distinct
from twin.experiment.charges import Charges
from twin.experiment.counting import sums_of_record
from twin.experiment.measures import MEASURES_SCHEMA, measures_of
from twin.experiment.names import Names, attributes_of, causes_of, failed_of, occasional_of, operations_of
from twin.experiment.store import Chunk, joined
from twin.experiment.sums import Sums, together

AT_ONCE = 1000  # replications that are measured together
_Part = tuple[Chunk, Sums | None]  # a chunk, and its sums where it was folded
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
    tables = []
    for some in _batches(parts):
        counted = [_counted(chunk, sums, names, windows, planned, charges) for chunk, sums in some]
        own = {replication: windows[replication] for chunk, _ in some for replication in chunk.horizons}
        tables.append(measures_of(together(counted), Windows.of(own), charges))
    return joined(tables) if tables else MEASURES_SCHEMA.empty_table()


def _batches(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Chunks whose replications are measured at once: many, because each measure is some calls of NumPy's
    whatever the number of replications.
    """
    batch: list[_Part] = []
    for part in parts:
        batch.append(part)
        if sum(len(chunk.horizons) for chunk, _ in batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


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
        tables = []
        for chunk in chunks:
            sums = chunk.sums() if chunk.kept == "folded" else None
            counted = _counted(chunk, sums, sums.names if sums else _NO_NAMES, windows, planned, None)
            tables.append(measures_of(counted, _own(chunk, windows)))
        table = joined(tables)
    rows = zip(table.column("measure").to_pylist(), table.column("value").to_pylist(), strict=True)
    return [value for measured, value in rows if measured == name]


def _counted(
    chunk: Chunk,
    sums: Sums | None,
    names: Names,
    windows: Mapping[int, tuple[int, int]],
    planned: Mapping[str, float],
    charges: Charges | None,
) -> Sums:
    """The sums of a chunk over these names: those that were folded, else of its record."""
    if sums is not None:
        return sums.over(names)
    states, lots, levels = (chunk.table(name) for name in ("states", "lots", "levels"))
    stock = chunk.table("genealogy") if charges else pa.Table.from_batches([], GENEALOGY_SCHEMA)
    return sums_of_record(states, lots, levels, stock, _own(chunk, windows), names, planned)


def _own(chunk: Chunk, windows: Mapping[int, tuple[int, int]]) -> Windows:
    """The windows of a chunk's replications."""
    return Windows.of({replication: windows[replication] for replication in chunk.horizons})


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
