"""The bottleneck by measured gain: what the plant gains when each unit is made a little faster.

Each variant is the plant with the `speed` of one piece of equipment raised, run like any other run: chunks
that exist are used again, and an interrupt keeps what is finished. Variants share the baseline's random
numbers: the gain is the mean of paired differences with its interval, corrected for how many there are. For
the command line.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.experiment.compare import Compared, compare
from twin.experiment.prepare import Prepared, Source, prepare
from twin.experiment.results import Result
from twin.experiment.run import Progress, stream
from twin.plant.errors import InputError, Problem
from twin.plant.layout import unit_names
from twin.plant.sentences import did_you_mean
from twin.plant.units import WrongValueError, parse_quantity

MOST_FASTER = 10.0
SHARES = ("bottleneck", "bottleneck_sole", "bottleneck_shifting")


@dataclass(frozen=True)
class Variant:
    """The plant with one piece of equipment faster, all its identical units together."""

    equipment: str
    label: str
    prepared: Prepared


@dataclass(frozen=True)
class Study:
    """What is to be run: the plant as it is, and with each piece of equipment faster by a share."""

    baseline: Prepared
    variants: tuple[Variant, ...]
    faster: float
    measure: str


@dataclass(frozen=True)
class Gain:
    """What one variant brought; `compared` is None where its run failed, and `message` says why."""

    equipment: str
    units: tuple[str, ...]
    compared: Compared | None
    message: str = ""

    @property
    def relative(self) -> float | None:
        """The gain as a share of the baseline's measure; None where that is 0 or not known."""
        if self.compared is None or self.compared.baseline == 0:
            return None
        return self.compared.difference / self.compared.baseline


@dataclass(frozen=True)
class Bottlenecks:
    """The gains in the order of the plant file, and the baseline's result, which holds the active periods."""

    baseline: Result
    gains: tuple[Gain, ...]
    faster: float
    measure: str

    @property
    def units(self) -> list[str]:
        """Units with a share of the time as bottleneck, the largest mean first."""
        stem, end = "unit.", f".{SHARES[0]}"
        names = [
            n.removeprefix(stem).removesuffix(end)
            for n in self.baseline.values
            if n.startswith(stem) and n.endswith(end)
        ]
        return sorted(names, key=lambda u: -(self.baseline.interval(f"{stem}{u}{end}").mean or 0.0))


def plan(
    source: Source,
    changes: Mapping[str, object] | None = None,
    *,
    faster: float = 0.05,
    equipment: Sequence[str] | None = None,
    measure: str = "throughput",
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "auto",
    device: str = "auto",
    workspace: str | Path | None = None,
) -> Study:
    """Prepare the baseline and every variant; nothing is run.

    Args:
        source: a plant or a scenario, as in `prepare`.
        changes: as in `prepare`; the baseline has them too.
        faster: by which share each speed is raised, such as 0.05.
        equipment: what is made faster; default: all equipment of the plant.
        measure: whose gain is asked for.
        replications: instead of the scenario's.
        seed: likewise.
        engine: as in `prepare`.
        device: as in `prepare`.
        workspace: as in `prepare`.

    Raises:
        InputError: the input is wrong, or the plant has no such equipment.
    """
    if not 0 < faster <= MOST_FASTER:
        message = f"A unit is made faster by more than 0 and at most {MOST_FASTER:.0%}, not by {faster:.4g}."
        raise InputError([Problem("--faster", 0, 0, message, "Such as `5%`.")])

    def prepared(more: Mapping[str, object]) -> Prepared:
        both = {**(changes or {}), **more}
        return prepare(
            source,
            both,
            replications=replications,
            seed=seed,
            engine=engine,
            device=device,
            workspace=workspace,
        )

    baseline = prepared({})
    if baseline.sweep:
        message = "The scenario sweeps over several values; a bottleneck is found at one."
        raise InputError([Problem(str(source), 0, 0, message, "Take the plant, or a scenario without it.")])
    known = baseline.plant.equipment
    for name in equipment or ():
        if name not in known:
            message = f"The plant has no equipment `{name}`."
            raise InputError([Problem("--units", 0, 0, message, did_you_mean(name, known))])
    variants = tuple(
        Variant(
            name,
            f"{name} {100 * faster:g} % faster",
            prepared({f"equipment.{name}.speed": known[name].speed * (1 + faster)}),
        )
        for name in known
        if equipment is None or name in equipment
    )
    return Study(baseline, variants, faster, measure)


def streams(
    study: Study, *, workspace: str | Path | None = None, workers: int | None = None
) -> Iterator[tuple[str, str, Generator[Progress, None, Result]]]:
    """Each run of a study: the equipment that is faster in it, what the run is called, and its stream.

    The baseline comes first, with no equipment.
    """
    total = len(study.variants) + 1
    runs = [("", "as it is", study.baseline), *((v.equipment, v.label, v.prepared) for v in study.variants)]
    for number, (name, label, prepared) in enumerate(runs, 1):
        steps = stream(prepared, workspace=workspace, workers=workers, why="twin bottleneck")
        yield name, f"{number}/{total} {label}", steps


def compare_gains(
    study: Study, results: Mapping[str, Result], failures: Mapping[str, str] | None = None
) -> Bottlenecks:
    """Compare what the runs of a study gave.

    Args:
        study: from `plan`.
        results: equipment → result, the baseline under the empty name.
        failures: equipment → why its run gave none.

    Raises:
        InputError: the runs have no such measure.
    """
    baseline = results[""]
    finished = [v for v in study.variants if v.equipment in results]
    rows: dict[str, Compared] = {}
    if finished:
        others = [results[v.equipment] for v in finished]
        comparison = compare(baseline, *others, measures=[study.measure])
        rows = {v.equipment: comparison.row(results[v.equipment].id, study.measure) for v in finished}
    names = unit_names(study.baseline.plant)
    gains = tuple(
        Gain(name, tuple(names[name]), rows.get(name), (failures or {}).get(name, ""))
        for name in (variant.equipment for variant in study.variants)
    )
    return Bottlenecks(baseline, gains, study.faster, study.measure)


def parse_share(text: str) -> float:
    """`5%`, `5 %` or `0.05` as 0.05; raises InputError."""
    try:
        return parse_quantity(text, "dimensionless")
    except WrongValueError as wrong:
        message = f"`{text}` is no share."
        raise InputError([Problem("--faster", 0, 0, message, "Such as `5%` or `0.05`.")]) from wrong
