"""What a sweep will cost, from a few replications that are computed and thrown away, before anything else is.

The estimate is processor time, which neither other programs nor the number of workers change. Points differ:
the first, the middle and the last are tried, and of each run to compare with one replication. Points and
their replications are held against their limits when the scenario is read; here, by `check_limits` for
whoever starts a sweep, the replications with those of runs to compare with, and the hours.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from twin.engine.broker import Counts
from twin.engine.choice import COMPILED, simulate_into
from twin.engine.compile import compile_program
from twin.engine.program import Program
from twin.engine.simpy_engine import SimulationError
from twin.experiment import emulated
from twin.experiment.designs import DesignPoint
from twin.experiment.folding import Folder
from twin.experiment.prepare import Prepared
from twin.experiment.starting import parsed
from twin.experiment.sweeps.left import NOTHING, There
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.variants import Variant
from twin.experiment.sweeps.work import sentence_of
from twin.physics.backend import Device
from twin.plant.errors import Complaint, InputError, Path, Problem

SETTLED = 20.0  # s: a first replication that takes longer is mostly simulation
WORTH_A_PILOT = 20  # replications, up to which a sweep is not worth estimating


@dataclass(frozen=True)
class Cost:
    """What is asked for and, of one core, how long a replication takes in s; None where no point could be
    tried, for the reason in `note`. `beside`: of each run to compare with the replications, and the s that
    all of them take. `there`: replications of the points that are computed already, and take no time.
    """

    points: int
    replications: int
    seconds: float | None
    note: str = ""
    beside: tuple[tuple[int, float], ...] = ()
    there: int = 0

    @property
    def hours(self) -> float | None:
        """Hours of computing of all cores together, of what is left."""
        if self.seconds is None:
            return None
        left = self.replications - self.there
        return (self.seconds * left + sum(seconds for _, seconds in self.beside)) / 3600

    @property
    def asked(self) -> str:
        """What is to be computed, in words.

        >>> Cost(4, 40, 0.1, beside=((10, 1.0), (10, 2.0))).asked
        '4 points of 40 replications together, and 2 runs to compare with of 20'
        >>> Cost(4, 40, 0.1, there=25).asked
        '4 points of 40 replications together, of which 25 are computed,'
        """
        points = f"{self.points:,} points of {self.replications:,} replications together"
        there = f", of which {self.there:,} are computed," if self.there else ""
        if not self.beside:
            return points + there
        runs = "1 run" if len(self.beside) == 1 else f"{len(self.beside):,} runs"
        beside = sum(number for number, _ in self.beside)
        return f"{points}{there or ','} and {runs} to compare with of {beside:,}"


def estimate(plan: SweepPlan, there: There = NOTHING, trials: int = 3) -> Cost:
    """The cost of what is left of the plan's chosen points, from one replication of so many of them, and of
    the runs beside it; at most, where a precision may be reached earlier.
    """
    seconds, notes = [], []
    for number, point in enumerate(_spread(plan, trials)):
        try:
            trial = _trial(plan.variants.at(point.changes))
            if number == 0:
                _timed(trial, 1)  # which compiles, on a computer that has not run twin before
            seconds.append(_seconds_of(trial))
        except (InputError, SimulationError) as error:
            notes.append(f"Point {point.number}: {sentence_of(error)}")
    beside = []
    for run in plan.beside:
        try:
            each = 0.0 if run.id in there.runs else _seconds_of(_trial_beside(run))
        except SimulationError as error:
            notes.append(f"{run.label}: {error}")
            each = 0.0
        beside.append((run.run.replications, each * run.run.replications))
    mean = sum(seconds) / len(seconds) if seconds else None
    note = notes[0] if notes else ""
    return Cost(len(plan.chosen), plan.replications, mean, note, tuple(beside), there.of(plan))


def check_limits(plan: SweepPlan, there: There = NOTHING) -> None:
    """Raise InputError where a sweep has more replications than its limit, with those of the runs beside it,
    or what is left of it is estimated to take longer than `limits.hours`.

    One replication tells enough where the limit is far; few replications are not estimated, unless the
    scenario sets the limit.
    """
    refuse_replications(plan)
    limits = plan.study.scenario.limits
    beside = [run for run in plan.beside if run.id not in there.runs]
    left = plan.replications - there.of(plan) + sum(run.run.replications for run in beside)
    if left == 0 or (left <= WORTH_A_PILOT and "hours" not in limits.model_fields_set):
        return
    longest = max([_first_time(plan), *(_time_beside(run) for run in beside)])
    if longest * left / 3600 > limits.hours / 3:
        refuse_hours(plan, estimate(plan, there))


def refuse_replications(plan: SweepPlan) -> None:
    """Raise InputError where the points and the runs beside them have more replications than the limit; that
    of the points alone is looked at when the scenario is read.
    """
    limit = plan.study.scenario.limits.replications
    beside = sum(run.run.replications for run in plan.beside)
    if not beside or plan.replications + beside <= limit:
        return
    runs = tuple((run.run.replications, 0.0) for run in plan.beside)
    asked = Cost(len(plan.chosen), plan.replications, None, beside=runs)
    message = f"{asked.asked} are {plan.replications + beside:,}, more than the limit of {limit:,}."
    raised = f"limits: {{replications: {plan.replications + beside}}}"
    hint = f"Ask for fewer, raise the limit: `{raised}`, or leave out what is compared: `--alone`."
    raise InputError([_placed(plan, "replications", ("compare",), message, hint)])


def refuse_hours(plan: SweepPlan, cost: Cost) -> None:
    """Raise InputError where the cost is above the limit, saying how to raise it."""
    limit = plan.study.scenario.limits.hours
    if cost.hours is None or cost.hours <= limit:
        return
    each = f"{cost.seconds:.3g} s each" if not cost.beside else f"{cost.seconds:.3g} s each of the points'"
    message = (
        f"{cost.asked} take about {cost.hours:.3g} "
        f"hours of computing, {each}, more than the limit of {limit:g}."
    )
    enough = f"{cost.hours * 1.2:.2g}"
    hint = f"Ask for fewer, or raise the limit: `limits: {{hours: {float(enough):g}}}`."
    raise InputError([_placed(plan, "hours", ("sweep",), message, hint)])


def _placed(plan: SweepPlan, limit: str, else_at: Path, message: str, hint: str) -> Problem:
    study = plan.study
    if f"limits.{limit}" in study.changes:
        return Problem(f"--set limits.{limit}", 1, 1, message, hint)
    written = study.data.get("limits")
    path = ("limits", limit) if isinstance(written, dict) and limit in written else else_at
    return study.problem(Complaint(path, message, hint))


def _spread(plan: SweepPlan, trials: int) -> Iterator[DesignPoint]:
    """The first of the chosen points, and others at equal distances up to the last."""
    last = len(plan.chosen) - 1
    numbers = [round(last * k / max(trials - 1, 1)) for k in range(trials)]
    return (plan.chosen[number] for number in dict.fromkeys(numbers))


@dataclass(frozen=True)
class _Trial:
    """A replication to be computed and thrown away."""

    program: Program
    window: int
    start: str | None
    engine: str
    seed: int
    device: Device


def _trial(variant: Variant) -> _Trial:
    settled = variant.settled
    run = settled.choice.engine, settled.run.seed, settled.device
    return _Trial(settled.program, variant.window, settled.start, *run)


def _trial_beside(run: Prepared) -> _Trial:
    program = compile_program(run.plant, run.run)
    return _Trial(program, 0, run.start, run.engine, run.run.seed, run.device)


def _first_time(plan: SweepPlan) -> float:
    """Processor time in s of the first replication, loading included; infinite where it cannot run."""
    try:
        return _timed(_trial(plan.variants.at(plan.chosen[0].changes)), 1)
    except (InputError, SimulationError):
        return math.inf


def _time_beside(run: Prepared) -> float:
    """The same of a run beside the sweep; none where it cannot run, as it then takes none."""
    try:
        return _timed(_trial_beside(run), 1)
    except SimulationError:
        return 0.0


def _seconds_of(trial: _Trial) -> float:
    """Processor time in s of a replication; the first may have to load what the others find."""
    first = _timed(trial, 1)
    if first > SETTLED and trial.engine != COMPILED:
        return first
    return _timed(trial, 2)


def _timed(trial: _Trial, replication: int) -> float:
    program = trial.program
    emulated.make_ready(program)
    fold = Folder(program, trial.window)
    start = None if trial.start is None else parsed(trial.start)
    rest = [replication], trial.device, start, Counts(), 1
    began = time.process_time()
    for _ in simulate_into(fold, trial.engine, program, trial.seed, *rest):
        pass
    return time.process_time() - began
