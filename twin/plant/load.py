"""Reading plants and scenarios: a file in, a checked model or all of its problems out.

`load_plant`, `load_scenario`, `load` and `load_study` are the only ways to a plant for the rest of twin. The
steps are: text and limits (`document.py`), changes (`changes.py`), schema (`checking.py`), then the rules
between parts (`consistency.py`) and the floor (`layout.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path as FilePath
from typing import Any, TypeVar

from twin.plant import changes as changing
from twin.plant import consistency, optimise_rules, shipped, sweep_rules, trials
from twin.plant.bases import Files, beside, files_of, problems_of_compared, problems_of_start, read
from twin.plant.chain import Link, Words, assumptions_of, changes_in_force, changes_of, words_of
from twin.plant.checking import Origin, Rules, checked, complain, place, raise_if_any
from twin.plant.document import Document, UncleanError, all_told
from twin.plant.errors import Complaint, InputError, Path, Problem
from twin.plant.order_file import OrderFile, names_order_file, with_order_files
from twin.plant.remainder import Refused
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant
from twin.plant.taking_over import Known, same
from twin.plant.units import WrongValueError

Changes = Mapping[str, object]

_OF_A_SCENARIO = ("run", "sweep", "optimise", "limits", "outputs")
T = TypeVar("T")


@dataclass(frozen=True)
class LoadedPlant:
    """A checked plant and the file it came from; `origins` are the changes that were made to it, and `data`
    its words with them.
    """

    plant: Plant
    document: Document
    name: str
    source: str
    origins: tuple[Origin, ...] = ()
    order_file: OrderFile | None = None
    data: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def known(self) -> Known:
        """What another plant that is much like it may take over."""
        return Known(self.data, self.plant)

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
    files: Files | None = None  # none of a plant that is run as it is
    given: tuple[Origin, ...] = ()  # those changes that are not of its plant

    @property
    def links(self) -> tuple[Link, ...]:
        """The scenario's file and those that it is based on; none of a plant that is run as it is."""
        return () if self.files is None else self.files.links

    @property
    def data(self) -> Mapping[str, object]:
        """The words of the scenario as written, with those that it inherits."""
        return words_of(self.links).data if self.links else self.document.data

    def source_of(self, path: Path) -> str:
        """The source of the file that wrote what stands at `path`, of which a path in it is a neighbour."""
        return words_of(self.links).writer(path).source if self.links else self.source

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place, in the file that wrote what it is about."""
        return words_of(self.links).problem(complaint) if self.links else self.document.problem(complaint)

    @property
    def compared(self) -> tuple[str, ...]:
        """The sources of the scenarios that this one is to be compared with."""
        if not self.links:
            return ()
        own = self.links[0]
        return tuple(
            beside(written, ("compare", index), own.source, own.document, self.workspace)
            for index, written in enumerate(self.scenario.compare)
        )

    def at(self, point: Changes, like: LoadedScenario | None = None) -> LoadedScenario:
        """The scenario at a point of its sweep or search, which is left out; files are not read again, and
        what is as in the one that it is `like`, such as another point, is not checked again. Raises
        `InputError`.
        """
        changes = {**self.changes, **point, "sweep": None, "optimise": None}
        if self.files is not None:
            return _scenario(self.files, changes, self.workspace, like=like or self)
        return _study_of_plant(self.document, self.source, changes, self.workspace, like or self)


def load(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedPlant | LoadedScenario:
    """Read a plant or a scenario, told apart by their keys `plant` and `scenario`. Raises `InputError`."""

    def loaded(document: Document) -> LoadedPlant | LoadedScenario:
        if "scenario" in document.data:
            return _read_scenario(document, str(source), changes or {}, workspace)
        return _plant(document, str(source), _given(changes or {}))

    return all_told(partial(read, source), loaded)


def load_plant(source: str | FilePath, changes: Changes | None = None) -> LoadedPlant:
    """Read the plant at a path or `twin:NAME` with `changes` by dotted path. Raises `InputError`."""

    def loaded(document: Document) -> LoadedPlant:
        if "scenario" in document.data and "plant" not in document.data:
            hint = "Name the plant of the scenario, its `base`."
            complaint = Complaint(("scenario",), "The file is a scenario, not a plant.", hint, at_key=True)
            raise_if_any(document, [complaint])
        return _plant(document, str(source), _given(changes or {}))

    return all_told(partial(read, source), loaded)


def load_scenario(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedScenario:
    """Read the scenario at a path or `twin:NAME`, and its plant. Raises `InputError`.

    `changes` whose path begins with `run`, `sweep`, `optimise`, `limits` or `outputs` change the scenario,
    others its plant. `workspace` is a folder in which the plant may lie; default: TWIN_WORKSPACE, else the
    current folder.
    """

    def loaded(document: Document) -> LoadedScenario:
        if "plant" in document.data and "scenario" not in document.data:
            hint = "A scenario has the keys `scenario` and `base`."
            complaint = Complaint(("plant",), "The file is a plant, not a scenario.", hint, at_key=True)
            raise_if_any(document, [complaint])
        return _read_scenario(document, str(source), changes or {}, workspace)

    return all_told(partial(read, source), loaded)


def load_study(
    source: str | FilePath, changes: Changes | None = None, workspace: FilePath | None = None
) -> LoadedScenario:
    """Read a scenario, or a plant as the scenario that changes nothing of it. Raises `InputError`."""

    def loaded(document: Document) -> LoadedScenario:
        if "scenario" in document.data:
            return _read_scenario(document, str(source), changes or {}, workspace)
        if "state" in document.data and "plant" not in document.data:
            hint = "A scenario starts from it: `run: {from: …}`."
            message = "The file is a state, not a plant or scenario."
            raise_if_any(document, [Complaint(("state",), message, hint, at_key=True)])
        return _study_of_plant(document, str(source), changes or {}, workspace)

    return all_told(partial(read, source), loaded)


def more_problems(
    source: str | FilePath, changes: Changes, workspace: FilePath | None, rules: Rules[Scenario]
) -> list[Problem]:
    """What `rules` find in the words of a scenario in which other things are wrong, beside what its schema
    does, and a file to start from that is not there; nothing of a plant, nor of a file that cannot be read.
    """
    try:
        document = read(source)
    except UncleanError as unclean:
        document = unclean.document
    except InputError:
        return []
    if "scenario" not in document.data:
        return []
    words = words_of(files_of(document, str(source), workspace).links)
    problems = [] if {"run", "run.from"} & changes.keys() else problems_of_start(words, workspace)
    of_run, _ = _split(changes)
    _collected(problems, lambda: checked(Scenario, words, words.data, _given(of_run), rules))
    return problems


@lru_cache(maxsize=16)
def _name(source: str) -> str:
    return source.removeprefix(shipped.PREFIX) if source.startswith(shipped.PREFIX) else FilePath(source).stem


def _plant(
    document: Document, source: str, origins: Sequence[Origin], known: Known | None = None
) -> LoadedPlant:
    changes, book, problems = with_order_files(document, origins)
    try:
        found = checked(Plant, document, document.data, changes, consistency.complaints, known)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return LoadedPlant(found.model, document, _name(source), source, found.origins, book, found.data)


def _study_of_plant(
    document: Document,
    source: str,
    changes: Changes,
    workspace: FilePath | None,
    like: LoadedScenario | None = None,
) -> LoadedScenario:
    """The scenario that changes nothing of a plant but what `changes` say."""
    of_run, of_plant = _split(changes)
    base = _plant(document, source, _given(of_plant), None if like is None else like.base.known)
    data = {"scenario": base.plant.plant, "base": source}
    given = _given(of_run)
    if like is not None and _same_changes(like.given, given) and like.scenario.scenario == data["scenario"]:
        scenario = like.scenario
    else:
        scenario = checked(Scenario, document, data, given, _no_rules).model
    place, name = dict(changes), base.name
    return LoadedScenario(scenario, document, name, source, base, place, workspace, given=tuple(given))


def _read_scenario(
    document: Document, source: str, changes: Changes, workspace: FilePath | None
) -> LoadedScenario:
    """The scenario of a document, and what it is based on: each of those is a scenario by itself."""
    files = files_of(document, source, workspace)
    problems = [*files.problems]
    for link in files.links:
        problems += problems_of_compared(link, workspace)
    for number in range(1, len(files.links)):
        words = words_of(files.links[number:])
        _collected(problems, partial(_checked, words, ()))
    return _scenario(files, changes, workspace, problems)


def _scenario(
    files: Files,
    changes: Changes,
    workspace: FilePath | None,
    found_before: Sequence[Problem] = (),
    like: LoadedScenario | None = None,
) -> LoadedScenario:
    """The scenario that the first of the files is, with all that it inherits; as far as it is `like` another
    point of it, that one's. Raises `InputError`.
    """
    words, problems = words_of(files.links), list(found_before)
    of_run, of_plant = _split(changes)
    known = None if like is None else like.base.known
    given_run = _collected(problems, lambda: _given(of_run))
    found: Scenario | None = None
    if given_run is not None and like is not None and _same_changes(like.given, given_run):
        found = like.scenario
    elif given_run is not None:
        found = _collected(problems, lambda: _checked(words, given_run))
    given = _collected(problems, lambda: _given(of_plant)) or []
    before = [*changes_of(files.links), *given]
    plant = files.plant
    if plant is None:
        raise InputError(list(dict.fromkeys(problems)))
    loaded = _collected(problems, lambda: _plant(plant.document, plant.source, before, known))
    if found is not None or not {"sweep", "optimise"} & of_run.keys():
        at_hand = None if loaded is None else loaded.known
        problems += _problems_of_axes(found, words, plant.document, before, at_hand)
    if problems or found is None or loaded is None:
        raise InputError(list(dict.fromkeys(problems)))
    inherited = {"set": changes_in_force(files.links), "assumptions": assumptions_of(files.links)}
    own = files.links[0]
    scenario = found.model_copy(update=inherited)
    made, told = dict(changes), tuple(given_run or ())
    return LoadedScenario(
        scenario, own.document, _name(own.source), own.source, loaded, made, workspace, files, told
    )


def _same_changes(before: Sequence[Origin], now: Sequence[Origin]) -> bool:
    pairs = zip(before, now, strict=False)
    return len(before) == len(now) and all(a.dotted == b.dotted and same(a.value, b.value) for a, b in pairs)


def _checked(words: Words, changes: Sequence[Origin]) -> Scenario:
    return checked(Scenario, words, words.data, changes, _scenario_rules).model


def _collected(problems: list[Problem], make: Callable[[], T]) -> T | None:
    """What `make` gives; None where it raises an `InputError`, whose problems are added."""
    try:
        return make()
    except InputError as error:
        problems += error.problems
        return None


def _split(changes: Changes) -> tuple[dict[str, object], dict[str, object]]:
    """Changes of the scenario itself, and changes of its plant."""
    of_run = {path: value for path, value in changes.items() if _is_of_a_scenario(path)}
    return of_run, {path: value for path, value in changes.items() if path not in of_run}


def _is_of_a_scenario(path: str) -> bool:
    return path.split(".")[0] in _OF_A_SCENARIO


def _given(changes: Changes) -> list[Origin]:
    """Changes of a caller; text is read as YAML."""
    origins: list[Origin] = []
    problems: list[Problem] = []
    for dotted, value in changes.items():
        try:
            read = changing.value_from_text(value) if isinstance(value, str) else deepcopy(value)
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
    return [*found, *sweep_rules.complaints(scenario), *optimise_rules.complaints(scenario, refused)]


def _problems_of_axes(
    scenario: Scenario | None, words: Words, base: Document, before: Sequence[Origin], known: Known | None
) -> list[Problem]:
    """What is wrong with paths and values of a sweep's axes and of settings; of a scenario that has errors
    (None), as far as these can be read. `at` tries the points themselves.
    """
    listed = trials.readable_axes(words) if scenario is None else trials.axes_of(scenario, words)
    if not listed:
        return []
    opened = with_order_files(base, before)[0]
    rest = {key: value for key, value in words.data.items() if key not in ("sweep", "optimise")}
    plant = _changed(base.data, opened)

    def find(dotted: str, value: object, others: Sequence[tuple[str, object]]) -> None:
        if _is_of_a_scenario(dotted):
            changing.change(rest, Scenario, dotted, value)
        elif not names_order_file(dotted):
            set_before = _changed(plant, [Origin(path, other) for path, other in others])
            changing.change(set_before, Plant, dotted, value)

    def attempt(row: Sequence[Origin]) -> None:
        of_run = [origin for origin in row if _is_of_a_scenario(origin.dotted)]
        of_plant = [origin for origin in row if not _is_of_a_scenario(origin.dotted)]
        if of_run:
            _checked(replace(words, data=rest), of_run)
        if any(names_order_file(origin.dotted) for origin in of_plant):
            _plant(base, base.file, [*before, *of_plant], known)
        elif of_plant:
            checked(Plant, base, base.data, [*opened, *of_plant], consistency.complaints, known)

    return [problem for each in listed for problem in trials.problems_of(each, find, attempt)]


def _changed(data: Mapping[str, object], origins: Sequence[Origin]) -> Mapping[str, object]:
    """A plant's data with changes, without those that lead nowhere."""
    for origin in origins:
        with suppress(WrongValueError):
            data, _ = changing.change(data, Plant, origin.dotted, origin.value)
    return data
