"""A point of a sweep as a result: named `SWEEP:POINT`, or by the id that its run would have.

It has values and intervals, and compares as a run does. It has no record: for lots, states and figures over
time there is the run itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from twin.experiment.flags import set_flags, word
from twin.experiment.integrity import Damage, DamagedError, checked
from twin.experiment.query.stored import point_of, stored_sweeps
from twin.experiment.results import Result
from twin.experiment.store import Chunk, RunFolder, Workspace, workspace_at
from twin.experiment.sweeps.folder import FOLDER, MANIFEST, POINTS, TASKS, SweepFolder
from twin.experiment.sweeps.slices import OF_A_ROW
from twin.plant.errors import InputError, Problem
from twin.plant.schema import Plant

NOT_YET = "This point of the sweep is not computed yet."


@dataclass(frozen=True)
class SweepPoint(Result):
    """A point of a finished sweep, read from the sweep's folder when asked."""

    number: int = 0

    @cached_property
    def sweep(self) -> dict[str, Any]:
        """The manifest of the sweep; raises DamagedError."""
        found = SweepFolder(self.folder.path).manifest()
        if found is None:
            raise DamagedError([Damage(self.folder.path / MANIFEST, "a sweep's manifest", "unreadable")])
        return found

    @cached_property
    def line(self) -> dict[str, Any]:
        """The point's row: `label`, `run`, its axes and `changes`."""
        table = pq.read_table(self._file(POINTS), filters=[("point", "=", self.number)])
        row: dict[str, Any] = table.to_pylist()[0]
        return row

    @property
    def id(self) -> str:
        """The id that the point's run has or would have."""
        return str(self.line["run"])

    @property
    def name(self) -> str:
        """What the point is called: its label."""
        return str(self.line["label"])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What a run's manifest says, as far as a point knows it."""
        known = ("scenario", "plant", "question", "assumptions", "device", "made")
        return {
            **{name: self.sweep[name] for name in known},
            "run": self.id,
            "point": f"{self.sweep['sweep']}:{self.number}",
            "seed": self._of_run("seed"),
            "replications": len(self.replications),
            **self._engine,
            "identity": {"level": self._of_run("level"), "start": self._of_run("start")},
            "record": "folded",
        }

    @property
    def replications(self) -> list[int]:
        """Numbers of the replications, from 1."""
        numbers: list[int] = self._rows.column("replication").to_pylist()
        return numbers

    @cached_property
    def values(self) -> dict[str, dict[int, float]]:
        """Measure → replication → value, without what a replication could not give."""
        rows, numbers = self._rows, self.replications
        names = [name for name in rows.column_names if name not in OF_A_ROW]
        columns = {name: rows.column(name) for name in names}
        return {
            name: {r: v for r, v in zip(numbers, column.to_pylist(), strict=True) if v is not None}
            for name, column in columns.items()
            if column.null_count < len(rows)
        }

    def unit_of(self, name: str) -> str:
        """SI unit of a measure."""
        return str(self.sweep["units"][name])

    def chunks(self) -> Iterator[Chunk]:
        """Raises InputError: no record was kept."""
        raise self._without_record()

    @property
    def plant(self) -> Plant:
        """Raises InputError: the plant is kept once for the sweep, not for each point."""
        raise self._without_record()

    @property
    def has_records(self) -> bool:
        """Never: a point keeps none."""
        return False

    @cached_property
    def _rows(self) -> Any:
        tasks = pq.read_table(self._file(TASKS), filters=[("point", "=", self.number)])
        if not len(tasks):
            raise self._failed()
        name = f"results/{tasks.column('file')[0].as_py():05d}.parquet"
        return pq.read_table(self._file(name), filters=[("point", "=", self.number)])

    def _file(self, name: str) -> Path:
        return checked(self.folder.path / name, self.sweep["files"][name])

    @property
    def _engine(self) -> dict[str, str]:
        """The engine that runs the point, and why; where that is not known, what was asked for."""
        for each in self.sweep.get("engines", ()):
            if any(first <= self.number <= last for first, last in each["points"]):
                return {"engine": each["engine"], "engine_note": each["note"]}
        return dict.fromkeys(("engine", "engine_note"), self.sweep["engine"])

    def _of_run(self, key: str) -> Any:
        """A word of `run` at this point."""
        return self._changes.get(f"run.{key}", self.sweep[key])

    @cached_property
    def _changes(self) -> dict[str, Any]:
        changes: dict[str, Any] = json.loads(self.line["changes"])
        return changes

    def _failed(self) -> InputError:
        reasons = [each["error"] for each in self.sweep["failed"] if each["point"] == self.number]
        message = f"Point {self.number} of the sweep failed: {reasons[0]}" if reasons else NOT_YET
        return InputError([Problem(f"{self.sweep['sweep']}:{self.number}", 0, 0, message)])

    def own_run(self, workspace: str | Path | None = None) -> Result | None:
        """The run of this very point, which has the same id, where somebody has made it: in the sweep's
        workspace, in its folder, or in the workspace given.
        """
        own = self.folder.path
        parents = dict.fromkeys((own.parent.parent, own, workspace_at(workspace).path))
        folders = (RunFolder(parent / "runs" / self.id) for parent in parents)
        return next((Result(folder) for folder in folders if folder.finished()), None)

    @property
    def command(self) -> str:
        """What makes the run of this point, in the folder in which the sweep was started."""
        return self._command("run", {"sweep": None}, self._changes)

    @property
    def sweep_command(self) -> str:
        """What makes the sweep of this point so that each point is a run with its record."""
        return self._command("sweep", {"run.record": "full"})

    def _command(self, verb: str, *changes: Mapping[str, object]) -> str:
        asked, place = self.sweep, self.folder.path.parent
        source = word(asked["source"]) if "source" in asked else f"FILE (that of `{asked['scenario']}`)"
        flags = [each for some in (asked.get("given", {}), *changes) for each in set_flags(some)]
        flags += ["--device gpu"] if asked["device"] == "gpu" else []
        elsewhere = place.name == FOLDER and place.parent != workspace_at().path
        flags += [f"--workspace {word(str(place.parent))}"] if elsewhere else []
        return " ".join([f"twin {verb} {source}", *flags])

    def _without_record(self) -> InputError:
        message = "A point of a sweep has measures, and no record of what happened."
        hint = f"`{self.command}` makes one, as the run {self.id}."
        return InputError([Problem(f"{self.sweep['sweep']}:{self.number}", 0, 0, message, hint)])


