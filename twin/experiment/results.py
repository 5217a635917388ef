"""A finished run as users see it: manifest, plant, record, measures with intervals, figures. Reads, never
computes runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twin.engine.columns import column, numbers, texts
from twin.experiment import files
from twin.experiment.catalogue import describe
from twin.experiment.charges import Charges, charges_of
from twin.experiment.chunk_measures import measures_of_chunks
from twin.experiment.index import find_runs
from twin.experiment.integrity import (
    A_MANIFEST,
    REPAIR,
    UNREADABLE,
    Damage,
    DamagedError,
    checked,
    damage_of,
)
from twin.experiment.statistics import Interval, mean_interval, quantile_interval
from twin.experiment.store import (
    MANIFEST,
    TABLES,
    Chunk,
    RunFolder,
    joined,
    no_record,
    read_parquet,
    workspace_at,
)
from twin.plant.errors import InputError, Problem
from twin.plant.schema import Plant

if TYPE_CHECKING:
    import pandas as pd

SUMMARY_SCHEMA = pa.schema(
    [
        ("measure", pa.string()),
        ("mean", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("level", pa.float64()),
        ("n", pa.int32()),
        ("unit", pa.string()),
    ]
)
MEASURES = "measures.parquet"
MEASURES_HASH = "measures.sha256"
"""Its SHA-256 and name, as `sha256sum` writes and checks them."""
_CODE = b"twin.measures"
_OF_A_MANIFEST = {
    *("run", "plant", "scenario", "replications", "identity", "warm_up", "chunks"),
    *("planned_s", "attribute_units", "made"),
}
_DEFINING = ("active_periods", "arrays", "charges", "lots", "measures", "names", "sums")
"""Modules that say what the measures are, beside `*_measures.py` and `counting/`."""


@dataclass(frozen=True)
class Result:
    """A finished run, read from its folder when asked."""

    folder: RunFolder

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The run's manifest; raises DamagedError where it is none."""
        try:
            found = self.folder.manifest()
        except ValueError:
            found = {}
        if isinstance(found, dict) and found.keys() >= _OF_A_MANIFEST:
            return found
        raise DamagedError([Damage(self.path / MANIFEST, A_MANIFEST, UNREADABLE)])

    @property
    def id(self) -> str:
        """The run's id, the same for the same inputs."""
        return str(self.manifest["run"])

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self.folder.path

    @cached_property
    def plant(self) -> Plant:
        """The plant as it was run, every change applied."""
        return Plant.model_validate_json((self.path / "inputs" / "plant.json").read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        """What the run is called in figures: its scenario's name, else its plant's."""
        return str(self.manifest["scenario"] or self.manifest["plant"])

    @property
    def replications(self) -> list[int]:
        """Numbers of the replications, from 1."""
        return list(range(1, int(self.manifest["replications"]) + 1))

    @property
    def level(self) -> float:
        """Confidence level of the run's intervals."""
        return float(self.manifest["identity"]["level"])

    @property
    def start(self) -> datetime:
        """Local date and time at 0 ns."""
        return datetime.fromisoformat(self.manifest["identity"]["start"])

    @property
    def window(self) -> tuple[int, int]:
        """Start and end in ns of what is measured; the latest end where replications end at different
        times.
        """
        windows = self.windows.values()
        return next(iter(windows))[0], max(end for _, end in windows)

    @cached_property
    def windows(self) -> dict[int, tuple[int, int]]:
        """Replication → (start, end) in ns of what is measured."""
        warm_up = int(self.manifest["warm_up"]["ns"])
        return {r: (warm_up, end) for r, end in sorted(self.horizons.items())}

    @cached_property
    def horizons(self) -> dict[int, int]:
        """Replication → ns at which it ended."""
        return {r: end for chunk in self.chunks() for r, end in chunk.horizons.items()}

    def chunks(self) -> Iterator[Chunk]:
        """The chunks of the run in order; raises InputError where one is missing or not the one it was made
        of. Their files are checked when they are read.
        """
        for entry in self.manifest["chunks"]:
            chunk = self.folder.chunk(entry["identity"], entry["first"], entry["last"])
            if chunk is None or chunk.hashes != entry["sha256"]:
                where = self.folder.chunk_folder(entry["first"], entry["last"])
                message = "This chunk of the run is missing or was changed."
                raise InputError([Problem(str(where), 0, 0, message, REPAIR)])
            yield chunk

    @cached_property
    def recorded(self) -> list[Chunk]:
        """The chunks whose record was kept; raises InputError where none was."""
        kept = [chunk for chunk in self.chunks() if chunk.kept == "full"]
        if not kept:
            raise no_record(self.path, "all replications")
        return kept

    @cached_property
    def kept_replications(self) -> list[int]:
        """Numbers of the replications whose record was kept, in order."""
        return [r for chunk in self.chunks() if chunk.kept == "full" for r in chunk.horizons]

    @property
    def has_records(self) -> bool:
        """Whether the record of any replication was kept."""
        return bool(self.kept_replications)

    @property
    def record_is_whole(self) -> bool:
        """Whether the record of every replication was kept."""
        return len(self.kept_replications) == len(self.replications)

    def kept_table(self, name: str) -> pa.Table:
        """One of the record's tables over the replications whose record was kept; raises KeyError for another
        name, and InputError where none was.
        """
        return joined([chunk.table(name) for chunk in self.recorded])

    def table(self, name: str) -> pa.Table:
        """One of the record's tables over all replications; raises KeyError for another name, and InputError
        where replications were folded.
        """
        return joined([chunk.table(name) for chunk in self.chunks()])

    @cached_property
    def states(self) -> pa.Table:
        """The record's states."""
        return self.table("states")

    @cached_property
    def lots(self) -> pa.Table:
        """The record's lots."""
        return self.table("lots")

    @cached_property
    def levels(self) -> pa.Table:
        """The record's levels."""
        return self.table("levels")

    @cached_property
    def genealogy(self) -> pa.Table:
        """The record's genealogy."""
        return self.table("genealogy")

    def replication(self, name: str, replication: int) -> pa.Table:
        """One table of one replication; raises KeyError for a name or a replication that is not there, and
        InputError where it was folded.
        """
        for chunk in self.chunks():
            if chunk.first <= replication <= chunk.last:
                table = chunk.table(name)
                return table.filter(pa.compute.equal(table.column("replication"), replication))
        raise KeyError(replication)

    @cached_property
    def replication_measures(self) -> pa.Table:
        """Replication, measure, value: from the run's folder, or computed anew where this code defines them
        otherwise or they have no checksum. Raises DamagedError where they are not what was kept.
        """
        path, expected = self.path / MEASURES, self._measures_hash()
        if path.is_file() and expected is not None:
            table = read_parquet(checked(path, expected))
            if (table.schema.metadata or {}).get(_CODE) == self._measures_stamp:
                return table
        return self.compute_measures()

    def measures_damage(self) -> Damage | None:
        """What is wrong with the measures that are kept; None where nothing is, or none are kept."""
        expected = self._measures_hash()
        if expected is None or not (self.path / MEASURES).is_file():
            return None
        return damage_of(self.path / MEASURES, expected)

    def _measures_hash(self) -> str | None:
        """SHA-256 of the measures as they were kept."""
        try:
            return (self.path / MEASURES_HASH).read_text(encoding="utf-8").split()[0]
        except (OSError, ValueError, IndexError):
            return None

    def keep_measures(self) -> None:
        """Compute the measures and keep them in the run's folder, so that opening the run is fast."""
        table = self.compute_measures().replace_schema_metadata({_CODE: self._measures_stamp})
        sink = pa.BufferOutputStream()
        # Values are each their own, and nothing but the whole is ever read.
        pq.write_table(
            table,
            sink,
            compression="zstd",
            version="2.6",
            use_dictionary=["measure"],
            write_statistics=False,
        )
        data = sink.getvalue().to_pybytes()
        (self.path / MEASURES_HASH).unlink(missing_ok=True)  # while both are written, neither counts
        files.write_bytes(self.path / MEASURES, data)
        files.write_text(self.path / MEASURES_HASH, f"{hashlib.sha256(data).hexdigest()}  {MEASURES}\n")

    def compute_measures(self) -> pa.Table:
        """Every measure of every replication, from the record."""
        planned: dict[str, float] = self.manifest["planned_s"]
        return measures_of_chunks(self.chunks(), self.windows, planned, self.charges)

    @cached_property
    def charges(self) -> Charges | None:
        """What the plant says of costs and footprint."""
        return charges_of(self.plant)

    @cached_property
    def _measures_stamp(self) -> bytes:
        """What stored measures depend on besides the record's chunks: the code, the window and the planned
        times.
        """
        folder = Path(__file__).parent
        modules = [*folder.glob("*_measures.py"), *folder.glob("counting/*.py")]
        modules += [folder / f"{name}.py" for name in _DEFINING]
        code = b"".join(path.read_bytes() for path in sorted(modules))
        chosen = f"{self.manifest['warm_up']['ns']} {self.manifest['chunks']} {self.manifest['planned_s']}"
        return hashlib.sha256(code + chosen.encode()).hexdigest().encode()

    @cached_property
    def values(self) -> dict[str, dict[int, float]]:
        """Measure → replication → value, without what a replication could not give; in the measures'
        order.
        """
        table = self.replication_measures.unify_dictionaries().combine_chunks()
        if not len(table):
            return {}
        measured = table.column("measure").chunk(0)
        codes, replications = numbers(measured.indices), numbers(table.column("replication"))
        values, names = numbers(table.column("value"), null=np.nan), measured.dictionary.to_pylist()
        rows = np.argsort(codes, kind="stable")
        every = np.searchsorted(codes[rows], np.arange(len(names) + 1))
        measures = np.flatnonzero(np.diff(every))  # that have rows, if without a value
        measures = measures[np.argsort(rows[every[measures]])]
        rows = rows[~np.isnan(values[rows])]
        edges = np.searchsorted(codes[rows], np.arange(len(names) + 1)).tolist()
        ordered = list(zip(replications[rows].tolist(), values[rows].tolist(), strict=True))
        return {names[k]: dict(ordered[edges[k] : edges[k + 1]]) for k in measures.tolist()}

    def interval(self, name: str, level: float | None = None) -> Interval:
        """Mean over the replications with its Student interval; raises KeyError for a measure that is not
        there.
        """
        return mean_interval(list(self.values[name].values()), level or self.level)

    def quantile(self, name: str, quantile: float, level: float | None = None) -> Interval:
        """A quantile over the replications with its own interval; `mean` holds the quantile."""
        return quantile_interval(list(self.values[name].values()), quantile, level or self.level)

    def unit_of(self, name: str) -> str:
        """SI unit of a measure; of an attribute, the one that its physics states."""
        return unit_of(name, self.manifest["attribute_units"], self.charges)

    @cached_property
    def measures(self) -> pa.Table:
        """Summary: measure, mean, low, high, level, n, unit; low and high null where there is one
        replication.
        """
        rows = []
        for name in self.values:
            i = self.interval(name)
            rows.append((name, i.mean, i.low, i.high, i.level, i.n, self.unit_of(name)))
        columns = zip(*rows, strict=True) if rows else [()] * len(SUMMARY_SCHEMA)
        made = (_summed(values, each.type) for values, each in zip(columns, SUMMARY_SCHEMA, strict=True))
        return pa.table(list(made), schema=SUMMARY_SCHEMA)

    def frame(self, name: str) -> pd.DataFrame:
        """A table of the record, `measures` or `replication_measures` as a pandas frame; raises
        KeyError.
        """
        if name not in (*TABLES, "measures", "replication_measures"):
            raise KeyError(name)
        frame: pd.DataFrame = getattr(self, name).to_pandas()
        return frame

    def figure(self, name: str, **options: Any) -> Any:
        """A Plotly figure by its name in `twin.experiment.figures.FIGURES`; raises KeyError for another
        name.
        """
        from twin.experiment.figures import FIGURES

        return FIGURES[name](self, **options)

    def date(self, time: int) -> datetime:
        """Local date and time of `time` ns."""
        return self.start + timedelta(microseconds=time / 1000)


def unit_of(name: str, attributes: Mapping[str, str], charges: Charges | None) -> str:
    """SI unit of a measure, with the units that physics states of attributes, and the plant's currency.

    >>> unit_of("attribute.assay.mean", {"assay": "kg"}, None), unit_of("throughput", {}, None)
    ('kg', '1/s')
    """
    if name.startswith("attribute."):
        return attributes.get(name.split(".")[1], "1")
    unit = describe(name).unit
    if unit.startswith("money") and charges is not None:
        return unit.replace("money", charges.currency or "")
    return unit


def _summed(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """A column of the summary."""
    if kind == pa.string():
        return texts(values)
    there = [value is not None for value in values]
    numbers = np.array([value if value is not None else 0 for value in values])
    return column(numbers.astype(kind.to_pandas_dtype()), mask=~np.array(there, dtype=np.bool_))


def open_result(reference: str | Path, workspace: str | Path | None = None) -> Result:
    """Open a finished run by its id, the beginning of its id, or its folder; or a point of a sweep as
    `SWEEP:POINT`, or by the id that its run would have.

    Raises:
        InputError: no such run, or several whose ids begin so.
    """
    folder = Path(reference)
    if (folder / MANIFEST).is_file():
        return Result(RunFolder(folder.resolve()))
    place = workspace_at(workspace)
    text = str(reference)
    found = find_runs(place, text) if text.isalnum() else []
    if len(found) == 1:
        return Result(found[0])
    if found:
        names = ", ".join(run.path.name for run in found[:5])
        raise InputError(
            [Problem(text, 0, 0, f"{len(found)} runs begin with `{text}`: {names}.", "Give more of its id.")]
        )
    from twin.experiment.sweeps.point import open_point  # which is a result itself

    point = open_point(text, place)
    if point is not None:
        return point
    if folder.is_dir():
        raise InputError([Problem(text, 0, 0, "This folder holds no finished run: it has no manifest.json.")])
    hint = "`twin results list` shows the runs there are."
    raise InputError([Problem(text, 0, 0, f"There is no run `{text}` in the workspace {place.path}.", hint)])
