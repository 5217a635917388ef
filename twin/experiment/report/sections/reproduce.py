"""How to have the same numbers again: commands, inputs as they were, versions, and the audit trail's head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from twin.experiment.flags import set_flags
from twin.experiment.query.stored import StoredSweep
from twin.experiment.report.markup import Markup, definitions, joined, tag
from twin.experiment.report.names import Subject, changes_of, title_of
from twin.experiment.report.section import Section
from twin.experiment.sweeps.point import SweepPoint
from twin.plant.document import read_document

LONGEST = 60_000  # characters of an input that a report shows; the folder has the whole
BREAK = " \\\n  "
SHOWN = ("scenario.yaml", "plant.yaml")


def reproduce(subjects: Sequence[Subject]) -> Section:
    """Command, versions and audit trail of all runs and sweeps, one after another."""
    return Section("How to reproduce it", joined(part for subject in subjects for part in _of(subject)))


def inputs(subjects: Sequence[Subject]) -> Section | None:
    """The plants and scenarios as users wrote them, each once."""
    texts: dict[str, list[str]] = {}
    for subject in subjects:
        for name, text in _inputs(subject):
            texts.setdefault(text, []).append(f"{name} of {title_of(subject)}")
    parts = [
        part
        for text, names in texts.items()
        for part in (tag("h3", "; ".join(names)), tag("pre", tag("code", text)))
    ]
    return Section("Inputs as they were written", joined(parts)) if parts else None


def _of(subject: Subject) -> Iterator[Markup]:
    manifest = subject.manifest
    made: Mapping[str, Any] = manifest.get("made", {})
    yield tag("h3", title_of(subject))
    yield tag("pre", tag("code", _command(subject)))
    said = "The plant and the scenario are those below. The same version of twin gives the same id and bytes."
    yield tag("p", said, class_="quiet")
    versions = ", ".join(f"{name} {version}" for name, version in made.get("versions", {}).items())
    head = made.get("audit_head")
    verify = joined([" (", tag("code", f"twin audit verify --head {head}"), " asks whether it still holds)"])
    yield definitions(
        [
            ("Id", subject.id),
            ("Made", f"{made.get('at', '–')} by {made.get('by', '–')}, in {made.get('seconds', 0):g} s"),
            ("Versions", f"{versions}, Python {made.get('python', '–')} on {made.get('platform', '–')}"),
            ("Content", manifest.get("content")),
            ("Audit trail", joined([f"entry {made.get('audit_entry', '–')}, head {head}", verify])),
        ]
    )


def _command(subject: Subject) -> str:
    """The command that gives this run or sweep from the inputs kept beside it: what the scenario does not
    say itself is said by flags.
    """
    manifest = subject.manifest
    scenario = subject.path / "inputs" / "scenario.yaml"
    own = _set(scenario)
    flags = ["--set sweep=null"] if isinstance(subject, SweepPoint) else []
    flags += set_flags(
        (path, value)
        for path, value in changes_of(subject).items()
        if path not in ("run.replications", "run.seed") and (path not in own or own[path] != value)
    )
    source = "scenario.yaml" if scenario.is_file() else "plant.yaml"
    if isinstance(subject, StoredSweep):
        return BREAK.join([f"twin sweep {source}", *flags])
    flags += [f"--replications {manifest['replications']}", f"--seed {manifest['seed']}"]
    return BREAK.join([f"twin run {source}", *flags])


def _set(scenario: Path) -> Mapping[str, Any]:
    """What a scenario sets; nothing where there is no scenario."""
    found = read_document(scenario, scenario.name).data.get("set") if scenario.is_file() else None
    return found if isinstance(found, Mapping) else {}


def _inputs(subject: Subject) -> Iterator[tuple[str, str]]:
    """Name and text of what the user wrote."""
    for name in SHOWN:
        file = subject.path / "inputs" / name
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            more = "" if len(text) <= LONGEST else f"\n… and {len(text) - LONGEST:,} characters"
            yield name, text[:LONGEST] + more
