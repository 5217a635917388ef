"""What the pages ask of the layers below: sources, runs, the queue. Ids come in, models and results go out.

One object for each app. It keeps no state of its own but caches: what is true lies in the workspace, so that
a reload, another browser or another app on the same workspace see the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from twin.experiment import audit
from twin.experiment.jobs import Job, Queue, QueueFullError
from twin.experiment.prepare import Prepared, prepare
from twin.experiment.results import Result
from twin.experiment.store import Workspace
from twin.plant.errors import InputError, Problem
from twin.web import sources
from twin.web.draft import Draft, open_base, open_draft
from twin.web.form import humane, typed
from twin.web.sources import Source

FIRST = ("twin:tablet_line_baseline", "twin:tablet_line")
RUN_ID = re.compile(r"[0-9a-f]{16}")

Kind = Literal["finished", "queued", "running", "failed", "cancelled", "unknown"]
OF_A_JOB: Mapping[str, Kind] = {
    "waiting": "queued",
    "running": "running",
    "done": "unknown",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class Status:
    """How far a run is; `message` says why where it failed."""

    kind: Kind
    done: int = 0
    total: int = 0
    message: str = ""


class Backend:
    """The workspace as the app sees it."""

    def __init__(self, workspace: Path, start: str | None = None) -> None:
        """Use the workspace at a folder; `start` is the id of the source that the first page shows."""
        self.store = Workspace(workspace.expanduser().resolve())
        self.queue = Queue(self.store.path)
        self.start = start

    @property
    def workspace(self) -> Path:
        """The workspace's folder."""
        return self.store.path

    def sources(self) -> tuple[Source, ...]:
        """What can be chosen."""
        return sources.sources(self.workspace)

    def source(self, source_id: str) -> Source | None:
        """The source of an id, or None."""
        return sources.find(self.workspace, source_id)

    def require_source(self, source_id: str) -> Source:
        """The source of an id. Raises `InputError`."""
        source = self.source(source_id)
        if source is None:
            raise InputError([Problem(source_id, 0, 0, "This plant or scenario is not there any more.")])
        return source

    def first_source(self) -> Source | None:
        """The source that the first page shows: the one asked for, the baseline, or whatever there is.

        Raises `InputError` where the one asked for is not there.
        """
        if self.start:
            return self.require_source(self.start)
        wanted = [self.source(name) for name in FIRST]
        return next((source for source in wanted if source), next(iter(self.sources()), None))

    def known_run(self, draft: Draft) -> str | None:
        """The id of the draft's run where it is finished or in the queue, else None."""
        if draft.study is None:
            return None
        run_id = draft.base.run_id if draft.study is draft.base.study else prepare(draft.study).id
        return run_id if self.status(run_id).kind not in ("unknown", "cancelled") else None

    def baseline_run(self, run_id: str | None) -> str | None:
        """The finished run of a run's source as it stands in its file, else of the first page's source."""
        source = self.inputs(run_id)[0] if run_id else None
        for base in (source, self.first_source()):
            found = self.known_run(open_draft(self.workspace, base, {})) if base else None
            if found and found != run_id and self.finished(found):
                return found
        return None

    def submit(self, draft: Draft, who: str) -> str:
        """Ask for the draft's run and return its id; a finished one is reused. Raises `InputError`."""
        if draft.study is None:
            raise InputError([Problem(draft.source.title, 0, 0, "The inputs are not right yet.")])
        prepared = prepare(draft.study)
        if not self.finished(prepared.id):
            self._ask(prepared, who)
        return prepared.id

    def _ask(self, prepared: Prepared, who: str) -> None:
        label = prepared.scenario_name or prepared.plant_name
        total = prepared.run.replications
        try:
            self.queue.submit(prepared.id, prepared.as_request(), who, label=label, total=total)
        except QueueFullError as full:
            hint = "Wait for a run to end, or cancel one."
            raise InputError([Problem("queue", 0, 0, f"The queue is full: {full}", hint)]) from None
        audit.record(self.workspace, "ask for run", after=prepared.id, why="app", who=who)

    def cancel(self, run_id: str, who: str) -> bool:
        """Stop waiting for a run; it is cancelled when nobody waits any more. Returns whether it was."""
        cancelled = self.queue.cancel(run_id, who)
        audit.record(
            self.workspace, "cancel run" if cancelled else "leave run", before=run_id, why="app", who=who
        )
        return cancelled

    def finished(self, run_id: str) -> bool:
        """Whether a run of this id is in the workspace."""
        return RUN_ID.fullmatch(run_id) is not None and self.store.run_folder(run_id).finished()

    def status(self, run_id: str | None) -> Status:
        """How far a run is."""
        if run_id is None or RUN_ID.fullmatch(run_id) is None:
            return Status("unknown")
        if self.finished(run_id):
            return Status("finished")
        job = self._job(run_id)
        return Status(OF_A_JOB[job.state], job.done, job.total, job.message) if job else Status("unknown")

    def result(self, run_id: str) -> Result:
        """A finished run's result."""
        return _result(self.store, run_id)

    def results(self) -> list[Result]:
        """All finished runs, the newest first."""
        found = [self.result(folder.path.name) for folder in self.store.run_folders()]
        return sorted(found, key=lambda result: str(result.manifest["made"]["at"]), reverse=True)

    def title(self, result: Result) -> str:
        """What a run is called in lists: its scenario's or plant's title, and how many changes it has."""
        made = result.manifest
        return self._title(made["scenario"], made["plant"], made["changes"])

    def title_of_job(self, job: Job) -> str:
        """What a run that waits or is under way is called in lists: as it will be when it has finished."""
        asked = job.request
        return self._title(asked["scenario_name"], asked["plant_name"], asked["changes"])

    def _title(self, scenario: str | None, plant: str, changes: dict[str, object]) -> str:
        name, kind = (plant, "plant") if scenario is None else (scenario, "scenario")
        for source in self.sources():
            if source.kind == kind and Path(source.place.removeprefix("twin:")).stem == name:
                own = open_base(self.workspace, source).study.scenario.set
                count = sum(1 for path, value in changes.items() if own.get(path) != value)
                return f"{source.title}, {count} change{'s' if count > 1 else ''}" if count else source.title
        return humane(name)

    def open_jobs(self) -> list[Job]:
        """The jobs that wait or run."""
        return self.queue.jobs(open_only=True)

    def inputs(self, run_id: str) -> tuple[Source | None, dict[str, str]]:
        """The source and the changes a run was made from; no source where its files have changed since."""
        made = self._made_from(run_id)
        if made is None:
            return None, {}
        for source in self.sources():
            changes = _changes_from(self.workspace, source, made)
            if changes is not None:
                return source, changes
        return None, {}

    def _made_from(self, run_id: str) -> Mapping[str, Any] | None:
        """A run's origin: `scenario_name`, `plant_name`, `changes` and the resolved `plant`."""
        if self.finished(run_id):
            result = self.result(run_id)
            manifest = result.manifest
            plant = json.loads((result.path / "inputs" / "plant.json").read_text(encoding="utf-8"))
            return {
                "scenario_name": manifest["scenario"],
                "plant_name": manifest["plant"],
                "changes": manifest["changes"],
                "plant": plant,
            }
        job = self._job(run_id)
        return job.request if job else None

    def _job(self, run_id: str) -> Job | None:
        try:
            return self.queue.get(run_id)
        except KeyError:
            return None


@lru_cache(maxsize=16)
def _result(store: Workspace, run_id: str) -> Result:
    """Results are immutable, so an open one is kept."""
    return Result(store.run_folder(run_id))


def _changes_from(workspace: Path, source: Source, made: Mapping[str, Any]) -> dict[str, str] | None:
    """The changes with which `source` gives the plant of a run, or None where it does not."""
    try:
        study = open_base(workspace, source).study
        name = made["scenario_name"] if source.kind == "scenario" else made["plant_name"]
        if name != study.name or (source.kind == "plant") != (made["scenario_name"] is None):
            return None
        own = study.scenario.set
        changes = {path: typed(value) for path, value in made["changes"].items() if own.get(path) != value}
        draft = open_draft(workspace, source, changes)
    except InputError:
        return None
    same = (
        draft.study is not None
        and draft.study.base.plant.model_dump(mode="json", by_alias=True) == made["plant"]
    )
    return changes if same else None
