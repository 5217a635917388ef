"""Reading plants and scenarios: a file in, a checked model or all of its problems out.

`load_plant`, `load_scenario`, `load` and `load_study` are the only ways to a plant for the rest of twin. The
steps are: text and limits (`document.py`), changes (`changes.py`), schema (`checking.py`), then the rules
between parts (`consistency.py`) and the floor (`layout.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from twin.plant import axes, consistency, shipped, sweep_rules
from twin.plant import changes as changing
from twin.plant.checking import Origin, checked, complain, place, raise_if_any
from twin.plant.document import Document, read_document
from twin.plant.errors import Complaint, InputError, Problem
from twin.plant.order_file import OrderFile, names_order_file, with_order_files
from twin.plant.remainder import Refused
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant
from twin.plant.units import WrongValueError

Changes = Mapping[str, object]

_OF_A_SCENARIO = ("run", "sweep", "limits", "outputs")
TRIED = 200  # values of an axis that are checked when a scenario is read


@dataclass(frozen=True)
class LoadedPlant:
    """A checked plant and the file it came from; `origins` are the changes that were made to it."""

    plant: Plant
    document: Document
    name: str
    source: str
    origins: tuple[Origin, ...] = ()
    order_file: OrderFile | None = None

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place, in the plant's file or where a change was written."""
        return place(complaint, self.document, self.origins)


@dataclass(frozen=True)
class LoadedScenario:
    """A checked scenario and its plant with the scenario's changes; `changes` are those of the caller."""

    scenario: Scenario
    document: Document
    name: str
    source: str
    base: LoadedPlant
    changes: Changes
    workspace: FilePath | None = None

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place in the scenario's file."""
        return self.document.problem(complaint)

    def at(self, point: Changes) -> LoadedScenario:
        """The scenario at a point of its sweep, the sweep left out; files are not read again. Raises
        `InputError`.
        """
        changes = {**self.changes, **point, "sweep": None}
        if "scenario" in self.document.data:
            return _scenario(self.document, self.source, changes, self.workspace, self.base.document)
        return _study_of_plant(self.document, self.source, changes, self.workspace)


