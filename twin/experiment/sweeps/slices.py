"""Slices: files of small results as a worker writes them, named by the hash of what they hold.

A slice holds some seconds of work: a row for each replication of each of its tasks, and in the schema's
metadata the tasks themselves. One that is not what its name says is damaged, and is never read as data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.engine.columns import column, texts
from twin.experiment import files
from twin.experiment.integrity import MISSING, sha256_of

FOLDER = "slices"
REPLICATION = "replication"
OF_A_ROW = ("point", "task", REPLICATION)
_TASKS = b"twin.tasks"


@dataclass(frozen=True)
class Covered:
    """Replications that a slice holds: of which point (its number in that sweep) and with which key."""

    task: str
    key: str
    point: int
    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """Values of replications of one point, ascending as its tasks are: measure → an array over them, NaN
    where there is no value.
    """

    covered: tuple[Covered, ...]
    replications: NDArray[np.int64]
    values: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Slice:
    """A slice on the disk, and what it holds."""

    path: Path
    covered: tuple[Covered, ...]


def table_of(blocks: Sequence[Block]) -> pa.Table:
    """The rows of blocks, in order, null where a block has no such measure or no value."""
    names = list(dict.fromkeys(name for block in blocks for name in block.values))
    sizes = [len(block.replications) for block in blocks]
    points = np.repeat([block.covered[0].point for block in blocks], sizes)
    tasks = [task for block in blocks for task in _tasks_of(block)]
    columns = [
        column(points.astype(np.int32)),
        encoded(tasks),
        column(np.concatenate([block.replications for block in blocks]).astype(np.int32)),
    ]
    for name in names:
        parts = [
            block.values[name] if name in block.values else np.full(size, np.nan)
            for block, size in zip(blocks, sizes, strict=True)
        ]
        values = np.concatenate(parts)
        columns.append(column(values, np.isnan(values)))
    return pa.table(columns, names=[*OF_A_ROW, *names])


def encoded(names: Sequence[str | None]) -> pa.DictionaryArray:
    """Names as an Arrow array, each of them kept once.

    >>> encoded(["a", None, "a"]).to_pylist(), encoded(["a", None, "a"]).dictionary.to_pylist()
    (['a', None, 'a'], ['a'])
    """
    code = {name: k for k, name in enumerate(dict.fromkeys(name for name in names if name is not None))}
    codes = np.array([-1 if name is None else code[name] for name in names], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(column(codes, codes < 0), texts(list(code)))


def write_slice(folder: Path, blocks: Sequence[Block]) -> Path:
    """Put blocks as a slice into the folder of a sweep; raises OSError."""
    covered = [vars(each) for block in blocks for each in block.covered]
    table = table_of(blocks).replace_schema_metadata({_TASKS: json.dumps(covered).encode()})
    data = parquet_bytes(table, compression="none", write_statistics=False)  # it is read once, and goes
    path = folder / FOLDER / f"{hashlib.sha256(data).hexdigest()}.parquet"
    files.write_bytes(path, data)
    return path


def parquet_bytes(table: pa.Table, **how: object) -> bytes:
    """Parquet whose bytes depend on the table alone, and on `how` it is written otherwise than to be kept."""
    kept = {"compression": "zstd", "compression_level": 3}
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        version="2.6",
        use_dictionary=[name for name in ("task", "key", "label") if name in table.column_names],
        **(how or kept),
    )
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_slices(folder: Path) -> tuple[list[Slice], list[Path]]:
    """The slices of a sweep's folder that are whole, by name, and those that are damaged; not those that
    another process takes away meanwhile, as it has come to the end of the sweep.
    """
    whole: list[Slice] = []
    damaged: list[Path] = []
    for path in sorted((folder / FOLDER).glob("[0-9a-f]*.parquet")):
        found = sha256_of(path)
        if found == path.stem:
            with suppress(FileNotFoundError):
                whole.append(Slice(path, _covered(path)))
        elif found != MISSING:
            damaged.append(path)
    return whole, damaged


def read_slice(path: Path) -> Slice:
    """A slice that was just written."""
    return Slice(path, _covered(path))


def _covered(path: Path) -> tuple[Covered, ...]:
    known = json.loads(pq.read_schema(path).metadata[_TASKS])
    return tuple(Covered(**each) for each in known)


def _tasks_of(block: Block) -> Iterator[str]:
    task_of = {n: each.task for each in block.covered for n in range(each.first, each.last + 1)}
    return map(task_of.__getitem__, block.replications.tolist())
