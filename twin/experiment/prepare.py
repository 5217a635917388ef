"""From what a user names to what is computed: plant and run resolved, checked and compiled, with their
identity.

Pure but for reading the files named. Nothing is written and nothing simulated here: `twin run --dry-run`
prints what comes out of `prepare`, and `run.stream` computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from twin.engine.broker import physics_plan
from twin.engine.choice import Choice, choose
from twin.engine.compile import compile_program
from twin.engine.compiled_engine.refusals import refusals
from twin.engine.fingerprint import code_fingerprint
from twin.engine.program import Program
from twin.engine.record import SECOND
from twin.experiment.emulated import emulated_operations
from twin.experiment.identity import batch_identity, run_id, run_identity
from twin.experiment.keeping import folded_from
from twin.experiment.planned import planned_times
from twin.experiment.starting import check_snapshot_at, parsed, read_start
from twin.experiment.wanted import check_measures, check_names
from twin.physics import models
from twin.physics.backend import Device, DeviceError, select
from twin.plant.control import expanded
from twin.plant.errors import Complaint, ComplaintError, InputError, Problem
from twin.plant.load import LoadedPlant, LoadedScenario, load_study, more_problems
from twin.plant.order_file import OrderFile
from twin.plant.scenario import Run
from twin.plant.schema import Plant

ENGINES = ("auto", "simpy", "compiled")
RECORDS = ("auto", "full", "folded")
Source = str | Path | LoadedPlant | LoadedScenario


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to be computed. `horizon` in ns, None: until the last lot has left; `planned` in s.

    `physics` says of each operation that has physics whether it is asked ahead or live, and why. `inputs` are
    the texts kept beside the result, by file name. Equal inputs have equal `id`s.
    """

    plant: Plant
    run: Run
    plant_name: str
    scenario_name: str | None
    question: str
    assumptions: tuple[str, ...]
    changes: dict[str, object]
    inputs: dict[str, str]
    engine: str
    engine_note: str
    device: Device
    kind: str
    sweep: bool
    horizon: int | None
    planned: dict[str, float]
    attribute_units: dict[str, str]
    physics: list[dict[str, Any]]
    batch: dict[str, Any] = field(repr=False)
    identity: dict[str, Any] = field(repr=False)
    id: str
    start: str | None = field(default=None, repr=False)  # text of a snapshot
    start_note: str = ""  # whether other code, or another plant, took it
    compare: tuple[str, ...] = ()  # sources of the scenarios it is to be compared with

    @property
    def label(self) -> str:
        """What it is called: the scenario's name, else the plant's."""
        return self.scenario_name or self.plant_name

    def as_request(self) -> dict[str, Any]:
        """All of it as plain data, to be kept in the queue."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["plant"] = self.plant.model_dump(mode="json", by_alias=True)
        data["run"] = self.run.model_dump(mode="json")
        return data

    @classmethod
    def from_request(cls, data: Mapping[str, Any]) -> Prepared:
        """What `as_request` gave, read back."""
        plant, run = Plant.model_validate(data["plant"]), Run.model_validate(data["run"])
        listed = {key: tuple(data.get(key, ())) for key in ("assumptions", "compare")}
        return cls(**{**data, **listed, "plant": plant, "run": run})


def prepare(
    source: Source,
    changes: Mapping[str, object] | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    device: str = "auto",
    record: str | None = None,
    workspace: str | Path | None = None,
) -> Prepared:
    """Resolve, check and compile.

    Args:
        source: a path, `twin:NAME`, or what `load` returned.
        changes: dotted path → value; paths that begin with `run.` change how the plant is run.
        replications: instead of the scenario's, or of the default.
        seed: likewise.
        engine: one of `ENGINES`.
        device: `auto`, `cpu` or `gpu`: where physics is computed.
        record: one of `RECORDS`, instead of the scenario's: what is kept of each replication.
        workspace: a folder in which a scenario's plant may lie; default `TWIN_WORKSPACE`, else the current
        one.

    Raises:
        InputError: anything about these inputs is wrong; all complaints at once.
    """
    settled_device = check_device(engine, device)
    if record is not None and record not in RECORDS:
        raise _wrong_flag("--record", f"`{record}` is no way to keep a run.", "Choose auto, full or folded.")
    wanted = {"run.replications": replications, "run.seed": seed, "run.record": record}
    given = {path: value for path, value in wanted.items() if value is not None}
    study = open_study(source, {**(changes or {}), **given}, workspace)
    return _described(study, settle(study, engine, settled_device))


@dataclass(frozen=True)
class Settled:
    """What is computed: the compiled plant, how it is run, by which engine, and its identity as a run."""

    plant: Plant
    run: Run
    program: Program = field(repr=False)
    kind: str
    choice: Choice
    device: Device
    batch: dict[str, Any] = field(repr=False)
    identity: dict[str, Any] = field(repr=False)
    start: str | None = field(repr=False)

    @property
    def id(self) -> str:
        """The run's id."""
        return run_id(self.identity)


