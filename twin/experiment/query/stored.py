"""A sweep's folder as it is read: its manifest, and its files once their checksums are found right.

`sweeps/<id>/{sweep.json, inputs/, points.parquet, results/00001.parquet …}`, as `twin sweep` writes it. The
manifest names each file with its SHA-256; a file that is another is named and not read. Nothing is
written here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from twin.experiment.catalogue import describe
from twin.experiment.integrity import UNREADABLE, Damage, DamagedError, checked, damage_of
from twin.experiment.store import Workspace, workspace_at
from twin.plant.errors import InputError, Problem

MANIFEST = "sweep.json"
POINTS = "points.parquet"
TASKS = "tasks.parquet"
RESULTS = "results/"
FOLDER = "sweeps"
OF_A_POINT = ("point", "label", "run", "changes")
"""Columns of `points.parquet` beside the axes."""
OF_A_RESULT = ("point", "task", "replication")
"""Columns of the results beside the measures."""
_OF_A_MANIFEST = {"sweep", "scenario", "plant", "points", "replications", "made", "files"}


@dataclass(frozen=True)
class StoredSweep:
    """A finished sweep, read from its folder when asked."""

    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the sweep is; raises DamagedError where it cannot be read."""
        found = read_manifest(self.path)
        if found is None:
            raise DamagedError([Damage(self.path / MANIFEST, "a sweep's manifest", UNREADABLE)])
        return found

    @property
    def id(self) -> str:
        """The sweep's id."""
        return str(self.manifest["sweep"])

    @property
    def name(self) -> str:
        """What the sweep is called: its scenario's name."""
        return str(self.manifest["scenario"])

    @property
    def level(self) -> float:
        """Confidence level of its intervals."""
        return float(self.manifest.get("level", 0.95))

    @property
    def hashes(self) -> dict[str, str]:
        """File, relative to the folder → SHA-256."""
        return dict(self.manifest["files"])

    def unit_of(self, measure: str) -> str:
        """SI unit of a measure; of an attribute or of money, as the manifest says."""
        units = self.manifest.get("units", {})
        return str(units[measure]) if measure in units else unit_of(measure)

    def unit_of_axis(self, axis: str) -> str:
        """SI unit of an axis; `1` where it has none."""
        return str(self.manifest.get("axis_units", {}).get(axis, "1"))

    def damages(self) -> list[Damage]:
        """Every file of the sweep that is not what was written."""
        found = (damage_of(self.path / name, sha) for name, sha in self.hashes.items())
        return [damage for damage in found if damage is not None]

    @cached_property
    def points(self) -> Path:
        """The file of points, its checksum right; raises DamagedError."""
        return checked(self.path / POINTS, self.hashes[POINTS])

    @cached_property
    def results(self) -> list[Path]:
        """The files of results in order, their checksums right; raises DamagedError that names each other."""
        names = sorted(name for name in self.hashes if name.startswith(RESULTS))
        found = [damage_of(self.path / name, self.hashes[name]) for name in names]
        damages = [damage for damage in found if damage is not None]
        if damages:
            raise DamagedError(damages)
        return [self.path / name for name in names]

    @cached_property
    def finished_points(self) -> list[int]:
        """Numbers of the points that have a result, in order; raises DamagedError."""
        file = checked(self.path / TASKS, self.hashes[TASKS])
        failed = {each["point"] for each in self.manifest.get("failed") or ()}
        numbers: set[int] = set(pq.read_table(file, columns=["point"]).column("point").to_pylist())
        return sorted(numbers - failed)

    @cached_property
    def replications(self) -> str:
        """How many replications each point has, `3` or `2 to 5`; those asked for where no point has a result.
        Raises DamagedError.
        """
        last: dict[int, int] = {}
        if TASKS in self.hashes:
            file = checked(self.path / TASKS, self.hashes[TASKS])
            for task in pq.read_table(file, columns=["point", "last"]).to_pylist():
                last[task["point"]] = max(task["last"], last.get(task["point"], 0))
        if not last:
            return str(self.manifest["replications"])
        least, most = min(last.values()), max(last.values())
        return f"{least}" if least == most else f"{least} to {most}"

    def tables(self) -> dict[str, list[Path]]:
        """The files to ask, for `connection.opened`; raises DamagedError, and InputError where every
        point failed.
        """
        if not self.results:
            message = "No point of this sweep has a result."
            raise InputError([Problem(str(self.path), 0, 0, message, "`twin report` tells why they failed.")])
        return {"points": [self.points], "results": self.results}

    @cached_property
    def axes(self) -> list[str]:
        """Names of the axes, as columns of the points."""
        names: list[str] = pq.read_schema(self.points).names
        return [name for name in names if name not in OF_A_POINT]

    @cached_property
    def text_axes(self) -> list[str]:
        """Those of the axes whose values are texts."""
        schema = pq.read_schema(self.points)
        return [name for name in self.axes if not is_number(schema.field(name).type)]

    @cached_property
    def measures(self) -> list[str]:
        """Names of the measures that were kept."""
        if not self.results:
            return []
        names: list[str] = pq.read_schema(self.results[0]).names
        return [name for name in names if name not in OF_A_RESULT]


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a sweep's folder; None where there is none that can be read."""
    try:
        loaded: object = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(loaded, dict) or not loaded.keys() >= _OF_A_MANIFEST:
        return None
    files = loaded["files"]
    return loaded if isinstance(files, dict) and POINTS in files else None