class NotFoundError(InputError):
    """No point is called so, as far as sweeps can be read; names those that cannot."""

    def __init__(self, reference: str, damages: Sequence[Damage]) -> None:
        message = f"No run and no point of a sweep that can be read is called `{reference}`."
        hint = "`twin results list` shows the runs there are."
        super().__init__([Problem(reference, 0, 0, message, hint), *DamagedError(damages).problems])


def open_point(reference: str, workspace: Workspace) -> SweepPoint | None:
    """The point named `SWEEP:POINT`, the sweep by its id, the beginning of it or its folder; or by a run's
    id or its beginning. None where there is none.

    Raises:
        InputError: the sweep has no such point, or several sweeps begin so; or none has it, and one that may
            have it is damaged.
    """
    named = point_of(reference, workspace.path)
    if named is not None:
        return SweepPoint(RunFolder(named[0].path), named[1])
    if not reference.isalnum():
        return None
    damages: list[Damage] = []
    for sweep in stored_sweeps(workspace):
        try:
            rows = pq.read_table(sweep.points, columns=["point", "run"]).to_pylist()
        except DamagedError as error:
            damages += error.damages
            continue
        for row in rows:
            if row["run"] is not None and row["run"].startswith(reference):
                return SweepPoint(RunFolder(sweep.path), row["point"])
    if damages:
        raise NotFoundError(reference, damages)
    return None
