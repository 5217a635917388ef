"""What a sweep will cost, from a few replications that are computed and thrown away, before anything else is.

The estimate is processor time, which neither other programs nor the number of workers change. Points differ:
the first, the middle and the last are tried. Points and replications are held against their limits when the
scenario is read; the hours here, by `check_hours`, for whoever starts a sweep.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from twin.engine.broker import Counts
from twin.engine.choice import COMPILED, simulate_into
from twin.engine.simpy_engine import SimulationError
from twin.experiment import emulated
from twin.experiment.designs import DesignPoint
from twin.experiment.folding import Folder
from twin.experiment.starting import parsed
from twin.experiment.sweeps.plan import SweepPlan
from twin.experiment.sweeps.variants import Variant
from twin.experiment.sweeps.work import sentence_of
from twin.plant.errors import Complaint, InputError, Problem

SETTLED = 20.0  # s: a first replication that takes longer is mostly simulation
WORTH_A_PILOT = 20  # replications, up to which a sweep is not worth estimating


@dataclass(frozen=True)
class Cost:
    """What is asked for and, of one core, how long a replication takes in s; None where no point could be
    tried, for the reason in `note`.
    """

    points: int
    replications: int
    seconds: float | None
    note: str = ""

    @property
    def hours(self) -> float | None:
        """Hours of computing of all cores together."""
        return None if self.seconds is None else self.seconds * self.replications / 3600


def estimate(plan: SweepPlan, trials: int = 3) -> Cost:
    """The cost of the plan's chosen points, from one replication of so many of them; at most, where a
    precision may be reached earlier.
    """
    seconds, notes = [], []
    for point in _spread(plan, trials):
        try:
            seconds.append(_seconds_of(plan.variants.at(point.changes)))
        except (InputError, SimulationError) as error:
            notes.append(f"Point {point.number}: {sentence_of(error)}")
    mean = sum(seconds) / len(seconds) if seconds else None
    return Cost(len(plan.chosen), plan.replications, mean, notes[0] if notes else "")


def check_hours(plan: SweepPlan) -> None:
    """Raise InputError where a sweep is estimated to take longer than `limits.hours`.

    One replication tells enough where the limit is far; few replications are not estimated, unless the
    scenario sets the limit.
    """
    limits = plan.study.scenario.limits
    if plan.replications <= WORTH_A_PILOT and "hours" not in limits.model_fields_set:
        return
    if _first_time(plan) * plan.replications / 3600 > limits.hours / 3:
        refuse_hours(plan, estimate(plan))


def refuse_hours(plan: SweepPlan, cost: Cost) -> None:
    """Raise InputError where the cost is above the limit, saying how to raise it."""
    limit = plan.study.scenario.limits.hours
    if cost.hours is None or cost.hours <= limit:
        return
    message = (
        f"{cost.points:,} points of {cost.replications:,} replications together take about {cost.hours:.3g} "
        f"hours of computing, {cost.seconds:.3g} s each, more than the limit of {limit:g}."
    )
    enough = f"{cost.hours * 1.2:.2g}"
    hint = f"Ask for fewer, or raise the limit: `limits: {{hours: {float(enough):g}}}`."
    raise InputError([_placed(plan, message, hint)])


def _placed(plan: SweepPlan, message: str, hint: str) -> Problem:
    study = plan.study
    if "limits.hours" in study.changes:
        return Problem("--set limits.hours", 1, 1, message, hint)
    written = study.data.get("limits")
    path = ("limits", "hours") if isinstance(written, dict) and "hours" in written else ("sweep",)
    return study.problem(Complaint(path, message, hint))


def _spread(plan: SweepPlan, trials: int) -> Iterator[DesignPoint]:
    """The first of the chosen points, and others at equal distances up to the last."""
    last = len(plan.chosen) - 1
    numbers = [round(last * k / max(trials - 1, 1)) for k in range(trials)]
    return (plan.chosen[number] for number in dict.fromkeys(numbers))


def _first_time(plan: SweepPlan) -> float:
    """Processor time in s of the first replication, loading included; infinite where it cannot run."""
    try:
        return _timed(plan.variants.at(plan.chosen[0].changes), 1)
    except (InputError, SimulationError):
        return math.inf


def _seconds_of(variant: Variant) -> float:
    """Processor time in s of a replication; the first may have to load what the others find."""
    first = _timed(variant, 1)
    if first > SETTLED and variant.settled.choice.engine != COMPILED:
        return first
    return _timed(variant, 2)


def _timed(variant: Variant, replication: int) -> float:
    settled = variant.settled
    emulated.make_ready(settled.program)
    fold = Folder(settled.program, variant.window)
    start = None if settled.start is None else parsed(settled.start)
    engine, seed, device = settled.choice.engine, settled.run.seed, settled.device
    began = time.process_time()
    for _ in simulate_into(fold, engine, settled.program, seed, [replication], device, start, Counts(), 1):
        pass
    return time.process_time() - began
