"""What was asked: the question, what is assumed, what is changed, and before it was changed."""

from __future__ import annotations

from typing import Any

from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.markup import bullets, joined, table, tag
from twin.experiment.report.names import changes_of
from twin.experiment.report.section import Figures, Section
from twin.experiment.results import Result
from twin.experiment.sweeps.point import SweepPoint
from twin.plant.changes import diff
from twin.plant.errors import InputError
from twin.plant.load import load_plant
from twin.plant.schema import Plant

HOW_IT_IS_RUN = ("run.replications", "run.seed", "run.record")
"""Changes that are told where it is told what was run."""


def asked(subject: Result | StoredSweep, figures: Figures) -> Section | None:
    """Question, assumptions and changes of a run or sweep."""
    manifest = subject.manifest
    question = manifest.get("question")
    assumptions = manifest.get("assumptions") or []
    made = changes_of(subject).items()
    changes = {k: v for k, v in made if k not in HOW_IT_IS_RUN and not (v is None and _is_how(k))}
    before = _before(subject) if changes else {}
    rows = [(path, before.get(path, "–"), _text(value)) for path, value in changes.items()]
    body = joined(
        [
            tag("p", question, class_="question") if question else tag("p", "No question was written down."),
            tag("h3", "Assumed, not measured") if assumptions else None,
            bullets(assumptions) if assumptions else None,
            tag("h3", "Changed from the plant as it is"),
            table(("what", "was", "is now"), rows)
            if changes
            else tag("p", "Nothing: this is the plant as its file says."),
        ]
    )
    return Section("What was asked", body)


def _is_how(path: str) -> bool:
    """Whether a change is of how the plant is run: set to nothing it says nothing."""
    return path.split(".")[0] in ("run", "sweep", "optimise")


def _before(subject: Result | StoredSweep) -> dict[str, str]:
    """What the changed words of the plant were, by their paths, as far as they are single values."""
    if isinstance(subject, SweepPoint):  # the plant of a single point is not kept
        return {}
    inputs = subject.path / "inputs"
    try:
        plain = load_plant(inputs / "plant.yaml").plant
        changed = Plant.model_validate_json((inputs / "plant.json").read_text(encoding="utf-8"))
    except (InputError, OSError, ValueError):
        return {}
    return {path: "not there" if was is None else _text(was) for path, was, _ in diff(plain, changed)}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(inner) for inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
