"""What an export holds, as sheets of plain cells: summary, points, replications, inputs.

Units stand in the headers, values are SI. Rows come one after another, so that a sweep of a million rows need
not be in memory. CSV, Excel and Parquet write the same sheets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from twin.experiment.catalogue import HEADLINES
from twin.experiment.query.points import list_points
from twin.experiment.query.stored import OF_A_RESULT, StoredSweep
from twin.experiment.query.summary import Level, summarise
from twin.experiment.results import Result

Cell = str | int | float | None
BATCH = 10_000  # rows that are in memory at a time


@dataclass(frozen=True)
class Sheet:
    """A name, a header and rows, which can be read once."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


def run_sheets(result: Result) -> list[Sheet]:
    """The sheets of a run. Raises DamagedError where its files are not what was written."""
    names = list(result.values)
    header = ("replication", *(headed(name, result.unit_of(name)) for name in names))
    summary = [tuple(row.values()) for row in result.measures.to_pylist()]
    manifest = result.manifest
    point = (1, result.name, result.id, *(_cell(value) for value in manifest["changes"].values()))
    return [
        Sheet("summary", tuple(result.measures.column_names), summary),
        Sheet("points", ("point", "label", "run", *manifest["changes"]), [point]),
        Sheet(
            "replications",
            header,
            [(r, *(result.values[name].get(r) for name in names)) for r in result.replications],
        ),
        Sheet("inputs", ("name", "value"), _inputs(manifest)),
    ]


def sweep_sheets(sweep: StoredSweep) -> list[Sheet]:
    """The sheets of a sweep. Raises DamagedError where its files are not what was written."""
    units = {name: sweep.unit_of(name) for name in sweep.measures}
    axes = [headed(axis, sweep.unit_of_axis(axis)) for axis in sweep.axes]
    parts = [
        headed(f"{name} {part}", unit) if part != "n" else f"{name} n"
        for name, unit in units.items()
        for part in ("mean", "low", "high", "n")
    ]
    return [
        Sheet("summary", _SUMMARY, _summary(sweep)),
        Sheet("points", ("point", "label", "run", *axes, *parts), _points(sweep)),
        Sheet(
            "replications",
            (*OF_A_RESULT, *(headed(name, unit) for name, unit in units.items())),
            _replications(sweep),
        ),
        Sheet("inputs", ("name", "value"), _inputs(sweep.manifest)),
    ]


def headed(name: str, unit: str) -> str:
    """A column's name with its unit.

    >>> headed("throughput", "1/s"), headed("yield", "1")
    ('throughput [1/s]', 'yield')
    """
    return name if unit in ("", "1") else f"{name} [{unit}]"


_SUMMARY = (
    "axis",
    "from",
    "to",
    "points",
    "measure",
    "mean",
    "low",
    "high",
    "level",
    "n",
    "lowest",
    "highest",
    "unit",
)


def _summary(sweep: StoredSweep) -> Iterator[Sequence[Cell]]:
    """Each headline at each value of each axis, averaged over the other axes."""
    chosen = [name for name in sweep.measures if name in HEADLINES] or sweep.measures
    for axis in sweep.axes:
        for level in summarise(sweep, by=[axis], measures=chosen):
            yield (axis, *_of_level(level), sweep.unit_of(level.measure))


def _of_level(level: Level) -> Sequence[Cell]:
    (value,) = level.values
    ends = value if isinstance(value, tuple) else (value, value)
    i = level.interval
    return (
        *ends,
        level.points,
        level.measure,
        i.mean,
        i.low,
        i.high,
        i.level,
        i.n,
        level.lowest,
        level.highest,
    )


def _points(sweep: StoredSweep) -> Iterator[Sequence[Cell]]:
    for line in list_points(sweep, measures=sweep.measures or None).lines:
        intervals = [(i.mean, i.low, i.high, i.n) for i in line.intervals.values()]
        settings = (_cell(value) for value in line.settings.values())
        yield (line.point, line.label, line.run, *settings, *(cell for part in intervals for cell in part))


def _replications(sweep: StoredSweep) -> Iterator[Sequence[Cell]]:
    for file in sweep.results:
        for batch in pq.ParquetFile(file).iter_batches(BATCH):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _inputs(manifest: Mapping[str, Any]) -> Iterator[Sequence[Cell]]:
    """What was asked and how it was made, as far as it can be said in a line each."""
    for name, value in manifest.items():
        if name not in ("chunks", "files", "planned_s", "attribute_units", "units", "physics", "emulated"):
            yield from _lines(name, value)


def _lines(name: str, value: Any) -> Iterator[Sequence[Cell]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(f"{name}.{key}", inner)
    elif isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
        for item in value:
            yield name, item
    elif value is not None:
        yield name, _cell(value)


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, (str, int, float)):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
