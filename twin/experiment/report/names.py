"""What a run or a sweep is called in a report: its scenario's title, else its name."""

from __future__ import annotations

from twin.experiment.query.stored import StoredSweep
from twin.experiment.results import Result
from twin.plant.document import read_document
from twin.plant.errors import InputError

Subject = Result | StoredSweep


def title_of(subject: Subject) -> str:
    """The title that stands in the scenario, or in the plant where there is no scenario."""
    said = subject.manifest.get("title")
    if said:
        return str(said)
    if subject.manifest.get("point"):
        return subject.name
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
