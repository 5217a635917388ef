"""Sheets as Parquet files, a file each; a column is of numbers where all its cells are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from twin.experiment.export.sheets import Cell, Sheet


def write_parquet(sheets: Iterable[Sheet], folder: Path) -> Iterator[Path]:
    """Write each sheet into the folder, yielding its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.header)
        table = pa.table([_column(column) for column in columns], names=list(sheet.header))
        path = folder / f"{sheet.name}.parquet"
        pq.write_table(table, path, compression="zstd")
        yield path


def _column(cells: Sequence[Cell]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int} and kinds:
        return pa.array(cells, pa.int64())
    if kinds <= {int, float} and kinds:
        return pa.array(cells, pa.float64())
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