def load(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedPlant | LoadedScenario:
    """Read a plant or a scenario, told apart by their keys `plant` and `scenario`. Raises `InputError`."""
    document = _read(source)
    if "scenario" in document.data:
        return _scenario(document, str(source), changes or {}, workspace)
    return _plant(document, str(source), _given(changes or {}))


def load_plant(source: str | FilePath, changes: Changes | None = None) -> LoadedPlant:
    """Read the plant at a path or `twin:NAME` with `changes` by dotted path. Raises `InputError`."""
    document = _read(source)
    if "scenario" in document.data and "plant" not in document.data:
        hint = "Name the plant of the scenario, its `base`."
        complaint = Complaint(("scenario",), "The file is a scenario, not a plant.", hint, at_key=True)
        raise_if_any(document, [complaint])
    return _plant(document, str(source), _given(changes or {}))


def load_scenario(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedScenario:
    """Read the scenario at a path or `twin:NAME`, and its plant. Raises `InputError`.

    `changes` whose path begins with `run`, `sweep`, `limits` or `outputs` change the scenario, others its
    plant. `workspace` is a folder in which the plant may lie; default: TWIN_WORKSPACE, else the current
    folder.
    """
    document = _read(source)
    if "plant" in document.data and "scenario" not in document.data:
        hint = "A scenario has the keys `scenario` and `base`."
        complaint = Complaint(("plant",), "The file is a plant, not a scenario.", hint, at_key=True)
        raise_if_any(document, [complaint])
    return _scenario(document, str(source), changes or {}, workspace)


def load_study(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedScenario:
    """Read a scenario, or a plant as the scenario that changes nothing of it. Raises `InputError`."""
    document = _read(source)
    if "scenario" in document.data:
        return _scenario(document, str(source), changes or {}, workspace)
    if "state" in document.data and "plant" not in document.data:
        hint = "A scenario starts from it: `run: {from: …}`."
        complaint = Complaint(("state",), "The file is a state, not a plant or scenario.", hint, at_key=True)
        raise_if_any(document, [complaint])
    return _study_of_plant(document, str(source), changes or {}, workspace)


def _read(source: str | FilePath) -> Document:
    address = str(source)
    path = shipped.find(address) if address.startswith(shipped.PREFIX) else FilePath(source)
    return read_document(path, address)


def _name(source: str) -> str:
    return source.removeprefix(shipped.PREFIX) if source.startswith(shipped.PREFIX) else FilePath(source).stem


def _plant(document: Document, source: str, origins: Sequence[Origin]) -> LoadedPlant:
    changes, book, problems = with_order_files(document, origins)
    try:
        plant, made = checked(Plant, document, document.data, changes, consistency.complaints)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return LoadedPlant(plant, document, _name(source), source, made, book)


def _study_of_plant(
    document: Document, source: str, changes: Changes, workspace: FilePath | None
) -> LoadedScenario:
    """The scenario that changes nothing of a plant but what `changes` say."""
    of_run, of_plant = _split(changes)
    base = _plant(document, source, _given(of_plant))
    data = {"scenario": base.plant.plant, "base": source}
    scenario, _ = checked(Scenario, document, data, _given(of_run), _no_rules)
    return LoadedScenario(scenario, document, base.name, source, base, dict(changes), workspace)


def _scenario(
    document: Document,
    source: str,
    changes: Changes,
    workspace: FilePath | None,
    base_document: Document | None = None,
) -> LoadedScenario:
    """The scenario of a document; its plant's document is read where it is not given."""
    of_run, of_plant = _split(changes)
    try:
        scenario, _ = checked(Scenario, document, document.data, _given(of_run), _scenario_rules)
    except InputError as error:
        more = _problems_of_base(document, source, workspace)
        raise InputError([*error.problems, *more]) from None
    base_source = beside(scenario.base, "base", source, document, workspace)
    base_document = base_document or _read_base(base_source, scenario.base, document)
    own = [Origin(dotted, value, document, ("set", dotted)) for dotted, value in scenario.set.items()]
    base = _plant(base_document, base_source, [*own, *_given(of_plant)])
    _check_sweep(scenario, document, base_document, [*own, *_given(of_plant)])
    return LoadedScenario(scenario, document, _name(source), source, base, dict(changes), workspace)


def _split(changes: Changes) -> tuple[dict[str, object], dict[str, object]]:
    """Changes of the scenario itself, and changes of its plant."""
    of_run = {path: value for path, value in changes.items() if path.split(".")[0] in _OF_A_SCENARIO}
    return of_run, {path: value for path, value in changes.items() if path not in of_run}


def _given(changes: Changes) -> list[Origin]:
    """Changes of a caller; text is read as YAML."""
    origins: list[Origin] = []
    problems: list[Problem] = []
    for dotted, value in changes.items():
        try:
            read = changing.value_from_text(value) if isinstance(value, str) else value
            origins.append(Origin(dotted, read))
        except WrongValueError as wrong:
            problems.append(Problem(f"--set {dotted}", 1, 1, f"The change of `{dotted}` {wrong.predicate}"))
    if problems:
        raise InputError(problems)
    return origins


def _no_rules(scenario: Scenario, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
    return []


def _scenario_rules(scenario: Scenario, data: Mapping[str, Any], refused: Refused) -> list[Complaint]:
    found: list[Complaint] = []
    run = scenario.run
    if run.kind == "terminating" and run.warm_up is not None:
        hint = "Leave out `warm_up`, or write `kind: steady`."
        found.append(
            complain(("run", "warm_up"), "is given for a terminating run, which deletes nothing", hint)
        )
    if run.warm_up is not None and run.horizon is not None and run.warm_up >= run.horizon:
        found.append(complain(("run", "warm_up"), "is not shorter than the horizon"))
    return [*found, *sweep_rules.complaints(scenario)]


def beside(written: str, key: str, source: str, document: Document, workspace: FilePath | None) -> str:
    """The source that a file names by its `key`: `twin:NAME`, or a path that stays in the allowed folders.

    Raises `InputError` for a path that leads out of the file's folder and the workspace.
    """
    if written.startswith(shipped.PREFIX):
        return written
    if source.startswith(shipped.PREFIX):
        hint = f"Write `{key}: twin:NAME`."
        raise_if_any(document, [complain((key,), "must be shipped, as the file is", hint)])
    folder = FilePath(source).resolve().parent
    allowed = (folder, (workspace or FilePath(os.environ.get("TWIN_WORKSPACE", "."))).resolve())
    path = folder / written
    if FilePath(written).is_absolute() or not any(path.resolve().is_relative_to(root) for root in allowed):
        hint = "It lies in the folder of this file or in the workspace, and is written relative to this file."
        raise_if_any(document, [complain((key,), "leads outside the folders that this file may name", hint)])
    return str(FilePath(source).parent / written)


def _problems_of_base(document: Document, source: str, workspace: FilePath | None) -> tuple[Problem, ...]:
    """What is wrong with the plant that a refused scenario names, so that all is told at once."""
    written = document.data.get("base")
    if not isinstance(written, str):
        return ()
    try:
        base_source = beside(written, "base", source, document, workspace)
        _plant(_read_base(base_source, written, document), base_source, ())
    except InputError as error:
        return error.problems
    return ()


def _read_base(source: str, written: str, document: Document) -> Document:
    """The document of a scenario's plant; that it is not there is a problem of the scenario."""
    try:
        base = _read(source)
    except InputError as error:
        if any(problem.line for problem in error.problems):
            raise
        hints = [problem.hint for problem in error.problems]
        raise_if_any(document, [complain(("base",), f"names `{written}`, which cannot be read", hints[0])])
        raise
    if "plant" not in base.data and "scenario" in base.data:
        raise_if_any(document, [complain(("base",), f"names `{written}`, which is a scenario, not a plant")])
    return base


def _check_sweep(scenario: Scenario, document: Document, base: Document, before: Sequence[Origin]) -> None:
    """Try values of each axis alone, so that a wrong one is known before anything runs; `at` tries all."""
    problems: dict[Problem, None] = {}
    opened = with_order_files(base, before)[0] if scenario.sweep else []
    for dotted, axis in scenario.sweep.axes.items() if scenario.sweep else ():
        for inner, value in axes.ends(axis)[:TRIED]:
            where = ("sweep", "axes", dotted, *inner)
            model, data, rules = _target(dotted, base, document)
            origin = Origin(dotted, value, document, where)
            try:
                if model is Scenario:
                    checked(model, base, data, [origin], rules)
                elif names_order_file(dotted):
                    _plant(base, base.file, [*before, origin])
                else:
                    checked(model, base, data, [*opened, origin], rules)
            except InputError as error:
                problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputError(list(problems))


def _target(dotted: str, base: Document, document: Document) -> tuple[Any, Mapping[str, object], Any]:
    if dotted.split(".")[0] in _OF_A_SCENARIO:
        return Scenario, {key: value for key, value in document.data.items() if key != "sweep"}, _no_rules
    return Plant, base.data, consistency.complaints
