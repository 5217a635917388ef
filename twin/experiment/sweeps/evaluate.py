"""What comes out at settings that somebody searching asks for, computed once and kept.

`Evaluator` is the `Evaluate` of `twin.experiment.evaluation`: its replications are tasks like a sweep's, so
that what a sweep or an earlier question has computed is not computed again, and further replications of a
point add to the first ones. Made by `evaluator` from a plant or a scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twin.engine.choice import COMPILED
from twin.experiment import audit, index
from twin.experiment.evaluation import Asked, Evaluated
from twin.experiment.executors import Adaptive, Executor, Serial, Standing, cores
from twin.experiment.identity import ID_LENGTH, canonical, digest, plant_data
from twin.experiment.prepare import Source, check_device, open_study
from twin.experiment.store import Workspace, workspace_at
from twin.experiment.sweeps.assembly import filled
from twin.experiment.sweeps.sharing import EVALUATIONS, Shared
from twin.experiment.sweeps.shelf import Shelf
from twin.experiment.sweeps.slices import REPLICATION
from twin.experiment.sweeps.tasks import SweepTask, tasks_of
from twin.experiment.sweeps.variants import Variants
from twin.experiment.sweeps.work import SweepWork, sentence_of
from twin.plant.errors import InputError

NOT_FOLDED = (
    "Its replications cannot be measured one by one: set `run.warm_up`, and leave `run.record` and "
    "`run.snapshot_at` out."
)


@dataclass
class Evaluator:
    """Evaluates a study at changes; `progress` is told replications done, of those computed now."""

    variants: Variants
    folder: Path
    place: Workspace
    executor: Executor
    progress: Callable[[int, int], None] | None = None
    computed: int = 0  # replications, all questions together
    _errors: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.folder)
        self._shared = Shared(self.place, self.folder)

    def __call__(self, asked: Sequence[Asked]) -> list[Evaluated]:
        """Answers in the order asked, computing what is nowhere yet."""
        total = sum(each.last - each.first + 1 for each in asked)
        names: dict[str, str] = {}
        done, work = 0, SweepWork(self.folder, self.variants)
        for step in self.executor.steps(work, self._tasks(asked, names), total):
            done += step.replications
            self._errors |= {names[failure.task]: failure.message for failure in step.failed}
            if self.progress is not None and step.replications:
                self.progress(done, total)
        self.computed += done
        self._shared.write()
        self._shelf.look()
        self._note()
        return [self._answer(each) for each in asked]

    def run_ids(self, changes: Mapping[str, object]) -> str:
        """The id that a run of these settings has; raises InputError."""
        return self.variants.at(changes).settled.id

    def _tasks(self, asked: Sequence[Asked], names: dict[str, str]) -> Iterator[SweepTask]:
        """What is nowhere yet, questions about one point together."""
        self._shelf.look()
        wanted: dict[str, tuple[Mapping[str, object], set[int]]] = {}
        for each in asked:
            _, numbers = wanted.setdefault(canonical(each.changes), (each.changes, set()))
            numbers |= set(range(each.first, each.last + 1))
        for name, (changes, numbers) in wanted.items():
            key = self._key(name, changes)
            if key is None:
                continue
            point = self._numbers.setdefault(name, len(self._numbers) + 1)
            there = self._shelf.there(key)
            if numbers - there:
                there |= self._shared.take(key, point, numbers - there)
            computed = set(range(1, max(numbers) + 1)) - (numbers - there)
            tasks = tasks_of(point, key, changes, 1, max(numbers), computed)
            names |= {task.identity: name for task in tasks}
            yield from tasks

    def _key(self, name: str, changes: Mapping[str, object]) -> str | None:
        """The key of a point; None where it cannot be run, which is then known."""
        if name not in self._keys and name not in self._errors:
            try:
                key = self.variants.at(changes).key
            except InputError as error:
                self._errors[name] = sentence_of(error)
            else:
                if key is None:
                    self._errors[name] = NOT_FOLDED
                else:
                    self._keys[name] = key
        return self._keys.get(name)

    def _answer(self, asked: Asked) -> Evaluated:
        name = canonical(asked.changes)
        if name in self._errors:
            return Evaluated(asked, {}, self._errors[name])
        rows = self._shelf.rows(self._keys[name], range(asked.first, asked.last + 1))
        values = {
            measure: filled(measure, rows.column(measure), np.array([0])).to_numpy().astype(np.float64)
            for measure in rows.column_names
            if measure != REPLICATION
        }
        return Evaluated(asked, values)

    def _note(self) -> None:
        """Let sweeps find what is here."""
        index.note_evaluations(self.place, self.folder, set(self._shelf.keys))


def evaluator(
    source: Source,
    changes: Mapping[str, object] | None = None,
    *,
    seed: int | None = None,
    engine: str = "auto",
    device: str = "auto",
    workers: int | None = None,
    workspace: str | Path | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    why: str = "",
) -> Evaluator:
    """An `Evaluate` of a plant or a scenario, whose results are kept in the workspace.

    Args:
        source: as in `prepare`; a sweep in it is left aside.
        changes: as in `prepare`, below those of each question.
        seed: instead of the scenario's.
        engine: as in `prepare`.
        device: as in `prepare`.
        workers: processes; default: one, or as many as there are cores where that pays.
        workspace: as in `prepare`.
        executor: instead of those of this machine.
        progress: called with replications done and asked.
        why: of the audit trail.

    Raises:
        InputError: the input is wrong.
    """
    settled_device = check_device(engine, device)
    given = {} if seed is None else {"run.seed": seed}
    study = open_study(source, {**(changes or {}), **given}, workspace)
    place = workspace_at(workspace)
    variants = Variants(study, engine, settled_device)
    own = digest({"plant": plant_data(study.base.plant), "run": study.scenario.run.model_dump(mode="json")})
    audit.record(place.path, "evaluate", before=own[:ID_LENGTH], why=why)
    folder = place.path / EVALUATIONS / own[:ID_LENGTH]
    return Evaluator(variants, folder, place, executor or _executor(variants, workers), progress)


def _executor(variants: Variants, workers: int | None) -> Executor:
    wanted = cores(workers)
    if wanted == 1 or variants.device == "gpu" or variants.at({}).settled.choice.engine == COMPILED:
        return Serial(wanted)
    standing = Standing(wanted, 1 if workers is None else max(cores() // wanted, 1))
    return Adaptive(wanted, standing) if workers is None else standing