def settle(study: LoadedScenario, engine: str, device: Device) -> Settled:
    """Check and compile what was read; raises InputError with all complaints."""
    plant, run = study.base, study.scenario.run
    program = compile_loaded(plant, run)
    _check_warm_up(run, program, study)
    _check_measures(study, program)
    kind = "terminating" if program.terminating else "steady"
    settled = run.model_copy(
        update={"horizon": None if program.horizon is None else program.horizon / SECOND}
    )
    check_snapshot_at(study, program)
    start = read_start(study, program)
    _check_record(run, kind, start, study)
    chosen = _chosen(engine, program, plant, run.replications, start is not None)
    batch = batch_identity(
        plant.plant,
        settled,
        code_fingerprint(),
        physics="emulated" if emulated_operations(program) else "full",
        arithmetic=device,
        start=start,
    )
    identity = run_identity(batch, plant.plant, settled, kind)
    return Settled(plant.plant, run, program, kind, chosen, device, batch, identity, start)


def _described(study: LoadedScenario, settled: Settled) -> Prepared:
    """What is computed, with all that is told of it."""
    plant, program, start, own_id = study.base, settled.program, settled.start, settled.id
    return Prepared(
        plant=plant.plant,
        run=settled.run,
        plant_name=plant.name,
        scenario_name=study.name if study.links else None,
        question=study.scenario.question,
        assumptions=study.scenario.assumptions,
        changes={**study.scenario.set, **study.changes},
        inputs=_inputs(study, own_id, start),
        engine=settled.choice.engine,
        engine_note=settled.choice.note,
        device=settled.device,
        kind=settled.kind,
        sweep=study.scenario.sweep is not None,
        horizon=program.horizon,
        planned=planned_times(program),
        attribute_units=attribute_units(plant.plant),
        physics=[operation.as_row() for operation in physics_plan(program)],
        batch=settled.batch,
        identity=settled.identity,
        id=own_id,
        start=start,
        start_note="" if start is None else parsed(start).origin(program),
        compare=study.compared,
    )


def check_device(engine: str, device: str) -> Device:
    """The device on which physics is computed. Raises InputError for a name of engine or device that is none,
    or a device that is not there.
    """
    if engine not in ENGINES:
        hint = "Choose `auto`, `simpy` or `compiled`."
        raise _wrong_flag("--engine", f"There is no engine `{engine}`.", hint)
    try:
        return select(cast(Device, device)).device
    except ValueError as wrong:
        raise _wrong_flag("--device", f"There is no device `{device}`.", "Choose `auto` or `cpu`.") from wrong
    except DeviceError as missing:
        raise _wrong_flag("--device", str(missing), "Choose `auto` or `cpu`.") from missing


def _chosen(engine: str, program: Program, plant: LoadedPlant, replications: int, starts: bool) -> Choice:
    """The engine of a run. Raises InputError where the compiled one is asked for and lacks something."""
    chosen = choose(program, engine, replications, starts)
    if engine == chosen.engine or engine == "auto":
        return chosen
    hint = "Run it with `--engine auto`, which takes the SimPy engine for such plants."
    if starts:
        message = "The compiled engine does not begin a run with something inside."
        raise _wrong_flag("--engine", message, hint)
    raise InputError(
        [
            plant.problem(Complaint(each.path, f"The compiled engine does not cover {each.what}.", hint))
            for each in refusals(program)
        ]
    )


def open_study(
    source: Source, changes: Mapping[str, object] | None = None, workspace: str | Path | None = None
) -> LoadedScenario:
    """What a user names, with changes on top, as a scenario: a plant is the scenario that changes nothing.

    Raises:
        InputError: the file or a change is wrong.
    """
    if isinstance(source, LoadedScenario):
        if not changes:
            return source
        return load_study(source.source, {**source.changes, **changes}, source.workspace)
    if isinstance(source, LoadedPlant):
        made = {o.dotted: o.value for o in source.origins if not isinstance(o.document, OrderFile)}
        if source.order_file is not None:
            made = {"orders": source.order_file.words, **made}
        return load_study(source.source, {**made, **(changes or {})})
    place = None if workspace is None else Path(workspace)
    try:
        return load_study(source, changes, place)
    except InputError as error:
        more = more_problems(source, changes or {}, place, lambda words, *_: list(check_names(words)))
        raise InputError(list(dict.fromkeys([*error.problems, *more]))) from None