def unit_of(measure: str) -> str:
    """SI unit of a measure by the catalogue; `1` of one that it does not know."""
    try:
        return describe(measure).unit
    except KeyError:
        return "1"


def is_number(kind: pa.DataType) -> bool:
    """Whether a column holds numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def stored_sweeps(workspace: Workspace) -> list[StoredSweep]:
    """The finished sweeps of a workspace, by name."""
    folder = workspace.path / FOLDER
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [StoredSweep(path) for path in found if (path / MANIFEST).is_file()]


def axis_values(sweep: StoredSweep) -> dict[str, list[Any]]:
    """Axis → its different values, in the order of the points; raises DamagedError."""
    table = pq.read_table(sweep.points, columns=sweep.axes)
    return {name: list(dict.fromkeys(table.column(name).to_pylist())) for name in sweep.axes}


def find_sweep(reference: str | Path, workspace: str | Path | None = None) -> StoredSweep | None:
    """A finished sweep by its id, the beginning of its id, or its folder; None where there is none.

    Raises:
        InputError: several sweeps whose ids begin so.
    """
    folder = Path(reference)
    if (folder / MANIFEST).is_file():
        return StoredSweep(folder.resolve())
    text = str(reference)
    place = workspace_at(workspace)
    if not text or Path(text).name != text:
        return None
    found = [sweep for sweep in stored_sweeps(place) if sweep.path.name.startswith(text)]
    exact = [sweep for sweep in found if sweep.path.name == text]
    if len(found) > 1 and not exact:
        names = ", ".join(sweep.path.name for sweep in found[:5])
        message = f"{len(found)} sweeps begin with `{text}`: {names}."
        raise InputError([Problem(text, 0, 0, message, "Give more of its id.")])
    chosen = exact or found
    return chosen[0] if chosen else None


def point_of(reference: str, workspace: str | Path | None = None) -> tuple[StoredSweep, int] | None:
    """A point of a sweep by `SWEEP:POINT`; None where this is no such name.

    Raises:
        InputError: the sweep has no such point.
    """
    name, colon, number = reference.rpartition(":")
    if not colon or not number.isdecimal():
        return None
    sweep = find_sweep(name, workspace)
    if sweep is None:
        return None
    points = int(sweep.manifest["points"])
    if not 1 <= int(number) <= points:
        message = f"The sweep {sweep.id} has no point {number}."
        raise InputError([Problem(reference, 0, 0, message, f"Its points are 1 to {points}.")])
    return sweep, int(number)
