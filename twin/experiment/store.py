"""A run's folder and the workspace that holds runs: chunks of records and manifests, nothing computed.

`runs/<id>/{manifest.json, inputs/, chunks/<first>-<last>/}`; a chunk is `chunk.json` and a Parquet file for
each table of the record, or one with the sums of its measures where its replications were folded. Finished
chunks and inputs never change; a manifest is replaced whole. Parquet bytes depend on the tables alone. A
chunk is found by its identity, in its own run or, through the index, in another run of the workspace.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from twin.engine.record import Record
from twin.experiment import files
from twin.experiment.integrity import Damage, checked, damage_of
from twin.experiment.sums import Sums
from twin.experiment.sums_table import from_table, to_table
from twin.plant.errors import InputError, Problem

Kept = Literal["full", "folded"]
TABLES = ("states", "lots", "levels", "genealogy")
MANIFEST = "manifest.json"
CHUNK = "chunk.json"
SUMS = "sums"
PARTS: dict[Kept, tuple[str, ...]] = {"full": TABLES, "folded": (SUMS,)}
"""The Parquet files of a chunk, by what is kept of its replications."""
ENCODINGS = {SUMS: {"use_dictionary": False, "write_statistics": False}}
"""How a file is written other than Parquet does by itself. Sums are numbers that hardly two replications
share, and are read whole: a third faster so, and a fifth smaller.
"""
AT_HAND = 2000  # folded replications, of some 30 kB each
_recent: dict[str, Sums] = {}
"""Sums that were written or read last, by the SHA-256 of their file: a run's measures are made of what it has
just written, and reading that again takes as long as measuring.
"""
_forgetting = Lock()


@dataclass(frozen=True)
class Chunk:
    """A finished range of replications: its identity, each replication's end in ns, the hash of each file,
    and whether the record is kept in full or folded over a window that starts at `folded_from` ns.
    """

    folder: Path
    identity: str
    first: int
    last: int
    horizons: dict[int, int]
    hashes: dict[str, str]
    kept: Kept = "full"
    folded_from: int = 0

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One of the record's tables, or some of its columns; raises KeyError for another name, InputError
        where no record was kept, and DamagedError where the file is not what was written.
        """
        if name not in TABLES:
            raise KeyError(name)
        if self.kept == "folded":
            raise no_record(self.folder, f"replications {self.first} to {self.last}")
        return read_parquet(self._checked(name), columns)

    def sums(self) -> Sums:
        """The sums of its replications, where they were folded."""
        path, sha = self._checked(SUMS), self.hashes[SUMS]
        known = _recent.get(sha)
        return _at_hand(sha, from_table(read_parquet(path))) if known is None else known

    def columns(self, name: str) -> list[str]:
        """Names of a table's columns."""
        names: list[str] = pq.read_schema(self._checked(name)).names
        return names

    def damages(self) -> list[Damage]:
        """Every file of the chunk that is not what was written."""
        found = (damage_of(self.folder / f"{name}.parquet", sha) for name, sha in self.hashes.items())
        return [damage for damage in found if damage is not None]

    def _checked(self, name: str) -> Path:
        """One of its files, now that its checksum is right; raises DamagedError."""
        return checked(self.folder / f"{name}.parquet", self.hashes[name])


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run, in a workspace or wherever `--out` put it."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id; raises FileNotFoundError where there is no manifest."""
        return str(self.manifest()["run"])

    def manifest(self) -> dict[str, Any]:
        """The manifest; raises FileNotFoundError where the run has not finished, ValueError where it is
        unreadable.
        """
        loaded: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return loaded

    def finished(self) -> bool:
        """Whether the run is complete."""
        return (self.path / MANIFEST).is_file()

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Put the manifest, which makes the run complete."""
        files.write_text(self.path / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    def write_inputs(self, inputs: dict[str, str]) -> None:
        """Keep the texts that the run was made from, by file name."""
        for name, text in inputs.items():
            target = self.path / "inputs" / name
            if not target.exists() or target.read_bytes() != text.encode():
                files.write_text(target, text)

    def chunk_folder(self, first: int, last: int) -> Path:
        """Where a range of replications lies."""
        return self.path / "chunks" / f"{first}-{last}"

    def chunk(self, identity: str, first: int, last: int) -> Chunk | None:
        """A finished chunk of this very identity, or None."""
        found = read_chunk(self.chunk_folder(first, last))
        return found if found is not None and found.identity == identity else None

    def chunks(self) -> Iterator[Chunk]:
        """All finished chunks, in order of replications."""
        folder = self.path / "chunks"
        names = [p for p in folder.iterdir() if not p.name.startswith(".")] if folder.is_dir() else []
        found = (read_chunk(path) for path in names)
        yield from sorted((c for c in found if c is not None), key=lambda c: c.first)

    def write_chunk(self, identity: str, first: int, last: int, records: Sequence[Record]) -> Chunk:
        """Put the records of a range of replications, in order, as a chunk."""
        tables = {name: joined([getattr(record, name) for record in records]) for name in TABLES}
        horizons = {r: end for record in records for r, end in sorted(record.horizon.items())}
        return self._write(identity, first, last, horizons, tables, {})

    def write_folded(
        self, identity: str, first: int, last: int, horizons: Mapping[int, int], sums: Sums, start: int
    ) -> Chunk:
        """Put the sums of a range of replications, over a window that starts at `start` ns, as a chunk."""
        said: dict[str, str | int] = {"record": "folded", "folded_from": start}
        chunk = self._write(identity, first, last, horizons, {SUMS: to_table(sums)}, said)
        _at_hand(chunk.hashes[SUMS], sums)
        return chunk

    def _write(
        self,
        identity: str,
        first: int,
        last: int,
        horizons: Mapping[int, int],
        tables: Mapping[str, pa.Table],
        said: Mapping[str, str | int],
    ) -> Chunk:
        target = self.chunk_folder(first, last)
        clear_stale(target, identity)
        with files.new_folder(target) as folder:
            hashes = {
                name: _write_table(folder / f"{name}.parquet", table, ENCODINGS.get(name, {}))
                for name, table in tables.items()
            }
            content = {
                "identity": identity,
                "first": first,
                "last": last,
                **said,
                "horizons": {str(r): end for r, end in horizons.items()},
                "sha256": hashes,
            }
            (folder / CHUNK).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
        chunk = self.chunk(identity, first, last)
        if chunk is None:
            raise OSError(f"The chunk {target} was replaced by another while it was written.")
        return chunk

    def adopt_chunk(self, chunk: Chunk) -> Chunk:
        """Take over a finished chunk of another run, without copying where the file system can link."""
        target = self.chunk_folder(chunk.first, chunk.last)
        clear_stale(target, chunk.identity)
        with files.new_folder(target) as folder:
            for name in (*(f"{part}.parquet" for part in PARTS[chunk.kept]), CHUNK):
                files.link(chunk.folder / name, folder / name)
        return self.chunk(chunk.identity, chunk.first, chunk.last) or chunk


@dataclass(frozen=True)
class Workspace:
    """A folder of the user: plants, scenarios, runs, jobs and the audit trail."""

    path: Path

    @property
    def runs(self) -> Path:
        """Where runs lie."""
        return self.path / "runs"

    def run_folder(self, run_id: str) -> RunFolder:
        """The folder of a run, whether or not it exists."""
        return RunFolder(self.runs / run_id)

    def run_folders(self) -> list[RunFolder]:
        """Folders of the finished runs, by name."""
        found = sorted(p for p in self.runs.iterdir() if p.is_dir()) if self.runs.is_dir() else []
        return [folder for folder in map(RunFolder, found) if folder.finished()]


def workspace_at(path: str | Path | None = None) -> Workspace:
    """The workspace at `path`, else where `TWIN_WORKSPACE` points, else the current folder."""
    chosen = path if path is not None else os.environ.get("TWIN_WORKSPACE") or "."
    return Workspace(Path(chosen).expanduser().resolve())


def read_chunk(folder: Path) -> Chunk | None:
    """The chunk in a folder, or None where there is none that is whole."""
    try:
        data = json.loads((folder / CHUNK).read_text(encoding="utf-8"))
        horizons = {int(r): int(end) for r, end in data["horizons"].items()}
        kept, start = data.get("record", "full"), int(data.get("folded_from", 0))
        of = (data["identity"], data["first"], data["last"], horizons, data["sha256"], kept, start)
        chunk = Chunk(folder, *of)
        parts = PARTS[chunk.kept]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return chunk if all((folder / f"{name}.parquet").is_file() for name in parts) else None


def no_record(where: Path | str, what: str) -> InputError:
    """What to say where something needs a record that was folded."""
    message = f"This run folded {what} into measures and kept no record of them."
    hint = "Run it with `--record full` (`run: {record: full}`), or look at a replication that was kept."
    return InputError([Problem(str(where), 0, 0, message, hint)])


def clear_stale(target: Path, identity: str) -> None:
    """Remove a folder that stands where a chunk belongs and is not that chunk."""
    if target.exists():
        found = read_chunk(target)
        if found is None or found.identity != identity:
            shutil.rmtree(target)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of several replications as one, with one dictionary for each column of names."""
    whole = pa.concat_tables(tables, promote_options="default")
    return whole.unify_dictionaries().combine_chunks()


def _at_hand(sha: str, sums: Sums) -> Sums:
    """Have the sums in a file of this content at hand, and forget the oldest where there are many."""
    with _forgetting:
        _recent[sha] = sums
        while len(_recent) > 1 and sum(len(each.replications) for each in _recent.values()) > AT_HAND:
            del _recent[next(iter(_recent))]
    return sums


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """One file, or some of its columns. `pyarrow.parquet.read_table` would import pandas for it."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns)


def _write_table(path: Path, table: pa.Table, encoding: Mapping[str, Any]) -> str:
    """Write Parquet whose bytes depend on the table alone; returns the file's SHA-256."""
    pq.write_table(
        table, path, compression="zstd", compression_level=3, version="2.6", store_schema=True, **encoding
    )
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
