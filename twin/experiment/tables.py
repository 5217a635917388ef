"""A run's tables as files for other programs: Parquet or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from twin.experiment.export.cells import texts_of
from twin.experiment.results import Result
from twin.experiment.store import TABLES

FORMATS = ("parquet", "csv")


def export_tables(result: Result, folder: Path, kind: str) -> Iterator[Path]:
    """Write summary, measures and record into a folder, yielding each file written; raises KeyError for
    a format. Of a run whose replications were folded the record is that of those that were kept.
    """
    write = {"parquet": _write_parquet, "csv": _write_csv}[kind]
    folder.mkdir(parents=True, exist_ok=True)
    kept = TABLES if result.has_records else ()
    for name in ("measures", "replication_measures", *kept):
        table = result.kept_table(name) if name in TABLES else getattr(result, name)
        path = folder / f"{name}.{kind}"
        write(table, path)
        yield path


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _write_csv(table: pa.Table, path: Path) -> None:
    plain = pa.schema(
        [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
    )
    table = table.cast(plain)
    for k, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(k, field.name, texts_of(table.column(k)))
    pyarrow.csv.write_csv(table, path)
