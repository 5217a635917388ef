"""Slices: files of small results as a worker writes them, named by the hash of what they hold.

A slice holds some seconds of work: a row for each replication of each of its tasks, and in the schema's
metadata the tasks themselves; in Arrow's own format, which takes a twentieth of the time of Parquet, for it
is mostly read once and goes. One that is not what its name says is damaged, and is never read as data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twin.engine.columns import column
from twin.experiment import files
from twin.experiment.integrity import MISSING, sha256_of

FOLDER = "slices"
SUFFIX = ".arrow"
REPLICATION = "replication"
OF_A_ROW = ("point", "task", REPLICATION)  # what a sweep's results have beside measures; a slice has the last
_NAMES = f"[0-9a-f]*{SUFFIX}"
_TASKS = b"twin.tasks"


@dataclass(frozen=True)
class Covered:
    """Replications that a slice holds: of which point (its number in that sweep) and with which key."""

    task: str
    key: str
    point: int
    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many replications these are."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Block:
    """Values of the replications of tasks, in the order of these: measure → an array over them, NaN where
    there is no value.
    """

    covered: tuple[Covered, ...]
    values: Mapping[str, NDArray[np.float64]]

    @property
    def rows(self) -> int:
        """How many replications these are."""
        return sum(each.rows for each in self.covered)


@dataclass(frozen=True)
class Slice:
    """A slice on the disk, and what it holds."""

    path: Path
    covered: tuple[Covered, ...]


def table_of(blocks: Sequence[Block]) -> pa.Table:
    """The rows of blocks, in order, null where a block has no such measure or no value."""
    names = list(dict.fromkeys(name for block in blocks for name in block.values))
    none = [np.full(block.rows, np.nan) for block in blocks]
    covered = [each for block in blocks for each in block.covered]
    numbers = [np.arange(each.first, each.last + 1, dtype=np.int32) for each in covered]
    columns = [column(np.concatenate(numbers))]
    for name in names:
        parts = zip(blocks, none, strict=True)
        values = np.concatenate([block.values.get(name, absent) for block, absent in parts])
        columns.append(column(values, np.isnan(values)))
    told = json.dumps([vars(each) for each in covered]).encode()
    return pa.table(columns, names=[REPLICATION, *names], metadata={_TASKS: told})


def write_slice(folder: Path, blocks: Sequence[Block]) -> Path:
    """Put blocks as a slice into the folder of a sweep; raises OSError."""
    table, sink = table_of(blocks), pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    data = sink.getvalue().to_pybytes()
    path = folder / FOLDER / f"{hashlib.sha256(data).hexdigest()}{SUFFIX}"
    files.write_bytes(path, data)
    return path


def paths_of(folder: Path) -> list[Path]:
    """The slices of a sweep's folder, by name, whole or damaged."""
    return sorted((folder / FOLDER).glob(_NAMES))


def read_slices(folder: Path) -> tuple[list[Slice], list[Path]]:
    """The slices of a sweep's folder that are whole, by name, and those that are damaged; not those that
    another process takes away meanwhile, as it has come to the end of the sweep.
    """
    whole: list[Slice] = []
    damaged: list[Path] = []
    for path in paths_of(folder):
        found = sha256_of(path)
        if found == path.stem:
            with suppress(FileNotFoundError):
                whole.append(read_slice(path))
        elif found != MISSING:
            damaged.append(path)
    return whole, damaged


def read_slice(path: Path) -> Slice:
    """A slice that was just written, or that is whole."""
    with pa.OSFile(str(path)) as file:
        known = json.loads(pa.ipc.open_file(file).schema.metadata[_TASKS])
    return Slice(path, tuple(Covered(**each) for each in known))


def read_rows(path: Path) -> pa.Table:
    """`replication` and the measures of a slice that is whole."""
    return pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