def compile_loaded(plant: LoadedPlant, run: Run) -> Program:
    """Compile, with every complaint placed in the plant's file; raises InputError."""
    try:
        return compile_program(plant.plant, run)
    except ComplaintError as error:
        raise InputError([plant.problem(complaint) for complaint in error.complaints]) from None


def attribute_units(plant: Plant) -> dict[str, str]:
    """SI unit of each lot attribute that the physics of this plant computes."""
    known = models()
    recipes = expanded(plant).recipes.values()
    used = {op.physics for recipe in recipes for op in recipe.operations.values() if op.physics}
    return {quantity.name: quantity.unit for name in sorted(used) for quantity in known[name].attributes}


def _inputs(study: LoadedScenario, own_id: str, start: str | None) -> dict[str, str]:
    """What is kept of the inputs: the texts as users wrote them, and the resolved forms."""
    plant = study.base
    texts = {
        "plant.yaml": plant.document.text,
        "plant.json": plant.plant.model_dump_json(by_alias=True, indent=1) + "\n",
        "run.json": study.scenario.run.model_dump_json(indent=1) + "\n",
        "run_id.txt": own_id + "\n",
    }
    if plant.order_file is not None:
        name = plant.order_file.name
        texts[name if name.endswith(".csv") else f"{name}.csv"] = plant.order_file.text
    for number, link in enumerate(study.links):
        texts[f"scenario_base_{number}.yaml" if number else "scenario.yaml"] = link.document.text
    if start is not None:
        texts["from.json"] = start
    return texts


def _check_warm_up(run: Run, program: Program, study: LoadedScenario) -> None:
    """Raise InputError where a steady run deletes all it has, or has no end."""
    if program.terminating:
        return
    if program.horizon is None:
        raise InputError([_of_run(study, "horizon", "A steady run needs a horizon.", "Set `run.horizon`.")])
    if run.warm_up is not None and run.warm_up * SECOND >= program.horizon:
        message = (
            f"The warm-up of {run.warm_up:g} s deletes the whole horizon of {program.horizon / SECOND:g} s."
        )
        hint = "Shorten `run.warm_up` or lengthen `run.horizon`."
        raise InputError([_of_run(study, "warm_up", message, hint)])


def _check_record(run: Run, kind: str, start: str | None, study: LoadedScenario) -> None:
    """Raise InputError where replications are to be folded over a window that nobody knows yet."""
    if run.record == "folded" and folded_from(run, kind, start) is None:
        message = "A steady run without a warm-up cannot be folded: MSER-5 finds it on the whole record."
        hint = "Set `run.warm_up`, or `run.record` to `full`."
        raise InputError([_of_run(study, "record", message, hint)])


def check_named_measures(study: LoadedScenario) -> None:
    """Raise InputError where the scenario names measures that no point of its sweep has, before one is made;
    those of a single unit are looked for in the plant as it is written, if it can be compiled.
    """
    wanted = study.scenario.run.precision
    if wanted is None or not wanted.measure.startswith("unit."):
        _refuse(study, check_names(study.scenario))
        return
    try:
        program = compile_loaded(study.base, study.scenario.run)
    except InputError:  # which a point may mend
        _refuse(study, check_names(study.scenario))
    else:
        _check_measures(study, program)


def _check_measures(study: LoadedScenario, program: Program) -> None:
    """Raise InputError where the scenario names measures that there are not."""
    units = [unit.name for unit in program.units]
    _refuse(study, check_measures(study.scenario, study.base.plant, units))


def _refuse(study: LoadedScenario, complaints: Iterable[Complaint]) -> None:
    wrong = [_placed(study, complaint) for complaint in complaints]
    if wrong:
        raise InputError(wrong)


def _placed(study: LoadedScenario, complaint: Complaint) -> Problem:
    """A complaint about words of the scenario, where they were written."""
    dotted = ".".join(map(str, complaint.path))
    change = next((path for path in study.changes if f"{dotted}.".startswith(f"{path}.")), None)
    if change is None:
        return study.problem(complaint)
    return Problem(f"--set {change}", 1, 1, complaint.message, complaint.hint)


def _of_run(study: LoadedScenario, key: str, message: str, hint: str) -> Problem:
    """A problem with a word of `run`, where it was written."""
    if f"run.{key}" in study.changes:
        return Problem(f"--set run.{key}", 1, 1, message, hint)
    return study.problem(Complaint(("run", key), message, hint))


def _wrong_flag(flag: str, message: str, hint: str) -> InputError:
    return InputError([Problem(flag, 0, 0, message, hint)])
