"""Checking a file whole, whatever it is: a plant, a scenario or a state file. Nothing is run.

`twin check` calls it. A state file says by `of` which plant it is of, and is checked against that; the
scenario that starts from it checks it once more, by `starting.read_start`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.engine.compile import situation as situations
from twin.experiment.prepare import compile_loaded, prepare
from twin.plant.bases import beside
from twin.plant.checking import checked, complain, validate
from twin.plant.document import Document, all_told, read_document
from twin.plant.errors import Complaint, InputError
from twin.plant.load import LoadedScenario, load_study
from twin.plant.remainder import Refused
from twin.plant.scenario import Run
from twin.plant.shipped import PREFIX
from twin.plant.situation import StateFile


@dataclass(frozen=True)
class Checked:
    """A file that is right, and what it is: `plant`, `scenario` or `state`."""

    file: str
    kind: str
    name: str
    note: str = ""


def check_file(source: str, workspace: Path | None = None) -> Checked:
    """Check a file whole. Raises `InputError` with every complaint."""

    def found(document: Document | None) -> Checked:
        if document is not None and _is_state(document):
            return check_state(document, source, workspace)
        prepared = prepare(source, workspace=workspace)
        return Checked(source, "scenario" if prepared.scenario_name else "plant", prepared.label)

    if source.startswith(PREFIX):
        return found(None)
    return all_told(lambda: read_document(Path(source), source), found)


def _is_state(document: Document) -> bool:
    return "state" in document.data and not {"plant", "scenario"} & document.data.keys()


def check_state(document: Document, source: str, workspace: Path | None) -> Checked:
    """Check a state file that has been read from `source`. Raises `InputError` with every complaint."""
    written = document.data.get("of")
    if not isinstance(written, str):
        words = checked(StateFile, document, document.data, (), _no_rules).model
        note = "It names no plant (`of`) to be checked against."
        return Checked(source, "state", words.state, note)
    try:
        study = load_study(beside(written, ("of",), source, document, workspace), workspace=workspace)
        compile_loaded(study.base, study.scenario.run)
    except InputError as error:
        _, found = validate(StateFile, document.data, _no_rules)
        problems = error.problems
        if not any(problem.line for problem in problems):
            hint = "Name the plant's file, relative to this one."
            about = complain(("of",), f"names `{written}`, which cannot be read", hint)
            problems = (document.problem(about),)
        raise InputError([*map(document.problem, found), *problems]) from None

    def rules(words: StateFile, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
        run = _run_of(study, words)
        program = compile_loaded(study.base, run)
        return situations.complaints(words, study.base.plant, program, run)

    words = checked(StateFile, document, document.data, (), rules).model
    return Checked(source, "state", words.state)


def _run_of(study: LoadedScenario, words: StateFile) -> Run:
    """How the plant is run from there: as the scenario says, or from the time of the file on."""
    run = study.scenario.run
    if "scenario" in study.document.data or words.time is None:
        return run
    return run.model_copy(update={"start": words.time})


def _no_rules(words: StateFile, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
    return []
