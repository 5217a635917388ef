"""Sweeps made by hand, in the files that `twin sweep` writes, with results that a formula gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Formula = Callable[[Mapping[str, Any], int], Mapping[str, float | None]]
ROWS_PER_FILE = 40


def make_sweep(
    workspace: Path,
    points: Sequence[Mapping[str, Any]],
    replications: int,
    formula: Formula,
    name: str = "5eed5eed5eed5eed",
    **said: Any,
) -> Path:
    """A sweep's folder: `formula(settings, replication)` gives the measures."""
    folder = workspace / "sweeps" / name
    (folder / "results").mkdir(parents=True)
    rows = [
        {"point": number, "task": f"task-{number}", "replication": replication, **formula(point, replication)}
        for number, point in enumerate(points, start=1)
        for replication in range(1, replications + 1)
    ]
    files = {"points.parquet": _points(points)}
    for k in range(0, len(rows), ROWS_PER_FILE):
        files[f"results/{k // ROWS_PER_FILE + 1:05d}.parquet"] = _results(rows[k : k + ROWS_PER_FILE])
    for file, table in files.items():
        pq.write_table(table, folder / file, compression="zstd")
    manifest = {
        "sweep": name,
        "plant": "cell",
        "scenario": "made up",
        "level": 0.95,
        "replications": replications,
        "points": len(points),
        "files": {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files},
        "made": {"at": "2026-01-05T06:00:00.000+00:00"},
        **said,
    }
    (folder / "sweep.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _points(points: Sequence[Mapping[str, Any]]) -> pa.Table:
    rows = [
        {
            "point": number,
            "label": ", ".join(f"{axis}={value}" for axis, value in point.items()),
            "run": f"{number:016x}",
            **point,
            "changes": json.dumps(dict(point)),
        }
        for number, point in enumerate(points, start=1)
    ]
    table = pa.Table.from_pylist(rows)
    return table.set_column(0, "point", table["point"].cast(pa.int32()))


def _results(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    table = pa.Table.from_pylist(list(rows))
    measures = [n for n in table.column_names if n not in ("point", "task", "replication")]
    schema = pa.schema(
        [
            ("point", pa.int32()),
            ("task", pa.dictionary(pa.int32(), pa.string())),
            ("replication", pa.int32()),
            *((name, pa.float64()) for name in measures),
        ]
    )
    columns = [table[f.name].dictionary_encode() if f.name == "task" else table[f.name] for f in schema]
    return pa.table([c.cast(f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
