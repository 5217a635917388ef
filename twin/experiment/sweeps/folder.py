"""A sweep's folder: what lies where, whose it is, and whether it is finished. Nothing is computed.

`sweeps/<id>/{sweep.json, inputs/, points.parquet, tasks.parquet, results/00001.parquet …}`, and while it is
computed `slices/`. `sweep.json` names every file with its SHA-256 and is written last.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from twin.experiment import files
from twin.experiment.integrity import damage_of
from twin.experiment.query.stored import read_manifest
from twin.experiment.store import Workspace
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import Covered, Slice, read_slices
from twin.plant.errors import InputError, Problem

FOLDER = "sweeps"
MANIFEST = "sweep.json"
POINTS, TASKS, RESULTS, INPUTS = "points.parquet", "tasks.parquet", "results", "inputs"
MARK = "sweep_id.txt"
LOCK = "sweep.lock"


@dataclass(frozen=True)
class SweepFolder:
    """The folder of one sweep, in a workspace or wherever `--out` put it."""

    path: Path

    def manifest(self) -> dict[str, Any] | None:
        """The manifest; None where there is none that can be read."""
        return read_manifest(self.path)

    def finished(self) -> bool:
        """Whether all points are there or have failed, and every file is the one that was written."""
        manifest = self.manifest()
        return (
            manifest is not None
            and not manifest["unfinished"]
            and not manifest["failed"]
            and all(damage_of(self.path / name, sha) is None for name, sha in manifest["files"].items())
        )

    def begin(self, plan: SweepPlan) -> None:
        """Keep the texts that the sweep was made from."""
        for name, text in _inputs(plan).items():
            target = self.path / INPUTS / name
            if not target.exists() or target.read_bytes() != text.encode():
                files.write_text(target, text)

    def belongs_to(self, sweep: str) -> bool:
        """Whether it is this sweep's."""
        mark = self.path / INPUTS / MARK
        return mark.is_file() and mark.read_text(encoding="utf-8").strip() == sweep

    def shelf(self, *, repair: bool = True) -> Shelf:
        """What is there already; damaged files are named by `damaged`, and removed where they are to be
        computed anew.
        """
        whole, damaged = self._results()
        shelf = Shelf(self.path, whole, repair=repair)
        shelf.damaged += damaged
        return shelf

    def covered(self) -> Iterator[Covered]:
        """The replications that are there, in slices and in results that are whole."""
        slices, _ = read_slices(self.path)
        results, _ = self._results()
        return (each for slice_ in (*slices, *results) for each in slice_.covered)

    def _results(self) -> tuple[list[Slice], list[Path]]:
        """The files of results that are whole, and those that are damaged."""
        hashes = (self.manifest() or {"files": {}})["files"]
        if not hashes:
            return [], []
        wrong = [self.path / name for name, sha in hashes.items() if damage_of(self.path / name, sha)]
        if self.path / TASKS in wrong:
            return [], wrong
        covered: defaultdict[int, list[Covered]] = defaultdict(list)
        for row in pq.read_table(self.path / TASKS).to_pylist():
            covered[row.pop("file")].append(Covered(**row))
        found = [Slice(self.result(number), tuple(tasks)) for number, tasks in sorted(covered.items())]
        return [each for each in found if each.path not in wrong], wrong

    def known(self) -> dict[int, tuple[str, str, int]]:
        """Point → its run's id, its key and its replications, of those that the files have."""
        hashes = (self.manifest() or {"files": {}})["files"]
        if any(name not in hashes or damage_of(self.path / name, hashes[name]) for name in (POINTS, TASKS)):
            return {}
        rows = pq.read_table(self.path / POINTS, columns=["point", "run"]).to_pylist()
        runs = {row["point"]: row["run"] for row in rows}
        tasks = pq.read_table(self.path / TASKS, columns=["point", "key", "last"]).to_pylist()
        return {task["point"]: (runs[task["point"]], task["key"], task["last"]) for task in tasks}

    def result(self, number: int) -> Path:
        """The file of results of a number, from 1."""
        return self.path / RESULTS / f"{number:05d}.parquet"


def folder_for(plan: SweepPlan, place: Workspace, out: Path | None, *, resume: bool) -> SweepFolder:
    """Where a sweep goes: in the workspace, or in the folder given; raises InputError where that holds
    something else, or something of this sweep and nobody said to go on.
    """
    if out is None:
        return SweepFolder(place.path / FOLDER / plan.id)
    folder = SweepFolder(out.expanduser().resolve())
    if not folder.path.exists() or (folder.path.is_dir() and not any(folder.path.iterdir())):
        return folder
    if folder.path.is_dir() and folder.belongs_to(plan.id):
        if resume:
            return folder
        hint = "Give an empty or a new folder, or go on in this one with `--resume`."
        raise InputError([Problem(str(out), 0, 0, "This folder is not empty.", hint)])
    hint = "Give an empty or a new folder."
    raise InputError([Problem(str(out), 0, 0, "This place holds something other than this sweep.", hint)])


def _inputs(plan: SweepPlan) -> dict[str, str]:
    """The texts as users wrote them, and what is asked."""
    study = plan.study
    plant = study.base
    texts = {
        "scenario.yaml": study.document.text,
        "plant.yaml": plant.document.text,
        "plant.json": plant.plant.model_dump_json(by_alias=True, indent=1) + "\n",
        "run.json": study.scenario.run.model_dump_json(indent=1) + "\n",
        "changes.json": json.dumps(dict(study.changes), indent=1, default=str) + "\n",
        MARK: plan.id + "\n",
    }
    if plant.order_file is not None:
        name = plant.order_file.name
        texts[name if name.endswith(".csv") else f"{name}.csv"] = plant.order_file.text
    return texts
