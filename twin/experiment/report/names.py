"""What a run or a sweep is called in a report: its scenario's title, else its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from twin.experiment.query.stored import StoredSweep
from twin.experiment.results import Result
from twin.experiment.sweeps.point import SweepPoint
from twin.plant.document import read_document
from twin.plant.errors import InputError

Subject = Result | StoredSweep


def title_of(subject: Subject) -> str:
    """The title that stands in the scenario, or in the plant where there is no scenario."""
    if isinstance(subject, SweepPoint):
        return subject.name
    said = subject.manifest.get("title")
    if said:
        return str(said)
    for name, key in (("scenario.yaml", "scenario"), ("plant.yaml", "plant")):
        file = subject.path / "inputs" / name
        if not file.is_file():
            continue
        try:
            title = read_document(file, name).data.get(key)
        except InputError:
            continue
        if isinstance(title, str):
            return title
    return subject.name


def changes_of(subject: Subject) -> Mapping[str, Any]:
    """What is changed from the plant's file: dotted path → value; of a point of a sweep, what it tries."""
    if isinstance(subject, SweepPoint):
        tried: dict[str, Any] = json.loads(subject.line["changes"])
        return {**(subject.sweep.get("changes") or {}), **tried}
    changes: dict[str, Any] = subject.manifest.get("changes") or {}
    return changes
